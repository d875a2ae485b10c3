"""A server of the demo's own that is being started: waited for until it answers."""

from __future__ import annotations

import http.client
import subprocess
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from domain.errors import TryAgain

_SECONDS = 60


def until_it_answers(process: subprocess.Popen[bytes], port: int, path: str, name: str, log: Path) -> None:
    """Returns once ``path`` is served. Raises ``TryAgain`` if the process ends before, or takes longer than a minute.

    ``name`` is the server's in a sentence: "The console".
    """
    for _ in range(_SECONDS * 10):
        if process.poll() is not None:
            tail = log.read_text(errors="replace")[-400:]
            raise TryAgain("server ended", public=f"{name} did not start. {log} ends with: {tail}")
        with suppress(OSError, http.client.HTTPException):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            client.request("GET", path)
            if client.getresponse().status == HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise TryAgain("server slow", public=f"{name} did not answer within {_SECONDS} seconds; see {log}.")
