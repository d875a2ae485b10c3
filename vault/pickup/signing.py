"""A signature on a document that waits: PAdES (ETSI EN 319 142-1) by the service's certificate, with evidence in it.

The service signs that somebody, known to it by a code, said so; it is no qualified signature of theirs. The PDF is made
ready behind walls (``preparing.py``); the key never goes there. Failure: :class:`NotSigned`, and nothing is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from asn1crypto import cms
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from domain.errors import ConfigurationError, SallyportError
from domain.model import Category
from vault.pickup.copy import Document
from vault.pickup.preparing import LENGTH, ROOM
from vault.walls import ENVIRONMENT, within_walls

_SECONDS = 60
_CODE = ("vault/__init__.py", "vault/pickup/__init__.py", "vault/pickup/preparing.py")
SIGNED = frozenset({Category.PERMISSION_FORM.value, Category.PLACEMENT_AGREEMENT.value})
"""What is offered to be signed."""


def signable(document: Document) -> bool:
    """Whether it is offered: a form or an agreement, as PDF."""
    return document.kind == "application/pdf" and bool(SIGNED & set(document.categories))


class NotSigned(SallyportError):
    """The document cannot be signed here."""

    public = "This document cannot be signed here."


@dataclass(frozen=True, slots=True)
class Signature:
    """What somebody gave as theirs. ``strokes`` are lines of points in pixels; ``evidence`` stands on the last page."""

    name: str = field(repr=False)
    strokes: Sequence[Sequence[tuple[int, int]]] = field(repr=False)
    reason: str
    evidence: tuple[str, ...] = field(repr=False)
    at: datetime


class Signer:
    """Signs with the service's key and certificate (PEM files). Raises ``ConfigurationError`` for what are none."""

    def __init__(self, key: Path, certificate: Path) -> None:
        signer = SimpleSigner.load(str(key), str(certificate))  # type: ignore[no-untyped-call]
        if signer is None:
            public = f"The files {key} and {certificate} are no key and certificate to sign documents with."
            raise ConfigurationError("signing key", public=public)
        self._signer = signer

    def sign(self, content: bytes, signature: Signature) -> bytes:
        """The PDF with one page more, signed. Raises :class:`NotSigned`."""
        pdf, start, end = _prepared(content, signature)
        digest = hashlib.sha256(pdf[:start] + pdf[end:]).digest()
        made: cms.ContentInfo = asyncio.run(
            self._signer.async_sign(
                digest,
                "sha256",
                use_pades=True,
                signed_attr_settings=PdfCMSSignedAttributes(signing_time=signature.at),
            )
        )
        digits: bytes = made.dump().hex().encode()
        room = end - start - 2
        if len(digits) > room:
            raise NotSigned("the signature is larger than its room")
        return pdf[:start] + b"<" + digits.ljust(room, b"0") + b">" + pdf[end:]


def _prepared(content: bytes, signature: Signature) -> tuple[bytes, int, int]:
    told = {
        "lines": list(signature.evidence),
        "strokes": [[list(point) for point in stroke] for stroke in signature.strokes],
        "name": signature.name,
        "reason": signature.reason,
    }
    asked = json.dumps(told).encode()
    try:
        out = subprocess.run(  # noqa: S603 - our own program
            within_walls("vault.pickup.preparing", *_CODE),
            input=LENGTH.pack(len(asked)) + asked + content,
            capture_output=True, timeout=_SECONDS, env=ENVIRONMENT, check=True,
        ).stdout  # fmt: skip
        (length,) = LENGTH.unpack(out[: LENGTH.size])
        said = json.loads(out[LENGTH.size : LENGTH.size + length])
        pdf, start, end = out[LENGTH.size + length :], int(said["start"]), int(said["end"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise NotSigned("preparing", error=type(error).__name__) from error
    if not 0 < start < end < len(pdf) or pdf[start:end].strip(b"<0>") or end - start < ROOM // 2:
        raise NotSigned("no room for a signature")
    return pdf, start, end
