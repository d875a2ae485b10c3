"""A folder for what is plain while a bundle is made: wiped at the end, also where a signal ends it.

What nobody could wipe then (SIGKILL, a power cut) is wiped before the next one is made. A folder that is in use is
locked, so that no other export takes it for left over.
"""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from vault.export.folder import wipe

_BEGINS = "bundle-"


@contextmanager
def plain_folder(place: Path) -> Iterator[Path]:
    """A new folder in ``place``, mode 0700. Raises ``OSError``; ``KeyboardInterrupt`` where a signal ends the work."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as locks:
        with _locked(place):  # nobody sweeps between making a folder and locking it
            _sweep(place)
            folder = Path(tempfile.mkdtemp(prefix=_BEGINS, dir=place))
            locks.enter_context(_locked(folder))
        with _interrupted_by_signals():
            try:
                yield folder
            finally:
                wipe(folder)


def _sweep(place: Path) -> None:
    for folder in place.glob(f"{_BEGINS}*"):
        with suppress(BlockingIOError), _locked(folder, fcntl.LOCK_NB):
            wipe(folder)


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    """Until the end of the block, or of the process."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(handle)


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """As by Ctrl-C, so that what must be wiped is. Only a main thread may have it so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
