"""Protects one mail for each key, and lets every program open it: the tables of docs/interoperability.md."""

from __future__ import annotations

import email
import email.policy
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.model import Address, Envelope
from domain.ports import Protector
from gateway.clock import SystemClock
from gateway.protect.inspection import FoundKey, inspect
from gateway.protect.openpgp import OpenPGP
from gateway.protect.smime import SMIME
from tests.interop.openpgp import ADDRESS, CannotOpen, Engine, Gnupg, Made, Peer, Rnp, Sequoia
from tests.interop.smime import ByTheLetter, Gpgsm, Library, Nss, OpenSsl, Reader, certificates
from tests.support import protect_specimens as s
from tests.support.openpgp_samples import SAMPLES, public, secret

BODY = b"The plan, with an \xc3\xbc.\r\n"
YES, READS, NO = "yes", "opens", "no"
"""Opened with a good signature; opened where the program does not verify; not opened."""


@dataclass(frozen=True)
class Row:
    """One key: what each reader made of a mail protected for it. ``refused`` is our own gate's word."""

    sort: str
    maker: str
    results: dict[str, str] = field(default_factory=dict)
    refused: str = ""


@contextmanager
def openpgp_peers() -> Iterator[list[Peer]]:
    """The four, with the service's certificate in their keyrings."""
    service = s.service_pgp()[1]
    with tempfile.TemporaryDirectory(prefix="interop") as made, Gnupg.started(service) as gnupg:
        folder = Path(made)
        yield [gnupg, Sequoia(folder, service), Rnp(folder, service), Engine(service)]


def openpgp_rows(peers: Sequence[Peer]) -> Iterator[Row]:
    """Each program's keys, and those of public suites, each opened by each program."""
    protector = OpenPGP(s.service_pgp()[0])
    for maker in peers:
        for key in maker.make():
            yield _row(key, protector, peers, armoured=True)
    for name, (sort, source) in SAMPLES.items():
        yield _row(Made(sort, source, secret(name), public(name)), protector, peers, armoured=True)


def smime_readers() -> list[Reader]:
    """Those who open S/MIME."""
    authority = s.authority()[1]
    return [OpenSsl(authority), Gpgsm(authority), Nss(authority), Library(), ByTheLetter(authority)]


def smime_rows(readers: Sequence[Reader]) -> Iterator[Row]:
    """Each sort of certificate, opened by each reader."""
    protector = SMIME(s.service_smime()[1], s.service_smime()[0])
    for key in certificates():
        yield _row(key, protector, readers, armoured=False)


def _row(key: Made, protector: Protector, readers: Sequence[Any], *, armoured: bool) -> Row:
    found, now = inspect(key.certificate)[0], SystemClock().now()
    verdict = protector.examine(found.stored, now)
    if not verdict.usable:
        return Row(key.sort, key.maker, refused=verdict.reason)
    mail = _protected(protector, found, now)
    content = armour(mail) if armoured else mail
    return Row(key.sort, key.maker, {r.name: _tried(r, key, content) for r in readers})


def _protected(protector: Protector, found: FoundKey, now: datetime) -> bytes:
    to = Address.of(found.addresses[0] if found.addresses else ADDRESS)
    message = s.message(s.TEXT + BODY)
    return protector.protect(message, Envelope(s.OFFICER, (to,), now), to, [found.stored], s.SUBJECT, now).content


def armour(mail: bytes) -> bytes:
    """The encrypted part, as a mail program takes it out of the MIME structure."""
    _, data = email.message_from_bytes(mail, policy=email.policy.default).iter_parts()  # type: ignore[attr-defined]
    return bytes(data.get_content())


def _tried(reader: Any, key: Made, content: bytes) -> str:
    try:
        opened = reader.open(key, content)
    except CannotOpen:
        return NO
    if BODY not in opened.content:
        return "changed"
    return YES if opened.signed else READS


def table(rows: Sequence[Row], readers: Sequence[Any]) -> str:
    """Markdown."""
    names = [f"{r.name} {r.version()}".strip() for r in readers]
    lines = ["| key | made by | " + " | ".join(names) + " |", "|---" * (2 + len(names)) + "|"]
    for row in rows:
        results = [f"not used: {row.refused}"] * len(names) if row.refused else [row.results[r.name] for r in readers]
        lines.append(f"| {row.sort} | {row.maker} | " + " | ".join(results) + " |")
    return "\n".join(lines) + "\n"
