"""Who may log in: a file of user names with scrypt hashes (RFC 7914).

One line a user, ``name:scrypt$N$r$p$salt$hash`` with base64 values; ``#`` starts a comment. The
file is the operator's and trusted; a line that cannot be used is a ``ConfigurationError`` at
start-up. Passwords and names are never logged.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from domain.errors import ConfigurationError

_N, _R, _P = 2**15, 8, 1
"""About 60 ms and 32 MB a try."""
_MAX_PASSWORD = 1024


class Authenticator(Protocol):
    """Answers AUTH."""

    def verify(self, user: str, password: bytes) -> bool:
        """Whether they belong together. May take long: called in a thread. Must not raise."""
        ...


@dataclass(frozen=True, slots=True)
class _Hash:
    n: int
    r: int
    p: int
    salt: bytes = field(repr=False)
    value: bytes = field(repr=False)

    def fits(self, password: bytes) -> bool:
        """In the same time for a right and a wrong one."""
        derived = _derive(password, self.salt, self.n, self.r, self.p)
        return hmac.compare_digest(derived, self.value)


def _derive(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)


def hash_password(password: str) -> str:
    """The second field of a line."""
    salt = os.urandom(16)
    value = _derive(password.encode(), salt, _N, _R, _P)
    return f"scrypt${_N}${_R}${_P}${b64encode(salt).decode()}${b64encode(value).decode()}"


class PasswordFile:
    """Implements :class:`Authenticator`."""

    def __init__(self, path: Path) -> None:
        """Reads the file once. Raises ``ConfigurationError`` that names the line."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError("password file", public=f"The file of users {path} cannot be read.") from error
        entries = ((n, line) for n, line in enumerate(lines, 1) if line and not line.startswith("#"))
        self._users = dict(_entry(path, n, line) for n, line in entries)
        self._nobody = _Hash(_N, _R, _P, os.urandom(16), os.urandom(32))

    def verify(self, user: str, password: bytes) -> bool:
        """See the protocol. An unknown user costs as much time as a known one."""
        if len(password) > _MAX_PASSWORD:
            return False
        return self._users.get(user, self._nobody).fits(password)


def _entry(path: Path, number: int, line: str) -> tuple[str, _Hash]:
    user, _, rest = line.partition(":")
    try:
        scheme, n, r, p, salt, value = rest.strip().split("$")
        if scheme != "scrypt" or not user:
            raise ValueError(scheme)  # noqa: TRY301 - one answer for every fault
        entry = _Hash(int(n), int(r), int(p), b64decode(salt, validate=True), b64decode(value, validate=True))
        entry.fits(b"")  # parameters that scrypt refuses are found now, not at the first log-in
    except (ValueError, OverflowError) as error:
        public = f"Line {number} of {path} cannot be used; it should be name:scrypt$N$r$p$salt$hash."
        raise ConfigurationError("password line", public=public) from error
    return user, entry
