"""Whether parting a table by month pays: ``python -m benchmarks.partitions [EVENTS]``, as docs/adr/0012 quotes it.

A throw-away PostgreSQL with the audit trail three times, each with the indexes that the product gives it: in one piece
as it is, parted by the month of ``at``, and parted by ``sequence`` where months begin, which keeps ``sequence`` unique.
Seven years, 84 months, and as many events as are asked for. Then a fortnight's table of decided facts, emptied of its
oldest day by DELETE and VACUUM, and by dropping a day's partition. Each time is the best of five, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import psycopg

from tests.support import postgres

_MONTHS, _DAYS = 84, 14
_PEOPLE = "substr(action, 1, 8) <> 'intended' AND substr(action, 1, 7) <> 'outcome' AND action <> 'filed'"
_COLUMNS = """(sequence bigint NOT NULL DEFAULT nextval('seq_{name}'), at timestamptz NOT NULL,
 actor varchar(320) NOT NULL, action varchar(64) NOT NULL, record varchar(26) NOT NULL, why text NOT NULL,
 details jsonb NOT NULL, leaf varchar(64) NOT NULL)"""
_FILL = """INSERT INTO {name} (sequence, at, actor, action, record, why, details, leaf)
SELECT n, '2020-01-01'::timestamptz + n * (interval '1 month' * {months} / {events}),
 'relay:node-' || n % 2, (ARRAY['filed', 'intended ENCRYPT', 'outcome delivered'])[n % 3 + 1],
 lpad((n / 3)::text, 26, '0'), 'a rule of the policy, and why', jsonb_build_object('recipient',
 'carer' || n % 999 || '@carers.example', 'rules', ARRAY['a-rule-of-the-policy'], 'method', 'openpgp'),
 encode(sha256(n::text::bytea), 'hex') FROM generate_series(1, {events}) n"""
_WAYS = {"in one piece": ("", "sequence"), "by month": ("at", "sequence, at"), "by sequence": ("sequence", "sequence")}


@dataclass(frozen=True)
class Trail:
    """One of the three tables."""

    name: str
    way: str
    events: int

    def make(self, ask: psycopg.Connection) -> None:
        """Empty, with what the product's has."""
        column, key = _WAYS[self.way]
        ask.execute(f"CREATE SEQUENCE seq_{self.name} CACHE 1 START {self.events + 1}")
        parted = f"PARTITION BY RANGE ({column})" if column else ""
        ask.execute(f"CREATE TABLE {self.name} {_COLUMNS.format(name=self.name)} {parted}")
        for number, (begin, end) in enumerate(self._bounds(column)):
            part = f"PARTITION OF {self.name} FOR VALUES FROM ({begin}) TO ({end})"
            ask.execute(f"CREATE TABLE {self.name}_{number} {part}")
        ask.execute(f"ALTER TABLE {self.name} ADD PRIMARY KEY ({key})")
        for columns in ("action", "action varchar_pattern_ops", "record", "record varchar_pattern_ops"):
            ask.execute(f"CREATE INDEX ON {self.name} ({columns})")
        for columns in ("actor, sequence", "sequence"):
            ask.execute(f"CREATE INDEX ON {self.name} ({columns}) WHERE {_PEOPLE}")

    def _bounds(self, column: str) -> Iterator[tuple[str, str]]:
        """A month's each; one for what comes next."""
        if column == "at":
            for month in range(_MONTHS + 1):
                yield tuple(f"'{2020 + m // 12}-{m % 12 + 1:02}-01'" for m in (month, month + 1))  # type: ignore[misc]
        elif column:
            cuts = [str(month * self.events // _MONTHS + 1) for month in range(_MONTHS + 1)]
            yield from zip(cuts, [*cuts[1:], "MAXVALUE"], strict=True)

    def fill(self, ask: psycopg.Connection) -> None:
        """Seven years."""
        ask.execute(_FILL.format(name=self.name, events=self.events, months=_MONTHS))
        ask.execute(f"VACUUM ANALYZE {self.name}")

    def measured(self, ask: psycopg.Connection) -> dict[str, float]:
        """What the product asks of it."""
        some = [self.events * n // 40 for n in range(1, 40)]
        many = [n * 997 % self.events + 1 for n in range(500)]
        records = [str(n // 3).zfill(26) for n in some]
        found = {
            "one event by its number": _best(lambda n: self._rows(ask, "sequence = %s", n), some),
            "events of one record": _best(lambda r: self._rows(ask, "record = %s ORDER BY sequence", r), records),
            "500 events by their numbers": _best(lambda _: self._rows(ask, "sequence = ANY(%s)", many), some[:5]),
            "the newest hundred": _best(lambda _: self._rows(ask, "true ORDER BY sequence DESC LIMIT 100", None), some),
            "three events written": _best(lambda n: self._write(ask, n), some),
            "VACUUM after a month": self._vacuum(ask),
        }
        size = ask.execute(_SIZE, [f"{self.name}%"]).fetchone()
        return found | {"MB, with indexes": float(size[0]) / 2**20 if size else 0.0}

    def _rows(self, ask: psycopg.Connection, where: str, value: object) -> None:
        ask.execute(f"SELECT * FROM {self.name} WHERE {where}", None if value is None else [value]).fetchall()

    def _write(self, ask: psycopg.Connection, number: int) -> None:
        row = "(%s, 'relay:1', 'filed', %s, 'why', '{}', 'leaf')"
        values = ["2027-01-01", str(number).zfill(26)] * 3
        text = f"INSERT INTO {self.name} (at, actor, action, record, why, details, leaf) VALUES {', '.join([row] * 3)}"
        ask.execute(text, values)

    def _vacuum(self, ask: psycopg.Connection) -> float:
        """What autovacuum does after a month of mails: of the one table, or of the one partition."""
        count = self.events // _MONTHS
        ask.execute(
            f"INSERT INTO {self.name} (at, actor, action, record, why, details, leaf) SELECT '2027-01-02', 'relay:1',"
            f" 'filed', lpad(n::text, 26, '9'), 'why', '{{}}', 'leaf' FROM generate_series(1, {count}) n"
        )
        target = f"{self.name}_{_MONTHS}" if _WAYS[self.way][0] else self.name
        begun = time.perf_counter()
        ask.execute(f"VACUUM {target}")
        return (time.perf_counter() - begun) * 1000


_SIZE = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE %s"


def _best(do: Callable[[object], None], values: Sequence[object]) -> float:
    """Of five rounds, a call's mean."""
    rounds = []
    for _ in range(5):
        begun = time.perf_counter()
        for value in values:
            do(value)
        rounds.append((time.perf_counter() - begun) * 1000 / len(values))
    return min(rounds)


def emptied(ask: psycopg.Connection, mails: int) -> dict[str, float]:
    """A fortnight of ``mails`` a day; the oldest day goes."""
    fields = "(id bigserial, record varchar(26) NOT NULL, at timestamptz NOT NULL, facts text NOT NULL)"
    rows = mails * _DAYS
    fill = f"""INSERT INTO %s (record, at, facts) SELECT lpad(n::text, 26, '0'), '2026-11-01'::timestamptz
    + n * (interval '{_DAYS} days' / {rows}), repeat(md5(n::text), 25) FROM generate_series(0, {rows - 1}) n"""
    ask.execute(f"CREATE TABLE facts {fields}")
    ask.execute(f"CREATE TABLE daily {fields} PARTITION BY RANGE (at)")
    for day in range(1, _DAYS + 1):
        bounds = f"FROM ('2026-11-{day:02}') TO ('2026-11-{day + 1:02}')"
        ask.execute(f"CREATE TABLE daily_{day} PARTITION OF daily FOR VALUES {bounds}")
    for table in ("facts", "daily"):
        ask.execute(f"CREATE INDEX ON {table} (record)")
        ask.execute(f"CREATE INDEX ON {table} (at)")
        ask.execute(fill % table)
        ask.execute(f"VACUUM ANALYZE {table}")
    return {
        "DELETE": _once(ask, "DELETE FROM facts WHERE at < '2026-11-02'"),
        "and VACUUM": _once(ask, "VACUUM facts"),
        "DROP of a day's partition": _once(ask, "DROP TABLE daily_1"),
    }


def _once(ask: psycopg.Connection, text: str) -> float:
    begun = time.perf_counter()
    ask.execute(text)
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Print JSON, a line a way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("events", type=int, nargs="?", default=2_000_000)
    parser.add_argument("--mails-a-day", type=int, default=100_000)
    arguments = parser.parse_args()
    with postgres.running() as url, psycopg.connect(url, autocommit=True) as ask:
        for number, way in enumerate(_WAYS):
            trail = Trail(f"trail{number}", way, arguments.events)
            trail.make(ask)
            trail.fill(ask)
            sys.stdout.write(json.dumps({"way": way} | {k: round(v, 3) for k, v in trail.measured(ask).items()}) + "\n")
            sys.stdout.flush()
        found = emptied(ask, arguments.mails_a_day)
        sys.stdout.write(json.dumps({"way": "a day of facts goes"} | {k: round(v, 1) for k, v in found.items()}) + "\n")


if __name__ == "__main__":
    main()
