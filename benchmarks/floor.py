"""What the promises cost when nothing is understood or decided: the floor under a relay of this design in Python.

``python -m benchmarks.floor PORT NEXT-HOP FOLDER PROCESSES PARTS`` is a mail gateway that does, for each mail, what no
better code of ours could leave out, as barely as it can be written, and not a line more:

- the relay's own dialogue (``gateway/server.py``), which costs half of what stock aiosmtpd's does, and a thread;
- the mail to a separate process, and its words back (documents are opened behind walls; this one opens nothing);
- a sealed age file and a side file in a new folder, four waits for the disk, reading back (promises 2 and 4);
- three commits in SQLite: a claim; record, object, index row, intent and two audit events together; outcome and its
  event. The last two wait for the disk, which the mails of a moment share (``docs/adr/0005-durable-together.md``);
- the hand-over to the next hop, on a kept connection, before 250 is said (promise 3).

The rows are short, the tables have no index but their keys, and nothing is parsed. ``make bench ARGS=floor`` has its
rate beside a bare sink's, which is how much of the sink's rate this design could ever reach; part by part, each with
those before it (``PARTS`` of them), so that the differences say what each costs.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import queue
import smtplib
import sqlite3
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pyrage
import uvloop

from domain.model import Envelope
from domain.outgoing import Fate, Outcome
from gateway import logs
from gateway.clock import SystemClock
from gateway.processes import supervised
from gateway.server import Relay
from gateway.smtp.house import Dialogue, Listener
from vault.objects import files
from vault.place import Place
from vault.wal import Together

_READERS = 2
PARTS = (
    "the dialogue, and a thread",
    "and a process that is told the mail",
    "and a sealed file and its side file, durable",
    "and three commits, two of them durable",
    "and the hand-over to the next hop: all that is promised",
)
_READER_TOO, _FILE_TOO, _ROWS_TOO, _ALL = range(2, 6)
TABLES = """
CREATE TABLE journal (digest TEXT, sender TEXT, recipient TEXT, state TEXT, owner TEXT, record TEXT,
  PRIMARY KEY (digest, sender, recipient)) WITHOUT ROWID;
CREATE TABLE record (id TEXT PRIMARY KEY, digest TEXT, sender TEXT, decisions TEXT) WITHOUT ROWID;
CREATE TABLE object (key TEXT PRIMARY KEY, record TEXT, version TEXT, size INT, sha256 TEXT) WITHOUT ROWID;
CREATE TABLE found (record TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
CREATE TABLE audit (sequence INTEGER PRIMARY KEY, record TEXT, action TEXT, details TEXT, leaf TEXT);
"""
_ENTRY = "(digest, sender, recipient) = (?, ?, ?)"
_READER = """\
import os, struct
source = os.fdopen(0, "rb", buffering=1 << 16)
while size := source.read(4):
    source.read(*struct.unpack(">I", size))
    os.write(1, b"\\0" * 200)
"""
_WORDS = b"\0" * 2_000
"""As long as the index row of a short mail."""


class Reader:
    """A process that is told a mail and answers something."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([sys.executable, "-SIc", _READER], stdin=pipe, stdout=pipe, bufsize=0)

    def ask(self, mail: bytes) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        os.write(self._process.stdin.fileno(), struct.pack(">I", len(mail)) + mail)
        return os.read(self._process.stdout.fileno(), 200)


class Hop(smtplib.SMTP):
    """A kept connection: smtplib's, without its checks of what we write ourselves."""

    def hand_over(self, sender: str, recipients: Sequence[str], content: bytes) -> None:
        for command in (f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{r}>" for r in recipients), "DATA"):
            self.send(command + "\r\n")
            code, said = self.getreply()
            if code not in {250, 354}:
                raise RuntimeError(said.decode())
        self.send(content.replace(b"\n.", b"\n..") + b".\r\n")
        if self.getreply()[0] != 250:
            raise RuntimeError("the next hop did not take it")


class Floor:
    """All that is done for a mail."""

    def __init__(self, hop: int, folder: Path, parts: int) -> None:
        self._parts = parts
        self._hop, self._folder, self._file = hop, str(folder), str(folder / "floor.sqlite3")
        self._mine = threading.local()
        self._place, self._together = Place(), Together(partial(os.fdatasync, self._log()))
        self._key = pyrage.x25519.Identity.generate().to_public()
        self._readers: queue.LifoQueue[Reader] = queue.LifoQueue()
        self._numbers = itertools.count()
        for _ in range(_READERS):
            self._readers.put(Reader())

    def carry(self, envelope: Envelope, content: bytes) -> Sequence[Outcome]:
        """In a thread. Before it returns all is durable that was promised."""
        sender, recipients = envelope.sender.text, [r.text for r in envelope.recipients]
        record = f"{os.getpid()}-{next(self._numbers)}"
        entry = (hashlib.sha256(content).hexdigest(), sender, recipients[0])
        if self._parts >= _ROWS_TOO:
            self._write(("INSERT INTO journal VALUES (?, ?, ?, 'claimed', ?, '')", (*entry, record)))
        if self._parts >= _READER_TOO:
            self._read(content)
        filed = self._seal(content, record) if self._parts >= _FILE_TOO else ("", 0, "")
        if self._parts >= _ROWS_TOO:
            self._intend(record, entry, filed)
        if self._parts >= _ALL:
            self._hand_over(sender, recipients, content)
        if self._parts >= _ROWS_TOO:
            self._settle(record, entry)
        return [Outcome(r, Fate.DELIVERED) for r in envelope.recipients]

    def _intend(self, record: str, entry: tuple[str, ...], filed: tuple[str, int, str]) -> None:
        self._write(
            ("INSERT INTO record VALUES (?, ?, ?, '[]')", (record, *entry[:2])),
            ("INSERT INTO object VALUES (?, ?, '1', ?, ?)", (filed[0], record, *filed[1:])),
            ("INSERT INTO found VALUES (?, ?)", (record, _WORDS)),
            (f"UPDATE journal SET state = 'intended', record = ? WHERE {_ENTRY}", (record, *entry)),
            *(_event(record, action) for action in ("filed", "intended")),
        )
        self._together.wait()

    def _settle(self, record: str, entry: tuple[str, ...]) -> None:
        done = f"UPDATE journal SET state = 'done', owner = '' WHERE {_ENTRY}"
        self._write((done, entry), _event(record, "delivered"))
        self._together.wait()

    def _read(self, content: bytes) -> None:
        reader = self._readers.get()
        reader.ask(content)
        self._readers.put(reader)

    def _seal(self, content: bytes, record: str) -> tuple[str, int, str]:
        sealed = pyrage.encrypt(content, [self._key])
        folder = f"{self._folder}/{record}"
        path = f"{folder}/0.age"
        os.mkdir(folder)  # noqa: PTH102 - text for paths, as the vault has it
        files.write_synced(f"{path}.json", b'{"locked_until": "2034-01-01"}')
        files.write_new(path, sealed)
        files.sync_folder(folder)
        files.sync_folder(self._folder)
        for each in (path, f"{path}.json"):
            handle = os.open(each, os.O_RDONLY)
            sha = hashlib.sha256(os.read(handle, len(sealed)))
            os.close(handle)
        return path, len(sealed), sha.hexdigest()

    def _write(self, *statements: tuple[str, Sequence[Any]]) -> None:
        """One transaction; nothing waits for the disk in it."""
        database = self._database()
        self._place.take(self._file)
        try:
            database.execute("BEGIN IMMEDIATE")
            for text, values in statements:
                database.execute(text, values)
            database.execute("COMMIT")
        finally:
            self._place.leave(self._file)

    def _hand_over(self, sender: str, recipients: Sequence[str], content: bytes) -> None:
        if not hasattr(self._mine, "hop"):
            self._mine.hop = Hop("127.0.0.1", self._hop)
            self._mine.hop.ehlo()
        self._mine.hop.hand_over(sender, recipients, content)

    def _database(self) -> sqlite3.Connection:
        if not hasattr(self._mine, "database"):
            self._mine.database = opened(self._file)
        database: sqlite3.Connection = self._mine.database
        return database

    def _log(self) -> int:
        """A handle on the write-ahead log, which is there while somebody has the database open."""
        self._keeps = opened(self._file)
        self._keeps.execute("SELECT count(*) FROM journal").fetchone()
        return os.open(self._file + "-wal", os.O_RDWR)


def opened(file: str) -> sqlite3.Connection:
    """As the relay opens it; one thread's."""
    database = sqlite3.connect(file, isolation_level=None, timeout=30, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=4000"):
        database.execute(f"PRAGMA {pragma}")
    return database


def _event(record: str, action: str) -> tuple[str, Sequence[Any]]:
    details = f'{{"at":"2026-11-23","record":"{record}","action":"{action}"}}'
    leaf = hashlib.sha256(b"\0" + details.encode()).hexdigest()
    return "INSERT INTO audit VALUES (NULL, ?, ?, ?, ?)", (record, action, details, leaf)


def serve(port: int, hop: int, folder: Path, processes: int, parts: int) -> None:
    """As ``gateway/bootstrap`` does it, with this in the pipeline's place. Until SIGTERM."""
    listeners = (Listener(port=port),)
    child = supervised(listeners, processes)
    if child is None:
        return  # the supervisor, once all are gone
    dialogue = Dialogue(hostname="floor.example", networks=(ip_network("127.0.0.0/8"),))
    floor = Floor(hop, folder, parts)
    relay = Relay(
        floor.carry, SystemClock(), dialogue, child.listeners, loop_factory=uvloop.new_event_loop, child=child
    )
    relay.run_forever(5, ready=child.ready)


if __name__ == "__main__":
    at, then, there, how_many, so_many = sys.argv[1:]
    os.dup2(os.open(f"{there}/floor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), sys.stderr.fileno())
    logs.set_up()  # as the relay writes, a line a mail
    serve(int(at), int(then), Path(there), int(how_many), int(so_many))
