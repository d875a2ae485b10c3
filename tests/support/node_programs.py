"""The programs of several nodes: each started again whenever it ends, and HAProxy in front of those that are two."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from tests.support.house import House, free_port

_HAPROXY = """\
defaults
  mode tcp
  timeout connect 2s
  timeout client 11m
  timeout server 11m
  retries 3
  option redispatch
frontend mail
  bind 127.0.0.1:{mail}
  default_backend relays
backend relays
  option httpchk GET /health/ready
  default-server check inter 500ms fall 2 rise 1
  server a 127.0.0.1:{relays[0]} port {health[0]}
  server b 127.0.0.1:{relays[1]} port {health[1]}
frontend pages
  bind 127.0.0.1:{pages}
  default_backend webs
backend webs
  option httpchk GET /health/ready
  default-server check inter 500ms fall 2 rise 1
  server a 127.0.0.1:{webs[0]} port {health[2]}
  server b 127.0.0.1:{webs[1]} port {health[3]}
"""


@dataclass
class Program:
    """One process that is started again whenever it ends, until it is let go."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    groups: list[int] = field(default_factory=list)
    """Of every start: a killed web server's worker lives on, as an orphan."""

    def keep(self) -> None:
        """Start it if it does not run."""
        if self.process is None or self.process.poll() is not None:
            with (self.folder / f"{self.name}.log").open("ab") as log:
                self.process = subprocess.Popen(
                    self.command, env=self.environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
                )
            self.groups.append(self.process.pid)

    def strike(self, number: int) -> None:
        """A signal."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def end(self) -> None:
        """For good."""
        self.strike(signal.SIGTERM)
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        for group in self.groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def programs(house: House) -> tuple[list[Program], int, int]:
    """Two relays, two webs, a worker, and the balancer in front; and the balancer's two ports."""
    ports = {name: free_port() for name in ("mail", "pages", *"abcdwxyz")}
    relays, health = [ports["a"], ports["b"]], [ports[n] for n in "wxyz"]
    webs = [ports["c"], ports["d"]]
    python = [sys.executable, "-m", "cli"]

    def program(name: str, *words: str, **more: int | str) -> Program:
        return Program(
            name, [*python, *words], house.environment() | {k: str(v) for k, v in more.items()}, house.folder
        )

    (house.folder / "haproxy.cfg").write_text(
        _HAPROXY.format(mail=ports["mail"], pages=ports["pages"], relays=relays, webs=webs, health=health)
    )
    balancer = ["haproxy", "-db", "-f", str(house.folder / "haproxy.cfg")]
    found = [
        *(program(f"relay-{n}", "relay", SALLYPORT_RELAY__PORT=relays[i], SALLYPORT_WATCH__RELAY=health[i])
          for i, n in enumerate("ab")),
        *(program(f"web-{n}", "web", SALLYPORT_WEB__PORT=webs[i], SALLYPORT_WATCH__WEB=health[2 + i])
          for i, n in enumerate("ab")),
        program("worker", "worker"),
        Program("haproxy", balancer, dict(os.environ), house.folder),
    ]  # fmt: skip
    return found, ports["mail"], ports["pages"]


def wait_until_up(mail: int, pages: int) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            smtplib.SMTP("127.0.0.1", mail, timeout=5).quit()
            urlopen(f"http://127.0.0.1:{pages}/sign-in/", timeout=5).close()
        except (OSError, smtplib.SMTPException):
            assert time.monotonic() < end, "the nodes did not come up"
            time.sleep(0.2)
        else:
            return
