"""What ``sallyport check`` says of the audit log: its key, what waits, when it was signed last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cli.audit import built
from config.settings import Settings
from domain.errors import ConfigurationError


def lines(settings: Settings) -> Iterator[tuple[bool, str]]:
    """Whether it is good, and what it is. The key is only looked at where there is one: not every machine has it."""
    from gateway.clock import SystemClock
    from vault.merkle.publishing import newest
    from vault.merkle.sequencing import the_tree, waiting_since

    now, origin = SystemClock().now(), built.origin(settings)
    keys = built.log_keys(settings)
    built.witnesses(settings)
    if settings.audit.key is not None:
        yield _key(settings)
    late = waiting_since(now - settings.audit.late)
    if late is not None:
        yield False, f"event {late.sequence} waits since {late.at:%Y-%m-%d %H:%M} to be logged; run: sallyport worker"
    last, size = newest(origin), the_tree().size
    if last is None:
        yield size == 0, f"{origin}: {size} events, no checkpoint yet; `sallyport worker` signs the first"
        return
    behind = size > last.size and not now - settings.audit.late <= last.at <= now + settings.audit.late
    says = f"{origin}: {size} events, signed to {last.size} on {_time(last.at)}; {len(keys)} public keys"
    yield not behind, f"{says}; nothing is signed since, the worker's log says why" if behind else says


def _key(settings: Settings) -> tuple[bool, str]:
    path = settings.audit.key
    if path and settings.audit.public_keys and not settings.at_home(path).exists():
        return True, "the private key is not on this machine; the worker's has it"
    try:
        ours = built.signer(settings).verifier
    except ConfigurationError as error:
        return False, error.public
    if ours not in built.log_keys(settings):
        return False, f"audit.public_keys lacks the public line of audit.key: {ours}"
    return True, f"the key {ours.key_id.hex()} of {ours.name} signs checkpoints"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
