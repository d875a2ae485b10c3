"""Dates of birth: a date that a word beside it says is one.

Purpose: a labelled date ("DOB", "date of birth"), and more weakly a birthday. Trust: hostile text; linear.
Failure: never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from classifiers.identifiers.found import Found
from domain.model import IdentifierKind

_BIRTH = re.compile(
    r"\b(?:d\.?\s?o\.?\s?b\b\.?|date\s+of\s+birth|birth\s*date|birthdate|birthday|born)\b", re.IGNORECASE
)
_WORDS = ("born", "birth", "dob", "o.b", "o. b", "o b")
_MONTHS = {
    m: n for n, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_MONTH = "|".join(_MONTHS)
DATE = re.compile(
    r"(?<!\d)(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})\s?[/.-]\s?(?P<m2>\d{1,2})\s?[/.-]\s?(?P<y2>\d{4}|\d{2})"
    r"|(?P<d5>\d{2}) (?P<m5>\d{2}) (?P<y5>\d{4})"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?(?P<m3>{_MONTH})[a-z]*,?[ -](?P<y3>\d{{4}}|\d{{2}})"
    rf"|(?P<m4>{_MONTH})[a-z]* (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y4>\d{{4}}))(?!\d)",
    re.IGNORECASE,
)
_REACH = 40
_BIRTHDAY = frozenset({"born", "birthday"})
_BORN_GAP = re.compile(r"[\s:,(-]*(?:is|was|falls|on|in|the|[A-Z]\w+day|[\s:,(-])*", re.IGNORECASE)
"""What may stand between "born" or "birthday" and the day: nothing that makes it the day of something else."""
_TURN_OF_CENTURY = 15
"""Two-digit years up to this are 20xx: the service is for adults. A birthday in a later year is a party's day."""


def births(text: str) -> Iterator[Found]:
    """The first date within 40 characters after the word."""
    folded = text.lower()
    if not any(word in folded for word in _WORDS):
        return
    for word in _BIRTH.finditer(text):
        match = DATE.search(text, word.end(), word.end() + _REACH)
        value = _iso(match) if match else ""
        if not match or not value:
            continue
        if word[0].lower() not in _BIRTHDAY:
            yield Found(IdentifierKind.DATE_OF_BIRTH, value, "date-of-birth", match.start(), match.end())
        elif _BORN_GAP.fullmatch(text, word.end(), match.start()) and int(value[:4]) <= 2000 + _TURN_OF_CENTURY:
            yield Found(IdentifierKind.DATE_OF_BIRTH, value, "birthday", match.start(), match.end())


def _iso(match: re.Match[str]) -> str:
    """The date as ISO; day before month; empty where there is no such day."""
    parts = match.groupdict()
    day, month, year = (
        next((parts[f"{key}{n}"] for n in ("", 2, 3, 4, 5) if parts.get(f"{key}{n}")), "") for key in "dmy"
    )
    number = _MONTHS.get(month[:3].lower()) or int(month)
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) <= _TURN_OF_CENTURY else 1900)  # noqa: PLR2004 - digits
    try:
        return date(full, number, int(day)).isoformat()
    except ValueError:
        return ""
