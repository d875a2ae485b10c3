"""One document as the classifiers see it: its pages, what was counted in them, and what is known from around it.

Purpose: the one argument of every document classifier. Trust: as its pages: hostile text. Failure: none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from classifiers.documents.tally import Tally
from classifiers.forms.matching import Forms
from domain.model import Category, Evidence, Finding, Identifier, IdentifierKind, PageText

NAME_UNREADABLE = 0.6
"""The likelihood of what a file name says, when the file itself cannot be read."""


@dataclass(frozen=True, slots=True)
class Document:
    """``pages`` are all of one part. ``lifts`` are weights by what file name and subject line call it.

    ``council_ids`` are where the mail, outside this part, points at somebody. ``forms`` are the registered ones in it;
    where they are blank, ``pages`` are only what the file says beside them: a blank form is nothing.
    """

    pages: tuple[PageText, ...]
    tally: Tally
    identifiers: tuple[Identifier, ...] = ()
    lifts: Mapping[Category, float] = field(default_factory=dict)
    council_ids: tuple[Evidence, ...] = ()
    forms: Forms = field(default_factory=Forms)

    @property
    def about_somebody(self) -> bool:
        """Whether anything points at one person: its sentences, a filled field, an identifier, the mail around it."""
        pointed = any(identifier.kind in _POINTING for identifier in self.identifiers)
        return self.tally.spoken or bool(self.tally.person) or pointed or bool(self.council_ids)


_POINTING = frozenset(
    {
        IdentifierKind.NHS_NUMBER,
        IdentifierKind.NATIONAL_INSURANCE,
        IdentifierKind.DATE_OF_BIRTH,
        IdentifierKind.COUNCIL_ID,
        IdentifierKind.PAYMENT_CARD,
    }
)

Classifier = Callable[[Document], tuple[Finding, ...]]
"""Says of what categories a document is, likeliest first; nothing where nothing speaks for any."""
