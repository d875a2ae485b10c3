"""A mail as lines that people can read: whom it was from and to, and its words, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain.model import Place
from vault.export.documents import PageOf
from vault.export.folding import folded
from vault.export.typesetting import typeset

OF_A_MAIL = "This is a copy of an e-mail."


def head(sender: str, to: Iterable[str], sent: str, subject: str) -> Iterator[str]:
    """What stands above the words. ``sent`` is ISO 8601."""
    yield f"From: {sender}"
    yield f"To: {', '.join(to)}"
    yield f"Sent: {sent[:16].replace('T', ' ')}"
    yield f"Subject: {subject}"


def lines_of(pages: Sequence[PageOf]) -> Iterator[str]:
    """The words, each once: a mail says the same as text and as a web page. Names of files inside head their words."""
    seen: set[str] = set()
    part = ""
    for page in pages:
        words = folded(page.text)
        if page.place == Place.SUBJECT_LINE.value or not words or words in seen:
            continue
        seen.add(words)
        if part and page.part != part:
            yield ""
        part = page.part
        yield from page.text.split("\n")


def as_pdf(sender: str, to: Iterable[str], sent: str, subject: str, pages: Sequence[PageOf]) -> bytes:
    """The whole mail, for reading; what is attached is beside it."""
    lines = [*head(sender, to, sent, subject), "", *lines_of(pages)]
    return typeset("E-mail", lines, (), OF_A_MAIL)[0]
