"""What the console's people find in the demo: people, a suspected breach, a request, another key, an inspection.

Made after the mails: whose person somebody is decides nothing about a mail, and an incident stops nobody here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from demo.people import People

_KNOWN = timedelta(hours=20)
_HOLD = timedelta(days=90)
_LASTS = timedelta(days=365)
_ASKED = timedelta(days=7)
_INSPECTED = timedelta(days=14)


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
    from domain.outgoing import Fate
    from vault.acting import Acting
    from vault.incidents import casebook
    from vault.incidents.containing import hold_records
    from vault.models import JournalEntry, PickupGrant, VaultRecord

    acting = Acting("cli:demo", datetime.now(UTC), "a carer rang")  # noqa: TID251 - the demo is an edge
    left = JournalEntry.objects.filter(fate=Fate.DELIVERED).values("record")
    waits = PickupGrant.objects.filter(record__in=left).order_by("-made_at").values_list("record", flat=True).first()
    record = waits or VaultRecord.objects.order_by("-id").values_list("id", flat=True).first()
    told = "A carer rang: a letter about somebody else was waiting for them."
    row = casebook.open_incident(Nature.WRONG_RECIPIENT, acting.now - _KNOWN, [str(record)], acting, told)
    hold_records(row, (acting.now + _HOLD).date(), acting)
    casebook.judge(row, Risk.LIKELY, acting)
    return row.reference


def another_key() -> str:
    """A mail from outside brings another key of somebody whose key is known: the office has to ring; whose it is."""
    from domain.seen_keys import KeySource
    from gateway.protect.generate import make_openpgp_key
    from gateway.protect.inspection import inspect
    from register.models import RecipientKey
    from register.seeing import see

    now = datetime.now(UTC)  # noqa: TID251 - the demo is an edge
    known = RecipientKey.objects.filter(method="OpenPGP").order_by("address").values_list("address", flat=True)
    address = str(known[0])
    _, public = make_openpgp_key(address, address, now, _LASTS)
    see(address, inspect(public)[0].stored, KeySource.AUTOCRYPT, now)
    return address


def asked_for_access(person: str) -> str:
    """Somebody wants to know what is kept about them, since a week; the case's code. ``person`` is a council ID."""
    from register.models import Person
    from vault.acting import Acting
    from vault.export import cases

    acting = Acting("cli:demo", datetime.now(UTC))  # noqa: TID251 - the demo is an edge
    return cases.open_case(Person.objects.get(council_id=person).ref, acting.today - _ASKED, acting).code


def inspected(council_ids: Sequence[str], inspector: str, by: str) -> None:
    """An inspector may see these people's records for two weeks; by a records officer's address."""
    from domain.inspection import Wanted
    from register.models import Person
    from vault import inspection

    now = datetime.now(UTC)  # noqa: TID251 - the demo is an edge
    inspection.grant(
        Wanted(
            inspector=f"console:{inspector}",
            by=f"console:{by}",
            people=list(Person.objects.filter(council_id__in=council_ids).values_list("ref", flat=True)),
            authority="Health and Social Care Act 2008 s.63",
            purpose="how records are shared with carers",
            until=now + _INSPECTED,
        ),
        now,
    )
