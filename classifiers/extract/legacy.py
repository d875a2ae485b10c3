"""Office files from before 2007: DOC, XLS, PPT, and binary workbooks.

Purpose: their words by xberg, the one library found that reads all of them. Trust: hostile; it once took 1.5 GB for
an ordinary XLS, so it runs only here, under the worker's memory limit. Failure: ``Unread`` ENCRYPTED, UNSUPPORTED,
NO_TEXT.
"""

from __future__ import annotations

import asyncio
import io

import msoffcrypto

from classifiers.extract.reading import Item, Reading, Unread
from classifiers.filetype import true_type
from domain.model import UnreadableReason


def read_legacy(item: Item, reading: Reading) -> None:
    """The words of a legacy Office file, as one page."""
    kind = true_type(item.content)
    if kind.startswith(("application/msword", "application/vnd.ms-")) and _locked(item.content):
        raise Unread(UnreadableReason.ENCRYPTED)
    if not reading.say(item.path, item.place, _text(item.content, kind)):
        raise Unread(UnreadableReason.NO_TEXT)


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
