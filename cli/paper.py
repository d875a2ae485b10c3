"""``sallyport permission file``: the signed paper of a permission goes into the vault, sealed to the person."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import magic
import typer

from cli.account import account
from cli.frame import InputError, command, framed
from cli.office import in_the_office
from config.settings import Settings
from domain.model import Address, Analysis, Category, Envelope, Message, Place
from domain.ports import FiledPart, Filing

if TYPE_CHECKING:
    from register.models import Permission

_LARGEST = 50 * 2**20


@command
def file(
    code: Annotated[str, typer.Argument(help="The permission's id, as `permission show` prints it.")],
    paper: Annotated[Path, typer.Argument(metavar="FILE", help="The signed form: a scan, a photograph, a PDF.")],
) -> None:
    """File the signed form in the vault, sealed to the person, and note on the permission where it is."""
    settings = framed()
    from register import recording

    content, now = _read(paper), _now()
    form = _form(code)
    raw = _wrapped(form, paper.name, content, settings.service.address)
    if in_the_vault(form.document) and not _is_of(form.document, raw):
        public = f"The paper of this permission is filed already, as record {form.document}."
        raise InputError("filed already", public=public)
    record = _file(form, raw, settings, now)
    with in_the_office():
        recording.note_document(code, record, now, instead_of=form.document)
    print(f"Filed: the paper of {form.code} is record {record}.")


def _now() -> datetime:
    from gateway.clock import SystemClock

    return SystemClock().now()


def _read(paper: Path) -> bytes:
    try:
        if paper.stat().st_size > _LARGEST:
            raise InputError("too large", public=f"The file {paper} is too large; {_LARGEST >> 20} MB is the most.")
        content = paper.read_bytes()
    except OSError as error:
        raise InputError("paper", public=f"The file {paper} cannot be read.") from error
    if not content:
        raise InputError("empty", public=f"The file {paper} is empty.")
    return content


def _form(code: str) -> Permission:
    from register.models import Permission

    found: Permission | None = Permission.objects.select_related("person").filter(code=code).first()
    if found is None:
        raise InputError("no such permission", public=f"There is no permission with the id '{code}'.")
    return found


def _wrapped(form: Permission, name: str, content: bytes, office: str) -> bytes:
    """As a mail of the office to itself: what the vault files, searches and opens again is a mail with its parts.

    The same paper makes the same mail, so that filing it again after a crash finds the first record.
    """
    digest = hashlib.sha256(content).hexdigest()
    mail = EmailMessage(policy=SMTP)
    mail["From"] = mail["To"] = office
    mail["Subject"] = f"Signed paper of {form.code}"
    mail["Date"] = datetime.combine(form.signed_on, time(12), UTC)
    mail["Message-ID"] = f"<{digest[:40]}@paper.invalid>"
    mail.set_content(f"The signed paper of the permission {form.code}, filed with `sallyport permission file`.\n")
    main, _, kind = magic.from_buffer(content, mime=True).partition("/")
    mail.add_attachment(content, maintype=main, subtype=kind or "octet-stream", filename=name)
    mail.set_boundary(f"paper-{digest[:40]}")
    return mail.as_bytes()


def in_the_vault(record: str) -> bool:
    """Whether what a permission says of its paper is a record: the register takes any text, such as a case system's."""
    from vault.models import VaultRecord

    return VaultRecord.objects.filter(id=record).exists()


def _is_of(record: str, raw: bytes) -> bool:
    from vault.models import VaultRecord

    return VaultRecord.objects.filter(id=record, digest=_digest(raw)).exists()


def _file(form: Permission, raw: bytes, settings: Settings, now: datetime) -> str:
    from gateway.bootstrap import build_classifiers, build_filer, build_relay_store
    from gateway.parse import parse

    message, readers = parse(raw), build_classifiers(settings)
    try:
        said = readers.analyse(message.subject, (*message.parts, *message.notes))
    finally:
        readers.close()
    by = {"actor": account(), "why": f"the signed paper of permission {form.code}"}
    filer = build_filer(settings, build_relay_store(settings), by)
    return filer.file(_filing(form, message, said, settings, now), now).record


def _filing(form: Permission, message: Message, said: Analysis, settings: Settings, now: datetime) -> Filing:
    """About the person whose form it is, whatever can be read in it. No decision: it goes to nobody."""
    office, about = Address.of(settings.service.address), frozenset({form.person.ref})
    attached = frozenset({Category.PERMISSION_FORM})
    return Filing(
        digest=_digest(message.raw),
        envelope=Envelope(office, (office,), now),
        message=message,
        parts=tuple(
            FiledPart(part, about, attached if part.place is Place.ATTACHMENT else frozenset())
            for part in message.parts
        ),
        people=about,
        categories=attached,
        decisions=(),
        texts=said.texts,
        unread=(*message.unreadable, *said.unreadable),
    )


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
