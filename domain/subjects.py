"""Step 4, the pure half: from mentions to whom the mail is about.

Strong mentions (a registered NHS number or council ID, or a name with the date of birth
beside it) name a person. A name alone is weak: in a register of 5,000 people, 304 share
theirs with somebody. It never overrules a strong mention of the same person, but another
person's name beside it is not lost: the wrong document, or somebody else's story in the
right one, is how breaches happen. A name that several people bear is *ambiguous*, which is
not *none*; a number that nobody in the register has is a *stranger's*.

A carer or professional, whom the text names as one, only shares a name with somebody of the register and is nobody's
story. A first name that the rest of the mail explains is a *hint*: it can make a decision stricter, never milder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.disagreement import disagreement
from domain.mention import MatchedBy, Mention, Role, without_doubt
from domain.model import HEADER, SUBJECT_LINE, Evidence, PartPath, Place

__all__ = ["Match", "MatchedBy", "Mention", "Role", "SubjectMatch", "match"]


class Match(StrEnum):
    """How sure we are whom the mail is about."""

    NONE = "none"
    ONE = "one"
    SEVERAL = "several"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class SubjectMatch:
    """Whom a message is about.

    ``people`` are register references; for AMBIGUOUS they are the candidates. ``weak`` are those found by name alone;
    ``unsure`` are those of them by whose name alone a whole attachment would be known. ``disagreement`` tells that one
    place of the mail names somebody whom another does not. ``by_part`` says whom each part concerns (for sealing),
    ``hints`` whom first names in it mean; ``tagged`` are those whom the officer named by a tag. ``strangers`` are
    identifiers of nobody in the register; ``bystanders`` are carers and professionals who have a name of the register.
    """

    match: Match
    people: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    tagged: frozenset[str] = frozenset()
    strangers: tuple[Evidence, ...] = ()
    disagreement: tuple[Evidence, ...] = ()
    by_part: tuple[tuple[PartPath, frozenset[str]], ...] = ()
    hints: tuple[tuple[PartPath, frozenset[str]], ...] = ()
    mentions: tuple[Mention, ...] = ()
    bystanders: tuple[Mention, ...] = ()

    @property
    def hinted(self) -> frozenset[str]:
        """Those whom first names alone mean."""
        return _all_of(self.hints) - _all_of(self.by_part)

    def about(self, part: PartPath) -> frozenset[str]:
        """Whom this part concerns: those named in it or in what lies inside it; else all of the mail's people."""
        named = self.named_in(part)
        return named | _inside(self.hints, part) if named else self.people

    def named_in(self, part: PartPath) -> frozenset[str]:
        """Those named in this part or in what lies inside it."""
        return _inside(self.by_part, part)

    def speaks_of(self, part: PartPath) -> frozenset[str]:
        """Those named or hinted at in this part, or in the subject line above it.

        The subject line says nothing of who the recipients are.
        """
        here = self.named_in(part) | _inside(self.hints, part)
        return here if part == HEADER else here | self.named_in(SUBJECT_LINE) | _inside(self.hints, SUBJECT_LINE)

    def surely_about(self, part: PartPath) -> frozenset[str]:
        """Those of them who are named strongly. Nothing is refused, and nothing sealed, on a guess."""
        return self.about(part) - self.weak


def match(mentions: Iterable[Mention]) -> SubjectMatch:
    """Whom the mail is about. Total: any set of mentions gives an answer."""
    everything = tuple(mentions)
    strangers = tuple(m.evidence for m in everything if not m.people)
    bystanders = tuple(m for m in everything if m.bystander)
    kept = _without_outranked(_resolved(tuple(m for m in everything if m.people and not m.bystander)))
    if not kept:
        return SubjectMatch(Match.NONE, strangers=strangers, bystanders=bystanders)
    strong = without_doubt(m for m in kept if m.by.strong)
    named = without_doubt(kept)
    unclear = [m for m in kept if len(m.people) > 1]
    people = named.union(*(m.people for m in unclear))
    return SubjectMatch(
        match=_how(len(named), unclear=bool(unclear)),
        people=people,
        weak=people - strong,
        unsure=_unsure(kept) - strong,
        tagged=without_doubt(m for m in kept if m.by is MatchedBy.TAG),
        strangers=strangers,
        disagreement=disagreement(kept),
        by_part=_by_part(m for m in kept if not m.hint),
        hints=_by_part(m for m in kept if m.hint),
        mentions=kept,
        bystanders=bystanders,
    )


def _how(count: int, *, unclear: bool) -> Match:
    if unclear:
        return Match.AMBIGUOUS
    return Match.ONE if count == 1 else Match.SEVERAL


def _resolved(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """A name that several bear means the one of them whom the mail names strongly, if it does.

    In a document that is only what stands in that document, and the officer's own tag: another one's number does not
    tell which of them this one is about.
    """

    def tells(m: Mention, other: Mention) -> bool:
        near = m.evidence.place is not Place.ATTACHMENT or other.evidence.part == m.evidence.part
        return other.by is MatchedBy.TAG or (other.by.strong and near)

    def sure(m: Mention) -> frozenset[str]:
        return m.people & without_doubt(other for other in mentions if tells(m, other))

    return tuple(replace(m, people=sure(m) or m.people) if len(m.people) > 1 else m for m in mentions)


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


_People = tuple[tuple[PartPath, frozenset[str]], ...]


def _by_part(mentions: Iterable[Mention]) -> _People:
    parts: dict[PartPath, frozenset[str]] = {}
    for m in mentions:
        parts[m.evidence.part] = parts.get(m.evidence.part, frozenset()) | m.people
    return tuple(sorted(parts.items()))


def _inside(people: _People, part: PartPath) -> frozenset[str]:
    inside = (p for path, p in people if path == part or path.startswith((f"{part}/", f"{part}#")))
    return frozenset[str]().union(*inside)


def _all_of(people: _People) -> frozenset[str]:
    return frozenset[str]().union(*(p for _, p in people))
