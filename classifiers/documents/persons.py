"""Whether a text speaks of one person: the difference between somebody's record and a topic.

Purpose: words of illness, money or conduct are evidence where one person is spoken of; a leaflet about epilepsy, a
price list and a blank form speak of nobody. Whose name it is, the register knows; here a pronoun, a title with a name,
"the patient was" or an age is enough. Trust: hostile text; linear. Failure: none.

The patterns search letter by letter; most texts have none of the words without which they find nothing, and one look
at the words tells.
"""

from __future__ import annotations

import re

_ONE = r"(?:himself|herself|hers|her|his|him|she|he)"
_OR = r"\s?(?:/|\bor\b)\s?"
_PRONOUN = re.compile(rf"\b{_ONE}\b(?!{_OR}{_ONE}\b)", re.IGNORECASE)
_ONE_OR = re.compile(rf"\b{_ONE}{_OR}$", re.IGNORECASE)
"""Of "he or she" and "his/her" neither is anybody's."""
_BEFORE = 12
_TITLED = re.compile(r"\b(?:Mr|Mrs|Miss|Ms|Mx|Dr|Prof)\b\.? (?:[A-Z]\.? ){0,3}[A-Z][\w'\u2019-]+")
_PATIENT = re.compile(
    r"\b(?:the|this) (?:patient|client|resident) (?:is|was|has|had|denie[sd]|report(?:s|ed)|present(?:s|ed)|underwent|"
    r"tolerated|state[sd])\b|\b\d{1,3}[- ]year[- ]old\b",
    re.IGNORECASE,
)

_TELLING = frozenset(
    "he him his himself she her hers herself mr mrs miss ms mx dr prof patient client resident year".split()  # noqa: SIM905 - as people read it
)
"""Each of the patterns above needs one of these."""
_ME = re.compile(r"\b(?:i|i'm|i\u2019m|i've|i\u2019ve|my|me|myself)\b", re.IGNORECASE)
_FIRST = frozenset({"i", "my", "me", "myself"})
_APART = "".join(chr(c) if chr(c).isalnum() or chr(c) == "_" else " " for c in range(128))
"""What makes a word for the patterns, and what stands between words."""


def speaks_for_itself(text: str) -> bool:
    """Whether its writer speaks in it: "I like", "my brother"."""
    return _may_have(_FIRST, text) and bool(_ME.search(text))


def spoken_of(text: str) -> bool:
    """Whether one person is spoken of in it."""
    return _may_have(_TELLING, text) and (
        bool(_TITLED.search(text) or _PATIENT.search(text)) or any(_alone(text, m) for m in _PRONOUN.finditer(text))
    )


def _alone(text: str, match: re.Match[str]) -> bool:
    return not _ONE_OR.search(text[max(0, match.start() - _BEFORE) : match.start()])


def _may_have(words: frozenset[str], text: str) -> bool:
    """False only for a text that surely has none of them. Beyond ASCII, other signs count as the same letters."""
    return not text.isascii() or not words.isdisjoint(text.lower().translate(_APART).split())
