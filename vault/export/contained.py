"""Runs ``painting.py`` behind walls: no network, nothing to write to, no keys and no database to see, limits always.

Trust: none in the document, none in the answer beyond its form; ``proof.py`` looks at the result afterwards.
Failure: :class:`NotPainted`, and the document does not leave. Where bubblewrap cannot run, limits alone are left.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import SallyportError
from vault.export.painting import LENGTHS, Box
from vault.walls import ENVIRONMENT, within_walls

_SECONDS = 600


class NotPainted(SallyportError):
    """A document could not be blacked out, so it does not leave."""

    public = "The document could not be blacked out; withhold it, or black it out by hand."


class Painted(NamedTuple):
    """The new PDF, its boxes, how often each text was found, and how often what is watched is still to be seen."""

    pdf: bytes
    boxes: list[Box]
    times: list[int]
    left: list[int]


def painted(content: bytes, texts: Sequence[str], watch: Sequence[str] = ()) -> Painted:
    """See ``painting.paint``. Raises :class:`NotPainted`."""
    asked = json.dumps({"texts": list(texts), "watch": list(watch)}).encode()
    given = LENGTHS.pack(len(asked), len(content)) + asked + content
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            within_walls("vault.export.painting", "vault/__init__.py", "vault/export"),
            input=given, capture_output=True, timeout=_SECONDS, env=ENVIRONMENT, check=True,
        )  # fmt: skip
        said, size = LENGTHS.unpack(done.stdout[: LENGTHS.size])
        header = json.loads(done.stdout[LENGTHS.size : LENGTHS.size + said])
        pdf = done.stdout[LENGTHS.size + said :]
        boxes: list[Box] = [_box(b) for b in header["boxes"]]
        times, left = ([int(n) for n in header[name]] for name in ("times", "left"))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise NotPainted("painting", error=type(error).__name__) from error
    if len(pdf) != size or len(times) != len(texts) or len(left) != len(watch):
        raise NotPainted("an answer to something else")
    return Painted(pdf, boxes, times, left)


def _box(given: Sequence[int]) -> Box:
    page, left, top, right, bottom = (int(n) for n in given)
    return page, left, top, right, bottom
