"""Seals what came with a valid signature and is changed here, which breaks it (ARC, RFC 8617), by dkimpy.

Input: any mail; its signatures and seals are anybody's. What they came to as it arrived is written into an
``Authentication-Results`` field of ours (RFC 8601), which the seal repeats. Nothing here ever keeps a mail back: what
cannot be judged, because a name server is silent or somebody wrote rubbish, goes on without a seal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from time import monotonic

import dkim
import structlog

from domain.errors import ConfigurationError, NextHopUnavailable
from gateway.mime.fields import header_end

_MOST = 5
"""Signatures of one mail that are looked at."""
_SECONDS = 15.0
"""For all questions to name servers about one mail."""
_SIGNED = (
    *(b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to"),
    *(b"mime-version", b"content-type", b"content-transfer-encoding", b"auto-submitted", b"dkim-signature"),
)
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
_RESULTS = re.compile(rb"^Authentication-Results[ \t]*:([^\n]*\n?(?:[ \t][^\n]*\n?)*)", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(rb"\((?:\\.|[^()\\])*\)", re.DOTALL)
_WHOSE = re.compile(rb'\s*"?([^\s;"]+)')
_LOG = structlog.get_logger("relay")


class _Unanswered(Exception):
    """A name server did not answer in time."""


@dataclass(frozen=True, slots=True)
class ArcSealer:
    """``key`` is an RSA private key, PEM, its public half in the DNS at ``selector._domainkey.domain``.

    ``name`` is ours in ``Authentication-Results`` (authserv-id). ``texts`` asks for TXT records; it may raise
    ``NextHopUnavailable``. Raises ``ConfigurationError`` for a key that cannot be used.
    """

    domain: str
    selector: str
    key: bytes = field(repr=False)
    name: str
    texts: Callable[[str], Sequence[str]] = field(repr=False)

    def __post_init__(self) -> None:
        try:
            self._set(b"From: a@b\r\n\r\n", self._field(["dkim=none"]))
        except Exception as error:
            public = "The key for ARC (arc.key) cannot be used: it must be an RSA private key, PEM."
            raise ConfigurationError("arc key", public=public) from error

    def arrived(self, mail: bytes) -> bytes:
        """Our ``Authentication-Results`` on a mail as it came, whole lines; empty where there is nothing to seal.

        There is something where a signature verifies, or where a chain is to be gone on with (section 5.1): one that
        has ended already (``cv=fail``) is not.
        """
        ask = _Asking(self.texts)
        try:
            chain = _chain(mail, ask)
        except _Unanswered:
            return b""
        said = [f"dkim={result}{whose}" for result, whose in _signatures(mail, ask)]
        passed = any(s.startswith("dkim=pass") for s in said)
        if chain is None or not (passed or chain != "none"):
            return b""
        return self._field([*(said or ["dkim=none"]), *([] if chain == "none" else [f"arc={chain}"])])

    def seal(self, mail: bytes, arrived: bytes) -> bytes:
        """The ARC set for a mail as it leaves, whole lines, to stand before it and ``arrived``; empty without any.

        A mail whose chain came with it gets the next instance, one without any the first.
        """
        if not arrived:
            return b""
        try:
            if not dkim.ARC(mail).sorted_arc_headers()[0]:
                arrived = re.sub(rb";\s+arc=\w+", b"", arrived)  # the chain stayed inside: this one begins here
            return self._set(mail, arrived)
        except Exception as error:  # noqa: BLE001 - whatever somebody wrote there, the mail leaves without a seal
            _LOG.warning("no ARC seal", kind=type(error).__name__)
            return b""

    def cleaned(self, mail: bytes) -> bytes:
        """Without ``Authentication-Results`` in our name: nobody before us can have written it (RFC 8601 section 5)."""
        forged = [found.span() for found in _RESULTS.finditer(mail, 0, header_end(mail)) if self._is_ours(found[1])]
        for start, end in reversed(forged):
            mail = mail[:start] + mail[end:]
        return mail

    def _is_ours(self, value: bytes) -> bool:
        while (plain := _COMMENT.sub(b" ", value)) != value:  # comments stand in comments
            value = plain
        whose = _WHOSE.match(value)
        return whose is not None and whose[1].decode("latin-1").lower() == self.name.lower()

    def _field(self, results: Sequence[str]) -> bytes:
        return ";\r\n\t".join([f"Authentication-Results: {self.name}", *results]).encode() + b"\r\n"

    def _set(self, mail: bytes, arrived: bytes) -> bytes:
        """By dkimpy, which reads what it is to seal from the field; others' fields of that name it need not read."""
        rest = _RESULTS.sub(b"", mail[: header_end(mail)]) + mail[header_end(mail) :]
        sealer = dkim.ARC(arrived + rest, minkey=2048)
        sealer.should_not_sign = sealer.should_not_sign - {b"dkim-signature"}  # a seal signs them (section 4.1.2)
        present = {name.lower() for name, _ in sealer.headers}
        signed = [name for name in _SIGNED if name in present]
        fields = sealer.sign(self.selector.encode(), self.domain.encode(), self.key, self.name.encode(), signed)
        return b"".join(fields)


class _Asking:
    """``dnsfunc`` for dkimpy: each name once, and no longer than ``_SECONDS`` for all of a mail."""

    def __init__(self, texts: Callable[[str], Sequence[str]]) -> None:
        self._texts = cache(texts)
        self._deadline = monotonic() + _SECONDS

    def __call__(self, name: bytes, timeout: int = 5) -> bytes | None:
        del timeout
        if monotonic() > self._deadline:
            raise _Unanswered
        try:
            found = self._texts(name.decode("ascii").rstrip("."))
        except NextHopUnavailable as error:
            raise _Unanswered from error
        return found[0].encode() if found else None


def _chain(mail: bytes, ask: _Asking) -> str | None:
    """``none``, ``pass`` or ``fail`` (section 5.2); None for one that has ended, and may not be gone on with."""
    try:
        status, _, _ = dkim.ARC(mail).verify(dnsfunc=ask)
    except _Unanswered:
        raise
    except Exception:  # noqa: BLE001 - rubbish is a chain that does not hold
        return "fail"
    return None if status is None else str(status.decode())


def _signatures(mail: bytes, ask: _Asking) -> Iterator[tuple[str, str]]:
    """What each of the first signatures came to, and whose it is (RFC 8601 section 2.7.1)."""
    for number in range(_MOST):
        verifier = dkim.DKIM(mail)
        if not any(name.lower() == b"dkim-signature" for name, _ in verifier.headers):
            return
        try:
            if not verifier.verify_headerprep(number):
                return
            good = "pass" if verifier.verify(number, dnsfunc=ask) else "fail"
        except _Unanswered:
            good = "temperror"
        except Exception:  # noqa: BLE001 - whatever somebody wrote there
            good = "permerror"
        yield good, _whose(verifier)


def _whose(verifier: dkim.DKIM) -> str:
    """``header.d`` and ``header.s``, where they are names: they were written by anybody."""
    fields = getattr(verifier, "signature_fields", None) or {}
    names = [(tag, fields.get(tag.encode(), b"").decode("latin-1")) for tag in ("d", "s")]
    return "".join(f" header.{tag}={name}" for tag, name in names if _NAME.fullmatch(name))
