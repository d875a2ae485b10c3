"""Tables for people with a spreadsheet and no console: CSV with a byte order mark, which every spreadsheet opens.

What a spreadsheet would take for a formula or a number gets an apostrophe in front; reading takes it off again, and
understands what Excel and LibreOffice make of a file when they save it (semicolons, tabs, Windows' letters).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vault.export.cases import CaseError

_FORMULA = re.compile(r"[=+\-@\t\r]|[\d ]{4,}$")
_SHOWN = re.compile(r"'(?=[=+\-@\t\r]|[\d ]{4,}$)")


def written(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """The file."""
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, columns, lineterminator="\r\n")
    table.writeheader()
    for row in rows:
        table.writerow({name: _safe(str(row.get(name, ""))) for name in columns})
    return out.getvalue().encode("utf-8-sig")


def read(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Its rows; empty ones left out. Raises ``CaseError`` for a file that is missing or has lost a column."""
    try:
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise CaseError(f"The table {path} cannot be read.") from error
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        rows = list(reader := csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise CaseError(f"The table {path} is damaged; save it as CSV again, or collect again.") from error
    missing = [c for c in columns if c not in (reader.fieldnames or ())]
    if missing:
        raise CaseError(f"The table {path} has no column '{missing[0]}' any more; put it back, or collect again.")
    cells = ({name: _SHOWN.sub("", (row[name] or "").strip(), count=1) for name in columns} for row in rows)
    return [row for row in cells if any(row.values())]


def _safe(cell: str) -> str:
    one_line = " ".join(cell.split())
    return f"'{one_line}" if _FORMULA.match(one_line) else one_line


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
