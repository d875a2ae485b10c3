"""What the key holder works with, made once; and the errors that are told to whoever asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config.settings import Settings
from domain.errors import SallyportError

if TYPE_CHECKING:
    from classifiers.sandbox import Sandbox
    from gateway.clock import SystemClock
    from vault.unseal import Opener


class NotDone(SallyportError):
    """An errand that is refused. ``public`` is told to whoever asked."""


@dataclass(frozen=True, slots=True)
class Tools:
    """``holder`` is the account that runs this, as the audit trail names it; ``identities`` never leave the process."""

    settings: Settings
    holder: str
    identities: Sequence[Any] = field(repr=False)
    opener: Opener
    readers: Sandbox
    clock: SystemClock


@contextmanager
def made(settings: Settings, identities: Sequence[Any], holder: str) -> Iterator[Tools]:
    """The readers' processes end with the block."""
    from gateway.bootstrap import build_classifiers, build_store
    from gateway.clock import SystemClock
    from vault.unseal import Opener

    with build_classifiers(settings) as readers:
        yield Tools(settings, holder, identities, Opener(build_store(settings), identities), readers, SystemClock())
