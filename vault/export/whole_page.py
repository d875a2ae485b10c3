"""The page of a bundle of whole records, for professionals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import VaultUnavailable
from domain.here import HERE
from vault.acting import Acting
from vault.export.page import Service, for_professionals, paragraphs, table
from vault.models import AuditEvent, BundleKind, Incident, VaultRecord
from vault.rows import reading

_BREACH = (
    ("Nature of the breach", "what happened, when it was found, by whom"),
    ("Kinds and number of people", "see the list of records: people are the service's references"),
    ("Kinds and number of records", ""),
    ("Contact", ""),
    ("Likely consequences", "to be written by the Data Protection Team"),
    ("Measures taken or proposed", "to be written by the Data Protection Team"),
    ("Aware since", "the 72 hours of UK GDPR Art. 33(1) count from then"),
    ("If it is not reported: why not", "kept in the register of breaches (Art. 33(5))"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. ``reference`` is the incident's or the inspection's; purpose and authority in words."""

    kind: BundleKind
    reference: str
    purpose: str
    authority: str
    records: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A record as it was opened: its manifest, files with digests, and how many stayed closed."""

    row: VaultRecord
    said: Mapping[str, Any]
    files: tuple[tuple[str, str], ...]
    closed: int


def page_of(order: Order, service: Service, opened: Sequence[Opened], acting: Acting) -> bytes:
    """What it is, the records and their files, decisions, the timeline; for an incident what the ICO asks."""
    facts = [
        ("Reference", order.reference),
        ("Purpose", order.purpose),
        ("Authority", order.authority),
        ("Made", f"{_when(acting.now)}, by {acting.actor}"),
        ("From", f"{service.name}, {service.address} {service.phone}".strip()),
        ("Records", str(len(opened))),
        ("People whom they are about", str(len({p for o in opened for p in o.said.get("people", ())}))),
    ]
    tables = [
        table("Records", ("filed", "from", "to", "subject", "record"), map(_record_line, opened)),
        table("Files", ("file", "SHA-256"), _file_lines(opened), files=0),
        table("What was decided, and why", ("record", "recipient", "action", "rule", "because"), _decisions(opened)),
        table("Who did what", ("when", "who", "what", "record", "why"), _timeline(order)),
    ]
    closed = [o for o in opened if o.closed]
    if closed:
        said = [f"{o.row.pk}: {o.closed} files (no key given opens them, or a key was destroyed)" for o in closed]
        tables.append(paragraphs("What could not be opened", said))
    after = _breach_fields(order, opened, service) if order.kind is BundleKind.INCIDENT else ""
    return for_professionals(order.title, facts, tables, after)


def _breach_fields(order: Order, opened: Sequence[Opened], service: Service) -> str:
    """What the Information Commissioner asks about a breach: as it was written, else as far as the records say it."""
    people = len({p for o in opened for p in o.said.get("people", ())})
    classes = sorted({c for o in opened for c in o.row.classes})
    many = "1 record" if len(opened) == 1 else f"{len(opened)} records"
    known = {
        "Kinds and number of people": f"{people} people supported by the service, as far as the records say",
        "Kinds and number of records": f"{many}: {', '.join(classes)}",
        "Contact": f"{service.address} {service.phone}".strip(),
    }
    known |= _written(order.reference)
    rows = [(name, known.get(name, hint)) for name, hint in _BREACH]
    return table("For a report to the ICO (UK GDPR Art. 33)", ("asked", "known, or still to be written"), rows)


def _written(reference: str) -> dict[str, str]:
    """What people wrote about the incident of this reference, where there is one."""
    with reading(VaultUnavailable):
        row = Incident.objects.filter(reference=reference).first()
    if row is None:
        return {}
    said = {
        "Nature of the breach": row.nature,
        "Kinds and number of people": _of_a_kind(row.people_number, row.people_kinds),
        "Kinds and number of records": _of_a_kind(row.record_number, row.record_kinds),
        "Contact": row.contact,
        "Likely consequences": row.consequences,
        "Measures taken or proposed": row.measures,
        "Aware since": _when(row.aware_at),
        "If it is not reported: why not": row.not_reported_because,
    }
    return {name: text for name, text in said.items() if text}


def _of_a_kind(number: int | None, kinds: str) -> str:
    return " ".join(text for text in ("" if number is None else str(number), kinds) if text)


def _record_line(opened: Opened) -> tuple[str, ...]:
    said = opened.said
    to = ", ".join(said.get("recipients", ()))
    return _when(opened.row.filed_at), opened.row.sender, to, said.get("subject", "(closed)"), opened.row.pk


def _file_lines(opened: Sequence[Opened]) -> Iterator[tuple[str, str]]:
    for each in opened:
        for name, digest in each.files:
            yield f"records/{each.row.pk}/{name}", digest


def _decisions(opened: Sequence[Opened]) -> Iterator[tuple[str, ...]]:
    for each in opened:
        for decision in each.said.get("decisions", each.row.decisions):
            first = decision["reasons"][0]
            yield each.row.pk, decision["recipient"], decision["action"], first["rule"], first["why"]


def _timeline(order: Order) -> Iterator[tuple[str, ...]]:
    """Every event of these records, whoever caused it."""
    with reading(VaultUnavailable):
        for event in AuditEvent.objects.filter(record__in=order.records).order_by("sequence").iterator():
            yield _when(event.at), event.actor, event.action, event.record, event.why


def _when(at: datetime) -> str:
    return f"{at.astimezone(HERE):%d %B %Y %H:%M}"
