"""A vault with mails that went somewhere, for the breach team's pages: real rows, no store, no seal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings
from pyrage import x25519

from domain.decision import Action, Decision, Method, Reason
from domain.model import Address
from domain.outgoing import Fate
from register.models import Person
from tests.support.indexed import KEYED, say
from tests.support.picked import waits
from vault.models import JournalEntry, VaultRecord
from vault.records import dump
from web import clock
from web.console.breach.parts import Parts, parts

ANN = "p-0123456789abcdef0123"
COUNCIL_ID = "SL-00001"
CARER, PICKER = "carer@carers.example", "nokey@carers.example"
MASTER = x25519.Identity.generate()


MASTERS = [str(MASTER.to_public())]


def search_of_the_tests() -> Parts:
    """As the setting ``SALLYPORT_SEARCH`` names it for them."""
    return Parts(KEYED, MASTERS, ("council.example",))


@contextmanager
def placed() -> Iterator[None]:
    """The pages' parts, and Ann in the register."""
    Person(ref=ANN, council_id=COUNCIL_ID).save()
    with override_settings(SALLYPORT_SEARCH=f"{__name__}.{search_of_the_tests.__name__}"):
        parts.cache_clear()
        yield
    parts.cache_clear()


def sent(*texts: str, to: tuple[str, ...] = (CARER,), picked: tuple[str, ...] = (), **more: object) -> str:
    """A mail about Ann that was delivered to each; for those of ``picked`` it waits. Its record's id."""
    recipients = (*to, *picked)
    ident = say(*texts, people=(ANN,), classes=("medical",), decided=("ENCRYPT",), recipients=recipients, **more)
    row = VaultRecord.objects.get(pk=ident)
    row.decisions = [_decision(a, Method.PICK_UP if a in picked else Method.OPENPGP) for a in recipients]
    row.save()
    for number, address in enumerate(recipients):
        JournalEntry.objects.create(
            digest=row.digest, sender=row.sender, recipient=address, state="done", fate=Fate.DELIVERED,
            record=ident, changed_at=clock.now(),
        )  # fmt: skip
        if address in picked:
            waits(ident, address, number)
    return ident


def _decision(address: str, method: Method) -> dict[str, object]:
    reason = Reason("carer", Action.ENCRYPT, "The recipient is the approved carer", person=ANN)
    return dump(Decision(Address.of(address), Action.ENCRYPT, (reason,), method))
