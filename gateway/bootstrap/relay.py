"""The relay around the ports: where it listens, what it holds at once, in how many processes."""

from __future__ import annotations

import gc
import os

import uvloop

from config.settings import Settings
from domain.model import folded
from gateway.answering import Answers
from gateway.bootstrap.ports import build_answer_box, build_loop_guard, built
from gateway.bootstrap.stores import proven_store
from gateway.bootstrap.watching import watching
from gateway.clock import SystemClock
from gateway.letters import Letterhead
from gateway.pipeline import Ports, process
from gateway.processes import announce, supervised
from gateway.secrecy import seal_memory
from gateway.server import Process, Relay
from gateway.smtp.guesses import Guesses
from gateway.smtp.house import Capacity, Dialogue, Listener, Speaks, Watch
from gateway.smtp.passwords import PasswordFile
from gateway.smtp.sharing import Child
from gateway.smtp.tls import server_context
from vault import wal
from vault.guesses import RowTally

_MOST_PROCESSES = 4
"""That a relay starts unasked."""


def run_relay(settings: Settings) -> None:
    """Build and serve until SIGTERM or SIGINT, in as many processes as are set."""
    seal_memory()  # before any key is read
    processes = settings.relay.processes or min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    wal.share_failures()
    child = supervised(build_listeners(settings), processes) if processes > 1 else None
    if processes == 1 or child:
        _serve(settings, child)


def _serve(settings: Settings, child: Child | None) -> None:
    with built(settings, proven_store(settings)) as unwatched:
        ports, watch = watching(settings, unwatched)
        relay = build_relay(settings, ports, child, watch)
        gc.freeze()  # what is there now stays, and need not be looked through again and again
        relay.run_forever(
            settings.relay.grace_seconds, ready=child.ready if child else lambda: announce(relay.addresses, 1)
        )


def build_listeners(settings: Settings) -> tuple[Listener, ...]:
    """Where the relay listens."""
    s = settings.relay
    plain = Listener(s.host, s.port, Speaks(s.speaks))
    if s.tls_port is None:
        return (plain,)
    return plain, Listener(s.host, s.tls_port, Speaks(s.speaks), implicit_tls=True)


def build_relay(settings: Settings, ports: Ports, child: Child | None = None, watch: Watch | None = None) -> Relay:
    """The listener around the pipeline."""
    s = settings.relay
    tls = None
    if s.tls_certificate:
        tls = server_context(settings.at_home(s.tls_certificate), settings.at_home(s.tls_key) if s.tls_key else None)
    dialogue = Dialogue(
        hostname=s.hostname,
        networks=s.networks,
        senders=frozenset(folded(d) for d in s.senders),
        authenticator=PasswordFile(settings.at_home(s.users_file)) if s.users_file else None,
        tls=tls,
        max_size=s.max_size,
        max_recipients=s.max_recipients,
        idle=s.idle_seconds,
    )
    capacity = Capacity(
        connections=s.max_connections, messages=s.max_in_flight, octets=s.max_in_flight_bytes, threads=s.threads
    )
    return Relay(
        _build_process(settings, ports, dialogue),
        SystemClock(),
        dialogue,
        child.listeners if child else build_listeners(settings),
        capacity,
        guard=build_loop_guard(settings).check,
        loop_factory=uvloop.new_event_loop,
        child=child,
        watch=watch,
        guesses=Guesses(RowTally()),
    )


def _build_process(settings: Settings, ports: Ports, dialogue: Dialogue) -> Process:
    """The pipeline; before it, where officers may answer notices, what takes their answers."""
    box = build_answer_box(settings)
    if box is None:
        return lambda envelope, raw: process(envelope, raw, ports)
    s = settings.service
    return Answers(box, ports, Letterhead(s.name, s.address), settings.relay.hostname, dialogue.trusts)
