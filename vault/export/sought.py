"""Whom a request is about, and whether a text speaks of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from vault.export.folding import Folded, folded


@dataclass(frozen=True, slots=True)
class Sought:
    """A person of the register by everything they are or were known by. Single names name nobody and are left out."""

    ref: str
    names: tuple[str, ...]
    nhs_number: str = ""
    born: date | None = None
    council_id: str = ""
    addresses: tuple[str, ...] = ()

    def found_in(self, texts: Iterable[str]) -> str:
        """By what these texts speak of the person: "name", "date of birth"; empty if by nothing."""
        read = [Folded.of(text) for text in texts]
        return next((by for by, words in self._clues() if any(t.has(w) for t in read for w in words)), "")

    def is_own(self, text: str) -> bool:
        """Whether the text is the person's own name, number or address, or a part of a name."""
        said = folded(text)
        own = [*self.names, self.nhs_number, self.council_id, *self.addresses, *_days(self.born)]
        parts = [part for name in self.names for part in name.split()]
        return said in {folded(o) for o in (*own, *parts)}

    @property
    def surnames(self) -> frozenset[str]:
        """The last words of the names, folded."""
        return frozenset(folded(name.split()[-1]) for name in self.names if name.split())

    def _clues(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        full = [name for name in self.names if " " in name.strip()]
        turned = [f"{name.split()[-1]} {' '.join(name.split()[:-1])}" for name in full]
        return (
            ("NHS number", (self.nhs_number,)),
            ("council ID", (self.council_id,)),
            ("name", (*full, *turned)),
            ("e-mail address", self.addresses),
            ("date of birth", _days(self.born)),
        )


def _days(day: date | None) -> tuple[str, ...]:
    """As people write a day; blanks, dots and strokes do not matter."""
    if day is None:
        return ()
    numbers = (f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}", f"{day:%Y-%m-%d}", f"{day:%d/%m/%y}")
    ordinal = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")  # noqa: PLR2004 - the teens of English ordinals
    words = tuple(f"{n} {m} {day.year}" for n in (day.day, f"{day.day}{ordinal}") for m in (f"{day:%B}", f"{day:%b}"))
    return (*numbers, *words, f"{day:%B} {day.day} {day.year}")
