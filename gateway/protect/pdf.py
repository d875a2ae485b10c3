"""Protecting by a PDF with a password: message and documents in one file, AES-256 (ISO 32000-2, revision 6).

For recipients who ask for it, and have agreed a passphrase, got one by text message, or get one with each mail; no mail
ever says it. The file's pages show the message; its documents are attached to it, unchanged. Names and sizes are inside
the encryption, too.

Input: the message, untrusted: nothing in it is parsed as PDF. Failure: ``UnusableKey`` or ``ProtectionFailed``. PDF's
encryption is not authenticated: who changes the file on its way can damage it unseen (docs/keys.md).
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import PurePosixPath

import pikepdf

from domain.decision import Method
from domain.errors import ProtectionFailed, UnusableKey
from domain.model import Address, Envelope, Message, Part, Place
from domain.outgoing import ProtectedMessage, TextOwed
from domain.ports import KeyVerdict, StoredKey
from gateway.parse import parse
from gateway.protect.headers import Division, divide
from gateway.protect.passphrases import number_in, of_mail, opened
from gateway.protect.pdf_pages import Page, pages_of

FILE = "message.pdf"
_REVISION = 6
_WHOLE = 1 << 20
"""Octets up to which the whole message is attached besides its documents."""
_MOST_NAME = 120
_NEVER = frozenset('/\\:*?"<>|')


class ProtectedPdf:
    """The ``Protector`` port. ``key`` opens the register's passphrases; ``service`` and ``phone`` stand in the mail."""

    method = Method.PDF

    def __init__(self, key: bytes, service: str, phone: str = "") -> None:
        self._key, self._service, self._phone = key, service, phone

    def examine(self, key: StoredKey, now: datetime) -> KeyVerdict:  # noqa: ARG002 - a passphrase has no time
        """Whether its passphrase, or the number that passphrases go to, can be read."""
        if number_in(key.data, key.address, self._key):
            return KeyVerdict(key, usable=True)
        try:
            opened(key.data, key.address, self._key)
        except UnusableKey as error:
            return KeyVerdict(key, usable=False, reason=error.private)
        return KeyVerdict(key, usable=True)

    def protect(
        self,
        message: Message,
        envelope: Envelope,
        recipient: Address,
        keys: Sequence[StoredKey],
        subject: str,
        now: datetime,  # noqa: ARG002 - the port's
    ) -> ProtectedMessage:
        """See the port. Of several passphrases the first in the register's order counts: a file has one."""
        if not keys:
            raise UnusableKey("no passphrase")
        mobile = number_in(keys[0].data, keys[0].address, self._key)
        passphrase = self._passphrase(keys[0], message, each_mail=bool(mobile))
        division = divide(message, envelope, subject, f"A protected message from {self._service}")
        try:
            container = self._container(message, division, subject, passphrase)
            require_sealed(container, passphrase)
            content = self._mail(division, container, each_mail=bool(mobile))
        except ProtectionFailed:
            raise
        except Exception as error:
            raise ProtectionFailed("the PDF could not be made", cause=type(error).__name__) from error
        text = TextOwed(mobile, passphrase) if mobile else None
        return ProtectedMessage(envelope.sender, recipient, Method.PDF, (keys[0].fingerprint,), content, text=text)

    def _passphrase(self, key: StoredKey, message: Message, *, each_mail: bool) -> str:
        if each_mail:
            return of_mail(hashlib.sha256(message.raw).hexdigest(), key.address, self._key)
        return opened(key.data, key.address, self._key)

    def _container(self, message: Message, division: Division, subject: str, passphrase: str) -> bytes:
        parts = message.parts or parse(message.raw).parts  # what comes from another process comes without
        documents = list(_documents(parts, message, division))
        pages = pages_of(Page(self._service, subject, message.author, _body(parts), [n for n, _ in documents]))
        out = io.BytesIO()
        with pikepdf.open(io.BytesIO(pages)) as pdf:
            for name, data in documents:
                pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, data, filename=name)
            if documents:
                pdf.Root.PageMode = pikepdf.Name.UseAttachments
            del pdf.docinfo  # who made it, and when
            pdf.save(out, encryption=_encryption(passphrase))
        return out.getvalue()

    def _mail(self, division: Division, container: bytes, *, each_mail: bool) -> bytes:
        """Neutral words, and the file."""
        body = EmailMessage(policy=SMTP)
        body.set_content(self._words(each_mail=each_mail), cte="quoted-printable")
        body.add_attachment(container, maintype="application", subtype="pdf", filename=FILE)
        return division.outer + body.as_bytes()

    def _words(self, *, each_mail: bool) -> str:
        agreed = "This is the one that we agreed with you, or sent to your phone."
        sent = "We send it to your phone as a text message. It opens this message only."
        lines = [
            f"{self._service} has sent you a message. It is private, so it is in the attached file.",
            f"Open the file. It asks for a password. {sent if each_mail else agreed}",
            "Your documents are inside the file. Look for a paper clip. If you cannot see it, use a computer.",
        ]
        if self._phone:
            lines.append(f"Do you need help? Are you not sure that this is from us? Ring {self._phone}.")
        return "\n\n".join([*lines, "We will never send you the password by e-mail.", self._service]) + "\n"


def require_sealed(container: bytes, passphrase: str) -> None:
    """The independent check: it does not open without the passphrase, does with it, and is AES-256 throughout."""
    try:
        pikepdf.open(io.BytesIO(container)).close()
    except pikepdf.PasswordError:
        pass
    else:
        raise ProtectionFailed("the PDF opens without its passphrase")
    with pikepdf.open(io.BytesIO(container), password=passphrase) as pdf:
        how = pdf.encryption
        ciphers = {m.name for m in (how.stream_method, how.string_method, how.file_method)}
        if how.R != _REVISION or ciphers != {"aesv3"}:
            raise ProtectionFailed("the PDF is not encrypted as was meant")


def _encryption(passphrase: str) -> pikepdf.Encryption:
    """Whoever opens it may do everything with it; the owner's password is nobody's."""
    return pikepdf.Encryption(user=passphrase, owner=secrets.token_urlsafe(32), R=6, aes=True, metadata=True)


def _documents(parts: Sequence[Part], message: Message, division: Division) -> Iterator[tuple[str, bytes]]:
    """Each attachment under a name of its own; besides, a small message whole as it was, of a large one its words."""
    taken: set[str] = set()
    for part in parts:
        if part.place is Place.ATTACHMENT and not part.path.endswith(".NAME"):
            yield _free_name(_plain_name(part.filename), taken), part.content
    if len(message.raw) <= _WHOLE:
        yield _free_name("message.eml", taken), b"".join((division.inner, division.body))
    else:
        text, kind = _body(parts)
        yield _free_name("message.html" if kind == "text/html" else "message.txt", taken), text.encode()


def _plain_name(filename: str) -> str:
    """The last piece of what it calls itself, without what file systems give a meaning."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in last if c.isprintable() and c not in _NEVER).strip(" .")
    return name[-_MOST_NAME:] or "document"


def _free_name(name: str, taken: set[str]) -> str:
    path, free, n = PurePosixPath(name), name, 1
    while free.casefold() in taken:
        n += 1
        free = f"{path.stem} ({n}){path.suffix}"
    taken.add(free.casefold())
    return free


def _body(parts: Iterable[Part]) -> tuple[str, str]:
    """The first text of the body, and its type."""
    bodies = [p for p in parts if p.place is Place.BODY and p.declared_type in {"text/plain", "text/html"}]
    bodies.sort(key=lambda p: p.declared_type != "text/plain")
    if not bodies:
        return "", "text/plain"
    first = bodies[0]
    try:
        return first.content.decode(first.charset or "utf-8", "replace"), first.declared_type
    except LookupError:
        return first.content.decode("utf-8", "replace"), first.declared_type
