"""What passes between the relay and its readers: frames of JSON and raw bytes, never pickle.

Purpose: framing and checking, for both ends. Trust: the relay's end treats every answer as written by an attacker who
has taken over the reader: types, lengths, numbers, and that it speaks of the parts that were asked about. Failure:
``WireError``; nothing is kept of it.

A frame is ``>II`` (length of the JSON, length of the raw bytes), then both.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from domain.model import (
    Analysis,
    Category,
    Evidence,
    Finding,
    Identifier,
    IdentifierKind,
    PageText,
    Part,
    Place,
    TypeDisagreement,
    Unreadable,
    UnreadableReason,
)

PREFIX = struct.Struct(">II")
HEADER_CAP, BODY_CAP = 4_000_000, 17_000_000
"""Bytes of an answer.

JSON grows thirtyfold when it is read, so it is kept small; four million characters of text come raw.
"""
READY, READY_WITH_OCR = b'{"ready":1}', b'{"ready":2}'
BUSY = b'{"busy":1}'
"""What a reader says before a request, and before each picture that it reads during one."""
_PATH, _SHORT = 2_000, 1_000
_LIST = 50_000
_NUMBER = 1 << 31


class WireError(Exception):
    """The other end said something it must not say."""


def prefix(header: bytes, body: int = 0) -> bytes:
    """The first eight bytes of a frame."""
    return PREFIX.pack(len(header), body)


def request(number: int, subject: str, parts: Sequence[Part], *, say_subject: bool) -> bytes:
    """The JSON of a request. The parts' contents follow it raw, in this order."""
    listed = [[p.path, p.place.value, p.declared_type, p.filename, p.charset, len(p.content)] for p in parts]
    return json.dumps({"id": number, "subject": subject[:10_000], "say": say_subject, "parts": listed}).encode("ascii")


def read_request(header: bytes, body: bytes) -> tuple[int, str, bool, list[Part]]:
    """Number, subject, whether to say it, parts. Raises ``WireError``."""
    try:
        asked = json.loads(header)
        parts, at = [], 0
        view = memoryview(body)
        for path, place, declared, filename, charset, size in asked["parts"]:
            content = body if size == len(body) else bytes(view[at : at + size])
            parts.append(Part(path, Place(place), declared, filename, content, charset))
            at += size
        return int(asked["id"]), str(asked["subject"]), bool(asked["say"]), parts
    except (ValueError, KeyError, TypeError) as error:
        raise WireError(type(error).__name__) from None


def answer(number: int, analysis: Analysis) -> tuple[bytes, bytes]:
    """The JSON of an answer, and the texts in it, both UTF-8."""
    texts = [t.text.encode("utf-8", "replace") for t in analysis.texts]
    said = {
        "id": number,
        "texts": [
            [t.part, t.place.value, t.page, len(raw), t.pictured] for t, raw in zip(analysis.texts, texts, strict=True)
        ],
        "findings": [
            [f.part, f.category.value, f.likelihood, [_evidence_out(e) for e in f.evidence]] for f in analysis.findings
        ],
        "identifiers": [[i.kind.value, i.value, _evidence_out(i.evidence)] for i in analysis.identifiers],
        "unreadable": [[u.part, u.reason.name, u.filename[:_SHORT]] for u in analysis.unreadable],
        "disagreements": [
            [d.part, d.filename[:_SHORT], d.declared_type[:_SHORT], d.true_type] for d in analysis.disagreements
        ],
        "types": [list(pair) for pair in analysis.true_types],
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"), b"".join(texts)


def read_answer(header: bytearray, body: bytearray, number: int, asked: Iterable[str]) -> Analysis:
    """The analysis in an answer to request ``number`` about these part paths. Raises ``WireError``."""
    check = _Checked(tuple(asked))
    try:
        said = json.loads(header)
        if not isinstance(said, dict) or said.get("id") != number:
            raise WireError("an answer to something else")
        return Analysis(
            texts=tuple(check.pages(said["texts"], body)),
            findings=tuple(check.finding(*row) for row in check.rows(said["findings"])),
            identifiers=tuple(
                Identifier(IdentifierKind(k), check.text(v), check.evidence(e))
                for k, v, e in check.rows(said["identifiers"])
            ),
            unreadable=tuple(
                Unreadable(check.path(p), UnreadableReason[r], check.text(f))
                for p, r, f in check.rows(said["unreadable"])
            ),
            disagreements=tuple(
                TypeDisagreement(check.path(p), check.text(f), check.text(d), check.text(t))
                for p, f, d, t in check.rows(said["disagreements"])
            ),
            true_types=tuple((check.path(p), check.text(t)) for p, t in check.rows(said["types"])),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WireError(type(error).__name__) from None


class _Checked:
    """Checks of an answer's pieces; each returns what it was given or raises."""

    def __init__(self, asked: tuple[str, ...]) -> None:
        self._asked = asked
        self._known = set(asked)

    def path(self, value: object) -> str:
        """A path of a part that was asked about, or of something inside it."""
        path = self.text(value, _PATH)
        if path not in self._known:
            if not any(path.startswith((f"{a}/", f"{a}#")) for a in self._asked):
                raise WireError("a part that was not asked about")
            self._known.add(path)
        return path

    def pages(self, rows: object, body: bytearray) -> Iterator[PageText]:
        """The texts, cut out of the raw bytes, which they must use up exactly."""
        at = 0
        for path, place, page, size, pictured in self.rows(rows):
            end = at + self.count(size)
            text = body[at:end].decode("utf-8")
            yield PageText(self.path(path), Place(place), self.count(page), text, pictured is True)
            at = end
        if at != len(body):
            raise WireError("texts of another length")

    @staticmethod
    def text(value: object, most: int = _SHORT) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise WireError("not a text of that length")
        return value

    @staticmethod
    def count(value: object) -> int:
        if type(value) is not int or not 0 <= value < _NUMBER:
            raise WireError("not a count")
        return value

    @staticmethod
    def rows(value: object) -> list[Any]:
        if not isinstance(value, list) or len(value) > _LIST:
            raise WireError("not a list of that length")
        return value

    def finding(self, part: object, category: str, likelihood: object, evidence: object) -> Finding:
        """One finding; its likelihood must be a number between 0 and 1."""
        if not isinstance(likelihood, float | int) or not (math.isfinite(likelihood) and 0 <= likelihood <= 1):
            raise WireError("not a likelihood")
        found = tuple(self.evidence(e) for e in self.rows(evidence))
        return Finding(self.path(part), Category(category), float(likelihood), found)

    def evidence(self, row: object) -> Evidence:
        part, place, rule, text, page, start, end, pictured = self.rows(row)
        if self.count(start) > self.count(end):
            raise WireError("not a span")
        span = (self.count(page), start, end)
        return Evidence(self.path(part), Place(place), self.text(rule), self.text(text), *span, pictured is True)


def _evidence_out(e: Evidence) -> list[object]:
    return [e.part, e.place.value, e.rule, e.text[:_SHORT], e.page, e.start, e.end, e.pictured]
