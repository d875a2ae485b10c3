"""Strings that point at one person or their money.

Purpose: NHS numbers, National Insurance numbers, bank accounts, council IDs and dates of birth, normalised, with
evidence.
Trust: hostile text; every pattern is linear in its length. Failure: never raises.
Measured: 8.7 % of real ten-digit groups pass the NHS check, so a bare one counts only among words of care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.model import Evidence, Identifier, IdentifierKind, PageText

COUNCIL_ID = r"\bSL-\d{5}\b"
"""The default pattern of the service's own reference."""

_DIGIT = re.compile(r"\d")
_BEFORE = 60
_GAP = r"[\s.,:;/|_+()\[\]\-\u2010-\u2015\u2212\u00b7\u2022]{0,3}"
_NHS_SPELT = re.compile(rf"(?<!\d)(?=(\d(?:{_GAP}\d){{9}})(?!\d))")
"""Ten digits with anything people write between them; overlapping, each from the start to the end of a run."""
_NHS_BARE = re.compile(
    r"(?<![\d/.£$-])(\d{3})([\s.\-\u2010-\u2015]?)(\d{3})([\s.\-\u2010-\u2015]?)(\d{4})(?![\d/]|[-.]\d)"
)
_NHS_CONTEXT = re.compile(
    r"(?<![a-z])n[.\s]{0,2}h[.\s]{0,2}s(?![a-z])|(?<![a-z])nhs[\s_-]*(?:no|num|nr|id)"
    r"|\bhealth (?:service )?(?:no|number)\b",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\d{3}\D*\d{3}\D*\d{4}|\d{3}\D*\d{7}|\d{6}\D*\d{4}|\d{10}")
_OTHER_NUMBER = re.compile(
    r"\b(?:tel|telephone|phone|mobile|mob|fax|call|ring|account|a/c|invoice|order|ref|isbn|vat|ext|charity)\b"
    r"[^\n\d]{0,15}$",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(
    r"(?:\b(?:tel|telephone|phone|mobile|mob|fax|call|ring)\b[^\n\d]{0,15}|\+\d{1,3}\s?)$", re.IGNORECASE
)
_CARE = re.compile(
    r"\b(?:patient|diagnos\w+|medication|hospital|clinic|placement|service user|carer|safeguarding|date of birth|dob|gp"
    r"|ward|surgery|care plan|epilepsy|learning disabilit\w+)\b",
    re.IGNORECASE,
)
_NINO = re.compile(
    r"\b([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])[\s./-]{0,2}(\d{2})[\s./-]{0,2}(\d{2})[\s./-]{0,2}(\d{2})[\s./-]{0,2}([A-D])\b",
    re.IGNORECASE,
)
_NINO_NEVER = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
_SORT = re.compile(r"(?<![\d-])(\d{2})([ -]?)(\d{2})\2(\d{2})(?![\d-])")
_SORT_CONTEXT = re.compile(r"\bsort\s*-?\s*code\b", re.IGNORECASE)
_ACCOUNT_CONTEXT = re.compile(r"\b(?:account|acct|acc|a/c)\b", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<!\d)(\d{8})(?!\d)|(?<!\d)(\d{4}) (\d{4})(?!\d)")
_IBAN = re.compile(r"\bGB(\d{2}) ?([A-Z]{4}) ?(\d{4}) ?(\d{4}) ?(\d{4}) ?(\d{2})\b")
_BIRTH = re.compile(r"\b(?:d\.?\s?o\.?\s?b\b\.?|date\s+of\s+birth|birth\s*date|birthday|born)\b", re.IGNORECASE)
_MONTHS = {
    m: n for n, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(
    r"(?<!\d)(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})\s?[/.-]\s?(?P<m2>\d{1,2})\s?[/.-]\s?(?P<y2>\d{4}|\d{2})"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?(?P<m3>{_MONTH})[a-z]*,?[ -](?P<y3>\d{{4}}|\d{{2}})"
    rf"|(?P<m4>{_MONTH})[a-z]* (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y4>\d{{4}}))(?!\d)",
    re.IGNORECASE,
)
_TURN_OF_CENTURY = 15
"""Two-digit years up to this are 20xx: the service is for adults."""
_BARE_NEEDS = 2


@dataclass(frozen=True, slots=True)
class Found:
    """One identifier and where it stands in the text."""

    kind: IdentifierKind
    value: str
    rule: str
    start: int
    end: int


class Identifiers:
    """The finder. ``council_id`` is a regular expression of the council's own references."""

    def __init__(self, council_id: str = COUNCIL_ID) -> None:
        self._council = re.compile(council_id, re.IGNORECASE)

    def find(self, page: PageText) -> tuple[Identifier, ...]:
        """Everything in one page's text, in reading order."""
        found = sorted(self._all(page.text), key=lambda f: (f.start, f.kind))
        return tuple(Identifier(f.kind, f.value, _evidence(page, f)) for f in found)

    def council_ids(self, text: str) -> frozenset[str]:
        """The council IDs in a text, upper case."""
        return frozenset(m[0].upper() for m in self._council.finditer(text))

    def _all(self, text: str) -> Iterator[Found]:
        for match in self._council.finditer(text):
            yield Found(IdentifierKind.COUNCIL_ID, match[0].upper(), "council-id", match.start(), match.end())
        if not _DIGIT.search(text):
            return
        lowered = text.lower()
        yield from _nhs_numbers(text)
        yield from _insurance_numbers(text)
        if any(word in lowered for word in ("sort", "acc", "a/c", "gb")):
            yield from _bank_accounts(text)
        if any(word in lowered for word in ("born", "birth", "dob", "o.b", "o. b", "o b")):
            yield from _births(text)


def nhs_valid(digits: str) -> bool:
    """The check digit of an NHS number: weights 10 to 2, eleven minus the remainder, where eleven is 0."""
    if not re.fullmatch(r"[0-9]{10}", digits) or len(set(digits)) == 1:
        return False
    check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[9])


def _nhs_numbers(text: str) -> Iterator[Found]:
    """Near the word "NHS" however spelt; elsewhere only in its usual groups and among words of care."""
    spans: list[tuple[int, int]] = []
    for match in _NHS_SPELT.finditer(text) if _NHS_CONTEXT.search(text) else ():
        start, end = match.span(1)
        digits = _digits(match[1])
        if nhs_valid(digits) and _named_nhs(text, start, end) and not _is_other(text, start, match[1]):
            spans.append((start, end))
            yield Found(IdentifierKind.NHS_NUMBER, digits, "nhs-number", start, end)
    care: int | None = None
    for match in _NHS_BARE.finditer(text):
        digits = _digits(match[0])
        if not nhs_valid(digits) or any(s < match.end() and match.start() < e for s, e in spans):
            continue
        if care is None:
            care = len({m[0].lower() for m in _CARE.finditer(text[:200_000])})
        if care >= _BARE_NEEDS and not _OTHER_NUMBER.search(text[max(0, match.start() - _BEFORE) : match.start()]):
            yield Found(IdentifierKind.NHS_NUMBER, digits, "nhs-number-bare", match.start(), match.end())


def _named_nhs(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - _BEFORE) : start], text[end : end + 25]
    return bool(_NHS_CONTEXT.search(before) or _NHS_CONTEXT.search(after))


def _is_other(text: str, start: int, spelling: str) -> bool:
    """Whether digits in unusual groups are a date with a time, or a telephone number."""
    if _GROUPED.fullmatch(spelling):
        return False
    return bool(_DATE.search(spelling)) or bool(_TELEPHONE.search(text[max(0, start - 20) : start]))


def _digits(spelling: str) -> str:
    return "".join(c for c in spelling if c.isdecimal())


def _insurance_numbers(text: str) -> Iterator[Found]:
    for match in _NINO.finditer(text):
        value = "".join(match.groups()).upper()
        spelt = (
            match[0].upper() == match[0] or "insurance" in text[max(0, match.start() - _BEFORE) : match.start()].lower()
        )
        if value[:2] not in _NINO_NEVER and spelt:
            yield Found(IdentifierKind.NATIONAL_INSURANCE, value, "national-insurance", match.start(), match.end())


def _bank_accounts(text: str) -> Iterator[Found]:
    """A sort code beside an eight-digit account number, at least one of them named as such; or a British IBAN."""
    for match in _IBAN.finditer(text):
        if _iban_valid(match):
            yield Found(IdentifierKind.BANK_ACCOUNT, "".join(match.groups()[2:]), "iban", match.start(), match.end())
    for sort in _SORT.finditer(text):
        near = text[max(0, sort.start() - _BEFORE) : sort.end() + 90]
        named = bool(_SORT_CONTEXT.search(near))
        if not named and not (sort[2] == "-" and _ACCOUNT_CONTEXT.search(near)):
            continue
        account = _account_near(text, sort)
        if account is not None:
            value = sort[1] + sort[3] + sort[4] + "".join(g for g in account.groups() if g)
            start, end = min(sort.start(), account.start()), max(sort.end(), account.end())
            yield Found(IdentifierKind.BANK_ACCOUNT, value, "sort-code-and-account", start, end)


def _account_near(text: str, sort: re.Match[str]) -> re.Match[str] | None:
    """The account number after the sort code, else the last one before it."""
    after = _ACCOUNT.search(text, sort.end(), sort.end() + 90)
    if after:
        return after
    before = list(_ACCOUNT.finditer(text, max(0, sort.start() - 90), sort.start()))
    return before[-1] if before else None


def _iban_valid(match: re.Match[str]) -> bool:
    """ISO 13616: the rearranged number is 1 modulo 97."""
    bank = "".join(str(int(c, 36)) for c in match[2])
    return int(f"{bank}{''.join(match.groups()[2:])}1611{match[1]}") % 97 == 1


def _births(text: str) -> Iterator[Found]:
    """The first date within 40 characters after the word."""
    for word in _BIRTH.finditer(text):
        match = _DATE.search(text, word.end(), word.end() + 40)
        if match and (value := _iso(match)):
            rule = "birthday" if word[0].lower() in {"born", "birthday"} else "date-of-birth"
            yield Found(IdentifierKind.DATE_OF_BIRTH, value, rule, match.start(), match.end())


def _iso(match: re.Match[str]) -> str:
    """The date as ISO; day before month; empty where there is no such day."""
    parts = match.groupdict()
    day, month, year = (
        next((parts[f"{key}{n}"] for n in ("", 2, 3, 4) if parts.get(f"{key}{n}")), "") for key in "dmy"
    )
    number = _MONTHS.get(month[:3].lower()) or int(month)
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) <= _TURN_OF_CENTURY else 1900)  # noqa: PLR2004 - digits
    try:
        return date(full, number, int(day)).isoformat()
    except ValueError:
        return ""


def _evidence(page: PageText, found: Found) -> Evidence:
    return Evidence(
        page.part, page.place, found.rule, page.text[found.start : found.end], page.page, found.start, found.end
    )
