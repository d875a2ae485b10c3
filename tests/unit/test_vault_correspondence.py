"""Whom officers wrote to: remembered copy by copy, asked with one question by an index; and confirming a held mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from domain.acquaintance import Written
from domain.decision import Action, Decision, Obligation, Reason
from domain.model import Address
from tests.build import ANN, BEN, NOW, OFFICER, RULES
from tests.support.filed import decided, filed
from vault import correspondence
from vault.held import confirming
from vault.held.settling import CannotSettle, ruling_of
from vault.held.waiting import waiting
from vault.models import AddressWarning, AuditEvent, Correspondence, HeldMail, Settlement

pytestmark = pytest.mark.usefixtures("database")
GP, MEANT = "gp@surgrey.example", "gp@surgery.example"
LIKE = Reason("recipient-look-alike", Action.HOLD, "A letter may be wrong", instead=MEANT)
WARN = Reason("recipient-new", Action.RELAY, "New", "Check it.", obligations=frozenset({Obligation.WARN_SENDER}))


def left(to: str = GP, *reasons: Reason) -> Decision:
    owed = frozenset(o for r in reasons for o in r.obligations)
    fine = Reason("nothing-found", Action.RELAY, "Nothing")
    return Decision(Address.of(to), Action.RELAY, (fine, *reasons), obligations=owed)


def held(*reasons: Reason, to: str = GP) -> Decision:
    return Decision(Address.of(to), Action.HOLD, reasons or (LIKE,))


def test_each_copy_counts_for_each_person() -> None:
    for number in range(2):
        correspondence.delivered(f"r{number}", OFFICER, {ANN, BEN}, [left()], NOW + timedelta(days=number))
    correspondence.delivered("r9", OFFICER, (), [left(MEANT)], NOW)
    correspondence.delivered("r9", Address.of("pia@council.example"), {ANN}, [left(MEANT)], NOW)
    later = NOW + timedelta(days=1)
    assert set(correspondence.written_by(OFFICER)) == {
        Written(GP, ANN, 2, later),
        Written(GP, BEN, 2, later),
        Written(MEANT, "", 1, NOW),
    }


def test_it_is_one_question_that_an_index_answers() -> None:
    for number in range(50):
        correspondence.delivered(f"r{number}", Address.of(f"o{number}@council.example"), {ANN}, [left()], NOW)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        correspondence.written_by(OFFICER)
    (question,) = asked.captured_queries
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor != "sqlite":  # fifty rows would be read faster without an index
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{explain} {question['sql']}")
        plan = str(cursor.fetchall()).lower()
    assert "index" in plan, plan
    assert "scan vault_correspondence" not in plan, plan


def test_warnings_wait_until_they_are_gathered_and_are_told_once() -> None:
    correspondence.delivered("r1", OFFICER, {ANN}, [left(GP, WARN), left(MEANT)], NOW)
    correspondence.delivered("r1", OFFICER, {ANN}, [left(GP, WARN)], NOW)
    correspondence.delivered("r2", OFFICER, {ANN}, [left(MEANT, replace(WARN, instead=GP))], NOW + timedelta(hours=3))
    gathered = timedelta(hours=4)
    assert correspondence.due(NOW + timedelta(hours=3, minutes=59), gathered) == []
    (due,) = correspondence.due(NOW + timedelta(hours=4), gathered)
    assert due.sender == OFFICER
    assert [(w.recipient, w.why, w.fix, w.instead) for w in due.warnings] == [
        (GP, "New", "Check it.", ""),
        (MEANT, "New", "Check it.", GP),
    ]
    correspondence.told(due.warnings, NOW)
    assert correspondence.due(NOW + timedelta(days=9), gathered) == []


def test_what_is_old_is_forgotten_and_what_waits_to_be_told_is_not() -> None:
    correspondence.delivered("r1", OFFICER, {ANN}, [left(GP, WARN)], NOW)
    correspondence.delivered("r2", OFFICER, {BEN}, [left(GP, WARN)], NOW + timedelta(days=2))
    correspondence.told(AddressWarning.objects.filter(record="r1"), NOW)
    assert correspondence.forget(NOW + timedelta(days=1)) == 2
    assert [c.person for c in Correspondence.objects.all()] == [BEN]
    assert [w.record for w in AddressWarning.objects.all()] == ["r2"]


def test_somebody_whose_key_was_destroyed_is_forgotten() -> None:
    correspondence.delivered("r1", OFFICER, {ANN, BEN}, [left()], NOW)
    correspondence.forget_person(ANN)
    assert [c.person for c in Correspondence.objects.all()] == [BEN]


# Confirming


def mail(*decisions: Decision) -> list[HeldMail]:
    return confirming.of_record(filed(OFFICER.key, *decisions, at=NOW).id)


def test_the_address_is_right_orders_every_copy_that_waits_for_that_alone() -> None:
    missing = Reason("no-permission", Action.HOLD, "No form")
    rows = mail(held(), held(LIKE, missing, to="b@x.example"), held(to="c@x.example"), left("d@x.example"))
    made = confirming.confirm(rows, "mail:o", RULES.guard, NOW)
    assert [s.held.recipient for s in made] == [GP, "c@x.example"]
    assert {s.state for s in made} == {"ordered"}
    assert ruling_of(made[0]).accepts == {"recipient-look-alike"}
    assert not ruling_of(made[0]).about | ruling_of(made[0]).is_not
    assert AuditEvent.objects.filter(action="held: confirm ordered", actor="mail:o").count() == 2
    assert confirming.under_way([r.pk for r in rows]) == {s.held_id for s in made}
    with pytest.raises(CannotSettle, match="settled already"):
        confirming.confirm(rows, "mail:o", RULES.guard, NOW)
    assert Settlement.objects.count() == 2


def test_a_copy_that_a_reviewer_settles_keeps_no_other_from_being_confirmed() -> None:
    rows = mail(held(), held(to="c@x.example"))
    confirming.confirm(rows[:1], "mail:o", RULES.guard, NOW)
    (made,) = confirming.confirm(rows, "mail:o", RULES.guard, NOW)
    assert made.held.recipient == "c@x.example"


def test_what_was_filed_before_the_guard_came_is_counted_in() -> None:
    """By the migration, so that not everybody is new on the first morning."""
    for _ in range(2):
        filed(OFFICER.key, decided("GP@Surgery.example"), decided(GP, Action.HOLD), people=(ANN,), at=NOW)
    filed(OFFICER.key, decided(MEANT), at=NOW)
    filed("", decided("nobody@x.example"), at=NOW)
    import_module("vault.migrations.0023_correspondence").remember(apps, None)
    assert set(correspondence.written_by(OFFICER)) == {Written(MEANT, ANN, 2, NOW), Written(MEANT, "", 1, NOW)}
    assert not Correspondence.objects.exclude(sender=OFFICER.key).exists()


def test_the_other_address_accepts_nothing() -> None:
    """As if the mail had been sent there: also where more than the address held it."""
    rows = mail(held(LIKE, Reason("no-permission", Action.HOLD, "No form")), held(replace(LIKE, instead=""), to="c@x"))
    (made,) = confirming.send_instead(rows, "mail:o", NOW)
    ruling = ruling_of(made)
    assert (ruling.recipient.key, ruling.accepts) == (MEANT, frozenset())


def test_what_takes_a_reviewer_is_not_the_senders_to_settle() -> None:
    strict = replace(RULES.guard, sender_settles=frozenset())
    rows = mail(held(replace(LIKE, instead="")))
    for refused in (
        lambda: confirming.confirm(rows, "mail:o", strict, NOW),
        lambda: confirming.send_instead(rows, "mail:o", NOW),
        lambda: confirming.confirm([], "mail:o", RULES.guard, NOW),
    ):
        with pytest.raises(CannotSettle) as caught:
            refused()
        assert "a reviewer has to look" in caught.value.public
    assert not Settlement.objects.exists()


def test_a_mail_is_found_by_the_beginning_of_its_digest_its_sender_and_for_a_while() -> None:
    row = filed(OFFICER.key, held(), at=NOW)
    row.digest = "ab" * 32
    row.save()
    begins = "ab" * 16
    assert [r.recipient for r in confirming.of_mail(begins, OFFICER, NOW)] == [GP]
    assert confirming.of_mail("ac" * 16, OFFICER, NOW) == []
    assert confirming.of_mail("aa" * 16, OFFICER, NOW) == []
    assert confirming.of_mail(begins, Address.of("pia@council.example"), NOW) == []
    assert confirming.of_mail(begins, OFFICER, NOW + timedelta(days=14)) == []


def test_the_address_that_may_be_meant_outlives_the_row() -> None:
    mail(held())
    (row,) = waiting()
    assert row.decision.decisive[0].instead == MEANT
