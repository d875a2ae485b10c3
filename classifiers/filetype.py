"""What kind of file a part truly is, and whether its name and label say something else.

Purpose: step one of reading a document. Trust: name, declared type and content are all hostile; the content decides.
Failure: never raises; what cannot be told is ``application/octet-stream``, which the dispatcher calls unsupported.
"""

from __future__ import annotations

import codecs
from enum import Enum, auto

import pylibmagic  # noqa: F401 - must come before magic: it brings libmagic where the system has none

import magic  # isort: skip

from classifiers.structure import ENCRYPTED, recognise

_SNIFFED = 65_536
"""libmagic takes 28 ms on five megabytes of zeros; the first 64 KB tell as much."""

_ODD_CODECS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})


class Group(Enum):
    """Files that people take for each other without harm: a ``.doc`` may well be RTF, but not a PDF."""

    TEXT = auto()
    WRITING = auto()
    SHEET = auto()
    SLIDES = auto()
    PDF = auto()
    IMAGE = auto()
    MAIL = auto()
    ARCHIVE = auto()
    PROGRAM = auto()
    SOUND = auto()


_BY_SUFFIX = {
    Group.TEXT: "txt text csv tsv htm html xhtml xml json ics vcf md log ini yaml yml css eml mht asc",
    Group.WRITING: "doc docx docm dot dotx rtf odt",
    Group.SHEET: "xls xlsx xlsm xlsb xlt xltx ods",
    Group.SLIDES: "ppt pptx pptm pps ppsx odp",
    Group.PDF: "pdf",
    Group.IMAGE: "png jpg jpeg jpe gif bmp tif tiff webp heic heif ico",
    Group.MAIL: "msg",
    Group.ARCHIVE: "zip 7z tar gz tgz bz2 xz rar",
    Group.PROGRAM: "exe dll scr com msi bat cmd",
    Group.SOUND: "mp3 mp4 m4a wav avi mov mkv ogg webm",
}
_SUFFIXES = {suffix: group for group, names in _BY_SUFFIX.items() for suffix in names.split()}
_BY_TYPE = {
    "application/pdf": Group.PDF,
    "application/msword": Group.WRITING,
    "text/rtf": Group.WRITING,
    "application/rtf": Group.WRITING,
    "application/vnd.ms-excel": Group.SHEET,
    "application/vnd.ms-powerpoint": Group.SLIDES,
    "application/vnd.ms-outlook": Group.MAIL,
    "application/zip": Group.ARCHIVE,
    "application/x-zip-compressed": Group.ARCHIVE,
    "application/x-7z-compressed": Group.ARCHIVE,
    "application/x-tar": Group.ARCHIVE,
    "application/gzip": Group.ARCHIVE,
    "application/x-bzip2": Group.ARCHIVE,
    "application/x-xz": Group.ARCHIVE,
    "application/x-rar": Group.ARCHIVE,
    "application/vnd.rar": Group.ARCHIVE,
    "message/rfc822": Group.TEXT,
    "application/json": Group.TEXT,
    "application/xml": Group.TEXT,
}
_BY_PREFIX = (
    ("application/vnd.openxmlformats-officedocument.wordprocessingml", Group.WRITING),
    ("application/vnd.ms-word", Group.WRITING),
    ("application/vnd.oasis.opendocument.text", Group.WRITING),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml", Group.SHEET),
    ("application/vnd.oasis.opendocument.spreadsheet", Group.SHEET),
    ("application/vnd.ms-excel", Group.SHEET),
    ("application/vnd.openxmlformats-officedocument.presentationml", Group.SLIDES),
    ("application/vnd.oasis.opendocument.presentation", Group.SLIDES),
    ("application/vnd.ms-powerpoint", Group.SLIDES),
    ("application/x-dosexec", Group.PROGRAM),
    ("application/vnd.microsoft.portable-executable", Group.PROGRAM),
    ("application/x-executable", Group.PROGRAM),
    ("application/x-sharedlib", Group.PROGRAM),
    ("application/x-pie-executable", Group.PROGRAM),
    ("image/", Group.IMAGE),
    ("audio/", Group.SOUND),
    ("video/", Group.SOUND),
    ("text/", Group.TEXT),
)
_HARMLESS_PAIRS = frozenset(
    {
        (Group.WRITING, Group.TEXT),  # web pages and plain text saved as .doc
        (Group.SHEET, Group.TEXT),  # exports that call HTML or CSV ".xls"
        (Group.MAIL, Group.TEXT),
        (Group.ARCHIVE, Group.WRITING),  # a zip label on what is a zip inside
        (Group.ARCHIVE, Group.SHEET),
        (Group.ARCHIVE, Group.SLIDES),
    }
)
"""(what is claimed, what is true) that ordinary programs produce."""


def true_type(content: bytes, declared_type: str = "", charset: str = "") -> str:
    """The media type that the content shows, lower case. ``declared_type`` only breaks ties between kinds of text."""
    if not content:
        return "application/x-empty"
    known = recognise(content)
    if known:
        return known
    if declared_type == "message/rfc822":
        return declared_type if is_text(content, "latin-1") else "application/octet-stream"
    if declared_type.startswith("text/") and is_text(content, charset):
        return declared_type if declared_type in {"text/html", "text/calendar", "text/csv"} else _kind_of_text(content)
    sniffed = _sniff(content)
    if sniffed in {"application/octet-stream", "text/plain"} and is_text(content, charset):
        return _kind_of_text(content)
    return "application/octet-stream" if sniffed.startswith("text/") and not is_text(content, charset) else sniffed


def is_text(content: bytes, charset: str = "") -> bool:
    """Whether the bytes are writing: no NUL and few control characters, or UTF-16 by mark or label."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or charset.lower().startswith(
        ("utf-16", "utf-32")
    ):
        return _decodes(content, charset or "utf-16")
    head = content[:_SNIFFED]
    if b"\0" in content:
        return False
    controls = len(head) - len(head.translate(None, bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))))
    if controls * 50 > len(head):
        return False
    if head.isascii() or _decodes(content, "utf-8"):
        return True
    return (usable_codec(charset) not in {"", "ascii", "utf-8"} and _decodes(content, charset)) or _mostly_letters(head)


def usable_codec(name: str) -> str:
    """A text codec's name, or empty. Codecs that interpret escapes or are quadratic are not text."""
    try:
        found = codecs.lookup(name.strip()).name.replace("_", "-")
        "".encode(found)
    except (LookupError, ValueError, TypeError, UnicodeError):
        return ""
    return "" if found in _ODD_CODECS else found


def disagreement(true: str, declared_type: str, filename: str) -> bool:
    """Whether name, label and content are different kinds of thing.

    General labels (``application/octet-stream``, ``text/plain`` on a named file) claim nothing.
    """
    actual = group_of(true)
    if actual is None:
        return false_claim(filename) if true in ENCRYPTED else False
    claims = [_SUFFIXES.get(filename.rpartition(".")[2].lower())] if "." in filename else []
    if not (declared_type in {"text/plain", "application/octet-stream", ""} and claims and claims[0] is not None):
        claims.append(group_of(declared_type))
    return any(c is not None and c is not actual and (c, actual) not in _HARMLESS_PAIRS for c in claims)


def false_claim(filename: str) -> bool:
    """An encrypted blob that calls itself a picture or a sound; Office files with a password keep their suffix."""
    return (
        _SUFFIXES.get(filename.rpartition(".")[2].lower()) in {Group.IMAGE, Group.SOUND} if "." in filename else False
    )


def group_of(media_type: str) -> Group | None:
    """The group of a media type; None for what claims nothing."""
    if media_type in _BY_TYPE:
        return _BY_TYPE[media_type]
    return next((group for prefix, group in _BY_PREFIX if media_type.startswith(prefix)), None)


def _kind_of_text(content: bytes) -> str:
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in head:
        return "text/html"
    if head.startswith(b"begin:vcalendar"):
        return "text/calendar"
    return "text/xml" if head.startswith(b"<?xml") else "text/plain"


_MAGIC: list[magic.Magic] = []


def _sniff(content: bytes) -> str:
    if not _MAGIC:
        _MAGIC.append(magic.Magic(mime=True))
    try:
        return str(_MAGIC[0].from_buffer(content[:_SNIFFED]))
    except magic.MagicException:
        return "application/octet-stream"


def _decodes(content: bytes, codec: str) -> bool:
    try:
        content.decode(usable_codec(codec) or "utf-8")
    except UnicodeError:
        return False
    return True


def _mostly_letters(head: bytes) -> bool:
    """Eight-bit text of an old code page without a label: most bytes are printable ASCII all the same."""
    return 2 * sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head) > len(head)  # noqa: PLR2004 - printable ASCII
