"""A certificate as a PDF, for those who file paper."""

from __future__ import annotations

import io
from html import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from vault.disposal.rendering import Content, rows

_MARGIN, _NAMES = 18 * mm, 38 * mm
_GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.4, "#999999"), ("VALIGN", (0, 0), (-1, -1), "TOP")])


def pdf(content: Content) -> bytes:
    """The file's bytes."""
    styles = getSampleStyleSheet()
    normal, heading = styles["Normal"], styles["Heading2"]
    normal.wordWrap = "CJK"  # breaks long keys and digests anywhere
    found: list[Flowable] = []
    for title, table in rows(content):
        cells = [[escape(name), Paragraph("<br/>".join(map(escape, values)), normal)] for name, values in table]
        found += [Paragraph(escape(title), heading)]
        found += [Table(cells, colWidths=(_NAMES, A4[0] - 2 * _MARGIN - _NAMES), style=_GRID, splitInRow=1)]
    out = io.BytesIO()
    title = f"Certificate of destruction {content['certificate']}"
    SimpleDocTemplate(out, pagesize=A4, title=title, leftMargin=_MARGIN, rightMargin=_MARGIN).build(found)
    return out.getvalue()
