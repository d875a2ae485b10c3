"""Which dialogue of this process holds which claims. The rows hold the marks; here is who bears them.

Two clients may send the same mail at the same moment to the same relay, so the relay's name
is no sufficient owner. A dialogue is known by its :class:`Envelope` object itself: it is kept
here as long as claims are open, so that no other object can be taken for it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.model import Envelope

_TIDY_ABOVE = 256


@dataclass(slots=True)
class _Dialogue:
    envelope: Envelope
    mark: str
    until: datetime
    recipients: dict[str, str] = field(default_factory=dict)
    again: frozenset[str] = frozenset()


class Dialogues:
    """Marks by dialogue. Safe for threads. ``owner`` is unique to this process among all that ever run."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int], _Dialogue] = {}

    def begin(self, digest: str, envelope: Envelope, until: datetime, now: datetime) -> str:
        """The mark of this dialogue, made if it is new; its claims run out at ``until``."""
        with self._lock:
            self._tidy(now)
            fresh = _Dialogue(envelope, self._next(), until)
            dialogue = self._known.setdefault((digest, id(envelope)), fresh)
            dialogue.until = max(dialogue.until, until)
            return dialogue.mark

    def hold(self, digest: str, envelope: Envelope, recipients: Mapping[str, str]) -> None:
        """These recipients (folded) are its claims, each with the vault record that it has, or an empty one."""
        with self._lock:
            dialogue = self._known.get((digest, id(envelope)))
            if dialogue:
                dialogue.recipients.update(recipients)
                self._drop_if_done(digest, dialogue)

    def decide_again(self, digest: str, envelope: Envelope, recipients: Iterable[str]) -> None:
        """These of its claims were stopped before, and are decided anew."""
        with self._lock:
            dialogue = self._known.get((digest, id(envelope)))
            if dialogue:
                dialogue.again |= frozenset(recipients)

    def decided_again(self, digest: str, envelope: Envelope) -> frozenset[str]:
        """Those that were stopped before."""
        with self._lock:
            dialogue = self._known.get((digest, id(envelope)))
            return dialogue.again if dialogue else frozenset()

    def let_go(self, digest: str, envelope: Envelope, recipients: Iterable[str]) -> None:
        """These are its claims no more."""
        with self._lock:
            dialogue = self._known.get((digest, id(envelope)))
            if dialogue:
                for recipient in recipients:
                    dialogue.recipients.pop(recipient, None)
                self._drop_if_done(digest, dialogue)

    def records(self, digest: str, envelope: Envelope) -> Mapping[str, str]:
        """The vault record of each of its claims, as far as it is known here."""
        with self._lock:
            dialogue = self._known.get((digest, id(envelope)))
            return dict(dialogue.recipients) if dialogue else {}

    def until(self, digest: str, envelope: Envelope) -> datetime | None:
        """When its claims run out; None for one that holds nothing."""
        with self._lock:
            dialogue = self._known.get((digest, id(envelope)))
            return dialogue.until if dialogue else None

    def mark(self, digest: str, envelope: Envelope, until: datetime | None = None) -> str:
        """The mark of this dialogue, kept until then; for one that holds nothing, a mark that no row bears."""
        with self._lock:
            dialogue = self._known.get((digest, id(envelope)))
            if dialogue is None:
                return self._next()
            dialogue.until = max(dialogue.until, until or dialogue.until)
            return dialogue.mark

    def _next(self) -> str:
        return f"{self._owner}/{next(self._numbers)}"

    def _drop_if_done(self, digest: str, dialogue: _Dialogue) -> None:
        if not dialogue.recipients:
            del self._known[digest, id(dialogue.envelope)]

    def _tidy(self, now: datetime) -> None:
        """Dialogues that were broken off without a word: their claims have run out."""
        if len(self._known) > _TIDY_ABOVE:
            self._known = {key: d for key, d in self._known.items() if d.until >= now}
