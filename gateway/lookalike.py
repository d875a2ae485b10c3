"""How a domain looks to a person's eye: Unicode's confusable letters (UTS #39), by ``confusable-homoglyphs``.

Input is anybody's address. Total: what is no domain is compared as it stands.
"""

from __future__ import annotations

from functools import cache, lru_cache

import idna
from confusable_homoglyphs import confusables

_LONGEST = 255
"""Of a domain (RFC 5321 section 4.5.3.1.2); of what is longer only so much is looked at."""
_PAIRS = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"))
"""ASCII letters that pass for one another in small print."""


class Confusables:
    """Implements ``domain.guard.Looks``."""

    def skeleton(self, domain: str) -> str:
        """See the port: every letter becomes the Latin one that it looks like."""
        return _skeleton(domain[:_LONGEST])

    def disguised(self, domain: str) -> bool:
        """See the port."""
        return any(_disguised(label) for label in shown(domain[:_LONGEST]).split("."))


def shown(domain: str) -> str:
    """As a mail program shows it: labels that begin with ``xn--`` in their own letters (RFC 5891)."""
    return ".".join(_label(label) for label in domain.split("."))


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return str(idna.decode(label))
    except (idna.IDNAError, UnicodeError):
        return label


@lru_cache(maxsize=4096)
def _skeleton(domain: str) -> str:
    latin = _latin()
    text = "".join(latin.get(letter, letter) for letter in shown(domain))
    for two, one in _PAIRS:
        text = text.replace(two, one)
    return text


def _disguised(label: str) -> bool:
    """Several scripts in one word, and letters among them that look like others."""
    return not label.isascii() and bool(confusables.is_dangerous(label))


@cache
def _latin() -> dict[str, str]:
    """Every letter outside ASCII that looks like ASCII letters, and what it looks like: a stroke is an "l"."""
    found: dict[str, str] = {}
    for letter, others in confusables.confusables_data.items():
        if len(letter) == 1 and not letter.isascii():
            plain = [o["c"].replace("I", "l").lower() for o in others if o["c"].isascii() and o["c"].isalnum()]
            if plain:
                found[letter] = "l" if "l" in plain else plain[0]
    return found
