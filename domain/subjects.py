"""Step 4, the pure half: from mentions to whom the mail is about.

Strong mentions (a registered NHS number or council ID, or a name with the date of birth
beside it) name a person. A name alone is weak: in a register of 5,000 people, 304 share
theirs with somebody. It never overrules a strong mention of the same person, but another
person's name beside it is not lost: the wrong document, or somebody else's story in the
right one, is how breaches happen. A name that several people bear is *ambiguous*, which is
not *none*; a number that nobody in the register has is a *stranger's*.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.model import HEADER, SUBJECT_LINE, Evidence, PartPath, Place


class MatchedBy(StrEnum):
    """What pointed at the person."""

    TAG = "the officer's own tag"
    NHS_NUMBER = "NHS number"
    COUNCIL_ID = "council ID"
    NAME_AND_BIRTH = "name and date of birth"
    NAME = "name alone"

    @property
    def strong(self) -> bool:
        """Enough on its own to say who it is."""
        return self is not MatchedBy.NAME


_IDENTIFIERS = frozenset({MatchedBy.NHS_NUMBER, MatchedBy.COUNCIL_ID, MatchedBy.NAME_AND_BIRTH})
"""What may be a stranger's: a number, or a date of birth, that nobody who is named has."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that points at one person, or at several who share a name (then ``people`` has more than one).

    An identifier that the register does not know points at nobody: ``people`` is empty.
    """

    people: frozenset[str]
    by: MatchedBy
    evidence: Evidence

    def __post_init__(self) -> None:
        if not self.people and self.by not in _IDENTIFIERS:
            raise ValueError("a mention of nobody")


class Match(StrEnum):
    """How sure we are whom the mail is about."""

    NONE = "none"
    ONE = "one"
    SEVERAL = "several"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class SubjectMatch:
    """Whom a message is about.

    ``people`` are register references; for AMBIGUOUS they are the candidates. ``weak`` are those
    found by name alone; ``unsure`` are those of them by whose name alone a whole attachment would
    be known. ``disagreement`` tells that one place of the mail names somebody whom another does
    not. ``by_part`` says whom each part concerns (for sealing); ``tagged`` are those whom the
    officer named by a tag. ``strangers`` are identifiers of nobody in the register.
    """

    match: Match
    people: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    tagged: frozenset[str] = frozenset()
    strangers: tuple[Evidence, ...] = ()
    disagreement: tuple[Evidence, ...] = ()
    by_part: tuple[tuple[PartPath, frozenset[str]], ...] = ()
    mentions: tuple[Mention, ...] = ()

    def about(self, part: PartPath) -> frozenset[str]:
        """Whom this part concerns: those named in it or in what lies inside it; else all of the mail's people."""
        return self.named_in(part) or self.people

    def named_in(self, part: PartPath) -> frozenset[str]:
        """Those named in this part or in what lies inside it."""
        inside = [people for path, people in self.by_part if path == part or path.startswith((f"{part}/", f"{part}#"))]
        return frozenset().union(*inside)

    def speaks_of(self, part: PartPath) -> frozenset[str]:
        """Those named in this part, or in the subject line above it, which says nothing of who the recipients are."""
        return self.named_in(part) if part == HEADER else self.named_in(part) | self.named_in(SUBJECT_LINE)

    def surely_about(self, part: PartPath) -> frozenset[str]:
        """Those of them who are named strongly. Nothing is refused, and nothing sealed, on a guess."""
        return self.about(part) - self.weak


def match(mentions: Iterable[Mention]) -> SubjectMatch:
    """Whom the mail is about. Total: any set of mentions gives an answer."""
    everything = tuple(mentions)
    strangers = tuple(m.evidence for m in everything if not m.people)
    kept = _without_outranked(_resolved(tuple(m for m in everything if m.people)))
    if not kept:
        return SubjectMatch(Match.NONE, strangers=strangers)
    strong = _named(m for m in kept if m.by.strong)
    named = _named(kept)
    unclear = [m for m in kept if len(m.people) > 1]
    people = named.union(*(m.people for m in unclear))
    return SubjectMatch(
        match=_how(len(named), unclear=bool(unclear)),
        people=people,
        weak=people - strong,
        unsure=_unsure(kept) - strong,
        tagged=_named(m for m in kept if m.by is MatchedBy.TAG),
        strangers=strangers,
        disagreement=_disagreement(kept),
        by_part=_by_part(kept),
        mentions=kept,
    )


def _how(count: int, *, unclear: bool) -> Match:
    if unclear:
        return Match.AMBIGUOUS
    return Match.ONE if count == 1 else Match.SEVERAL


def _named(mentions: Iterable[Mention]) -> frozenset[str]:
    """Those whom a mention names without doubt."""
    return frozenset(person for m in mentions if len(m.people) == 1 for person in m.people)


def _resolved(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """A name that several bear means the one of them whom the mail names strongly, if it does.

    In a document that is only what stands in that document, and the officer's own tag: another one's number does not
    tell which of them this one is about.
    """

    def tells(m: Mention, other: Mention) -> bool:
        near = m.evidence.place is not Place.ATTACHMENT or other.evidence.part == m.evidence.part
        return other.by is MatchedBy.TAG or (other.by.strong and near)

    def sure(m: Mention) -> frozenset[str]:
        return m.people & _named(other for other in mentions if tells(m, other))

    return tuple(replace(m, people=sure(m) or m.people) for m in mentions)


def _without_outranked(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """Drop names alone where the same part says strongly that it is one of their bearers."""
    certain: dict[PartPath, frozenset[str]] = {}
    for m in mentions:
        if m.by.strong:
            certain[m.evidence.part] = certain.get(m.evidence.part, frozenset()) | m.people
    return tuple(m for m in mentions if m.by.strong or not m.people & certain.get(m.evidence.part, frozenset()))


def _unsure(mentions: tuple[Mention, ...]) -> frozenset[str]:
    """Those whose names stand alone in an attachment that names nobody strongly."""
    certain = {m.evidence.part for m in mentions if m.by.strong}
    alone = (m for m in mentions if m.evidence.place is Place.ATTACHMENT and m.evidence.part not in certain)
    return frozenset(person for m in alone for person in m.people)


def _disagreement(mentions: tuple[Mention, ...]) -> tuple[Evidence, ...]:
    """What the subject line, the body or a file name says of people about whom no attachment is."""
    attached = _named(m for m in mentions if m.evidence.place is Place.ATTACHMENT)
    if not attached:
        return _between_subject_and_body(mentions)
    return tuple(m.evidence for m in mentions if m.evidence.place is not Place.ATTACHMENT and not m.people & attached)


def _between_subject_and_body(mentions: tuple[Mention, ...]) -> tuple[Evidence, ...]:
    body = _named(m for m in mentions if m.evidence.place is Place.BODY)
    line = [m for m in mentions if m.evidence.place is Place.SUBJECT_LINE]
    return tuple(m.evidence for m in line if body and not m.people & body)


def _by_part(mentions: tuple[Mention, ...]) -> tuple[tuple[PartPath, frozenset[str]], ...]:
    parts: dict[PartPath, frozenset[str]] = {}
    for m in mentions:
        parts[m.evidence.part] = parts.get(m.evidence.part, frozenset()) | m.people
    return tuple(sorted(parts.items()))
