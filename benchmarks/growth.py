"""What one mail leaves behind, and what it costs, measured: the factors of docs/growth.md.

``make bench ARGS=growth`` sends ``GROWTH_MAILS`` (200) of each kind through a real relay with PostgreSQL and a store of
sealed copies, lets the worker do its round, and writes into ``docs/growth.json`` what a mail of that kind added: rows
and octets of each table with its indexes, sealed files and their octets, and processor time of the relay, its readers,
the database and the worker. ``python -m benchmarks.growth_model`` makes table and picture of it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import family, load
from benchmarks.report import Row
from benchmarks.search.corpus import text_of
from benchmarks.throughput import sink, until_all_are_up
from tests.support import postgres
from tests.support.house import CARER, NO_KEY, ROOT, House, free_port, letter

FACTORS = ROOT / "docs" / "growth.json"
_PLAIN, _LETTER, _FILE, _HELD = "plain, 5 KB", "confidential letter, 1 KB", "confidential, 24 KB of text", "held, 1 KB"
KINDS = (_PLAIN, _LETTER, _FILE, _HELD)
_TO = {_PLAIN: "friend@else.example", _HELD: NO_KEY}
_TEXT, _WARM = 24_000, 10
_SIZES = """SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname LIKE 'vault\\_%'"""


@dataclass(frozen=True)
class State:
    """Sums at one moment: per table rows and octets, octets of sealed files, seconds of processor."""

    rows: dict[str, int]
    octets: dict[str, int]
    sealed: int
    seconds: dict[str, float]

    def since(self, before: State, mails: int) -> dict[str, Any]:
        """What one mail added."""
        return {
            "rows": {t: round((n - before.rows.get(t, 0)) / mails, 3) for t, n in self.rows.items()},
            "octets": {t: round((n - before.octets.get(t, 0)) / mails) for t, n in self.octets.items()},
            "sealed": round((self.sealed - before.sealed) / mails),
            "milliseconds": {k: round((s - before.seconds[k]) / mails * 1000, 2) for k, s in self.seconds.items()},
        }


@dataclass
class Measured:
    """A service at work."""

    house: House
    database: str
    relay: int
    spending: family.Spending
    worker_seconds: float = 0.0
    idle_round: float = 0.0
    """Seconds of processor of a worker that starts, finds nothing to do and ends."""

    def state(self) -> State:
        """Now, with everything that was written put where it stays."""
        with psycopg.connect(self.database, autocommit=True) as ask:
            ask.execute("VACUUM ANALYZE")
            octets = {str(name): int(size) for name, size in ask.execute(_SIZES).fetchall()}
            sealed = int(ask.execute("SELECT coalesce(sum(sealed_size), 0) FROM vault_vaultobject").fetchall()[0][0])
            rows = {t: int(ask.execute(f'SELECT count(*) FROM "{t}"').fetchall()[0][0]) for t in octets}
        whole = self.spending.total()  # a reader that was replaced counts
        relay = sum(map(family.spent, {self.relay, *family.relays(self.relay)}))
        seconds = {"relay": relay, "readers": whole - relay, "database": self._server(), "worker": self.worker_seconds}
        return State(rows, octets, sealed, seconds)

    def _server(self) -> float:
        """PostgreSQL's own processes, those that have gone as well."""
        pid_file = next(Path("/proc").glob(f"{self._backend()}/status")).read_text(encoding="ascii")
        postmaster = int(next(line.split()[1] for line in pid_file.splitlines() if line.startswith("PPid")))
        return family.spent(postmaster) + family.ended(postmaster) + sum(map(family.spent, family.below(postmaster)))

    def _backend(self) -> int:
        with psycopg.connect(self.database) as ask:
            sql = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
            return int(ask.execute(sql).fetchall()[0][0])

    def warm(self) -> None:
        """Readers have started, tables have begun their pages; and what a round with nothing to do costs is known."""
        for kind in KINDS:
            self._send(kind, range(_WARM))
        self._round()
        self.idle_round = self._round()

    def send(self, kind: str, mails: int) -> None:
        """So many of one kind; then the worker's round."""
        self._send(kind, range(_WARM, _WARM + mails))
        self.worker_seconds += max(self._round() - self.idle_round, 0.0)

    def _send(self, kind: str, numbers: Iterable[int]) -> None:
        for number in numbers:
            answer = self.house.submit(mail_of(kind, number), (_TO.get(kind, CARER),))
            if not answer.startswith("250"):
                raise RuntimeError(answer)

    def _round(self) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "cli", "worker", "--once"]
        subprocess.run(command, env=self.house.environment(), check=False, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def mail_of(kind: str, number: int) -> bytes:
    """Each another text, so that the index has something to remember."""
    if kind == _PLAIN:
        return load.plain(number, 5 * 1024)
    content = letter(Message_ID=f"<{kind[:4].strip(',')}-{number}@council.example>")
    if kind != _FILE:
        return content
    mail: EmailMessage = message_from_bytes(content, policy=SMTP)  # type: ignore[assignment]
    words = " ".join(text_of(number * 1000 + n) for n in range(_TEXT // len(text_of(number)) + 1))[:_TEXT]
    mail.add_attachment(words, filename="report.txt", cte="quoted-printable")
    return mail.as_bytes()


def measure(folder: Path) -> Iterator[Row]:
    """A row a kind; the factors into a file besides."""
    mails, hop, found = int(os.environ.get("GROWTH_MAILS", "200")), free_port(), {}
    with sink(hop), postgres.running() as url:
        house = House(folder, hop, url, {"SALLYPORT_JOURNAL__LEASE_SECONDS": "60"}).set_up()
        with house.relay(SALLYPORT_RELAY__PROCESSES="2") as relay:
            until_all_are_up(house)
            service = Measured(house, url, relay.pid, family.Spending(relay.pid))
            service.warm()
            for kind in KINDS:
                before = service.state()
                service.send(kind, mails)
                found[kind] = service.state().since(before, mails) | {"octets of the mail": len(mail_of(kind, 1))}
                yield _row(kind, found[kind])
    FACTORS.write_text(json.dumps({"mails": mails, "kinds": found}, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _row(kind: str, factors: Mapping[str, Any]) -> Row:
    rows, octets = sum(factors["rows"].values()), sum(factors["octets"].values())
    milliseconds = sum(factors["milliseconds"].values())
    sealed = f"{factors['rows']['vault_vaultobject']:.1f} files, {factors['sealed']:,} octets sealed"
    ours = f"{rows:.1f} rows, {octets:,} octets in tables; {sealed}; {milliseconds:.0f} ms of processor"
    size = int(factors["octets of the mail"])
    return Row(f"a mail: {kind}", ours, f"{size:,} octets", (octets + factors["sealed"]) / size)
