"""The pages of a protected PDF: who wrote, about what, the words, and which documents are attached (reportlab).

Input: a stranger's text or HTML, of which only words are kept: no link, picture or script of it gets onto a page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import reportlab
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

_FONT, _BOLD = "Vera", "VeraBd"
_MOST = 200_000
"""Characters on the pages; all of it is in message.eml or message.txt besides."""
_LONGEST_LINE = 2_000
_BLOCKS = frozenset(
    ["p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote"]
)
_SILENT = frozenset(["script", "style", "head", "title"])


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on the pages. ``body`` is the text and its type, text/plain or text/html."""

    service: str
    subject: str
    author: str
    body: tuple[str, str] = field(repr=False)
    documents: Sequence[str] = ()


def pages_of(page: Page) -> bytes:
    """A plain PDF. Raises whatever reportlab does."""
    font, bold = _fonts()
    text = ParagraphStyle("text", fontName=font, fontSize=11, leading=16, spaceAfter=4)
    head = ParagraphStyle("head", fontName=bold, fontSize=15, leading=20, spaceAfter=10)
    words, kind = page.body
    lines = (_words_of(words) if kind == "text/html" else words)[:_MOST].replace("\r\n", "\n").split("\n")
    flow: list[Flowable] = [Paragraph(_shown(page.subject) or "Message", head)]
    flow += [Paragraph(_shown(f"From: {page.author}"), text), Paragraph(_shown(page.service), text), Spacer(1, 10)]
    flow += [_line(line, text) for line in lines]
    if page.documents:
        flow += [Spacer(1, 12), Paragraph("In this file (look for a paper clip):", text)]
        flow += [Paragraph(_shown(name), text) for name in page.documents]
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, title="", author="", invariant=True).build(flow)
    return out.getvalue()


def _line(line: str, style: ParagraphStyle) -> Flowable:
    pieces = [line[at : at + _LONGEST_LINE] for at in range(0, len(line), _LONGEST_LINE)]
    return Paragraph("<br/>".join(map(_shown, pieces)), style) if line.strip() else Spacer(1, 8)


def _shown(text: str) -> str:
    """As reportlab's own markup; a letter that the font does not have is a question mark."""
    known = pdfmetrics.getFont(_FONT).face.charToGlyph
    return escape("".join(c if ord(c) in known else " " if c.isspace() else "?" for c in text))


@cache
def _fonts() -> tuple[str, str]:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (_FONT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
    return _FONT, _BOLD


def _words_of(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    return "".join(reader.words)


class _Words(HTMLParser):
    """The words, each block on a line of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the name is HTMLParser's
        """A block begins a line."""
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """What was silent may end."""
        self._silent = max(self._silent - (tag in _SILENT), 0)

    def handle_data(self, data: str) -> None:
        """Words, their spaces as one."""
        if not self._silent:
            self.words.append(" ".join(data.split()) + " " if data.strip() else " ")
