"""From CSV lines to checked rows, with one helpful sentence for each line that cannot be used.

The file comes from the council's case system or a spreadsheet; it is trusted to mean
well, not to be right. The columns are described in ``docs/register-csv.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from domain.errors import ConfigurationError
from domain.identifiers import valid_nhs_number
from domain.model import Category, folded
from domain.permission import Capacity
from register.importing.columns import COLUMNS, NEEDS, missing, unused

_STATUSES = {
    "": True, "approved": True, "active": True,
    "not-approved": False, "suspended": False, "retired": False,
}  # fmt: skip
"""What a carer's ``status`` may say, and whether that is approved."""


class RowError(ValueError):
    """A line that cannot be used. The text says why and what to write; it quotes no name."""


class UnknownReferenceError(RowError):
    """A line that refers to what is not there. ``code`` is the id that it names."""

    def __init__(self, what: str, code: str) -> None:
        super().__init__(f"there is no {what} with the id {shown(code)} that this row names")
        self.code = code


def shown(code: str) -> str:
    """An id as a sentence quotes it: nothing in it moves a terminal's cursor, and it is not endless."""
    return "'" + "".join(c if c.isprintable() else "?" for c in code[:_LONGEST]) + "'"


_LONGEST = 64
"""The longest id that the register stores."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that cannot be used, with its number, the id that it had, and why."""

    number: int
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file. ``number`` counts from 1, the header being line 1. Cells are stripped."""

    number: int
    kind: str
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """The cell; empty if there is none."""
        return self.cells.get(column, "")

    def day(self, column: str) -> date | None:
        """An ISO date, or None where the cell is empty."""
        value = self.text(column)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise RowError(f"the {column} is not a date; write it as 2026-02-28") from None

    def moment(self, column: str) -> datetime | None:
        """The start of that day, UTC: a withdrawal counts for the whole day."""
        day = self.day(column)
        return datetime.combine(day, time.min, UTC) if day else None

    def end_of(self, column: str) -> datetime | None:
        """The first moment after that day, UTC."""
        start = self.moment(column)
        return start + timedelta(days=1) if start else None

    def listed(self, column: str) -> list[str]:
        """What stands between semicolons."""
        return [n.strip() for n in self.text(column).split(";") if n.strip()]

    def categories(self) -> list[str]:
        """Category values; ``all`` is every one."""
        names = self.listed("categories")
        if names == ["all"]:
            return [c.value for c in Category]
        for name in names:
            if name not in {c.value for c in Category}:
                raise RowError(f"the category is not known; write 'all' or some of {'; '.join(Category)}")
        return names

    def capacity(self) -> Capacity:
        """Has, unless the cell says otherwise."""
        value = self.text("capacity").lower()
        known = {"": Capacity.HAS, "has": Capacity.HAS, "fluctuates": Capacity.FLUCTUATES, "lacks": Capacity.LACKS}
        if value not in known:
            raise RowError("the capacity must be has, fluctuates or lacks")
        return known[value]

    def approved(self) -> bool:
        """Approved, unless the status says otherwise."""
        value = self.text("status").lower()
        if value not in _STATUSES:
            raise RowError(f"the status must be empty or one of {', '.join(filter(None, _STATUSES))}")
        return _STATUSES[value]

    def regulator(self) -> bool:
        """Whether an organisation is one; the role has no other use for it."""
        role = self.text("role").lower()
        if role not in {"", "regulator"}:
            raise RowError("the role of an organisation must be empty or regulator")
        return bool(role)

    def nhs_number(self) -> str | None:
        """Ten digits whose check digit is right."""
        digits = self.text("nhs_number").replace(" ", "").replace("-", "")
        if digits and not valid_nhs_number(digits):
            raise RowError("the NHS number is mistyped: its check digit is wrong")
        return digits or None

    def email(self) -> str:
        """Folded."""
        value = folded(self.text("email"))
        if value and (value.count("@") != 1 or value.startswith("@") or value.endswith("@") or " " in value):
            raise RowError("the e-mail address is not complete; write it as name@example.org")
        return value


def read(path: Path) -> Iterator[Row | Refusal]:
    """Every line as a row, or what is wrong with it. Raises ``ConfigurationError`` if it is no such file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(reader.fieldnames or ())
            for cells in reader:
                yield _row(reader.line_num, cells)
    except OSError as error:
        raise ConfigurationError("register file", public=f"The file {path} cannot be read.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError("encoding", public=f"The file {path} is not UTF-8; save it as 'CSV UTF-8'.") from error
    except csv.Error as error:
        raise ConfigurationError("csv", public=f"The file {path} is not well-formed CSV: {error}.") from error


def _check_header(names: object) -> None:
    given = list(names) if isinstance(names, list | tuple) else []
    unknown = [n for n in given if n not in COLUMNS]
    if "type" not in given or unknown:
        wrong = f"it has the unknown columns {', '.join(map(str, unknown))}" if unknown else "it has no column 'type'"
        raise ConfigurationError(
            "header", public=f"This is not a register file: {wrong}. The columns are: {','.join(COLUMNS)}."
        )


def _row(number: int, cells: dict[str, str | None]) -> Row | Refusal:
    clean = {
        k: (v or "").strip() for k, v in cells.items() if k is not None
    }  # None holds what the header has no name for
    row = Row(number, clean.get("type", ""), clean)
    try:
        _check_shape(row, too_long=len(clean) != len(cells))
        for check in _CHECKS:
            check(row)
    except RowError as error:
        return Refusal(number, row.text("id"), str(error))
    return row


def _check_shape(row: Row, *, too_long: bool) -> None:
    if too_long:
        raise RowError("it has more cells than the header has columns")
    if row.kind not in NEEDS:
        raise RowError(f"the type is not known; it must be one of {', '.join(NEEDS)}")
    if any("\0" in cell for cell in row.cells.values()):
        raise RowError("it holds a NUL, which is not text")
    if problem := missing(row.kind, row.cells) or unused(row.kind, row.cells):
        raise RowError(problem)


_DATES = [
    c for c in COLUMNS if c in {"date_of_birth", "review_due", "from", "to"} or c.endswith(("_on", "_from", "_to"))
]


def _all_dates(row: Row) -> None:
    for column in _DATES:
        row.day(column)


def _organisations_role(row: Row) -> None:
    if row.kind == "organisation":
        row.regulator()


_CHECKS: tuple[Callable[[Row], object], ...] = (
    Row.categories, Row.capacity, Row.approved, Row.nhs_number, Row.email, _organisations_role, _all_dates,
)  # fmt: skip
