"""Office files from before 2007: DOC, XLS, PPT, and binary workbooks.

Purpose: their words by xberg, the one library found that reads all of them; their properties; and every run of letters
that it left out, which is where headers of DOC, comments of XLS and notes of PPT are. Trust: hostile; xberg once
took 1.5 GB for an ordinary XLS, so it runs only here, under the worker's memory limit.
Failure: ``Unread`` ENCRYPTED, UNSUPPORTED (an object inside), NO_TEXT (no word, or a picture, of which nobody tells
how large it is shown).
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator

import msoffcrypto
import olefile

from classifiers.extract.package import read_rest
from classifiers.extract.reading import Item, Reading, Unread
from classifiers.extract.zips import Members
from classifiers.filetype import true_type
from domain.model import UnreadableReason

_PICTURES = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff[\xc0-\xfe]|GIF8[79]a|\xd7\xcd\xc6\x9a|[\x40\x50]\x3d\x1a\xf0|[\x60\x70]\x21\x1b\xf0"
    rb"|[\x20\x30]\x54\x1c\xf0|(?:[\xa0\xb0]\x46|[\x20\x30]\x6e)[\x1d\x2a]\xf0|[\x00\x10]\x6e\x1e\xf0|[\x80\x90]\x7a\x1f\xf0"
    rb"|[\x40\x50]\x6e\x29\xf0"
)
"""Pictures by their own first octets, and by the headers of Office's blip records (MS-ODRAW section 2.2.23)."""
_OBJECT = re.compile(r"ObjectPool/|MBD[0-9A-F]{8}/|.*(?:\x01Ole10Native|Package|EmbeddedOdf|CONTENTS)$|.*VBA/")
_BINARY_SHEETS = re.compile(r"xl/.*\.bin$|xl/sharedStrings|xl/worksheets/")
_MAIN = ("WordDocument", "1Table", "0Table", "Workbook", "Book", "PowerPoint Document")
_WORD = re.compile(r"\w+")
_WORDY = re.compile(r"[A-Za-z]{3}|\d[\d\s/-]{5}")
_PLAIN = 0.85
_NARROW = re.compile(rb"[ -~\xa0-\xff]{4,}")
_WIDE = re.compile(rb"(?:[ -~\xa0-\xff]\0){4,}")


def read_legacy(item: Item, reading: Reading) -> None:
    """The words of a legacy Office file, as one page."""
    kind = true_type(item.content)
    if kind.startswith(("application/msword", "application/vnd.ms-")) and _locked(item.content):
        raise Unread(UnreadableReason.ENCRYPTED)
    streams = {} if item.content.startswith(b"PK") else dict(_streams(item.content))
    if streams:
        _look(item, streams, reading)
    text = _text(item.content, kind)
    said = reading.say(item.path, item.place, text)
    reading.say(f"{item.path}/strings", item.place, _overlooked(streams, text))
    if item.content.startswith(b"PK"):
        members = Members(item, reading)
        read_rest(item, members, reading, {i.filename for i in members.infos if _BINARY_SHEETS.match(i.filename)})
    elif not said:
        raise Unread(UnreadableReason.NO_TEXT)


def _look(item: Item, streams: dict[str, bytes], reading: Reading) -> None:
    """What is beside the words: properties, objects, pictures."""
    for name in ("\x05SummaryInformation", "\x05DocumentSummaryInformation"):
        reading.say(f"{item.path}/properties", item.place, _runs(streams.get(name, b"")))
    if any(_OBJECT.match(name) for name in streams):
        reading.cannot(item.path, UnreadableReason.UNSUPPORTED, item.filename)
    if any(_PICTURES.search(content) for content in streams.values()):
        reading.cannot(item.path, UnreadableReason.NO_TEXT, item.filename)


def _overlooked(streams: dict[str, bytes], text: str) -> str:
    """Words in the file that are not in its text: headers, footers, comments, notes, links."""
    known = set(_WORD.findall(text))
    runs = dict.fromkeys(run for name in _MAIN for run in _runs(streams.get(name, b"")).splitlines())
    return "\n".join(run for run in runs if _is_writing(run) and not known.issuperset(_WORD.findall(run)))


def _is_writing(run: str) -> bool:
    """Whether it looks like words or a number, rather than like a structure that happens to be printable."""
    plain = sum(c.isalnum() or c in " .,:;/()'@&-" for c in run)
    return plain >= _PLAIN * len(run) and _WORDY.search(run) is not None


def _streams(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and octets of each stream; one name for a path. A file too odd for that is for the extractor to refuse."""
    with olefile.OleFileIO(io.BytesIO(content)) as ole:
        for path in ole.listdir(streams=True, storages=False):
            with ole.openstream(path) as stream:
                yield "/".join(path), bytes(stream.read())


def _runs(properties: bytes) -> str:
    """The strings in a property set (MS-OLEPS), of either width."""
    wide = (run.decode("utf-16-le") for run in _WIDE.findall(properties))
    return "\n".join((*(run.decode("latin-1") for run in _NARROW.findall(properties)), *wide))


def _locked(content: bytes) -> bool:
    """Whether it asks for a password. A file too odd to say is for the extractor to refuse."""
    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(content)).is_encrypted())
    except Exception:  # noqa: BLE001 - the library raises anything on hostile bytes
        return False


def _text(content: bytes, kind: str) -> str:
    import xberg  # noqa: PLC0415 - 200 MB of address space, for rare files

    config = xberg.ExtractionConfig(use_cache=False, disable_ocr=True, enable_quality_processing=False)
    item = xberg.ExtractInput(kind=xberg.ExtractInputKind.BYTES, bytes=content, mime_type=kind)
    try:
        result = asyncio.run(xberg.extract(item, config))
    except Exception:  # noqa: BLE001 - its errors are its own business; the mail is held
        raise Unread(UnreadableReason.UNSUPPORTED) from None
    return "\n".join(document.content for document in result.results)
