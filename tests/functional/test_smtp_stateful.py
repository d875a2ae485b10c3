"""Any dialogue, by hypothesis, against the real relay: a model of RFC 5321 says which reply each command may have.

The octets are cut anywhere, so nothing depends on how they come; and what reaches the pipeline is what the model says.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.server import Relay
from tests.support.relay import Pipeline, Wire, running

_GOOD, _BAD = "2", "5"
_ADDRESSES = ["<b@example.org>", "<C@example.org>", "<d@example.org> NOTIFY=NEVER"]
_RUBBISH = [
    b"", b" ", b"EHLO", b"MAIL", b"RCPT TO:<x", b"RCPT TO:<a%b@c.org>", b"DATA now", b"STARTTLS", b"AUTH PLAIN AAAA",
    b"VRFY a\tb", b"\x00", b"\xff\xfe", b"MAIL FROM:<a@b.c> RET=ALL", b"GET / HTTP/1.1", b"x" * 5000,
    b"RCPT TO:<x@y.z> NOTIFY=NEVER,DELAY", b"NOOP\rNOOP",
    b"TURN", b"BURL imap://x LAST", b"XCLIENT ADDR=127.0.0.1",
]  # fmt: skip
_BODIES = [
    b"Subject: x\r\n\r\nHello\r\n",
    b"",
    b".\r\n..\r\n",
    b"a\nb\r\n",
    b"\r\n.\n\r\n",
    b"x" * 3000 + b"\r\n",
    b"a\0b\r\n",
]

commands = st.one_of(
    st.sampled_from([("EHLO", b"EHLO me.test"), ("HELO", b"HELO me.test"), ("RSET", b"RSET"), ("NOOP", b"NOOP")]),
    st.just(("MAIL", b"MAIL FROM:<a@council.test>")),
    st.just(("MAIL", b"mail from:<>")),
    st.sampled_from(_ADDRESSES).map(lambda a: ("RCPT", b"RCPT TO:" + a.encode())),
    st.sampled_from(_BODIES).map(lambda body: ("DATA", body)),
    st.sampled_from(_RUBBISH).map(lambda line: ("rubbish", line)),
)


class Model:
    """What the relay must have understood so far."""

    def __init__(self) -> None:
        self.greeted = self.extended = False
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.mails: list[tuple[str, list[str], bytes]] = []

    def expect(self, kind: str, line: bytes) -> str:
        """The first digit of the reply, and what changes by it."""
        return getattr(self, f"_{kind.lower()}")(line)

    def _ehlo(self, _line: bytes) -> str:
        self.greeted = self.extended = True
        return self._rset(b"")

    def _helo(self, _line: bytes) -> str:
        self.greeted, self.extended = True, False
        return self._rset(b"")

    def _rset(self, _line: bytes) -> str:
        self.sender, self.recipients = None, []
        return _GOOD

    def _noop(self, _line: bytes) -> str:
        return _GOOD

    def _mail(self, line: bytes) -> str:
        if not self.greeted or self.sender is not None:
            return _BAD
        self.sender = line.decode().partition("<")[2].partition(">")[0]
        return _GOOD

    def _rcpt(self, line: bytes) -> str:
        if self.sender is None:
            return _BAD
        address = line.decode().partition("<")[2].partition(">")[0]
        if address.lower() not in {r.lower() for r in self.recipients}:
            self.recipients.append(address)
        return _GOOD

    def _rubbish(self, _line: bytes) -> str:
        return _BAD

    def body(self, body: bytes) -> str:
        """After 354."""
        clean = body.replace(b"\r\n", b"")
        if not {b"\n", b"\r", b"\0"} & {bytes([c]) for c in clean}:
            self.mails.append((self.sender or "", self.recipients, body))
            self._rset(b"")
            return _GOOD
        self._rset(b"")
        return _BAD


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[Relay, Pipeline]]:
    pipeline = Pipeline()
    with running(pipeline, max_errors=1000, max_junk=1000) as relay:
        yield relay, pipeline


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(commands, max_size=25), st.integers(1, 64), st.booleans())
def test_any_dialogue_keeps_the_rules(house, dialogue, piece: int, greet: bool) -> None:
    """One reply a command with the right class; nothing else reaches the pipeline; the line lives until QUIT."""
    relay, pipeline = house
    pipeline.seen.clear()
    wire, model = Wire(relay, hello=""), Model()
    for kind, line in [("EHLO", b"EHLO me.test")] * greet + dialogue:
        if kind != "DATA":
            _send(wire, line + b"\r\n", piece)
            assert wire.reply()[:1] == model.expect(kind, line), (kind, line)
        elif _send(wire, b"DATA\r\n", piece) or wire.reply()[:3] == "354":
            assert model.recipients
            _send(wire, _stuffed(line) + b".\r\n", piece)
            assert wire.reply()[:1] == model.body(line), line
        else:
            assert not model.recipients
    assert wire.ask("QUIT")[:3] == "221"
    assert wire.closed()
    wire.close()
    assert [(e.sender.text, [r.text for r in e.recipients], raw) for e, raw in pipeline.seen] == model.mails


def _stuffed(body: bytes) -> bytes:
    """RFC 5321 section 4.5.2, for lines that end as they should."""
    return (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:]


def _send(wire: Wire, data: bytes, piece: int) -> None:
    """In pieces of that size, so that ends come apart; long ones in fewer."""
    step = max(piece, len(data) // 8)
    for start in range(0, len(data), step):
        wire.send(data[start : start + step])
