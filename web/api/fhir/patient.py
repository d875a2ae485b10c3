"""``Patient``: who somebody is and was called."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from register import models as m
from web.api.fhir.taking import Note, Taking, refused, start
from web.api.fhir.words import COUNCIL_ID, NHS_NUMBER, Json, extensions, written
from web.api.problems import Problem
from web.api.replies import require_seen
from web.api.resources import storing
from web.api.resources.listed import PEOPLE

_EXTENSIONS = {"left_on": "Date"}
_HARMLESS = (
    *("gender", "telecom", "address", "maritalStatus", "multipleBirthBoolean", "multipleBirthInteger", "photo"),
    *("contact", "communication", "generalPractitioner", "managingOrganization", "contained"),
)
"""What says more of somebody than a register of permissions may keep. Not ``link``: it says that they are another."""
_VERIFICATION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
_VERIFIED = frozenset({"01", "number-present-and-verified", "NI"})
"""UK Core; ``NI`` is no information, as of a number without a status."""
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


def put(element: Any, seen: str, notes: list[Note]) -> tuple[m.Person, bool]:
    """Stores what is said, and whether the person is new. What is not said stays as it is; no name is taken away.

    ``seen`` is an If-Match. What would change a recorded person needs it; what only names them, as in a bundle beside
    their Consent, does not. Raises :class:`Problem` 428 or 412, and then the transaction must be given up.
    """
    said = read(element, notes)
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


def read(element: Any, notes: list[Note]) -> Json:
    """The person's fields, as far as they are said; ``notes`` gets what is not kept."""
    resource = start(element, "Patient", notes)
    said = identifiers(resource.each("identifier"))
    said |= resource.extensions(_EXTENSIONS, foreign=True)
    resource.pass_over(*_HARMLESS)
    if names := [_read_name(n) for n in resource.each("name")]:
        said["names"] = names if len(names) > 1 else [names[0] | {"main": True}]
    for field, day in (("date_of_birth", resource.day("birthDate")), ("died_on", resource.day_of("deceasedDateTime"))):
        if day:
            said[field] = day
    if resource.take("deceasedBoolean") is True:
        raise refused("Patient.deceasedBoolean does not say when; write Patient.deceasedDateTime.")
    active = resource.take("active")  # of a record, which may stay in use for a while after a death
    gone = said.get("left_on") or (active is False and said.get("died_on"))
    if active is not None and bool(active) == bool(gone):
        raise refused("Patient.active must agree with the day on which the person left or died, and that must be said.")
    resource.pass_over_extensions()
    resource.done()
    return said


def identifiers(listed: list[Taking]) -> Json:
    """An NHS number and a council ID, each once at most. Others, as a hospital's own, are passed over."""
    fields = {NHS_NUMBER: "nhs_number", COUNCIL_ID: "council_id"}
    said: Json = {}
    for item in listed:
        field = fields.get(item.text("system"))
        if field is None:
            item.notes.append(Note(item.where))
            continue
        if field in said:
            raise refused(f"{item.where}: the register keeps one NHS number and one council ID.")
        value = item.text("value")
        said[field] = value.replace(" ", "") if field == "nhs_number" else value
        _counts(item)
    if not said:
        raise refused("The person must have an identifier: an NHS number or a council ID.")
    return said


def _counts(item: Taking) -> None:
    """A number that was theirs, or that nobody has traced, may be somebody else's."""
    item.must_be("use", "official")
    for extension in item.each("extension"):
        codes = {c.text("code") for c in extension.inside("valueCodeableConcept").each("coding")}
        if extension.text("url") == _VERIFICATION and not codes <= _VERIFIED:
            raise refused(f"{item.where}: the NHS number is not verified, so it does not say who somebody is.")
        item.notes.append(Note(f"{item.where}.extension", foreign=True))
    period = item.inside("period")
    period.skip("start")
    period.done()
    item.pass_over("type", "assigner")
    item.pass_over_extensions()
    item.done()


def _read_name(item: Taking) -> Json:
    use, text, family = item.text("use"), item.text("text"), item.text("family")
    parts = item.take("given") or []
    built = " ".join([*map(str, parts), family]).strip()
    titles = [str(t) for name in ("prefix", "suffix") for t in _peeked(item, name)]
    if text and built and _words(text) - _words(*titles) != _words(built) - _words(*titles):
        raise refused(f"{item.where}: the whole name and its parts do not agree.")
    item.pass_over("prefix", "suffix")
    item.pass_over_extensions()
    period = item.inside("period")
    starts, ends = period.day("start"), period.day("end")
    period.done()
    item.done()
    if use not in {"", "nickname"} | _MAIN | _FORMER:
        raise refused(f"{item.where}.use must be official, usual, nickname, old or maiden.")
    if use in _FORMER and not ends:
        raise refused(f"{item.where}: a former name says when it ended, in period.end.")
    return {"name": built or text, "main": use in _MAIN, "starts": starts, "ends": ends}


def _peeked(item: Taking, name: str) -> list[Any]:
    """A list that is yet to be passed over."""
    found = item.peek(name) or []
    return found if isinstance(found, list) else []


def _words(*texts: str) -> Counter[str]:
    """In any order and in any capitals: a whole name is written "LEE, Ann (Ms)" as well as "Ms Ann Lee"."""
    return Counter(word for text in texts for word in re.findall(r"[^\W_]+(?:['\u2019-][^\W_]+)*", text.casefold()))
