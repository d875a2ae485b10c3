"""How names and texts are made comparable: without case, accents, apostrophes and possessives, word by word.

``skeletons`` goes further, for what a scanner or a typist mixes up: "rn" is m, 0 is o, 1 is l. Only candidates are
found by it. A text in plain ASCII, but for what a word processor types (curly apostrophes, dashes), takes a shorter
way, as most do; both ways give the same words.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate, compress, count
from operator import add

_MARKS = "\u0300-\u036f"
_APOSTROPHES = "'\u2019\u2018\u02bc\u00b4`"
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:[{_APOSTROPHES}][^\W_](?:[^\W_]|[{_MARKS}])*)*")
"""A word of a text: letters and digits, with accents, and apostrophes inside."""
_TYPED = "\u201c\u201d\u2013\u2014\u2026\u2022\u00a0\u00a3"
"""What a word processor makes of signs that stand in no word."""
_APART = "".join(chr(c) if chr(c).isalnum() or chr(c) in "'`" else " " for c in range(128)).lower().replace("`", "'")
_OUTER = re.compile(r"'(?:(?![a-z0-9])|(?<![a-z0-9]'))")
_POSSESSIVE = re.compile(r"'s(?![a-z0-9'])")
_LETTERS = str.maketrans(
    {"\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d", "\u00fe": "th", "\u00e6": "ae", "\u0153": "oe"}
)
_CONFUSED = str.maketrans({"0": "o", "1": "l", "i": "l", "j": "l", "5": "s", "8": "b", "9": "g", "q": "g", "v": "u"})


def words(text: str) -> list[str]:
    """Folded words; a possessive loses its ending (Ann Lee's), and O'Neil is oneil."""
    plain = _plain(text)
    if plain is None:
        return [_folded(word) for word in WORD.findall(text)]
    return (_POSSESSIVE.sub("", plain).replace("'", "") if "'" in plain else plain).split()


def _plain(text: str) -> str | None:
    """The words of a text at their places, small, a blank for each other sign; None if more than ASCII is in them."""
    if not text.isascii():
        for apostrophe in _APOSTROPHES[1:]:
            text = text.replace(apostrophe, "'")
        for sign in _TYPED:
            text = text.replace(sign, " ")
        if not text.isascii():
            return None
    apart = text.translate(_APART)
    return _OUTER.sub(" ", apart) if "'" in apart else apart


def _folded(word: str) -> str:
    if word.isascii() and word.isalnum():
        return word.lower()
    lowered = word.casefold()
    for other in _APOSTROPHES[1:]:
        lowered = lowered.replace(other, "'")
    bare = lowered.removesuffix("'s").replace("'", "")
    if not bare.isascii():
        letters = unicodedata.normalize("NFKD", bare.translate(_LETTERS))
        bare = "".join(c for c in letters if not unicodedata.combining(c) and not c.isspace())
    return bare or "?"  # as many words as WORD finds, whatever they are


def starts(text: str) -> list[int]:
    """Where each of the words begins. Whole matches would be kept by thousands, for the garbage collector to count."""
    plain = _plain(text)
    if plain is None:
        return [m.start() for m in WORD.finditer(text)]
    pieces = plain.split(" ")
    # A piece begins behind all before it and a blank for each of them; a word is a piece that is not empty.
    return list(compress(map(add, accumulate(map(len, pieces), initial=0), count()), pieces))


def end(text: str, start: int) -> int:
    """Where the word that begins there ends, possessive included."""
    found = WORD.match(text, start)
    return found.end() if found else start


def skeleton(word: str) -> str:
    """A folded word, or several apart by blanks, with what is easily mixed up made one."""
    return word.replace("rn", "m").replace("vv", "w").replace("cl", "d").translate(_CONFUSED)
