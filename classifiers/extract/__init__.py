"""Bytes to text: which reader reads what.

Purpose: one table, true type to reader; what is not in it cannot be vouched for. Trust: hostile bytes throughout.
Failure: total: whatever a reader raises becomes a finding (``Unreadable``), and what was read before it stays.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from classifiers.extract.archive import read_7z, read_compressed, read_tar, read_zip
from classifiers.extract.image import read_image
from classifiers.extract.mail import is_mail, read_mbox, read_rfc822
from classifiers.extract.office import read_odf, read_slides, read_word
from classifiers.extract.reading import Item, Looks, Reading, Unread
from classifiers.extract.rtf import read_rtf
from classifiers.extract.sheets import read_sheets
from classifiers.extract.signatures import read_armoured, read_signed
from classifiers.extract.text import read_drawing, read_html, read_plain
from classifiers.filetype import disagreement, true_type
from classifiers.limits import Limits
from classifiers.structure import ENCRYPTED, two_in_one
from domain.model import Place, TypeDisagreement, UnreadableReason

Reader = Callable[[Item, Reading], None]


def _later(module: str, name: str) -> Reader:
    """A reader that is loaded when the first of its kind comes. PDF, old Office and Outlook take most of a start."""

    def read_one(item: Item, reading: Reading) -> None:
        getattr(import_module(f"classifiers.extract.{module}"), name)(item, reading)

    return read_one


_MAILS = frozenset({"message/news", "application/mbox"})
_LEGACY = _later("legacy", "read_legacy")
_READERS: dict[str, Reader] = {
    "application/pdf": _later("pdf", "read_pdf"),
    "application/msword": _LEGACY,
    "application/vnd.ms-excel": _LEGACY,
    "application/vnd.ms-powerpoint": _LEGACY,
    "application/vnd.ms-outlook": _later("outlook", "read_msg"),
    "text/rtf": read_rtf,
    "text/html": read_html,
    "text/xml": read_html,
    "application/xml": read_html,
    "application/xhtml+xml": read_html,
    "application/ms-tnef": _later("outlook", "read_tnef"),
    "message/rfc822": read_rfc822,
    "application/mbox": read_mbox,
    "application/pkcs7-signature": read_signed,
    "application/pgp-signature": read_armoured,
    "application/zip": read_zip,
    "application/x-7z-compressed": read_7z,
    "application/x-tar": read_tar,
    "application/gzip": read_compressed,
    "application/x-bzip2": read_compressed,
    "application/x-xz": read_compressed,
    "application/json": read_plain,
    "application/x-ndjson": read_plain,
}
_READERS_BY_PREFIX: tuple[tuple[str, Reader], ...] = (
    ("application/vnd.openxmlformats-officedocument.wordprocessingml", read_word),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml", read_sheets),
    ("application/vnd.openxmlformats-officedocument.presentationml", read_slides),
    ("application/vnd.ms-excel.sheet.binary", _LEGACY),
    ("application/vnd.oasis.opendocument.", read_odf),
    ("image/svg", read_drawing),
    ("image/", read_image),
    ("text/", read_plain),
)


def begin(limits: Limits, known_pictures: frozenset[str] = frozenset(), pictures: Looks | None = None) -> Reading:
    """A fresh collector, ready to read with."""
    return Reading(limits, read, known_pictures, pictures)


def read(item: Item, reading: Reading) -> None:
    """Read one item with all that is inside it. Never raises but for ``MemoryError`` that nothing can be done about."""
    kind = _kind(item)
    reading.true_types.append((item.path, kind))
    if item.filename:
        reading.say(f"{item.path}#name", Place.FILE_NAME, file_words(item.filename))
    if disagreement(kind, item.declared_type, item.filename):
        reading.disagreements.append(TypeDisagreement(item.path, item.filename, item.declared_type, kind))
    try:
        if two_in_one(item.content, kind):
            reading.cannot(item.path, UnreadableReason.AMBIGUOUS, item.filename)
        _reader(kind)(item, reading)
    except Unread as unread:
        reading.cannot(item.path, unread.reason, item.filename)
    except RecursionError:
        reading.cannot(item.path, UnreadableReason.TOO_DEEP, item.filename)
    except MemoryError:
        reading.cannot(item.path, UnreadableReason.TOO_LARGE, item.filename)
    except Exception:  # noqa: BLE001 - readers raise anything on hostile bytes; unread is the answer to all of it
        reading.cannot(item.path, UnreadableReason.CORRUPT, item.filename)


def file_words(filename: str) -> str:
    """A file name as words: one character for one, so that spans still count in the name."""
    return filename.replace("_", " ").replace("+", " ")


def _kind(item: Item) -> str:
    kind = true_type(item.content, item.declared_type, item.charset)
    if kind.startswith("text/") or kind in {"message/news", "application/mbox"}:
        return is_mail(item.content, item.filename) or ("text/plain" if kind in _MAILS else kind)
    return kind


def _reader(kind: str) -> Reader:
    if kind in ENCRYPTED:
        return _refuse(UnreadableReason.ENCRYPTED)
    if kind == "application/x-empty":
        return _nothing
    if kind in _READERS:
        return _READERS[kind]
    return next(
        (reader for prefix, reader in _READERS_BY_PREFIX if kind.startswith(prefix)),
        _refuse(UnreadableReason.UNSUPPORTED),
    )


def _nothing(_item: Item, _reading: Reading) -> None:
    """Nothing in it."""


def _refuse(reason: UnreadableReason) -> Reader:
    def refuse(_item: Item, _reading: Reading) -> None:
        raise Unread(reason)

    return refuse
