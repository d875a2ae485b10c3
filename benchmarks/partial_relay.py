"""The relay without some of its steps, to see what they cost, or on one core. For benchmarks alone.

``WITHOUT=classifiers,vault`` leaves out both; ``CORE=0`` keeps the relay and its readers on that core.

The product cannot be set like this: this module puts ports in the place of those that ``gateway.bootstrap`` builds,
as the kill tests do. Without ``classifiers`` nothing is found in any mail; without ``vault`` nothing is filed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.model import Analysis, Part
from domain.ports import Filing, VaultReceipt
from vault.ids import new_id


class FindsNothing:
    """In place of ``Classifiers``."""

    def analyse(self, _subject: str, _parts: Sequence[Part]) -> Analysis:
        return Analysis()


class FilesNothing:
    """In place of ``Vault``."""

    def file(self, _filing: Filing, now: datetime) -> VaultReceipt:
        return VaultReceipt(new_id(now), ())


_INSTEAD = {"classifiers": FindsNothing, "vault": FilesNothing}


def main() -> None:
    from cli.frame import framed  # noqa: PLC0415 - Django's settings come first

    settings = framed()
    from gateway import bootstrap  # noqa: PLC0415 - the same
    from gateway.bootstrap import relay  # noqa: PLC0415 - the same

    without: dict[str, Any] = {name: _INSTEAD[name]() for name in os.environ["WITHOUT"].split(",") if name}
    if os.environ["CORE"]:
        os.sched_setaffinity(0, {int(os.environ["CORE"])})  # of what it starts, too
    whole = relay.build_relay

    def partial(settings: Any, ports: Any, *more: Any) -> Any:
        return whole(settings, replace(ports, **without), *more)

    relay.build_relay = partial  # type: ignore[assignment]
    bootstrap.run_relay(settings)


if __name__ == "__main__":
    main()
