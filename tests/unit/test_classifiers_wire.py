"""The relay believes no answer that an honest reader would not give."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import wire
from classifiers.analysis import Analyser
from domain.model import Analysis, Part, Place

PARTS = [
    Part("1", Place.BODY, "text/plain", "", b"NHS No: 943 476 5919, seizures again. caf\xe9", "latin-1"),
    Part("2", Place.ATTACHMENT, "application/pdf", "Risk management plan.pdf", b"%PDF-1.4 cut"),
]
PATHS = ["subject", "1", "2"]


def honest() -> tuple[dict[str, Any], bytes, Analysis]:
    analysis = Analyser().analyse("About SL-20417", PARTS)
    header, body = wire.answer(7, analysis)
    return json.loads(header), body, analysis


def test_answer_comes_back_as_it_was() -> None:
    """Findings, evidence, identifiers, texts and types survive the way."""
    header, body, analysis = honest()
    read = wire.read_answer(bytearray(json.dumps(header).encode()), bytearray(body), 7, PATHS)
    assert read == analysis
    assert read.findings
    assert read.identifiers
    assert read.unreadable


def test_request_comes_back_as_it_was() -> None:
    """Raw contents are cut where they were joined."""
    header = wire.request(3, "Hello", PARTS, say_subject=False)
    assert wire.read_request(header, b"".join(p.content for p in PARTS)) == (3, "Hello", False, PARTS)


LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another mail's answer": lambda a: a.update(id=6),
    "a part not asked about": lambda a: a["texts"][0].__setitem__(0, "3"),
    "a path that only starts alike": lambda a: a["texts"][0].__setitem__(0, "11"),
    "an unknown category": lambda a: a["findings"][0].__setitem__(1, "nothing"),
    "a likelihood above one": lambda a: a["findings"][0].__setitem__(2, 1.5),
    "a likelihood that is no number": lambda a: a["findings"][0].__setitem__(2, float("nan")),
    "a likelihood in words": lambda a: a["findings"][0].__setitem__(2, "0.1"),
    "a span that ends before it starts": lambda a: a["identifiers"][0][2].__setitem__(6, -1),
    "a text longer than was sent": lambda a: a["texts"][-1].__setitem__(3, 10_000),
    "a text shorter than was sent": lambda a: a["texts"][-1].__setitem__(3, 0),
    "a negative length": lambda a: a["texts"][-1].__setitem__(3, -1),
    "an unknown reason": lambda a: a["unreadable"][0].__setitem__(1, "FINE"),
    "an unknown place": lambda a: a["texts"][0].__setitem__(1, "elsewhere"),
    "a missing list": lambda a: a.pop("unreadable"),
    "a string for a list": lambda a: a.update(findings="none"),
    "a row too short": lambda a: a["types"][0].pop(),
    "a huge list": lambda a: a.update(types=[["1", "text/plain"]] * 60_000),
    "a huge value": lambda a: a["types"][0].__setitem__(1, "x" * 5_000),
    "a truth for a number": lambda a: a["texts"][0].__setitem__(2, True),
}


@pytest.mark.parametrize("lie", LIES)
def test_lie_is_refused_whole(lie: str) -> None:
    """One false piece, and nothing of the answer is used."""
    header, body, _ = honest()
    LIES[lie](header)
    with pytest.raises(wire.WireError):
        wire.read_answer(bytearray(json.dumps(header).encode()), bytearray(body), 7, PATHS)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_rubbish_is_refused(header: bytes, body: bytes) -> None:
    """Bytes that are no answer raise the one expected error."""
    with pytest.raises(wire.WireError):
        wire.read_answer(bytearray(header), bytearray(body), 1, ["1"])


def test_deep_nesting_is_refused() -> None:
    """A hundred thousand brackets do not end the relay."""
    with pytest.raises(wire.WireError):
        wire.read_answer(bytearray(b"[" * 100_000), bytearray(), 1, ["1"])
