"""What a reviewer needs to settle a held mail: the mail itself, what was read in it, and why it was held.

One tar archive as the vault's bundles are (``vault/manifest.py``), with a manifest of its own. It holds words, names
and addresses, so it is written inside a seal alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from domain.decision import Decision
from domain.model import Address, Envelope, Evidence, PageText, Place
from domain.policy import Facts
from domain.reports import Asked, Notify, Reports
from vault import manifest, records

FORMAT = "sallyport-held-1"


@dataclass(frozen=True, slots=True)
class Found:
    """One kind of document that was found in one part, with the words that made it so."""

    part: str
    category: str
    likelihood: float
    evidence: tuple[Evidence, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Named:
    """One place that points at people of the register (references), or at nobody: an unknown number."""

    people: tuple[str, ...]
    by: str
    evidence: Evidence = field(repr=False)


@dataclass(frozen=True, slots=True)
class Copy:
    """A held mail, opened. ``texts`` are what was read, page by page; ``unread`` what was not: part and reason."""

    record: str
    envelope: Envelope
    subject: str = field(repr=False)
    message_id: str
    decisions: tuple[Decision, ...]
    texts: tuple[PageText, ...] = field(repr=False)
    found: tuple[Found, ...]
    named: tuple[Named, ...]
    files: tuple[tuple[str, str, str], ...] = field(repr=False)
    """Of each attachment: path, file name, type."""
    unread: tuple[tuple[str, str], ...]
    raw: bytes = field(repr=False)


def pack(record: str, envelope: Envelope, facts: Facts, decisions: Sequence[Decision], now: datetime) -> bytes:
    """The archive, not yet sealed."""
    message, analysis = facts.message, facts.analysis
    described: dict[str, Any] = {
        "format": FORMAT,
        "record": record,
        "kept_at": now.isoformat(),
        "envelope": _envelope(envelope),
        "subject": message.subject,
        "message_id": message.message_id,
        "decisions": [records.dump(d, words=True) for d in decisions],
        "texts": [asdict(page) for page in analysis.texts],
        "found": [
            {
                "part": f.part,
                "category": f.category,
                "likelihood": f.likelihood,
                "evidence": [asdict(e) for e in f.evidence],
            }
            for f in analysis.findings
        ],
        "named": [
            {"people": sorted(m.people), "by": m.by, "evidence": asdict(m.evidence)} for m in facts.subjects.mentions
        ],
        "files": [[p.path, p.filename, p.declared_type] for p in message.parts if p.place is Place.ATTACHMENT],
        "unread": [[u.part, u.reason] for u in dict.fromkeys((*message.unreadable, *analysis.unreadable))],
    }
    text = json.dumps(described, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return manifest.pack(text, now, message.raw)


def unpack(archive: bytes) -> Copy:
    """What :func:`pack` wrote. Raises ``ValueError`` for what another version may have written."""
    files = manifest.unpack(archive)
    try:
        told = json.loads(files[manifest.MANIFEST])
        if told["format"] != FORMAT:
            raise ValueError("a held copy of another version")
        return Copy(
            record=told["record"],
            envelope=_read_envelope(told["envelope"]),
            subject=told["subject"],
            message_id=told["message_id"],
            decisions=tuple(records.load(d) for d in told["decisions"]),
            texts=tuple(PageText(**{**page, "place": Place(page["place"])}) for page in told["texts"]),
            found=tuple(
                Found(f["part"], f["category"], f["likelihood"], tuple(map(_evidence, f["evidence"])))
                for f in told["found"]
            ),
            named=tuple(Named(tuple(m["people"]), m["by"], _evidence(m["evidence"])) for m in told["named"]),
            files=tuple((path, name, kind) for path, name, kind in told["files"]),
            unread=tuple((part, reason) for part, reason in told["unread"]),
            raw=files[manifest.MAIL],
        )
    except (KeyError, TypeError) as error:
        raise ValueError("a held copy of another version") from error


def _envelope(envelope: Envelope) -> dict[str, Any]:
    return {
        "sender": envelope.sender.text,
        "recipients": [r.text for r in envelope.recipients],
        "received_at": envelope.received_at.isoformat(),
        "peer": envelope.peer,
        "helo": envelope.helo,
        "protocol": envelope.protocol,
        "options": list(envelope.options),
        "reports": {
            "ret": envelope.reports.ret,
            "envid": envelope.reports.envid,
            "asked": [[a.key, sorted(a.notify), a.original] for a in envelope.reports.asked],
        },
    }


def _read_envelope(told: dict[str, Any]) -> Envelope:
    return Envelope(
        Address.of(told["sender"]),
        tuple(Address.of(r) for r in told["recipients"]),
        datetime.fromisoformat(told["received_at"]),
        told["peer"],
        told["helo"],
        told["protocol"],
        tuple(told["options"]),
        _read_reports(told.get("reports", {})),  # copies of the first weeks have none
    )


def _read_reports(told: dict[str, Any]) -> Reports:
    asked = (Asked(key, frozenset(map(Notify, notify)), original) for key, notify, original in told.get("asked", ()))
    return Reports(told.get("ret", ""), told.get("envid", ""), tuple(asked))


def _evidence(told: dict[str, Any]) -> Evidence:
    return Evidence(**{**told, "place": Place(told["place"])})
