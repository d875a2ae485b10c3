"""The pool of contained readers: the port ``Classifiers`` of ``domain/ports``.

Purpose: hand documents to processes that may crash, stall or be taken over without harm. Trust: none in documents,
none in readers.
Failure: a document that ends its reader is CORRUPT, one that stalls it TIMED_OUT, and the next mail gets a fresh
reader; only when no reader can be started at all is ``ClassifierUnavailable`` raised.

A reader serves many mails, since starting one takes 0.2 s; after a document that it could not read it is replaced, and
in any case after ``recycle_after`` requests with documents, or five times as many with the text of mails alone, so that
what a hostile document might leave behind does not meet the next mail.
"""

from __future__ import annotations

import dataclasses
import json
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self

import structlog

from classifiers.confinement import Confinement, available
from classifiers.documents.document import NAME_UNREADABLE
from classifiers.identifiers import COUNCIL_ID
from classifiers.knowledge import Knowledge
from classifiers.limits import Limits
from classifiers.reader import Patience, Reader, ReaderGone, ReaderStalled
from domain.errors import ClassifierUnavailable
from domain.model import Analysis, Part, Unreadable, UnreadableReason

_log = structlog.get_logger(__name__)
_KNOWN = 1_000
"""A reader is told of them on its command line, where an argument has at most 128 KB."""
_BATCH = 1_000_000
"""Bytes. Parts up to this together go in one round trip; larger ones alone."""
_BATCH_PARTS = 64
_SUBJECT = "subject"
_SUSPECT = frozenset(
    {UnreadableReason.CORRUPT, UnreadableReason.TIMED_OUT, UnreadableReason.TOO_LARGE, UnreadableReason.TOO_DEEP}
)


class Sandbox:
    """A pool of ``workers`` readers; thread-safe. ``analyse`` waits for a free one.

    ``seconds`` is the wall-clock time for one document, ``mail_seconds`` for a whole mail, ``wait_seconds`` for a
    free reader and for a new one to be ready. ``memory`` is bytes of address space a reader. ``known_pictures`` are
    SHA-256 (hexadecimal, at most 1,000) of picture files that may pass unread. ``ocr`` reads the others, where it can;
    their time, by ``limits``, comes on top. ``walls`` True asks for bubblewrap and
    refuses to start without it, False forbids it, None takes it where it works and logs a warning where it does not.
    ``knowledge`` is what every reader is told first.
    """

    def __init__(
        self,
        workers: int = 2,
        *,
        seconds: float = 10.0,
        mail_seconds: float = 60.0,
        wait_seconds: float = 60.0,
        memory: int = 1 << 30,
        recycle_after: int = 200,
        council_id: str = COUNCIL_ID,
        limits: Limits | None = None,
        known_pictures: frozenset[str] = frozenset(),
        ocr: bool = True,
        walls: bool | None = None,
        knowledge: Knowledge = Knowledge(),  # noqa: B008 - it is frozen
    ) -> None:
        """Starts the first reader, to find out how it can be contained.

        Raises ``ClassifierUnavailable`` if in no way, or not as ``walls`` asks.
        """
        if workers < 1 or recycle_after < 1:
            raise ValueError("a pool without readers")
        if len(known_pictures) > _KNOWN:
            raise ValueError("too many known pictures")
        limits = limits or Limits()
        self._seconds, self._wait = seconds, wait_seconds
        self._mail_seconds = mail_seconds + (limits.ocr_seconds if ocr else 0)
        self._a_picture = limits.ocr_page_seconds
        self._recycle_after = recycle_after
        settings = {
            "memory": memory,
            "seconds": int(seconds) + 1,
            "council_id": council_id,
            "limits": dataclasses.asdict(limits),
            "ocr": ocr,
            "known_pictures": sorted(known_pictures),
        }
        self._arguments, self._knowledge = (json.dumps(settings),), knowledge.frame()
        self._closed = threading.Event()
        # bubblewrap's --die-with-parent means the parent *thread*: one that lives as long as the pool starts readers.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="reader-starter")
        self._slots: queue.LifoQueue[Reader | None] = queue.LifoQueue()
        self._confinement, first = self._probe(available(walls=walls))
        self._reads_pictures = first.reads_pictures
        if ocr and not first.reads_pictures:
            _log.warning("readers.no_ocr", pictures="unreadable")
        self._slots.put(first)
        for _ in range(workers - 1):
            self._slots.put(None)

    @property
    def confinement(self) -> Confinement:
        """How the readers are contained; start-up says it."""
        return self._confinement

    @property
    def reads_pictures(self) -> bool:
        """Whether the readers have OCR; without it, a picture that could show writing is unreadable."""
        return self._reads_pictures

    def analyse(self, subject: str, parts: Sequence[Part]) -> Analysis:
        """See the port. Blocks for at most ``wait_seconds`` and ``mail_seconds``; raises ``ClassifierUnavailable``."""
        with self._slot() as slot:
            patience = Patience(self._seconds, time.monotonic() + self._mail_seconds, self._a_picture)
            mail = _Mail(slot, subject, patience)
            for number, batch in enumerate(_batches(parts)):
                mail.add(batch, say_subject=number == 0)
            slot.wary(mail.analysis)
            return mail.analysis

    def close(self) -> None:
        """End all readers; those at work end when their mail is done. Later calls raise ``ClassifierUnavailable``."""
        self._closed.set()
        while True:
            try:
                reader = self._slots.get_nowait()
            except queue.Empty:
                break
            if reader is not None:
                reader.end()
        self._starter.shutdown(wait=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _slot(self) -> Iterator[_Slot]:
        if self._closed.is_set():
            raise ClassifierUnavailable("the pool is closed")
        try:
            held = self._slots.get(timeout=self._wait)
        except queue.Empty:
            raise ClassifierUnavailable("all readers are busy") from None
        slot = _Slot(self, held)
        try:
            yield slot
        except BaseException:
            slot.discard()
            raise
        finally:
            self._give_back(slot)

    def _give_back(self, slot: _Slot) -> None:
        if slot.reader is not None and (
            slot.reader.worn >= self._recycle_after or slot.is_wary or self._closed.is_set()
        ):
            slot.discard()
        if self._closed.is_set():
            slot.discard()
        self._slots.put(slot.reader)

    def start(self) -> Reader:
        """A new reader that has said it is ready. Raises ``ClassifierUnavailable``."""
        return self._started(self._confinement)

    def _started(self, confinement: Confinement) -> Reader:
        try:
            reader = self._starter.submit(Reader, confinement, self._arguments, self._knowledge).result(self._wait)
            reader.wait_ready(self._wait)
        except (OSError, RuntimeError, TimeoutError, ReaderGone, ReaderStalled) as error:
            raise ClassifierUnavailable(f"no reader could be started: {type(error).__name__}") from None
        return reader

    def _probe(self, confinements: Sequence[Confinement]) -> tuple[Confinement, Reader]:
        """The best containment in which a reader comes up.

        bubblewrap may be there and forbidden, as in many containers.
        """
        for confinement in confinements:
            try:
                reader = self._started(confinement)
            except ClassifierUnavailable:
                continue
            if confinement is Confinement.LIMITS:
                _log.warning("readers.no_walls", held_by=confinement.value)
            return confinement, reader
        self._starter.shutdown(wait=False)
        raise ClassifierUnavailable("no reader could be started in any way")


class _Slot:
    """One place of the pool while a thread holds it: a reader, or the right to start one."""

    def __init__(self, pool: Sandbox, reader: Reader | None) -> None:
        self._pool = pool
        self.reader = reader
        self.is_wary = False

    def ready(self) -> Reader:
        """The reader, started if there is none."""
        if self.reader is None:
            self.reader = self._pool.start()
        return self.reader

    def discard(self) -> None:
        """End the reader; the next mail gets another."""
        if self.reader is not None:
            self.reader.end()
            self.reader = None

    def wary(self, analysis: Analysis) -> None:
        """Replace a reader that has met something it could not digest."""
        self.is_wary = any(u.reason in _SUSPECT for u in analysis.unreadable)


class _Mail:
    """One mail's way through a reader, batch by batch; what ends a reader in a batch is found by going part by part."""

    def __init__(self, slot: _Slot, subject: str, patience: Patience) -> None:
        self._slot = slot
        self._subject = subject
        self._patience = patience
        self.analysis = Analysis()

    def add(self, batch: Sequence[Part], *, say_subject: bool) -> None:
        """Analyse these parts too. Raises ``ClassifierUnavailable``."""
        try:
            found = self._ask(batch, say_subject=say_subject)
        except (ReaderGone, ReaderStalled) as failure:
            self._slot.discard()
            if len(batch) > 1:
                for number, part in enumerate(batch):
                    self.add([part], say_subject=say_subject and number == 0)
                return
            found = self._without(batch, failure, say_subject=say_subject)
        self.analysis = _joined(self.analysis, found)

    def _ask(self, batch: Sequence[Part], *, say_subject: bool) -> Analysis:
        if self._patience.last <= time.monotonic():
            raise ReaderStalled
        paths = [_SUBJECT, *(p.path for p in batch)]
        return self._slot.ready().ask(self._subject, batch, paths, self._patience, say_subject=say_subject)

    def _without(self, batch: Sequence[Part], failure: Exception, *, say_subject: bool) -> Analysis:
        """What can still be said of a part that ended its reader: its name, and that it is unreadable."""
        reason = UnreadableReason.TIMED_OUT if isinstance(failure, ReaderStalled) else UnreadableReason.CORRUPT
        unread = Analysis(unreadable=tuple(Unreadable(p.path, reason, p.filename) for p in batch))
        shells = [dataclasses.replace(p, content=b"", declared_type="") for p in batch]
        if not (say_subject or any(p.filename for p in batch)):
            return unread
        try:
            named = self._ask(shells, say_subject=say_subject)
            raised = tuple(
                dataclasses.replace(f, likelihood=max(f.likelihood, NAME_UNREADABLE)) for f in named.findings
            )
            return _joined(dataclasses.replace(named, findings=raised, true_types=()), unread)
        except (ReaderGone, ReaderStalled):
            self._slot.discard()
            return unread


def _joined(one: Analysis, other: Analysis) -> Analysis:
    """Both, in order."""
    return Analysis(**{f.name: getattr(one, f.name) + getattr(other, f.name) for f in dataclasses.fields(Analysis)})


def _batches(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """Parts in order, small ones together. A mail without parts still has a subject line."""
    batch: list[Part] = []
    size = 0
    for part in parts:
        if batch and (size + len(part.content) > _BATCH or len(batch) >= _BATCH_PARTS):
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += len(part.content)
    if batch or not parts:
        yield batch
