"""A PDF with passages blacked out: pages become pictures, boxes are painted over the letters, pictures become a PDF.

What was behind the boxes, and all that a page does not show (properties, notes, files, hidden text), is not in the
result, because nothing of the original but pixels is. Run as a program of its own (``vault/export/contained.py``): the
PDF comes from anybody. In: eight bytes of lengths, JSON ``{"texts": [...], "watch": [...]}``, the PDF. Out: the same
with ``{"boxes": [[page, left, top, right, bottom], ...], "times": [...], "left": [...]}`` (pixels; pages from 0).
"""

from __future__ import annotations

import ctypes
import io
import json
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageDraw

from vault.export.folding import Folded

DOTS_PER_INCH = 200
_POINTS = 72
_MOST_PIXELS = 30_000_000
_MOST_PAGES = 2000
_BELOW, _ABOVE = 0.2, 0.8
"""Of the size of a font: how far its letters reach below and above their line."""
LENGTHS = struct.Struct(">II")
Box = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Letters:
    """Every letter of the document: which page, and which one there."""

    text: str
    at: list[tuple[int, int]]


def paint(
    content: bytes, texts: Sequence[str], watch: Sequence[str] = ()
) -> tuple[bytes, list[Box], list[int], list[int]]:
    """The new PDF; where the boxes are; how often each text was found; how often each of ``watch`` is still to be seen.

    Raises what pdfium raises.
    """
    document = pypdfium2.PdfDocument(_with_filled_fields(content))
    if len(document) > _MOST_PAGES:
        raise ValueError("too many pages")
    letters = _read(document)
    folded = Folded.of(letters.text)
    spans = [[*folded.find(text)] for text in texts]
    wanted = {i for found in spans for first, end in found for i in range(first, end)}
    left = [sum(first not in wanted for first, _ in folded.find(text)) for text in watch]
    by_page: dict[int, set[int]] = {}
    for page, letter in (letters.at[i] for i in wanted):
        by_page.setdefault(page, set()).add(letter)
    boxes: list[Box] = []
    with pikepdf.new() as out:
        for number in range(len(document)):
            picture, painted = _painted(document, number, sorted(by_page.get(number, ())))
            boxes += [(number, *box) for box in painted]
            _add_page(out, picture)
        file = io.BytesIO()
        out.save(file, deterministic_id=True)
    return file.getvalue(), boxes, [len(found) for found in spans], left


def _with_filled_fields(content: bytes) -> bytes:
    """Programs leave it to the reader to draw what was typed into a form: qpdf draws it, so that it is on the page."""
    with pikepdf.open(io.BytesIO(content), inherit_page_attributes=False) as pdf:
        if "/AcroForm" not in pdf.Root:
            return content
        pdf.generate_appearance_streams()
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def _read(document: pypdfium2.PdfDocument) -> _Letters:
    """All pages one after the other, as they are painted: what is noted on a page is made part of it first."""
    text, at = [], []
    for number in range(len(document)):
        page = document[number]
        if pdfium_c.FPDFPage_GetAnnotCount(page.raw):
            pdfium_c.FPDFPage_Flatten(page.raw, pdfium_c.FLAT_NORMALDISPLAY)
            page.close()
            page = document[number]
        turned = page.get_rotation()
        textpage = _upright(page)
        for letter in range(textpage.count_chars()):
            text.append(chr(pdfium_c.FPDFText_GetUnicode(textpage.raw, letter)))
            at.append((number, letter))
        text.append("\n")
        at.append((number, -1))
        textpage.close()
        page.set_rotation(turned)  # what is set stays in the document, also when the page is closed
        page.close()
    return _Letters("".join(text), at)


def _upright(page: pypdfium2.PdfPage) -> pypdfium2.PdfTextPage:
    """The letters in the order in which they are read: of a turned page pdfium gives the last line first."""
    page.set_rotation(0)
    return page.get_textpage()


def _painted(
    document: pypdfium2.PdfDocument, number: int, letters: Sequence[int]
) -> tuple[Image.Image, list[tuple[int, int, int, int]]]:
    page = document[number]
    scale = DOTS_PER_INCH / _POINTS
    scale = min(scale, (_MOST_PIXELS / max(page.get_width() * page.get_height(), 1)) ** 0.5)
    bitmap = page.render(scale=scale, may_draw_forms=False, draw_annots=False)
    picture = bitmap.to_pil().convert("RGB")
    turned = page.get_rotation()
    textpage = _upright(page)
    places = [_place(textpage, i) for i in letters if _is_drawn(textpage, i)]
    textpage.close()
    page.set_rotation(turned)  # the converter goes by the page as it is when it is asked
    to_pixels = bitmap.get_posconv(page)
    boxes = [*_lines([_on_picture(place, to_pixels, picture) for place in places])]
    page.close()
    draw = ImageDraw.Draw(picture)
    for left, top, right, bottom in boxes:
        draw.rectangle((left, top, right - 1, bottom - 1), fill=(0, 0, 0))
    return picture, boxes


def _is_drawn(textpage: pypdfium2.PdfTextPage, letter: int) -> bool:
    """Whether it is a letter or digit; blanks and line ends may be pdfium's own and have no place."""
    return letter >= 0 and chr(pdfium_c.FPDFText_GetUnicode(textpage.raw, letter)).isalnum()


def _place(textpage: pypdfium2.PdfTextPage, letter: int) -> tuple[float, float, float, float]:
    """The letter's box, and never less than its line is high: a font may say of itself that it is smaller."""
    left, bottom, right, top = textpage.get_charbox(letter, loose=True)
    x, y, turned = ctypes.c_double(), ctypes.c_double(), pdfium_c.FS_MATRIX()
    pdfium_c.FPDFText_GetCharOrigin(textpage.raw, letter, x, y)
    pdfium_c.FPDFText_GetMatrix(textpage.raw, letter, turned)
    size = pdfium_c.FPDFText_GetFontSize(textpage.raw, letter)
    across = [x.value + turned.c * size * part for part in (-_BELOW, _ABOVE)]
    along = [y.value + turned.d * size * part for part in (-_BELOW, _ABOVE)]
    return min(left, *across), min(bottom, *along), max(right, *across), max(top, *along)


def _on_picture(
    box: tuple[float, float, float, float], to_pixels: Any, picture: Image.Image
) -> tuple[int, int, int, int]:
    """A letter's box in pixels, a little wider than the letter, whatever way the page is turned.

    Raises ``ValueError`` for a letter that has no place on the picture: nobody could say that it was painted over.
    """
    corners = [to_pixels.to_bitmap(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    left, right = min(c[0] for c in corners), max(c[0] for c in corners)
    top, bottom = min(c[1] for c in corners), max(c[1] for c in corners)
    margin = 2 + min(bottom - top, right - left) // 8
    left, right = max(left - margin, 0), min(right + margin, picture.width)
    top, bottom = max(top - margin, 0), min(bottom + margin, picture.height)
    if left >= right or top >= bottom:
        raise ValueError("a letter beside the page")
    return left, top, right, bottom


def _lines(boxes: Sequence[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Boxes that touch become one: a box a letter would show how many letters there were."""
    joined: list[tuple[int, int, int, int]] = []
    for box in boxes:
        if joined and _touch(joined[-1], box):
            one = joined[-1]
            joined[-1] = (min(one[0], box[0]), min(one[1], box[1]), max(one[2], box[2]), max(one[3], box[3]))
        else:
            joined.append(box)
    yield from joined


def _touch(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """On one line, across or down the page, and no further apart than the line is thick."""
    return _follows(one, other, 0) or _follows(one, other, 1)


def _follows(one: tuple[int, int, int, int], other: tuple[int, int, int, int], along: int) -> bool:
    """``along`` is 0 for lines from left to right, 1 for lines that go down or up."""
    across = 1 - along
    thick = min(one[across + 2] - one[across], other[across + 2] - other[across])
    side_by_side = min(one[across + 2], other[across + 2]) - max(one[across], other[across])
    apart = max(one[along], other[along]) - min(one[along + 2], other[along + 2])
    return side_by_side * 2 > thick and apart <= thick


def _add_page(out: pikepdf.Pdf, picture: Image.Image) -> None:
    """A page that is this picture and nothing else."""
    bands = picture.split()
    grey = bands[0].tobytes() == bands[1].tobytes() == bands[2].tobytes()
    pixels = bands[0].tobytes() if grey else picture.tobytes()
    image = pikepdf.Stream(out, b"")
    image.write(zlib.compress(pixels, 6), filter=pikepdf.Name.FlateDecode)
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width, image.Height, image.BitsPerComponent = picture.width, picture.height, 8
    image.ColorSpace = pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB
    width, height = (round(side * _POINTS / DOTS_PER_INCH, 2) for side in picture.size)
    page = out.add_blank_page(page_size=(width, height))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    page.Contents = out.make_stream(f"q {width} 0 0 {height} 0 0 cm /Im0 Do Q".encode())


def main(given: BinaryIO, answer: BinaryIO) -> None:
    """One document, as a program."""
    lengths = LENGTHS.unpack(given.read(LENGTHS.size))
    asked = json.loads(given.read(lengths[0]))
    pdf, boxes, times, left = paint(given.read(lengths[1]), asked["texts"], asked["watch"])
    said = json.dumps({"boxes": boxes, "times": times, "left": left}).encode()
    answer.write(LENGTHS.pack(len(said), len(pdf)) + said + pdf)


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.stdin.buffer, sys.stdout.buffer)
