"""Whether a display name and an address may be the same person's. Pure.

"Ann Lee <bob@clinic.example>": a mail program puts a name beside an address, people look at the name, and the mail goes
to the address. A name says something where it is a person's, of two words at least, and the address is neither made of
it nor one that several people read.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "rev", "cllr"})
_FOR_MANY = frozenset(
    {
        *("admin", "admissions", "appointments", "care", "carers", "clerk", "contact", "duty", "email", "enquiries"),
        *("finance", "gp", "health", "hello", "help", "hq", "info", "inbox", "legal", "mail", "manager", "medical"),
        *("nurse", "office", "pharmacy", "post", "practice", "prescriptions", "reception", "records", "referrals"),
        *("safeguarding", "secretary", "service", "services", "support", "surgery", "team", "therapy", "ward"),
    }
)
"""Words of mailboxes that several people read: any name may stand beside them."""
_TELLING = 3
"""Letters from which on a word within an address is a name and no chance."""
_MOST = 6
"""Words: what is longer is a sentence."""


def name_of(shown: str) -> tuple[str, ...]:
    """The words of a person's name, folded, without titles and initials; empty where it is no such name."""
    words = tuple(w for w in _WORD.findall(shown.casefold()) if len(w) > 1 and w not in _TITLES)
    return words if 1 < len(words) <= _MOST and "@" not in shown else ()


def fits(name: tuple[str, ...], address: str) -> bool:
    """Whether the address (folded) may be of who bears the name: it has a word or initials of it, or is for many."""
    local = address.rpartition("@")[0]
    words = _WORD.findall(local)
    if not words or not _FOR_MANY.isdisjoint(words):
        return True
    letters = "".join(words)
    if any(word in letters for word in name if len(word) >= _TELLING) or not name[-1].isascii():
        return True
    return letters in {name[0][0] + name[-1][0], "".join(word[0] for word in name)} or set(words) & set(name) != set()


def made_of(name: tuple[str, ...], address: str) -> bool:
    """Whether the address is plainly of who bears the name: first name and surname are its words."""
    words = _WORD.findall(address.rpartition("@")[0])
    return {name[0], name[-1]} <= set(words) or "".join(words) in {name[0] + name[-1], name[-1] + name[0]}


def same(name: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both are one person's: the words of the shorter are in the longer, as "Ann Lee" in "Ann Jane Lee"."""
    short, long = sorted((set(name), set(other)), key=len)
    return bool(short) and short <= long
