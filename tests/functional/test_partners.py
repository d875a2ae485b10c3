"""TLS to partners' own servers, with a resolver that validates, a web server with a policy, and real mail servers."""

from __future__ import annotations

import base64
import email
import email.policy
import gzip
import hashlib
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import dkim
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from cli.jobs.tls_alarms import alarm
from cli.jobs.tls_reports import NotReported, report
from cli.looks import mail as looks
from config.settings import Settings
from domain.errors import NextHopUnavailable
from domain.model import Address
from domain.outgoing import Notice
from gateway.clock import SystemClock
from gateway.deliver import Handshake, Route, Security, SmtpNextHop
from gateway.fetching import Fetcher
from gateway.partners.dns import Resolver
from gateway.partners.finding import Finder
from gateway.partners.ledger import Ledger
from gateway.partners.sts import MOST_OCTETS, NoPolicy, Policies
from gateway.smtp.route import NO_POLICY
from gateway.smtp.tls import server_context
from tests.support.certificates import make_certificate
from tests.support.dns import unbound
from tests.support.sink import Sink

MAIL, WEB = "mx1.partner.example", "mta-sts.partner.example"
POLICY = "version: STSv1\r\nmode: enforce\r\nmx: *.partner.example\r\nmax_age: 86400\r\n"


def notice(address: str) -> Notice:
    return Notice(Address.of(address), b"Subject: x\r\n\r\nHello\r\n")


class Posted(NamedTuple):
    """What somebody sent to the web server."""

    path: str
    media_type: str
    body: bytes


class World:
    """A partner with a mail server, a web server and names; ``policy`` is what the web server shows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "mail").mkdir()
        (folder / "web").mkdir()
        self.mail, self.web = make_certificate(folder / "mail", MAIL), make_certificate(folder / "web", WEB)
        chain = folder / "chain.pem"
        chain.write_bytes(self.mail.certificate.read_bytes() + self.mail.ca.read_bytes())
        self.sink = Sink(tls=server_context(chain, self.mail.key))
        self.second, self.plain = Sink(tls=server_context(chain, self.mail.key)), Sink()
        self.policy, self.kind, self.fetched = POLICY, "text/plain", 0
        self.posted: list[Posted] = []
        self.answers = 200
        self.dns = self.web_port = 0

    def tlsa(self, usage: int, selector: int, matching: int, *, of: Path | None = None) -> str:
        """Of the server's certificate, or of another."""
        cert = x509.load_pem_x509_certificate((of or self.mail.certificate).read_bytes())
        data = cert.public_bytes(Encoding.DER)
        if selector:
            data = cert.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        data = {0: lambda d: d, 1: lambda d: hashlib.sha256(d).digest(), 2: lambda d: hashlib.sha512(d).digest()}[
            matching
        ](data)
        return f"TLSA {usage} {selector} {matching} {data.hex()}"

    def zones(self) -> tuple[dict[str, str], dict[str, str]]:
        """What stands in the DNS, signed and not."""
        port = f"_{self.sink.port}._tcp"
        other = self.web.certificate
        signed = [
            "@ 300 IN MX 10 mx1",
            '_mta-sts 300 IN TXT "v=STSv1; id=20261130;"',
            '_smtp._tls 300 IN TXT "v=TLSRPTv1; rua=mailto:tls@partner.example"',
            "mx1 300 IN A 127.0.0.1\nmx2 300 IN A 127.0.0.1\ndead 300 IN A 127.0.0.9",
            f"{port}.mx1 300 IN {self.tlsa(3, 1, 1)}",
            # each a domain of its own, with a server of its own name
            "ta 300 IN MX 10 mx1.ta\nmx1.ta 300 IN A 127.0.0.1",
            f"{port}.mx1.ta 300 IN {self.tlsa(2, 0, 1, of=self.mail.ca)}",
            f"_{self.second.port}._tcp.mx1 300 IN {self.tlsa(2, 1, 2, of=self.mail.ca)}",
            f"whole 300 IN MX 10 w\nw 300 IN A 127.0.0.1\n{port}.w 300 IN {self.tlsa(3, 0, 0)}",
            f"wrong 300 IN MX 10 x\nx 300 IN A 127.0.0.1\n{port}.x 300 IN {self.tlsa(3, 1, 1, of=other)}",
            f"pkix 300 IN MX 10 p\np 300 IN A 127.0.0.1\n{port}.p 300 IN {self.tlsa(1, 0, 1)}",
            "none 300 IN MX 10 mx2\nnomail 300 IN MX 0 .\nhost 300 IN A 127.0.0.1\nlost 300 IN MX 10 nowhere",
            "two 300 IN MX 10 dead\ntwo 300 IN MX 20 mx1",
        ]
        posted = f'_smtp._tls.posted 300 IN TXT "v=TLSRPTv1; rua=https://{WEB}/reports?of=tls"'
        signed.append(posted)
        plain = f"@ 300 IN MX 10 mx1\nmx1 300 IN A 127.0.0.1\n{port}.mx1 300 IN {self.tlsa(3, 1, 1)}\n"
        return {"partner.example": "\n".join(signed) + "\n"}, {"unsigned.example": plain}

    def resolver(self, *, trusted: bool = True) -> Resolver:
        return Resolver("127.0.0.1", self.dns, trusted=trusted)

    def policies(self, name: str = "policies") -> Policies:
        fetcher = Fetcher(
            address="127.0.0.1", port=self.web_port, ca_file=self.web.ca, octets=MOST_OCTETS, https_only=True
        )
        return Policies(self.resolver(), self.folder / name, fetcher)

    def hop(
        self, security: Security, *, seen: list[Handshake] | None = None, trusted: bool = True, **more: object
    ) -> SmtpNextHop:
        """Mail to anybody goes to the domain's own servers."""
        finder = Finder(
            self.resolver(trusted=trusted), self.policies(str(more.pop("folder", "policies"))), SystemClock()
        )
        port = int(str(more.pop("port", self.sink.port)))
        route = Route(("*",), "", port, security, ca_file=self.mail.ca, **more)  # type: ignore[arg-type]
        return SmtpNextHop([route], "relay.test", find=finder.targets, seen=(seen if seen is not None else []).append)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("partners"))
    with made.sink, made.second, made.plain, pages(made), unbound(made.folder, *made.zones()) as port:
        made.dns = port
        yield made


@contextmanager
def pages(world: World) -> Iterator[None]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            world.fetched += 1
            status = 200 if self.path == "/.well-known/mta-sts.txt" and world.policy else 404
            status = 302 if world.policy == "elsewhere" else status
            self.send_response(status)
            self.send_header("Content-Type", world.kind)
            self.send_header("Location", "/.well-known/other.txt")
            self.end_headers()
            self.wfile.write(world.policy.encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            world.posted.append(Posted(self.path, self.headers["Content-Type"], body))
            self.send_response(world.answers)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = server_context(world.web.certificate, world.web.key).wrap_socket(server.socket, server_side=True)
    world.web_port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def policy(world: World) -> Iterator[World]:
    """The policy as it was, afterwards."""
    yield world
    world.policy, world.kind = POLICY, "text/plain"


def failed(hop: SmtpNextHop, address: str, seen: list[Handshake]) -> str:
    """Nothing was sent; TLS-RPT's word for why."""
    with pytest.raises(NextHopUnavailable):
        hop.deliver(notice(address))
    return seen[-1].result if seen else ""


# DANE


@pytest.mark.parametrize("domain", ["partner.example", "whole.partner.example"])
def test_a_server_that_fits_its_record_is_served(world: World, domain: str) -> None:
    """By its key or its whole certificate (usage 3): its name and who vouches for it do not matter."""
    seen: list[Handshake] = []
    assert world.hop(Security.DANE, seen=seen).deliver(notice(f"a@{domain}"))[0].delivered
    assert world.sink.received[-1].secure
    assert (seen[-1].domain, seen[-1].published.kind, seen[-1].result) == (domain, "tlsa", "")


def test_a_server_of_the_authority_that_its_record_names_is_served(world: World) -> None:
    """Usage 2: the authority is among what the server shows, and the certificate is for the server's name."""
    assert world.hop(Security.DANE, port=world.second.port).deliver(notice("a@partner.example"))[0].delivered
    seen: list[Handshake] = []
    assert failed(world.hop(Security.DANE, seen=seen), "a@ta.partner.example", seen) == "validation-failure"


@pytest.mark.parametrize(
    ("address", "result"),
    [
        ("a@wrong.partner.example", "validation-failure"),  # another's key
        ("a@pkix.partner.example", "dane-required"),  # a usage that does not count for mail
        ("a@none.partner.example", "dane-required"),  # no record, and that is proven
        ("a@unsigned.example", "dnssec-invalid"),  # a record that nobody vouches for
    ],
)
def test_a_server_that_is_not_proven_gets_nothing(world: World, address: str, result: str) -> None:
    """It is tried again later, and the kind of failure is known."""
    seen: list[Handshake] = []
    before = len(world.sink.received)
    assert failed(world.hop(Security.DANE, seen=seen), address, seen) == result
    assert len(world.sink.received) == before
    assert seen[-1].security.strict


def test_a_resolver_that_is_not_trusted_vouches_for_nothing(world: World) -> None:
    """The AD bit could be anybody's (RFC 7672 section 2.2)."""
    seen: list[Handshake] = []
    assert failed(world.hop(Security.DANE, seen=seen, trusted=False), "a@partner.example", seen) == "dnssec-invalid"


def test_forged_records_are_no_records(world: World, tmp_path: Path) -> None:
    """A zone whose signatures are by another key: the resolver gives no answer, so nothing is sent."""
    signed, _ = world.zones()
    with unbound(tmp_path, signed, {}) as port:
        zone = tmp_path / "partner.example.zone"
        zone.write_text(zone.read_text().replace("127.0.0.1", "127.0.0.2"))
    config = (tmp_path / "unbound.conf").read_text()
    assert "trust-anchor" in config
    with served_again(tmp_path, port):
        resolver = Resolver("127.0.0.1", port, trusted=True)
        with pytest.raises(NextHopUnavailable):
            resolver.addresses("mx1.partner.example")


@contextmanager
def served_again(folder: Path, port: int) -> Iterator[None]:
    import shutil
    import subprocess

    program = shutil.which("unbound", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "unbound"
    process = subprocess.Popen(
        [program, "-d", "-v", "-c", str(folder / "unbound.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        assert process.stderr
        assert any(b"start of service" in line for line in process.stderr)
        yield
    finally:
        process.terminate()
        process.wait(10)


# MTA-STS


def test_a_published_policy_is_kept_to(policy: World) -> None:
    """The server is allowed, and its certificate is by an authority and for its name; fetched once, then remembered."""
    seen: list[Handshake] = []
    before = policy.fetched
    for _ in range(2):
        assert policy.hop(Security.MTA_STS, seen=seen, folder="kept").deliver(notice("a@partner.example"))[0].delivered
    assert policy.sink.received[-1].secure
    assert (seen[-1].published.kind, seen[-1].published.lines[1]) == ("sts", "mode: enforce")
    assert policy.fetched == before + 1


@pytest.mark.parametrize(
    ("text", "kind", "result"),
    [
        (POLICY.replace("*.partner", "*.other"), "text/plain", "validation-failure"),
        (POLICY.replace("enforce", "none"), "text/plain", "sts-policy-invalid"),
        (POLICY.replace("mode: enforce", "mode: maybe"), "text/plain", "sts-policy-invalid"),
        (POLICY.replace("mx: *.partner.example\r\n", ""), "text/plain", "sts-policy-invalid"),
        (POLICY.replace("86400", "soon"), "text/plain", "sts-policy-invalid"),
        (POLICY + "x: " + "y" * MOST_OCTETS, "text/plain", "sts-policy-fetch-error"),
        (POLICY, "text/html", "sts-policy-invalid"),
        ("elsewhere", "text/plain", "sts-policy-fetch-error"),
        ("", "text/plain", "sts-policy-fetch-error"),
    ],
)
def test_without_a_policy_that_allows_the_server_nothing_is_sent(
    policy: World, tmp_path: Path, text: str, kind: str, result: str
) -> None:
    """Not allowed, off, misspelt, too long, of another type, moved, or not there."""
    policy.policy, policy.kind = text, kind
    seen: list[Handshake] = []
    assert failed(policy.hop(Security.MTA_STS, seen=seen, folder=str(tmp_path)), "a@partner.example", seen) == result


def test_a_policy_for_trying_needs_tls_and_no_authority(policy: World, tmp_path: Path) -> None:
    """Mode testing: a certificate by anybody will do, no TLS will not."""
    policy.policy = POLICY.replace("enforce", "testing")
    hop = policy.hop(Security.MTA_STS, folder=str(tmp_path))
    assert hop.deliver(notice("a@partner.example"))[0].delivered


def test_a_policy_that_was_seen_counts_until_its_end(policy: World, tmp_path: Path) -> None:
    """Whatever becomes of the page: then there is none, and a domain that never had one has none."""
    now = SystemClock().now()
    policies = policy.policies(str(tmp_path))
    assert policies.of("partner.example", now).mode == "enforce"
    policy.policy = ""
    assert policies.of("partner.example", now + timedelta(hours=23)).mode == "enforce"
    with pytest.raises(NoPolicy):
        policies.of("partner.example", now + timedelta(days=2))
    with pytest.raises(NoPolicy) as caught:
        policies.of("none.partner.example", now)
    assert caught.value.result == "sts-policy-fetch-error"


def test_a_web_server_with_another_certificate_has_no_policy(world: World, tmp_path: Path) -> None:
    """It is verified by the authorities of the settings, or the system's."""
    fetcher = Fetcher(address="127.0.0.1", port=world.web_port, octets=MOST_OCTETS, https_only=True)
    with pytest.raises(NoPolicy) as caught:
        Policies(world.resolver(), tmp_path, fetcher).of("partner.example", SystemClock().now())
    assert caught.value.result == "sts-webpki-invalid"


def test_a_certificate_of_no_known_authority_is_not_the_policys(policy: World, tmp_path: Path) -> None:
    """The policy allows the name, and nobody vouches for who bears it."""
    seen: list[Handshake] = []
    finder = Finder(policy.resolver(), policy.policies(str(tmp_path)), SystemClock())
    route = Route(("*",), "", policy.sink.port, Security.MTA_STS)
    hop = SmtpNextHop([route], "relay.test", find=finder.targets, seen=seen.append)
    assert failed(hop, "a@partner.example", seen) == "certificate-not-trusted"


# Finding, and everything else


def test_servers_are_found_and_tried_in_their_order(world: World) -> None:
    """One that is not there leaves its place to the next; without MX the domain itself; who takes no mail says so."""
    hop = world.hop(Security.REQUIRED)
    assert hop.deliver(notice("a@two.partner.example"))[0].delivered
    assert hop.deliver(notice("a@host.partner.example"))[0].delivered
    refused = hop.deliver(notice("a@nomail.partner.example"))[0]
    assert (refused.code, refused.text) == (556, "5.1.10 The domain takes no mail")
    for address in ("a@lost.partner.example", "a@nobody.invalid"):
        with pytest.raises(NextHopUnavailable):
            hop.deliver(notice(address))


def test_two_domains_with_the_same_route_are_served_by_their_own_servers(world: World) -> None:
    """One mail, two partners: each at its own, and a third with a fixed host."""
    hop = world.hop(Security.OPPORTUNISTIC)
    for address in ("a@partner.example", "b@unsigned.example"):
        assert hop.deliver(notice(address))[0].delivered


def test_a_partner_that_must_be_verified_is_named_when_it_is_not(world: World) -> None:
    """A fixed host: without TLS, and with a certificate for another name."""
    seen: list[Handshake] = []
    for sink, security, result in (
        (world.plain, Security.REQUIRED, "starttls-not-supported"),
        (world.sink, Security.VERIFIED, "certificate-host-mismatch"),
    ):
        route = Route(("council.example", "*"), sink.host, sink.port, security, ca_file=world.mail.ca)
        assert failed(SmtpNextHop([route], "relay.test", seen=seen.append), "a@council.example", seen) == result
        assert (seen[-1].domain, seen[-1].published.kind) == ("council.example", "no-policy-found")


def test_a_server_that_asks_who_we_are_sees_our_certificate(world: World, tmp_path: Path) -> None:
    """As a connector of Exchange does; without one nothing is sent."""
    ours = make_certificate(tmp_path, "relay.test")
    context = server_context(world.mail.certificate, world.mail.key)
    context.load_verify_locations(ours.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # so that the refusal comes with the handshake
    with Sink(tls=context) as sink:
        route = Route(("*",), sink.host, sink.port, Security.REQUIRED)
        with pytest.raises(NextHopUnavailable):
            SmtpNextHop([route], "relay.test").deliver(notice("a@x.example"))
        shown = replace(route, client_certificate=ours.certificate, client_key=ours.key)
        assert SmtpNextHop([shown], "relay.test").deliver(notice("a@x.example"))[0].delivered


# What becomes of it


@pytest.fixture
def settings(world: World, tmp_path: Path, database: None) -> Settings:
    """Reports on, signed by a key of this test's."""
    key = rsa.generate_private_key(65537, 2048)
    (tmp_path / "dkim.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "record").write_bytes(b"v=DKIM1; k=rsa; p=" + base64.b64encode(public))
    return Settings(
        home=tmp_path,
        next_hops=({"host": world.plain.host, "port": world.plain.port},),  # type: ignore[arg-type]
        dns={"resolver": "127.0.0.1", "port": world.dns, "trusted": True},  # type: ignore[arg-type]
        partners={"report": True},  # type: ignore[arg-type]
        dkim={"domain": "council.example", "selector": "s1", "key": "dkim.pem"},  # type: ignore[arg-type]
        service={"name": "Shared Lives", "address": "shared-lives@council.example"},  # type: ignore[arg-type]
    )


def test_a_partner_gets_the_days_report_once_and_signed(world: World, settings: Settings) -> None:
    """RFC 8460: counted by the relay, JSON, compressed, with a DKIM signature that verifies."""
    now = SystemClock().now()
    ledger = Ledger(SimpleClock(now - timedelta(days=1)))
    hop = world.hop(Security.MTA_STS)
    hop._seen = ledger
    for _ in range(3):
        hop.deliver(notice("a@partner.example"))
        hop._pool.close()
    ledger(Handshake("partner.example", "mx2.partner.example", NO_POLICY, Security.REQUIRED, "certificate-expired"))
    ledger(Handshake("unsigned.example", "mx1.unsigned.example", NO_POLICY, Security.REQUIRED))
    ledger.close()
    before = len(world.plain.received)
    report(settings, now)
    report(settings, now)
    (sent,) = world.plain.received[before:]
    assert sent.recipients == ("tls@partner.example",)
    record = (settings.home / "record").read_bytes()
    assert dkim.verify(sent.content, dnsfunc=lambda name, timeout=5: record if name.startswith(b"s1.") else b"")
    mail = email.message_from_bytes(sent.content, policy=email.policy.default)
    assert (mail.get_content_type(), mail.get_param("report-type")) == ("multipart/report", "tlsrpt")
    assert (mail["TLS-Report-Domain"], mail["TLS-Report-Submitter"]) == ("partner.example", "council.example")
    _, data = mail.iter_parts()
    assert data.get_content_type() == "application/tlsrpt+gzip"
    said = json.loads(gzip.decompress(data.get_content()))
    by_kind = {p["policy"]["policy-type"]: p for p in said["policies"]}
    assert by_kind["sts"]["summary"] == {"total-successful-session-count": 3, "total-failure-session-count": 0}
    assert by_kind["sts"]["policy"]["mx-host"] == ["*.partner.example"]
    assert by_kind["no-policy-found"]["failure-details"] == [
        {
            "result-type": "certificate-expired",
            "receiving-mx-hostname": "mx2.partner.example",
            "failed-session-count": 1,
        }
    ]
    day = (now - timedelta(days=1)).date().isoformat()
    assert said["date-range"] == {"start-datetime": f"{day}T00:00:00Z", "end-datetime": f"{day}T23:59:59Z"}


def test_a_report_that_is_not_taken_is_tried_again(world: World, settings: Settings) -> None:
    """And the job says that it failed."""
    now = SystemClock().now()
    ledger = Ledger(SimpleClock(now - timedelta(days=1)))
    ledger(Handshake("partner.example", "mx1", NO_POLICY, Security.REQUIRED))
    closed = settings.model_copy(update={"next_hops": (settings.next_hops[0].model_copy(update={"port": 1}),)})
    with pytest.raises(NotReported):
        report(closed, now)
    before = len(world.plain.received)
    report(settings, now)
    assert len(world.plain.received) == before + 1


@pytest.fixture
def posting(world: World, settings: Settings) -> Iterator[tuple[datetime, Fetcher]]:
    """A day's count of a domain that wants its report on the web, and who brings it there; the server answers 200."""
    now = SystemClock().now()
    Ledger(SimpleClock(now - timedelta(days=1)))(
        Handshake("posted.partner.example", "mx1", NO_POLICY, Security.REQUIRED, "starttls-not-supported")
    )
    yield now, Fetcher(address="127.0.0.1", port=world.web_port, ca_file=world.web.ca, https_only=True)
    world.posted.clear()
    world.answers = 200


@pytest.mark.parametrize("answer", [200, 201, 202])
def test_a_report_is_posted_where_the_partner_wants_it_on_the_web(
    world: World, settings: Settings, posting: tuple[datetime, Fetcher], answer: int
) -> None:
    """RFC 8460 section 5.4: over TLS that is verified, compressed JSON by its media type, once, and no mail besides."""
    now, fetcher = posting
    world.answers, mails = answer, len(world.plain.received)
    report(settings, now, fetcher)
    report(settings, now, fetcher)
    (posted,) = world.posted
    assert (posted.path, posted.media_type) == ("/reports?of=tls", "application/tlsrpt+gzip")
    (policy,) = json.loads(gzip.decompress(posted.body))["policies"]
    assert policy["policy"]["policy-domain"] == "posted.partner.example"
    assert policy["failure-details"][0]["result-type"] == "starttls-not-supported"
    assert len(world.plain.received) == mails


def test_a_report_that_the_web_server_does_not_take_is_tried_again(
    world: World, settings: Settings, posting: tuple[datetime, Fetcher]
) -> None:
    """Nor does it go to a server that is not proven: the first of these gets nothing."""
    now, fetcher = posting
    with pytest.raises(NotReported):
        report(settings, now, replace(fetcher, ca_file=world.mail.ca))
    assert world.posted == []
    for world.answers in (503, 302):
        with pytest.raises(NotReported):
            report(settings, now, fetcher)
    world.answers = 200
    report(settings, now, fetcher)
    assert len(world.posted) == 3


def alarms(world: World, settings: Settings, now: datetime) -> list[tuple[str, str]]:
    """Who was told what, in one turn of the job."""
    before = len(world.plain.received)
    alarm(settings, now)
    got = world.plain.received[before:]
    return [
        (*r.recipients, str(email.message_from_bytes(r.content, policy=email.policy.default)["Subject"])) for r in got
    ]


def test_somebody_is_told_of_a_partner_that_fails_and_not_again_and_again(world: World, settings: Settings) -> None:
    """At once, with all that fail; new ones an hour later at the soonest; the same ones after a day; once when well."""
    now = SystemClock().now()
    mine = settings.model_copy(
        update={"service": settings.service.model_copy(update={"management": ("boss@council.example", "b@c.example")})}
    )
    hour, bad = timedelta(hours=1), Handshake("a.example", "mx1", NO_POLICY, Security.REQUIRED, "certificate-expired")
    assert alarms(world, mine, now) == []
    for handshake in (bad, replace(bad, domain="any.example", security=Security.OPPORTUNISTIC)):
        Ledger(SimpleClock(now))(handshake)
    told = [(to, "Mail waits for a.example") for to in ("boss@council.example", "b@c.example")]
    assert alarms(world, mine, now) == told
    text = world.plain.received[-1].content.decode()
    assert "a.example: failed once" in text
    assert "its certificate has run out" in text
    assert "any.example" not in text
    Ledger(SimpleClock(now))(replace(bad, domain="b.example", result="dane-required"))
    assert alarms(world, mine, now + hour / 2) == []
    assert [s for _, s in alarms(world, mine, now + hour)] == ["Mail waits for 2 organisations"] * 2
    assert alarms(world, mine, now + 3 * hour) == []
    Ledger(SimpleClock(now + 20 * hour))(bad)
    assert [s for _, s in alarms(world, mine, now + 25 * hour)] == ["Mail waits for a.example"] * 2
    for domain in ("a.example", "b.example"):
        Ledger(SimpleClock(now + 26 * hour))(replace(bad, domain=domain, result=""))
    chosen = mine.model_copy(update={"partners": settings.partners.model_copy(update={"alarm": ("it@c.example",)})})
    assert alarms(world, chosen, now + 27 * hour) == [("it@c.example", "Mail leaves again for 2 organisations")]
    assert alarms(world, mine, now + 99 * hour) == []


def test_an_alarm_that_nobody_takes_is_tried_again(world: World, settings: Settings) -> None:
    """Bad news and good news; without a management team it goes to the service's own address."""
    now, hour = SystemClock().now(), timedelta(hours=1)
    closed = settings.model_copy(update={"next_hops": (settings.next_hops[0].model_copy(update={"port": 1}),)})
    bad = Handshake("a.example", "mx1", NO_POLICY, Security.REQUIRED, "certificate-expired")
    Ledger(SimpleClock(now))(bad)
    with pytest.raises(NextHopUnavailable):
        alarm(closed, now)
    address = "shared-lives@council.example"
    assert alarms(world, settings, now) == [(address, "Mail waits for a.example")]
    Ledger(SimpleClock(now + hour))(replace(bad, result=""))
    with pytest.raises(NextHopUnavailable):
        alarm(closed, now + 2 * hour)
    assert alarms(world, settings, now + 2 * hour) == [(address, "Mail leaves again for a.example")]


def test_who_looks_after_the_service_sees_a_partner_that_fails(world: World, settings: Settings) -> None:
    """Until TLS with it is well again; what need not be secured raises no alarm."""
    now = SystemClock().now()
    bad = Handshake("partner.example", "mx1", NO_POLICY, Security.REQUIRED, "certificate-expired")
    Ledger(SimpleClock(now - timedelta(minutes=2)))(bad)
    Ledger(SimpleClock(now - timedelta(minutes=2)))(replace(bad, domain="any.example", security=Security.OPPORTUNISTIC))
    lines = list(looks.partners(settings))
    assert [(line.what, line.good) for line in lines] == [("TLS with partner.example", False)]
    assert "failed once today" in lines[0].says
    assert "certificate-expired" in lines[0].says
    Ledger(SimpleClock(now - timedelta(minutes=1)))(replace(bad, result=""))
    assert [line.good for line in looks.partners(settings)] == [True]


@dataclass
class SimpleClock:
    """Always the same time."""

    at: datetime

    def now(self) -> datetime:
        return self.at
