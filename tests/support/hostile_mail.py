"""Mails that are made to hurt, each small in the source and large or odd on the wire. All hold Ann's letter."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable

from tests.support.house import CARER, OFFICER, SECRET

_TEXT = f"Neurology outpatient clinic\r\n\r\nRe: Ann Lee, NHS number: 999 000 0018\r\n\r\n{SECRET}.\r\n"
_LEAF = "Content-Type: text/plain\r\n\r\n" + _TEXT


def _head(name: str) -> str:
    return (
        f"From: {OFFICER}\r\nTo: {CARER}\r\nSubject: Papers\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
        f"Message-ID: <hostile-{name}@council.example>\r\nMIME-Version: 1.0\r\n"
    )


def many_parts() -> bytes:
    """10,000 parts; the letter is the last but one."""
    part = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    body = part * 9_998 + f"--b\r\n{_LEAF}\r\n" + part + "--b--\r\n"
    return (_head("parts") + 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + body).encode()


def deep_parts() -> bytes:
    """100 multiparts in one another; the letter is innermost."""
    entity = _LEAF
    for n in range(100):
        entity = f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n{entity}\r\n--b{n}--\r\n'
    return (_head("deep") + entity).encode()


def deep_mails() -> bytes:
    """100 mails in one another."""
    entity = _LEAF
    for n in range(100):
        entity = f"Content-Type: message/rfc822\r\n\r\nSubject: number {n}\r\nMIME-Version: 1.0\r\n{entity}"
    return (_head("mails") + entity).encode()


def zip_bomb() -> bytes:
    """A zip of 400 KB that unpacks to 400 MB, with the letter beside it."""
    return _with_attachment(
        "bomb", "papers.zip", _zipped({"zeros.txt": b"0" * 400_000_000, "letter.txt": _TEXT.encode()})
    )


def nested_zip_bomb() -> bytes:
    """Ten zips in a zip, five times over: a hundred thousand files."""
    inner = _zipped({"zeros.txt": b"0" * 1_000_000, "letter.txt": _TEXT.encode()})
    for _ in range(5):
        inner = _zipped({f"{n}.zip": inner for n in range(10)})
    return _with_attachment("nested", "papers.zip", inner)


def rubbish_headers() -> bytes:
    """Every octet but NUL, CR and LF, in names and in values of fields."""
    octets = bytes(o for o in range(1, 256) if o not in b"\r\n")
    odd = b"X-" + octets + b": " + octets * 3 + b"\r\n" + b"Subject: " + octets + b"\r\n"
    return _head("rubbish").replace("Subject: Papers\r\n", "").encode() + odd + _LEAF.encode()


def no_headers() -> bytes:
    """The letter from its first line."""
    return _TEXT.encode()


def no_blank_line() -> bytes:
    """Fields without an end and without a body."""
    return _head("fields").encode() + f"X-Note: Re: Ann Lee, NHS number: 999 000 0018. {SECRET}\r\n".encode()


def one_long_line() -> bytes:
    """30 MB in one line, the letter after 20 MB."""
    line = "lorem ipsum " * (20_000_000 // 12) + _TEXT.replace("\r\n", " ") + "lorem ipsum " * (10_000_000 // 12)
    return (_head("line") + "Content-Type: text/plain\r\n\r\n" + line + "\r\n").encode()


def long_header() -> bytes:
    """A field of 5 MB."""
    return (_head("header") + "X-Long: " + "x" * 5_000_000 + "\r\n" + _LEAF).encode()


HELD: dict[str, Callable[[], bytes]] = {
    "10,000 parts": many_parts,
    "100 multiparts deep": deep_parts,
    "100 mails deep": deep_mails,
    "zip bomb": zip_bomb,
    "nested zip bomb": nested_zip_bomb,
    "rubbish in headers": rubbish_headers,
    "30 MB in one line": one_long_line,
}
"""What nobody can vouch for: accepted, kept back, and its sender told."""


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _with_attachment(name: str, filename: str, content: bytes) -> bytes:
    head = (
        f'{_head(name)}Content-Type: application/zip; name="{filename}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{filename}"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")
