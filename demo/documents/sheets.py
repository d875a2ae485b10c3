"""Spreadsheets (XLSX, openpyxl): a bank statement, which is confidential, and the office's rota, which is not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from demo.documents.case import SAMPLE, Case, long_date, short_date

_FACE = "Calibri"
_RULE = Border(bottom=Side(style="thin", color="C3CCD3"))
_MONEY = '#,##0.00;[Red]-#,##0.00;""'
_REGULAR = (  # day of the month, type, what, paid out, paid in
    (1, "BGC", "DWP PIP", 0.0, 434.72),
    (3, "DD", "Meonbourne Water", 18.4, 0.0),
    (6, "BGC", "DWP ESA", 0.0, 276.1),
    (7, "SO", "Household share, Shared Lives", 298.4, 0.0),
    (15, "DD", "Telephone, pay monthly", 11.0, 0.0),
    (20, "BGC", "DWP ESA", 0.0, 276.1),
    (21, "SO", "Savings pot: the seaside", 40.0, 0.0),
)
_SHOPS = (
    "Village stores",
    "Wealdmere leisure centre",
    "Bus and coach",
    "The Signal Box cafe",
    "Charity shop",
    "Garden centre",
    "Cash machine",
    "Cinema",
)


def bank_statement(case: Case) -> bytes:
    """An XLSX of two sheets: two months' transactions with running balance, and a summary."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Statement"
    _letterhead(sheet, "Harbour & Downs Building Society", "Statement of account", "5B2C6F")
    first = (case.today.replace(day=1) - timedelta(days=32)).replace(day=1)
    last = case.today.replace(day=1) - timedelta(days=1)
    account = f"66{case.person.nhs_number[-6:]}"
    facts = (
        ("Account holder", case.person.name),
        ("Address", ", ".join(case.home.address)),
        ("Date of birth", short_date(case.person.born)),
        ("Customer reference", case.person.id),
        ("Sort code", "08-99-99"),
        ("Account number", account),
        ("Account type", "Everyday Current Account"),
        ("Period", f"{long_date(first)} to {long_date(last)}"),
    )
    for row, (label, value) in enumerate(facts, 4):
        sheet.cell(row, 1, label).font = Font(name=_FACE, bold=True)
        sheet.cell(row, 2, value)
    lines = _lines(case, first, last)
    total = _transactions(sheet, 4 + len(facts) + 1, lines)
    _widths(sheet, (22, 34, 8, 13, 13, 14))
    _summary(book.create_sheet("Summary"), lines, total)
    return _saved(book)


def staff_rota(officers: Sequence[str], monday: date) -> bytes:
    """An XLSX with the office's week: who is on duty, at which desk, on leave. No service user is in it."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Rota"
    _letterhead(sheet, "Hampshire Shared Lives", f"Office rota, week beginning {long_date(monday)}", "0B5C63")
    days = [monday + timedelta(days=n) for n in range(5)]
    _head(sheet, 4, ("Officer", *(f"{day:%a} {day.day} {day:%b}" for day in days), "Telephone duty"), "0B5C63")
    shifts = ("Office", "Visits", "Home", "Training", "Leave", "Duty desk")
    for row, name in enumerate(officers, 5):
        cells = [shifts[(row * 2 + n) % len(shifts)] for n in range(len(days))]
        _line(sheet, row, (name, *cells, f"{days[(row - 5) % 5]:%A}"))
        for column, shift in enumerate(cells, 2):
            if shift in {"Leave", "Duty desk"}:
                sheet.cell(row, column).fill = PatternFill("solid", fgColor="FBE3A4" if shift == "Leave" else "CFE8CF")
    sheet.page_setup.orientation = "landscape"
    notes = (
        "Duty desk is 9.00 to 17.00; out of hours 01632 960199.",
        "Thursday: fire drill at 11.",
        "Please swap among yourselves and tell Jo.",
    )
    for row, note in enumerate(notes, 6 + len(officers)):
        sheet.cell(row, 1, note).font = Font(name=_FACE, italic=True, color="5B6770")
    _widths(sheet, (24, 14, 14, 14, 14, 14, 18))
    return _saved(book)


def _lines(case: Case, first: date, last: date) -> list[tuple[date, str, str, float, float]]:
    """The same transactions for the same person and month, every time."""
    dice = random.Random(f"{case.person.id}{first}")  # a sample's small change, not a secret
    lines: list[tuple[date, str, str, float, float]] = []
    day = first
    while day <= last:
        lines += [(day, kind, what, out, paid) for on, kind, what, out, paid in _REGULAR if on == day.day]
        if dice.random() < 0.3:
            lines.append((day, "DEB", dice.choice(_SHOPS), round(dice.uniform(1.5, 24), 2), 0.0))
        day += timedelta(days=1)
    return lines


def _transactions(sheet: Any, top: int, lines: Sequence[tuple[date, str, str, float, float]]) -> float:
    _head(sheet, top, ("Date", "Details", "Type", "Paid out", "Paid in", "Balance"), "5B2C6F")
    balance = 1184.27
    _line(sheet, top + 1, ("", "Balance brought forward", "", "", "", balance), money=(6,))
    for row, (day, kind, what, out, paid) in enumerate(lines, top + 2):
        balance = round(balance + paid - out, 2)
        _line(sheet, row, (short_date(day), what, kind, out or "", paid or "", balance), money=(4, 5, 6))
    sheet.freeze_panes = sheet.cell(top + 1, 1)
    return balance


def _summary(sheet: Any, lines: Sequence[tuple[date, str, str, float, float]], balance: float) -> None:
    _head(sheet, 1, ("Summary", "Amount (GBP)"), "5B2C6F")
    rows = (
        ("Total paid out", sum(line[3] for line in lines)),
        ("Total paid in", sum(line[4] for line in lines)),
        ("Closing balance", balance),
    )
    for row, (label, amount) in enumerate(rows, 2):
        _line(sheet, row, (label, round(amount, 2)), money=(2,))
    _widths(sheet, (26, 16))


def _letterhead(sheet: Any, sender: str, title: str, colour: str) -> None:
    sheet.cell(1, 1, sender).font = Font(name=_FACE, size=18, bold=True, color=colour)
    sheet.cell(2, 1, title).font = Font(name=_FACE, size=12, color="5B6770")
    sheet.oddFooter.center.text = f"{SAMPLE}  Page &P of &N"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "portrait", 9, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.sheet_view.showGridLines = False


def _head(sheet: Any, row: int, texts: Sequence[str], colour: str) -> None:
    for column, text in enumerate(texts, 1):
        cell = sheet.cell(row, column, text)
        cell.font, cell.fill = Font(name=_FACE, bold=True, color="FFFFFF"), PatternFill("solid", fgColor=colour)
        right = text in {"Paid out", "Paid in", "Balance", "Amount (GBP)"}
        cell.alignment = Alignment(vertical="center", horizontal="right" if right else "left")


def _line(sheet: Any, row: int, values: Sequence[object], money: Sequence[int] = ()) -> None:
    for column, value in enumerate(values, 1):
        cell = sheet.cell(row, column, value or None)
        cell.border = _RULE
        if column in money:
            cell.number_format = _MONEY


def _widths(sheet: Any, widths: Sequence[float]) -> None:
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()
