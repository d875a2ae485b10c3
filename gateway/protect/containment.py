"""Says which exceptions of a foreign library are failures to be contained, and contains them at the gates.

Libraries that read hostile octets fail with anything; those written in Rust also with a panic,
which is no ``Exception``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from domain.errors import UnusableKey


def is_failure(error: BaseException) -> bool:
    """True for every error and for a panic; false for a request to stop, which must pass."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


@contextmanager
def refusing(reason: str) -> Iterator[None]:
    """Whatever fails inside is ``UnusableKey`` with this reason, unless it is one with a reason of its own."""
    try:
        yield
    except UnusableKey:
        raise
    except BaseException as e:
        if is_failure(e):
            raise UnusableKey(reason) from e
        raise


def day(when: datetime) -> str:
    """As a gate's reason tells it: "1 May 2026", in UTC."""
    utc = when.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y}"
