"""Makers for the vault's tests: a store in a folder, real age keys, and filings."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pyrage

from config.retention import load
from domain.decision import Action, Decision, Method, Reason
from domain.model import Address, Category, Evidence, Message, Part, Place
from domain.ports import FiledPart, Filing
from tests.build import ANN, BEN, CARER, SECRET, envelope
from tests.fakes import NOW, FakeClock
from vault.filing import Filer
from vault.models import VaultRecord, VaultSubject
from vault.objects.local import LocalStore
from vault.objects.port import ObjectStore
from vault.sealing import PublicHalves, SealingKeys
from vault.search.tokens import Keyed

LOCK = timedelta(days=30)
SCHEDULE = load(Path(__file__).parents[2] / "config" / "retention.toml")
NAME = "Ann Lee seizure plan.pdf"
WORDS = "levetiracetam 500mg"


@dataclass
class Owner:
    """Somebody with an age identity, kept as a file such as ``age-keygen`` makes."""

    file: Path
    identity: pyrage.x25519.Identity = field(default_factory=pyrage.x25519.Identity.generate)

    def __post_init__(self) -> None:
        self.file.write_text(f"# public key: {self.public}\n{self.identity}\n")

    @property
    def public(self) -> str:
        return str(self.identity.to_public())


@dataclass
class House:
    """A vault with everything around it, below one folder. ``store`` may be replaced."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.records_service = Owner(self.folder / "records.key")
        self.escrow = Owner(self.folder / "escrow.key")
        self.service = Owner(self.folder / "service.key")
        self.store: ObjectStore = LocalStore(self.folder / "objects", self.clock)
        self.escrow_store: ObjectStore = LocalStore(self.folder / "escrow-store", self.clock)

    @property
    def masters(self) -> list[str]:
        return [self.records_service.public, self.escrow.public]

    def filer(self, keyed: Keyed | None = None) -> Filer:
        """A relay's filer; Ann's and Ben's keys have been made before, as the register's import does."""
        SealingKeys(self.masters, self.escrow_store).public_halves([ANN, BEN], self.clock.now())
        return Filer(self.store, PublicHalves(self.service.public), SCHEDULE, lock=LOCK, keyed=keyed)


def decision(action: Action = Action.ENCRYPT, recipient: Address = CARER) -> Decision:
    seen = Evidence("2/" + NAME, Place.ATTACHMENT, "title:medical", WORDS, 1, 3, 22)
    reason = Reason("approved-carer", action, "why", "fix", ANN, Category.MEDICAL, None, (seen,))
    return Decision(recipient, action, (reason,), Method.OPENPGP if action is Action.ENCRYPT else None)


def part(content: bytes = SECRET, path: str = "2", name: str = NAME) -> Part:
    return Part(path, Place.ATTACHMENT, "application/pdf", name, content)


def filing(
    *parts: FiledPart,
    people: Collection[str] = (ANN,),
    categories: Collection[Category] = (Category.MEDICAL,),
    raw: bytes = b"Subject: Ann Lee's plan\r\nMessage-ID: <1@council.example>\r\n\r\nSee attached.\r\n",
    decisions: tuple[Decision, ...] = (),
) -> Filing:
    if not parts:
        parts = (FiledPart(part(), frozenset(people), frozenset(categories)),)
    message = Message(
        raw=raw,
        body_offset=raw.index(b"\r\n\r\n") + 4,
        subject="Ann Lee's plan",
        message_id="<1@council.example>",
        author="officer@council.example",
        parts=tuple(p.part for p in parts),
    )
    return Filing(
        digest=hashlib.sha256(raw).hexdigest(),
        envelope=envelope(CARER),
        message=message,
        parts=parts,
        people=frozenset(people),
        categories=frozenset(categories),
        decisions=decisions or (decision(),),
    )


def a_record(ident: str, *people: str) -> str:
    """A row such as filing leaves, about these people; nothing is sealed for it."""
    row = VaultRecord.objects.create(
        id=ident, digest=ident, received_at=NOW, filed_at=NOW, retain_until=NOW + timedelta(days=9)
    )
    for person in people:
        VaultSubject.objects.create(record=row, person=person)
    return ident


def plain(raw: bytes = b"Subject: Rota\r\n\r\nNew rota from Monday.\r\n") -> Filing:
    """A mail without anything confidential."""
    body = Part("1", Place.BODY, "text/plain", "", raw.partition(b"\r\n\r\n")[2])
    reason = Reason("nothing-confidential", Action.RELAY, "nothing confidential was found")
    return filing(
        FiledPart(body, frozenset(), frozenset()),
        people=(),
        categories=(),
        raw=raw,
        decisions=(Decision(CARER, Action.RELAY, (reason,)),),
    )
