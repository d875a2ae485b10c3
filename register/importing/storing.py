"""A register file into the tables: all or nothing, idempotent, each row found again by its id.

Importing the same file twice changes nothing. A row whose reference is unknown or which
would make an impossible state is reported with its line; then nothing at all is stored.
Rows that refer to a reported one are counted with it: they have no fault of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from domain.permission import Ground, PartyKind
from register.importing import circles, people
from register.importing.columns import NEEDS
from register.importing.reading import Row, RowError, UnknownReferenceError, read


@dataclass(slots=True)
class Report:
    """What an import did. ``problems`` are line numbers with a sentence; if there are any, nothing was stored.

    ``unrecognised``: how many council IDs of the file would not be found in a mail.
    """

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[int, str]] = field(default_factory=list)
    unrecognised: int = 0

    @property
    def stored(self) -> bool:
        """Whether the file went in."""
        return not self.problems


def import_file(path: Path, *, council_id: re.Pattern[str] | None = None, dry_run: bool = False) -> Report:
    """Read and store a file, in the name of who acts (``register.acting``).

    ``council_id`` is the pattern by which mails are searched. Raises ``ConfigurationError`` if it is not a register
    file at all.
    """
    items = list(read(path))
    rows = [i for i in items if isinstance(i, Row)]
    report, refused = Report(), _Refused()
    for item in items:
        if not isinstance(item, Row):
            refused.add(item.number, item.code, item.why)
    if council_id is not None:
        report.unrecognised = sum(r.kind == "person" and not _found_by(council_id, r.text("id")) for r in rows)
    order = {kind: n for n, kind in enumerate(_STORES)}
    with transaction.atomic():
        for row in sorted(rows, key=lambda r: order[r.kind]):
            _store(row, report, refused)
        report.problems = refused.said()
        if dry_run or report.problems:
            transaction.set_rollback(True)
    return report


class _Refused:
    """The lines that cannot be used, with how many others fall with each."""

    def __init__(self) -> None:
        self._said: dict[int, str] = {}
        self._lines: dict[str, int] = {}
        self._others: Counter[int] = Counter()

    def add(self, number: int, code: str, why: str) -> None:
        """A line with a fault of its own."""
        self._said[number] = why
        self._lines.setdefault(code, number)

    def add_other(self, row: Row, error: UnknownReferenceError) -> None:
        """A line that refers to what is not there: another's fault if that stands in a line that was refused."""
        line = self._lines.get(error.code)
        if line is None:
            self.add(row.number, row.text("id"), str(error))
        else:
            self._others[line] += 1
            self._lines.setdefault(row.text("id"), line)

    def said(self) -> list[tuple[int, str]]:
        """By line."""
        return [(line, why + _left_out(self._others[line])) for line, why in sorted(self._said.items())]


def _left_out(others: int) -> str:
    if not others:
        return ""
    return f" ({others} {'rows that refer' if others > 1 else 'row that refers'} to it left out)"


def _found_by(pattern: re.Pattern[str], code: str) -> bool:
    return any(match[0].upper() == code.upper() for match in pattern.finditer(code))


def _store(row: Row, report: Report, refused: _Refused) -> None:
    try:
        with transaction.atomic():
            change = _STORES[row.kind](row)
    except UnknownReferenceError as error:
        refused.add_other(row, error)
    except RowError as error:
        refused.add(row.number, row.text("id"), str(error))
    except DataError:  # PostgreSQL counts the characters
        refused.add(row.number, row.text("id"), "one of its cells is too long")
    except IntegrityError:
        refused.add(row.number, row.text("id"), _TWICE)
    except ValidationError as error:
        refused.add(row.number, row.text("id"), _impossible(error))
    else:
        getattr(report, change)[row.kind] += 1


_TWICE = "another row has the same id or NHS number already"


def _impossible(error: ValidationError) -> str:
    """The sentences of the rules that were broken."""
    every = [e for errors in error.error_dict.values() for e in errors]
    said = [_TWICE if e.code == "unique" else " ".join(e.messages) for e in every]
    return "this cannot be: " + "; ".join(dict.fromkeys(said))


_STORES: dict[str, Callable[[Row], str]] = {
    "household": circles.household,
    "team": circles.team,
    "organisation": circles.organisation,
    "officer": circles.party(PartyKind.OFFICER),
    "person": people.person,
    "placement": people.placement,
    "carer": circles.party(PartyKind.CARER),
    "support": circles.support,
    "professional": circles.party(PartyKind.PROFESSIONAL),
    "family": circles.party(PartyKind.FAMILY),
    "representative": circles.party(PartyKind.REPRESENTATIVE),
    "earlier-household": circles.earlier_household,
    "earlier-mailbox": circles.earlier_mailbox,
    "earlier-officer": people.earlier_officer,
    "permission": people.permission(Ground.FORM),
    "best-interests": people.permission(Ground.BEST_INTERESTS),
    "grant": people.grant,
    "basis": people.basis,
}
"""What others refer to comes first."""
assert set(_STORES) == set(NEEDS)  # noqa: S101 - a type of row that could not be stored would be lost silently
