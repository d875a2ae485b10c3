"""Disposal over real rows and files: proposed, approved by two, carried out, proven, certified."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from domain.disposal import Obstacle
from domain.errors import VaultUnavailable
from tests.build import ANN, BEN, CARER
from tests.fakes import NOW
from tests.support.disposals import ANNA, BERT, CARL, DECADES, LASTS, Office
from tests.support.vaults import House, filing
from vault.disposal import approving, verifying
from vault.holds.setting import NewHold, NotAllowed, set_hold
from vault.models import (
    AccessRequest,
    AddressWarning,
    AuditEvent,
    DecidedFacts,
    DisposalApproval,
    DisposalCertificate,
    DisposalLine,
    HeldCopy,
    HeldMail,
    HeldState,
    JournalEntry,
    PickupGrant,
    RetentionMark,
    SealingKey,
    Settlement,
    TargetKind,
    VaultObject,
    VaultRecord,
)
from vault.objects.local import LocalStore

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(House(tmp_path))


def later(office: Office, by: timedelta = DECADES) -> None:
    office.house.clock.move(by)


def hold(office: Office, **targets: str) -> str:
    now = office.house.clock.now()
    wanted = {TargetKind(kind): [value] for kind, value in targets.items()}
    return set_hold(NewHold("the court asks", "C-1", (now + LASTS).date(), wanted), ANNA, now).hold


def listed(office: Office) -> list[str]:
    return [v.key for v in office.house.store.versions("v1/")]


def actions(record: str) -> list[str]:
    return list(AuditEvent.objects.filter(record=record).order_by("sequence").values_list("action", flat=True))


def test_a_record_goes_whole_and_leaves_a_stub(office: Office) -> None:
    """No version is listed, the row says when and what class, and nobody's address is in it any more."""
    record = office.file()
    later(office)
    office.dispose()
    row = VaultRecord.objects.get(id=record)
    assert listed(office) == []
    assert (row.state, row.sender, row.digest, row.plan, row.decisions) == ("disposed", "", "", "", [])
    assert (row.classes, [s.person for s in row.subjects.all()]) == (["medical"], [ANN])
    assert not VaultObject.objects.exists()
    approved = ["disposal proposed", "disposal approved", "disposal approved"]
    assert actions(record) == ["filed", *approved, "disposal begun", "copies removed", "disposed"]


def test_nothing_is_proposed_before_its_time(office: Office) -> None:
    """Medical information is kept 20 years."""
    office.file()
    later(office, timedelta(days=365 * 19))
    assert office.propose() == ""
    assert not DisposalLine.objects.exists()


def test_what_is_proposed_is_not_proposed_again(office: Office) -> None:
    office.file()
    later(office)
    assert office.propose()
    assert office.propose() == ""


@pytest.mark.parametrize("approvers", [(), (BERT,)])
def test_two_people_are_needed(office: Office, approvers: tuple[str, ...]) -> None:
    """One is not enough, and the line says so."""
    record = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, *approvers)
    assert office.execute(batch).kept == {record: Obstacle.TOO_FEW}
    assert len(listed(office)) == 3


@pytest.mark.parametrize(
    ("proposer", "first", "second", "obstacle"),
    [
        (BERT, BERT, CARL, Obstacle.OWN_PROPOSAL),
        (ANNA, BERT, BERT, Obstacle.APPROVED_BEFORE),
        (ANNA, BERT, "worker:one", Obstacle.NOT_A_PERSON),
    ],
)
def test_who_may_not_approve(office: Office, proposer: str, first: str, second: str, obstacle: Obstacle) -> None:
    """Not who proposed it, not the same person twice, not a program."""
    office.file()
    later(office)
    batch = office.propose(proposer)
    with pytest.raises(NotAllowed) as refused:
        office.approve(batch, first, second)
    assert obstacle in refused.value.public
    assert DisposalApproval.objects.count() < 2


def test_who_approves_says_what_they_saw(office: Office) -> None:
    """A hold set between the look and the approval makes it another proposal."""
    record = office.file()
    later(office)
    batch, now = office.propose(), office.house.clock.now()
    seen = approving.look(batch, office.viewer, now).code
    hold(office, record=record)
    with pytest.raises(NotAllowed) as refused:
        approving.approve(batch, seen, office.viewer, BERT, now, LASTS)
    assert Obstacle.OTHER_THAN_SEEN in refused.value.public


def test_approvals_run_out(office: Office) -> None:
    """And can be given again."""
    record = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    later(office, LASTS)
    assert office.execute(batch).kept == {record: Obstacle.EXPIRED}
    office.approve(batch, CARL, BERT)
    assert office.execute(batch).disposed == [record]


def test_a_hold_that_came_and_went_makes_approvals_void(office: Office) -> None:
    """What was approved did not know of it."""
    from vault.holds.setting import ask_to_lift, lift

    record = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    ident, now = hold(office, person=ANN), office.house.clock.now()
    ask_to_lift(ident, "settled", BERT, now)
    lift(ident, CARL, now)
    assert office.execute(batch).kept == {record: Obstacle.CHANGED}
    assert set(DisposalApproval.objects.values_list("void", flat=True)) == {Obstacle.CHANGED}
    assert len(listed(office)) == 3


def test_a_record_that_is_kept_longer_leaves_the_proposal(office: Office) -> None:
    """An event moved its clock: the line is closed by itself, and proposed anew when its time comes."""
    record = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    office.placed(ANN)
    assert Obstacle.NOT_DUE in office.execute(batch).kept[record]
    assert office.propose() == ""
    assert DisposalLine.objects.get().state == "refused"
    office.left(ANN, NOW.date())
    assert office.propose() == ""
    later(office, timedelta(days=30))
    assert office.propose() not in {"", batch}


def test_refused_with_a_reason_until_a_day(office: Office) -> None:
    """Nobody needs a second person to keep something; it comes up again afterwards."""
    record = office.file()
    later(office)
    batch, now = office.propose(), office.house.clock.now()
    day = (now + timedelta(days=10)).date()
    with pytest.raises(NotAllowed):
        approving.refuse(batch, record, " ", day, BERT, now)
    with pytest.raises(NotAllowed):
        approving.refuse(batch, record, "an inquiry", now.date(), BERT, now)
    approving.refuse(batch, record, "an inquiry", day, BERT, now)
    assert office.execute(batch).kept == {}
    assert office.propose() == ""
    later(office, timedelta(days=11))
    assert office.propose()


def test_a_mail_that_waits_for_a_decision_is_not_proposed(office: Office) -> None:
    record = office.file()
    held = HeldMail.objects.create(
        record_id=record, recipient=CARER.key, decision={}, held_at=office.house.clock.now()
    )  # fmt: skip
    later(office)
    assert office.propose() == ""
    HeldMail.objects.filter(pk=held.pk).update(state=HeldState.REFUSED)
    assert office.propose()


def test_what_was_asked_for_waits_for_the_answer(office: Office) -> None:
    """A subject access request is open: neither proposed nor begun, nor the key of whoever asks; then it goes."""
    record = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    today = office.house.clock.now()
    asked = {"person": ANN, "received": today.date(), "opened_at": today, "opened_by": ANNA}
    request = AccessRequest.objects.create(**asked)
    assert office.execute(batch).kept == {record: Obstacle.ASKED_FOR}
    AccessRequest.objects.update(finished_on=today.date(), outcome="answered")
    assert office.execute(batch).disposed == [record]
    AccessRequest.objects.create(**asked)
    assert office.propose() == ""
    AccessRequest.objects.exclude(pk=request.pk).update(finished_on=today.date(), outcome="answered")
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    assert "retired" in office.execute(batch).kept[f"{ANN}/1"]
    AccessRequest.objects.create(**asked)
    later(office, timedelta(days=1))
    assert office.execute(batch).kept[f"{ANN}/1"] == Obstacle.ASKED_FOR
    assert bytes(SealingKey.objects.get(person=ANN).sealed_secret)


def test_what_other_tables_know_of_it_is_forgotten(office: Office) -> None:
    """Addresses in held mails, the journal and the facts of decisions; what is about others stays."""
    record, other = office.file(1), office.file(2, [BEN])
    now = office.house.clock.now()
    for ident in (record, other):
        held = HeldMail.objects.create(record_id=ident, recipient=CARER.key, decision={}, state="refused", held_at=now)
        Settlement.objects.create(held=held, kind="return", state="done", why="typed", by=ANNA, at=now)
        HeldCopy.objects.create(record_id=ident, key=f"held/{ident}", version="1", kept_at=now)
        PickupGrant.objects.create(id=ident, record=ident, link_sha256=ident, digest=ident, made_at=now, until=now)
        DecidedFacts.objects.create(record=ident, at=now, facts="{}")
        JournalEntry.objects.create(
            digest=ident, sender="a", recipient=CARER.key, state="done", record=ident, changed_at=now
        )
        AddressWarning.objects.create(record=ident, sender="a", recipient=CARER.key, why="new", at=now)
        RetentionMark.objects.create(
            record_id=ident, record_class="medical", at=now, actor=ANNA, why="typed by somebody"
        )
    later(office)
    office.placed(BEN)
    office.dispose()
    for model in (HeldMail, PickupGrant, DecidedFacts, JournalEntry, AddressWarning, RetentionMark):
        assert [str(r) for r in model.objects.values_list("record", flat=True)] == [other]
    assert [s.held.record_id for s in Settlement.objects.all()] == [other]
    assert [c.record_id for c in HeldCopy.objects.all()] == [other]
    (line,) = json.loads(DisposalCertificate.objects.get().content)["records"]
    known = (
        "reviewers' rulings",
        "warnings about addresses",
        "copies for reviewers",
        "held mails",
        "pick-ups",
        "journal entries",
        "facts of decisions",
        "index rows",
        "retention marks",
    )
    assert line["forgotten"] == dict.fromkeys(known, 1) | {"officers' requests": 0}


def test_a_store_that_keeps_an_object_leaves_the_line_open_and_the_rest_goes_on(office: Office) -> None:
    """Its lock runs longer than the rows know."""
    kept, gone = office.file(1), office.file(2)
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    key = VaultObject.objects.filter(record=kept)[1]
    office.house.store.extend_lock(key.key, key.version, office.house.clock.now() + LASTS / 2)
    done = office.execute(batch)
    assert (done.disposed, done.kept) == ([gone], {kept: Obstacle.LOCKED})
    assert len(listed(office)) == 3
    later(office, LASTS / 2)
    assert office.execute(batch).disposed == [kept]


def test_every_version_goes(office: Office) -> None:
    """Also what somebody wrote over an object, and what a broken write left."""
    office.file()
    row = VaultObject.objects.first()
    assert row
    office.house.store.put(row.key, b"another", tags={}, metadata={}, locked_until=None)
    later(office)
    office.dispose()
    assert listed(office) == []
    (line,) = json.loads(DisposalCertificate.objects.get().content)["records"]
    assert len(line["removed"]) == 4


def test_in_another_bucket_nothing_is_said_to_be_gone(office: Office, tmp_path: Path) -> None:
    """The settings name another one, where nothing of it lies: an empty listing would prove the wrong thing."""
    record = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    right, office.house.store = office.house.store, LocalStore(tmp_path / "wrong", office.house.clock)
    assert office.execute(batch).kept == {record: Obstacle.NOT_THERE}
    office.house.store = right
    assert office.execute(batch).disposed == [record]


def test_a_run_that_is_taken_up_over_another_bucket_ends(office: Office, tmp_path: Path) -> None:
    """Begun over the right one: what is not listed there need not have gone. Nothing is guessed."""
    first, second = office.file(1), office.file(2)
    later(office)
    batch = office.propose()
    later_on = (office.house.clock.now() + LASTS).date()
    approving.refuse(batch, second, "an inquiry", later_on, BERT, office.house.clock.now())
    office.approve(batch, BERT, CARL)
    office.records()._begin(DisposalLine.objects.get(record=first))
    right, office.house.store = office.house.store, LocalStore(tmp_path / "wrong", office.house.clock)
    with pytest.raises(VaultUnavailable):
        office.execute(batch)
    office.house.store = right
    assert len(listed(office)) == 6
    assert office.execute(batch).disposed == [first]


def test_the_same_mail_is_filed_anew_after_its_record_went(office: Office) -> None:
    """A stub is no receipt."""
    first = office.file()
    later(office)
    office.dispose()
    second = office.file()
    assert second != first
    assert len(listed(office)) == 3


def test_the_same_mail_is_filed_anew_while_its_record_goes(office: Office) -> None:
    """And if the destruction then stops, the old record stays beside the new one."""
    first = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    runner = office.records()
    line = runner._begin(DisposalLine.objects.get())
    second = office.file()
    hold(office, record=first)
    assert runner._erase(line).state == "open"
    assert second != first
    assert VaultRecord.objects.filter(state="filed").count() == 2
    assert len(listed(office)) == 6


def test_a_hold_stops_what_has_begun(office: Office) -> None:
    """Set between the intent and the first deletion; it says that it may come too late, and then nothing goes."""
    record = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    runner, now = office.records(), office.house.clock.now()
    line = runner._begin(DisposalLine.objects.get())
    new = NewHold("the court asks", "C-1", (now + LASTS).date(), {TargetKind.PERSON: [ANN]})
    assert set_hold(new, ANNA, now).too_late == (record,)
    stopped = runner._erase(line)
    assert stopped.problem == "a legal hold is on it; 3 of 3 copies are left"
    assert VaultRecord.objects.get().state == "filed"
    assert len(listed(office)) == 3


def test_the_certificate_is_filed_locked_and_true(office: Office) -> None:
    """It names people by references alone, and verifies against store, rows and audit trail."""
    office.file(people=[ANN, BEN])
    later(office)
    office.dispose()
    row, now = DisposalCertificate.objects.get(), office.house.clock.now()
    filed = b"".join(office.house.store.get(row.key, row.version)).decode()
    assert filed == row.content
    (line,) = json.loads(filed)["records"]
    assert [a["by"] for a in line["approved"]] == [BERT, CARL]
    assert (line["people"], line["listing"]["left"], line["rule"]["years"]) == ([ANN, BEN], 0, 20)
    assert "council.example" not in filed
    page = b"".join(office.house.store.get(row.key.replace(".json", ".html"))).decode()
    assert line["objects"][0]["sha256"] in page
    found = list(verifying.verify(row.id, office.house.store, office.house.escrow_store, now))
    assert len(found) == 7
    assert [f.text for f in found if not f.ok] == []


def test_a_certificate_that_is_not_true_is_found_out(office: Office) -> None:
    """Something of the record has come back, the filed copy is another, an approval is missing."""
    office.file()
    later(office)
    office.dispose()
    row, now = DisposalCertificate.objects.get(), office.house.clock.now()
    (line,) = json.loads(row.content)["records"]
    office.house.store.put(line["objects"][0]["key"], b"x", tags={}, metadata={}, locked_until=None)
    path = office.house.folder / "objects" / f"{row.key}@{row.version}"
    path.write_bytes(path.read_bytes().replace(b"cli:bert", b"cli:dora"))
    DisposalCertificate.objects.update(content=row.content.replace("cli:bert", "cli:dora"))
    found = verifying.verify(row.id, office.house.store, office.house.escrow_store, now)
    bad = " ".join(f.text for f in found if not f.ok)
    assert "the filed certificate is the one" in bad
    assert "lists nothing" in bad
    assert "two people approved" in bad


def test_a_key_goes_when_nothing_is_left_for_it(office: Office) -> None:
    """Retired, then a day later emptied, out of escrow in every version, and out of the database's file."""
    office.file()
    secret = bytes(SealingKey.objects.get(person=ANN).sealed_secret)
    later(office)
    office.dispose()
    batch = office.propose()
    assert [line.facts["person"] for line in DisposalLine.objects.filter(batch=batch)] == [ANN]
    office.approve(batch, BERT, CARL)
    assert "retired" in office.execute(batch).kept[f"{ANN}/1"]
    later(office, timedelta(days=1))
    assert office.execute(batch).disposed == [f"{ANN}/1"]
    key = SealingKey.objects.get(person=ANN)
    assert (bytes(key.sealed_secret), key.destroyed_at) == (b"", office.house.clock.now())
    (mark,) = office.house.escrow_store.versions(f"keys/{ANN}/")
    assert mark.key.endswith(".destroyed")
    assert list(office.house.escrow_store.versions(f"keys/{BEN}/"))
    from django.db import connection

    if connection.vendor == "sqlite":
        name = Path(connection.settings_dict["NAME"])
        for path in (name, name.with_name(name.name + "-wal")):
            assert secret[-200:] not in path.read_bytes()
    certificate, now = DisposalCertificate.objects.get(batch=batch).id, office.house.clock.now()
    found = verifying.verify(certificate, office.house.store, office.house.escrow_store, now)
    assert [f.text for f in found if not f.ok] == []


def test_a_key_goes_alone_and_only_where_its_copies_are(office: Office, tmp_path: Path) -> None:
    """Not out of another escrow, at either step; and not with another key of that number, whose row was lost."""
    office.file()
    other = f"keys/{ANN}/1-0123456789abcdef.age"
    office.house.escrow_store.put(other, b"sealed", tags={}, metadata={}, locked_until=None)
    later(office)
    office.dispose()
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    right, wrong = office.house.escrow_store, LocalStore(tmp_path / "wrong", office.house.clock)
    for by in (timedelta(0), timedelta(days=1)):
        later(office, by)
        office.house.escrow_store = wrong
        assert office.execute(batch).kept == {f"{ANN}/1": Obstacle.NOT_THERE}
        assert bytes(SealingKey.objects.get(person=ANN).sealed_secret)
        office.house.escrow_store = right
        office.execute(batch)
    assert bytes(SealingKey.objects.get(person=ANN).sealed_secret) == b""
    assert other in {v.key for v in right.versions(f"keys/{ANN}/")}


def test_a_key_stays_while_anything_is_kept_that_was_sealed_to_it(office: Office) -> None:
    """A record about two people is kept for the longer of them, and so are both their keys."""
    office.file(1)
    office.file(2, [ANN, BEN])
    later(office)
    office.placed(BEN)
    office.dispose()
    assert VaultRecord.objects.filter(state="disposed").count() == 1
    assert office.propose() == ""


def test_a_key_that_was_used_while_it_was_retired_is_kept(office: Office) -> None:
    """A filing that had begun before: the key comes back into use, and the approvals are void."""
    office.file(1)
    later(office)
    office.dispose()
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    filer = office.house.filer()
    office.execute(batch)
    assert SealingKey.objects.get(person=ANN, generation=1).retired_at
    filer.file(filing(raw=b"Subject: late\r\n\r\nx\r\n"), office.house.clock.now())
    later(office, timedelta(days=1))
    assert office.execute(batch).kept[f"{ANN}/1"] == Obstacle.NOT_DUE
    assert SealingKey.objects.get(person=ANN, generation=1).retired_at is None
    assert not DisposalApproval.objects.filter(line__key__isnull=False, void="").exists()


def test_a_hold_on_a_person_keeps_their_key(office: Office) -> None:
    office.file(1)
    later(office)
    office.dispose()
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    office.execute(batch)
    hold(office, person=ANN)
    later(office, timedelta(days=1))
    assert office.execute(batch).kept[f"{ANN}/1"] == Obstacle.HELD
    assert bytes(SealingKey.objects.get(person=ANN).sealed_secret)


def test_a_key_of_somebody_without_records_is_never_proposed(office: Office) -> None:
    """Somebody who has just come into the register."""
    office.house.filer()
    later(office)
    assert office.propose() == ""


def test_a_store_that_does_not_answer_ends_the_run_and_the_next_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first deletion."""
    record = office.file()
    later(office)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    real, calls = office.house.store.delete, []

    def once(key: str, version: str) -> None:
        calls.append(key)
        if len(calls) > 1:
            raise VaultUnavailable("time-out")
        real(key, version)

    monkeypatch.setattr(office.house.store, "delete", once)
    with pytest.raises(VaultUnavailable):
        office.execute(batch)
    monkeypatch.undo()
    assert office.execute(batch).disposed == [record]
    (line,) = json.loads(DisposalCertificate.objects.get().content)["records"]
    assert len(line["removed"]) == 3
