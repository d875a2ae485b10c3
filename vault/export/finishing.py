"""Step three: everything decided, blacked out, proven, packed, signed and sealed to the receiver; then wiped.

Nothing leaves while anything is undecided. The order: decisions to the rows, documents, bag, an event that it is
packed, the sealed file, the row of what was handed over with the event that the case is finished (or, on the pages,
that it is sealed: there it is finished when somebody says that it was sent). After a crash anywhere it is done again
from the tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from domain.errors import VaultUnavailable
from domain.ports import Classifiers
from vault import audit
from vault.acting import Acting
from vault.export import bag, cases, custody
from vault.export.cases import CaseError
from vault.export.documents import Collected
from vault.export.folder import WorkFolder
from vault.export.outgoing import Receiver, Sealed, seal
from vault.export.page import Letter, Service, for_person
from vault.export.releasing import Released, release
from vault.export.review import Verdict, judged
from vault.export.signing import SigningKeys
from vault.models import AccessDecision, AccessRequest, Asker, AuditEvent, BundleKind, Choice, HandedOver
from vault.rows import writing

_BAG = "bag"
_LONGEST_LIST = 5
Proofs = Callable[[Sequence[AuditEvent]], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Finishing:
    """What packing needs beside the case. ``proofs`` gives inclusion proofs of events as tag files, by path."""

    service: Service
    keys: SigningKeys
    readers: Classifiers
    proofs: Proofs = lambda _: {}


def undecided(verdicts: Sequence[Verdict]) -> list[str]:
    """What is still missing, a sentence each."""
    return [f"{v.document.id}: {missing}" for v in verdicts for missing in v.missing]


def decide(case: AccessRequest, verdicts: Sequence[Verdict], acting: Acting) -> None:
    """Write the decisions to the rows; each that is new or changed is an audit event. Raises ``CaseError``."""
    _nothing_missing(verdicts)
    with writing(VaultUnavailable):
        before = {d.document: d for d in AccessDecision.objects.filter(request=case)}
        for verdict in verdicts:
            values = _row(verdict)
            old = before.get(verdict.document.id)
            if old is not None and all(getattr(old, name) == value for name, value in values.items()):
                continue
            AccessDecision.objects.update_or_create(
                request=case,
                document=verdict.document.id,
                defaults=values | {"reviewer": acting.actor, "decided_at": acting.now},
            )
            said = {k: values[k] for k in ("choice", "exemptions", "passages", "part")}
            where = str(values["record"])
            audit.append([acting.event("access-decided", where, case=case.code, document=verdict.document.id, **said)])


def finish(
    case: AccessRequest, folder: WorkFolder, receiver: Receiver, out: Path, work: Finishing, acting: Acting,
    day: date, *, closed_is_known: bool = False, ends: bool = True,
) -> Sealed:  # fmt: skip
    """The sealed bundle at ``out``. ``CaseError`` while anything is undecided or nobody has shown who asks.

    ``ends``: it is handed over on ``day``, and the case with it; else it ends once somebody says that it was sent.
    ``ProofFailed`` and ``NotSealed`` besides.
    """
    if out.exists():
        raise CaseError(f"The file {out} is there already; name another folder with --out.")
    cases.must_know_who_asks(case)
    collected = Collected(folder)
    closed = [record for record, outcome in collected.done.items() if outcome]
    if closed and not closed_is_known:
        raise CaseError(
            f"{len(closed)} records could not be opened, or not wholly, with the keys given. Collect again with all "
            "keys; if they are gone for good, say so with --closed-is-known, and the person is told."
        )
    verdicts = judged(folder, collected)
    decide(case, verdicts, acting)
    payload = bag.fresh(folder.inside(_BAG, case.code))
    letter = _letter(case, day, len(closed))
    released = _written(payload, letter, verdicts, collected, work.service, work.readers)
    counts = _counts(verdicts)
    with writing(VaultUnavailable):
        audit.append([acting.event("access-packed", case=case.code, receiver=receiver.name, **counts)])
    _pack(case, payload, released, work, acting)
    sealed = seal(payload, receiver, out)
    try:
        with writing(VaultUnavailable):
            _hand_over(case, verdicts, sealed, receiver, acting)
            if ends:
                cases.finish(case, day, "sent", acting, sha256=sealed.sha256, **counts)
            else:
                audit.append([acting.event("access-sealed", case=case.code, sha256=sealed.sha256, **counts)])
    except BaseException:
        sealed.path.unlink(missing_ok=True)  # nothing is out that no row says
        raise
    return sealed


def preview(
    case: AccessRequest, folder: WorkFolder, service: Service, readers: Classifiers, day: date
) -> tuple[Path, list[Released]]:
    """The page, with the documents as they would be given, in the working folder. Nothing is recorded."""
    collected = Collected(folder)
    verdicts = judged(folder, collected)
    _nothing_missing(verdicts)
    payload = bag.fresh(folder.inside("preview"))
    closed = sum(bool(outcome) for outcome in collected.done.values())
    letter = _letter(case, day, closed)
    return payload / "index.html", _written(payload, letter, verdicts, collected, service, readers)


def _written(
    payload: Path,
    letter: Letter,
    verdicts: Sequence[Verdict],
    collected: Collected,
    service: Service,
    readers: Classifiers,
) -> list[Released]:
    released = list(release(verdicts, collected, payload, readers))
    (payload / "index.html").write_bytes(for_person(service, letter, [r.entry for r in released]))
    return released


def _letter(case: AccessRequest, day: date, closed: int) -> Letter:
    return Letter(case.code, case.received, day, case.scope, closed, by_others=case.asker != Asker.PERSON)


def _nothing_missing(verdicts: Sequence[Verdict]) -> None:
    missing = undecided(verdicts)
    if missing:
        more = f"\n  and {len(missing) - _LONGEST_LIST} more" if len(missing) > _LONGEST_LIST else ""
        raise CaseError("Not everything is decided:\n  " + "\n  ".join(missing[:_LONGEST_LIST]) + more)


def _row(verdict: Verdict) -> dict[str, object]:
    first = verdict.document.first
    grounds = [g.code for g in verdict.all_grounds]
    return {
        "record": first.record,
        "part": first.part[:100],
        "choice": verdict.choice.value if verdict.choice else "",
        "exemptions": grounds,
        "grounded": bool(grounds),
        "passages": len(verdict.passages),
    }


def _pack(case: AccessRequest, payload: Path, released: Sequence[Released], work: Finishing, acting: Acting) -> None:
    events = custody.events_of(case.code, "access")
    log = custody.steps(events, counted=False)
    proven = {r.entry.file: r.proven for r in released if r.proven}
    tags = {
        "custody.json": custody.as_json(log),
        "custody.txt": custody.as_text(log, f"Who had the contents of {case.code} in their hands"),
        "redaction-proofs.json": json.dumps(proven, indent=1).encode() + b"\n",
        **{f"proofs/{name}": content for name, content in work.proofs(events).items()},
    }
    about = bag.About(work.service, case.code, "Answer to a subject access request (UK GDPR Art. 15)", acting.now)
    bag.make(payload, about, tags, work.keys)


def _hand_over(
    case: AccessRequest, verdicts: Sequence[Verdict], sealed: Sealed, receiver: Receiver, acting: Acting
) -> None:
    given = [v for v in verdicts if v.choice in {Choice.RELEASE, Choice.REDACT}]
    HandedOver.objects.create(
        kind=BundleKind.ACCESS,
        request=case,
        reference=case.code,
        purpose="subject access request",
        authority="UK GDPR Art. 15",
        receiver=receiver.name,
        records=sorted({v.document.first.record for v in given}),
        sha256=sealed.sha256,
        size=sealed.size,
        made_at=acting.now,
        made_by=acting.actor,
    )


def _counts(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {str(c.value): sum(v.choice is c for v in verdicts) for c in Choice}
