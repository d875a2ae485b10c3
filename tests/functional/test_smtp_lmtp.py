"""LMTP (RFC 2033): one reply for each recipient, whatever becomes of the body."""

from __future__ import annotations

from domain.errors import MailLoop
from domain.outgoing import Fate
from tests.support.relay import Pipeline, Wire, running

FATES = {"held@x.org": Fate.HELD, "later@x.org": Fate.TRY_AGAIN, "told@x.org": Fate.TOLD}


def test_each_recipient_has_its_own_reply_in_the_order_of_rcpt() -> None:
    """Also one that was named twice."""
    with running(Pipeline(FATES), lmtp=True) as relay:
        wire = Wire(relay, hello="LHLO client.test")
        assert wire.begin("a@b.c", "ok@x.org", "later@x.org", "held@x.org", "OK@x.org", "told@x.org")[:3] == "354"
        wire.send(b"x\r\n.\r\n")
        assert wire.replies(5) == ["250", "451", "250", "250", "250"]
        assert wire.ask("NOOP")[:3] == "250"


def test_a_refused_body_is_refused_for_each() -> None:
    """The number of replies is the number of accepted recipients, always."""
    with running(Pipeline(error=MailLoop()), lmtp=True, max_size=1000) as relay:
        wire = Wire(relay, hello="LHLO client.test")
        for body, code in ((b"a\nb\r\n", "550"), (b"x" * 2000 + b"\r\n", "552"), (b"fine\r\n", "554")):
            assert wire.begin("a@b.c", "one@x.org", "two@x.org")[:3] == "354"
            wire.send(body + b".\r\n")
            assert wire.replies(2) == [code, code]
            assert wire.ask("NOOP")[:3] == "250"


def test_lmtp_is_not_smtp() -> None:
    """EHLO and HELO are refused; the envelope says LMTP; no recipient, no body."""
    pipeline = Pipeline()
    with running(pipeline, lmtp=True) as relay:
        wire = Wire(relay, hello="")
        assert "LMTP" in wire.greeting
        assert wire.ask("EHLO x")[:3] == "500"
        assert wire.ask("HELO x")[:3] == "500"
        assert wire.ask("LHLO x")[:3] == "250"
        assert wire.ask("MAIL FROM:<>")[:3] == "250"
        assert wire.ask("DATA")[:3] == "503"
        wire.ask("RSET")
        assert wire.mail(b"x")[:3] == "250"
    assert pipeline.seen[0][0].protocol == "LMTP"
