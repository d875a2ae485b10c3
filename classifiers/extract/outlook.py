"""Outlook's wrapping of mails: TNEF (``winmail.dat``) and MSG.

Purpose: subject, bodies (plain, HTML, compressed RTF) and attachments, each as an item of its own. Trust: hostile.
Failure: ``Unread`` CORRUPT, TOO_DEEP or NO_TEXT.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import olefile
from tnefparse import TNEF

from classifiers.extract.reading import Item, Reading, Unread
from classifiers.extract.rtf import rtf_text, rtf_unseen
from classifiers.extract.rtfpacked import rtf_decompressed
from classifiers.extract.text import html_text
from domain.model import UnreadableReason


def read_tnef(item: Item, reading: Reading) -> None:
    """``winmail.dat`` (MS-OXTNEF): subject, bodies and attachments."""
    tnef = TNEF(item.content, do_checksum=False)
    subject = next((p.data for p in tnef.msgprops if p.name == TNEF.ATTSUBJECT), "")
    html, rtf = _tnef_text(tnef.htmlbody), _tnef_rtf(tnef)
    bodies = [_tnef_text(subject), _tnef_text(tnef.body), html_text(html) if html else "", rtf_text(rtf) if rtf else ""]
    said = reading.say(item.path, item.place, "\n".join(b for b in bodies if b))
    if unseen := rtf_unseen(item, rtf, reading):
        reading.cannot(item.path, unseen, item.filename)
    for attachment in tnef.attachments:
        name = str(attachment.long_filename() or attachment.name or "attached").rstrip("\0")
        content = bytes(attachment.data or b"")
        if not content:
            raise Unread(UnreadableReason.UNSUPPORTED)
        reading.spend(len(content))
        reading.descend(item.inside(name, content))
    if not said and not tnef.attachments:
        raise Unread(UnreadableReason.NO_TEXT)


def _tnef_rtf(tnef: TNEF) -> bytes:
    """The RTF body, unpacked by us: the library's own accessor hands it out still packed where a package is missing."""
    raw = tnef._rtfbody  # noqa: SLF001 - see above
    raw = raw[0] if isinstance(raw, list) and raw else raw
    return rtf_decompressed(bytes(raw or b""))


def _tnef_text(value: object) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(_tnef_text(v) for v in value)
    if isinstance(value, bytes):
        return value.decode("utf-8" if _is_utf8(value) else "cp1252", "replace").rstrip("\0")
    return str(value).rstrip("\0") if value else ""


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeError:
        return False
    return True


def read_msg(item: Item, reading: Reading) -> None:
    """Outlook's ``.msg`` (MS-OXMSG): subject, bodies, attachments, and messages inside attachments."""
    with olefile.OleFileIO(io.BytesIO(item.content)) as ole:
        if not _read_storage(item, ole, (), reading, 0):
            raise Unread(UnreadableReason.NO_TEXT)


def _read_storage(item: Item, ole: olefile.OleFileIO, at: tuple[str, ...], reading: Reading, depth: int) -> bool:
    """One message storage. True when it gave anything."""
    if depth > reading.limits.depth:
        raise Unread(UnreadableReason.TOO_DEEP)
    html, rtf = _property(ole, at, 0x1013), rtf_decompressed(_stream(ole, (*at, "__substg1.0_10090102")))
    bodies = [_property(ole, at, 0x1000), html_text(html) if html else "", rtf_text(rtf) if rtf else ""]
    subject = _property(ole, at, 0x0037)
    said = reading.say(item.path, item.place, "\n".join(b for b in (subject, *_once(bodies)) if b))
    if unseen := rtf_unseen(item, rtf, reading):
        reading.cannot(item.path, unseen, item.filename)
    for name in sorted(
        {e[len(at)] for e in ole.listdir(streams=True, storages=True) if tuple(e[: len(at)]) == at and len(e) > len(at)}
    ):
        if name.startswith("__attach_version1.0_"):
            said = _read_attachment(item, ole, (*at, name), reading, depth) or said
    return said


def _read_attachment(item: Item, ole: olefile.OleFileIO, at: tuple[str, ...], reading: Reading, depth: int) -> bool:
    inner = (*at, "__substg1.0_3701000D")
    if ole.exists(list(inner)):
        # A part of its own: what is said under one page twice belongs to no page. No name of a file has this sign.
        return _read_storage(replace(item, path=f"{item.path}/message#{at[-1][-8:]}"), ole, inner, reading, depth + 1)
    name = _property(ole, at, 0x3707) or _property(ole, at, 0x3704) or "attached"
    content = _stream(ole, (*at, "__substg1.0_37010102"))
    reading.spend(len(content))
    reading.descend(item.inside(name, content))
    return True


def _once(bodies: Sequence[str]) -> Iterator[str]:
    """The bodies that say more than one before them: Outlook keeps a mail as text, as HTML and as RTF.

    One mail said three times is no longer a mail of a line or two.
    """
    told: list[Counter[str]] = []
    for body in bodies:
        words = Counter(body.split())
        if not any(words <= other for other in told):
            told.append(words)
            yield body


def _property(ole: olefile.OleFileIO, at: tuple[str, ...], tag: int) -> str:
    """A string property: Unicode (001F), code page (001E) or binary (0102), in that order."""
    for suffix, codec in (("001F", "utf-16-le"), ("001E", "cp1252"), ("0102", "utf-8")):
        if content := _stream(ole, (*at, f"__substg1.0_{tag:04X}{suffix}")):
            return content.decode(codec, "replace").rstrip("\0")
    return ""


def _stream(ole: olefile.OleFileIO, path: tuple[str, ...]) -> bytes:
    if not ole.exists(list(path)) or ole.get_type(list(path)) != olefile.STGTY_STREAM:
        return b""
    with ole.openstream(list(path)) as stream:
        return bytes(stream.read())
