"""A mail taken apart: what each of its writers wrote, and what hangs below it.

Purpose: people answer above the mail they answer, and put their names, posts and notices below. What was written is
judged turn by turn, since a line of news is a line of news whatever hangs on it; a signature ("Adult Mental Health
Team") tells of its writer. Nothing is dropped: every letter is in a turn or in an aside, and asides are left out only
where a word would have been taken for somebody's. Trust: hostile text; linear, a line at a time. Failure: none; what
is not surely a signature or a notice is a turn.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from classifiers.documents.lexicon import Role, hits
from classifiers.documents.persons import speaks_for_itself, spoken_of

_CLOSING = re.compile(
    r"(?:with )?(?i:(?:kind(?:est)?|best|warm(?:est)?) (?:regards|wishes)|(?:thanks and )?regards|best|all the best"
    r"|(?:many )?thanks(?: again| very much| all)?|(?:thank|bless) you(?: very much)?|cheers|sincerely"
    r"|yours(?: (?:sincerely|faithfully|truly))?)(?:[ ,]{1,2}[A-Z][\w.'\u2019-]{0,20}){0,3}[ ,.!x]{0,4}"
)
_RULE = re.compile(r"--|[_*=-]{5,}")
_DEVICE = re.compile(r"(?:sent from (?:my|outlook|mail)|get outlook for)\b.{0,60}", re.IGNORECASE)
_STANDING = re.compile(
    r"(?:my )?working (?:days|hours)\b|please consider the environment|follow us\b|pronouns\b"
    r"|(?:he/him|she/her|they/them)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S@\S|\bwww\.|https?://|\+?\d[\d ()]{8,}")
_SENTENCE = re.compile(
    r"\b(?:i|i'm|he|she|they|we|you|him|her|them|his|their|is|are|was|were|be|been|has|have|had|will|would|can|could"
    r"|did|does|do|not|\w+n['\u2019]t|says?|said|told|needs?|wants?|likes?|please|refuses?|went|got|positive|negative)\b"
    r"|[?!]",
    re.IGNORECASE,
)
_POST = re.compile(
    r"\b(?:teams?|nurses?|nursing|specialists?|consultants?|managers?|services?|trust|departments?|directorate|officers?"
    r"|leads?|units?|practitioners?|therapists?|workers?|coordinators?|co-ordinators?|secretary|commissioning|practice"
    r"|advis[eo]rs?|assistants?|psychiatrists?|psychologists?|assessors?|assessments?|hospitals?|council|clinic|centre)\b",
    re.IGNORECASE,
)
"""Beside one of these a word of illness names a post or a team."""
_WHEN = re.compile(
    r"\b(?:\d{1,2}(?:[.:]\d\d)? ?[ap]m|\d\d?[:/]\d\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|today|tonight|tomorrow|next|last)\b",
    re.IGNORECASE,
)
"""A clinic on Tuesday is somebody's appointment, and no post."""
_NOTICE = re.compile(
    r"\W*(?:(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication|transmission)\b"
    r"|disclaimer\b|confidentiality notice\b|if you (?:are not|have received)\b.{0,60}\b(?:recipient|error)"
    r"|caution\W+this (?:e-?mail|message)\b)",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\W*(?:on (?=.{5,200}wrote:$)|-{2,} ?(?:original|forwarded) message\b)", re.IGNORECASE)
_FIELD = re.compile(
    r"[*_ ]{0,3}(from|sent|date|to|cc|subject|importance|attachments|reply-to)[*_ ]{0,3}:[*_ ]{0,3}", re.IGNORECASE
)
_QUOTE = re.compile(r"(?:[ \t]?>)+[ \t]?")
_SEAM = re.compile(
    r"[\W_]*(?:[aA](?i:ll the|ttachments)|[bB](?i:est|less)|[cC](?i:aution|c|heers|onfidentiality)"
    r"|[dD](?i:ate|isclaimer)|[fF](?i:orwarded|rom)|[gG](?i:et)|[iI\u0130\u0131](?i:f you|mportance)"
    r"|[kK\u212a](?i:ind)|[mM](?i:any)|[oO](?i:n|riginal)|[rR](?i:egards|eply)|[sS\u017f](?i:ent|incerely|ubject)"
    r"|[tT](?i:hanks?|he info|his|o)|[wW](?i:arm|ith)|[yY](?i:ours)|$)"
)
"""How a line begins that any of these may match: of most lines one look is enough.

First letters are spelled out, as ``(?i:)`` has them: among such the engine chooses without trying each.
"""
_LONGEST_LINE, _WORDS, _LINES = 240, 12, 15
"""Of one line of a signature, its words, and how many lines it has."""


class Line(NamedTuple):
    """One line: where it starts and ends in the text, how often it is quoted, and its words without quote marks."""

    start: int
    end: int
    depth: int
    bare: str


@dataclass(slots=True)
class Mail:
    """Spans of a text, each sort in order.

    ``turns`` are what somebody wrote. ``asides`` are the newest writer's signature, and notices; ``signatures`` those
    of the others.
    """

    turns: list[tuple[int, int]] = field(default_factory=list)
    asides: list[tuple[int, int]] = field(default_factory=list)
    signatures: list[tuple[int, int]] = field(default_factory=list)


def apart(text: str) -> Mail:
    """What the text of a mail is made of; of a text that shows no seam, one turn."""
    return _Reader(text).read()


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The same with blanks in these places, so that everything else stays where it is."""
    pieces, at = list[str](), 0
    for start, end in spans:
        pieces += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether one of these spans, which are in order, holds this place."""
    before = bisect_right(spans, at, key=itemgetter(0)) - 1
    return before >= 0 and at < spans[before][1]


class _Lines:
    """Those of a text, each taken apart when it is asked for: of most lines nobody asks."""

    def __init__(self, text: str) -> None:
        self._whole = text.splitlines(keepends=True)
        self._starts = list(accumulate(map(len, self._whole), initial=0))
        # White space and quote marks before the first word are passed over by the pattern itself.
        self._worth = [n for n, line in enumerate(self._whole) if _SEAM.match(line) or ">" in line]

    def __len__(self) -> int:
        return len(self._whole)

    def __getitem__(self, number: int) -> Line:
        line, start = self._whole[number], self._starts[number]
        quoted = _QUOTE.match(line) if ">" in line else None
        bare = line[quoted.end() :] if quoted else line
        return Line(start, start + len(line), quoted[0].count(">") if quoted else 0, bare.strip())

    def end(self, behind: int) -> int:
        """Where the lines before this one end in the text."""
        return self._starts[behind]

    def alike(self, at: int) -> int:
        """Behind this line, and behind those after it that are neither empty nor quoted and begin no seam."""
        here = bisect_right(self._worth, at)
        if here and self._worth[here - 1] == at:
            return at + 1
        return self._worth[here] if here < len(self._worth) else len(self)


class _Reader:
    """Goes through the lines once; ``_from`` is where the turn began that is being read, or -1."""

    def __init__(self, text: str) -> None:
        self._lines = _Lines(text)
        self._mail = Mail()
        self._from = self._to = -1
        self._quoted = False
        self._depth = 0
        self._no_notice = 0

    def read(self) -> Mail:
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            if line.bare and line.depth != self._depth:
                self._close()
                self._quoted, self._depth = True, line.depth
            at = self._seam(at)
        self._close()
        return self._mail

    def _seam(self, at: int) -> int:
        """Reads what begins at this line; the number of the line behind it."""
        line = self._lines[at]
        if not line.bare:
            return at + 1
        if not _SEAM.match(line.bare):
            return self._on(line, at)
        if behind := self._asked(at):
            self._close()
            self._quoted = True
            return behind
        if (behind := self._notice(at)) > at:
            self._aside(at, behind, self._mail.asides)
            return behind
        if (behind := self._signature(at)) > at:
            self._aside(at, behind, self._mail.signatures if self._quoted else self._mail.asides)
            return behind
        return self._on(line, at)

    def _on(self, line: Line, at: int) -> int:
        """The line goes on with the turn, and so do those behind it that are like it."""
        self._from = line.start if self._from < 0 else self._from
        behind = self._lines.alike(at)
        self._to = self._lines.end(behind)
        return behind

    def _close(self) -> None:
        if self._from >= 0:
            self._mail.turns.append((self._from, self._to))
        self._from = -1

    def _aside(self, at: int, behind: int, kept: list[tuple[int, int]]) -> None:
        self._close()
        kept.append((self._lines[at].start, self._lines[behind - 1].end))

    def _asked(self, at: int) -> int:
        """Behind the lines that introduce a mail that was answered or forwarded; 0 where these are none.

        Its subject line is what somebody wrote: it begins the turn.
        """
        if _ASKED.match(self._lines[at].bare):
            return at + 1
        if at + 1 < len(self._lines) and self._folded(at):
            return at + 2
        behind = at
        while behind < len(self._lines) and (found := _FIELD.match(self._lines[behind].bare)):
            if found[1].lower() == "subject":
                break
            behind += 1
        return behind if behind > at + 1 else 0

    def _folded(self, at: int) -> bool:
        """Whether "On ... wrote:" goes over two lines."""
        bare = self._lines[at].bare
        both = f"{bare[:_LONGEST_LINE]} {self._lines[at + 1].bare[:_LONGEST_LINE]}"
        return bare[:3].lower() == "on " and bool(_ASKED.match(both))

    def _notice(self, at: int) -> int:
        """Behind a paragraph that says what every mail of that house says, if it tells of nobody; else ``at``."""
        if at < self._no_notice or not _NOTICE.match(self._lines[at].bare[:_LONGEST_LINE]):
            return at
        behind = at
        while behind < len(self._lines) and self._lines[behind].bare and self._lines[behind].depth == self._depth:
            behind += 1
        said = " ".join(self._lines[n].bare for n in range(at, behind))
        self._no_notice = behind
        return at if spoken_of(said) or speaks_for_itself(said) or _tells(said) else behind

    def _signature(self, at: int) -> int:
        """Behind the lines of a signature that begins here; ``at`` where none does."""
        bare = self._lines[at].bare
        if len(bare) > _LONGEST_LINE:
            return at
        if _RULE.fullmatch(bare) or _DEVICE.fullmatch(bare):
            return self._contacts(at + 1)
        return self._contacts(at + 1) if self._from >= 0 and _CLOSING.fullmatch(bare) else at

    def _contacts(self, at: int) -> int:
        """Behind the last line, from here, that says who the writer is and how they are reached."""
        behind, lines = at, 0
        while at < len(self._lines) and lines < _LINES:
            line = self._lines[at]
            if line.bare and (line.depth != self._depth or self._asked(at) or not is_contact(line.bare)):
                break
            at += 1
            if line.bare:
                behind, lines = at, lines + 1
        return behind


def is_contact(line: str) -> bool:
    """Whether a line below a mail says who wrote it: a name, a post, a team, an address; no sentence, nobody's news."""
    if len(line) > _LONGEST_LINE or _NOTICE.match(line):
        return False
    if _STANDING.match(line):
        return not _tells(line)
    short = len(line.split()) <= _WORDS and not _SENTENCE.search(line)
    return short and (not _tells(line) or (bool(_POST.search(line)) and not _WHEN.search(line)))


def _tells(said: str) -> bool:
    """Whether it has a word of private life."""
    return any(use.role is Role.HEALTH for hit in hits(said) for use in hit.uses)
