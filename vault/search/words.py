"""What a word is, for texts and queries alike. Pure; no key, no database.

Unicode's letters and digits (UAX 29 in its simple form), compatibility forms made one (NFKC), case folded, accents
taken off, apostrophes inside a word dropped (``O'Brien`` is ``obrien``, ``carer's`` is ``carer``), hyphens and all
other signs between words. Numbers that are written in groups (NHS, National Insurance, telephone, sort code),
references (``SL-00123``) and dates are *shapes* besides: one word each, however they are spaced.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\uff07": "'", "`": "'"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_POSSESSIVE = re.compile(r"(?<=[^\W_])'s(?![^\W_])")
_INSIDE = re.compile(r"(?<=[^\W_])'(?=[^\W_])")
_SIGNS = str.maketrans({chr(c): " " for c in range(128) if not chr(c).isalnum()})

_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905 - as people read it
_MONTH = {name: n for n, full in enumerate(_MONTHS, 1) for name in (full, full[:3])} | {"sept": 9}
_MONTH_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_GAP = r"[ \u00a0-]?"
SHAPE = re.compile(
    rf"""(?<![^\W_])(?:
      (?P<nhs>\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}})
    | (?P<ni>[a-z]{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}[a-d])
    | (?P<phone>(?:\+44{_GAP}|0)\d{{2,4}}{_GAP}\d{{3,4}}{_GAP}\d{{3,4}})
    | (?P<sort>\d\d-\d\d-\d\d)
    | (?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})
    | (?P<numeric>\d{{1,2}}[./]\d{{1,2}}[./](?:\d{{4}}|\d\d))
    | (?P<spelt>\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTH_NAMES})\s\d{{4}})
    | (?P<ref>[a-z]{{1,4}}-?\d{{2,}})
    )(?![^\W_])""",
    re.VERBOSE | re.IGNORECASE,
)
_CENTURY, _LAST_MONTH, _LAST_DAY = 50, 12, 31


def plain(text: str) -> str:
    """Compatibility forms, apostrophes and invisible signs made alike. What snippets are cut from."""
    if text.isascii():
        return text.replace("`", "'") if "`" in text else text
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).translate(_APOSTROPHES))


def words(text: str) -> list[str]:
    """In their order."""
    text = plain(text)
    if "'" in text:
        text = _INSIDE.sub("", _POSSESSIVE.sub("", text))
    if text.isascii():
        return text.lower().translate(_SIGNS).split()
    return [w for raw in _WORD.findall(text) for w in _folded(raw)]


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """The words of a text that is ``plain`` already, with where each stands in it."""
    begun, end = -1, -1
    for found in _PIECE.finditer(text):
        begun, end = found.span()
        for word in words(found[0]):
            yield begun, end, word


_PIECE = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def shapes(text: str) -> list[str]:
    """The numbers, references and dates, each in one piece: ``9434765919``, ``sl00123``, ``2026-03-12``."""
    if text.isascii() and not any(d in text for d in "0123456789"):
        return []
    return list(dict.fromkeys(s for found in SHAPE.finditer(plain(text)) if (s := shape(found))))


def shape(found: re.Match[str]) -> str:
    """Its one way of writing; empty for a date that is none."""
    kind, text = str(found.lastgroup), found[0].casefold()
    if kind == "iso":
        year, month, day = text.split("-")
        return _date(int(year), int(month), int(day))
    if kind == "numeric":
        day, month, year = re.split("[./]", text)
        return _date(_full_year(year), int(month), int(day))
    if kind == "spelt":
        first, *_, name, year = text.split()
        return _date(int(year), _MONTH[name], int(re.sub(r"\D", "", first)))
    joined = "".join(_WORD.findall(text))
    return f"0{joined[2:]}" if kind == "phone" and text.startswith("+44") else joined


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) > 2:  # noqa: PLR2004 - two digits or four
        return year
    return year + (2000 if year < _CENTURY else 1900)


def _date(year: int, month: int, day: int) -> str:
    if not (1 <= month <= _LAST_MONTH and 1 <= day <= _LAST_DAY):
        return ""
    return f"{year:04}-{month:02}-{day:02}"


def _folded(raw: str) -> list[str]:
    """Case and accents off. A letter may become several signs, so the rest is looked at for words once more."""
    if raw.isascii():
        return [raw.lower()]
    bare = "".join(c for c in unicodedata.normalize("NFKD", raw.casefold()) if not unicodedata.combining(c))
    return _WORD.findall(unicodedata.normalize("NFKC", bare.casefold()))
