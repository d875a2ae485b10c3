"""AUTH PLAIN and LOGIN (RFC 4954, RFC 4616), over TLS alone.

Names and passwords come from anybody: they are bounded, compared by the authenticator in a thread
(scrypt is slow on purpose), never logged, and each failure costs the client a second.
"""

from __future__ import annotations

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Awaitable, Callable

from gateway.smtp.arguments import Rejected
from gateway.smtp.passwords import Authenticator

_PENALTY = 1.0
Ask = Callable[[str], Awaitable[bytes]]
"""Sends a 334 challenge (base64 already) and gives the client's line without CR LF."""


async def log_in(argument: str, ask: Ask, authenticator: Authenticator) -> bool:
    """Whether the client has shown who it is. Raises :class:`Rejected` for a dialogue that cannot be read."""
    mechanism, _, initial = argument.partition(" ")
    match mechanism.upper():
        case "PLAIN":
            user, password = await _plain(initial, ask)
        case "LOGIN":
            user, password = await _login(initial, ask)
        case _:
            raise Rejected("504 5.5.4 The mechanism is not offered")
    verified = await asyncio.get_running_loop().run_in_executor(None, authenticator.verify, user, password)
    if not verified:
        await asyncio.sleep(_PENALTY)
    return verified


async def _plain(initial: str, ask: Ask) -> tuple[str, bytes]:
    fields = _decode(initial.encode() or await ask("")).split(b"\0")
    if len(fields) != 3:  # noqa: PLR2004 - authorisation id, authentication id, password
        raise Rejected("501 5.5.2 The credentials cannot be read")
    return _text(fields[1]), fields[2]


async def _login(initial: str, ask: Ask) -> tuple[str, bytes]:
    user = _decode(initial.encode() or await ask("VXNlcm5hbWU6"))
    return _text(user), _decode(await ask("UGFzc3dvcmQ6"))


def _decode(line: bytes) -> bytes:
    if line == b"*":
        raise Rejected("501 5.7.0 Authentication given up")
    if line == b"=":  # an empty initial response, RFC 4954 section 4
        return b""
    try:
        return b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("501 5.5.2 That is not base64") from None


def _text(field: bytes) -> str:
    return field.decode("utf-8", "replace")
