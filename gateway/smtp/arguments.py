"""The arguments of MAIL and RCPT (RFC 5321 section 4.1.2), read strictly and said back never.

Input is not trusted. What cannot be read raises :class:`Rejected` with the reply to send.
Unknown parameters are taken and ignored: Exchange sends XOORG, XRDST and more unasked. DSN's (RFC 3461) are read by
``gateway/smtp/asked.py``. Those whose neglect would break a promise made to the
sender (REQUIRETLS, delayed release, binary bodies) are refused; so is a recipient that mail servers would
send on to a mailbox in its local part (``a%b@c``), since what is decided for the one would reach the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from domain.model import Address

_ATOM = r'[^\x00-\x20\x7f"(),:;<>@\[\\\]]+'
_QUOTED = r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"'
_DOMAIN = r"[\w-]+(?:\.[\w-]+)*|\[[0-9A-Za-z:.\-]+\]"
_PATH = re.compile(
    rf" *<(?:@[^:<> ]+:)?(?:(?P<local>{_ATOM}|{_QUOTED})(?:@(?P<domain>{_DOMAIN}))?)?>(?: +(?P<parameters>.*))?",
)
_PARAMETER = re.compile(r"(?P<keyword>[A-Z0-9][A-Z0-9-]*)(?:=(?P<value>[^\x00-\x20\x7f]+))?", re.IGNORECASE)
_BINDING = frozenset({"REQUIRETLS", "HOLDFOR", "HOLDUNTIL"})
_MAX_PATH = 512


class Rejected(Exception):
    """The command is answered with ``reply``."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Path:
    """A reverse-path or forward-path. ``address`` is empty for ``<>``."""

    address: str
    parameters: dict[str, str]


def reverse_path(argument: str, max_size: int) -> Path:
    """``FROM:<...>`` of MAIL. A local part alone is refused: replies could not reach it."""
    path = _path(argument, "FROM:", "501 5.5.4 Syntax: MAIL FROM:<address>")
    if path.address and not _qualified(path.address):
        raise Rejected("553 5.1.7 The sender needs a full address")
    _check_mail_parameters(path.parameters, max_size)
    return _international(path, allowed="SMTPUTF8" in path.parameters)


def forward_path(argument: str, *, international: bool) -> Path:
    """``TO:<...>`` of RCPT. ``<postmaster>`` needs no domain (RFC 5321 section 4.1.1.3)."""
    path = _path(argument, "TO:", "501 5.5.4 Syntax: RCPT TO:<address>")
    if not _qualified(path.address) and path.address.lower() != "postmaster":
        raise Rejected("553 5.1.3 The recipient needs a full address")
    if Address.of(path.address).names_another:
        raise Rejected("553 5.1.3 The recipient's local part names another mailbox; send to that one itself")
    return _international(path, allowed=international)


def declared_size(parameters: dict[str, str]) -> int:
    """Octets by SIZE (RFC 1870); 0 if not said."""
    return int(parameters.get("SIZE", "0"))


def _path(argument: str, keyword: str, syntax: str) -> Path:
    if argument[: len(keyword)].upper() != keyword:
        raise Rejected(syntax)
    found = _PATH.fullmatch(argument, len(keyword))
    if found is None:
        raise Rejected(syntax)
    local, domain = found["local"] or "", found["domain"]
    address = f"{local}@{domain}" if domain else local
    if len(address.encode()) > _MAX_PATH:
        raise Rejected("553 5.1.3 The address is too long")
    return Path(address, _parameters(found["parameters"] or ""))


def _parameters(text: str) -> dict[str, str]:
    result: dict[str, str] = {}
    for word in text.split():
        found = _PARAMETER.fullmatch(word)
        if found is None or found["keyword"].upper() in result:
            raise Rejected("501 5.5.4 The parameters cannot be read")
        result[found["keyword"].upper()] = found["value"] or ""
    return result


def _check_mail_parameters(parameters: dict[str, str], max_size: int) -> None:
    if _BINDING & parameters.keys():
        raise Rejected("555 5.5.4 A parameter asks for something that is not offered")
    if parameters.get("BODY", "7BIT").upper() not in {"7BIT", "8BITMIME"}:
        raise Rejected("501 5.5.4 BODY is 7BIT or 8BITMIME")
    if parameters.get("SMTPUTF8"):
        raise Rejected("501 5.5.4 SMTPUTF8 takes no value")
    _check_size(parameters.get("SIZE"), max_size)


_DIGITS = 20
"""RFC 1870 section 3: a SIZE value has up to twenty digits."""


def _check_size(size: str | None, max_size: int) -> None:
    if size is None:
        return
    if not (size.isascii() and size.isdigit() and len(size) <= _DIGITS):
        raise Rejected("501 5.5.4 SIZE is a number")
    if int(size) > max_size:
        too_large()


def too_large() -> NoReturn:
    """Raises the reply of RFC 1870 section 6.1."""
    raise Rejected("552 5.3.4 The message is too large")


def _qualified(address: str) -> bool:
    return "@" in address and not address.endswith('"')


def _international(path: Path, *, allowed: bool) -> Path:
    """RFC 6531 section 3.5: an address beyond ASCII needs the client to have said SMTPUTF8."""
    if not path.address.isascii() and not allowed:
        raise Rejected("553 5.6.7 Addresses with other than ASCII letters need SMTPUTF8")
    if not unicodedata.is_normalized("NFKC", path.address):
        raise Rejected("553 5.1.3 The address holds letters that only look like others; write the plain ones")
    return path
