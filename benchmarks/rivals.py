"""Who else takes mail on this machine: a bare sink, forwarders, Postfix, ``smtp-sink``, a gateway that starts gpg."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import family
from benchmarks.serving import python, running
from tests.support.house import CARER, free_port
from tests.support.postfix import Postfix

SINK, FORWARDER = "bare aiosmtpd sink", "aiosmtpd forwarder, 2 processes"
_QUEUES = ("incoming", "active", "deferred")


@dataclass(frozen=True)
class Taker:
    """Somebody on a port. ``spent`` is their processor time so far, in seconds; ``ended`` waits until all has left."""

    name: str
    port: int
    spent: Callable[[], float]
    ended: Callable[[], None] = lambda: None


@contextmanager
def all_of_them(hop: int, folder: Path, key: bytes) -> Iterator[list[Taker]]:
    """Everybody who can be had here, running, before the next hop; ``key`` is the carer's. Every second will do."""
    environment = {"GNUPGHOME": str(folder / "gpg")}
    (folder / "gpg").mkdir(mode=0o700)
    subprocess.run(["gpg", "--batch", "--quiet", "--import"], input=key, env=os.environ | environment, check=True)
    with ExitStack() as stack:

        def started(name: str, command: Callable[[int], list[str]], **more: str) -> Taker:
            port = free_port()
            process = stack.enter_context(running(port, *command(port), **more))
            return Taker(name, port, lambda: sum(family.processor_seconds(process.pid)))

        takers = [
            started(FORWARDER, lambda p: python("forwarder", p, hop, 2)),
            started("aiosmtpd forwarder, 1 process", lambda p: python("forwarder", p, hop, 1)),
            started("a gpg process a mail", lambda p: python("forwarder", p, hop, 2, CARER), **environment),
            started(SINK, lambda p: python("sink", p)),
        ]
        if shutil.which("postfix") and os.geteuid() == 0:
            takers.append(_postfix(stack, hop))
        if shutil.which("smtp-sink"):
            takers.append(started("smtp-sink", _smtp_sink))
        yield takers


@contextmanager
def next_hop(port: int) -> Iterator[None]:
    """Postfix's sink, which costs next to nothing; where there is none, aiosmtpd's."""
    with running(port, *(_smtp_sink(port) if shutil.which("smtp-sink") else python("sink", port))):
        yield


def _smtp_sink(port: int) -> list[str]:
    return ["smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "512"]


def _postfix(stack: ExitStack, hop: int) -> Taker:
    """It says 250 once the mail is in its queue, and is done when the next hop has it."""
    postfix = stack.enter_context(Postfix(("127.0.0.1", hop), main="smtp_tls_security_level = none\n"))
    master = int((postfix.home / "queue" / "pid" / "master.pid").read_text())

    def ended() -> None:
        while _waiting(postfix.home / "queue"):
            time.sleep(0.005)

    return Taker("Postfix alone", postfix.port, lambda: sum(family.processor_seconds(master)), ended)


def _waiting(queue: Path) -> bool:
    """Whether anything has not left yet. Files go while we look."""
    return any(files for name in _QUEUES for _, _, files in os.walk(queue / name))
