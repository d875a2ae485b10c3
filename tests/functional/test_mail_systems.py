"""The set-up of Postfix in docs/mail-systems.md, as it stands there, around a running relay."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.errors import NextHopUnavailable
from domain.model import Address
from domain.outgoing import Notice
from gateway.deliver import Route, Security, SmtpNextHop
from gateway.smtp.tls import server_context
from tests.functional.test_postfix import Through, eventually, guard
from tests.support.certificates import Files, make_certificate
from tests.support.dkim_signing import holds, signed
from tests.support.postfix import Postfix, need_postfix
from tests.support.relay import running
from tests.support.sink import Sink

pytestmark = pytest.mark.slow

_PAGE = (Path(__file__).parent.parent.parent / "docs" / "mail-systems.md").read_text(encoding="utf-8")
MAIL = b"From: o@council.example\r\nTo: c@carers.example\r\nSubject: x\r\nMessage-ID: <1@c.example>\r\n\r\nHello\r\n"
SIGNABLE = MAIL.replace(
    b"\r\n\r\n",
    b"\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n",
    1,
)


def block(name: str) -> str:
    """What the page says stands in that file."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```\n(.*?)```", _PAGE, re.DOTALL)
    assert found
    return found[1]


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_the_set_up_of_the_page_sends_mail_round_once_and_keeps_it_while_the_relay_is_away() -> None:
    """In at the first port, through the relay with its loop guard, back at the second, out to the world."""
    need_postfix()
    back, to_relay = free(), free()
    with Sink() as world:
        main = block("main.cf").replace(":2525", f":{to_relay}")
        master = block("master.cf").replace(":10026", f":{back}")
        with Postfix((world.host, world.port), main=main, master=master) as postfix:
            send(postfix)  # the relay is away
            eventually(lambda: "Connection refused" in postfix.log(), postfix)
            assert world.received == []
            hop = SmtpNextHop([Route(("*",), "127.0.0.1", back, Security.OFF)], "relay.test")
            through = Through(hop, guard())
            with running(through, port=to_relay, guard=guard().check):
                postfix.flush()
                eventually(lambda: world.received, postfix)
                send(postfix)
                eventually(lambda: len(world.received) == 2, postfix)
                eventually(lambda: "Mail queue is empty" in postfix.queue(), postfix)
            hop.close()
    assert len(through.envelopes) == 2
    for mail in world.received:
        assert mail.content.count(b"X-Sallyport-Trace:") == 1
        assert mail.recipients == ("c@carers.example",)


def send(postfix: Postfix) -> None:
    with smtplib.SMTP(postfix.host, postfix.port, timeout=20) as client:
        client.sendmail("o@council.example", ["c@carers.example"], MAIL)


RELAY, EXCHANGE = "sallyport.council.example", "mail.council.example"
_EXCHANGE_MAIN = """
content_filter = smtp:[127.0.0.1]:{to_relay}
smtp_tls_cert_file = {client.certificate}
smtp_tls_key_file = {client.key}
smtp_tls_CAfile = {relay.ca}
smtp_tls_policy_maps = inline:{{ {{ [127.0.0.1]:{to_relay} = secure match={name} }} }}
smtp_tls_loglevel = 1
smtp_line_length_limit = 0
header_checks = regexp:{rules}
"""
_EXCHANGE_MASTER = """\
127.0.0.1:{back} inet n - n - - smtpd
  -o content_filter=
  -o mynetworks=
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_req_ccert=yes
  -o smtpd_tls_CAfile={relay.ca}
  -o smtpd_tls_loglevel=1
  -o smtpd_relay_restrictions=permit_tls_all_clientcerts,reject
  -o smtpd_recipient_restrictions=permit_tls_all_clientcerts,reject
  -o cleanup_service_name=back
back unix n - n - 0 cleanup
  -o header_checks=
"""
_RULES = """\
/^X-Sallyport-Trace:/ DISCARD it has been round
/^From:/ PREPEND X-MS-Exchange-Organization-AuthAs: Internal
"""
"""What Exchange does on the way out: mail that comes round is dropped, all other gets fields of Exchange's."""


@dataclass
class Exchange:
    """A Postfix that plays Exchange: a connector out over proven TLS, one in for the relay's certificate alone."""

    postfix: Postfix
    world: Sink
    through: Through
    back: int
    own: Files


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    need_postfix()
    for name in ("relay", "exchange"):
        (tmp_path / name).mkdir()
    relay, own = make_certificate(tmp_path / "relay", RELAY), make_certificate(tmp_path / "exchange", EXCHANGE)
    rules, back, to_relay = tmp_path / "rules", free(), free()
    rules.write_text(_RULES)
    tmp_path.chmod(0o755)
    main = _EXCHANGE_MAIN.format(to_relay=to_relay, client=own, relay=relay, name=RELAY, rules=rules)
    files = {"certificate": own.certificate, "key": own.key}
    route = Route(
        ("*",), "127.0.0.1", back, Security.REQUIRED, client_certificate=relay.certificate, client_key=relay.key
    )
    with (
        Sink() as world,
        Postfix(
            (world.host, world.port), main=main, master=_EXCHANGE_MASTER.format(back=back, relay=relay), **files
        ) as postfix,
    ):
        hop = SmtpNextHop([route], "relay.test")
        through = Through(hop, guard())
        with running(through, port=to_relay, tls=server_context(relay.certificate, relay.key), guard=guard().check):
            yield Exchange(postfix, world, through, back, own)
        hop.close()


def test_by_connectors_with_certificates_mail_goes_round_once(exchange: Exchange) -> None:
    """Out over TLS that Exchange proves, back over TLS by our certificate; the author's signature and Exchange's fields
    arrive as they were."""  # noqa: D205, D209 - one thought
    with smtplib.SMTP(exchange.postfix.host, exchange.postfix.port, timeout=20) as client:
        client.sendmail("o@council.example", ["c@carers.example"], signed(SIGNABLE))
    eventually(lambda: exchange.world.received, exchange.postfix)
    (mail,) = exchange.world.received
    (envelope,) = exchange.through.envelopes
    assert envelope.protocol == "ESMTPS"
    assert "Verified TLS connection established to 127.0.0.1" in exchange.postfix.log()
    assert "Trusted TLS connection established from localhost" in exchange.postfix.log()
    assert mail.content.count(b"X-Sallyport-Trace:") == 1
    assert mail.content.count(b"X-MS-Exchange-Organization-AuthAs: Internal") == 1
    assert holds(mail.content)


def test_what_comes_round_again_is_dropped_by_the_rule_and_refused_by_us(exchange: Exchange) -> None:
    """Exchange's rule sees the mark; where there is no such rule, the relay knows its own mark."""
    with smtplib.SMTP(exchange.postfix.host, exchange.postfix.port, timeout=20) as client:
        client.sendmail("o@council.example", ["c@carers.example"], MAIL)
    eventually(lambda: exchange.world.received, exchange.postfix)
    round_again = exchange.world.received[0].content
    with smtplib.SMTP(exchange.postfix.host, exchange.postfix.port, timeout=20) as client:
        client.sendmail("o@council.example", ["c@carers.example"], round_again)
    eventually(lambda: "it has been round" in exchange.postfix.log(), exchange.postfix)
    assert len(exchange.through.envelopes) == 1
    port = int(exchange.postfix.main("content_filter").rpartition(":")[2])
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as client, pytest.raises(smtplib.SMTPDataError, match="loop"):
        client.sendmail("o@council.example", ["c@carers.example"], round_again)
    assert len(exchange.world.received) == 1


def test_nobody_else_comes_in_by_the_way_back(exchange: Exchange) -> None:
    """Neither without a certificate nor with another authority's, whatever mark a mail bears."""
    marked = b"X-Sallyport-Trace: v=1\r\n" + MAIL
    for route in (
        Route(("*",), "127.0.0.1", exchange.back, Security.REQUIRED),
        Route(
            ("*",),
            "127.0.0.1",
            exchange.back,
            Security.REQUIRED,
            client_certificate=exchange.own.certificate,
            client_key=exchange.own.key,
        ),
    ):
        hop = SmtpNextHop([route], "relay.test")
        try:
            replies = hop.deliver(Notice(Address.of("c@carers.example"), marked))
        except NextHopUnavailable:
            replies = ()
        hop.close()
        assert not any(reply.delivered for reply in replies)
    assert exchange.world.received == []


def test_exchange_keeps_its_mail_where_the_relay_does_not_prove_itself(exchange: Exchange, tmp_path: Path) -> None:
    """Another certificate at the relay's port: nothing is said to it, and the mail waits."""
    other = tmp_path / "other"
    other.mkdir()
    false, port = make_certificate(other, RELAY), free()
    seen = Through(exchange.through.hop, guard())
    exchange.postfix.change("content_filter", f"smtp:[127.0.0.1]:{port}")
    exchange.postfix.change("smtp_tls_policy_maps", f"inline:{{ {{ [127.0.0.1]:{port} = secure match={RELAY} }} }}")
    with running(seen, port=port, tls=server_context(false.certificate, false.key)):
        send(exchange.postfix)
        eventually(
            lambda: "not trusted" in exchange.postfix.log() or "untrusted" in exchange.postfix.log(), exchange.postfix
        )
    assert seen.envelopes == []
    assert "c@carers.example" in exchange.postfix.queue()
