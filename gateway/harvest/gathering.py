"""Which keys a mail that came in brings with it, for its author's address and no other.

Input: a mail from anybody, as a file, a pipe or a mailbox hands it over. Failure: none: ``keys`` is empty, and ``why``
says so in plain words. A mail with two authors, or a header that programs read differently, brings nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from domain.seen_keys import KeySource
from gateway.harvest import openpgp, smime
from gateway.harvest.signed import signed_part
from gateway.mime.fields import Header, read_header
from gateway.mime.words import addresses
from gateway.protect.inspection import FoundKey

_HEADER = 256 * 1024
_LINE_END = re.compile(rb"\r?\n")


@dataclass(frozen=True, slots=True)
class Gathered:
    """``author`` is folded; empty where the mail has no single one."""

    author: str
    keys: tuple[tuple[KeySource, FoundKey], ...]
    why: str = ""


def gather(mail: bytes, sources: Collection[KeySource], now: datetime) -> Gathered:
    """The mail's keys from the sources that are wanted. Lines may end in LF alone, as pipes hand them over."""
    raw = _LINE_END.sub(b"\r\n", mail)
    header = read_header(raw, 0, len(raw), _HEADER)
    author = _author(header)
    if not author:
        return Gathered("", (), "The mail does not say for certain who wrote it.")
    found = _signed(raw, header, author, sources, now)
    if KeySource.AUTOCRYPT in sources:
        found += [(KeySource.AUTOCRYPT, key) for key in openpgp.autocrypt(header, author, now)]
    once = {key.stored.fingerprint: (source, key) for source, key in reversed(found)}
    why = "" if once else "The mail brings no key of its author that counts."
    return Gathered(author, tuple(reversed(once.values())), why)


def _signed(
    raw: bytes, header: Header, author: str, sources: Collection[KeySource], now: datetime
) -> list[tuple[KeySource, FoundKey]]:
    signed = signed_part(raw, header)
    if signed is None:
        return []
    source, find = (KeySource.SMIME, smime.certificates) if signed.cms else (KeySource.OPENPGP, openpgp.attached)
    return [(source, key) for key in find(signed, author, now)] if source in sources else []


def _author(header: Header) -> str:
    fields = header.values("from")
    found = addresses(fields)
    if len(fields) != 1 or len(found) != 1 or header.odd or header.cut:
        return ""
    return found[0].key if found[0].domain else ""
