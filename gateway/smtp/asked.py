"""The parameters of DSN (RFC 3461, RFC 6533), read strictly and passed on as they came. Input is not trusted."""

from __future__ import annotations

import re

from domain.reports import Asked, Notify
from gateway.smtp.arguments import Rejected

_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+")
_UNITEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2}|[^\x00-\x7f])+")
_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,30}")
_MAX_ENVID, _MAX_ORCPT = 100, 500
"""RFC 3461 section 5.4."""


def of_mail(parameters: dict[str, str]) -> tuple[str, str]:
    """RET and ENVID, each empty if it was not given. Raises :class:`Rejected`."""
    ret, envid = parameters.get("RET"), parameters.get("ENVID")
    if ret is not None and ret.upper() not in {"FULL", "HDRS"}:
        raise Rejected("501 5.5.4 RET is FULL or HDRS")
    if envid is not None and not (len(envid) <= _MAX_ENVID and _XTEXT.fullmatch(envid)):
        raise Rejected("501 5.5.4 ENVID cannot be read")
    return (ret or "").upper(), envid or ""


def of_recipient(key: str, parameters: dict[str, str]) -> Asked:
    """NOTIFY and ORCPT. Raises :class:`Rejected`."""
    return Asked(key, _notify(parameters.get("NOTIFY")), _original(parameters.get("ORCPT")))


def _notify(value: str | None) -> frozenset[Notify]:
    if value is None:
        return frozenset()
    words = value.upper().split(",")
    if not set(words) <= set(Notify) or (Notify.NEVER in words and len(words) > 1):
        raise Rejected("501 5.5.4 NOTIFY is NEVER, or some of SUCCESS, FAILURE and DELAY")
    return frozenset(map(Notify, words))


def _original(value: str | None) -> str:
    if value is None:
        return ""
    kind, _, address = value.partition(";")
    text = _UNITEXT if kind.lower() == "utf-8" else _XTEXT
    if len(value) > _MAX_ORCPT or not (_TYPE.fullmatch(kind) and text.fullmatch(address)):
        raise Rejected("501 5.5.4 ORCPT cannot be read")
    return value
