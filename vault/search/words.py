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
RULES = 2
"""Counts up with every change of what a word or a shape is: what was indexed by other rules is said not to be found."""
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02b9\u02bb\u02bc\u02bd\u00b4\u2032\uff07`", "'"))
_AFTER = _APOSTROPHES | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_ACUTE = re.compile("(?<=[^\\W_]) \u0301(?=[^\\W_])")
"""What the readers of files, which compose texts too, leave of an acute accent that was typed for an apostrophe."""
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_MARKS = "".join(c for c in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(c))
"""Accents and vowel points that no letter has taken up: they are no part of a word, and end none."""
_MARK = re.compile(f"[{_MARKS}]")
_LETTERS = str.maketrans(
    {"\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u00f0": "d", "\u00fe": "th", "\u00e6": "ae", "\u0153": "oe"}
    | {"\u0131": "i", "\u0127": "h", "\u0167": "t"}
)
"""Letters with a stroke and the like, which Unicode does not take apart: who types Lukasz means \u0141ukasz, too."""
_POSSESSIVE = re.compile(r"(?<=[^\W_])'[sS](?![^\W_])")
_INSIDE = re.compile(r"(?<=[^\W_])'(?=[^\W_])")
_SIGNS = str.maketrans({chr(c): " " for c in range(128) if not chr(c).isalnum()})

_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905 - as people read it
_MONTH = {name: n for n, full in enumerate(_MONTHS, 1) for name in (full, full[:3])} | {"sept": 9}
_MONTH_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_GAP = r"[\s-]{0,3}"
_REACH = len("September. ")
"""So far in a shape its first digit stands at most: where none is so near, none of the ways of writing is tried."""
SHAPE = re.compile(
    rf"""(?<![^\W_])(?=\D{{0,{_REACH}}}\d)(?:
      (?P<nhs>\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}})
    | (?P<ni>[a-z]{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}[a-d])
    | (?P<phone>(?:(?:\+|00)44{_GAP}(?:\(0\){_GAP})?|0)\d{{2,4}}\)?{_GAP}\d{{3,4}}{_GAP}\d{{3,4}})
    | (?P<sort>\d\d-\d\d-\d\d)
    | (?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})
    | (?P<numeric>\d{{1,2}}(?:\s?[./]\s?\d{{1,2}}\s?[./]\s?(?:\d{{4}}|\d\d)|-\d{{1,2}}-\d{{4}}))
    | (?P<spelt>\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTH_NAMES})[.,]?\s\d{{4}})
    | (?P<dashed>\d{{1,2}}-(?:{_MONTH_NAMES})-(?:\d{{4}}|\d\d))
    | (?P<monthfirst>(?:{_MONTH_NAMES})[.]?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}})
    | (?P<ref>[a-z]{{1,4}}-?\d{{2,}})
    )(?:(?![^\W_])|(?=t\d\d:))""",
    re.VERBOSE | re.IGNORECASE,
)
_EVERY = re.compile(f"(?={SHAPE.pattern})", SHAPE.flags)
"""From each place on: what begins within a number must not be hidden by the number before it."""
DATES = frozenset({"numeric", "spelt", "dashed", "monthfirst"})
_CENTURY, _LAST_MONTH, _LAST_DAY = 50, 12, 31


def plain(text: str) -> str:
    """Compatibility forms, apostrophes and invisible signs made alike. What snippets are cut from."""
    if text.isascii():
        return text.replace("`", "'") if "`" in text else text
    composed = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).translate(_AFTER)
    return _INVISIBLE.sub("", _ACUTE.sub("'", composed))


def words(text: str) -> list[str]:
    """In their order."""
    text = plain(text)
    if not text.isascii():
        text = _MARK.sub("", text)
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


_PIECE = re.compile(rf"(?:[^\W_][{_MARKS}]*)+(?:'(?:[^\W_][{_MARKS}]*)+)*")


def shapes(text: str) -> list[str]:
    """The numbers, references and dates, each in one piece: ``9434765919``, ``sl00123``, ``2026-03-12``."""
    if text.isascii() and not any(d in text for d in "0123456789"):
        return []
    each = {(f.lastgroup, f[str(f.lastgroup)]): f for f in _EVERY.finditer(plain(text))}  # the same is said often
    return list(dict.fromkeys(s for found in each.values() if (s := shape(found))))


def shape(found: re.Match[str]) -> str:
    """Its one way of writing; empty for a date that is none."""
    kind = str(found.lastgroup)
    text = found[kind].casefold()
    numbers = re.findall(r"\d+", text)
    if kind == "iso":
        year, month, day = numbers
        return _date(int(year), int(month), int(day))
    if kind == "numeric":
        day, month, year = numbers
        return _date(_full_year(year), int(month), int(day))
    if kind in DATES:
        month = re.findall(_MONTH_NAMES, text)[0]
        return _date(_full_year(numbers[-1]), _MONTH[month], int(numbers[0]))
    joined = "".join(_WORD.findall(text))
    abroad = kind == "phone" and text.startswith(("+44", "0044"))
    return f"0{joined.removeprefix('00')[2:].lstrip('0')}" if abroad else joined


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
    return _WORD.findall(unicodedata.normalize("NFKC", bare.casefold()).translate(_LETTERS))
