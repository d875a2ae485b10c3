"""What pages ask of the key holder: who may ask and agree, who answers, and when it is forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from tests.fakes import NOW
from vault.acting import Acting
from vault.errands import answering, asking
from vault.errands.asking import LOOK_LASTS, WORK_LASTS, ErrandError, Wanted
from vault.models import AuditEvent, Errand, ErrandKind, ErrandPiece, ErrandState

pytestmark = pytest.mark.usefixtures("database")
BREE, UNA = "console:bree@council.example", "console:una@council.example"
EVIDENCE = Wanted(ErrandKind.EVIDENCE, "INC-2026-001", receiver="age1x")


def by(actor: str = BREE, at: timedelta = timedelta()) -> Acting:
    return Acting(actor, NOW + at, "complaint 12")


def look(reply_to: str) -> Errand:
    return asking.ask(Wanted(ErrandKind.LOOK, "R" * 26), by(), reply_to)


def test_an_answer_opens_with_the_key_that_asked_and_no_other() -> None:
    (secret, public), (other, _) = asking.new_reply_key(), asking.new_reply_key()
    row = look(public)
    taken = answering.take(NOW)
    assert taken == row
    answering.answer(row, iter([("words", b'{"cut": false}'), ("page/2/1", b"PNG")]), "Opened.", NOW)
    row.refresh_from_db()
    assert (row.state, row.until) == (ErrandState.DONE, NOW + LOOK_LASTS)
    assert asking.described(row, secret) == {"cut": False}
    assert asking.piece(row, "page/2/1", secret) == b"PNG"
    assert asking.piece(row, "page/2/2", secret) is None
    for wrong in (other, "", "no key"):
        assert asking.described(row, wrong) is None
    assert all(b"cut" not in bytes(p.sealed) for p in ErrandPiece.objects.all())


def test_what_is_asked_is_in_the_audit_trail_with_who_and_why() -> None:
    row = look("age1x")
    (event,) = AuditEvent.objects.filter(action="key holder asked")
    assert (event.actor, event.record, event.why, event.details["errand"]) == (BREE, "R" * 26, "complaint 12", row.pk)


def test_each_errand_is_one_key_holders_until_its_lease_ends() -> None:
    row = look("age1x")
    assert answering.take(NOW) == row
    assert answering.take(NOW) is None
    answering.far(row, 3, 9, NOW + timedelta(minutes=5))
    assert answering.take(NOW + timedelta(minutes=14)) is None, "progress makes the lease longer"
    assert answering.take(NOW + timedelta(minutes=15, seconds=1)) is None, "nobody waits for a look any more"
    asked = asking.ask(Wanted(ErrandKind.DISPOSAL, "D" * 26), by())
    assert answering.take(NOW) == asked
    assert answering.take(NOW + answering.LEASE) == asked, "whoever had it has gone"


def test_evidence_takes_two_people_by_the_database_too() -> None:
    row = asking.ask(EVIDENCE, by())
    assert answering.take(NOW) is None
    assert asking.waiting_for_second(ErrandKind.EVIDENCE, NOW) == [row]
    for same in (BREE, "console:Bree@council.example", "cli:una"):
        with pytest.raises(ErrandError, match="the same person"):
            asking.agree(row, by(same))
    with pytest.raises(IntegrityError), transaction.atomic():
        Errand.objects.filter(pk=row.pk).update(state=ErrandState.ASKED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Errand.objects.filter(pk=row.pk).update(state=ErrandState.ASKED, agreed_by=BREE)
    asking.agree(row, by(UNA))
    assert answering.take(NOW) == row
    with pytest.raises(ErrandError, match="not proposed"):
        asking.agree(row, by(UNA))


def test_nothing_is_asked_for_twice_and_what_waits_can_be_taken_back() -> None:
    row = asking.ask(EVIDENCE, by())
    with pytest.raises(ErrandError, match="asked twice"):
        asking.ask(EVIDENCE, by(UNA))
    asking.take_back(row, by(UNA))
    again = asking.ask(EVIDENCE, by(UNA, timedelta(seconds=1)))
    assert asking.newest(ErrandKind.EVIDENCE, "INC-2026-001") == again
    asking.agree(again, by())
    answering.take(NOW)
    with pytest.raises(ErrandError, match="begun"):
        asking.take_back(again, by())


def test_when_its_time_is_over_an_answer_is_destroyed_and_a_question_refused() -> None:
    _, public = asking.new_reply_key()
    seen, waits = look(public), asking.ask(EVIDENCE, by())
    answering.take(NOW)
    answering.answer(seen, iter([("words", b"{}")]), "Opened.", NOW)
    assert answering.forget(NOW + LOOK_LASTS - timedelta(seconds=1)) == 0
    assert answering.forget(NOW + LOOK_LASTS) == 1
    assert not ErrandPiece.objects.exists()
    assert answering.forget(NOW + WORK_LASTS) == 1
    waits.refresh_from_db()
    assert (waits.state, waits.says) == (ErrandState.REFUSED, "Nobody answered in time.")


def test_a_bundle_comes_in_pieces_and_too_large_a_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "incident.tar.age"
    file.write_bytes(content := bytes(range(256)) * 10_000)
    row = asking.ask(EVIDENCE, by())
    asking.agree(row, by(UNA))
    answering.hand_out(row, file, "1 mail", NOW)
    row.refresh_from_db()
    pieces = list(asking.file_of(row))
    assert (row.file_name, len(pieces), b"".join(pieces)) == (file.name, 3, content)
    monkeypatch.setattr(answering, "LARGEST", len(content) - 1)
    answering.hand_out(row, file, "1 mail", NOW)
    row.refresh_from_db()
    assert (row.file_name, row.pieces.count()) == ("", 0)
