"""Where mail waits to be picked up: what is kept, who can open it, and that one link a mail and recipient opens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.decision import Action, Decision, Method, Reason
from domain.errors import VaultUnavailable
from domain.model import Address, Analysis, Category, PageText, Part, Place
from domain.outgoing import ProtectedMessage, Ticket
from domain.pickup import Ending
from domain.tags import Concern, Tags
from tests import build
from tests.build import ANN, CARER, OFFICER, RULES, SECRET
from tests.fakes import FakeClock
from tests.support.vaults import Owner
from vault.models import AuditEvent, PickupGrant
from vault.objects.local import LocalStore
from vault.pickup.copy import of_mail, unpack
from vault.pickup.room import PREFIX, NoPickups, PickupRoom, sweep
from vault.unlocked import MARGIN
from vault.unseal import CannotOpen, decrypt

pytestmark = pytest.mark.usefixtures("database")
SISTER = Address.of("sister@family.example")


@dataclass
class Spot:
    """A place with nothing in it yet."""

    store: LocalStore
    pages: Owner
    clock: FakeClock

    def keep(
        self, link: str = "a" * 64, to: tuple[Address, ...] = (CARER,), digest: str = "d" * 64, **more: Any
    ) -> None:
        decisions = tuple(decision(r) for r in to)
        until = self.clock.now() + timedelta(days=30)
        notices = [
            ProtectedMessage(OFFICER, r, Method.PICK_UP, (), b"", ticket=Ticket(f"{n}{link[1:]}", until))
            for n, r in enumerate(to)
        ]
        room = PickupRoom(self.store, self.pages.public, RULES)
        room.keep("R" * 26, digest, build.envelope(*to), facts(*to, **more), decisions, notices, self.clock.now())

    def files(self) -> list[str]:
        return [v.key for v in self.store.list(PREFIX)]

    def opened(self, grant: PickupGrant, owner: Owner | None = None):
        sealed = b"".join(self.store.get(grant.key, grant.version))
        return unpack(decrypt(sealed, [(owner or self.pages).identity], grant.key))


@pytest.fixture
def place(tmp_path: Path) -> Spot:
    clock = FakeClock()
    return Spot(LocalStore(tmp_path / "pickup", clock), Owner(tmp_path / "pages.key"), clock)


def decision(to: Address = CARER, rule: str = "carer-direct-care") -> Decision:
    reason = Reason(rule, Action.ENCRYPT, "why", "", ANN, Category.MEDICAL)
    return Decision(to, Action.ENCRYPT, (reason,), Method.PICK_UP)


def facts(*to: Address, **more: Any):
    parts = (
        Part("1.1", Place.BODY, "text/plain", "", b"Dear Cara"),
        Part("1.2", Place.BODY, "text/html", "", b"<p>Dear Cara</p>"),
        Part("2", Place.ATTACHMENT, "application/pdf", "plan.pdf", SECRET),
        Part("3", Place.ATTACHMENT, "application/zip", "", b"PK"),
    )
    texts = (
        PageText("1.1", Place.BODY, 1, "Dear Cara\n\nPlease read.\n"),
        PageText("1.2", Place.BODY, 1, "Dear Cara"),
        PageText("2", Place.ATTACHMENT, 1, "page one"),
        PageText("2", Place.ATTACHMENT, 2, "page two", pictured=True),
        PageText("3/inside.txt", Place.ATTACHMENT, 1, "packed"),
        PageText("30", Place.ATTACHMENT, 1, "of another part"),
    )
    analysis = Analysis(texts=texts, findings=(build.finding(),), true_types=(("2", "application/pdf"),))
    found = build.facts(*to, analysis=analysis, mail=build.message(parts=parts, subject="[secure] Ann's plan"))
    return replace(found, **more)


def test_text_and_documents_wait_byte_for_byte_and_the_pages_key_alone_opens_them(place: Spot, tmp_path: Path) -> None:
    place.keep()
    grant = PickupGrant.objects.get()
    waiting = place.opened(grant)
    assert (waiting.subject, waiting.sender, waiting.recipient) == ("Ann's plan", OFFICER.text, CARER.text)
    assert waiting.text == "Dear Cara\n\nPlease read."
    first, second = waiting.documents
    assert (first.name, first.kind, first.content, first.number) == ("plan.pdf", "application/pdf", SECRET, 1)
    assert [(w.page, w.text, w.pictured) for w in first.words] == [(1, "page one", False), (2, "page two", True)]
    assert (second.name, [w.text for w in second.words]) == ("document 2", ["packed"])
    with pytest.raises(CannotOpen):
        place.opened(grant, Owner(tmp_path / "another.key"))


def test_a_mail_of_html_alone_is_shown_as_the_words_read_in_it(place: Spot) -> None:
    parts = facts(CARER).message.parts[1:]
    place.keep(message=build.message(parts=parts))
    assert place.opened(PickupGrant.objects.get()).text == "Dear Cara"


def test_what_the_tags_of_a_mail_hold_is_not_among_its_words() -> None:
    told = facts(CARER)
    page = told.message.parts[1]
    texts = (PageText(page.path, page.place, 1, "Dear Cara"), PageText(page.path, page.place, 1, "DOCTYPE html"))
    told = replace(told, message=replace(told.message, parts=(page,)), analysis=replace(told.analysis, texts=texts))
    assert of_mail(build.envelope(CARER), CARER, told, "Hello").text == "Dear Cara"


def test_no_word_of_the_mail_is_in_the_row_the_key_or_the_file(place: Spot) -> None:
    place.keep()
    row = repr(PickupGrant.objects.values().get())
    (file,) = [p for p in place.store._root.rglob("*.age@*") if not p.name.endswith(".json")]
    for word in ("plan", "page one", SECRET.decode(), "Dear"):
        assert word not in row
        assert word.encode() not in file.read_bytes()


def test_the_grant_says_whom_it_is_about_and_until_when(place: Spot) -> None:
    place.keep()
    grant = PickupGrant.objects.get()
    assert grant.about == [[ANN, "medical"]]
    assert (grant.documents, grant.ended, grant.concern) == (2, "", "")
    assert grant.until == place.clock.now() + timedelta(days=30)
    (event,) = AuditEvent.objects.all()
    assert (event.action, event.details["grant"]) == ("pick-up granted", grant.id)


def test_an_urgent_release_keeps_its_concern(place: Spot) -> None:
    urgent = replace(decision(), reasons=(replace(decision().reasons[0], rule="urgent-release"),))
    notice = ProtectedMessage(OFFICER, CARER, Method.PICK_UP, (), b"", ticket=Ticket("a" * 64, place.clock.now()))
    room = PickupRoom(place.store, place.pages.public, RULES)
    told = facts(CARER, tags=Tags(urgent=Concern.RISK))
    room.keep("R", "d", build.envelope(), told, [urgent], [notice], place.clock.now())
    assert PickupGrant.objects.get().concern == Concern.RISK


def test_each_recipient_has_a_grant_and_a_copy_of_their_own(place: Spot) -> None:
    place.keep(to=(CARER, SISTER))
    assert len(place.files()) == 2
    assert {g.recipient for g in PickupGrant.objects.all()} == {CARER.key, SISTER.key}
    assert {place.opened(g).recipient for g in PickupGrant.objects.all()} == {CARER.text, SISTER.text}


def test_tried_again_the_new_link_opens_and_the_old_one_does_not(place: Spot) -> None:
    place.keep("a" * 64)
    place.clock.move(timedelta(minutes=1))
    place.keep("b" * 64)
    old, new = PickupGrant.objects.order_by("made_at", "id")
    assert (old.ended, new.ended) == (Ending.REPLACED, "")
    place.keep("c" * 64, digest="e" * 64)
    assert PickupGrant.objects.filter(ended="").count() == 2  # another mail is another matter


def test_the_database_itself_refuses_a_second_open_grant(place: Spot) -> None:
    from django.db import IntegrityError

    place.keep()
    twin = PickupGrant.objects.get()
    twin.id, twin.link_sha256 = "X" * 26, "f" * 64
    with pytest.raises(IntegrityError):
        twin.save(force_insert=True)


def test_a_store_that_is_down_or_lies_grants_nothing(place: Spot) -> None:
    class Down(LocalStore):
        def put(self, *words: Any, **more: Any) -> Any:
            raise VaultUnavailable("down")

    class Lying(LocalStore):
        def read_back(self, key: str, version: str) -> Any:
            return replace(super().read_back(key, version), sha256="0" * 64)

    for kind in (Down, Lying):
        place.store = kind(place.store._root.parent / kind.__name__, place.clock)
        with pytest.raises(VaultUnavailable):
            place.keep()
    assert not PickupGrant.objects.exists()


def test_where_no_place_is_set_up_no_notice_leaves() -> None:
    with pytest.raises(VaultUnavailable):
        NoPickups().keep("R", "d", build.envelope(), facts(CARER), [], [], build.NOW)


def test_the_copy_goes_when_its_time_is_over_and_not_before(place: Spot) -> None:
    place.keep()
    place.clock.move(timedelta(days=30) - timedelta(seconds=1))
    assert sweep(place.store, place.clock.now()) == 0
    place.clock.move(timedelta(seconds=1))
    assert sweep(place.store, place.clock.now()) == 1
    assert place.files() == []
    assert PickupGrant.objects.get().destroyed_at == place.clock.now()
    assert AuditEvent.objects.order_by("sequence").last().action == "pick-up copy destroyed"
    assert sweep(place.store, place.clock.now()) == 0


def test_the_copy_goes_when_it_was_revoked_and_stays_while_another_link_opens_it(place: Spot) -> None:
    place.keep()
    old = PickupGrant.objects.get()
    PickupGrant.objects.update(ended=Ending.REPLACED)
    anew = PickupGrant.objects.get()
    anew.id, anew.link_sha256, anew.ended = "X" * 26, "f" * 64, ""
    anew.save(force_insert=True)
    place.clock.move(2 * MARGIN)
    sweep(place.store, place.clock.now())
    assert place.files() == [old.key]
    PickupGrant.objects.update(ended=Ending.REVOKED)
    sweep(place.store, place.clock.now())
    assert place.files() == []


def test_what_a_crash_left_goes_after_the_margin_and_what_is_being_written_stays(place: Spot) -> None:
    place.keep()
    PickupGrant.objects.all().delete()
    assert sweep(place.store, place.clock.now()) == 0
    place.clock.move(2 * MARGIN)
    assert sweep(place.store, place.clock.now()) == 1
    assert place.files() == []
