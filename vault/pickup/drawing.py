"""One page of a PDF, or one picture, drawn anew as a JPEG: nothing of the original but pixels is in it.

Run as a program of its own (``vault/pickup/pictured.py``), because the file comes from anybody. In: a number in four
bytes (the page, from 1; 0 asks how many there are) and the file. Out: how many there are in four bytes, and the JPEG.
What a telephone wrote beside the picture, such as where it was taken, is not drawn.
"""

from __future__ import annotations

import io
import struct
import sys
from typing import BinaryIO

import pi_heif
import pypdfium2
from PIL import Image, ImageOps

NUMBER = struct.Struct(">I")
WHOLE = 0xFFFFFFFF
"""In the place of a page: the first picture, larger, to be kept and not only looked at."""
_WIDTH = 1240
"""Pixels: an A4 page at 150 dots an inch, which a telephone shows sharp and loads soon."""
_POINTS = 72
_MOST_PIXELS = 60_000_000
_QUALITY = 82


def draw(content: bytes, page: int) -> tuple[int, bytes]:
    """How many pages there are, and that one. Raises what the libraries raise, ``ValueError`` for no such page."""
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return _of_pdf(content, page)
    pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    with Image.open(io.BytesIO(content)) as picture:
        count = getattr(picture, "n_frames", 1)
        if not page:
            return count, b""
        picture.seek(0 if page == WHOLE else page - 1)
        upright = ImageOps.exif_transpose(picture)
        longest = _WIDTH * (3 if page == WHOLE else 2)
        upright.thumbnail((longest, longest))
        return count, _jpeg(upright)


def _of_pdf(content: bytes, page: int) -> tuple[int, bytes]:
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    count = len(document)
    if not page:
        return count, b""
    if page > count:
        raise ValueError("no such page")
    shown = document[page - 1]
    scale = min(_WIDTH / max(shown.get_width(), 1), 4 * _WIDTH / max(shown.get_height(), 1))
    return count, _jpeg(shown.render(scale=scale).to_pil())


def _jpeg(picture: Image.Image) -> bytes:
    """On white, where it was transparent."""
    whole = picture.convert("RGBA")
    paper = Image.new("RGB", whole.size, "white")
    paper.paste(whole, mask=whole.getchannel("A"))
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def main(given: BinaryIO, answer: BinaryIO) -> None:
    """One page, as a program."""
    (page,) = NUMBER.unpack(given.read(NUMBER.size))
    count, picture = draw(given.read(), page)
    answer.write(NUMBER.pack(count) + picture)


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.stdin.buffer, sys.stdout.buffer)
