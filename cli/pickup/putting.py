"""What the service itself has to be read or signed: filed first, then put aside sealed, then the notice with its link.

Each step can be repeated: the same mail is one record, and a newer link closes the one before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from cli.pickup.sending import hand_over
from config.settings import Settings
from domain.model import Address, Category, Envelope, PageText, Place
from domain.pickup import About
from domain.ports import FiledPart, Filing

if TYPE_CHECKING:
    from vault.pickup.copy import Waiting


@dataclass(frozen=True, slots=True)
class Own:
    """A document of ours about one person. ``at`` is when it was asked for: the same is one mail. ``said``: its words.

    ``by`` and ``why`` go to the audit trail. ``about`` is what the recipient learns by it, which policy judges.
    """

    person: str
    subject: str = field(repr=False)
    name: str
    content: bytes = field(repr=False)
    said: str = field(repr=False)
    at: datetime
    by: str
    why: str
    categories: frozenset[Category] = frozenset()
    about: About = frozenset()

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def file(own: Own, settings: Settings, now: datetime) -> tuple[str, str]:
    """Filed before it leaves (promise 2), about the person alone: the record's name, and the mail's SHA-256."""
    from gateway.bootstrap import build_filer, build_relay_store
    from gateway.parse import parse

    raw = _mail(own, settings.service.address)
    message, office, about = parse(raw), Address.of(settings.service.address), frozenset({own.person})
    parts = tuple(
        FiledPart(part, about, own.categories if part.place is Place.ATTACHMENT else frozenset())
        for part in message.parts
    )
    attached = next(p.path for p in message.parts if p.place is Place.ATTACHMENT)
    filing = Filing(
        digest=hashlib.sha256(raw).hexdigest(),
        envelope=Envelope(office, (office,), now),
        message=message,
        parts=parts,
        people=about,
        categories=own.categories,
        decisions=(),
        texts=(PageText(attached, Place.ATTACHMENT, 1, own.said),),
    )
    by = {"actor": own.by, "why": own.why}
    record = build_filer(settings, build_relay_store(settings), by).file(filing, now).record
    return record, filing.digest


def put_aside(own: Own, record: str, digest: str, waiting: Waiting, settings: Settings, now: datetime) -> bool:
    """Sealed, with its link; whether the next mail system has taken the notice."""
    from gateway.bootstrap import build_pickup_protector, build_pickup_store
    from gateway.letters import Told
    from vault.ids import new_id
    from vault.models import PickupGrant
    from vault.pickup.copy import FORMAT, pack
    from vault.pickup.room import PREFIX, grant
    from vault.unlocked import keep_sealed

    sender, recipient = Address.of(waiting.sender), Address.of(waiting.recipient)
    notice = build_pickup_protector(settings).again(sender, recipient, len(waiting.documents), now)
    assert notice.ticket is not None  # noqa: S101 - a pick-up has one
    store, key = build_pickup_store(settings), settings.pickup.recipient
    kept = keep_sealed(store, f"{PREFIX}{record}/", pack(waiting), key, ("pickup", FORMAT), now)
    row = PickupGrant(
        id=new_id(now), record=record, digest=digest, sender=sender.key, recipient=recipient.key,
        link_sha256=notice.ticket.link_sha256, about=sorted([ref, kind.value] for ref, kind in own.about),
        documents=len(waiting.documents), made_at=now, until=notice.ticket.until, **kept._asdict(),
    )  # fmt: skip
    grant([row], now, own.by, own.why)
    return hand_over(settings, notice) is Told.YES


def _mail(own: Own, office: str) -> bytes:
    """As a mail of the office to itself, which the vault files, searches and opens as any other."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = mail["To"] = office
    mail["Subject"] = own.subject
    mail["Date"] = own.at
    mail["Message-ID"] = f"<{own.digest[:40]}@own.invalid>"
    mail.set_content("The document as it was sent, to be signed.\n")
    mail.add_attachment(own.content, maintype="application", subtype="pdf", filename=own.name)
    mail.set_boundary(f"own-{own.digest[:40]}")
    return mail.as_bytes()
