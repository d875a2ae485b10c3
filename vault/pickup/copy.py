"""What waits to be picked up: the message's text, and its documents byte for byte with the words read in them.

A tar archive with ``message.json`` and the documents, named by their numbers. It holds everything, so it is written
inside a seal alone. The text is what the contained readers made of it: no HTML, nothing that runs.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from domain.leaving import Sheet
from domain.model import Address, Envelope, Finding, PageText, Part, Place
from domain.policy import Facts
from vault.pickup import sheets

FORMAT = "sallyport-pickup-1"
_MESSAGE = "message.json"


@dataclass(frozen=True, slots=True)
class Words:
    """The text of one page of a document. ``pictured``: read from a picture, which may err."""

    page: int
    text: str = field(repr=False)
    pictured: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One attachment. ``kind`` is the type that its content shows; ``number`` counts from 1."""

    number: int
    name: str = field(repr=False)
    kind: str
    size: int
    words: tuple[Words, ...] = field(repr=False)
    content: bytes = field(repr=False)
    categories: tuple[str, ...] = ()
    """What it was found to be."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits, opened. ``leaving`` is there where it is no mail, but the page that a leaver signs."""

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    sent_at: datetime
    text: str = field(repr=False)
    documents: tuple[Document, ...]
    leaving: Sheet | None = None


def of_mail(
    envelope: Envelope, recipient: Address, facts: Facts, subject: str, found: Collection[Finding] = ()
) -> Waiting:
    """From what was parsed and read. ``subject`` is the real one, without tags; ``found`` are findings that count."""
    attached = [p for p in facts.message.parts if p.place is Place.ATTACHMENT and not p.path.endswith(".NAME")]
    kinds = dict(facts.analysis.true_types)
    texts = facts.analysis.texts
    return Waiting(
        sender=envelope.sender.text,
        recipient=recipient.text,
        subject=subject,
        sent_at=envelope.received_at,
        text=_body(facts.message.parts, texts),
        documents=tuple(_document(n, part, kinds, texts, found) for n, part in enumerate(attached, start=1)),
    )


def _body(parts: Iterable[Part], texts: Iterable[PageText]) -> str:
    """The plain text if the mail has one; else what was read in its HTML."""
    body = [p for p in parts if p.place is Place.BODY]
    plain = {p.path for p in body if p.declared_type == "text/plain"}
    shown = plain or {p.path for p in body}
    first = {t.part: t for t in reversed([*texts]) if t.part in shown}  # after it comes what stands beside a web page
    return "\n\n".join(first[part].text.strip() for part in dict.fromkeys(p.path for p in body) if part in first)


def _document(
    number: int, part: Part, kinds: dict[str, str], texts: Iterable[PageText], found: Collection[Finding]
) -> Document:
    """Words of files inside it (a zip's) belong to it, too. Readers put a file's name before its words."""
    theirs = (t for t in texts if t.part == part.path or t.part.startswith((f"{part.path}/", f"{part.path}#")))
    inside = [t for t in theirs if t.text.strip() != part.filename]
    words = tuple(
        Words(page, t.text.removeprefix(f"{part.filename}\n"), t.pictured) for page, t in enumerate(inside, start=1)
    )
    kind = kinds.get(part.path, part.declared_type)
    name = part.filename or f"document {number}"
    categories = tuple(sorted({f.category.value for f in found if f.part == part.path}))
    return Document(number, name, kind, len(part.content), words, part.content, categories)


def pack(waiting: Waiting) -> bytes:
    """The archive, not yet sealed."""
    described = {
        "format": FORMAT,
        "sender": waiting.sender,
        "recipient": waiting.recipient,
        "subject": waiting.subject,
        "sent_at": waiting.sent_at.isoformat(),
        "text": waiting.text,
        "documents": [
            {
                "number": d.number,
                "name": d.name,
                "kind": d.kind,
                "words": [asdict(w) for w in d.words],
                "categories": list(d.categories),
            }
            for d in waiting.documents
        ],
        "leaving": sheets.as_json(waiting.leaving) if waiting.leaving else None,
    }
    text = json.dumps(described, ensure_ascii=False).encode("utf-8", "backslashreplace")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:") as archive:
        _add(archive, _MESSAGE, text)
        for document in waiting.documents:
            _add(archive, str(document.number), document.content)
    return out.getvalue()


def unpack(content: bytes) -> Waiting:
    """What :func:`pack` wrote. Raises ``ValueError`` for what another version may have written."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            files = {name: file.read() for name in archive.getnames() if (file := archive.extractfile(name))}
        told = json.loads(files[_MESSAGE])
        if told["format"] != FORMAT:
            raise ValueError("a waiting mail of another version")
        return Waiting(
            sender=told["sender"],
            recipient=told["recipient"],
            subject=told["subject"],
            sent_at=datetime.fromisoformat(told["sent_at"]),
            text=told["text"],
            documents=tuple(_read(d, files[str(d["number"])]) for d in told["documents"]),
            leaving=sheets.of_json(told["leaving"]) if told.get("leaving") else None,
        )
    except (KeyError, TypeError, tarfile.TarError) as error:
        raise ValueError("a waiting mail of another version") from error


def _read(told: dict[str, object], content: bytes) -> Document:
    words = tuple(Words(**w) for w in told["words"])  # type: ignore[attr-defined]
    number, name, kind = int(str(told["number"])), str(told["name"]), str(told["kind"])
    categories: tuple[str, ...] = tuple(told.get("categories", ()))  # type: ignore[arg-type]
    return Document(number, name, kind, len(content), words, content, categories)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))
