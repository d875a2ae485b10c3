"""States of holds and disposal that cannot be: each has its sentence, and the database refuses it by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from tests.build import ANN
from tests.fakes import NOW
from vault import models as m
from vault.ids import new_id

pytestmark = pytest.mark.usefixtures("database")
LATER, DAY = NOW + timedelta(days=1), NOW.date()
A, B, C = "cli:anna", "cli:bert", "cli:carl"


def record(ident: str = "", **more: Any) -> m.VaultRecord:
    given = {
        "id": ident or new_id(NOW), "digest": "d", "sender": "s", "plan": new_id(NOW), "received_at": NOW,
        "filed_at": NOW, "retain_until": NOW,
    }  # fmt: skip
    return m.VaultRecord.objects.create(**(given | more))


def key(**more: Any) -> m.SealingKey:
    given = {
        "person": ANN, "generation": 1, "public": new_id(NOW), "sealed_secret": b"x", "escrow_key": "k",
        "escrow_version": "v", "created_at": NOW,
    }  # fmt: skip
    return m.SealingKey.objects.create(**(given | more))


def hold(**more: Any) -> m.LegalHold:
    given = {"id": new_id(NOW), "reason": "r", "reference": "C-1", "review_on": DAY, "set_by": A, "set_at": NOW}
    return m.LegalHold(**(given | more))


def batch() -> m.DisposalBatch:
    return m.DisposalBatch.objects.create(id=new_id(NOW), proposed_by=A, proposed_at=NOW)


def line(**more: Any) -> m.DisposalLine:
    given: dict[str, Any] = {"batch": batch(), "proposed_by": A, "facts": {}, "digest": "d"}
    if "key" not in more and "record" not in more:
        given["record"] = record()
    return m.DisposalLine(**(given | more))


def begun(**more: Any) -> m.DisposalLine:
    given = {"state": "begun", "begun_at": NOW, "first_approver": B, "second_approver": C}
    return line(**(given | more))


def approval(**more: Any) -> m.DisposalApproval:
    on = line()
    on.save()
    given = {"line": on, "proposed_by": A, "by": B, "at": NOW, "expires_at": LATER, "digest": "d"}
    return m.DisposalApproval(**(given | more))


def certificate(**more: Any) -> m.DisposalCertificate:
    given = {
        "id": new_id(NOW), "batch": batch(), "issued_by": A, "issued_at": NOW, "content": "{}", "sha256": "d",
        "key": new_id(NOW), "locked_until": LATER,
    }  # fmt: skip
    return m.DisposalCertificate(**(given | more))


def saved(row: models.Model) -> Any:
    row.save()
    return row


def again(make: Callable[..., models.Model], **same: Any) -> models.Model:
    saved(make(**same))
    return make(**same)


ASKED = {"lift_asked_by": B, "lift_asked_at": NOW, "lift_reason": "over"}
NEVER: dict[str, tuple[Callable[[], models.Model], str]] = {
    "a hold without a reason": (lambda: hold(reason=""), "a hold has a reason"),
    "a hold without a case": (lambda: hold(reference=""), "a hold has a reason"),
    "a hold by nobody": (lambda: hold(set_by=""), "a hold has a reason"),
    "asked without a reason": (lambda: hold(**(ASKED | {"lift_reason": ""})), "says why"),
    "asked by nobody": (lambda: hold(**(ASKED | {"lift_asked_by": ""})), "says why"),
    "asked at no time": (lambda: hold(**(ASKED | {"lift_asked_at": None})), "says why"),
    "lifted by one person": (lambda: hold(**ASKED, lifted_by=B, lifted_at=NOW), "by another person"),
    "lifted unasked": (lambda: hold(lifted_by=C, lifted_at=NOW), "by another person"),
    "lifted by nobody": (lambda: hold(**ASKED, lifted_at=NOW), "by another person"),
    "lifted at no time": (lambda: hold(**ASKED, lifted_by=C), "by another person"),
    "on the same twice": (
        lambda: again(m.HoldTarget, hold=saved(hold()), kind="person", value=ANN), "on this already"),
    "on nothing": (lambda: m.HoldTarget(hold=saved(hold()), kind="person", value=""), "a hold is on something"),
    "matched twice": (lambda: again(m.HoldMatch, hold=saved(hold()), record=record()), "covers this record already"),
    "twice of an incident": (
        lambda: again(m.IncidentRecord, incident="I", record=record(), added_by=A, added_at=NOW), "belongs to this"),
    "of no incident": (
        lambda: m.IncidentRecord(incident="", record=record(), added_by=A, added_at=NOW), "has a reference"),
    "proposed by nobody": (
        lambda: m.DisposalBatch(id=new_id(NOW), proposed_by="", proposed_at=NOW), "a proposal is somebody's"),
    "about nothing": (lambda: line(record=None), "one record or one key"),
    "about a record and a key": (lambda: line(record=record(), key=key()), "one record or one key"),
    "a record proposed twice": (lambda: again(line, record=record()), "the record is proposed"),
    "a record begun twice": (lambda: again(begun, record=record()), "the record is proposed"),
    "a key proposed twice": (lambda: again(line, key=key()), "the key is proposed"),
    "refused by nobody": (
        lambda: line(state="refused", refused_at=NOW, keep_until=DAY, refusal="x"), "a refusal has somebody"),
    "refused without a reason": (
        lambda: line(state="refused", refused_at=NOW, keep_until=DAY, refused_by=B), "a refusal has somebody"),
    "refused for ever": (
        lambda: line(state="refused", refused_at=NOW, refusal="x", refused_by=B), "a refusal has somebody"),
    "a reason without a refusal": (lambda: line(refusal="x"), "a refusal has somebody"),
    "begun with one approver": (lambda: begun(second_approver=""), "without two people"),
    "begun with one person twice": (lambda: begun(second_approver=B), "without two people"),
    "begun by who proposed it": (lambda: begun(first_approver=A), "without two people"),
    "begun by who proposed it, as second": (lambda: begun(second_approver=A), "without two people"),
    "begun at no time": (lambda: begun(begun_at=None), "without two people"),
    "erased without a beginning": (lambda: line(state="erased", erased_at=NOW), "without two people"),
    "disposed without approvers": (
        lambda: line(state="disposed", erased_at=NOW, disposed_at=NOW, begun_at=NOW), "without two people"),
    "erased at no time": (lambda: begun(state="erased"), "has a time"),
    "a time without being erased": (lambda: begun(erased_at=NOW), "has a time"),
    "disposed at no time": (lambda: begun(state="disposed", erased_at=NOW), "only what is destroyed"),
    "certified before it is gone": (
        lambda: begun(certificate=saved(certificate())), "only what is destroyed"),
    "approved by who proposed it": (lambda: approval(by=A), "who proposed it cannot"),
    "approved by nobody": (lambda: approval(by=""), "who proposed it cannot"),
    "approved twice": (lambda: again(approval, line=saved(line())), "cannot approve twice"),
    "run out before it was given": (lambda: approval(expires_at=NOW), "runs out after"),
    "an empty certificate": (lambda: certificate(content=""), "has a text"),
    "a certificate by nobody": (lambda: certificate(issued_by=""), "has a text"),
    "a destroyed key with a secret": (
        lambda: m.SealingKey(
            person=ANN, generation=2, public="p", sealed_secret=b"x", escrow_key="k", escrow_version="v",
            created_at=NOW, destroyed_at=NOW,
        ), "no secret"),
    "a stub with an address": (
        lambda: m.VaultRecord(
            id=new_id(NOW), digest="", sender="a@b", plan="", received_at=NOW, filed_at=NOW, retain_until=NOW,
            state="disposed",
        ), "names no sender"),
}  # fmt: skip


@pytest.fixture(params=NEVER)
def never(request: pytest.FixtureRequest) -> tuple[models.Model, str]:
    make, says = NEVER[request.param]
    return make(), says


def test_the_model_says_why(never: tuple[models.Model, str]) -> None:
    row, says = never
    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    assert says in str(refused.value)


def test_the_database_refuses_it_alone(never: tuple[models.Model, str]) -> None:
    """Past Django's checks, as a mistaken script would write it."""
    row, _ = never
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Model.save(row, force_insert=True)


def test_what_can_be_is_accepted() -> None:
    """Each maker's plain row, so that the refusals above are for what they say."""
    for row in (hold(), hold(**ASKED), hold(**ASKED, lifted_by=C, lifted_at=NOW), line(), line(key=key())):
        row.validate_constraints()
        row.save()
    done = {"state": "disposed", "erased_at": NOW, "disposed_at": NOW}
    for row in (begun(), begun(state="erased", erased_at=NOW), begun(**done, certificate=saved(certificate()))):
        row.validate_constraints()
        row.save()
    given = approval()
    saved(given)
    given.void = "changed"
    saved(given)
    saved(approval(line=given.line))


def test_a_mail_is_filed_once_among_those_that_are_there() -> None:
    """Stubs and what is on its way out are not in the way."""
    same = {"digest": "d", "sender": "s", "plan": "p"}
    record(**same, state="disposing")
    record(**same)
    with pytest.raises(IntegrityError), transaction.atomic():
        record(**same)
    for _ in range(2):
        record(digest="", sender="", plan="", state="disposed")
