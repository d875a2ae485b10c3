"""Numbers that point at one person: NHS numbers and National Insurance numbers.

Purpose: found however they are spelt, and left alone where the words say that they are something else's.
Trust: hostile text; every pattern is linear in its length. Failure: never raises.
Measured: 8.7 % of real ten-digit groups pass the NHS check, so a bare one counts only among words of care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifiers.identifiers.births import DATE
from classifiers.identifiers.found import BEFORE, Covered, Found, before, digits, of_something_else
from domain.model import IdentifierKind

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
_NHS_NAMED = re.compile(
    r"(?<![a-z])n[.\s]{0,2}h[.\s]{0,2}s[.\s_-]*(?:no|num|nr|id|#|:)[^\n]*$|(?<![a-z])nhs\W*$", re.IGNORECASE
)
"""The last words before a number that call it an NHS number, whatever stands before them."""
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
_CARE_READ = 200_000
_BARE_NEEDS = 2
_NINO = re.compile(
    r"\b([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])[\s./-]{0,2}(\d{2})[\s./-]{0,2}(\d{2})[\s./-]{0,2}(\d{2})[\s./-]{0,2}([A-D])\b",
    re.IGNORECASE,
)
_NINO_WORDS = 7
"""So many words before it may call it what else has two letters, six digits and a letter: a policy, a serial number."""
_NINO_NEVER = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
_NINO_NAMED = re.compile(r"insurance|\bn\.?i\.?(?:n\.?o\.?)?\b", re.IGNORECASE)


def nhs_valid(number: str) -> bool:
    """The check digit of an NHS number: weights 10 to 2, eleven minus the remainder, where eleven is 0."""
    if not re.fullmatch(r"[0-9]{10}", number) or len(set(number)) == 1:
        return False
    check = 11 - sum(int(d) * w for d, w in zip(number, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(number[9])


def nhs_numbers(text: str) -> Iterator[Found]:
    """Near the word "NHS" however spelt; elsewhere only in its usual groups and among words of care."""
    spans: list[tuple[int, int]] = []
    for match in _NHS_SPELT.finditer(text) if _NHS_CONTEXT.search(text) else ():
        start, end = match.span(1)
        number = digits(match[1])
        if nhs_valid(number) and _named_nhs(text, start, end) and not _is_other(text, start, match[1]):
            spans.append((start, end))
            yield Found(IdentifierKind.NHS_NUMBER, number, "nhs-number", start, end)
    yield from _bare(text, Covered(spans))


def _bare(text: str, taken: Covered) -> Iterator[Found]:
    care: int | None = None
    for match in _NHS_BARE.finditer(text):
        number = digits(match[0])
        if not nhs_valid(number) or taken.touches(*match.span()):
            continue
        if care is None:
            care = len({m[0].lower() for m in _CARE.finditer(text[:_CARE_READ])})
        if care >= _BARE_NEEDS and not _says_other(text, match.start()):
            yield Found(IdentifierKind.NHS_NUMBER, number, "nhs-number-bare", match.start(), match.end())


def _says_other(text: str, start: int) -> bool:
    return bool(_OTHER_NUMBER.search(before(text, start))) or of_something_else(text, start)


def _named_nhs(text: str, start: int, end: int) -> bool:
    """Whether "NHS" stands near, and nothing between it and the number says that the number is something else's."""
    lead = before(text, start)
    if _NHS_NAMED.search(lead):
        return True
    near = _NHS_CONTEXT.search(lead) or _NHS_CONTEXT.search(text[end : end + 25])
    return bool(near) and not of_something_else(text, start)


def _is_other(text: str, start: int, spelling: str) -> bool:
    """Whether digits in unusual groups are a date with a time, or a telephone number."""
    if _GROUPED.fullmatch(spelling):
        return False
    return bool(DATE.search(spelling)) or bool(_TELEPHONE.search(before(text, start, 20)))


def insurance_numbers(text: str) -> Iterator[Found]:
    """In capitals, or named; not where the words before call it something else's."""
    for match in _NINO.finditer(text):
        value = "".join(match.groups()).upper()
        named = bool(_NINO_NAMED.search(before(text, match.start(), BEFORE)))
        alone = match[0].upper() == match[0] and not of_something_else(text, match.start(), _NINO_WORDS)
        if value[:2] not in _NINO_NEVER and (named or alone):
            yield Found(IdentifierKind.NATIONAL_INSURANCE, value, "national-insurance", match.start(), match.end())
