"""What an officer asks for in the subject line: ``[secure]``, ``[about: SL-01234]``, ``[urgent: risk]``.

Pure. The words are the policy's (``config/policy.toml``). Tags are taken out before the mail leaves. What looks like a
mistyped tag is not passed over in silence: an officer who wrote ``[secrue]`` believes that the mail is protected.
"""

from __future__ import annotations

import re
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
    """What was asked. ``about`` are council IDs as written; ``unknown`` are tags that cannot be understood."""

    secure: bool = False
    about: tuple[str, ...] = ()
    urgent: Concern | None = None
    unknown: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Tags()


_TAG = re.compile(r"\[\s*([^\[\]:]{1,40}?)\s*(?::([^\[\]]{0,200}))?\]")
_OPEN = re.compile(r"\[\s*([^\W_]+)[^\]]*$")
_LIKENESS = 0.8


def read_tags(subject: str, words: TagWords) -> Tags:
    """The tags of a subject line, already decoded. Total."""
    tags = Tags()
    for found in _TAG.finditer(subject):
        value = None if found[2] is None else found[2].strip()
        tags = _with(tags, found[1].casefold(), value, words)
    unclosed = _OPEN.search(subject)
    if unclosed and words.get(unclosed[1].casefold()) is TagKind.SECURE:
        tags = replace(tags, unknown=(*tags.unknown, unclosed[1].casefold()))
    return tags


def without_tags(subject: str, words: TagWords) -> str:
    """The subject line as the recipient is to see it. Other things in brackets stay."""
    text = _TAG.sub(lambda m: "" if _is_tag(m, words) else m[0], subject)
    # Taking one out may bring two halves of another together.
    return text if text == subject else without_tags(" ".join(text.split()), words)


def _is_tag(found: re.Match[str], words: TagWords) -> bool:
    kind = words.get(found[1].casefold())
    return kind is not None and (kind is not TagKind.URGENT or found[2] is not None)


def _with(tags: Tags, word: str, value: str | None, words: TagWords) -> Tags:
    kind = words.get(word)
    if kind is TagKind.SECURE:
        return replace(tags, secure=True)
    if kind is TagKind.ABOUT and (names := tuple(v for v in re.split(r"[,;\s]+", value or "") if v)):
        return replace(tags, about=(*tags.about, *names))
    if kind is TagKind.URGENT and value is None:
        return tags  # "[URGENT]" is an old habit, and asks for nothing
    if kind is TagKind.URGENT and (concern := _concern((value or "").split())):
        return replace(tags, urgent=concern)
    if kind is None and not _mistyped(word, value, words):
        return tags
    return replace(tags, unknown=(*tags.unknown, word))


def _concern(said: list[str]) -> Concern | None:
    word = "-".join(said).casefold()
    return Concern(word) if word in set(Concern) else None


def _mistyped(word: str, value: str | None, words: TagWords) -> bool:
    """A tag's word with others behind it, or something close to one."""
    first, *rest = word.split() or [""]
    meant = words.get(first) or next((words[w] for w in get_close_matches(word, list(words), 1, _LIKENESS)), None)
    if meant is TagKind.URGENT:
        return value is not None or _concern(rest) is not None
    return meant is not None
