"""Step one of an access request: everything about the person, opened, each document once.

What is opened: every record that is filed under the person's reference, and every record that concerns nobody known
(``service``), in whose words the person is then looked for. Each look is an audit event before anything is opened.
One record is in memory at a time. Documents come from anybody; they are read by the contained readers alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.errors import VaultUnavailable
from domain.model import Analysis, Message, Part, Place
from domain.ports import Classifiers
from vault import audit
from vault.acting import Acting
from vault.export.cases import CaseError
from vault.export.documents import Collected, Document, Occurrence, PageOf, seen
from vault.export.folder import WorkFolder
from vault.export.sought import Sought
from vault.manifest import MAIL
from vault.models import ObjectKind, RecordState, VaultRecord
from vault.rows import reading, writing
from vault.unseal import Bundle, CannotOpen, Opener

_UNSAFE = re.compile(r"[^\w .()-]+")
_LONGEST = 80
"""Letters, and bytes: a file system takes 255 of these, and letters may have four each."""
UNOPENED = "none of the keys given opens it"
PARTLY = "parts of it are closed to the keys given"


class Progress(Protocol):
    """Told after each record."""

    def __call__(self, done: int, found: int) -> None:
        """How many records are done, and how many documents there are."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What a collection works with."""

    opener: Opener
    readers: Classifiers
    parse: Callable[[bytes], Message]


def to_look_at(person: str, also: Collection[str] = ()) -> list[tuple[str, bool]]:
    """Ids of records with whether they are filed under the person, or named by who collects; the others concern
    nobody known. Oldest first. Raises ``CaseError`` for a named record that is not there.
    """  # noqa: D205 - one sentence that needs two lines
    with reading(VaultUnavailable):
        kept = VaultRecord.objects.exclude(state=RecordState.DISPOSED).order_by("id")
        named = set(kept.filter(id__in=also).values_list("id", flat=True))
        theirs = named | set(kept.filter(subjects__person=person).values_list("id", flat=True))
        nobodys = set(kept.filter(subjects=None).values_list("id", flat=True))
    strange = set(also) - named
    if strange:
        raise CaseError(f"There is no record {min(strange)} in the vault.")
    return [(record, record in theirs) for record in sorted(theirs | nobodys)]


def silently(done: int, found: int) -> None:
    """Progress that nobody watches."""


def collect(
    folder: WorkFolder,
    sought: Sought,
    tools: Tools,
    acting: Acting,
    told: Progress = silently,
    *,
    also: Collection[str] = (),
) -> Collected:
    """Everything, into ``folder``; goes on where an earlier try ended. ``also`` are records filed under others.

    Raises ``VaultUnavailable``, ``SealBroken``, ``CaseError``.
    """
    at_work = _Collecting(folder, sought, tools, acting, Collected(folder))
    for number, (record, theirs) in enumerate(to_look_at(sought.ref, also), 1):
        # New, or closed to the keys that were given before, or passed over before somebody named it.
        if at_work.collected.done.get(record, UNOPENED) or (record in also and not at_work.collected.has(record)):
            at_work.look(record, theirs=theirs)
        told(number, len(at_work.collected.documents))
    return at_work.collected


@dataclass(frozen=True, slots=True)
class _Collecting:
    folder: WorkFolder
    sought: Sought
    tools: Tools
    acting: Acting
    collected: Collected

    def look(self, record: str, *, theirs: bool) -> None:
        """Into one record; it is on the trail before it is opened."""
        action = "access-collected" if theirs else "access-searched"
        with writing(VaultUnavailable):
            audit.append([self.acting.event(action, record, case=self.folder.code)])
        with reading(VaultUnavailable):
            row = VaultRecord.objects.get(pk=record)
        try:
            bundle = self.tools.opener.bundle(row)
        except CannotOpen:
            self.collected.add(record, UNOPENED, [])
            return
        pieces, partly = _pieces(row, bundle, self.tools)
        read = [(piece, *_read(piece, self.tools.readers)) for piece in pieces]
        by = "" if theirs else self._found_by(bundle, [page.text for _, _, pages in read for page in pages])
        kept = self._keep(read, bundle, record, by) if theirs or by else []
        self.collected.add(record, PARTLY if partly else "", kept)

    def _found_by(self, bundle: Bundle, texts: list[str]) -> str:
        said = bundle.manifest
        return self.sought.found_in([*texts, said["author"], said["sender"], *said["recipients"]])

    def _keep(
        self, read: list[tuple[_Piece, tuple[str, ...], list[PageOf]]], bundle: Bundle, record: str, by: str
    ) -> list[tuple[Document, Occurrence]]:
        """Files and texts of what was not known before; and where each occurred."""
        found, known = [], dict(self.collected.documents)
        for piece, unread, pages in read:
            document = known.get(piece.digest)
            if document is None:
                document = _kept(piece, f"D{len(known) + 1:03}", unread, by, self.folder)
                self.collected.keep_pages(document.id, pages)
                known[piece.digest] = document
            found.append((document, _occurrence(record, piece, bundle)))
        return found


@dataclass(frozen=True, slots=True)
class _Piece:
    """A document to be: ``parts`` are what is read of it, ``content`` what is kept."""

    kind: str
    digest: str
    title: str
    name: str
    content: bytes
    parts: tuple[Part, ...]
    subject: str = ""


def _pieces(row: VaultRecord, bundle: Bundle, tools: Tools) -> tuple[list[_Piece], bool]:
    """The mail's words and each file attached to it; and whether something stayed closed.

    Where the whole mail is closed, what lies in parts of its own is still there.
    """
    mail, parts, partly = bundle.files.get(MAIL), [], False
    for opened in tools.opener.files(row, bundle):
        if opened.content is None:
            partly = True
        elif opened.row.kind == ObjectKind.MAIL:
            mail = opened.content
        else:
            parts.append((opened.row.part, opened.content))
    if mail is not None:
        return list(_of_mail(tools.parse(mail))), partly
    described = {p["path"]: p for p in bundle.manifest["parts"]}
    return [_attached(_part(path, described.get(path, {}), content)) for path, content in parts], partly


def _part(path: str, said: Mapping[str, str], content: bytes) -> Part:
    return Part(path, Place.ATTACHMENT, said.get("type", ""), said.get("file_name", ""), content)


def words_of(message: Message, readers: Classifiers) -> list[PageOf]:
    """The text of a mail without what is attached to it."""
    return list(seen(_texts(readers.analyse(message.subject, [p for p in message.parts if _is_words(p)]))))


def _of_mail(message: Message) -> Iterator[_Piece]:
    words = tuple(p for p in message.parts if _is_words(p))
    said = [message.message_id, message.author, message.subject, *(p.path for p in words)]
    digest = hashlib.sha256("\0".join(said).encode("utf-8", "replace"))
    for part in words:
        digest.update(hashlib.sha256(part.content).digest())
    if not message.message_id:
        digest.update(message.raw)
    yield _Piece("mail", digest.hexdigest(), message.subject, "mail.eml", message.raw, words, message.subject)
    yield from (_attached(part) for part in message.parts if not _is_words(part))


def _is_words(part: Part) -> bool:
    """Text of the mail or of a mail inside it, and no file."""
    return not part.filename and (part.place is Place.BODY or part.declared_type.startswith("text/"))


def _attached(part: Part) -> _Piece:
    digest = hashlib.sha256(part.content).hexdigest()
    return _Piece("file", digest, part.filename or "a file without a name", part.filename, part.content, (part,))


def _read(piece: _Piece, readers: Classifiers) -> tuple[tuple[str, ...], list[PageOf]]:
    """What could not be read, and the text of every page."""
    analysis: Analysis = readers.analyse(piece.subject, piece.parts)
    unread = tuple(dict.fromkeys(u.reason.value for u in analysis.unreadable))
    pages = _texts(analysis)
    return unread, list(seen(pages)) if piece.kind == "mail" else pages  # of a mail its words are given, never its file


def _texts(analysis: Analysis) -> list[PageOf]:
    return [PageOf(t.part, t.place.value, t.page, t.text) for t in analysis.texts]


def _kept(piece: _Piece, name: str, unread: tuple[str, ...], by: str, folder: WorkFolder) -> Document:
    safe = _UNSAFE.sub("_", piece.name)[-_LONGEST:].encode()[-_LONGEST:].decode(errors="ignore").strip(" .")
    file = f"documents/{name} {safe or 'file'}"
    folder.write(piece.content, *file.split("/"))
    declared = piece.parts[0].declared_type if piece.kind == "file" else "message/rfc822"
    return Document(name, piece.kind, piece.digest, piece.title, file, declared, unread, by)


def _occurrence(record: str, piece: _Piece, bundle: Bundle) -> Occurrence:
    said = bundle.manifest
    path = "" if piece.kind == "mail" else piece.parts[0].path
    sender, to = said["author"] or said["sender"], tuple(said["recipients"])
    return Occurrence(record, path, said["received_at"], sender, to, _about(said["parts"], path))


def _about(parts: Iterable[Mapping[str, Any]], path: str) -> tuple[str, ...]:
    """Register references of those whom this part is about, as far as that was found on filing."""
    return next((tuple(p["people"]) for p in parts if p["path"] == path), ())
