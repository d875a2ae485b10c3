"""Bundles for professionals: an incident's records with who saw what and why it was decided so; a person's file for an
inspector. Nothing is redacted in them, so purpose and authority are recorded before anything is opened.

Each record is a folder: the mail as it came, its parts, the manifest. The page lists them with digests, decisions, and
a timeline of the audit trail.
"""  # noqa: D205 - one sentence that needs two lines

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import VaultUnavailable
from vault import audit
from vault.acting import Acting
from vault.export import bag, custody
from vault.export.cases import CaseError
from vault.export.collecting import Progress, Tools, silently, words_of
from vault.export.finishing import Proofs
from vault.export.folder import wipe
from vault.export.outgoing import Receiver, Sealed, seal
from vault.export.page import Service
from vault.export.readable import as_pdf
from vault.export.signing import SigningKeys
from vault.export.whole_page import Opened, Order, page_of
from vault.manifest import MAIL
from vault.models import HandedOver, IncidentRecord, RecordState, VaultRecord
from vault.rows import reading, writing
from vault.unseal import CannotOpen

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Packing:
    """What packing needs. ``work`` is a folder for the bag, wiped at the end."""

    service: Service
    keys: SigningKeys
    tools: Tools
    work: Path
    proofs: Proofs = lambda _: {}


def records_of(person: str) -> tuple[str, ...]:
    """Every record that is filed under the person, oldest first."""
    with reading(VaultUnavailable):
        kept = VaultRecord.objects.exclude(state=RecordState.DISPOSED).filter(subjects__person=person)
        return tuple(kept.order_by("id").values_list("id", flat=True))


def records_of_incident(reference: str) -> tuple[str, ...]:
    """Every record that belongs to the incident and has not gone, oldest first."""
    with reading(VaultUnavailable):
        belonging = IncidentRecord.objects.filter(incident=reference).exclude(record__state=RecordState.DISPOSED)
        return tuple(belonging.order_by("record").values_list("record", flat=True))


def export(
    order: Order, packing: Packing, receiver: Receiver, out: Path, acting: Acting, told: Progress = silently
) -> Sealed:
    """The sealed bundle. Raises ``CaseError`` for an order that cannot be, ``SealBroken``, ``NotSealed``."""
    _check(order)
    payload = bag.fresh(packing.work / _safe(order.reference))
    try:
        opened = list(_open_all(order, packing, payload, acting, told))
        _note_packed(order, receiver, opened, acting)
        (payload / "index.html").write_bytes(page_of(order, packing.service, opened, acting))
        _make_bag(order, packing, payload, acting)
        sealed = seal(payload, receiver, out)
    finally:
        wipe(payload)
    try:
        _hand_over(order, sealed, receiver, acting)
    except BaseException:
        sealed.path.unlink(missing_ok=True)  # nothing is out that no row says
        raise
    return sealed


def _check(order: Order) -> None:
    if not (order.purpose.strip() and order.authority.strip() and order.reference.strip()):
        raise CaseError("A reference, a purpose and an authority are needed: they are recorded with the bundle.")
    if not order.records:
        raise CaseError("There is no record to put into the bundle.")
    with reading(VaultUnavailable):
        known = set(VaultRecord.objects.filter(id__in=order.records).values_list("id", flat=True))
    unknown = [record for record in order.records if record not in known]
    if unknown:
        raise CaseError(f"There is no record {unknown[0]} in the vault.")


def _open_all(order: Order, packing: Packing, payload: Path, acting: Acting, told: Progress) -> Iterator[Opened]:
    """Each record into a folder of its own; on the trail before it is opened."""
    for number, record in enumerate(order.records, 1):
        details = {"case": order.reference, "kind": order.kind.value, "authority": order.authority}
        with writing(VaultUnavailable):
            audit.append([acting.event("export-opened", record, **details)])
        with reading(VaultUnavailable):
            row = VaultRecord.objects.get(pk=record)
        yield _open(row, packing.tools, payload / "records" / record)
        told(number, number)


def _open(row: VaultRecord, tools: Tools, folder: Path) -> Opened:
    folder.mkdir(parents=True)
    try:
        bundle = tools.opener.bundle(row)
    except CannotOpen:
        return Opened(row, {}, (), len(row.objects_filed.all()))
    files, closed = [], 0
    for name, content in bundle.files.items():
        files.append(_write(folder / name, content))
    for opened in tools.opener.files(row, bundle):
        if opened.content is None:
            closed += 1
        else:
            name = opened.name if "." in opened.name else f"{opened.name}.txt"  # a web page, too: it is not to run
            files.append(_write(folder / name, opened.content))
    if (folder / MAIL).exists():
        files.insert(0, _readable(bundle.manifest, (folder / MAIL).read_bytes(), tools, folder))
    return Opened(row, bundle.manifest, tuple(files), closed)


def _readable(said: Mapping[str, Any], mail: bytes, tools: Tools, folder: Path) -> tuple[str, str]:
    """The mail once more, for who has no mail program at hand."""
    pages = words_of(tools.parse(mail), tools.readers)
    sender, to = said["author"] or said["sender"], said["recipients"]
    return _write(folder / "mail.pdf", as_pdf(sender, to, said["received_at"], said["subject"], pages))


def _write(path: Path, content: bytes) -> tuple[str, str]:
    path.write_bytes(content)
    return path.name, hashlib.sha256(content).hexdigest()


def _note_packed(order: Order, receiver: Receiver, opened: Sequence[Opened], acting: Acting) -> None:
    with writing(VaultUnavailable):
        said = {"case": order.reference, "kind": order.kind.value, "records": len(opened), "receiver": receiver.name}
        audit.append([audit.Event(acting.now, acting.actor, "export-packed", "", acting.why, said)])


def _make_bag(order: Order, packing: Packing, payload: Path, acting: Acting) -> None:
    events = custody.events_of(order.reference, "export")
    log = custody.steps(events)
    tags = {
        "custody.json": custody.as_json(log),
        "custody.txt": custody.as_text(log, f"Who had the contents of {order.reference} in their hands"),
        **{f"proofs/{name}": content for name, content in packing.proofs(events).items()},
    }
    bag.make(payload, bag.About(packing.service, order.reference, order.title, acting.now), tags, packing.keys)


def _hand_over(order: Order, sealed: Sealed, receiver: Receiver, acting: Acting) -> None:
    with writing(VaultUnavailable):
        HandedOver.objects.create(
            kind=order.kind,
            reference=order.reference,
            purpose=order.purpose,
            authority=order.authority,
            receiver=receiver.name,
            records=list(order.records),
            sha256=sealed.sha256,
            size=sealed.size,
            made_at=acting.now,
            made_by=acting.actor,
        )
        said = {"case": order.reference, "sha256": sealed.sha256, "receiver": receiver.name}
        audit.append([audit.Event(acting.now, acting.actor, "export-sealed", "", acting.why, said)])


def _safe(reference: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in reference).strip("-") or "bundle"
