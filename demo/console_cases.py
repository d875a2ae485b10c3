"""What the console's people find in the demo: whose officer somebody is, a suspected breach, a request for access.

Made after the mails: whose person somebody is decides nothing about a mail, and an incident stops nobody here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from demo.people import People

_KNOWN = timedelta(hours=20)
_HOLD = timedelta(days=90)
_ASKED = timedelta(days=7)


def caseload(people: People) -> int:
    """Everybody is looked after by the first officer, but for every third, who is the second one's; how many."""
    from register.recording import give_officer

    now = datetime.now(UTC)  # noqa: TID251 - the demo is an edge
    for number, person in enumerate(people.persons):
        officer = people.officers[1 if number % 3 == 2 else 0]
        give_officer(person.id, officer.id, now.date(), now)
    return len(people.persons)


def suspected_breach() -> str:
    """A protected mail that left is said to have reached somebody wrong; it is kept. The incident's number."""
    from domain.incident import Nature, Risk
    from vault.acting import Acting
    from vault.incidents import casebook
    from vault.incidents.containing import hold_records
    from vault.models import PickupGrant, VaultRecord

    acting = Acting("cli:demo", datetime.now(UTC), "a carer rang")  # noqa: TID251 - the demo is an edge
    waits = PickupGrant.objects.order_by("-made_at").values_list("record", flat=True).first()
    record = waits or VaultRecord.objects.order_by("-id").values_list("id", flat=True).first()
    told = "A carer rang: a letter about somebody else was waiting for them."
    row = casebook.open_incident(Nature.WRONG_RECIPIENT, acting.now - _KNOWN, [str(record)], acting, told)
    hold_records(row, (acting.now + _HOLD).date(), acting)
    casebook.judge(row, Risk.LIKELY, acting)
    return row.reference


def asked_for_access(person: str) -> str:
    """Somebody wants to know what is kept about them, since a week; the case's code. ``person`` is a council ID."""
    from register.models import Person
    from vault.acting import Acting
    from vault.export import cases

    acting = Acting("cli:demo", datetime.now(UTC))  # noqa: TID251 - the demo is an edge
    return cases.open_case(Person.objects.get(council_id=person).ref, acting.today - _ASKED, acting).code
