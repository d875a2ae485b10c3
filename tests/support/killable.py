"""The relay with a trap: kill -9 of its own process at one named moment. For the kill tests alone.

``KILL_AT=vault.file:before`` names a port, a method and the side. The product has no such hook: this module wraps the
ports that ``gateway.bootstrap`` builds. ``KILL_ONCE`` is a file that the first to die makes: whoever comes after lives.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any


class Trap:
    """Stands in front of a port (or of anything with methods) and passes everything on, until the moment comes."""

    def __init__(self, name: str, inner: Any, moment: str) -> None:
        self._name, self._inner, self._moment = name, inner, moment

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        return self._guarded(attribute, found) if callable(found) else found

    def _guarded(self, method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **kwargs: Any) -> Any:
            self._spring(f"{self._name}.{method}:before")
            result = call(*args, **kwargs)
            self._spring(f"{self._name}.{method}:after")
            return result

        return guarded

    def _spring(self, here: str) -> None:
        if here == self._moment and _first():
            os.kill(os.getpid(), signal.SIGKILL)


def _first() -> bool:
    once = os.environ.get("KILL_ONCE")
    if once:
        try:
            os.close(os.open(once, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
    return True


def in_traps(ports: Any, moment: str) -> Any:
    """The same ports, each behind a trap."""
    vault = ports.vault
    vault._store = Trap("store", vault._store, moment)
    return replace(
        ports,
        classifiers=Trap("classifiers", ports.classifiers, moment),
        register=Trap("register", ports.register, moment),
        protectors=tuple(Trap("protector", p, moment) for p in ports.protectors),
        vault=Trap("vault", vault, moment),
        waiting_room=Trap("room", ports.waiting_room, moment),
        pickups=Trap("pickups", ports.pickups, moment),
        journal=Trap("journal", ports.journal, moment),
        obligations=Trap("obligations", ports.obligations, moment),
        next_hop=Trap("hop", ports.next_hop, moment),
        notices=Trap("notices", ports.notices, moment),
    )


def main() -> None:
    from cli.frame import framed

    settings = framed()
    from gateway import bootstrap

    child = None
    if settings.relay.processes > 1:
        from gateway.processes import supervised

        child = supervised(bootstrap.build_listeners(settings), settings.relay.processes)
        if child is None:
            return
    with bootstrap.built(settings) as ports:
        relay = bootstrap.build_relay(settings, in_traps(ports, os.environ["KILL_AT"]), child)
        relay.run_forever(5, ready=child.ready if child else lambda: None)


if __name__ == "__main__":
    main()
