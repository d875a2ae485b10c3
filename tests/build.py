"""Small makers of domain values, so that a test says only what it is about."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from config.policy import load
from domain.decision import Method
from domain.model import (
    Address,
    Analysis,
    Category,
    Envelope,
    Evidence,
    Finding,
    Message,
    Part,
    Place,
)
from domain.permission import Capacity, Circle, Grant, Ground, Party, PartyKind, Permission, PersonFacts
from domain.policy import Facts
from domain.ports import KeyVerdict, StoredKey
from domain.subjects import MatchedBy, Mention, SubjectMatch, match
from tests.fakes import NOW

RULES = load(Path(__file__).parent.parent / "config" / "policy.toml")
TODAY = NOW.date()
ANN, BEN = "p-ann", "p-ben"
OFFICER = Address.of("officer@council.example")
CARER = Address.of("carer@carers.example")
GOOD_KEY = StoredKey(Method.OPENPGP, "AA11", b"usable")
OLD_KEY = StoredKey(Method.OPENPGP, "BB22", b"expired")
SECRET = b"Ann Lee has epilepsy and takes levetiracetam"


def evidence(part: str = "2", place: Place = Place.ATTACHMENT, text: str = "Ann Lee") -> Evidence:
    return Evidence(part, place, "test", text)


def finding(category: Category = Category.MEDICAL, likelihood: float = 0.9, part: str = "2") -> Finding:
    return Finding(part, category, likelihood, (evidence(part, text=category.label),))


def mention(
    *people: str, by: MatchedBy = MatchedBy.NHS_NUMBER, part: str = "2", place: Place = Place.ATTACHMENT
) -> Mention:
    return Mention(frozenset(people), by, evidence(part, place))


def permission(
    *grants: Grant,
    ground: Ground = Ground.FORM,
    signed: date = TODAY - timedelta(days=100),
    due: date = TODAY + timedelta(days=265),
    withdrawn_days_ago: int | None = None,
    ref: str = "form-1",
) -> Permission:
    withdrawn = None if withdrawn_days_ago is None else NOW - timedelta(days=withdrawn_days_ago)
    return Permission(ref, ground, signed, due, grants, withdrawn)


def person(
    ref: str = ANN,
    *permissions: Permission,
    capacity: Capacity = Capacity.HAS,
    households: frozenset[str] = frozenset({"home"}),
) -> PersonFacts:
    return PersonFacts(ref, capacity, households, permissions)


def party(kind: PartyKind = PartyKind.CARER, ref: str = "", *, household: str = "home", **more: object) -> Party:
    if kind is not PartyKind.CARER:
        household = ""
    return Party(ref or f"{kind}-1", kind, household=household, **more)  # type: ignore[arg-type]


def circle(
    *people: PersonFacts,
    parties: dict[Address, tuple[Party, ...]] | None = None,
    staff: tuple[Address, ...] = (),
    stopped: tuple[Address, ...] = (),
) -> Circle:
    return Circle(NOW, {p.ref: p for p in people}, parties or {}, frozenset(staff), frozenset(stopped))


def message(raw: bytes = b"", **more: object) -> Message:
    raw = raw or b"Subject: Plan\r\nMessage-ID: <1@council.example>\r\n\r\n" + SECRET + b"\r\n"
    parts = (Part("2", Place.ATTACHMENT, "application/pdf", "plan.pdf", SECRET),)
    fields: dict[str, object] = {
        "raw": raw,
        "body_offset": raw.index(b"\r\n\r\n") + 4,
        "subject": "Plan",
        "message_id": "<1@council.example>",
        "author": OFFICER.text,
        "parts": parts,
    }
    return Message(**(fields | more))  # type: ignore[arg-type]


def envelope(*recipients: Address, sender: Address = OFFICER) -> Envelope:
    return Envelope(sender, recipients or (CARER,), NOW)


def facts(
    *recipients: Address,
    findings: tuple[Finding, ...] = (finding(),),
    subjects: SubjectMatch | None = None,
    known: Circle | None = None,
    keys: dict[Address, tuple[StoredKey, ...]] | None = None,
    sender: Address = OFFICER,
    analysis: Analysis | None = None,
    mail: Message | None = None,
) -> Facts:
    recipients = recipients or (CARER,)
    stored = keys if keys is not None else dict.fromkeys(recipients, (GOOD_KEY,))
    return Facts(
        sender=sender,
        recipients=recipients,
        message=mail or message(),
        analysis=analysis or Analysis(findings=findings),
        subjects=subjects or match([mention(ANN)]),
        circle=known or circle(person(), parties=dict.fromkeys(recipients, (party(),))),
        keys={r: tuple(verdict(k) for k in ks) for r, ks in stored.items()},
    )


def verdict(key: StoredKey) -> KeyVerdict:
    usable = key.data == b"usable"
    return KeyVerdict(key, usable, "" if usable else "it expired on 1 May 2026")
