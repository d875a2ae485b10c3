"""The change feed, and webhooks over real HTTP: signed, in order, tried again, given up, never without TLS."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from structlog.testing import capture_logs

from config.django import SETTINGS
from domain.errors import ConfigurationError
from register import models as m
from register.acting import acting
from tests.support.api import HOME, PERSON, Caller, one_of_each
from web import clock
from web.api import feed, tokens
from web.api.hooks import sweeping
from web.api.hooks.address import look_up, may_be_told
from web.api.hooks.kept import key_in, open_secret
from web.api.hooks.sending import HttpPost
from web.api.hooks.sweeping import GIVE_UP, LEASE, given_up, pause, sweep
from web.api.models import Webhook

pytestmark = pytest.mark.usefixtures("database")
HERE = (ip_network("127.0.0.0/8"),)
POST = HttpPost(None, HERE)


@pytest.fixture
def call(database, monkeypatch) -> Caller:
    """Where the operator lets this machine be told."""
    chosen = SETTINGS.web.model_copy(update={"webhook_networks": HERE})
    monkeypatch.setattr("config.django.SETTINGS", SETTINGS.model_copy(update={"web": chosen}))
    return Caller()


class Receiver:
    """A program that is told. It answers ``status``, and keeps what it was sent."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/told?x=1"
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def numbers(self) -> list[int]:
        return [json.loads(body)["number"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(known.status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    known = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


def hooked(call: Caller, receiver: Receiver, *kinds: str) -> dict[str, Any]:
    return call.made("/webhooks", {"url": receiver.url, "kinds": list(kinds)})


def test_the_feed_has_every_change_in_order(call):
    """Numbers, kinds and times; a name is found inside its person; nobody is named."""
    one_of_each(call)
    seen, after = [], 0
    while page := call("GET", f"/changes?after={after}&limit=3").json():
        if not page["items"]:
            break
        seen += page["items"]
        after = page["next"]
    assert [c["number"] for c in seen] == list(m.Change.objects.values_list("number", flat=True))
    assert {c["kind"]: c["resource"] for c in seen} == {
        "person": "/api/people/1", "personname": "/api/people/1", "household": "/api/households/1",
        "party": "/api/parties/1", "organisation": "/api/organisations/1", "permission": "/api/permissions/1",
        "grant": "/api/permissions/1",
    }  # fmt: skip
    assert {n for c in seen for n in c} == {"number", "kind", "key", "what", "at", "resource"}
    assert call.name not in json.dumps(seen)
    assert call("GET", f"/changes?after={after}").json() == {"items": [], "next": after}


def test_a_name_that_is_gone_is_still_found_inside_its_person(call):
    made = call.made("/people", PERSON)
    names = [{"name": "Ann Lee", "main": True}]
    call("PATCH", f"/people/{made['id']}", {"names": names}, if_match=made["etag"])
    last = call("GET", "/changes").json()["items"][-1]
    assert (last["kind"], last["what"], last["resource"]) == ("personname", "deleted", f"/api/people/{made['id']}")


def test_the_feed_waits_for_a_change(call):
    """A request that waits is answered as soon as there is one."""
    timer = threading.Timer(0.2, lambda: m.Household(code="H-9").save())
    timer.start()
    found = call("GET", "/changes?wait=20").json()["items"]
    timer.join()
    assert [c["kind"] for c in found] == ["household"]


def test_those_who_wait_do_not_hold_all_threads(call, monkeypatch):
    """A third one is answered at once, without a change."""
    waiting = threading.BoundedSemaphore(1)
    waiting.acquire()
    monkeypatch.setattr(feed, "_WAITING", waiting)
    monkeypatch.setattr(feed, "_wait", lambda _: pytest.fail("it waited"))
    assert call("GET", "/changes?wait=20").json() == {"items": [], "next": 0}


def test_a_receiver_can_check_the_signature(call, receiver):
    """By a few lines that know Standard Webhooks and nothing of us."""
    secret = hooked(call, receiver)["secret"]
    call.made("/people", PERSON)
    assert sweep(POST, clock.now()) == 3
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert len(key) == 32
    assert set(json.loads(body)) == {"number", "kind", "key", "what", "at", "resource"}
    assert b"Ann" not in b"".join(b for _, b in receiver.got)


def test_the_database_holds_no_secret_that_signs(call, receiver):
    """A copy of it alone forges nothing: the key is in a file that only its owner reads."""
    secret = hooked(call, receiver)["secret"]
    kept = Webhook.objects.get().secret
    assert secret.removeprefix("whsec_") not in kept
    assert "whsec_" not in kept
    assert open_secret(kept) == secret
    assert (SETTINGS.at_home(SETTINGS.web.webhook_key).stat().st_mode & 0o777) == 0o600


def test_with_another_key_nothing_is_sent_until_the_right_one_is_back(call, receiver, monkeypatch, tmp_path):
    """And the worker's log says why."""
    hooked(call, receiver)
    call.made("/households", HOME)
    now = clock.now()
    with monkeypatch.context() as other:
        chosen = SETTINGS.web.model_copy(update={"webhook_key": tmp_path / "other.key"})
        other.setattr("config.django.SETTINGS", SETTINGS.model_copy(update={"web": chosen}))
        with capture_logs() as logs:
            assert sweep(POST, now) == 0
    assert [line["said"] for line in logs] == ["UnusableKey"]
    assert receiver.got == []
    assert sweep(POST, now + pause(1)) == 1


def test_a_secret_that_an_earlier_version_kept_is_sealed_and_signs_on(call, receiver):
    """Once."""
    secret = hooked(call, receiver)["secret"]
    Webhook.objects.update(secret=secret)
    assert [sweeping.seal_plain_ones(), sweeping.seal_plain_ones()] == [1, 0]
    assert open_secret(Webhook.objects.get().secret) == secret


@pytest.mark.parametrize("content", ["", "AGE-SECRET-KEY-1DAMAGED", "\u00e9"])
def test_a_key_file_that_holds_no_key_is_refused_with_its_setting(content, tmp_path):
    """And one that cannot be made."""
    wrong = tmp_path / "webhooks.key"
    wrong.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        key_in(wrong)
    assert "web.webhook_key" in caught.value.public
    with pytest.raises(ConfigurationError):
        key_in(wrong / "below" / "webhooks.key")


def test_only_what_comes_after_and_was_asked_for_is_told_once(call, receiver):
    """In order; a second sweep has nothing to tell."""
    call.made("/households", HOME)
    hooked(call, receiver, "household", "team")
    call.made("/people", PERSON)
    call.made("/teams", {"code": "T-1"})
    call.made("/households", {"code": "H-2"})
    assert sweep(POST, clock.now()) == 2
    assert sweep(POST, clock.now()) == 0
    assert [json.loads(b)["kind"] for _, b in receiver.got] == ["team", "household"]
    assert receiver.numbers == sorted(receiver.numbers)


def test_a_receiver_that_fails_is_told_again_later(call, receiver):
    """After growing pauses, the same id each time, and then what had to wait, in order."""
    hooked(call, receiver)
    call.made("/people", PERSON)
    receiver.status, now = 500, clock.now()
    for attempts in (1, 2, 3):
        assert sweep(POST, now) == 0
        assert sweep(POST, now + pause(attempts) - timedelta(seconds=1)) == 0
        assert len(receiver.got) == attempts
        now += pause(attempts)
    shown = call("GET", "/webhooks").json()["items"][0]
    assert (shown["attempts"], shown["last_said"], shown["gave_up_at"]) == (3, "failed", None)
    receiver.status = 204
    assert sweep(POST, now) == 3
    ids = [h["webhook-id"] for h, _ in receiver.got]
    assert (len(set(ids[:4])), len(set(ids))) == (1, 3)
    assert receiver.numbers[3:] == list(m.Change.objects.values_list("number", flat=True))
    assert call("GET", "/webhooks").json()["items"][0]["failing_since"] is None


def test_pauses_grow_to_six_hours():
    assert [pause(n).total_seconds() for n in (1, 2, 3, 1000)] == [5, 10, 20, 21_600]


def test_after_a_week_it_is_given_up_until_somebody_asks_again(call, receiver):
    """The list says so; the command line's check, too."""
    made = hooked(call, receiver)
    call.made("/households", HOME)
    receiver.status, now = 302, clock.now()
    sweep(POST, now)
    sweep(POST, now + GIVE_UP)
    assert call("GET", "/webhooks").json()["items"][0]["gave_up_at"] is not None
    assert given_up() == [made["id"]]
    receiver.status = 200
    assert sweep(POST, now + 2 * GIVE_UP) == 0
    assert call("POST", f"/webhooks/{made['id']}/retry").status_code == 200
    assert sweep(POST, now + 2 * GIVE_UP) == 1
    assert given_up() == []


def test_gone_is_given_up_at_once(call, receiver):
    """410, as Standard Webhooks has it."""
    hooked(call, receiver)
    call.made("/households", HOME)
    receiver.status = 410
    sweep(POST, clock.now())
    assert len(given_up()) == 1


def test_whoever_asks_does_not_learn_why_it_failed(call, receiver):
    """A port that is closed, one that speaks no TLS, an answer of 500 and an address out of bounds look the same."""
    made = hooked(call, receiver)
    call.made("/households", HOME)
    receiver.status = 500
    shown, reasons = set(), []
    for url in ("http://127.0.0.1:1/", receiver.url.replace("http", "https"), receiver.url, "https://10.0.0.1/"):
        Webhook.objects.filter(pk=made["id"]).update(url=url, next_at=None)
        with capture_logs() as logs:
            assert sweep(POST, clock.now()) == 0
        reasons += [line["said"] for line in logs if line["event"] == "webhook failed"]
        shown.add(call("GET", "/webhooks").json()["items"][0]["last_said"])
    assert shown == {"failed"}
    assert reasons == ["ConnectionRefusedError", "SSLError", "500", "ConnectionRefusedError"]
    assert call("POST", f"/webhooks/{made['id']}/retry").json()["last_said"] == ""


@pytest.mark.parametrize("speak", ["a header that never ends", "nothing", "no TLS"])
def test_a_slow_receiver_has_one_deadline_for_everything(speak):
    """A byte now and then is no reason to wait on; its connection is ended, so that nothing of it is left."""
    ended = threading.Event()

    def drip(peer: socket.socket) -> None:
        try:
            peer.sendall(b"HTTP/1.1 200 OK\r\nX: " if speak.startswith("a header") else b"")
            peer.settimeout(0.05)
            while not ended.is_set():
                try:
                    if not peer.recv(65536):
                        ended.set()
                except TimeoutError:
                    peer.sendall(b"a" if speak.startswith("a header") else b"")
        except OSError:
            ended.set()

    with _listening(drip) as port:
        url = f"http{'s' if speak == 'no TLS' else ''}://127.0.0.1:{port}/"
        with pytest.raises(TimeoutError):
            HttpPost(None, HERE, seconds=0.6)(url, b"{}", {})
        assert ended.wait(20)


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of somebody who serves one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            peer, _ = listener.accept()
            with peer:
                serve(peer)

        thread = threading.Thread(target=take)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
     "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1",
     "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
     "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "2001:db8::1"],
)  # fmt: skip
def test_no_address_inside_is_told_unless_it_is_listed(call, address):
    """Neither when a webhook is asked for, nor when it would be sent; nor in a form of IPv6 that carries it."""
    parsed = ip_address(address)
    assert not may_be_told(parsed, ())
    assert may_be_told(parsed, (ip_network(getattr(parsed, "ipv4_mapped", None) or parsed),))
    url = f"https://[{address}]/" if parsed.version == 6 else f"https://{address}/"
    with pytest.raises(ConnectionRefusedError, match="may be told"):
        HttpPost(None)(url, b"", {})
    listed = may_be_told(parsed, HERE)
    assert call("POST", "/webhooks", {"url": url}).status_code == (201 if listed else 422)


@pytest.mark.parametrize("address", ["1.1.1.1", "81.2.69.160", "2606:4700::1111", "::ffff:81.2.69.160"])
def test_addresses_of_the_open_internet_may_be_told(address):
    """Also where IPv6 carries one."""
    assert may_be_told(ip_address(address), ())


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "0"])
def test_a_name_is_judged_by_what_it_stands_for(host):
    """However it is written, as the system's own resolver reads it."""
    with pytest.raises(ConnectionRefusedError, match="may be told"):
        HttpPost(None)(f"https://{host}/", b"", {})


def test_a_name_is_looked_up_once(call, receiver, monkeypatch):
    """A name that is something else by the next look-up does not lead the connection there."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def changing(host: str, port: int, **more: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.99", port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    port = int(receiver.url.rsplit(":", 1)[1].split("/")[0])
    with pytest.raises(ssl.SSLError):  # it came as far as TLS, at the address of the first look-up
        HttpPost(None, HERE)(f"https://changing.example:{port}/", b"{}", {})
    assert asked == ["changing.example"]


def test_a_name_with_one_address_inside_is_not_told(monkeypatch):
    """Whichever of its addresses would have been tried first."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in ("81.2.69.160", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ConnectionRefusedError, match="may be told"):
        look_up("two.example", 443, ())


def test_two_workers_do_not_tell_the_same(call, receiver):
    """A webhook that another worker holds is left to it; a worker that died holds it for a while only."""
    made = hooked(call, receiver)
    call.made("/households", HOME)
    now = clock.now()
    Webhook.objects.filter(pk=made["id"]).update(leased_until=now + LEASE)
    assert sweep(POST, now) == 0
    assert sweep(POST, now + LEASE) == 1


def test_a_crash_while_telling_tells_again(call, receiver, monkeypatch):
    """At least once: what was told and not noted is told again with the same id."""
    hooked(call, receiver)
    call.made("/households", HOME)
    now = clock.now()

    def crash(*_: object) -> bool:
        sweeping_told(*_)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    sweeping_told = sweeping._told
    monkeypatch.setattr(sweeping, "_told", crash)
    with pytest.raises(KeyboardInterrupt):
        sweep(POST, now)
    monkeypatch.setattr(sweeping, "_told", sweeping_told)
    assert sweep(POST, now) == 1
    assert len({h["webhook-id"] for h, _ in receiver.got}) == 1


def test_a_webhook_ends_with_its_token(call, receiver):
    hooked(call, receiver)
    call.made("/households", HOME)
    tokens.revoke(call.name, clock.now())
    assert sweep(POST, clock.now()) == 0
    assert receiver.got == []


def test_a_token_sees_and_changes_its_own(call, receiver):
    """And the secret is shown once."""
    made = hooked(call, receiver)
    other = Caller()
    assert other("GET", "/webhooks").json()["items"] == []
    assert other("DELETE", f"/webhooks/{made['id']}").status_code == 404
    assert "secret" not in call("GET", "/webhooks").json()["items"][0]
    assert call("DELETE", f"/webhooks/{made['id']}").status_code == 204
    assert Webhook.objects.count() == 0


@pytest.mark.parametrize(
    "url",
    ["http://case.example/x", "http://localhost/x", "http://127.0.0.1.evil.example/", "http://192.0.2.1/",
     "https://user:pw@case.example/", "https:///x", "https://", "http://[::2]/", "https://a:b/", "file:///etc/passwd",
     "https://a b/", "ftp://127.0.0.1/"],
)  # fmt: skip
def test_only_tls_or_this_machine_is_told(call, url):
    """Refused when it is asked for, and again when it would be sent."""
    assert call("POST", "/webhooks", {"url": url}).status_code == 422
    with pytest.raises(ConnectionRefusedError):
        POST(url, b"", {})


@pytest.mark.parametrize("secret", ["x", "whsec_", "whsec_AAAA", "whsec_!!!!", "whsec_" + "A" * 90])
def test_a_secret_is_long_enough(call, secret):
    assert call("POST", "/webhooks", {"url": "https://a.example/", "secret": secret}).status_code == 422


def test_a_change_by_hand_is_told_too(call, receiver):
    """The feed is the register's, whoever changed it."""
    hooked(call, receiver)
    with acting("olu"):
        m.Household(code="H-9").save()
    assert sweep(POST, clock.now()) == 1
    assert b"olu" not in receiver.got[0][1]
