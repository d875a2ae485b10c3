"""A recipient who is nobody, so that the engine writes what a real recipient's program can read.

The engine writes encrypted data of version 2 unless some recipient's certificate says that it reads version 1 alone;
where a certificate says nothing, it means the newest (``features.py``). Its interface leaves no choice. So it is given
one recipient more, whose certificate does say so; their session key is then cut off the message again. A session key
packet stands by itself, and whoever has the message may drop one (RFC 9580 section 5.1). The decoy's secret half is
never kept, and what leaves is checked to hold the intended recipients' session keys alone, as every message is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from pysequoia import Cert

from gateway.protect.generate import make_openpgp_key
from gateway.protect.packets import MalformedPackets, first_recipient

_BORN = datetime(2024, 1, 1, tzinfo=UTC)
_LIFETIME = timedelta(days=100 * 365)


@cache
def decoy() -> Cert:
    """One for this process. Its maker's keys say that they read version 1 alone."""
    _secret, certificate = make_openpgp_key("decoy", "decoy@sallyport.invalid", _BORN, _LIFETIME)
    return Cert.from_bytes(certificate)


def without_decoy(message: bytes, real: frozenset[str]) -> memoryview:
    """The message without its first session key, which must be for none of ``real``. Raises ``MalformedPackets``."""
    key_id, end = first_recipient(message)
    if key_id in real:
        raise MalformedPackets("the decoy does not stand first")
    return memoryview(message)[end:]
