"""Words to a PDF that anybody can open: mails, and files whose form cannot be blacked out.

What is taken out is not in it. In the place of each passage stands a black field of one width, whatever its length. The
rest stays text: it can be searched, and read aloud by a screen reader.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from vault.export.folding import Folded

TAKEN_OUT = "taken out"
_FIELD = f'<font backColor="black" color="white">&nbsp;{TAKEN_OUT}&nbsp;</font>'
_FONTS = (Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"), Path("/usr/share/fonts/dejavu/DejaVuSans.ttf"))
_SIZE, _LEADING, _MARGIN = 11, 16, 20 * mm


def typeset(title: str, lines: Sequence[str], texts: Sequence[str], note: str = "") -> tuple[bytes, list[int]]:
    """The PDF, and how often each of ``texts`` was taken out. ``title`` and ``note`` are ours, and must name nobody."""
    whole = "\n".join(lines)
    folded = Folded.of(whole)
    spans = [[*folded.find(text)] for text in texts]
    out = io.BytesIO()
    font = _font()
    style = ParagraphStyle("body", fontName=font, fontSize=_SIZE, leading=_LEADING, splitLongWords=1)
    small = ParagraphStyle("note", parent=style, fontSize=9, leading=12, spaceAfter=10)
    flow: list[Any] = [Paragraph(escape(note), small)] if note else []
    marked = _marked(whole, sorted({s for found in spans for s in found}), _glyphs(font))
    flow += [Paragraph(line, style) if line else Spacer(1, _LEADING / 2) for line in marked]
    if not whole.strip():
        flow.append(Paragraph("(nothing is written here)", style))
    template = SimpleDocTemplate(
        out, pagesize=A4, title=title, lang="en-GB", leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN,
        bottomMargin=_MARGIN, invariant=1,
    )  # fmt: skip
    template.build(flow)
    return out.getvalue(), [len(found) for found in spans]


def censored(text: str, texts: Sequence[str]) -> str:
    """A line without these texts, for titles and file names."""
    folded = Folded.of(text)
    spans = sorted({span for wanted in texts for span in folded.find(wanted)})
    return "".join(f"[{TAKEN_OUT}]" if piece is None else piece for piece in _pieces(text, spans))


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[str | None]:
    """The text between the spans, and None for each run of them."""
    at = 0
    for start, end in spans:
        if end <= at:
            continue
        if start > at:
            yield text[at:start]
        if start > at or at == 0:
            yield None
        at = end
    yield text[at:]


def _marked(text: str, spans: Sequence[tuple[int, int]], glyphs: frozenset[int] | None) -> Iterator[str]:
    """Lines as reportlab wants them. A passage over a line's end leaves its field on the first line."""
    pieces = (_FIELD if piece is None else _printable(piece, glyphs) for piece in _pieces(text, spans))
    yield from "".join(pieces).split("\n")


def _printable(text: str, glyphs: frozenset[int] | None) -> str:
    """Signs that the font has not become a box with their number, so that nothing vanishes silently."""
    return escape("".join(c if c == "\n" or _has(c, glyphs) else f"[U+{ord(c):04X}]" for c in text))


def _has(char: str, glyphs: frozenset[int] | None) -> bool:
    if glyphs is None:
        return char.isascii() or "\u00a0" <= char <= "\u00ff"
    return ord(char) in glyphs or char == "\t"


@lru_cache(maxsize=1)
def _font() -> str:
    """DejaVu where it is installed, for names of every country; else reportlab's own, which knows western letters."""
    for path in _FONTS:
        if path.is_file():
            pdfmetrics.registerFont(TTFont("DejaVu", str(path)))
            return "DejaVu"
    return "Helvetica"


@lru_cache(maxsize=2)
def _glyphs(font: str) -> frozenset[int] | None:
    return None if font == "Helvetica" else frozenset(pdfmetrics.getFont(font).face.charToGlyph)
