"""Strings that point at one person or their money, or say how they are reached.

Purpose: NHS and National Insurance numbers, bank accounts, payment cards, council IDs, dates of birth; and, as evidence
that never decides by itself, telephone numbers, e-mail addresses, postcodes and UPRNs. Normalised, with evidence.
Trust: hostile text; every pattern is linear in its length. Failure: never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifiers.identifiers.births import births
from classifiers.identifiers.contacts import emails, phones, postcodes, property_numbers
from classifiers.identifiers.found import Covered, Found
from classifiers.identifiers.money import bank_accounts, payment_cards
from classifiers.identifiers.numbers import insurance_numbers, nhs_numbers, nhs_valid
from domain.model import Evidence, Identifier, IdentifierKind, PageText

__all__ = ["COUNCIL_ID", "Identifiers", "nhs_valid"]

COUNCIL_ID = r"\bSL-\d{5}\b"
"""The default pattern of the service's own reference."""

_DIGIT = re.compile(r"\d")
_FINDERS = (nhs_numbers, insurance_numbers, bank_accounts, payment_cards, births, phones, postcodes, property_numbers)


class Identifiers:
    """The finder. ``council_id`` is a regular expression of the council's own references."""

    def __init__(self, council_id: str = COUNCIL_ID) -> None:
        self._council = re.compile(council_id, re.IGNORECASE)

    def find(self, page: PageText) -> tuple[Identifier, ...]:
        """Everything in one page's text, in reading order."""
        found = sorted(_apart(self._all(page.text)), key=lambda f: (f.start, f.kind))
        return tuple(Identifier(f.kind, f.value, _evidence(page, f)) for f in found)

    def council_ids(self, text: str) -> frozenset[str]:
        """The council IDs in a text, upper case."""
        return frozenset(m[0].upper() for m in self._council.finditer(text))

    def _all(self, text: str) -> Iterator[Found]:
        for match in self._council.finditer(text):
            yield Found(IdentifierKind.COUNCIL_ID, match[0].upper(), "council-id", match.start(), match.end())
        yield from emails(text)
        if _DIGIT.search(text):
            for finder in _FINDERS:
                yield from finder(text)


def _apart(found: Iterator[Found]) -> Iterator[Found]:
    """What only says how somebody is reached gives way to what is more, where both read the same characters."""
    everything = list(found)
    told = Covered((f.start, f.end) for f in everything if not f.kind.everyday)
    return (f for f in everything if not f.kind.everyday or not told.touches(f.start, f.end))


def _evidence(page: PageText, found: Found) -> Evidence:
    return Evidence(
        page.part, page.place, found.rule, page.text[found.start : found.end], page.page, found.start, found.end
    )
