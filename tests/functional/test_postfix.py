"""A real Postfix before the relay and a real Postfix after it, on loopback."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Sequence

import pytest

from domain.decision import Action, Decision, Reason
from domain.model import Address, Envelope
from domain.outgoing import Fate, HopReply, Notice, Outcome, Relayed
from gateway.deliver import Route, Security, SmtpNextHop
from gateway.loop import LoopGuard
from gateway.notices import PlainNotices
from gateway.parse import parse
from gateway.smtp.house import Capacity
from gateway.smtp.tls import server_context
from tests.support.certificates import make_certificate
from tests.support.postfix import Postfix, need_postfix
from tests.support.relay import NOON, Pipeline, running
from tests.support.sink import Sink
from tests.unit.test_reports import fields

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _postfix_is_here() -> None:
    need_postfix()


def eventually(true: Callable[[], object], postfix: Postfix, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, postfix.log() + postfix.queue()
        time.sleep(0.05)


class Through:
    """A pipeline that relays everything to a next hop, with the real trace."""

    def __init__(self, hop: SmtpNextHop, guard: LoopGuard) -> None:
        self.hop, self.guard = hop, guard
        self.envelopes: list[Envelope] = []

    def __call__(self, envelope: Envelope, raw: bytes) -> Sequence[Outcome]:
        self.envelopes.append(envelope)
        reason = Reason("test", Action.RELAY, "a test")
        decisions = tuple(Decision(r, Action.RELAY, (reason,)) for r in envelope.recipients)
        trace = self.guard.trace(envelope, parse(raw))
        replies = self.hop.deliver(Relayed(envelope.sender, decisions, raw, envelope.options, trace, envelope.reports))
        return [Outcome(r.recipient, Fate.DELIVERED if r.delivered else Fate.TRY_AGAIN) for r in replies]


def guard() -> LoopGuard:
    return LoopGuard(b"k" * 32, "relay.test")


def test_mail_goes_from_postfix_through_the_relay_through_postfix() -> None:
    """Whole, Bcc gone, dots and long attachment intact, several recipients, the null sender."""
    line = b"y" * 76 + b"\r\n"
    body = b".dot\r\n..\r\n" + line * 40_000
    content = b"From: a@council.test\r\nTo: b@example.org\r\nBcc: hidden@example.org\r\nSubject: x\r\n\r\n" + body
    with Sink() as sink, Postfix((sink.host, sink.port), name="after.test") as after:
        hop = SmtpNextHop([Route(("*",), after.host, after.port)], "relay.test")
        through = Through(hop, guard())
        with (
            running(through, max_size=2**26, capacity=Capacity(octets=2**27), guard=through.guard.check) as relay,
            Postfix(relay.addresses[0], name="before.test") as before,
            smtplib.SMTP(before.host, before.port) as client,
        ):
            client.sendmail("a@council.test", ["b@example.org", "hidden@example.org"], content)
            client.sendmail("", ["b@example.org"], b"Subject: report\r\n\r\nx\r\n")
            eventually(lambda: len(sink.received) == 2, after)
            hop.close()
    first, second = sorted(sink.received, key=lambda r: -len(r.content))
    assert sorted(first.recipients) == ["b@example.org", "hidden@example.org"]
    header, _, arrived = first.content.partition(b"\r\n\r\n")
    assert arrived == body
    assert b"hidden@example.org" not in header
    assert header.count(b"X-Sallyport-Trace:") == 1
    assert header.index(b"by after.test") < header.index(b"by relay.test") < header.index(b"by before.test")
    assert second.sender in {"", "<>"}
    assert {e.protocol for e in through.envelopes} == {"ESMTP"}


def test_postfix_keeps_the_mail_on_451_and_tries_again() -> None:
    """Nothing is lost: the queue is Postfix's."""
    pipeline = Pipeline({"b@example.org": Fate.TRY_AGAIN})
    with (
        running(pipeline) as relay,
        Postfix(relay.addresses[0]) as before,
        smtplib.SMTP(before.host, before.port) as client,
    ):
        client.sendmail("a@council.test", ["b@example.org"], b"Subject: x\r\n\r\nx\r\n")
        eventually(lambda: "status=deferred" in before.log(), before)
        assert "451 4.3.0" in before.log()
        assert "b@example.org" in before.queue()
        pipeline.fates.clear()
        before.flush()
        eventually(lambda: "status=sent" in before.log(), before)
        assert len(pipeline.seen) >= 2


def test_postfix_bounces_what_is_refused_for_good() -> None:
    """A loop: 554, and the report's null sender comes back through the relay as it is."""
    pipeline = Pipeline()
    with (
        running(pipeline, guard=LoopGuard(b"k" * 32, "relay.test", max_hops=5).check) as relay,
        Postfix(relay.addresses[0]) as before,
        smtplib.SMTP(before.host, before.port) as client,
    ):
        client.sendmail("a@council.test", ["b@example.org"], b"Received: from x\r\n" * 10 + b"Subject: x\r\n\r\nx\r\n")
        eventually(lambda: pipeline.seen, before)
        assert "status=bounced" in before.log()
        envelope, raw = pipeline.seen[0]
        assert (envelope.sender.text, envelope.recipients[0].text) == ("", "a@council.test")
        assert b"554 5.4.6" in raw
        theirs = fields(Notice(envelope.recipients[0], raw))
        refusal = HopReply(Address.of("b@example.org"), 554, "5.4.6 Loop")
        ours = PlainNotices("S", "s@council.test", "", "relay.test").compose(parse(raw), envelope, [], [refusal], NOON)
        for mine, yours in zip(fields(ours), theirs, strict=True):
            assert mine.keys() <= yours.keys()
        assert [theirs[1][name] for name in ("Final-Recipient", "Action", "Status")] == [
            "rfc822; b@example.org", "failed", "5.4.6",
        ]  # fmt: skip
        assert fields(ours)[1].items() >= {k: theirs[1][k] for k in ("Final-Recipient", "Action", "Status")}.items()


def test_reports_are_asked_for_through_us_and_made_by_the_postfix_after_us() -> None:
    """RFC 3461 from end to end: the one that hands over to a system without DSN reports, and nobody before it does."""
    with Sink() as sink, Postfix((sink.host, sink.port), name="after.test") as after:
        hop = SmtpNextHop([Route(("*",), after.host, after.port)], "relay.test")
        through = Through(hop, guard())
        with (
            running(through) as relay,
            Postfix(relay.addresses[0], name="before.test") as before,
            smtplib.SMTP(before.host, before.port) as client,
        ):
            client.ehlo()
            client.mail("a@council.test", ["RET=HDRS", "ENVID=QQ314"])
            client.rcpt("b@example.org", ["NOTIFY=SUCCESS", "ORCPT=rfc822;old@example.org"])
            client.data(b"Subject: x\r\n\r\nx\r\n")
            eventually(lambda: len(sink.received) == 2, after)
            hop.close()
        assert not through.envelopes[1:]
        assert "postfix/bounce" not in before.log()
    report = next(r for r in sink.received if r.sender in {"", "<>"})
    assert report.recipients == ("a@council.test",)
    mail, recipient = fields(Notice(Address.of("a@council.test"), report.content))
    assert (mail["Reporting-MTA"], mail["Original-Envelope-Id"]) == ("dns; after.test", "QQ314")
    assert (recipient["Original-Recipient"], recipient["Action"]) == ("rfc822;old@example.org", "relayed")


def test_postfix_by_lmtp_delivers_each_recipient_once() -> None:
    """Three recipients, one of them later: the served are not served again."""
    pipeline = Pipeline({"later@example.org": Fate.TRY_AGAIN})
    with (
        running(pipeline, lmtp=True) as relay,
        Postfix(relay.addresses[0], lmtp=True) as before,
        smtplib.SMTP(before.host, before.port) as client,
    ):
        names = ["one@example.org", "later@example.org", "two@example.org"]
        client.sendmail("a@council.test", names, b"Subject: x\r\n\r\nx\r\n")
        eventually(lambda: before.log().count("status=sent") == 2, before)
        pipeline.fates.clear()
        before.flush()
        eventually(lambda: before.log().count("status=sent") == 3, before)
        assert sorted(r.text for r in pipeline.seen[0][0].recipients) == sorted(names)
        assert [r.text for r in pipeline.seen[-1][0].recipients] == ["later@example.org"]


def test_tls_to_and_from_postfix(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Postfix takes our STARTTLS, and we verify its certificate."""
    files = make_certificate(tmp_path_factory.mktemp("tls"))
    with (
        Sink() as sink,
        Postfix((sink.host, sink.port), certificate=files.certificate, key=files.key) as after,
    ):
        route = Route(("*",), after.host, after.port, Security.VERIFIED, ca_file=files.ca)
        hop = SmtpNextHop([route], "relay.test")
        through = Through(hop, guard())
        with (
            running(through, tls=server_context(files.certificate, files.key)) as relay,
            Postfix(relay.addresses[0]) as before,
            smtplib.SMTP(before.host, before.port) as client,
        ):
            content = "Subject: ü\r\n\r\nx\r\n".encode()
            client.sendmail("jörg@council.test", ["bücher@example.org"], content, ["SMTPUTF8", "BODY=8BITMIME"])
            eventually(lambda: sink.received, before)
            hop.close()
        assert through.envelopes[0].protocol == "UTF8SMTPS"
        assert b"by relay.test with UTF8SMTPS" in sink.received[0].content
    assert sink.received[0].recipients == ("bücher@example.org",)
    assert "Subject: ü".encode() in sink.received[0].content


def test_what_postfix_refuses_at_rcpt_is_each_recipients_own_reply() -> None:
    """The hop's own words, by recipient."""
    with Sink() as sink, Postfix((sink.host, sink.port)) as after:
        hop = SmtpNextHop([Route(("*",), after.host, after.port)], "relay.test")
        reason = Reason("test", Action.RELAY, "a test")
        good, bad = Address.of("ok@example.org"), Address.of("no..such@[not-an-address]")
        decisions = tuple(Decision(r, Action.RELAY, (reason,)) for r in (good, bad))
        replies = hop.deliver(Relayed(Address.of("a@b.c"), decisions, b"From: a@b.c\r\n\r\nx\r\n"))
        assert replies[0].delivered
        assert replies[1].refused
        eventually(lambda: sink.received, after)
        hop.close()
