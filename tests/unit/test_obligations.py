"""Urgent releases that are recorded: of one mail that arrives in several dialogues, each tells of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.decision import Action, Decision, Method, Obligation, Reason
from domain.model import Address, Envelope
from domain.tags import Concern
from register.models import UrgentRelease
from register.obligations import DatabaseObligations
from tests.build import OFFICER
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
ANN, BEN = Address.of("ann@a.example"), Address.of("ben@b.example")
OURS = frozenset({Obligation.TELL_MANAGEMENT, Obligation.REVIEW_RELEASE})
OBLIGATIONS = DatabaseObligations(timedelta(hours=72))
DIGEST = "d" * 64


def carried_out(*recipients: Address) -> set[Address]:
    """One dialogue of the mail; whom its notice has to tell of."""
    reason = Reason("urgent-release", Action.ENCRYPT, "why", "", obligations=OURS)
    decisions = [
        Decision(recipient=r, action=Action.ENCRYPT, reasons=(reason,), method=Method.OPENPGP, obligations=OURS)
        for r in recipients
    ]
    envelope = Envelope(OFFICER, recipients, NOW)
    return {r.recipient for r in OBLIGATIONS.carry_out(DIGEST, envelope, Concern.RISK, decisions, NOW)}


def tell(*recipients: Address) -> None:
    OBLIGATIONS.told(DIGEST, Envelope(OFFICER, recipients, NOW), NOW)


def test_a_second_dialogue_tells_of_its_own_recipients_while_the_first_is_untold():
    """The mail server splits a mail; what one dialogue could not tell stops none of the others."""
    assert carried_out(ANN) == {ANN}
    assert carried_out(BEN) == {BEN}
    assert carried_out(ANN, BEN) == {ANN, BEN}
    assert UrgentRelease.objects.count() == 2


def test_telling_of_one_recipient_leaves_the_other_to_be_told_of():
    """A notice that did not name somebody does not count as told of them."""
    carried_out(ANN)
    carried_out(BEN)
    tell(ANN)
    assert list(UrgentRelease.objects.filter(told_at=None).values_list("recipient", flat=True)) == [BEN.key]
    assert carried_out(BEN) == {BEN}
    assert carried_out(ANN) == set()
