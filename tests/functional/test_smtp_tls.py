"""STARTTLS, implicit TLS and AUTH, against the real relay on both event loops."""

from __future__ import annotations

import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gateway.server import Relay
from gateway.smtp.guesses import Guesses
from gateway.smtp.passwords import PasswordFile, hash_password
from gateway.smtp.tls import server_context
from tests.support.certificates import Files, make_certificate
from tests.support.relay import LOOPBACK, NOWHERE, Pipeline, Wire, running

BODY = b"Subject: x\r\n\r\nHello\r\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=[None, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def loop_factory(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> PasswordFile:
    path: Path = tmp_path_factory.mktemp("users") / "users"
    path.write_text(f"scanner:{hash_password('s3cret')}\n")
    return PasswordFile(path)


def trusting(files: Files) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(files.ca))


@contextmanager
def secured(pipeline: Pipeline, files: Files, **kwargs: Any) -> Iterator[Relay]:
    with running(pipeline, tls=server_context(files.certificate, files.key), **kwargs) as relay:
        yield relay


def test_starttls_carries_mail_and_the_envelope_says_so(files: Files, loop_factory: Any) -> None:
    """RFC 3207, on each loop; offered before, not after."""
    pipeline = Pipeline()
    with secured(pipeline, files, loop_factory=loop_factory) as relay, smtplib.SMTP(*relay.addresses[0]) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        client.starttls(context=trusting(files))
        client.ehlo()
        assert not client.has_extn("starttls")
        client.sendmail("a@b.c", ["d@e.f"], BODY)
        assert client.docmd("STARTTLS")[0] == 503
    assert pipeline.seen[0][0].protocol == "ESMTPS"
    assert pipeline.bodies == [BODY]


def test_implicit_tls_carries_large_mail(files: Files, loop_factory: Any) -> None:
    """RFC 8314: TLS from the first octet."""
    pipeline = Pipeline()
    content = b"Subject: x\r\n\r\n" + b"y" * 70 * 1024 + b"\r\n"
    with (
        secured(pipeline, files, implicit_tls=True, loop_factory=loop_factory) as relay,
        smtplib.SMTP_SSL(*relay.addresses[0], context=trusting(files)) as client,
    ):
        client.sendmail("a@b.c", ["d@e.f"], content)
    assert pipeline.bodies == [content]


def test_plaintext_sent_ahead_of_tls_is_thrown_away(files: Files, loop_factory: Any) -> None:
    """Injection behind STARTTLS: what an attacker on the way puts there is never carried out."""
    pipeline = Pipeline()
    with secured(pipeline, files, loop_factory=loop_factory) as relay:
        wire = Wire(relay)
        wire.send(b"STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@b.c>\r\nRCPT TO:<d@e.f>\r\n")
        assert wire.reply()[:3] == "220"
        with trusting(files).wrap_socket(wire.sock, server_hostname="127.0.0.1") as secure:
            secure.sendall(b"RCPT TO:<d@e.f>\r\nEHLO me\r\n")
            answer = b""
            while b"SMTPUTF8\r\n" not in answer:
                answer += secure.recv(4096)
            assert answer.startswith(b"503 5.5.1 The sender comes first\r\n250-relay.test\r\n")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_below_1_2_and_rubbish_instead_of_tls_end_the_line(files: Files) -> None:
    """And the relay lives on."""
    with secured(Pipeline(), files) as relay:
        wire = Wire(relay)
        assert wire.ask("STARTTLS")[:3] == "220"
        wire.send(b"MAIL FROM:<a@b.c>\r\n" * 10)
        assert wire.sock.recv(4096)[:1] in {b"", b"\x15"}  # nothing, or a TLS alert
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        wire = Wire(relay)
        assert wire.ask("STARTTLS")[:3] == "220"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            old.wrap_socket(wire.sock)
        assert Wire(relay).mail(BODY)[:3] == "250"


def test_auth_lets_a_stranger_send_over_tls(files: Files, users: PasswordFile) -> None:
    """PLAIN and LOGIN, with and without an initial response."""
    pipeline = Pipeline()
    with secured(pipeline, files, networks=NOWHERE, authenticator=users) as relay:
        for mechanism, initial in (("PLAIN", True), ("PLAIN", False), ("LOGIN", True), ("LOGIN", False)):
            with smtplib.SMTP(*relay.addresses[0]) as client:
                client.ehlo()
                assert not client.has_extn("auth")
                client.starttls(context=trusting(files))
                client.ehlo()
                assert client.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"]
                client.user, client.password = "scanner", "s3cret"
                method = getattr(client, "auth_" + mechanism.lower())
                assert client.auth(mechanism, method, initial_response_ok=initial)[0] == 235
                client.sendmail("a@b.c", ["d@e.f"], BODY)
    assert [envelope.protocol for envelope, _ in pipeline.seen] == ["ESMTPSA"] * 4


def test_auth_is_refused_without_tls_and_mail_without_auth(files: Files, users: PasswordFile) -> None:
    """538 and 530; the password is never asked for in clear."""
    with secured(Pipeline(), files, networks=NOWHERE, authenticator=users) as relay:
        wire = Wire(relay)
        assert wire.ask("AUTH PLAIN AHgAeA==").startswith("538")
        assert wire.ask("MAIL FROM:<a@b.c>")[:3] == "250"
        assert wire.ask("RCPT TO:<d@e.f>").startswith("530 5.7.0")


def test_wrong_credentials_cost_time_and_end_the_line_at_the_third(files: Files, users: PasswordFile) -> None:
    """535, 535, 421; each kind of rubbish has its code."""
    with secured(Pipeline(), files, implicit_tls=True, networks=NOWHERE, authenticator=users) as relay:
        client = smtplib.SMTP_SSL(*relay.addresses[0], context=trusting(files))
        client.ehlo("me")
        assert client.docmd("AUTH", "CRAM-MD5")[0] == 504
        assert client.docmd("AUTH", "PLAIN !!!")[0] == 501
        assert client.docmd("AUTH", "PLAIN " + b64encode(b"nothing").decode())[0] == 501
        assert client.docmd("AUTH", "LOGIN")[0] == 334
        assert client.docmd("*")[0] == 501
        wrong = "PLAIN " + b64encode(b"\0scanner\0wrong").decode()
        assert client.docmd("AUTH", wrong)[0] == 535
        assert client.docmd("AUTH", "plain " + b64encode(b"\0nobody\0s3cret").decode())[0] == 535
        assert client.docmd("AUTH", wrong)[0] == 421
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.docmd("NOOP")


def test_guessing_over_many_connections_ends_for_that_address(files: Files, users: PasswordFile) -> None:
    """454 without looking at the password, even the right one; who is inside already stays inside."""
    right = "PLAIN " + b64encode(b"\0scanner\0s3cret").decode()
    with secured(Pipeline(), files, implicit_tls=True, networks=NOWHERE, authenticator=users) as relay:
        relay.guesses = Guesses(most=2)
        inside, other = (smtplib.SMTP_SSL(*relay.addresses[0], context=trusting(files)) for _ in range(2))
        for client in (inside, other):
            client.ehlo("me")
        assert inside.docmd("AUTH", right)[0] == 235
        wrong = "PLAIN " + b64encode(b"\0scanner\0wrong").decode()
        assert [other.docmd("AUTH", wrong)[0] for _ in range(2)] == [535, 535]
        third = smtplib.SMTP_SSL(*relay.addresses[0], context=trusting(files))
        third.ehlo("me")
        assert third.docmd("AUTH", right)[0] == 454
        assert inside.docmd("MAIL", "FROM:<a@council.test>")[0] == 250


class _Counted:
    """A shared count that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def failures(self, origin: str, since: datetime) -> int:
        del since
        self.asked.append(f"failures of {origin}")
        return 0

    def failed(self, origin: str, now: datetime, since: datetime) -> None:
        del now, since
        self.asked.append(f"failed {origin}")


def test_the_shared_count_costs_the_usual_way_nothing(files: Files, users: PasswordFile) -> None:
    """It is asked once where somebody logs in, told of failures alone, and not asked for a mail without a log-in."""
    counted, pipeline = _Counted(), Pipeline()
    with secured(pipeline, files, implicit_tls=True, networks=LOOPBACK, authenticator=users) as relay:
        relay.guesses = Guesses(counted)
        with smtplib.SMTP_SSL(*relay.addresses[0], context=trusting(files)) as client:
            client.sendmail("a@b.c", ["d@e.f"], BODY)
        assert counted.asked == []
        with smtplib.SMTP_SSL(*relay.addresses[0], context=trusting(files)) as client:
            client.login("scanner", "s3cret")
            client.sendmail("a@b.c", ["d@e.f"], BODY)
        assert counted.asked == ["failures of 127.0.0.1"]
    assert len(pipeline.bodies) == 2


def test_auth_does_not_survive_into_a_second_identity(files: Files, users: PasswordFile) -> None:
    """A second AUTH and an AUTH inside a transaction are out of place (RFC 4954 section 4)."""
    right = "PLAIN " + b64encode(b"\0scanner\0s3cret").decode()
    with (
        secured(Pipeline(), files, implicit_tls=True, networks=LOOPBACK, authenticator=users) as relay,
        smtplib.SMTP_SSL(*relay.addresses[0], context=trusting(files)) as client,
    ):
        assert client.docmd("AUTH", right)[0] == 503  # before EHLO
        client.ehlo("me")
        client.mail("a@b.c")
        assert client.docmd("AUTH", right)[0] == 503
        client.rset()
        assert client.docmd("AUTH", right)[0] == 235
        assert client.docmd("AUTH", right)[0] == 503


def test_hang_up_in_the_handshake_harms_nobody(files: Files) -> None:
    """The next client is served."""
    with secured(Pipeline(), files, implicit_tls=True) as relay:
        for _ in range(5):
            socket.create_connection(relay.addresses[0], timeout=5).close()
        with smtplib.SMTP_SSL(*relay.addresses[0], context=trusting(files)) as client:
            client.sendmail("a@b.c", ["d@e.f"], BODY)
