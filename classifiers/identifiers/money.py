"""Somebody's money: bank accounts and payment cards.

Purpose: a sort code with an account number, a British IBAN, a card number that passes ISO/IEC 7812's check, has an
issuer's first digits and length, and is called or written as one. Trust: hostile text; every pattern is linear.
Failure: never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifiers.identifiers.found import BEFORE, Found, around, before, digits, of_something_else
from domain.model import IdentifierKind

_SORT = re.compile(r"(?<![\d-])(\d{2})([ \u2010-\u2015-]?)(\d{2})\2(\d{2})(?![\d-])")
_SORT_CONTEXT = re.compile(r"\bsort\s*-?\s*code\b|\bs/c\b", re.IGNORECASE)
_ACCOUNT_CONTEXT = re.compile(r"\b(?:account|acct|acc|a/c)\b", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<!\d)(\d{8})(?!\d)|(?<!\d)(\d{4}) (\d{4})(?!\d)")
_IBAN = re.compile(r"\bGB(\d{2}) ?([A-Z]{4}) ?(\d{4}) ?(\d{4}) ?(\d{4}) ?(\d{2})\b")
_NEAR = 90
_ABOUT_BANKS = ("sort", "acc", "a/c", "gb", "s/c")

_CARD = re.compile(r"(?<![\w.-])(\d(?:[ -]?\d){11,18})(?![\w-]|\.\d)")
_CARD_GROUPS = re.compile(r"\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{5}")
_CARD_CONTEXT = re.compile(
    r"\b(?:card|visa|master\s?card|maestro|amex|american express|debit|credit|expir\w+|cvv2?|cvc2?|security code"
    r"|long number|16 digits?|valid (?:from|to|thru|until)|start date|issue no)\b",
    re.IGNORECASE,
)
_NOT_PAYING = re.compile(
    r"\b(?:library|gift|loyalty|club|nectar|rewards?|membership|id|identity|swipe|business|sim|smart|bus|travel|rail|oyster"
    r"|score|report|business|greetings?|birthday|phone)[ -]?card|\b(?:imei|iccid|points?|tracking|barcode)\b",
    re.IGNORECASE,
)
_ISSUERS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = (
    (re.compile(r"4"), frozenset({13, 16, 19})),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), frozenset({16})),  # Mastercard
    (re.compile(r"3[47]"), frozenset({15})),  # American Express
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]|67677[04]"), frozenset(range(12, 20))),  # Maestro
    (re.compile(r"6011|64[4-9]|65"), frozenset({16, 19})),  # Discover
    (re.compile(r"3(?:0[0-5]|[68])"), frozenset({14, 16, 19})),  # Diners Club
    (re.compile(r"35(?:2[89]|[3-8])"), frozenset({16, 19})),  # JCB
)
"""First digits and lengths by issuer (ISO/IEC 7812-1; the issuers' published ranges)."""


def bank_accounts(text: str) -> Iterator[Found]:
    """A sort code beside an eight-digit account number, at least one of them named as such; or a British IBAN."""
    lowered = text.lower()
    if not any(word in lowered for word in _ABOUT_BANKS):
        return
    for match in _IBAN.finditer(text):
        if _iban_valid(match):
            yield Found(IdentifierKind.BANK_ACCOUNT, "".join(match.groups()[2:]), "iban", match.start(), match.end())
    for sort in _SORT.finditer(text):
        near = around(text, *sort.span(), BEFORE, _NEAR)
        if not _SORT_CONTEXT.search(near) and not (sort[2] == "-" and _ACCOUNT_CONTEXT.search(near)):
            continue
        account = _account_near(text, sort)
        if account is not None:
            value = sort[1] + sort[3] + sort[4] + "".join(g for g in account.groups() if g)
            start, end = min(sort.start(), account.start()), max(sort.end(), account.end())
            yield Found(IdentifierKind.BANK_ACCOUNT, value, "sort-code-and-account", start, end)


def _account_near(text: str, sort: re.Match[str]) -> re.Match[str] | None:
    """The account number after the sort code, else the last one before it."""
    after = _ACCOUNT.search(text, sort.end(), sort.end() + _NEAR)
    if after:
        return after
    earlier = list(_ACCOUNT.finditer(text, max(0, sort.start() - _NEAR), sort.start()))
    return earlier[-1] if earlier else None


def _iban_valid(match: re.Match[str]) -> bool:
    """ISO 13616: the rearranged number is 1 modulo 97."""
    bank = "".join(str(int(c, 36)) for c in match[2])
    return int(f"{bank}{''.join(match.groups()[2:])}1611{match[1]}") % 97 == 1


def payment_cards(text: str) -> Iterator[Found]:
    """Called a card near by; or in a card's own groups where nothing says that it is something else's."""
    for match in _CARD.finditer(text):
        number = digits(match[0])
        if _issued(number) and luhn_valid(number) and _for_paying(text, match):
            yield Found(IdentifierKind.PAYMENT_CARD, number, "payment-card", match.start(), match.end())


def luhn_valid(number: str) -> bool:
    """The check of ISO/IEC 7812-1 annex B: every second digit from the right is doubled, the digits' sum ends in 0."""
    doubled = [int(d) * (2 if n % 2 else 1) for n, d in enumerate(reversed(number))]
    return len(set(number)) > 1 and sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0  # noqa: PLR2004 - digits


def _issued(number: str) -> bool:
    return any(first.match(number) and len(number) in lengths for first, lengths in _ISSUERS)


def _for_paying(text: str, match: re.Match[str]) -> bool:
    near = around(text, *match.span(), _NEAR, BEFORE)
    if _NOT_PAYING.search(before(text, match.start(), BEFORE)) or of_something_else(text, match.start()):
        return False
    return bool(_CARD_CONTEXT.search(near)) or bool(_CARD_GROUPS.fullmatch(match[0]))
