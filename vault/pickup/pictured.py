"""Runs ``drawing.py`` behind walls. Trust: none in the document, none in the answer beyond its form.

Failure: None, and the page is offered as words and for download alone.
"""

from __future__ import annotations

import subprocess
from threading import BoundedSemaphore

from vault.pickup.drawing import NUMBER, WHOLE
from vault.walls import ENVIRONMENT, within_walls

_SECONDS = 25
_MOST_PAGES = 500
_AT_ONCE = BoundedSemaphore(2)
"""Each may take two gigabytes and a processor; more visitors wait their turn."""
_JPEG = b"\xff\xd8\xff"
_DRAWN = ("application/pdf", "image/")
_CODE = ("vault/__init__.py", "vault/pickup/__init__.py", "vault/pickup/drawing.py")


def can_be_drawn(kind: str) -> bool:
    """Whether a file of this type has pages that can be drawn."""
    return kind.startswith(_DRAWN)


def pages_of(content: bytes) -> int:
    """How many pages can be drawn; 0 where none can."""
    answer = _run(content, 0)
    return min(NUMBER.unpack(answer)[0], _MOST_PAGES) if answer and len(answer) == NUMBER.size else 0


def page_of(content: bytes, page: int) -> bytes | None:
    """One page as a JPEG, from 1."""
    answer = _run(content, page)
    picture = answer[NUMBER.size :] if answer else b""
    return picture if picture.startswith(_JPEG) else None


def photograph_of(content: bytes) -> bytes | None:
    """A picture as a JPEG, as large as a letter on it can be read, and nothing of what was written beside it."""
    return page_of(content, WHOLE)


def _run(content: bytes, page: int) -> bytes | None:
    try:
        with _AT_ONCE:
            return subprocess.run(  # noqa: S603 - our own program
                within_walls("vault.pickup.drawing", *_CODE),
                input=NUMBER.pack(page) + content, capture_output=True, timeout=_SECONDS, env=ENVIRONMENT, check=True,
            ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
