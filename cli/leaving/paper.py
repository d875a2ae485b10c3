"""The leaver's page on paper: what was shared, what may be kept, and what the carer is asked to do."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from html import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from domain.leaving import How, Sheet, Why
from domain.model import Category

_MARGIN = 20 * mm
_HOW = {
    How.MAIL: "sent to their mailbox",
    How.SAVED: "they saved a copy",
    How.SHOWN: "shown on our page",
    How.UNREAD: "never opened",
}


def lines(sheet: Sheet, service: str) -> Iterator[tuple[str, str]]:
    """Style and text, in order."""
    yield "Title", "What to give back and what to delete"
    ended = "Their placement" if sheet.why is Why.PLACEMENT else "The carer's time with the service"
    yield "Normal", f"{service}. Carer: {sheet.carer}. About: {sheet.name} ({sheet.council_id})."
    yield "Normal", f"{ended} ended on {_day(sheet.ended)}."
    yield "Heading2", "What we shared with the carer"
    for one in sheet.shared:
        kinds = ", ".join(Category(kind).label for kind in one.kinds)
        yield "Normal", f"{_day(one.on)}: {kinds}; {_HOW[one.how]}."
    if not sheet.shared:
        yield "Normal", "Nothing that this service knows of. What was given on paper is not counted here."
    yield "Normal", f"Links that opened something about them, and are closed: {sheet.closed}."
    yield "Heading2", "What the carer may keep"
    yield "Normal", sheet.keeps or "Nothing."
    if sheet.keeps:
        yield "Normal", f"Agreed with the Management Team by {sheet.agreed_by}."
    yield "Heading2", "What the carer is asked to do"
    yield "Normal", "Give all other papers about them back to the officer."
    yield "Normal", "Delete all other copies: on telephones and computers, in mailboxes, in the cloud."


def pdf(sheet: Sheet, service: str) -> bytes:
    """The same octets for the same page."""
    styles = getSampleStyleSheet()
    found: list[Flowable] = [Paragraph(escape(text), styles[style]) for style, text in lines(sheet, service)]
    out = io.BytesIO()
    title = "What to give back and what to delete"
    SimpleDocTemplate(
        out, pagesize=A4, title=title, lang="en-GB", leftMargin=_MARGIN, rightMargin=_MARGIN, invariant=1
    ).build(found)
    return out.getvalue()


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
