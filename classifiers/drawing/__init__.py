"""Pictures of documents' pages, for people who must not open the document itself.

Purpose: show a reviewer how a page looks. The document is drawn in a contained process (``process.py``) that gives back
nothing but a size and that many pixels; the PNG is written here, of those pixels alone, so nothing of the document
reaches a browser but what can be seen of it. Trust: none in document and process; every answer is measured.
Failure: :class:`CannotDraw`; each picture has a process of its own, so nothing is left for the next.
"""

from __future__ import annotations

import io
import json
import os
import select
import subprocess
import time
from dataclasses import dataclass, field
from typing import BinaryIO

from PIL import Image

from classifiers.confinement import Confinement, available, command, end, environment
from classifiers.drawing.frame import HEAD, MOST_PAGES, MOST_PIXELS, READY
from domain.errors import SallyportError

MODULE = "classifiers.drawing.process"
_PIECE = 1 << 20
_MOST = len(READY) + HEAD.size + 3 * MOST_PIXELS + 1


class CannotDraw(SallyportError):
    """There is no picture of it."""

    public = "No picture can be made of this file. Its words, as far as they could be read, are shown as text."


@dataclass(frozen=True, slots=True)
class Picture:
    """One page. ``pages`` is how many the document has."""

    png: bytes = field(repr=False)
    pages: int


@dataclass(frozen=True, slots=True)
class Drawer:
    """``walls`` as for the readers (``Sandbox``); ``memory`` is bytes of address space, ``seconds`` for one picture."""

    walls: bool | None = None
    memory: int = 1 << 30
    seconds: float = 20.0

    def draw(self, content: bytes, page: int = 1) -> Picture:
        """A PDF's page (from 1), or a picture file. Raises :class:`CannotDraw`."""
        asked = json.dumps({"memory": self.memory, "seconds": int(self.seconds) + 1, "page": page})
        for confinement in available(walls=self.walls):
            answer = self._ask(confinement, asked, content)
            if answer.startswith(READY):  # else this way of containing it does not work here
                return _picture(answer[len(READY) :])
        raise CannotDraw("no process could be started")

    def _ask(self, confinement: Confinement, asked: str, content: bytes) -> bytes:
        """What the process said, up to what it may say."""
        words = command(confinement, (asked,), MODULE)
        try:
            with _as_file(content) as source, subprocess.Popen(  # noqa: S603 - our own command line
                words, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(), cwd="/",
                start_new_session=True,
            ) as process:  # fmt: skip
                return self._said(process)
        except OSError as error:
            raise CannotDraw("no process can be had") from error

    def _said(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        descriptor, until, said = process.stdout.fileno(), time.monotonic() + self.seconds, bytearray()
        poller = select.poll()
        poller.register(descriptor)
        try:
            while len(said) < _MOST:
                if not poller.poll(max(0, until - time.monotonic()) * 1000):
                    raise CannotDraw("it took too long")
                if not (piece := os.read(descriptor, _PIECE)):
                    break
                said += piece
        finally:
            end(process)
        return bytes(said)


def _as_file(content: bytes) -> BinaryIO:
    """A file of this process's memory: nothing of the document is on a disk, and the process reads at its own pace."""
    file = os.fdopen(os.memfd_create("page"), "w+b")
    file.write(content)
    file.seek(0)
    return file


def _picture(answer: bytes) -> Picture:
    if len(answer) < HEAD.size:
        raise CannotDraw("the process ended")
    pages, width, height = HEAD.unpack_from(answer)
    pixels = memoryview(answer)[HEAD.size :]
    if not (0 < width * height <= MOST_PIXELS and 0 < pages <= MOST_PAGES and len(pixels) == width * height * 3):
        raise CannotDraw("the process said what it must not say")
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), bytes(pixels)).save(out, "PNG", compress_level=4)
    return Picture(out.getvalue(), pages)
