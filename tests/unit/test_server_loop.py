"""Loop protection."""

from __future__ import annotations

import hashlib

import pytest

from domain.errors import MailLoop, MalformedMessage
from domain.model import Address, Envelope
from gateway.loop import NAME, LoopGuard
from gateway.parse import parse, strip_bcc_and_mark
from gateway.protect.headers import divide
from tests.support.relay import NOON

KEY = b"k" * 32
RAW = b"From: a@b.c\r\nMessage-ID: <1@b.c>\r\nBcc: hidden@x.org\r\n\r\nx\r\n"
ENVELOPE = Envelope(
    Address.of("a@b.c"), (Address.of("hidden@x.org"),), NOON, peer="2001:db8::1", helo="evil\r\nX: y", protocol="ESMTPS"
)


def marked(guard: LoopGuard, raw: bytes = RAW) -> bytes:
    return strip_bcc_and_mark(raw, guard.trace(ENVELOPE, parse(raw)))


def test_our_own_mark_is_known_again_by_every_relay_with_the_key() -> None:
    """Also after other systems have put fields above it and folded it anew."""
    ours, colleague = LoopGuard(KEY, "one.test"), LoopGuard(KEY, "two.test")
    ours.check(RAW)
    for back in (marked(ours), b"Received: from x\r\n" + marked(ours), marked(ours).replace(b";\r\n\t", b"; ")):
        with pytest.raises(MailLoop):
            colleague.check(back)


@pytest.mark.parametrize(
    "change", [(b"t=", b"t=1"), (b"h=one", b"h=two"), (b"i=", b"i=0"), (b"s=", b"s=0"), (b"v=1", b"v=2")]
)
def test_a_forged_or_changed_mark_is_ignored(change: tuple[bytes, bytes]) -> None:
    """Nobody can stop another's mail by inventing a mark."""
    guard = LoopGuard(KEY, "one.test")
    head, _, rest = marked(guard).partition(NAME.encode())
    guard.check(head + NAME.encode() + rest.replace(*change, 1))
    guard.check(marked(LoopGuard(b"another key, not ours", "one.test")))


def test_a_mark_in_the_body_or_in_a_mail_inside_is_not_ours_to_mind() -> None:
    """A bounce that quotes our mail is no loop."""
    guard = LoopGuard(KEY, "one.test")
    guard.check(b"Content-Type: message/rfc822\r\n\r\n" + marked(guard))


def test_a_genuine_mark_cannot_hide_among_forged_ones() -> None:
    """Sixty-four junk marks above it hid it; so many are no mail's, and are refused."""
    guard = LoopGuard(KEY, "one.test")
    junk = b"X-Sallyport-Trace: junk\r\n"
    guard.check(junk * 64 + RAW)
    for raw in (junk * 63 + marked(guard), junk * 64 + marked(guard), junk * 65 + RAW):
        with pytest.raises(MailLoop):
            guard.check(raw)


@pytest.mark.parametrize(
    "name", [b"Bcc", b"resent-BCC", b"Envelope-To", b"X-Envelope-To", b"X-Original-To", b"Apparently-To", b"X-Rcpt-To"]
)
def test_no_field_that_names_hidden_recipients_leaves(name: bytes) -> None:
    """Neither in the clear nor inside what is protected; a mail that is attached stays as it is."""
    inside = b"From: c@d.e\r\nBcc: kept@inside.example\r\n\r\nhi\r\n"
    head = b"From: a@b.c\r\nContent-Type: message/rfc822\r\n" + name + b" :\r\n hidden@x.org\r\nSubject: x\r\n\r\n"
    clear = strip_bcc_and_mark(head + inside, b"")
    assert clear == b"From: a@b.c\r\nContent-Type: message/rfc822\r\nSubject: x\r\n\r\n" + inside
    assert b"hidden" not in divide(parse(head + inside), ENVELOPE, "x").inner


def test_too_many_hops_are_a_loop_and_so_many_are_not() -> None:
    """RFC 5321 section 6.3."""
    guard = LoopGuard(KEY, "one.test", max_hops=3)
    guard.check(b"Received: from x\r\n" * 3 + RAW)
    with pytest.raises(MailLoop):
        guard.check(b"received: from x\r\n" * 4 + RAW)


def test_passes_allow_a_second_time_where_that_is_usual() -> None:
    """A redirecting mailbox."""
    guard = LoopGuard(KEY, "one.test", passes=2)
    guard.check(marked(guard))
    with pytest.raises(MailLoop):
        guard.check(marked(guard, marked(guard)))


def test_the_trace_is_two_fields_that_tell_nothing_of_the_recipients() -> None:
    """Whole lines; a hostile HELO cannot write a field; Bcc stays secret."""
    trace = LoopGuard(KEY, "one.test").trace(ENVELOPE, parse(RAW))
    lines = trace.decode("ascii").split("\r\n")
    assert [line.partition(":")[0] for line in lines if line and line[0] != "\t"] == ["Received", NAME]
    assert lines[0] == "Received: from evil??X:?y ([IPv6:2001:db8::1])"
    assert lines[1] == "\tby one.test with ESMTPS;"
    assert lines[-1] == ""
    assert all(len(line) <= 78 for line in lines[1:])
    assert b"hidden" not in trace
    assert hashlib.sha256(b"<1@b.c>").hexdigest()[:32].encode() not in trace
    assert b"hidden" not in marked(LoopGuard(KEY, "one.test"))


def test_a_header_without_end_is_malformed_not_slow() -> None:
    """Bounded before anything is counted."""
    with pytest.raises(MalformedMessage):
        LoopGuard(KEY, "one.test").check(b"X: y\r\n" * 400_000)


def test_a_weak_key_is_refused() -> None:
    """Sixteen octets at least."""
    with pytest.raises(ValueError, match="16"):
        LoopGuard(b"short", "one.test")
