"""``python -m classifiers.drawing.process``: draws one page of the document on standard input, and ends.

Trust: the document is hostile, and so is this process once it has read it. Failure: it dies, and there is no picture.
"""

from __future__ import annotations

import io
import json
import os
import sys

from classifiers.confinement import allow_seconds, restrict
from classifiers.drawing.frame import HEAD, MOST_PAGES, MOST_PIXELS, READY, WIDTH

_POINTS = 72
_DPI = 120


def main(arguments: list[str]) -> int:
    """``arguments``: one JSON object with ``memory`` (bytes), ``seconds`` (processor) and ``page`` (from 1)."""
    asked = json.loads(arguments[0])
    restrict(int(asked["memory"]))
    allow_seconds(int(asked["seconds"]))
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)  # a library that prints must not speak into the answer
    sink.write(READY)
    sink.flush()
    content = sys.stdin.buffer.read()
    pages, width, height, pixels = _pdf(content, int(asked["page"])) if _is_pdf(content) else _image(content)
    sink.write(HEAD.pack(pages, width, height))
    sink.write(pixels)
    sink.flush()
    return 0


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024]


def _pdf(content: bytes, page: int) -> tuple[int, int, int, bytes]:
    import pypdfium2  # noqa: PLC0415 - under the limits from the first import on

    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    sheet = document[page - 1]
    wide, high = sheet.get_size()
    scale = min(_DPI / _POINTS, WIDTH / wide, (MOST_PIXELS / (wide * high)) ** 0.5)
    drawn = sheet.render(scale=scale * 0.999, rev_byteorder=True, may_draw_forms=True, no_smoothtext=False).to_pil()
    picture = drawn.convert("RGB")
    return min(len(document), MOST_PAGES), picture.width, picture.height, picture.tobytes()


def _image(content: bytes) -> tuple[int, int, int, bytes]:
    from PIL import Image, ImageOps  # noqa: PLC0415 - the same

    Image.MAX_IMAGE_PIXELS = 100_000_000
    with Image.open(io.BytesIO(content)) as opened:
        pages = int(getattr(opened, "n_frames", 1))
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    picture.thumbnail((WIDTH, WIDTH * 2))
    return pages, picture.width, picture.height, picture.tobytes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
