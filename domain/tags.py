"""What an officer asks for in the subject line: ``[secure]``, ``[about: SL-01234]``, ``[urgent: risk]``.

Pure. The words are the policy's (``config/policy.toml``). Tags are taken out before the mail leaves. What looks like a
mistyped tag is not passed over in silence: an officer who wrote ``[secrue]`` believes that the mail is protected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum


class Concern(StrEnum):
    """Where confidentiality cannot be kept: the policy's own seven, in its order."""

    RISK = "risk"
    DISCLOSURE = "disclosure"
    LAW = "law"
    SELF_HARM = "self-harm"
    HARM = "harm"
    BULLYING = "bullying"
    INFECTION = "infection"

    @property
    def label(self) -> str:
        """As a sentence goes on after 'because'."""
        return _LABELS[self]


_LABELS = {
    Concern.RISK: "the person is at risk or in danger",
    Concern.DISCLOSURE: "the person has disclosed abuse",
    Concern.LAW: "the person has said that they broke the law",
    Concern.SELF_HARM: "the person is threatening to harm themselves",
    Concern.HARM: "the person is threatening to harm others",
    Concern.BULLYING: "the person is being bullied or harassed",
    Concern.INFECTION: "an infectious condition puts their health or that of others at risk",
}


class TagKind(StrEnum):
    """What a tag asks for."""

    SECURE = "secure"
    ABOUT = "about"
    URGENT = "urgent"


TagWords = Mapping[str, TagKind]
"""Each word that opens a tag, in lower case, and what it asks for."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What was asked. ``about`` are council IDs as written.

    ``unknown`` are likely slips of the tag that protects: whoever wrote one believes that the mail is protected.
    ``doubtful`` are others that cannot be honoured, which matter where something is found in the mail.
    """

    secure: bool = False
    about: tuple[str, ...] = ()
    urgent: Concern | None = None
    unknown: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Tags()

    def second_hand(self) -> Tags:
        """Written by somebody else than the sender: only what protects is honoured."""
        asked = (*self.about, *([self.urgent.value] if self.urgent else []))
        return replace(self, about=(), urgent=None, doubtful=(*self.doubtful, *asked))


_TAG = re.compile(r"\[\s*([^\[\]:]{1,40}?)\s*(?::([^\[\]]{0,200}))?\]")
_OTHER_BRACKETS = re.compile(r"[({]\s*([^\W_]+)[^(){}]{0,200}[)}]|\[([^\]]{0,200})$")
_REPLY = re.compile(r"\s*(?:re|fw|fwd|aw|wg|sv|vs|tr|rif|antw)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_LIKENESS = 0.8
_MAX_SUBJECT = 2_000


def read_tags(subject: str, words: TagWords) -> Tags:
    """The tags of a subject line, already decoded. Total.

    Behind ``RE:`` or ``FW:`` a tag is somebody else's, since ours never leave: they could ask an officer's
    reply to release what was held.
    """
    line = unicodedata.normalize("NFKC", subject[:_MAX_SUBJECT])
    tags, replied = Tags(), _REPLY.match(line) is not None
    for found in _TAG.finditer(line):
        tags = _with(tags, found[1].casefold(), None if found[2] is None else found[2].strip(), words)
    for found in _OTHER_BRACKETS.finditer(line):
        told = [found[1]] if found[1] else _WORD.findall(found[2])
        if any(words.get(word.casefold()) is TagKind.SECURE for word in told):
            tags = replace(tags, unknown=(*tags.unknown, "secure"))
    return tags.second_hand() if replied else tags


def without_tags(subject: str, words: TagWords) -> str:
    """The subject line as the recipient is to see it. Other things in brackets stay."""
    if len(subject) > _MAX_SUBJECT:
        return subject
    before, text = "", subject
    while text != before:  # taking one out may bring two halves of another together
        before, text = text, _TAG.sub(lambda m: "" if _understood(m, words) else m[0], text)
        text = text if text == before else " ".join(text.split())
    return text


def _understood(found: re.Match[str], words: TagWords) -> bool:
    value = None if found[2] is None else found[2].strip()
    asked = _with(Tags(), found[1].casefold(), value, words)
    return bool(asked.secure or asked.about or asked.urgent)


def _with(tags: Tags, word: str, value: str | None, words: TagWords) -> Tags:
    kind = words.get(word)
    if kind is TagKind.SECURE:
        return replace(tags, secure=True)
    if kind is TagKind.ABOUT and (names := _ids(value)):
        return replace(tags, about=(*tags.about, *names))
    if kind is TagKind.URGENT and (concern := _concern(value)):
        return replace(tags, urgent=concern)
    return _slip(tags, word, value, words)


def _ids(value: str | None) -> tuple[str, ...]:
    """What could be council IDs: each has a digit."""
    names = tuple(v for v in re.split(r"[,;\s]+", value or "") if v)
    return names if all(any(c.isdigit() for c in name) for name in names) else ()


def _concern(value: str | None) -> Concern | None:
    word = "-".join((value or "").split()).casefold()
    return Concern(word) if word in set(Concern) else None


def _slip(tags: Tags, word: str, value: str | None, words: TagWords) -> Tags:
    """A tag's word among others, or close to one. "[URGENT]" and "[About us]" are old habits, and ask nothing."""
    told = _WORD.findall(word)
    meant = {words[w] for w in told if w in words} | {
        words[w] for w in get_close_matches(word, list(words), 1, _LIKENESS)
    }
    if TagKind.SECURE in meant:
        return replace(tags, unknown=(*tags.unknown, word))
    rest = " ".join(told[1:])
    asks = value is not None or _concern(rest) or (TagKind.ABOUT in meant and any(c.isdigit() for c in rest))
    return replace(tags, doubtful=(*tags.doubtful, word)) if meant and asks else tags
