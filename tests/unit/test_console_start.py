"""The start page: what waits for whom, what is late, and the week in a picture that the numbers agree with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domain.decision import Action
from domain.here import HERE
from tests.build import CARER, OFFICER, RULES
from tests.support.desk import Desk, laid
from tests.support.people import account, signed_in
from tests.support.vaults import House, Owner, decision, filing
from tests.unit.test_vault_held import Service
from vault import week
from vault.held.asking import ask
from vault.models import HeldMail, VaultRecord
from vault.objects.local import LocalStore
from web import clock
from web.accounts.roles import Role
from web.console.may import Who
from web.console.start import picture, tasks

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def place(tmp_path: Path) -> Service:
    house = House(tmp_path)
    return Service(house, Owner(tmp_path / "review.key"), LocalStore(tmp_path / "held", house.clock))


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    week._kept.clear()
    yield
    week._kept.clear()


def who(*roles: Role, email: str = "rita@council.example") -> Who:
    return Who(email, frozenset(roles))


def test_nothing_waits_for_somebody_without_work() -> None:
    page = signed_in(Role.INSPECTOR).get("/").content.decode()
    assert "Nothing waits for you." in page


def test_a_reviewer_sees_what_waits_and_what_is_late(place: Service) -> None:
    place.file(1)
    place.file(2)
    held = HeldMail.objects.order_by("pk")
    held.filter(pk=held[0].pk).update(held_at=clock.now() - timedelta(days=3))
    HeldMail.objects.exclude(pk=held[0].pk).update(held_at=clock.now() - timedelta(hours=2))
    (task,) = tasks.of(who(Role.REVIEWER), clock.now())
    assert (task.says, task.late) == ("2 mails, the oldest for 3 days", "1 for more than a day")
    assert tasks.of(who(Role.OPERATOR), clock.now())[0].text == "The gateway"
    ask(held[0], f"console:{OFFICER.text}", "she waits for it", clock.now())
    assert [t.text for t in tasks.of(who(Role.REVIEWER), clock.now())] == ["Held mail", "Asked for by their officers"]
    VaultRecord.objects.update(sender="rita@council.example")
    assert tasks.of(who(Role.REVIEWER), clock.now()) == [], "their own mail is somebody else's work"
    (own,) = tasks.of(who(Role.OFFICER), clock.now())
    assert (own.text, own.says) == ("Your mails that are held", "2 mails")


def test_a_release_waits_for_a_second_reviewer_and_not_for_the_first(place: Service) -> None:
    number = HeldMail.objects.get(record=place.file()).pk
    first = signed_in(Role.REVIEWER, email="anna@council.example", sudo=True)
    with laid(Desk(place.reader(), RULES.held, {})):
        sent = {"to": "a@b.example", "again": "a@b.example", "why": "x"}
        assert first.post(f"/held/{number}/redirect/", sent).status_code == 302
    assert tasks.of(who(Role.REVIEWER, email="anna@council.example"), clock.now()) == []
    (task,) = tasks.of(who(Role.REVIEWER), clock.now())
    assert task.text == "Releases that need you as the second reviewer"


def test_an_operator_sees_accounts_that_are_not_protected() -> None:
    from allauth.mfa.models import Authenticator

    account(Role.OFFICER)
    Authenticator.objects.all().delete()
    found = {t.text: t for t in tasks.of(who(Role.OPERATOR), clock.now())}
    assert found["Accounts that are not protected yet"].says == "1 account"
    assert "not received any mail" in found["The gateway"].says


def test_the_week_is_counted_by_day_and_by_what_was_decided(place: Service) -> None:
    now = clock.now()
    for number, action in enumerate((Action.ENCRYPT, Action.ENCRYPT, Action.RELAY)):
        mail = filing(raw=b"Subject: %d\r\n\r\nx\r\n" % number, decisions=(decision(action, CARER),))
        place.house.filer().file(mail, now - timedelta(days=2 * number))
    place.house.filer().file(filing(raw=b"Subject: old\r\n\r\nx\r\n", decisions=(decision(),)), now - timedelta(days=9))
    today = now.astimezone(HERE).date()
    days = week.days(today)
    assert [d.day for d in days] == [today - timedelta(days=n) for n in range(6, -1, -1)]
    assert days[6].counts == Counter({Action.ENCRYPT: 1})
    assert days[4].counts == Counter({Action.ENCRYPT: 1})
    assert days[2].counts == Counter({Action.RELAY: 1})
    assert sum(sum(d.counts.values()) for d in days) == 3
    with CaptureQueriesContext(connection) as asked:
        week.days(today)
    assert len(asked) <= 1, "what is over is counted once"
    page = signed_in(Role.OFFICER).get("/").content.decode()
    assert page.count('<rect class="sp-chart__encrypted" x=') == 2


def test_the_picture_is_to_scale() -> None:
    day = week.Day(date(2026, 11, 30), Counter({Action.RELAY: 30, Action.HOLD: 10}))
    drawn = picture.draw([day, week.Day(date(2026, 12, 1), Counter())])
    (plain, held), empty = drawn.bars[0].pieces, drawn.bars[1].pieces
    assert (plain.colour, held.colour, empty) == ("plain", "held", ())
    assert plain.y + plain.height == drawn.foot
    assert held.y + held.height == plain.y
    assert abs(plain.height - 3 * held.height) <= 3
    assert [value for _, value in drawn.lines] == [0, 25, 50]
    assert picture.draw([]).lines[-1][1] == 1


def test_why_mail_was_held_is_counted(place: Service) -> None:
    place.file(1)
    place.file(2)
    HeldMail.objects.update(held_at=clock.now())
    assert list(week.held_by_reason(clock.now() - timedelta(days=7)).values()) == [2]
    HeldMail.objects.update(held_at=clock.now() - timedelta(days=8))
    assert week.held_by_reason(clock.now() - timedelta(days=7)) == Counter()


def test_the_start_page_asks_few_questions(place: Service) -> None:
    client = signed_in(*Role)
    client.get("/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/").status_code == 200
    assert len(asked) <= 60, len(asked)


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/records/requests/", "Records"),
        ("/records/", "Records"),
        ("/register/reviews/", "Reviews due"),
        ("/register/keys/", "Register"),
        ("/", "Start"),
    ],
)
def test_the_menu_says_among_which_pages_one_is(path: str, entry: str) -> None:
    """Whatever the page's own name: its address begins as that of the entry does."""
    page = signed_in(Role.RECORDS).get(path).content.decode()
    assert re.findall(r'aria-current="[a-z]+"><strong[^>]*>([^<]+)<', page) == [entry]
