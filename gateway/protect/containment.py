"""Says which exceptions of a foreign library are failures to be contained.

Libraries that read hostile octets fail with anything; those written in Rust also with a panic,
which is no ``Exception``.
"""

from __future__ import annotations


def is_failure(error: BaseException) -> bool:
    """True for every error and for a panic; false for a request to stop, which must pass."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"
