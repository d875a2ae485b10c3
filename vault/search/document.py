"""The index row of one record: what it is found by, as keyed tokens, packed.

``keys`` are tokens without an order (fields, beginnings of names, numbers); the text is a list of its different words
(for each the token of its stem and of its own form) and the sequence in which they stand, so that phrases can be found.
Nothing is left out without being said: what could not be read, or is more than a row may hold, stands in ``unread``.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby, islice

from domain.decision import Decision
from domain.here import HERE
from domain.model import PageText, Place
from domain.ports import Filing
from vault.search.tokens import SIZE, Keyed, values_of_name
from vault.search.words import shapes, words

MOST_WORDS = 1_000_000
MOST_KEYS = 2_000_000
OVER_CAP = "it has more words than one record's index holds"
SPAN = 30
"""How far apart the words of a NEAR may stand, and how many a phrase may have."""
GAP = SPAN + 2
"""As many places lie between two parts, so that no phrase reaches from one into the next."""
MOST_PLACES = 1_400_000
"""Words, and the gaps between parts: the index numbers at most 256 rows of a record."""
ROW = 6_000
"""As many places of a text a row of the index holds; the last GAP of them are the next row's first."""
KEYS_A_ROW = 20_000
"""PostgreSQL's tsvector ends at 1 MB."""
_HEAD = struct.Struct("<4I")
_BREAK = 0
_SHORT = 0xFFFF


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that the index does not hold, or not whole. ``part`` is a number path without names."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be indexed of one record. ``names`` are file names; times are aware."""

    texts: Sequence[PageText] = field(repr=False)
    subject: str = field(repr=False)
    names: Sequence[str] = field(repr=False)
    sender: str
    recipients: Sequence[str]
    people: Sequence[str]
    classes: Sequence[str]
    decided: Sequence[str]
    received_at: datetime
    unread: Sequence[Unread] = ()


@dataclass(frozen=True, slots=True)
class Indexed:
    """Ready to be written: ``body`` packed, ``key`` the id of the key that made it."""

    body: bytes = field(repr=False)
    key: str
    unread: tuple[Unread, ...]


def source_of(filing: Filing, classes: Sequence[str]) -> Source:
    """What a filing brings along."""
    return Source(
        texts=filing.texts,
        subject=filing.message.subject,
        names=[p.part.filename for p in filing.parts if p.part.filename],
        sender=filing.envelope.sender.key,
        recipients=[r.key for r in filing.envelope.recipients],
        people=sorted(filing.people.union(*(p.people for p in filing.parts))),
        classes=classes,
        decided=decided(filing.decisions),
        received_at=filing.envelope.received_at,
        unread=tuple(Unread(number_of(u.part), u.reason) for u in filing.unread),
    )


def number_of(path: str) -> str:
    """A part's path without the names of files inside it."""
    return path.partition("/")[0].partition("#")[0]


def decided(decisions: Iterable[Decision]) -> list[str]:
    """The actions, one of each kind."""
    return sorted({d.action.name for d in decisions})


def index(source: Source, keyed: Keyed) -> Indexed:
    """The row of a record."""
    unread = list(source.unread)
    sequence: list[str] = []
    refs: list[str] = []
    gaps, over = 0, False
    for page in _parts(source.texts):
        if sequence:
            sequence.append("")  # no word is empty: a break
            gaps += GAP
        found, room = words(page), max(0, min(MOST_WORDS, MOST_PLACES - gaps) - len(sequence))
        sequence += found[:room]
        refs += shapes(page)
        over = len(found) > room
        if over:
            break
    verdicts = [keyed.kept("decided", d) for d in source.decided]
    keys = list(islice(chain(_keys(source, keyed), _of_refs(refs, keyed), _of_names(source, keyed)), MOST_KEYS + 1))
    if over or len(keys) > MOST_KEYS:
        del keys[MOST_KEYS:]
        unread.append(Unread("", OVER_CAP))
    if unread:
        keys.append(keyed.kept("partial", ""))
    return Indexed(_packed(verdicts, keys, sequence, keyed), keyed.id, tuple(unread))


def _parts(texts: Iterable[PageText]) -> Iterator[str]:
    """The pages of a part are one text; the subject line comes as a text of its own, too."""
    for _, pages in groupby(texts, key=lambda t: t.part):
        yield "\n".join(p.text for p in pages)


def _keys(source: Source, keyed: Keyed) -> Iterator[bytes]:
    """Tokens, or several in one piece. Some may come twice; the index does not mind."""
    yield keyed.kept("all", "")
    for person in source.people:
        yield keyed.kept("about", person)
    for kind in source.classes:
        yield keyed.kept("class", kind)
    for day in days(source.received_at):
        yield keyed.kept("sent", day)
    yield keyed.address("from", source.sender)
    for recipient in source.recipients:
        yield keyed.address("to", recipient)
    for word in words(source.subject):
        yield keyed.stemmed("subject", word)


def _of_names(source: Source, keyed: Keyed) -> Iterator[bytes]:
    """File names: of the parts, and inside containers."""
    inside = (t.text for t in source.texts if t.place is Place.FILE_NAME)
    values = dict.fromkeys(v for name in dict.fromkeys((*source.names, *inside)) for v in values_of_name(name))
    for value in values:
        yield keyed.of("name", value)
    yield from keyed.beginnings("name", values)


def _of_refs(refs: Iterable[str], keyed: Keyed) -> Iterator[bytes]:
    """Numbers and references; by their beginnings those that have letters."""
    for ref in dict.fromkeys(refs):
        yield keyed.of("ref", ref)
        if ref[0].isalpha():
            yield from keyed.beginnings("ref", [ref])


def days(at: datetime) -> tuple[str, str, str]:
    """The year, the month and the day here."""
    day = at.astimezone(HERE).date().isoformat()
    return day[:4], day[:7], day


def _packed(verdicts: Sequence[bytes], keys: Iterable[bytes], sequence: Sequence[str], keyed: Keyed) -> bytes:
    different = dict.fromkeys(sequence)
    different.pop("", None)
    places = dict(zip(different, range(1, len(different) + 1), strict=True))
    places[""] = _BREAK
    numbers = array("H" if len(different) < _SHORT else "I", [places[w] for w in sequence])
    listed = b"".join(keys)
    head = _HEAD.pack(len(verdicts), len(listed) // SIZE, len(different), len(numbers))
    return b"".join((head, *verdicts, listed, keyed.pairs(different), numbers.tobytes()))


@dataclass(frozen=True, slots=True)
class Opened:
    """A packed row, taken apart. Tokens are hexadecimal."""

    keys: list[str]
    forms: list[str]
    stems: list[str]
    sequence: array[int]

    @property
    def tokens(self) -> set[str]:
        """All of them, each once."""
        return {*self.keys, *self.forms, *self.stems}


def opened(body: bytes) -> Opened:
    """What :func:`index` packed."""
    verdicts, keys, different, length = _HEAD.unpack_from(body)
    text = _HEAD.size + (verdicts + keys) * SIZE
    end = text + different * 2 * SIZE
    pairs = _hex(body[text:end])
    sequence = array("H" if different < _SHORT else "I")
    sequence.frombytes(body[end:])
    if len(sequence) != length:
        raise ValueError("a damaged index row")
    return Opened(_hex(body[_HEAD.size : text]), pairs[1::2], pairs[::2], sequence)


def decided_anew(body: bytes, verdicts: Sequence[bytes], keys: bytes = b"") -> bytes:
    """The same row with other decisions, and with those ``keys`` that it lacks."""
    old, listed, *rest = _HEAD.unpack_from(body)
    start = _HEAD.size + old * SIZE
    known = set(_hex(body[start : start + listed * SIZE]))
    new = [bytes.fromhex(k) for k in dict.fromkeys(_hex(keys)) if k not in known]
    return b"".join((_HEAD.pack(len(verdicts), listed + len(new), *rest), *verdicts, *new, body[start:]))


def _hex(tokens: bytes) -> list[str]:
    return tokens.hex(" ", -SIZE).split()


def key_rows(row: Opened) -> Iterator[list[str]]:
    """What has no order, in rows of the index; at least one."""
    listed = [*row.keys, *row.forms]
    for start in range(0, max(len(listed), 1), KEYS_A_ROW):
        yield listed[start : start + KEYS_A_ROW]


def text_rows(row: Opened, most_of_one: int = 0) -> Iterator[list[tuple[int, str]]]:
    """The text's stems with their places, in rows that overlap by GAP; a break takes GAP places.

    ``most_of_one``: as many times a stem may stand in a row (0: any number of times).
    """
    rows: list[tuple[int, str]] = []
    counts: dict[str, int] = {}
    at = 0
    for number in row.sequence:
        if number == _BREAK:
            at += GAP
            continue
        stem = row.stems[number - 1]
        full = most_of_one and counts.get(stem, 0) >= most_of_one
        if rows and (at - rows[0][0] >= ROW or full):
            yield rows
            rows = _overlap(rows, at, most_of_one)
            counts = {}
            for _, kept in rows:
                counts[kept] = counts.get(kept, 0) + 1
        rows.append((at, stem))
        counts[stem] = counts.get(stem, 0) + 1
        at += 1
    if rows:
        yield rows


def _overlap(rows: Sequence[tuple[int, str]], at: int, most_of_one: int) -> list[tuple[int, str]]:
    """What a phrase that ends in the next row may begin with."""
    if most_of_one and most_of_one <= GAP:
        raise ValueError("a row could not hold its overlap")
    return [pair for pair in rows[-GAP:] if at - pair[0] <= GAP]
