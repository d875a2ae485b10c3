"""What somebody sends us as an answer: which kinds of file are taken, and photographs without what a telephone adds.

A photograph is drawn anew, behind walls, so that where it was taken and by which telephone is gone, and HEIC becomes
the JPEG that everybody can open. Other files go on as they are: the pipeline reads them, as it reads all mail.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from vault.pickup.pictured import photograph_of

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", ".pdf"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"GIF8", ".gif"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
)
_HEIC = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc", b"ftypheim")
_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp")
_PICTURES = (".jpg", ".png", ".gif", ".tif", ".heic")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it goes on."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


class NotTaken(ValueError):
    """A kind of file that is not taken, or a picture that cannot be drawn. ``name`` is what they called it."""

    def __init__(self, name: str) -> None:
        super().__init__("a file that is not taken")
        self.name = name


def clean(name: str, content: bytes) -> Sent:
    """The file as it goes on. Raises :class:`NotTaken`."""
    safe = _safe(name)
    ending = ending_of(safe, content)
    if ending in _PICTURES:
        picture = photograph_of(content)
        if picture is None:
            raise NotTaken(safe)
        return Sent(_with_ending(safe, ".jpg"), picture)
    if not ending:
        raise NotTaken(safe)
    return Sent(_with_ending(safe, ending), content)


def ending_of(name: str, content: bytes) -> str:
    """What kind of file the content is, as the ending of its name; empty for what is not taken."""
    for start, ending in _STARTS:
        if content.startswith(start):
            return ending
    if content[4:12] in _HEIC:
        return ".heic"
    suffix = PurePosixPath(name).suffix.lower()
    if content.startswith(b"PK\x03\x04"):
        return suffix if suffix in _OFFICE else ""
    return ".txt" if suffix == ".txt" and _is_text(content) else ""


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _with_ending(name: str, ending: str) -> str:
    bare = PurePosixPath(name).stem or "file"
    return f"{bare[:_LONGEST]}{ending}"


def _safe(name: str) -> str:
    """The last step of a path, without anything that a mail header or a file system would take for its own."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c if c.isprintable() and c not in '<>:"|?*%' else "_" for c in last).strip(" .") or "file"
