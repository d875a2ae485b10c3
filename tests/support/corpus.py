"""Specimens: ``tests/corpus/X.eml`` with ``X.toml`` beside it, which says what is to become of it. See its README."""

from __future__ import annotations

import base64
import quopri
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "corpus"
_SPECIMEN_KEYS = {"shows", "from", "found", "never", "to"}
_RECIPIENT_KEYS = {"address", "action", "rule", "category", "method", "inside", "never"}


@dataclass(frozen=True)
class Expected:
    """What is to become of one recipient's copy. ``inside`` stands in the opened mail."""

    address: str
    action: str
    rule: str
    category: str = ""
    method: str = ""
    inside: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Specimen:
    """One mail, as it goes over the wire (CRLF)."""

    name: str
    raw: bytes
    shows: str
    sender: str
    found: frozenset[str]
    never: tuple[str, ...]
    to: tuple[Expected, ...]


def specimens() -> list[Specimen]:
    """All, by name. A mail without its expectation, or the reverse, or a misspelt key is an error."""
    mails, expectations = ({p.stem for p in FOLDER.glob(f"*.{kind}")} for kind in ("eml", "toml"))
    assert mails == expectations, mails ^ expectations
    assert mails
    return [_read(name) for name in sorted(mails)]


def _read(name: str) -> Specimen:
    said = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    assert said.keys() == _SPECIMEN_KEYS, said.keys() ^ _SPECIMEN_KEYS
    assert all(r.keys() <= _RECIPIENT_KEYS for r in said["to"]), name
    to = tuple(Expected(**{k: tuple(v) if isinstance(v, list) else v for k, v in r.items()}) for r in said["to"])
    raw = (FOLDER / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return Specimen(name, raw, said["shows"], said["from"], frozenset(said["found"]), tuple(said["never"]), to)


def seen_in(content: bytes, words: Iterable[str]) -> list[str]:
    """Those of the words that somebody on the way could read: as they are, in base64, or in quoted-printable."""
    plain = content.lower()
    joined = content.replace(b"\r\n", b"").replace(b"\n", b"")
    unquoted = quopri.decodestring(content).lower()
    return [w for w in words if _written(w.encode(), plain, unquoted) or any(b in joined for b in _base64(w.encode()))]


def _written(word: bytes, plain: bytes, unquoted: bytes) -> bool:
    return word.lower() in plain or word.lower() in unquoted


def _base64(word: bytes) -> list[bytes]:
    """The word's own characters in base64, at each of the three places in a group of octets where it may begin."""
    found = []
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + word)
        start = -(-shift * 8 // 6)
        found.append(text[start : (shift + len(word)) * 8 // 6])
    return [f for f in found if len(f) >= 6]
