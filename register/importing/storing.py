"""From checked rows to tables: all or nothing, idempotent, each row found again by its id.

Importing the same file twice changes nothing. A row whose reference is unknown or which
would make an impossible state is reported with its line; then nothing at all is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from django.db import DataError, IntegrityError, models, transaction

from domain.permission import Ground, PartyKind
from register import models as m
from register.importing.reading import NEEDS, Row, RowError, read

_Model = TypeVar("_Model", bound=models.Model)


@dataclass(slots=True)
class Report:
    """What an import did. ``problems`` are line numbers with a sentence; if there are any, nothing was stored."""

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def stored(self) -> bool:
        """Whether the file went in."""
        return not self.problems


def import_file(path: Path, *, dry_run: bool = False) -> Report:
    """Read and store a file. Raises ``ConfigurationError`` if it is not a register file at all."""
    report = Report()
    rows: list[Row] = []
    for item in read(path):
        if isinstance(item, Row):
            rows.append(item)
        else:
            report.problems.append((item[0], str(item[1])))
    order = {kind: n for n, kind in enumerate(_ORDER)}
    with transaction.atomic():
        for row in sorted(rows, key=lambda r: order[r.kind]):
            _store(row, report)
        m.RegisterVersion.move()
        if dry_run or report.problems:
            transaction.set_rollback(True)
    report.problems.sort()
    return report


def _store(row: Row, report: Report) -> None:
    try:
        with transaction.atomic():
            change = _STORES[row.kind](row)
    except RowError as error:
        report.problems.append((row.number, str(error)))
    except DataError:  # PostgreSQL counts the characters
        report.problems.append((row.number, "one of its cells is too long"))
    except IntegrityError as error:
        report.problems.append((row.number, _impossible(error)))
    else:
        getattr(report, change)[row.kind] += 1


def _impossible(error: IntegrityError) -> str:
    """A sentence for the constraint that was broken; constraint names are sentences already."""
    text = str(error)
    for model in (m.Person, m.PersonName, m.Placement, m.Party, m.Permission, m.Grant):
        for constraint in model._meta.constraints:  # noqa: SLF001 - Django's documented model API
            if constraint.name in text:
                return f"this cannot be: {constraint.name.replace('_', ' ')}"
    return "another row has the same id or NHS number already"


def _put(model: type[_Model], keys: dict[str, Any], values: dict[str, Any]) -> tuple[_Model, str]:
    """Create, or change what differs; and which of the two (or neither) it was."""
    found, created = model._default_manager.get_or_create(**keys, defaults=values)  # noqa: SLF001 - Django's documented model API
    if created:
        return found, "created"
    changed = [name for name, value in values.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, values[name])
    if changed:
        found.save(update_fields=changed)
    return found, "updated" if changed else "unchanged"


def _find(model: type[_Model], what: str, **keys: str) -> _Model:
    found = model._default_manager.filter(**keys).first()  # noqa: SLF001 - Django's documented model API
    if found is None:
        raise RowError(f"there is no {what} with the id that this row names")
    return found


def _person(row: Row) -> str:
    values = {
        "date_of_birth": row.day("date_of_birth"),
        "nhs_number": row.nhs_number(),
        "capacity": row.capacity().value,
    }
    person, change = _put(m.Person, {"council_id": row.text("id")}, values)
    wanted = {row.text("name"): True} | {a.strip(): False for a in row.text("aliases").split(";") if a.strip()}
    present = dict(person.names.values_list("name", "main"))
    if present != wanted:
        person.names.all().delete()
        m.PersonName.objects.bulk_create([m.PersonName(person=person, name=n, main=main) for n, main in wanted.items()])
        change = "updated" if change == "unchanged" else change
    if row.email():
        _party_row(row, PartyKind.PERSON, code=f"{row.text('id')}-self", person=person)
    return change


def _household(row: Row) -> str:
    return _put(m.Household, {"code": row.text("id")}, {"name": row.text("name")})[1]


def _placement(row: Row) -> str:
    person = _find(m.Person, "person", council_id=row.text("person"))
    household = _find(m.Household, "household", code=row.text("household"))
    keys = {"person": person, "household": household, "starts": row.day("from")}
    return _put(m.Placement, keys, {"ends": row.day("to")})[1]


def _organisation(row: Row) -> str:
    values = {
        "name": row.text("name"),
        "domain": row.text("domain").casefold(),
        "regulator": row.text("role") == "regulator",
    }
    return _put(m.Organisation, {"code": row.text("id")}, values)[1]


def _party(kind: PartyKind) -> Callable[[Row], str]:
    def store(row: Row) -> str:
        person = _find(m.Person, "person", council_id=row.text("person")) if row.text("person") else None
        return _party_row(row, kind, code=row.text("id"), person=person)

    return store


def _party_row(row: Row, kind: PartyKind, code: str, person: m.Person | None) -> str:
    household, organisation = row.text("household"), row.text("organisation")
    values = {
        "kind": kind.value,
        "name": row.text("name"),
        "email": row.email(),
        "approved": row.text("status") in {"", "approved", "active"},
        "role": row.text("role"),
        "household": _find(m.Household, "household", code=household) if household else None,
        "organisation": _find(m.Organisation, "organisation", code=organisation) if organisation else None,
        "person": person,
        "starts": row.day("from"),
        "ends": row.day("to"),
    }
    return _put(m.Party, {"code": code}, values)[1]


def _permission(ground: Ground) -> Callable[[Row], str]:
    def store(row: Row) -> str:
        values = {
            "person": _find(m.Person, "person", council_id=row.text("person")),
            "ground": ground.value,
            "signed_on": row.day("signed_on"),
            "review_due": row.day("review_due"),
            "withdrawn_at": row.moment("withdrawn_on"),
        }
        return _put(m.Permission, {"code": row.text("id")}, values)[1]

    return store


def _grant(row: Row) -> str:
    permission = _find(m.Permission, "permission", code=row.text("role"))
    party = m.Party.objects.filter(code=row.text("party")).first()
    organisation = None if party else _find(m.Organisation, "party or organisation", code=row.text("party"))
    keys = {"permission": permission, "party": party, "organisation": organisation}
    return _put(m.Grant, keys, {"categories": row.categories(), "withdrawn_at": row.moment("withdrawn_on")})[1]


_STORES: dict[str, Callable[[Row], str]] = {
    "person": _person,
    "household": _household,
    "organisation": _organisation,
    "placement": _placement,
    "carer": _party(PartyKind.CARER),
    "officer": _party(PartyKind.OFFICER),
    "professional": _party(PartyKind.PROFESSIONAL),
    "family": _party(PartyKind.FAMILY),
    "representative": _party(PartyKind.REPRESENTATIVE),
    "permission": _permission(Ground.FORM),
    "best-interests": _permission(Ground.BEST_INTERESTS),
    "grant": _grant,
}
_ORDER = tuple(_STORES)  # what others refer to comes first
assert set(_STORES) == set(NEEDS)  # noqa: S101 - a type of row that could not be stored would be lost silently
