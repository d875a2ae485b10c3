"""Check digits and shapes of identifiers, for those who read documents and those who keep the register."""

from __future__ import annotations

_DIGITS = 10


def valid_nhs_number(digits: str) -> bool:
    """Ten digits, the last being 11 - (the others, weighted 10 to 2, mod 11); 11 counts as 0, and 10 is never given."""
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(d) * w for d, w in zip(digits, range(_DIGITS, 1, -1), strict=False))
    return (11 - total % 11) % 11 == int(digits[-1])
