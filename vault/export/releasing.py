"""What each verdict makes of its document: given whole, blacked out and proven, or kept back with the reason.

Mails become PDFs, since few people can open a mail file. A PDF that is redacted becomes pictures with boxes; any other
file its words with black fields, and says so on the page. What could not be proven stops everything.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from domain.ports import Classifiers
from vault.export.cases import CaseError
from vault.export.contained import NotPainted, painted
from vault.export.documents import Collected, Document
from vault.export.folding import Folded, folded
from vault.export.page import Entry
from vault.export.proof import ProofFailed, prove
from vault.export.readable import OF_A_MAIL, head, lines_of
from vault.export.review import Verdict
from vault.export.typesetting import censored, typeset
from vault.models import Choice

_UNSAFE = re.compile(r"[^\w ()-]+")
_NAME = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_LONGEST = 60
_MOST_BYTES = 180
"""Of a title in a file name: a file system takes 255, and letters may have four each."""
_SHORTEST = 3
_WORDS_ONLY = (
    "This is a copy of the words of a file. Some words are taken out, and show as black fields. Pictures and the way "
    "the file looked are not in this copy."
)
_SOME_OUT = " Some words are taken out, and show as black fields."


@dataclass(frozen=True, slots=True)
class Released:
    """An entry of the index, with what was proven of a redaction, a sentence each.

    ``left`` are words of what was taken out that still stand somewhere, and how often: for a person to look at.
    """

    entry: Entry
    document: str
    sha256: str = ""
    proven: tuple[str, ...] = ()
    passages: int = 0
    left: tuple[tuple[str, int], ...] = ()


def release(
    verdicts: Sequence[Verdict], collected: Collected, payload: Path, readers: Classifiers
) -> Iterator[Released]:
    """Write what is given below ``payload`` and say what became of every document that is listed.

    Raises ``CaseError`` for a text that is nowhere in its document, ``NotPainted`` and ``ProofFailed``.
    """
    listed = (v for v in verdicts if v.choice not in {Choice.NOT_THEIRS, Choice.UNLISTED})
    for number, verdict in enumerate(listed, 1):  # counted anew: a gap would say that something is not mentioned
        if verdict.choice is Choice.WITHHOLD:
            grounds = tuple(g.says for g in verdict.grounds)
            yield Released(_entry(verdict, number, grounds=grounds), verdict.document.id)
        else:
            yield _given(verdict, number, collected, payload, readers)


def _given(verdict: Verdict, number: int, collected: Collected, payload: Path, readers: Classifiers) -> Released:
    document, texts = verdict.document, [p.text for p in verdict.passages]
    try:
        made = _made(document, collected, texts, readers)
    except (NotPainted, ProofFailed) as error:
        public = f"{document.id} was not released, and nothing was packed: {error.public}"
        raise type(error)(error.private, public=public, document=document.id, **error.fields) from error
    title = censored(document.title, [*texts, *_words_of(texts)]) or "without a title"
    name = f"{document.first.sent[:10]} {_safe(title)} ({number}){made.suffix}"
    path = payload / "documents" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.content)
    grounds = tuple(dict.fromkeys(g.says for g in verdict.all_grounds))
    entry = _entry(verdict, number, f"documents/{name}", title=title, grounds=grounds)
    digest = hashlib.sha256(made.content).hexdigest()
    return Released(entry, document.id, digest, tuple(made.proven), len(texts), made.left)


@dataclass(frozen=True, slots=True)
class _Made:
    """The content, how its file name ends, what was proven, and what is left of words that were taken out."""

    content: bytes
    suffix: str
    proven: Sequence[str] = ()
    left: tuple[tuple[str, int], ...] = ()


def _made(document: Document, collected: Collected, texts: Sequence[str], readers: Classifiers) -> _Made:
    if document.mail:
        note = OF_A_MAIL + (_SOME_OUT if texts else "")
        first = document.first
        to = dict.fromkeys(to for o in document.occurrences for to in o.to)
        lines = [*head(first.sender, to, first.sent, document.title), "", *lines_of(collected.pages(document))]
        return _set(document, lines, texts, note, readers)
    content = collected.content(document)
    if not texts:
        return _Made(content, _suffix(document))
    if content.lstrip()[:5] == b"%PDF-":
        watch = _words_of(texts)
        done = painted(content, texts, watch)
        _all_found(document, texts, done.times)
        return _Made(done.pdf, ".pdf", prove(done.pdf, texts, readers, done.boxes), _still(watch, done.left))
    return _set(document, list(lines_of(collected.pages(document))), texts, _WORDS_ONLY, readers)


def _set(document: Document, lines: Sequence[str], texts: Sequence[str], note: str, readers: Classifiers) -> _Made:
    pdf, times = typeset("Copy", lines, texts, note)
    _all_found(document, texts, times)
    if not texts:
        return _Made(pdf, ".pdf")
    watch, rest = _words_of(texts), Folded.of(censored("\n".join(lines), texts))
    left = _still(watch, [sum(1 for _ in rest.find(word)) for word in watch])
    return _Made(pdf, ".pdf", prove(pdf, texts, readers), left)


def _words_of(texts: Sequence[str]) -> list[str]:
    """The names within what is taken out: in a table a name may be broken up, and one half of it be left."""
    words = (word.strip(".,;:()'\u2019") for text in texts if " " in text for word in text.split())
    names = (w for w in words if _NAME.fullmatch(w) and w[0].isupper())
    return list(dict.fromkeys(w for w in names if len(folded(w)) >= _SHORTEST))


def _still(watch: Sequence[str], left: Sequence[int]) -> tuple[tuple[str, int], ...]:
    return tuple((word, times) for word, times in zip(watch, left, strict=True) if times)


def _all_found(document: Document, texts: Sequence[str], times: Sequence[int]) -> None:
    """A text that was to be taken out and is nowhere was misspelt, or is in a picture: somebody must look."""
    title = Folded.of(document.title)  # the file's name is a name, too; it is not on a page of a PDF
    for text, found in zip(texts, times, strict=True):
        if not found and not title.has(text):
            raise CaseError(
                f"In {document.id} the text '{text}' is nowhere to be found, so nothing was taken out for it. Look "
                "at the document: it may be written otherwise, or be in a picture (then withhold it)."
            )


def _entry(verdict: Verdict, number: int, file: str = "", *, title: str = "", grounds: tuple[str, ...] = ()) -> Entry:
    document = verdict.document
    return Entry(
        id=str(number),
        day=date.fromisoformat(document.first.sent[:10]),
        kind="An e-mail" if document.mail else "A file that came with an e-mail",
        title=title,
        file=file,
        redacted=bool(verdict.passages),
        grounds=grounds,
    )


def _suffix(document: Document) -> str:
    """Of the file's own name: a person's computer goes by it."""
    suffix = PurePosixPath(document.file).suffix
    return suffix if re.fullmatch(r"\.\w{1,8}", suffix, re.ASCII) else ".bin"


def _safe(title: str) -> str:
    stem = PurePosixPath(title).stem if re.search(r"\.\w{1,5}$", title) else title
    words = " ".join(_UNSAFE.sub(" ", stem).split())[:_LONGEST]
    return words.encode()[:_MOST_BYTES].decode(errors="ignore").strip() or "document"
