"""Word documents in one house style, with python-docx: styled headings, shaded tables, tick boxes, page x of y.

Filled fields are content controls, as in the service's own forms: a reader that skips them misses the person's name.
Trusted input (the demo's own texts). python-docx has types, but not for the XML beneath, which is written here by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from demo.documents.case import SAMPLE

BRAND, PALE, GREY = "0B5C63", "E8F1F1", "5B6770"
_FACE = "Arial"


class Letter:
    """One document under way. Methods add to its end; :meth:`bytes` gives the file."""

    def __init__(self, title: str, reference: str, marking: str = "OFFICIAL-SENSITIVE: PERSONAL") -> None:
        self._doc = Document()
        self._styles()
        self._page(reference, marking)
        properties = self._doc.core_properties
        properties.title, properties.author, properties.comments = title, "Hampshire Shared Lives", SAMPLE
        self._doc.add_paragraph(title, style="Title")

    def bytes(self) -> bytes:
        """The DOCX file."""
        out = BytesIO()
        self._doc.save(out)
        return out.getvalue()

    def heading(self, text: str) -> None:
        """A section."""
        self._doc.add_heading(text, level=1)

    def text(self, *paragraphs: str) -> None:
        """Running text."""
        for paragraph in paragraphs:
            self._doc.add_paragraph(paragraph)

    def note(self, text: str) -> None:
        """A line in grey, such as how to fill the form in."""
        run = self._doc.add_paragraph().add_run(text)
        run.italic, run.font.size, run.font.color.rgb = True, Pt(9), RGBColor.from_string(GREY)

    def bullets(self, *items: str) -> None:
        """A list."""
        for item in items:
            self._doc.add_paragraph(item, style="List Bullet")

    def numbered(self, *items: str) -> None:
        """A numbered list that begins at 1 in each section (written out, so that it reads the same everywhere)."""
        for n, item in enumerate(items, 1):
            paragraph = self._doc.add_paragraph(f"{n}.\t{item}")
            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(0.8), Cm(-0.8)

    def fields(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Labels and filled-in values, two pairs a row; each value is a content control named by its label."""
        grid = self._table(rows=(len(pairs) + 1) // 2, widths=(3.4, 5.1, 3.4, 5.1))
        for n, (label, value) in enumerate(pairs):
            row, column = divmod(n, 2)
            key, cell = grid.cell(row, 2 * column), grid.cell(row, 2 * column + 1)
            _write(key, label, bold=True)
            _shade(key, PALE)
            _control(cell.paragraphs[0], label, value)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """A table with a coloured head that repeats on each page; widths in centimetres, together 17."""
        grid = self._table(rows=1 + len(rows), widths=widths)
        for cell, text in zip(grid.rows[0].cells, head, strict=True):
            _write(cell, text, bold=True, colour="FFFFFF")
            _shade(cell, BRAND)
        grid.rows[0]._tr.get_or_add_trPr().append(_element("tblHeader"))  # noqa: SLF001 - python-docx has no other way
        for row, texts in zip(grid.rows[1:], rows, strict=True):
            row._tr.get_or_add_trPr().append(_element("cantSplit"))  # noqa: SLF001 - the same
            for cell, text in zip(row.cells, texts, strict=True):
                _write(cell, text)

    def ticks(self, choices: Sequence[tuple[str, bool]], across: int = 3) -> None:
        """Tick boxes with their labels, so many side by side."""
        rows = -(-len(choices) // across)
        grid = self._table(rows=rows, widths=(17 / across,) * across, ruled=False)
        for n, (label, on) in enumerate(choices):
            _tick(grid.cell(*divmod(n, across)).paragraphs[0], label, on=on)

    def signatures(self, people: Sequence[tuple[str, str, str]]) -> None:
        """Who (role, name, date) signed."""
        grid = self._table(rows=1 + len(people), widths=(4.5, 5, 4.2, 3.3))
        for cell, text in zip(grid.rows[0].cells, ("Role", "Signature", "Name", "Date"), strict=True):
            _write(cell, text, bold=True, colour="FFFFFF")
            _shade(cell, BRAND)
        for row, (role, name, day) in zip(grid.rows[1:], people, strict=True):
            for cell, text in zip(row.cells, (role, "", name, day), strict=True):
                _write(cell, text)
            run = row.cells[1].paragraphs[0].add_run(name)
            run.italic, run.font.name, run.font.size = True, "Segoe Script", Pt(13)

    def _table(self, rows: int, widths: Sequence[float], *, ruled: bool = True) -> Any:
        grid = self._doc.add_table(rows=rows, cols=len(widths))
        grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        if ruled:
            grid.style = "Table Grid"
            _rule(grid)
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = Cm(width)
            for cell in column.cells:
                cell.width = Cm(width)
        self._doc.add_paragraph().paragraph_format.space_after = Pt(2)
        return grid

    def _styles(self) -> None:
        styles: Any = self._doc.styles
        for name, size, colour in (("Normal", 10.5, "1D2733"), ("Title", 22, BRAND), ("Heading 1", 13, BRAND)):
            style = styles[name]
            style.font.name, style.font.size, style.font.color.rgb = _FACE, Pt(size), RGBColor.from_string(colour)
            style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:ascii"), _FACE)
            for theme in ("w:asciiTheme", "w:hAnsiTheme"):
                style.element.rPr.rFonts.attrib.pop(qn(theme), None)
        styles["Title"].font.bold = True
        border = styles["Title"].element.pPr.find(qn("w:pBdr"))
        if border is not None:
            styles["Title"].element.pPr.remove(border)
        styles["Normal"].paragraph_format.space_after = Pt(5)
        styles["Heading 1"].paragraph_format.space_before = Pt(12)
        styles["Heading 1"].paragraph_format.space_after = Pt(4)

    def _page(self, reference: str, marking: str) -> None:
        section = self._doc.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
        section.top_margin = section.bottom_margin = Cm(2.2)
        header = section.header.paragraphs[0]
        _edge(header, f"Hampshire Shared Lives\t{marking}")
        footer = section.footer.paragraphs[0]
        _edge(footer, f"{reference}\tPage ")
        for code, between in (("PAGE", " of "), ("NUMPAGES", "")):
            _field(footer, code)
            footer.add_run(between).font.size = Pt(8)
        small = section.footer.add_paragraph(SAMPLE)
        small.alignment = WD_ALIGN_PARAGRAPH.CENTER
        small.runs[0].font.size, small.runs[0].font.color.rgb = Pt(7.5), RGBColor.from_string(GREY)


def _write(cell: Any, text: str, *, bold: bool = False, colour: str = "") -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(9.5)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)


def _edge(paragraph: Any, text: str) -> None:
    """A header's or footer's line: left text, tab stop at the right margin."""
    paragraph.style = "Normal"  # the header's own style has tab stops for US paper
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(17), WD_TAB_ALIGNMENT.RIGHT)
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(8), RGBColor.from_string(GREY)


def _rule(grid: Any) -> None:
    """Thin grey lines, and room around the words."""
    borders, margins = OxmlElement("w:tblBorders"), OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_element(side, val="single", sz="4", space="0", color="C3CCD3"))
    for side in ("top", "left", "bottom", "right"):
        margins.append(_element(side, w="60" if side in {"top", "bottom"} else "100", type="dxa"))
    grid._tbl.tblPr.extend([borders, margins])  # noqa: SLF001 - python-docx has no other way


def _element(tag: str, **attributes: str) -> Any:
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _shade(cell: Any, colour: str) -> None:
    fill = _element("shd", val="clear", color="auto", fill=colour)
    cell._tc.get_or_add_tcPr().append(fill)  # noqa: SLF001 - python-docx has no other way


def _tick(paragraph: Any, label: str, *, on: bool) -> None:
    run = paragraph.add_run("\u2612" if on else "\u2610")
    run.font.name, run.font.size = "Segoe UI Symbol", Pt(11)
    paragraph.add_run(f"  {label}").font.size = Pt(10)


def _field(paragraph: Any, code: str) -> None:
    """A field that Word computes (ECMA-376 part 1, 17.16.19)."""
    field, run, size, text = _element("fldSimple", instr=code), _element("r"), _element("rPr"), _element("t")
    size.append(_element("sz", val="16"))
    text.text = "1"
    run.extend([size, text])
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001 - python-docx has no other way


def _control(paragraph: Any, label: str, value: str) -> None:
    """A filled plain-text content control (ECMA-376 part 1, 17.5.2)."""
    run = paragraph.add_run(value)
    run.font.size = Pt(9.5)
    control, properties, content = (_element(tag) for tag in ("sdt", "sdtPr", "sdtContent"))
    properties.extend([_element("alias", val=label), _element("text")])
    control.extend([properties, content])
    paragraph._p.replace(run._r, control)  # noqa: SLF001 - the run moves into the control
    content.append(run._r)  # noqa: SLF001 - the same
