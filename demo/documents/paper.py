"""PDF documents in one house style, with reportlab: letterhead, headings, tables, tick boxes, page x of y.

Trusted input (the demo's own texts). A document that cannot be laid out raises, and the demo stops.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from itertools import chain
from typing import Any

from reportlab.graphics.shapes import Drawing, PolyLine, Rect
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from demo.documents.case import SAMPLE

Flow = list[Any]
"""What a page is filled with; reportlab has no types."""

INK, GREY, RULE = HexColor("#1d2733"), HexColor("#5b6770"), HexColor("#c3ccd3")


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a document presents itself. ``letterhead`` lines stand at the top right of the first page."""

    title: str
    reference: str
    sender: str
    letterhead: tuple[str, ...] = ()
    brand: str = "#0b5c63"
    marking: str = "OFFICIAL-SENSITIVE: PERSONAL"
    serif: bool = False

    @property
    def colour(self) -> Color:
        """The sender's colour."""
        return HexColor(self.brand)

    @property
    def font(self) -> str:
        """Court papers are set in a serif."""
        return "Times-Roman" if self.serif else "Helvetica"

    @property
    def bold(self) -> str:
        """Its bold companion."""
        return "Times-Bold" if self.serif else "Helvetica-Bold"

    def style(self, **changes: Any) -> ParagraphStyle:
        """Running text, with changes by name."""
        base = {"fontName": self.font, "fontSize": 10, "leading": 14, "textColor": INK, "spaceAfter": 6}
        return ParagraphStyle("text", **(base | changes))


def render(sheet: Sheet, write: Callable[[], Flow]) -> bytes:
    """The PDF. Laid out twice, because the first page already says how many there are."""
    pages = _layout(sheet, write(), 0)[1]
    return _layout(sheet, write(), pages)[0]


def _layout(sheet: Sheet, flow: Flow, pages: int) -> tuple[bytes, int]:
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm - 6,
        rightMargin=20 * mm - 6,
        topMargin=24 * mm,
        bottomMargin=22 * mm,
        title=sheet.title,
        author=sheet.sender,
        subject=SAMPLE,
    )
    document.build(
        flow,
        onFirstPage=lambda canvas, _: _furniture(canvas, sheet, pages, first=True),
        onLaterPages=lambda canvas, _: _furniture(canvas, sheet, pages, first=False),
    )
    return out.getvalue(), document.page


def _furniture(canvas: Any, sheet: Sheet, pages: int, *, first: bool) -> None:
    """Header and footer of one page."""
    width, height = A4
    canvas.saveState()
    canvas.setFillColor(sheet.colour)
    canvas.rect(0, height - 9 * mm, width, 9 * mm, stroke=0, fill=1)
    canvas.setFillColor(white)
    canvas.setFont(sheet.bold, 9)
    canvas.drawString(20 * mm, height - 6 * mm, sheet.sender)
    canvas.drawRightString(width - 20 * mm, height - 6 * mm, sheet.marking)
    if not first:
        canvas.setFillColor(GREY)
        canvas.setFont(sheet.font, 8.5)
        canvas.drawString(20 * mm, height - 15 * mm, f"{sheet.title}  |  {sheet.reference}")
    canvas.setStrokeColor(RULE)
    canvas.line(20 * mm, 17 * mm, width - 20 * mm, 17 * mm)
    canvas.setFillColor(GREY)
    canvas.setFont(sheet.font, 8)
    canvas.drawString(20 * mm, 13 * mm, sheet.reference)
    canvas.drawCentredString(width / 2, 13 * mm, f"Page {canvas.getPageNumber()} of {pages}")
    canvas.drawRightString(width - 20 * mm, 13 * mm, SAMPLE)
    canvas.restoreState()


def letterhead(sheet: Sheet) -> Flow:
    """The sender's address block, right, with the name above it."""
    name = Paragraph(
        escape(sheet.sender), sheet.style(fontName=sheet.bold, fontSize=15, leading=19, textColor=sheet.colour)
    )
    lines = Paragraph(
        "<br/>".join(escape(line) for line in sheet.letterhead), sheet.style(fontSize=8.5, leading=11.5, textColor=GREY)
    )
    return [
        Table([[name, lines]], colWidths=[105 * mm, 65 * mm], style=[("VALIGN", (0, 0), (-1, -1), "TOP"), *_flush()]),
        Spacer(1, 6 * mm),
    ]


def title(sheet: Sheet, text: str, under: str = "") -> Flow:
    """The document's name, and a line below it."""
    flow: Flow = [
        Paragraph(
            escape(text),
            sheet.style(fontName=sheet.bold, fontSize=19, leading=23, textColor=sheet.colour, spaceAfter=2),
        )
    ]
    if under:
        flow.append(Paragraph(escape(under), sheet.style(textColor=GREY, spaceAfter=8)))
    return flow


def heading(sheet: Sheet, text: str) -> Any:
    """A section's heading; stays with what follows."""
    return Paragraph(
        escape(text),
        sheet.style(
            fontName=sheet.bold,
            fontSize=12,
            leading=15,
            textColor=sheet.colour,
            spaceBefore=9,
            spaceAfter=4,
            keepWithNext=1,
        ),
    )


def text(sheet: Sheet, *paragraphs: str) -> Flow:
    """Running text."""
    return [Paragraph(escape(p), sheet.style()) for p in paragraphs]


def centred(sheet: Sheet, line: str, size: float = 11, *, bold: bool = True) -> Any:
    """One centred line, as courts have them."""
    return Paragraph(
        escape(line),
        sheet.style(
            alignment=TA_CENTER, fontName=sheet.bold if bold else sheet.font, fontSize=size, leading=size * 1.35
        ),
    )


def bullets(sheet: Sheet, *items: str) -> Flow:
    """A list."""
    style = sheet.style(leftIndent=12, bulletIndent=2, spaceAfter=3)
    return [Paragraph(escape(item), style, bulletText="\u2022") for item in items]


def numbered(sheet: Sheet, *items: str) -> Flow:
    """A numbered list: 1., 2., ..."""
    style = sheet.style(leftIndent=20, bulletIndent=2, spaceAfter=5, bulletFontName=sheet.font)
    return [Paragraph(escape(item), style, bulletText=f"{n}.") for n, item in enumerate(items, 1)]


def fields(sheet: Sheet, pairs: Sequence[tuple[str, str]], columns: int = 2) -> Any:
    """Labels and values in a ruled grid, filled row by row."""
    cells = [[_cell(sheet, k, bold=True), _cell(sheet, v)] for k, v in pairs]
    rows = _side_by_side(cells, columns)
    widths = [30 * mm, (170 / columns - 30) * mm] * columns
    shade = [("BACKGROUND", (2 * c, 0), (2 * c, -1), HexColor("#eef3f4")) for c in range(columns)]
    return Table(rows, colWidths=widths, style=TableStyle([*_grid(), *shade]), spaceAfter=8)


def table(
    sheet: Sheet, head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float], extra: Sequence[Any] = ()
) -> Any:
    """A table with a coloured head that repeats on each page. Widths in millimetres; cells are texts or flowables."""
    top = [
        Paragraph(escape(h), sheet.style(fontName=sheet.bold, fontSize=9, leading=11, textColor=white, spaceAfter=0))
        for h in head
    ]
    body = [[_cell(sheet, c) if isinstance(c, str) else c for c in row] for row in rows]
    style = TableStyle([*_grid(), ("BACKGROUND", (0, 0), (-1, 0), sheet.colour), *extra])
    return Table([top, *body], colWidths=[w * mm for w in widths], style=style, repeatRows=1, spaceAfter=8)


def tick(*, on: bool) -> Drawing:
    """A box, ticked or not: drawn, as a pen would."""
    box = Drawing(11, 11)
    box.add(Rect(0.5, 0.5, 9, 9, strokeColor=INK, strokeWidth=0.8, fillColor=white))
    if on:
        box.add(PolyLine([2, 5, 4.2, 2.4, 8.6, 8.6], strokeColor=INK, strokeWidth=1.6))
    return box


def ticks(sheet: Sheet, choices: Sequence[tuple[str, bool]], across: int = 3) -> Any:
    """Tick boxes with their labels, so many side by side."""
    cells = [[tick(on=on), _cell(sheet, label)] for label, on in choices]
    rows = _side_by_side(cells, across)
    widths = [6 * mm, (170 / across - 6) * mm] * across
    return Table(rows, colWidths=widths, style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *_flush()], spaceAfter=6)


def signatures(sheet: Sheet, people: Sequence[tuple[str, str, str]]) -> Any:
    """Who (role, name, date) signed; kept on one page."""
    rows = [
        [
            role,
            Paragraph(f"<i>{escape(name)}</i>", sheet.style(fontName="Times-Italic", fontSize=13, spaceAfter=0)),
            name,
            day,
        ]
        for role, name, day in people
    ]
    return KeepTogether(
        [heading(sheet, "Signatures"), table(sheet, ("Role", "Signature", "Name", "Date"), rows, (40, 50, 45, 35))]
    )


def _side_by_side(pairs: Sequence[list[Any]], count: int) -> list[list[Any]]:
    """So many pairs in each row; the last row is filled up."""
    full = [*pairs, *[["", ""]] * (-len(pairs) % count)]
    return [list(chain.from_iterable(full[n : n + count])) for n in range(0, len(full), count)]


def _cell(sheet: Sheet, content: str, *, bold: bool = False) -> Any:
    return Paragraph(
        escape(content).replace("\n", "<br/>"),
        sheet.style(fontName=sheet.bold if bold else sheet.font, fontSize=9, leading=12, spaceAfter=0),
    )


def _grid() -> list[Any]:
    return [
        ("GRID", (0, 0), (-1, -1), 0.5, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]


def _flush() -> list[Any]:
    return [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 2)]
