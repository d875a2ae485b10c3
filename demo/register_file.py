"""Writes the sample register as the one CSV file that ``sallyport register import`` reads.

Trusted input (our own records); it can only fail as the file system fails.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from demo.people import Carer, Grant, People, Permission, Person, Placement, Professional, Relative, Support
from domain.model import Category
from domain.permission import Capacity

HEADER = (
    *("type", "id", "name", "aliases", "date_of_birth", "nhs_number", "email", "person", "household", "organisation"),
    *("domain", "role", "status", "capacity", "trained_on", "categories", "party", "signed_on", "review_due"),
    *("withdrawn_on", "from", "to", "decision", "circumstances", "participation", "wishes", "consulted"),
    "decision_maker",
)
"""The columns of the register's file, in their order."""

_CAPACITY = {Capacity.HAS: "has", Capacity.FLUCTUATES: "fluctuates", Capacity.LACKS: "lacks"}

_BEST_INTERESTS = {
    "decision": "Whether her health and money matters may be shared with those who support her with them",
    "circumstances": "She cannot weigh up what sharing means; her support depends on it every day",
    "participation": "Talked through with pictures on two visits; her sister was there",
    "wishes": "She likes the surgery to know her, and does not want neighbours to know about money",
    "consulted": "Her sister, her carer, the surgery, her deputy",
    "decision_maker": "Shared Lives officer",
}
"""What the Mental Capacity Act 2005 s.4 asks for."""

Row = dict[str, str]


def write_register_csv(path: Path, people: People) -> None:
    """The register as one CSV file (RFC 4180, UTF-8), one row a record, empty cells where nothing applies."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER, restval="")
        writer.writeheader()
        writer.writerows(register_rows(people))


def register_rows(people: People) -> list[Row]:
    """The rows, parents before those that refer to them."""
    return [
        *(_person(p) for p in people.persons),
        *({"type": "household", "id": h.id, "name": h.name} for h in people.households),
        *(_placement(p) for p in people.placements),
        *(_carer(c) for c in people.carers),
        *(_support(s) for s in people.supports),
        *({"type": "officer", "id": o.id, "name": o.name, "email": o.email, "role": o.title} for o in people.officers),
        *(
            {"type": "organisation", "id": o.id, "name": o.name, "domain": o.domain, "role": _regulator(o.role)}
            for o in people.organisations
        ),
        *(_professional(p) for p in people.professionals),
        *(_relative(r) for r in people.relatives),
        *(row for p in people.permissions for row in _permission(p)),
    ]


def _person(person: Person) -> Row:
    return {
        "type": "person",
        "id": person.id,
        "name": person.name,
        "aliases": ";".join(person.aliases),
        "date_of_birth": person.born.isoformat(),
        "nhs_number": person.nhs_number,
        "email": person.email,
        "capacity": _CAPACITY[person.capacity],
    }


def _placement(placement: Placement) -> Row:
    return {
        "type": "placement",
        "person": placement.person,
        "household": placement.household,
        "from": placement.start.isoformat(),
        "to": _iso(placement.end),
    }


def _carer(carer: Carer) -> Row:
    return {
        "type": "carer",
        "id": carer.id,
        "name": carer.name,
        "email": carer.email,
        "household": carer.household,
        "status": carer.status,
        "from": carer.approved_on.isoformat(),
        "trained_on": _iso(carer.trained_on),
    }


def _support(support: Support) -> Row:
    return {
        "type": "support",
        "party": support.carer,
        "household": support.household,
        "from": support.start.isoformat(),
    }


def _regulator(role: str) -> str:
    """The only role of an organisation that the register knows."""
    return role if role == "regulator" else ""


def _professional(one: Professional) -> Row:
    return {
        "type": "professional",
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "organisation": one.organisation,
        "role": one.role,
    }


def _relative(one: Relative) -> Row:
    return {
        "type": one.type,
        "id": one.id,
        "name": one.name,
        "email": one.email,
        "person": one.person,
        "role": one.role,
    }


def _permission(permission: Permission) -> list[Row]:
    form = {
        "type": permission.type,
        "id": permission.id,
        "person": permission.person,
        "signed_on": permission.signed_on.isoformat(),
        "review_due": permission.review_due.isoformat(),
        "withdrawn_on": _iso(permission.withdrawn_on),
    }
    if permission.type == "best-interests":
        form |= _BEST_INTERESTS
    return [form, *(_grant(permission.id, grant) for grant in permission.grants)]


def _grant(form: str, grant: Grant) -> Row:
    everything = grant.categories == frozenset(Category)
    return {
        "type": "grant",
        "role": form,
        "party": grant.party,
        "categories": "all" if everything else ";".join(sorted(grant.categories)),
        "withdrawn_on": _iso(grant.withdrawn_on),
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
