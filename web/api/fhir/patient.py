"""``Patient``: who somebody is and was called."""

from __future__ import annotations

from typing import Any

from register import models as m
from web.api.fhir.taking import Taking, refused, start
from web.api.fhir.words import COUNCIL_ID, NHS_NUMBER, Json, extensions, written
from web.api.problems import Problem
from web.api.replies import require_seen
from web.api.resources import storing
from web.api.resources.listed import PEOPLE

_EXTENSIONS = {"left_on": "Date"}
_FORMER, _MAIN = frozenset({"old", "maiden"}), frozenset({"official", "usual"})


def export(row: m.Person) -> Json:
    """As FHIR R4."""
    body = PEOPLE.show([row])[0]
    identifiers = [{"system": COUNCIL_ID, "value": body["council_id"]}]
    if body["nhs_number"]:
        identifiers.insert(0, {"system": NHS_NUMBER, "value": body["nhs_number"]})
    made: Json = {"resourceType": "Patient", "id": body["ref"]} | extensions(body, _EXTENSIONS)
    made |= {"identifier": identifiers, "active": body["left_on"] is None and body["died_on"] is None}
    made["name"] = [_name(n) for n in body["names"]]
    if body["date_of_birth"]:
        made["birthDate"] = written(body["date_of_birth"])
    if body["died_on"]:
        made["deceasedDateTime"] = written(body["died_on"])
    return made


def _name(name: Json) -> Json:
    period = {word: written(name[field]) for word, field in (("start", "starts"), ("end", "ends")) if name[field]}
    use = "official" if name["main"] else "old" if name["ends"] else "nickname"
    return {"use": use, "text": name["name"]} | ({"period": period} if period else {})


def put(element: Any, seen: str) -> tuple[m.Person, bool]:
    """Stores what is said, and whether the person is new. What is not said stays as it is; no name is taken away.

    ``seen`` is an If-Match. What would change a recorded person needs it; what only names them, as in a bundle beside
    their Consent, does not. Raises :class:`Problem` 428 or 412, and then the transaction must be given up.
    """
    said = read(element)
    row = find(said)
    if row is None:
        if not said.get("council_id"):
            raise refused("Nobody in the register has this NHS number; a new person needs a council ID, too.")
        return storing.create(PEOPLE, storing.checked(PEOPLE.shape, said)), True
    _is_the_same(row, said)
    if "names" in said:
        said["names"] = _joined(PEOPLE.show([row])[0]["names"], said["names"])
    before = PEOPLE.etags([row.pk])[row.pk]
    storing.amend(PEOPLE, row, said)
    if seen or PEOPLE.etags([row.pk])[row.pk] != before:
        require_seen(seen, before)
    return row, False


def find(said: Json) -> m.Person | None:
    """By council ID and by NHS number; held until the transaction ends. Two people are a contradiction."""
    keys = [{n: said[n]} for n in ("council_id", "nhs_number") if said.get(n)]
    rows = {row.pk: row for key in keys for row in m.Person.objects.select_for_update().filter(**key)}
    if len(rows) > 1:
        raise refused("The council ID and the NHS number belong to two different people.")
    return next(iter(rows.values()), None)


def _is_the_same(row: m.Person, said: Json) -> None:
    """One mistyped digit would give somebody else's life to a person; identities are put right by people."""
    for name in ("council_id", "nhs_number", "date_of_birth"):
        recorded = getattr(row, name)
        if recorded is not None and said.get(name) and written(recorded) != said[name]:
            words = "Another council ID, NHS number or date of birth is recorded for this person; put it right by hand."
            raise Problem(409, words)


def _joined(present: list[Json], given: list[Json]) -> list[Json]:
    """A name that is not mentioned still says whom a document is about."""
    names = {n["name"] for n in given}
    renamed = any(n["main"] for n in given)
    return [n | {"main": n["main"] and not renamed} for n in present if n["name"] not in names] + given


def read(element: Any) -> Json:
    """The person's fields, as far as they are said."""
    resource = start(element, "Patient")
    said = identifiers(resource.each("identifier"))
    said |= resource.extensions(_EXTENSIONS)
    if names := [_read_name(n) for n in resource.each("name")]:
        said["names"] = names if len(names) > 1 else [names[0] | {"main": True}]
    for field, element_name in (("date_of_birth", "birthDate"), ("died_on", "deceasedDateTime")):
        if day := resource.day(element_name):
            said[field] = day
    if resource.take("deceasedBoolean") is True:
        raise refused("Patient.deceasedBoolean does not say when; write Patient.deceasedDateTime.")
    active = resource.take("active")
    if active is not None and bool(active) == bool(said.get("left_on") or said.get("died_on")):
        raise refused("Patient.active must agree with the day on which the person left or died, and that must be said.")
    resource.done()
    return said


def identifiers(listed: list[Taking]) -> Json:
    """An NHS number and a council ID, each once at most."""
    fields = {NHS_NUMBER: "nhs_number", COUNCIL_ID: "council_id"}
    said: Json = {}
    for item in listed:
        field = fields.get(item.text("system"))
        if field is None or field in said:
            raise refused(
                f"{item.where}: the register keeps one NHS number and one council ID, and no other identifier."
            )
        value = item.text("value")
        said[field] = value.replace(" ", "") if field == "nhs_number" else value
        item.must_be("use", "official")
        item.done()
    if not said:
        raise refused("The person must have an identifier: an NHS number or a council ID.")
    return said


def _read_name(item: Taking) -> Json:
    use, text, family = item.text("use"), item.text("text"), item.text("family")
    parts = item.take("given") or []
    built = " ".join([*map(str, parts), family]).strip()
    if text and built and text.split() != built.split():
        raise refused(f"{item.where}: the whole name and its parts do not agree.")
    period = item.inside("period")
    starts, ends = period.day("start"), period.day("end")
    period.done()
    item.done()
    if use not in {"", "nickname"} | _MAIN | _FORMER:
        raise refused(f"{item.where}.use must be official, usual, nickname, old or maiden.")
    if use in _FORMER and not ends:
        raise refused(f"{item.where}: a former name says when it ended, in period.end.")
    return {"name": text or built, "main": use in _MAIN, "starts": starts, "ends": ends}
