"""How names and texts are made comparable: without case, accents, apostrophes and possessives, word by word.

``skeletons`` goes further, for what a scanner or a typist mixes up: "rn" is m, 0 is o, 1 is l. Only candidates are
found by it. A text in plain ASCII, as most is, takes a shorter way; both ways give the same words.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = "\u0300-\u036f"
_APOSTROPHES = "'\u2019\u2018\u02bc\u00b4`"
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*(?:[{_APOSTROPHES}][^\W_](?:[^\W_]|[{_MARKS}])*)*")
"""A word of a text: letters and digits, with accents, and apostrophes inside."""
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:['`][a-z0-9]+)*", re.IGNORECASE | re.ASCII)
_APART = "".join(chr(c) if chr(c).isalnum() or chr(c) in "'`" else " " for c in range(128)).lower().replace("`", "'")
_OUTER = re.compile(r"'(?:(?![a-z0-9])|(?<![a-z0-9]'))")
_POSSESSIVE = re.compile(r"'s(?![a-z0-9'])")
_LETTERS = str.maketrans(
    {"\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00f0": "d", "\u00fe": "th", "\u00e6": "ae", "\u0153": "oe"}
)
_CONFUSED = str.maketrans({"0": "o", "1": "l", "i": "l", "j": "l", "5": "s", "8": "b", "9": "g", "q": "g", "v": "u"})


def words(text: str) -> list[str]:
    """Folded words; a possessive loses its ending (Ann Lee's), and O'Neil is oneil."""
    if text.isascii():
        folded = text.translate(_APART)
        if "'" in folded:
            folded = _POSSESSIVE.sub("", _OUTER.sub(" ", folded)).replace("'", "")
        return folded.split()
    return [_folded(word) for word in WORD.findall(text)]


def _folded(word: str) -> str:
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
    return [m.start() for m in (_ASCII_WORD if text.isascii() else WORD).finditer(text)]


def end(text: str, start: int) -> int:
    """Where the word that begins there ends, possessive included."""
    found = WORD.match(text, start)
    return found.end() if found else start


def skeleton(word: str) -> str:
    """A folded word, or several apart by blanks, with what is easily mixed up made one."""
    return word.replace("rn", "m").replace("vv", "w").replace("cl", "d").translate(_CONFUSED)
