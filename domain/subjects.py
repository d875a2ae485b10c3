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

from domain.model import HEADER, SUBJECT_LINE, Evidence, PartPath, Place


class MatchedBy(StrEnum):
    """What pointed at the person."""

    TAG = "the officer's own tag"
    NHS_NUMBER = "NHS number"
    COUNCIL_ID = "council ID"
    NAME_AND_BIRTH = "name and date of birth"
    NAME = "name alone"
    CONTEXT = "first name or initials, of somebody whom the sender or a recipient knows"

    @property
    def strong(self) -> bool:
        """Enough on its own to say who it is."""
        return self not in {MatchedBy.NAME, MatchedBy.CONTEXT}


_IDENTIFIERS = frozenset({MatchedBy.NHS_NUMBER, MatchedBy.COUNCIL_ID, MatchedBy.NAME_AND_BIRTH})
"""What may be a stranger's: a number, or a date of birth, that nobody who is named has."""


class Role(StrEnum):
    """What somebody is in the part that names them."""

    ABOUT = "about"
    MENTIONED = "mentioned"
    CARER = "carer"
    PROFESSIONAL = "professional"

    @property
    def bystander(self) -> bool:
        """Somebody who is named for their work, and only shares a name with somebody of the register."""
        return self in {Role.CARER, Role.PROFESSIONAL}


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that points at one person, or at several who share a name (then ``people`` has more than one).

    An identifier that the register does not know points at nobody: ``people`` is empty. ``role`` is what the part says
    of whoever is named there.
    """

    people: frozenset[str]
    by: MatchedBy
    evidence: Evidence
    role: Role = Role.MENTIONED

    def __post_init__(self) -> None:
        if not self.people and self.by not in _IDENTIFIERS:
            raise ValueError("a mention of nobody")

    @property
    def hint(self) -> bool:
        """Whether it is less than a name."""
        return self.by is MatchedBy.CONTEXT

    @property
    def bystander(self) -> bool:
        """Whether somebody at work is named, who has no more than the name in common with somebody of the register."""
        return self.role.bystander and not self.by.strong


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
        by_part=_by_part(m for m in kept if not m.hint),
        hints=_by_part(m for m in kept if m.hint),
        mentions=kept,
        bystanders=bystanders,
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
    attached = [m for m in mentions if m.evidence.place is Place.ATTACHMENT]
    if not any(len(m.people) == 1 for m in attached):
        return _between_subject_and_body(mentions)
    around = [m for m in mentions if m.evidence.place is not Place.ATTACHMENT]
    return tuple(m.evidence for m in around if not m.people & _answering(m, around, attached))


def _answering(mention: Mention, around: list[Mention], attached: list[Mention]) -> frozenset[str]:
    """Whom a mention outside the attachments may mean, so that they agree.

    A file's name answers to what is in that file. A subject line or a file's name that names nobody whom the files are
    about must not be excused by somebody who is only mentioned in them.
    """
    own = [m for m in attached if _in_file(m.evidence.part, mention)] or attached
    about = _named(m for m in own if m.role is Role.ABOUT or m.by.strong)
    heads = {Place.SUBJECT_LINE, Place.FILE_NAME}
    if not about or mention.evidence.place not in heads:
        return _named(own)
    beside = (m for m in around if m.evidence.part == mention.evidence.part and not m.hint)
    here = frozenset[str]().union(*(m.people for m in beside))
    return _named(own) if here & about else about


def _in_file(part: PartPath, mention: Mention) -> bool:
    """Whether the mention is the name of the file with that part, or of one that holds it."""
    path = mention.evidence.part.removesuffix("#name")
    return mention.evidence.place is Place.FILE_NAME and (part == path or part.startswith((f"{path}/", f"{path}#")))


def _between_subject_and_body(mentions: tuple[Mention, ...]) -> tuple[Evidence, ...]:
    body = _named(m for m in mentions if m.evidence.place is Place.BODY and not m.hint)
    line = [m for m in mentions if m.evidence.place is Place.SUBJECT_LINE]
    return tuple(m.evidence for m in line if body and not m.people & body)


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
