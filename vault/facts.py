"""What each decision was made of, kept for a while without words, so that another policy can be tried on it.

Kept: what was found (category, likelihood, where), what could not be read, whom it is about (register references), what
the register said of them and of the recipients at that time, which keys could be used, the tags, the addresses of the
envelope, and of those that its officer wrote to before the ones that the guard compared them with. Left out: words,
file names and bytes of the mail; what decides nothing.

What is loaded is decided as the mail was; only the evidence has no words any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from domain.acquaintance import Acquaintance, Written
from domain.decision import Method
from domain.guard import Kind, Looked, Suspicion
from domain.model import (
    Address,
    Analysis,
    Category,
    Evidence,
    Finding,
    Message,
    PartPath,
    Place,
    TypeDisagreement,
    Unreadable,
    UnreadableReason,
)
from domain.permission import Circle, Party, PersonFacts
from domain.policy import Facts
from domain.ports import KeyVerdict, StoredKey
from domain.subjects import Match, SubjectMatch
from domain.tags import Concern, Tags

_T = TypeVar("_T")


def dump(facts: Facts) -> str:
    """JSON, of which empty things are left out."""
    return _JSON.dump_json(_written(facts), exclude_defaults=True).decode()


def load(text: str) -> Facts:
    """What :func:`dump` wrote. Raises ``ValueError`` for what another version of this program may have written."""
    try:
        return _read(_JSON.validate_json(text))
    except (ValidationError, KeyError):
        raise ValueError("facts of another version") from None


@dataclass(frozen=True, slots=True)
class _Found:
    category: Category
    likelihood: float
    part: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class _About:
    """``strangers`` and ``disagreement`` are how many there were."""

    match: Match = Match.NONE
    people: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    tagged: frozenset[str] = frozenset()
    strangers: int = 0
    disagreement: int = 0
    by_part: tuple[tuple[str, frozenset[str]], ...] = ()
    hints: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """``about`` and ``unknown`` are words that somebody typed, so only their number is kept."""

    secure: bool = False
    urgent: Concern | None = None
    about: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class _Key:
    method: Method
    usable: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the guard went by: of addresses that its officer wrote to, and of the register's, those that may decide."""

    visible: int = 0
    written: tuple[Written, ...] = ()
    registered: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Kept:
    """The JSON's form. Addresses are folded; ``keys`` has every recipient once the register was asked.

    ``doubts`` are the guard's, without the addresses that may be meant; None where it did not look.
    """

    at: datetime
    sender: str
    recipients: tuple[str, ...]
    found: tuple[_Found, ...] = ()
    unreadable: tuple[str, ...] = ()
    disagreements: int = 0
    about: _About = _About()
    asked: _Asked = _Asked()
    people: dict[str, PersonFacts] = field(default_factory=dict)
    parties: dict[str, tuple[Party, ...]] = field(default_factory=dict)
    staff: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    keys: dict[str, tuple[_Key, ...]] = field(default_factory=dict)
    doubts: dict[str, tuple[Kind, ...]] | None = None
    looked: _Looked | None = None


_JSON = TypeAdapter(_Kept)


def _written(facts: Facts) -> _Kept:
    hide = _Hidden()
    analysis, circle = facts.analysis, facts.circle
    return _Kept(
        at=circle.at,
        sender=facts.sender.key,
        recipients=tuple(r.key for r in facts.recipients),
        found=tuple(_Found(f.category, f.likelihood, hide.path(f.part), _places(f)) for f in analysis.findings),
        unreadable=tuple(dict.fromkeys(u.reason.name for u in facts.message.unreadable + analysis.unreadable)),
        disagreements=len(analysis.disagreements),
        about=_about(facts.subjects, hide),
        asked=_Asked(facts.tags.secure, facts.tags.urgent, len(facts.tags.about), len(facts.tags.unknown)),
        people=dict(circle.people),
        parties={a.key: parties for a, parties in circle.parties.items()},
        staff=tuple(sorted(a.key for a in circle.staff)),
        stopped=tuple(sorted(a.key for a in circle.stopped)),
        keys={a.key: tuple(_Key(v.key.method, v.usable, v.reason) for v in vs) for a, vs in facts.keys.items()},
        doubts=None if facts.doubts is None else {a.key: tuple(s.kind for s in d) for a, d in facts.doubts.items()},
        looked=_looked(facts.looked) if facts.looked else None,
    )


def _looked(looked: Looked) -> _Looked:
    known = looked.known
    return _Looked(looked.visible, known.written, known.registered, known.domains)


def _about(subjects: SubjectMatch, hide: _Hidden) -> _About:
    return _About(
        match=subjects.match,
        people=subjects.people,
        weak=subjects.weak,
        unsure=subjects.unsure,
        tagged=subjects.tagged,
        strangers=len(subjects.strangers),
        disagreement=len(subjects.disagreement),
        by_part=tuple((hide.path(path), people) for path, people in subjects.by_part),
        hints=tuple((hide.path(path), people) for path, people in subjects.hints),
    )


def _places(finding: Finding) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(e.place for e in finding.evidence))


class _Hidden:
    """Paths without the names of files, of which the same names stay the same, so that what lies in what is kept."""

    _OURS = re.compile(r"subject|HEADER|\d{1,4}(\.\d{1,4}){0,20}")
    _SEPARATORS = re.compile(r"([/#])")

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def path(self, path: PartPath) -> str:
        """The first step is a number that we gave, the others are names that somebody gave."""
        first, *steps = self._SEPARATORS.split(path)
        shown = first if self._OURS.fullmatch(first) else self._name(first)
        return shown + "".join(s if s in "/#" and n % 2 == 0 else self._name(s) for n, s in enumerate(steps))

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"f{len(self._names) + 1}")


def _read(kept: _Kept) -> Facts:
    return Facts(
        sender=_address(kept.sender),
        recipients=tuple(map(_address, kept.recipients)),
        message=Message(b"", 0, "", "", "", ()),
        analysis=Analysis(
            findings=tuple(Finding(f.part, f.category, f.likelihood, _evidence(f.places)) for f in kept.found),
            unreadable=tuple(Unreadable("", UnreadableReason[name]) for name in kept.unreadable),
            disagreements=(TypeDisagreement("", "", "", ""),) * kept.disagreements,
        ),
        subjects=_subjects(kept.about),
        circle=Circle(
            at=kept.at,
            people=kept.people,
            parties=_by_address(kept.parties),
            staff=frozenset(map(_address, kept.staff)),
            stopped=frozenset(map(_address, kept.stopped)),
        ),
        keys=_by_address({a: tuple(map(_verdict, keys)) for a, keys in kept.keys.items()}),
        doubts=None if kept.doubts is None else _by_address({a: _doubts(d) for a, d in kept.doubts.items()}),
        looked=_looked_again(kept.looked) if kept.looked else None,
        tags=Tags(kept.asked.secure, ("",) * kept.asked.about, kept.asked.urgent, ("",) * kept.asked.unknown),
    )


def _looked_again(kept: _Looked) -> Looked:
    return Looked(kept.visible, Acquaintance(kept.written, kept.registered, kept.domains))


def _subjects(about: _About) -> SubjectMatch:
    return SubjectMatch(
        match=about.match,
        people=about.people,
        weak=about.weak,
        unsure=about.unsure,
        tagged=about.tagged,
        strangers=_evidence([Place.BODY] * about.strangers),
        disagreement=_evidence([Place.BODY] * about.disagreement),
        by_part=about.by_part,
        hints=about.hints,
    )


def _evidence(places: Iterable[Place]) -> tuple[Evidence, ...]:
    return tuple(Evidence("", place, "", "") for place in places)


def _verdict(key: _Key) -> KeyVerdict:
    return KeyVerdict(StoredKey(key.method, "", b""), key.usable, key.reason)


def _doubts(kinds: Iterable[Kind]) -> tuple[Suspicion, ...]:
    return tuple(Suspicion(kind) for kind in kinds)


def _address(key: str) -> Address:
    return Address(key=key, text=key)


def _by_address(found: Mapping[str, _T]) -> dict[Address, _T]:
    return {_address(key): value for key, value in found.items()}
