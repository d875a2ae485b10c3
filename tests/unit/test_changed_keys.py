"""A key from outside that is not the known one: whoever looks after keys is told, not too often, and settles it."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client

from cli.jobs.seen_keys import tell_of_changed
from config.settings import Settings
from domain.decision import Method
from domain.errors import NextHopUnavailable
from domain.model import NULL_SENDER, Address
from domain.ports import StoredKey
from domain.seen_keys import KeySource, Standing
from gateway.another_key import AnotherKey, AnotherKeyMail
from gateway.letters import Letterhead
from gateway.protect.generate import make_openpgp_key
from gateway.protect.inspection import inspect
from register import models as m
from register import seeing
from register.acting import acting
from tests.support.house import free_port
from tests.support.people import signed_in
from tests.support.protect_specimens import NOW
from tests.support.sink import Sink
from vault.models import AuditEvent
from web import clock
from web.accounts.roles import Role
from web.console.outside import outside

pytestmark = pytest.mark.usefixtures("database")
GP, CARER = "gp@surgery.example", "carer@carers.example"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service is set up to send OpenPGP mail."""
    monkeypatch.setattr(outside(), "kinds", lambda: (Method.OPENPGP,))


def see(address: str, fingerprint: str, at: timedelta = MINUTE * 0) -> Standing:
    return seeing.see(address, StoredKey(Method.OPENPGP, fingerprint, b"key"), KeySource.AUTOCRYPT, NOW + at)


def settings(port: int) -> Settings:
    return Settings(
        next_hops=[{"domains": ["*"], "host": "127.0.0.1", "port": port}],
        keys={"alarm": ("keys@council.example", "it@council.example")},
        console={"url": "https://console.example"},
    )


def told(sink: Sink, at: timedelta) -> list[str]:
    """Subjects of one turn of the worker's job, of the mail to the first reader."""
    before = len(sink.received)
    tell_of_changed(settings(sink.port), NOW + at)
    got = sink.received[before:]
    assert [r.recipients for r in got] in ([], [("keys@council.example",), ("it@council.example",)])
    return [str(message_from_bytes(r.content, policy=default)["Subject"]) for r in got[:1]]


def test_whoever_looks_after_keys_is_told_of_another_key_once() -> None:
    """Not of a first one; what nobody took is told at the next turn."""
    with Sink() as sink:
        see(GP, "A1")
        assert told(sink, MINUTE) == []
        assert see(GP, "A2", MINUTE) is Standing.CHANGED
        with pytest.raises(NextHopUnavailable):
            tell_of_changed(settings(free_port()), NOW + MINUTE)
        assert told(sink, 2 * MINUTE) == [f"Another key came for {GP}"]
        assert told(sink, 2 * HOUR) == []
        assert told(sink, 2 * DAY) == []


def test_nobody_fills_the_mailbox_in_anothers_name() -> None:
    """Of one address once a day, however many keys; of several together, hourly at most; also when older ones went."""
    with Sink() as sink:
        for n in range(9):
            see(GP, f"A{n}", n * MINUTE)
        assert told(sink, 10 * MINUTE) == [f"Another key came for {GP}"]
        for n in range(9):
            see(GP, f"B{n}", (11 + n) * MINUTE)
            see(CARER, f"C{n}", (11 + n) * MINUTE)
        assert told(sink, 20 * MINUTE) == [], "within the hour"
        assert told(sink, 71 * MINUTE) == [f"Another key came for {CARER}"]
        see(GP, "D1", 2 * HOUR)
        assert told(sink, 5 * HOUR) == [], "within the day"
        assert told(sink, 26 * HOUR) == [f"Another key came for {GP}"], "nothing new came for the other"
        assert told(sink, 99 * HOUR) == []


def test_the_mail_says_whom_to_ring_and_shows_no_fingerprint() -> None:
    """From the null sender, automatic; in both forms; with where to settle it."""
    mail = AnotherKeyMail(Letterhead("Shared Lives", "sl@council.example"), "gw", "https://console.example")
    keys = [AnotherKey(GP, "OpenPGP", source, NOW) for source in KeySource]
    notice = mail.compose(Address.of("keys@council.example"), keys, NOW)
    parsed = message_from_bytes(notice.content, policy=default)
    text = parsed.get_body(("plain",)).get_content()
    assert (notice.sender, parsed["Auto-Submitted"]) == (NULL_SENDER, "auto-generated")
    assert parsed["Subject"] == f"Another key came for {GP}"
    assert "Ring them on a number that you knew before" in text
    assert "Recipients\u2019 keys: https://console.example" in text
    assert text.count(GP) == 3
    assert "in a line of a mail that anybody can write" in text
    bare = AnotherKeyMail(Letterhead("S", "sl@council.example"), "gw").compose(Address.of("k@c.example"), keys, NOW)
    assert (
        "sallyport keys accept" in message_from_bytes(bare.content, policy=default).get_body(("plain",)).get_content()
    )


@pytest.fixture
def came() -> m.SeenKey:
    """A real key of the surgery's, beside another that was recorded before."""
    found = inspect(make_openpgp_key("GP", GP, clock.now(), DAY * 90)[1])[0].stored
    with acting("tests"):
        m.RecipientKey.objects.create(address=GP, method=found.method.value, fingerprint="OLD", data=b"old")
    seeing.see(GP, StoredKey(found.method, found.fingerprint, found.data, GP), KeySource.OPENPGP, clock.now())
    return m.SeenKey.objects.get()


def client(*roles: Role, sudo: bool = True) -> Client:
    made = signed_in(*roles, sudo=sudo)
    made.raise_request_exception = True
    return made


def accepting(row: m.SeenKey) -> str:
    return f"/register/keys/seen/{row.pk}/accept/"


@pytest.mark.parametrize("role", [Role.RECORDS, Role.OPERATOR])
def test_a_key_that_came_is_accepted_on_the_page_and_stands_beside_the_old_one(came: m.SeenKey, role: Role) -> None:
    """Listed for them unasked; the reason is kept with their name, in the register's history and in the trail."""
    who = client(role)
    listed = who.get("/register/keys/").content.decode()
    assert GP in listed
    assert accepting(came) in listed
    page = who.get(accepting(came)).content.decode()
    assert "another key than the one that was known" in page
    assert "number that you knew before" in page
    groups = [came.fingerprint[at : at + 4] for at in range(0, 40, 4)]
    for line in (groups[:4], groups[4:8], groups[8:]):
        assert f"<li>{' '.join(line)}</li>" in page
    assert "Thunderbird" in page
    assert "The key that was known before" in page
    assert "<li>OLD</li>" in page
    assert who.post(accepting(came), {"why": ""}).status_code == 422
    assert m.RecipientKey.objects.count() == 1
    done = who.post(accepting(came), {"why": "rang the surgery"}, follow=True).content.decode()
    assert "is encrypted to it from now on" in done
    assert set(m.RecipientKey.objects.values_list("fingerprint", flat=True)) == {"OLD", came.fingerprint}
    assert m.SeenKey.objects.count() == 0
    kept = m.RecipientKey.history.filter(fingerprint=came.fingerprint).get()
    assert kept.history_change_reason == "rang the surgery"
    assert str(kept.history_user_id).startswith("console:")
    (event,) = AuditEvent.objects.filter(action="recipient key added")
    assert event.details["fingerprint"] == came.fingerprint
    assert who.post(accepting(came), {"why": "again"}).status_code == 404


@pytest.mark.parametrize(("role", "back"), [(Role.RECORDS, "/register/"), (Role.OPERATOR, "/")])
def test_who_settles_keys_finds_them_from_the_start_and_goes_back(came: m.SeenKey, role: Role, back: str) -> None:
    """An operator sees no register: no link leads them there."""
    m.SeenKey.objects.update(changed=True)
    who = client(role)
    start = who.get("/").content.decode()
    assert "Keys that came by mail" in start
    assert "1 not as known before" in start
    assert 'href="/register/keys/"' in start
    listed = who.get("/register/keys/").content.decode()
    assert f'<a href="{back}" class="govuk-back-link">' in listed
    assert ('href="/register/"' in listed) is (role is Role.RECORDS)


def test_a_key_that_came_is_dismissed_on_the_page(came: m.SeenKey) -> None:
    """With a reason; nothing was recorded."""
    path = f"/register/keys/seen/{came.pk}/dismiss/"
    who = client(Role.RECORDS)
    assert who.post(path, {}).status_code == 422
    assert "Dismissed" in who.post(path, {"why": "they have no new key"}, follow=True).content.decode()
    assert (m.SeenKey.objects.count(), m.RecipientKey.objects.count()) == (0, 1)
    (event,) = AuditEvent.objects.filter(action="seen key dismissed")
    assert event.details["why"] == "they have no new key"


@pytest.mark.parametrize("role", [Role.OFFICER, Role.REVIEWER, Role.BREACH])
def test_nobody_else_settles_keys_or_sees_whose_came(came: m.SeenKey, role: Role) -> None:
    """Whom an impostor would persuade is not whom they ask for."""
    who = client(role)
    assert who.get(accepting(came)).status_code == 403
    assert who.post(accepting(came), {"why": "please"}).status_code == 403
    assert who.post(f"/register/keys/seen/{came.pk}/dismiss/", {"why": "please"}).status_code == 403
    if role is not Role.BREACH:
        assert GP not in who.get("/register/keys/").content.decode()
    assert m.SeenKey.objects.count() == 1


def test_it_takes_showing_once_more_who_one_is(came: m.SeenKey) -> None:
    """As what is dangerous does."""
    who = client(Role.RECORDS, sudo=False)
    answer = who.post(accepting(came), {"why": "rang them"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/code/again/")
    assert m.RecipientKey.objects.count() == 1


def test_a_key_that_cannot_be_used_is_not_accepted(came: m.SeenKey) -> None:
    """The gate of every use, at this moment: rubbish, and a key that names somebody else."""
    other = inspect(make_openpgp_key("GP", "else@surgery.example", clock.now(), DAY * 90)[1])[0].stored
    who = client(Role.RECORDS)
    for data, reason in ((b"rubbish", "cannot be read as an OpenPGP key"), (other.data, "made out to another address")):
        m.SeenKey.objects.filter(pk=came.pk).update(data=data)
        answer = who.post(accepting(came), {"why": "rang them"})
        assert answer.status_code == 422
        assert reason in answer.content.decode()
    assert (m.SeenKey.objects.count(), m.RecipientKey.objects.count()) == (1, 1)
