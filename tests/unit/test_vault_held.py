"""The waiting room: what is kept for reviewers, for how long, and who can open it; and what two reviewers may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.decision import Action
from domain.errors import SealBroken, VaultUnavailable
from domain.guard import Kind
from domain.model import Analysis, Category, PageText, Place
from domain.policy import Facts
from tests import build
from tests.build import CARER, OFFICER, RULES
from tests.fakes import FakeClock
from tests.support.vaults import House, Owner, decision, filing
from vault.held import lessons
from vault.held.copy import Found
from vault.held.opening import NoCopy, Reader
from vault.held.room import PREFIX, Room, sweep
from vault.held.settling import CannotSettle, Order, agree, disagree, end, ruling_of, settle
from vault.held.waiting import waiting
from vault.models import AuditEvent, HeldCopy, HeldMail, HeldState, SettlementKind, SettlementState
from vault.objects.local import LocalStore
from vault.unlocked import MARGIN
from vault.unseal import CannotOpen

pytestmark = pytest.mark.usefixtures("database")
HELD = decision(Action.HOLD)


@dataclass
class Service:
    """A service with a waiting room, and one held mail in it."""

    house: House
    reviewers: Owner
    store: LocalStore

    @property
    def clock(self) -> FakeClock:
        return self.house.clock

    def file(self, number: int = 1) -> str:
        raw = b"Subject: %d\r\n\r\nx\r\n" % number
        record = self.house.filer().file(filing(raw=raw, decisions=(HELD,)), self.clock.now()).record
        self.room().keep(record, build.envelope(CARER), facts(), (HELD,), self.clock.now())
        HeldMail.objects.create(record_id=record, recipient=CARER.key, decision=_dumped(), held_at=self.clock.now())
        return record

    def room(self, store: Any = None) -> Room:
        return Room(store or self.store, self.reviewers.public)

    def reader(self, owner: Owner | None = None) -> Reader:
        return Reader(self.store, [(owner or self.reviewers).identity])

    def files(self) -> list[str]:
        return [v.key for v in self.store.list(PREFIX)]


@pytest.fixture
def place(tmp_path: Path) -> Service:
    house = House(tmp_path)
    return Service(house, Owner(tmp_path / "review.key"), LocalStore(tmp_path / "held", house.clock))


def facts() -> Facts:
    page = PageText("2", Place.ATTACHMENT, 1, "Ann Lee has epilepsy")
    return build.facts(CARER, analysis=Analysis(texts=(page,), findings=(build.finding(),)))


def _dumped() -> dict[str, Any]:
    from vault.records import dump

    return dump(HELD)


def order(kind: SettlementKind = SettlementKind.RELEASE, by: str = "anna", **more: Any) -> Order:
    return Order(kind, by, "seen", **more)


def test_a_reviewer_opens_all_that_is_needed_and_a_master_does_not(place: Service) -> None:
    """The mail byte for byte, the words that were read, what was found and why it is held."""
    copy = place.reader().open(place.file())
    assert copy.raw == facts().message.raw
    assert [p.text for p in copy.texts] == ["Ann Lee has epilepsy"]
    assert copy.found[0].category == Category.MEDICAL
    assert copy.found[0].evidence[0].text == Category.MEDICAL.label
    assert (copy.envelope.sender, copy.envelope.recipients) == (OFFICER, (CARER,))
    assert copy.decisions[0].reasons[0].evidence[0].text
    for other in (place.house.records_service, place.house.service):
        with pytest.raises(CannotOpen):
            place.reader(other).open(copy.record)


def test_nothing_is_kept_of_a_mail_that_leaves(place: Service) -> None:
    place.room().keep("R", build.envelope(CARER), facts(), (decision(),), place.clock.now())
    assert place.files() == []


def test_a_store_that_is_down_or_lies_is_try_again(place: Service) -> None:
    """No copy, no hold: the mail is tried again rather than held where nobody could see it."""

    class Down(LocalStore):
        def put(self, *words: Any, **more: Any) -> Any:
            raise VaultUnavailable("down")

    class Lying(LocalStore):
        def read_back(self, key: str, version: str) -> Any:
            return replace(super().read_back(key, version), sha256="0" * 64)

    for kind in (Down, Lying):
        store = kind(place.house.folder / kind.__name__, place.clock)
        with pytest.raises(VaultUnavailable):
            place.room(store).keep("R", build.envelope(CARER), facts(), (HELD,), place.clock.now())
    assert not HeldCopy.objects.exists()


def test_it_stays_while_somebody_waits_and_goes_when_nobody_does(place: Service) -> None:
    record = place.file()
    place.clock.move(2 * MARGIN)
    assert sweep(place.store, place.clock.now()) == 0
    HeldMail.objects.update(state=HeldState.RELEASED)
    assert sweep(place.store, place.clock.now()) == 1
    assert place.files() == []
    assert sweep(place.store, place.clock.now()) == 0
    with pytest.raises(NoCopy):
        place.reader().open(record)


def test_of_two_copies_of_a_mail_the_newest_stays(place: Service) -> None:
    record = place.file()
    place.clock.move(2 * MARGIN)
    place.room().keep(record, build.envelope(CARER), facts(), (HELD,), place.clock.now())
    place.clock.move(2 * MARGIN)
    assert sweep(place.store, place.clock.now()) == 1
    assert place.reader().open(record).record == record


def test_what_a_crash_left_goes_after_the_margin_and_what_is_being_written_stays(place: Service) -> None:
    place.file()
    HeldMail.objects.all().delete()
    HeldCopy.objects.all().delete()
    assert sweep(place.store, place.clock.now() + MARGIN - timedelta(minutes=1)) == 0
    assert sweep(place.store, place.clock.now() + MARGIN + timedelta(minutes=1)) == 1
    place.store.put(f"{PREFIX}notes.txt", b"ours?", tags={}, metadata={}, locked_until=None)
    assert sweep(place.store, place.clock.now() + timedelta(days=400)) == 0


def test_a_copy_that_was_changed_is_not_opened(place: Service) -> None:
    record = place.file()
    HeldCopy.objects.update(sealed_sha256="0" * 64)
    with pytest.raises(SealBroken, match="another file"):
        place.reader().open(record)


def test_two_reviewers_at_once_settle_it_once(place: Service) -> None:
    place.file()
    held, now = HeldMail.objects.get(), place.clock.now()
    first = settle(held, order(about=frozenset({"p-ann"})), RULES.held, now)
    assert (first.state, ruling_of(first).about) == (SettlementState.ORDERED, {"p-ann"})
    with pytest.raises(CannotSettle) as late:
        settle(held, order(SettlementKind.RETURN, "bert", note="no"), RULES.held, now)
    assert "Somebody is settling" in late.value.public
    end(first, SettlementState.DONE, HeldState.RELEASED, "sent (250)", now)
    end(first, SettlementState.STOPPED, HeldState.HELD, "again", now)
    assert HeldMail.objects.get().state == HeldState.RELEASED
    assert waiting() == []
    with pytest.raises(CannotSettle, match="not held"):
        settle(held, order(), RULES.held, now)
    assert [e.action for e in AuditEvent.objects.filter(action__startswith="held").order_by("sequence")] == [
        "held: release ordered", "held: release done",
    ]  # fmt: skip


def test_another_address_and_an_unreadable_part_take_a_second_reviewer(place: Service) -> None:
    """Who proposed may take it back, and not agree; what somebody did not agree to waits again."""
    place.file()
    held, now = HeldMail.objects.get(), place.clock.now()
    proposed = settle(held, order(to="other@carers.example"), RULES.held, now)
    assert proposed.state == SettlementState.PROPOSED
    with pytest.raises(CannotSettle, match="the same reviewer"):
        agree(proposed, "anna", now)
    disagree(proposed, "bert", "not hers", now)
    with pytest.raises(CannotSettle, match="not proposed"):
        agree(proposed, "bert", now)
    again = settle(held, order(accepts=frozenset({"unreadable"})), RULES.held, now)
    agree(again, "bert", now)
    assert waiting()[0].settlement is not None
    assert waiting()[0].settlement.second == "bert"


def test_an_address_that_two_reviewers_agreed_to_is_no_slip(place: Service) -> None:
    """One typed it twice, the other agreed: the guard does not hold it again. Nothing else is accepted by that."""
    place.file()
    held = HeldMail.objects.get()
    order = Order(SettlementKind.RELEASE, "cli:ann", "the right one", to="other@carers.example")
    row = settle(held, order, RULES.held, place.clock.now())
    assert ruling_of(row).accepts == set(Kind)
    row.to = ""
    assert ruling_of(row).accepts == frozenset()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Order(SettlementKind.RELEASE, "anna", " "), "Say why"),
        (Order(SettlementKind.REJECT, "anna", "seen"), "Write a note"),
        (Order(SettlementKind.RELEASE, "anna", "seen", accepts=frozenset({"withdrawn"})), "withdrawn"),
        (Order(SettlementKind.RELEASE, "anna", "seen", accepts=frozenset({"no-usable-key"})), "no-usable-key"),
    ],
)
def test_what_cannot_be_ordered_is_said_and_changes_nothing(place: Service, wanted: Order, said: str) -> None:
    place.file()
    with pytest.raises(CannotSettle) as refused:
        settle(HeldMail.objects.get(), wanted, RULES.held, place.clock.now())
    assert said in refused.value.public
    assert waiting()[0].settlement is None


def test_who_comes_by_two_doors_is_no_second_reviewer(place: Service) -> None:
    """Robin of the command line and Robin of the console; and nobody can tell the others apart either."""
    place.file()
    proposed = settle(HeldMail.objects.get(), order(by="cli:robin", to="a@b.example"), RULES.held, place.clock.now())
    for second in ("cli:robin", "console:robin@council.example", "console:somebody@council.example"):
        with pytest.raises(CannotSettle):
            agree(proposed, second, place.clock.now())
    agree(proposed, "cli:ola", place.clock.now())


def test_only_what_stands_and_what_two_agreed_to_teaches(place: Service) -> None:
    """Proposed, stopped, sent back: nothing. Agreed: the ruling, both names, and that the copy is still there."""
    record = place.file()
    row = settle(
        HeldMail.objects.get(record=record), order(is_not=frozenset({Category.MEDICAL})), RULES.held, place.clock.now()
    )
    assert lessons.lessons() == []
    agree(row, "bea", place.clock.now())
    (lesson,) = lessons.lessons()
    assert (lesson.is_not, lesson.by) == ({Category.MEDICAL}, ("anna", "bea"))
    assert (lesson.waits, lesson.labelled) == (True, False)
    assert lessons.lessons(lesson.number + 1) == []
    HeldCopy.objects.update(destroyed_at=place.clock.now())
    assert not lessons.lessons(lesson.number)[0].waits


def test_a_document_teaches_and_its_name_does_not() -> None:
    """By part, with what it was also surely taken for; what was found below the policy's lower threshold is left."""
    pages = [
        PageText("1", Place.BODY, 1, "see attached"),
        PageText("2", Place.ATTACHMENT, 1, "one"),
        PageText("2", Place.ATTACHMENT, 2, "two"),
        PageText("2#name", Place.FILE_NAME, 1, "medical.txt"),
    ]
    medical, legal = Category.MEDICAL, Category.LEGAL
    found = [
        Found("2", medical, 0.9, ()), Found("2", legal, 0.6, ()), Found("2", Category.COMPLAINT, 0.4, ()),
        Found("2#name", medical, 0.4, ()), Found("1", medical, 0.2, ()),
    ]  # fmt: skip
    assert lessons.mistaken(found, pages, frozenset({medical})) == {"2": {legal}}
    assert lessons.mistaken(found, pages, frozenset({medical, legal})) == {"2": frozenset()}
    assert lessons.text_of(pages, "2") == "one\ftwo"
