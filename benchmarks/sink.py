"""A bare aiosmtpd that takes mail and drops it: the baseline, and the next hop. ``python -m benchmarks.sink PORT``."""

from __future__ import annotations

import sys
import time
from typing import Any

from aiosmtpd.controller import Controller


class _Drop:
    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 2.0.0 dropped"


if __name__ == "__main__":
    controller = Controller(
        _Drop(), hostname="127.0.0.1", port=int(sys.argv[1]), server_hostname="sink.example", data_size_limit=None
    )
    controller.start()
    while True:
        time.sleep(3600)
