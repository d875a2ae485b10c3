"""The rows of a filed mail, and decisions as JSON in them, without words (they stay inside the seals)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.decision import Action, Basis, Decision, Method, Obligation, Reason
from domain.model import Address, Category, Evidence, Place
from domain.ports import Filing
from domain.retention import CORRESPONDENCE
from vault import audit, sql
from vault.models import ObjectKind, VaultObject, VaultRecord, VaultSubject
from vault.search import index
from vault.search.document import Indexed, decided
from vault.search.tokens import Keyed


@dataclass(frozen=True)
class NewRecord:
    """A :class:`VaultRecord` to be. Made by hand: an instance of a model costs more than its row does."""

    id: str
    digest: str
    sender: str
    plan: str
    received_at: datetime
    filed_at: datetime
    classes: list[str]
    retain_until: datetime
    decisions: list[dict[str, Any]]


@dataclass(frozen=True)
class NewObject:
    """A :class:`VaultObject` to be."""

    record_id: str
    number: int
    kind: ObjectKind
    part: str
    key: str
    version: str
    people: list[str]
    sealed_size: int
    sealed_sha256: str
    plain_size: int
    locked_until: datetime


def dump(decision: Decision, *, words: bool = False) -> dict[str, Any]:
    """JSON of a decision. Without ``words`` the evidence says where, not what; file names are cut off its places."""
    return {
        "recipient": decision.recipient.text,
        "action": decision.action.name,
        "method": decision.method.value if decision.method else None,
        "obligations": sorted(decision.obligations),
        "reasons": [_dump_reason(r, words=words) for r in decision.reasons],
    }


def load(data: Mapping[str, Any]) -> Decision:
    """The decision that :func:`dump` wrote; its evidence has no words unless they were kept."""
    return Decision(
        recipient=Address.of(data["recipient"]),
        action=Action[data["action"]],
        method=Method(data["method"]) if data["method"] else None,
        obligations=frozenset(Obligation(o) for o in data["obligations"]),
        reasons=tuple(_load_reason(r) for r in data["reasons"]),
    )


def _dump_reason(reason: Reason, *, words: bool) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "action": reason.action.name,
        "why": reason.why,
        "fix": reason.fix,
        "person": reason.person,
        "category": reason.category,
        "basis": reason.basis,
        "obligations": sorted(reason.obligations),
        "evidence": [_dump_evidence(e if words else _without_words(e)) for e in reason.evidence],
        **({"instead": reason.instead} if reason.instead else {}),
    }


def _load_reason(data: Mapping[str, Any]) -> Reason:
    return Reason(
        rule=data["rule"],
        action=Action[data["action"]],
        why=data["why"],
        fix=data["fix"],
        person=data["person"],
        category=Category(data["category"]) if data["category"] else None,
        basis=Basis(data["basis"]) if data["basis"] else None,
        obligations=frozenset(Obligation(o) for o in data.get("obligations", ())),
        evidence=tuple(Evidence(**{**e, "place": Place(e["place"])}) for e in data["evidence"]),
        instead=data.get("instead", ""),
    )


def _dump_evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "part": evidence.part,
        "place": evidence.place,
        "rule": evidence.rule,
        "text": evidence.text,
        "page": evidence.page,
        "start": evidence.start,
        "end": evidence.end,
        **({"pictured": True} if evidence.pictured else {}),
    }


def _without_words(evidence: Evidence) -> Evidence:
    return replace(evidence, part=without_names(evidence.part), text="")


def without_names(path: str) -> str:
    """A part's path without the names of files inside containers, which may be people's."""
    return path.partition("/")[0].partition("#")[0]


def classes_of(categories: Iterable[Category]) -> list[str]:
    """The record classes (``retention.toml``)."""
    return sorted(c.value for c in categories) or [CORRESPONDENCE]


def plan_of(filing: Filing) -> str:
    """A digest of what is to be sealed to whom. The same understanding of the same mail gives the same plan."""
    parts = [[p.part.path, sorted(p.people), sorted(p.categories)] for p in filing.parts]
    plan = [parts, sorted(filing.people), sorted(filing.categories)]
    return hashlib.sha256(json.dumps(plan).encode()).hexdigest()


def find(filing: Filing, plan: str) -> VaultRecord | None:
    """The record of an earlier try, if it came to an end. One whose destruction has begun is none."""
    sender = filing.envelope.sender.key
    text = "SELECT id FROM vault_vaultrecord WHERE digest = %s AND sender = %s AND plan = %s AND state = 'filed'"
    found = sql.select(text, [filing.digest, sender, plan])
    return VaultRecord.objects.get(id=found[0][0]) if found else None


def add_decisions(record: VaultRecord, decisions: Sequence[Decision], keyed: Keyed | None = None) -> None:
    """A retry may have decided anew for some recipients; the newest counts, the audit trail has them all."""
    merged = {Address.of(d["recipient"]).key: d for d in record.decisions}
    merged |= {d.recipient.key: dump(d) for d in decisions}
    if list(merged.values()) != record.decisions:
        record.decisions = list(merged.values())
        record.save(update_fields=["decisions"])
        if keyed:
            actions = decided(load(d) for d in record.decisions)
            index.decide(record.id, keyed, actions, merged)  # a sender may give each recipient the mail by itself


def write(
    record: NewRecord,
    people: Iterable[str],
    objects: Sequence[NewObject],
    by: tuple[str, str],
    now: datetime,
    indexed: Indexed | None = None,
) -> None:
    """The record, its people, its objects, its index row and the audit event; within the caller's transaction.

    ``by``: who files it, and why.
    """
    sql.insert(VaultRecord, [vars(record)])
    sql.insert(VaultSubject, [{"record_id": record.id, "person": p} for p in sorted(people)])
    sql.insert(VaultObject, [vars(o) for o in objects])
    index.add(record.id, indexed)
    details = {"objects": len(objects), "classes": record.classes, "digest": record.digest}
    audit.append([audit.Event(now, by[0], "filed", record.id, by[1], details)])


def new_record(filing: Filing, ident: str, plan: str, retain_until: datetime, now: datetime) -> NewRecord:
    """The row, not yet written."""
    return NewRecord(
        id=ident,
        digest=filing.digest,
        sender=filing.envelope.sender.key,
        plan=plan,
        received_at=filing.envelope.received_at,
        filed_at=now,
        classes=classes_of(filing.categories),
        retain_until=retain_until,
        decisions=[dump(d) for d in filing.decisions],
    )
