"""A register file into the tables: all or nothing, idempotent, each row found again by its id.

Importing the same file twice changes nothing. A row whose reference is unknown or which
would make an impossible state is reported with its line; then nothing at all is stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from domain.permission import Ground, PartyKind
from register.importing import circles, people
from register.importing.reading import NEEDS, Row, RowError, read


@dataclass(slots=True)
class Report:
    """What an import did. ``problems`` are line numbers with a sentence; if there are any, nothing was stored."""

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def stored(self) -> bool:
        """Whether the file went in."""
        return not self.problems


def import_file(path: Path, *, dry_run: bool = False) -> Report:
    """Read and store a file, in the name of who acts (``register.acting``).

    Raises ``ConfigurationError`` if it is not a register file at all.
    """
    report = Report()
    rows: list[Row] = []
    for item in read(path):
        if isinstance(item, Row):
            rows.append(item)
        else:
            report.problems.append((item[0], str(item[1])))
    order = {kind: n for n, kind in enumerate(_STORES)}
    with transaction.atomic():
        for row in sorted(rows, key=lambda r: order[r.kind]):
            _store(row, report)
        if dry_run or report.problems:
            transaction.set_rollback(True)
    report.problems.sort()
    return report


def _store(row: Row, report: Report) -> None:
    try:
        with transaction.atomic():
            change = _STORES[row.kind](row)
    except RowError as error:
        report.problems.append((row.number, str(error)))
    except DataError:  # PostgreSQL counts the characters
        report.problems.append((row.number, "one of its cells is too long"))
    except IntegrityError:
        report.problems.append((row.number, _TWICE))
    except ValidationError as error:
        report.problems.append((row.number, _impossible(error)))
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
    "professional": circles.party(PartyKind.PROFESSIONAL),
    "family": circles.party(PartyKind.FAMILY),
    "representative": circles.party(PartyKind.REPRESENTATIVE),
    "permission": people.permission(Ground.FORM),
    "best-interests": people.permission(Ground.BEST_INTERESTS),
    "grant": people.grant,
    "basis": people.basis,
}
"""What others refer to comes first."""
assert set(_STORES) == set(NEEDS)  # noqa: S101 - a type of row that could not be stored would be lost silently
