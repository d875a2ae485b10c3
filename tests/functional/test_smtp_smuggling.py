"""SMTP smuggling: no end of line but CRLF, no end of data but CRLF.CRLF, in any position."""

from __future__ import annotations

import pytest

from tests.support.relay import Pipeline, Wire, running

INNER = b"MAIL FROM:<admin@council.test>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n"
FALSE_ENDS = [
    b"\n.\n", b"\r.\r", b"\r\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r\n.\r", b"\n\n.\r\n\n", b"\r\n\0.\r\n", b"\r\n.\0\r\n",
    b"\0\r\n.\0\n",
]  # fmt: skip


@pytest.mark.parametrize("end", FALSE_ENDS)
@pytest.mark.parametrize("pipelined", [False, True])
def test_a_false_end_starts_no_second_mail(end: bytes, *, pipelined: bool) -> None:
    """The mail is refused as a whole, nothing inside it becomes a command, and the next real one is taken."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        wire = Wire(relay)
        content = b"Subject: outer\r\n\r\nhello" + end + INNER + b".\r\n"
        if pipelined:
            wire.send(b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n" + content)
            assert wire.replies(3) == ["250", "250", "354"]
        else:
            assert wire.begin()[:3] == "354"
            wire.send(content)
        assert wire.reply().startswith("550 5.6.0")
        assert wire.mail(b"Subject: honest\r\n\r\nx")[:3] == "250"
        assert wire.ask("QUIT")[:3] == "221"
        assert wire.closed()
    assert [raw.splitlines()[0] for raw in pipeline.bodies] == [b"Subject: honest"]


def test_the_reply_names_the_bare_lf() -> None:
    """So that the administrator of the sending system knows what to look for."""
    with running(Pipeline()) as relay:
        assert "bare LF" in Wire(relay).mail(b"a\nb")
        assert "bare CR" in Wire(relay).mail(b"a\rb")
        assert "NUL" in Wire(relay).mail(b"a\0b")


@pytest.mark.parametrize("line", [b"NOOP\n", b"MAIL FROM:<a@b.c>\n", b"QUIT\n", b"RSET\r\r\n", b"NOOP\rNOOP\r\n"])
def test_a_command_ends_with_crlf_alone(line: bytes) -> None:
    """A bare LF or CR in a command: 500, not carried out."""
    with running(Pipeline()) as relay:
        wire = Wire(relay)
        wire.send(line)
        assert wire.reply()[:3] == "500"
        assert wire.ask("RCPT TO:<x@y.z>")[:3] == "503"


def test_a_false_end_alone_keeps_the_body_open() -> None:
    """The relay waits for the true end rather than guessing."""
    pipeline = Pipeline()
    with running(pipeline, idle=0.5) as relay:
        wire = Wire(relay)
        assert wire.begin()[:3] == "354"
        wire.send(b"x\n.\nQUIT\r\n")
        assert wire.reply().startswith("421")  # the time-out, not 221
    assert pipeline.seen == []
