"""From one service of 300 people to every council in the UK: mails, octets, rows, nodes, cost.

``python -m benchmarks.growth_model`` prints the tables of docs/growth.md, from the factors that ``make bench
ARGS=growth`` measured (``docs/growth.json``) and the assumptions below; ``--write`` puts them into the page, and draws
the picture. Nothing in the page's tables is written by hand, and a test holds them to it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks import curves

_ROOT = Path(__file__).parent.parent
FACTORS, PAGE = _ROOT / "docs" / "growth.json", _ROOT / "docs" / "growth.md"
PICTURE = _ROOT / "docs" / "pictures" / "growth.svg"
BEGIN, END = "<!-- python -m benchmarks.growth_model --write -->", "<!-- end -->"
TRANSIENT = frozenset({"vault_journalentry", "vault_decidedfacts", "vault_searchwaiting", "vault_sendernotice"})
"""Emptied after a fortnight or sooner: they grow with a day's mails, and not with the years."""
_PLAIN, _LETTER, _FILE, _HELD = "plain, 5 KB", "confidential letter, 1 KB", "confidential, 24 KB of text", "held, 1 KB"
MIX = {_PLAIN: 0.60, _LETTER: 0.25, _FILE: 0.12, _HELD: 0.03}
"""The kinds of ``benchmarks/growth.py``, and each one's share of all mails: assumed."""


BY_BLOCK = "vault_searchblock"
"""Written once for thousands of records, so a measurement of a few hundred cannot say how much of it a mail has."""


@dataclass(frozen=True)
class Assumed:
    """What was not measured, as ``_WORDS`` says it. Each service puts its own figures here."""

    mails_a_person_a_week: float = 5.0
    working_days: int = 250
    busiest_hour: float = 0.2
    octets_a_mail: int = 244 * 1024
    years: int = 10
    fortnight: int = 14
    load: float = 0.5
    cores: int = 2
    copies: int = 2
    core_month: float = 15.0
    database_gb_month: float = 0.10
    store_gb_month: float = 0.02


_WORDS = {
    "mails_a_person_a_week": "mails of the service, for each person that it supports, a week",
    "working_days": "working days a year",
    "busiest_hour": "share of a day's mails that comes in its busiest hour",
    "octets_a_mail": "octets of a mail with its attachments",
    "years": "years that a record stays, on average (config/retention.toml: 3 to 30)",
    "fortnight": "days after which journal and facts are emptied",
    "load": "share of its processors that a node is filled to in the busiest hour",
    "cores": "cores of a node",
    "copies": "copies of the database (a standby) and of the sealed files",
    "core_month": "pounds a month for a rented core with its memory",
    "database_gb_month": "pounds a month for a gigabyte of fast disk",
    "store_gb_month": "pounds a month for a gigabyte in an object store",
}


@dataclass(frozen=True)
class Scale:
    """Whom it is for."""

    name: str
    people: int


SCALES = (
    Scale("one service", 300),
    Scale("ten services", 3_000),
    Scale("every council in the UK with social services: 153 English, 32 Scottish, 22 Welsh, 5 trusts", 212 * 300),
    Scale("councils with all their partners, millions of mails a day: a hundred times that", 212 * 300 * 100),
)


@dataclass(frozen=True)
class Mail:
    """The average one, by the mix."""

    rows: float
    octets: float
    passing: float
    """Octets of tables that are emptied again."""
    files: float
    sealed: float
    milliseconds: float
    by_table: Mapping[str, float]


def average(kinds: Mapping[str, Any], assumed: Assumed) -> Mail:
    """Of what was measured a kind. A larger mail is the more octets sealed, as often as each of its octets is filed."""
    lasting: dict[str, float] = {}
    passing = rows = files = sealed = milliseconds = 0.0
    times = dict.fromkeys(MIX, _times_filed(kinds)) | {_PLAIN: 1.0}
    for kind, share in MIX.items():
        one = kinds[kind]
        for table, octets in one["octets"].items():
            if table in TRANSIENT:
                passing += share * octets
            elif table != BY_BLOCK:
                lasting[table] = lasting.get(table, 0.0) + share * octets
                rows += share * one["rows"][table]
        files += share * one["rows"]["vault_vaultobject"]
        sealed += share * (one["sealed"] + times[kind] * (assumed.octets_a_mail - one["octets of the mail"]))
        milliseconds += share * sum(one["milliseconds"].values())
    return Mail(rows, sum(lasting.values()), passing, files, sealed, milliseconds, lasting)


def _times_filed(kinds: Mapping[str, Any]) -> float:
    """How many octets are sealed for one octet more of a confidential mail: inside the whole mail, and as a part."""
    small, large = kinds[_LETTER], kinds[_FILE]
    return float((large["sealed"] - small["sealed"]) / (large["octets of the mail"] - small["octets of the mail"]))


@dataclass(frozen=True)
class Size:
    """One scale's figures after ``Assumed.years``."""

    mails_a_day: float
    busiest_second: float
    nodes: int
    rows: float
    database_gb: float
    store_tb: float
    pounds_a_year: float


def sized(scale: Scale, mail: Mail, assumed: Assumed, years: float | None = None) -> Size:
    """The model."""
    mails = scale.people * assumed.mails_a_person_a_week * 52
    day = mails / assumed.working_days
    second = day * assumed.busiest_hour / 3600
    kept = mails * (assumed.years if years is None else years)
    nodes = max(2, ceil(second * mail.milliseconds / 1000 / assumed.load / assumed.cores))
    database = (kept * mail.octets + day * assumed.fortnight * mail.passing) / 1e9
    store = kept * mail.sealed / 1e9
    month = nodes * assumed.cores * assumed.core_month
    month += assumed.copies * (database * assumed.database_gb_month + store * assumed.store_gb_month)
    return Size(day, second, nodes, kept * mail.rows, database, store / 1e3, month * 12)


def tables(found: Mapping[str, Any], assumed: Assumed) -> Iterator[str]:
    """Markdown: what was measured, what was assumed, what follows."""
    kinds, mail = found["kinds"], average(found["kinds"], assumed)
    yield f"What a mail adds, measured over {found['mails']} of each kind:\n"
    yield from _head(
        "kind", "share assumed", "rows that stay", "octets of them", "files", "octets sealed", "processor, ms"
    )
    for kind, share in MIX.items():
        one, stays = kinds[kind], [t for t in kinds[kind]["octets"] if t not in {*TRANSIENT, BY_BLOCK}]
        rows, octets = sum(one["rows"][t] for t in stays), sum(one["octets"][t] for t in stays)
        work = ", ".join(f"{name} {ms:.0f}" for name, ms in one["milliseconds"].items())
        files = one["rows"]["vault_vaultobject"]
        yield f"| {kind} | {share:.0%} | {rows:.1f} | {octets:,} | {files:.1f} | {one['sealed']:,} | {work} |"
    average_mail = f"{mail.rows:.1f} | {mail.octets:,.0f} | {mail.files:.1f} | {mail.sealed:,.0f} at"
    yield f"| the average mail | | {average_mail} {assumed.octets_a_mail:,} a mail | {mail.milliseconds:.0f} |\n"
    yield "Where the octets of the average mail lie that stay:\n"
    yield from _head("table", "octets a mail, with indexes")
    for table, octets in sorted(mail.by_table.items(), key=lambda item: -item[1]):
        if octets >= 1:
            yield f"| `{table}` | {octets:,.0f} |"
    yield ""
    yield "Assumed:\n"
    yield from _head("what", "figure")
    for name, value in vars(assumed).items():
        yield f"| {_WORDS[name]} | {value:,} |"
    yield ""
    yield f"What follows, after {assumed.years} years:\n"
    scales = ("people", "mails a working day", "in the busiest second", "nodes", "rows", "database", "sealed copies")
    yield from _head("", *scales, "a year")
    for scale in SCALES:
        size = sized(scale, mail, assumed)
        first = f"{scale.people:,} | {size.mails_a_day:,.0f} | {size.busiest_second:,.2f} | {size.nodes:,}"
        second = f"{_short(size.rows)} | {_octets(size.database_gb)} | {_octets(size.store_tb * 1e3)}"
        yield f"| {scale.name} | {first} | {second} | £{size.pounds_a_year:,.0f} |"


def _head(*columns: str) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)


def _octets(gigabytes: float) -> str:
    return f"{gigabytes:,.0f} GB" if gigabytes < 1e3 else f"{gigabytes / 1e3:,.1f} TB"


def _short(number: float) -> str:
    return f"{number / 1e6:,.0f} million" if number >= 1e6 else f"{number:,.0f}"


def picture(found: Mapping[str, Any], assumed: Assumed) -> str:
    """Database and sealed copies by the years, of one service and of all."""
    mail, years = average(found["kinds"], assumed), range(assumed.years + 1)
    panels = []
    for scale, unit in ((SCALES[0], 1.0), (SCALES[2], 1e3)):
        sizes = [sized(scale, mail, assumed, year) for year in years]
        words = "GB" if unit == 1 else "TB"
        database = [(float(y), s.database_gb / unit) for y, s in zip(years, sizes, strict=True)]
        store = [(float(y), s.store_tb * 1e3 / unit) for y, s in zip(years, sizes, strict=True)]
        lines = [curves.Curve("sealed copies", store), curves.Curve("database", database)]
        panels.append(curves.Panel(f"{scale.people:,} people ({words})", "years", lines))
    return curves.draw(
        "What lies in the database and in the store", panels, "; ".join(list(tables(found, assumed))[-4:])
    )


def page(found: Mapping[str, Any], text: str) -> str:
    """docs/growth.md with its tables as they are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n" + "\n".join(tables(found, Assumed())) + f"\n{END}{after}"


def main() -> None:
    """Print, or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    found = json.loads(FACTORS.read_text(encoding="utf-8"))
    if parser.parse_args().write:
        PAGE.write_text(page(found, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        PICTURE.write_text(picture(found, Assumed()), encoding="utf-8")
    else:
        sys.stdout.write("\n".join(tables(found, Assumed())) + "\n")


if __name__ == "__main__":
    main()
