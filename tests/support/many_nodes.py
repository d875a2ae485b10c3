"""Two relays, two web processes, HAProxy, a worker, PostgreSQL, Ceph RGW, Postfix before and after; then chaos.

``python -m tests.support.many_nodes --seed 7 --minutes 10``. All of it real, on loopback. Under load one thing after
the other is taken away: a process by kill -9 or by an orderly stop, the database's connections, the database by a
crash, the object store for seconds, the balancer. What ended is started again, as systemd or an orchestrator would.

What must hold, once all is well again and Postfix's queues are empty: every mail that Postfix took has reached its
recipient; nothing confidential left in the clear; a mail came twice only where a line broke after its last octet, which
SMTP allows (RFC 5321 section 4.5.4.1), and that is counted; every file is in the store, and the audit log is whole.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import smtplib
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pysequoia

from tests.support import ceph, node_programs, postgres
from tests.support.corpus import seen_in
from tests.support.house import CARER, COLLEAGUE, OFFICER, SECRET, House, letter
from tests.support.node_programs import Program
from tests.support.postfix import Postfix
from tests.support.sink import Sink

_TOKEN = re.compile(rb"nodes-(\d+)@council\.example")
_OTHERS = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"


@dataclass
class Nodes:
    """All that runs, and what became of the load."""

    house: House
    before: Postfix
    after: Postfix
    sink: Sink
    s3: ceph.Ceph
    database: str
    programs: list[Program]
    pages: int
    sent: dict[int, str] = field(default_factory=dict)  # number: recipient
    pages_asked: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    # The load

    def send(self, pause: float) -> None:
        """One mail after the other into the first Postfix: every other one confidential."""
        number = 0
        while not self.over.is_set():
            number += 1
            content, to = _mail(number)
            with smtplib.SMTP(self.before.host, self.before.port, timeout=60) as client:
                client.sendmail(OFFICER, [to], content)
            self.sent[number] = to
            time.sleep(pause)

    def look(self) -> None:
        """A page, again and again."""
        while not self.over.is_set():
            try:
                with urlopen(f"http://127.0.0.1:{self.pages}/sign-in/", timeout=10) as answer:
                    self.pages_asked[str(answer.status)] += 1
            except OSError as error:
                self.pages_asked[type(error).__name__] += 1
            time.sleep(0.3)

    # What is taken away

    def strikes(self) -> list[str]:
        """Everything that can be."""
        each = [f"{how} {p.name}" for p in self.programs for how in ("kill", "stop")]
        return [*each, "database connections cut", "database crash", "store hangs"]

    def strike(self, what: str) -> None:
        """Take it away; who keeps things running sees to the rest."""
        self.struck[what] += 1
        if what == "database connections cut":
            self._ask(f"SELECT pg_terminate_backend(pid) {_OTHERS}")
        elif what == "database crash":  # one back end dies, and the server ends all and recovers from its log
            rows = self._ask(f"SELECT pid {_OTHERS} LIMIT 1")
            for (pid,) in rows:
                os.kill(int(str(pid)), signal.SIGKILL)
        elif what == "store hangs":
            pids = self.s3.processes()
            for number in (signal.SIGSTOP, signal.SIGCONT):
                for pid in pids:
                    os.kill(pid, number)
                time.sleep(3 if number == signal.SIGSTOP else 0)
        else:
            how, _, name = what.partition(" ")
            program = next(p for p in self.programs if p.name == name)
            program.strike(signal.SIGKILL if how == "kill" else signal.SIGTERM)

    def _ask(self, sql: str) -> list[tuple[object, ...]]:
        with suppress(psycopg.OperationalError), psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(sql).fetchall()
        return []

    def keep(self) -> None:
        """Start again what ended."""
        while not self.over.is_set():
            for program in self.programs:
                program.keep()
            time.sleep(0.5)

    # The proof

    def settled(self, seconds: float) -> None:
        """Wait until both queues are empty."""
        end = time.monotonic() + seconds
        while not all("Mail queue is empty" in p.queue() for p in (self.before, self.after)):
            assert time.monotonic() < end, f"mail still waits:\n{self.before.queue()}{self.after.queue()}"
            for program in self.programs:
                program.keep()
            self.before.flush()
            self.after.flush()
            time.sleep(1)

    def _opened(self, content: bytes) -> bytes:
        """What its recipient reads; a mail that was relayed as it is."""
        if b"-----BEGIN PGP MESSAGE" not in content:
            return content
        key = pysequoia.Tsk.from_bytes((self.house.folder / f"{CARER}.key").read_bytes())
        armour = content[content.index(b"-----BEGIN PGP MESSAGE") :]
        return bytes(pysequoia.decrypt(armour, key.decryptor()).bytes)

    def prove(self) -> dict[str, object]:
        """Figures; raises where something does not hold."""
        came: Counter[tuple[int, str]] = Counter()
        for mail in self.sink.received:
            if mail.sender not in {"", "<>"}:
                assert seen_in(mail.content, [SECRET]) == [], "confidential words left in the clear"
                number = int(_TOKEN.findall(self._opened(mail.content))[0])
                came.update((number, recipient) for recipient in mail.recipients)
        lost = {(n, to) for n, to in self.sent.items() if (n, to) not in came}
        assert not lost, f"{len(lost)} of {len(self.sent)} mails never came: {sorted(lost)[:5]}"
        assert set(came) <= set(self.sent.items()), "a mail came to somebody whom it was not for"
        self.house.command("worker", "--once", check=False)
        assert "Good: every event" in self.house.command("audit", "verify").stdout
        done = self.house.command("vault", "reconcile", check=False)
        told = set(re.findall(r"^([a-z -]+): ", done.stdout, re.MULTILINE))
        assert told <= {"young orphan", "second version"}, done.stdout
        return {
            "mails": len(self.sent),
            "came twice": sum(count - 1 for count in came.values()),
            "taken away": dict(sorted(self.struck.items())),
            "pages": dict(self.pages_asked),
        }


def _mail(number: int) -> tuple[bytes, str]:
    token = f"<nodes-{number}@council.example>"
    if number % 2:
        return letter(Message_ID=token), CARER
    head = f"From: {OFFICER}\r\nTo: {COLLEAGUE}\r\nSubject: Rota {number}\r\nMessage-ID: {token}\r\n"
    return f"{head}Date: Mon, 23 Nov 2026 09:00:00 +0000\r\n\r\nThe rota of week {number}.\r\n".encode(), COLLEAGUE


@contextmanager
def running(folder: Path) -> Iterator[Nodes]:
    """All of it, up and answering; gone afterwards."""
    with ExitStack() as stack:
        s3, url = stack.enter_context(ceph.running()), stack.enter_context(postgres.running())
        sink = stack.enter_context(Sink())
        after = stack.enter_context(Postfix((sink.host, sink.port), name="after.test"))
        extra = {
            "SALLYPORT_VAULT__STORE": "s3",
            "SALLYPORT_VAULT__ENDPOINT": s3.endpoint,
            "SALLYPORT_VAULT__SECURE": "false",
            "SALLYPORT_VAULT__ACCESS_KEY": s3.access_key,
            "SALLYPORT_VAULT__SECRET_KEY": s3.secret_key,
            "SALLYPORT_JOURNAL__LEASE_SECONDS": "15",
        }
        house = House(folder, after.port, database_url=url, extra=extra).set_up()
        programs, mail, pages = node_programs.programs(house)
        before = stack.enter_context(Postfix(("127.0.0.1", mail), name="before.test"))
        nodes = Nodes(house, before, after, sink, s3, url, programs, pages)
        try:
            for program in programs:
                program.keep()
            node_programs.wait_until_up(mail, pages)
            yield nodes
        finally:
            nodes.over.set()
            for program in programs:
                program.end()


def run(folder: Path, seed: int, seconds: float, *, each_once: bool = False, pause: float = 0.3) -> dict[str, object]:
    """The chaos and its proof. ``each_once``: everything once, in the seed's order, instead of for ``seconds``."""
    rng = random.Random(seed)
    with running(folder) as nodes:
        work = [threading.Thread(target=nodes.send, args=(pause,)), threading.Thread(target=nodes.look),
                threading.Thread(target=nodes.keep)]  # fmt: skip
        for thread in work:
            thread.start()
        until, todo = time.monotonic() + seconds, rng.sample(nodes.strikes(), len(nodes.strikes()))
        while todo if each_once else time.monotonic() < until:
            time.sleep(rng.uniform(0.5, 2))
            nodes.strike(todo.pop() if each_once else rng.choice(nodes.strikes()))
        nodes.over.set()
        for thread in work:
            thread.join(120)
        nodes.settled(300)
        return nodes.prove() | {"seed": seed}


def main() -> None:
    """By hand."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10)
    arguments = parser.parse_args()
    os.environ.setdefault("SALLYPORT_HOME", tempfile.mkdtemp(prefix="nodes-home-"))
    with tempfile.TemporaryDirectory(prefix="nodes-") as folder:
        sys.stdout.write(json.dumps(run(Path(folder), arguments.seed, arguments.minutes * 60), indent=1) + "\n")


if __name__ == "__main__":
    main()
