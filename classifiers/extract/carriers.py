"""Files written into text: data URLs, base64, uuencode, yEnc.

Purpose: each as an item of its own. Trust: hostile text. Failure: through the reading; what is long and of no kind that
is known is UNSUPPORTED for itself.

Base64 is taken for a file where it decodes to text or to a known kind, or is longer than any token, key or signature
that mails are full of. Keys, certificates and signatures in their own armour are looked into too, but may be unknown.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from classifiers.extract.reading import Item, Reading
from classifiers.filetype import is_text
from classifiers.structure import recognise
from domain.model import UnreadableReason

_DATA = re.compile(
    r"""(?<![\w])data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+(?:=(?:[\w.+-]+|"[^"]*"))?)*),([^"'<>\s)]*(?:\s+[A-Za-z0-9+/=%]{20,})*)""",
    re.IGNORECASE,
)
"""Files inside the page itself (RFC 2397)."""
_RUN = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}(?:[ \t]*\r?\n[ \t>]*[A-Za-z0-9+/_-]{4,}={0,2}(?=[ \t]*(?:\r?\n|\Z)))*")
_LEAST = 40
_LETTER = 64 * 1024
"""Characters. The words of a longer text take memory."""
_FOREIGN = re.compile(r"[^A-Za-z0-9+/]")
_ARMOUR = re.compile(
    r"-----BEGIN (PGP PUBLIC KEY BLOCK|PGP SIGNATURE|(?:X509 |TRUSTED )?CERTIFICATE|(?:RSA |EC )?PUBLIC KEY)-----"
    r".*?-----END \1-----",
    re.DOTALL,
)
_UU = re.compile(r"^begin [0-7]{3,4} ([^\r\n]*)\r?\n(.*?)^[`~ ]?\r?\n?end[ \t]*$", re.MULTILINE | re.DOTALL)
_YENC = re.compile(r"^=ybegin ", re.MULTILINE)
_LONG = 1_024
"""Characters. RSA signatures have 684 at most, and headers of mail systems are read elsewhere."""
_SHORTEST = 24
_WORDS = 0.9


def read_data(item: Item, text: str, reading: Reading) -> str:
    """Read every data URL; the text without them."""
    if "data:" not in text.lower():
        return text
    for number, found in enumerate(_DATA.finditer(text), 1):
        content = unquote_to_bytes(found[3].replace("&amp;", "&"))
        if ";base64" in found[2].lower():
            content = _decoded(content.decode("latin-1"))
        kind = (found[1] or "text/plain").lower()
        reading.descend(item.inside(f"data{number}", content, kind, filename=""))
    return _DATA.sub("", text)


def read_carried(item: Item, text: str, reading: Reading) -> None:
    """Read every file written into the text."""
    for number, (name, content) in enumerate(_uuencoded(text), 1):
        reading.descend(item.inside(name or f"uu{number}", content))
    if "=ybegin " in text and _YENC.search(text):
        reading.cannot(item.path, UnreadableReason.UNSUPPORTED, item.filename)
    armoured = [found.span() for found in _ARMOUR.finditer(text)]
    headers = item.path.endswith("HEADER")
    for number, found in enumerate(_runs(text), 1):
        content = _decoded(found[0])
        if len(content) >= _SHORTEST and (_is_writing(content) or recognise(content)):
            reading.descend(item.inside(f"base64-{number}", content, filename=""))
        elif len(found[0]) >= _LONG and not headers and not _within(found.span(), armoured):
            reading.cannot(item.path, UnreadableReason.UNSUPPORTED, item.filename)


def _runs(text: str) -> Iterator[re.Match[str]]:
    """Where it may be base64. A short text without a word of that length is not searched for it letter by letter."""
    if len(text) > _LETTER or max(map(len, text.split()), default=0) >= _LEAST:
        yield from _RUN.finditer(text)


def _within(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _decoded(text: str) -> bytes:
    """Either alphabet, with or without padding; what is left over is cut off."""
    letters = _FOREIGN.sub("", text.replace("-", "+").replace("_", "/"))
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(letters + "=" * (-len(letters) % 4))


def _is_writing(content: bytes) -> bool:
    """Whether it is mostly printable: by chance, 24 octets are that once in a thousand million times."""
    if not is_text(content):
        return False
    plain = content.replace(b"\0", b"")
    return sum(32 <= c < 127 or c in b"\t\r\n" for c in plain) >= _WORDS * len(plain)  # noqa: PLR2004 - printable ASCII


def _uuencoded(text: str) -> Iterator[tuple[str, bytes]]:
    for found in _UU.finditer(text) if "begin " in text else ():
        lines = []
        for line in found[2].splitlines():
            try:
                lines.append(binascii.a2b_uu(line.encode("latin-1", "replace")))
            except binascii.Error:
                size = ((ord(line[0]) - 32) & 63) * 4 // 3 + 3 if line else 0  # some programs write too long lines
                lines.append(_forgiven(line[:size]))
        yield found[1].strip(), b"".join(lines)


def _forgiven(line: str) -> bytes:
    try:
        return binascii.a2b_uu(line.encode("latin-1", "replace"))
    except binascii.Error:
        return b""
