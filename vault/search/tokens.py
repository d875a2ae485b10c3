"""Words made unreadable: keyed tokens, six bytes each.

Keyed BLAKE2b (RFC 7693 section 2.9) rather than HMAC: it is a keyed hash by design, takes the length of the answer as
a parameter, has a ``person`` field that keeps the fields of the index apart, and costs one call instead of two. 48
bits: among three million tokens a word that nobody wrote finds something once in a hundred million times.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable

import snowballstemmer

from vault.search.words import RULES, shapes, words

SIZE = 6
KEY_BYTES = 32
_CACHED = 200_000
_PREFIX_FROM, PREFIX_TO = 2, 20
_LONGEST = 64


class Keyed:
    """The index key at work; remembers tokens, for stemming is slow. Safe for threads.

    Raises ``ValueError`` for a key below 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError("an index key needs 32 bytes")
        self._key = hashlib.sha256(key).digest() if len(key) > hashlib.blake2b.MAX_KEY_SIZE else key
        self._pairs: dict[str, bytes] = {}
        self._fields: dict[tuple[str, str], bytes] = {}
        self.id = self.of("key", f"id {RULES}").hex()[:8]
        """Which key it is, and which rules of words, for the rows; says nothing about the key."""

    def of(self, field: str, value: str) -> bytes:
        """The token of a value in a field. The same value in another field is another token."""
        text = value.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=SIZE, key=self._key, person=field.encode()).digest()

    def kept(self, field: str, value: str) -> bytes:
        """The same, remembered: for what comes again and again."""
        found = self._fields.get((field, value))
        return found if found is not None else self._keep(field, value, self.of(field, value))

    def stemmed(self, field: str, word: str) -> bytes:
        """The token of a word's stem in a field, remembered by the word."""
        found = self._fields.get((field, word))
        return found if found is not None else self._keep(field, word, self.of(field, stem(word)))

    def address(self, field: str, address: str) -> bytes:
        """All tokens that an address is found by in a field, beginnings included; one after the other."""
        found = self._fields.get((field, f"<{address}>"))
        if found is not None:
            return found
        values = values_of_address(address)
        tokens = [*(self.of(field, v) for v in values), *self.beginnings(field, values)]
        return self._keep(field, f"<{address}>", b"".join(tokens))

    def _keep(self, field: str, value: str, tokens: bytes) -> bytes:
        if len(self._fields) >= _CACHED:
            self._fields.clear()
        self._fields[field, value] = tokens
        return tokens

    def pair(self, word: str) -> bytes:
        """The tokens of a word's stem and of the word itself, one after the other."""
        found = self._pairs.get(word)
        if found is None:
            found = self.of("stem", stem(word)) + self.of("word", word)
            if len(self._pairs) >= _CACHED:
                self._pairs.clear()
            self._pairs[word] = found
        return found

    def pairs(self, these: Iterable[str]) -> bytes:
        """Those of many words, in their order."""
        known = self._pairs
        return b"".join([known.get(w) or self.pair(w) for w in these])

    def beginnings(self, field: str, values: Iterable[str]) -> list[bytes]:
        """What is found by ``value*``."""
        return [self.of(f"{field}*", b) for b in dict.fromkeys(b for v in values for b in beginnings(v))]

    def digest(self, text: str) -> str:
        """For telling whether two texts are the same without the text: 32 hexadecimal digits."""
        data = text.encode(errors="surrogatepass")
        return hashlib.blake2b(data, digest_size=16, key=self._key, person=b"text").hexdigest()


_local = threading.local()


def stem(word: str) -> str:
    """Its English stem (Porter 2); a word with a digit or a foreign letter in it, or a very long one, is its own."""
    if len(word) > _LONGEST or not word.isalpha() or not word.isascii():
        return word
    if not hasattr(_local, "stemmer"):  # it has a state: one a thread
        _local.stemmer = snowballstemmer.stemmer("english")
    return str(_local.stemmer.stemWord(word))


def beginnings(word: str) -> list[str]:
    """What somebody may have typed of it before a star."""
    return [word[:n] for n in range(_PREFIX_FROM, min(len(word), PREFIX_TO) + 1)]


def values_of_address(address: str) -> list[str]:
    """What an address is found by: itself, its domain, the words of its name."""
    local, _, domain = address.rpartition("@")
    return list(dict.fromkeys(v for v in (address, domain, *words(local)) if v))


def values_of_name(name: str) -> list[str]:
    """What a file name is found by: its words, and its references."""
    return list(dict.fromkeys((*words(name), *shapes(name))))
