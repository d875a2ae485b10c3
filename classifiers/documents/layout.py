"""How a phrase stands on its page: as a title, as a field with or without a value, or inside a sentence.

Purpose: the difference between a filled form and prose that mentions one. Trust: hostile text; every look is bounded.
Failure: none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from classifiers.documents.columns import begins_field, own_value
from classifiers.documents.lexicon import starts_with_label

_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "our",
        "my",
        "your",
        "re",
        "-",
        "&",
        "/",
        "v",
        "vs",
        "no",
    ]
)
_SEPARATOR = re.compile(r"[ ]{0,3}(?:\([^)\n]{0,60}\))?[ ]{0,3}(?:[:?\t]|[-=][ ]|(?=_{3}|\.{5}))[:,\t ]*")
_BLANK = re.compile(
    r"[\s_.\u2026\u2610\u25a1\[\]()<>*/:;,|-]*(?:(?:please |click |tap )[^\n]{0,60}"
    r"|\W*(?:insert|enter|type|dd[/ ]?mm|select|choose|yes ?/ ?no|yes\W{1,6}no|mr ?/ ?mrs)\b[^\n]{0,60})?$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"_{3,}|\.{5,}|\u2026{2,}|[\[<{]\s*(?:insert|enter|name|date|type|your)\b", re.IGNORECASE)
_GAP = re.compile(r"_{5,}|\.{8,}|\u2026{4,}")
_RUNS = ("_" * 5, "." * 8, "\u2026" * 4)
_LINE = 240
_TITLE_LINE = 110
_TITLE_REST = 9
_HEADING_REST = 3


class Form(Enum):
    """How it stands."""

    LINE = auto()
    FILLED = auto()
    EMPTY = auto()
    PROSE = auto()


@dataclass(frozen=True, slots=True)
class Standing:
    """``value`` is what a filled field holds; ``rest`` how many words follow on a line that is no field.

    ``marked`` is False where no colon or cell parts a label from its value, as in text out of a PDF's tables.
    """

    form: Form
    value: str = ""
    rest: int = 0
    first: bool = True
    marked: bool = True


def standing(text: str, start: int, end: int) -> Standing:
    """How the phrase at ``start:end`` stands."""
    head = text.rfind("\n", max(0, start - _LINE), start) + 1 or max(0, start - _LINE)
    tail = text.find("\n", end, end + _LINE)
    tail = min(len(text), end + _LINE) if tail < 0 else tail
    before, after = text[head:start], text[end:tail]
    cell = before.rpartition("\t")[2]
    first = not any(c.isalpha() for c in cell)
    shouted = text[start:end].isupper() and before.rstrip()[-1:] in {",", ".", ";", ":", ""}
    field = _SEPARATOR.match(after)
    if field and (first or shouted):
        return _field(after[field.end() :], _next_line(text, tail))
    if field and begins_field(cell, text[start:end], after):
        return _field(after[field.end() :], "")
    if first and not cell.strip() and _unmarked_value(text[start:end], after):
        return Standing(Form.FILLED, after.strip()[:80], marked=False)
    if _reads_as_title(text[start:end], before, after):
        return Standing(Form.LINE, rest=len(after.split()), first=first)
    return Standing(Form.PROSE)


def _field(after: str, following: str) -> Standing:
    """A field's value is on its line, in the next cell, or on the next line if that is no field itself."""
    written = after.split("\t", 1)[0].strip() or after.strip()
    gap = _PLACEHOLDER.search(written)
    value = own_value(written[: gap.start()] if gap else written).strip()
    if value and not _BLANK.match(value) and not _looks_like_label(value):
        return Standing(Form.FILLED, value[:80])
    if written:
        return Standing(Form.EMPTY)
    if (
        following
        and not _BLANK.match(following)
        and not _PLACEHOLDER.search(following)
        and not _looks_like_label(following)
    ):
        return Standing(Form.FILLED, following[:80])
    return Standing(Form.EMPTY)


def _next_line(text: str, tail: int) -> str:
    return text[tail + 1 : tail + 1 + _LINE].split("\n", 1)[0].strip()


def gaps(text: str) -> int:
    """How many lines to write on a page has."""
    return len(_GAP.findall(text)) if any(run in text for run in _RUNS) else 0


def _unmarked_value(phrase: str, after: str) -> bool:
    """``Name Rowan Applegarth``: a label and a value with only a blank between, capitalised or a number."""
    value = after.strip()
    starts = value[:1].isupper() or value[:1].isdigit()
    return (
        phrase[:1].isupper()
        and after.startswith(" ")
        and starts
        and not _BLANK.match(value)
        and not starts_with_label(value)
    )


def _looks_like_label(line: str) -> bool:
    return line.endswith((":", "?", "\t")) or bool(re.match(r"[A-Z][\w /'()-]{1,40}:", line))


def _reads_as_title(phrase: str, before: str, after: str) -> bool:
    """A short line of capitalised words. Prose gives itself away by its small words."""
    if len(before) + len(phrase) + len(after) > _TITLE_LINE or not (phrase[:1].isupper() or not before.strip()):
        return False
    if after.rstrip().endswith((".", ",", ";")) or len(after.split()) > _TITLE_REST:
        return False
    return _lowercase(before) == 0 and _lowercase(after) <= 1


def _lowercase(words: str) -> int:
    return sum(w[:1].islower() and w not in _SMALL for w in words.split())
