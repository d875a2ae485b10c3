"""Step 2: what the mail holds, without changing an octet of it.

The bytes come from anybody. Total for whatever the dialogue accepts: what cannot be read, or would
be read differently by different mail programs, is an ``Unreadable`` and holds the mail for people
outside (promise 1). Files inside files (zip, TNEF) are opened later, in contained processes.
"""

from __future__ import annotations

from domain.model import Message, Unreadable, UnreadableReason
from gateway.mime.fields import Header, without_bcc
from gateway.mime.notes import notes
from gateway.mime.walk import Limits, Walk
from gateway.mime.words import Decoded, addresses, decoded, plain

__all__ = ["Limits", "parse", "strip_bcc_and_mark"]

_DEFAULT = Limits()
_LONGEST_SUBJECT = 5000
"""Characters: readers look no further than 10,000, and no person writes so many."""


def parse(raw: bytes, limits: Limits = _DEFAULT) -> Message:
    """The message and its leaves, decoded. Never raises for any bytes."""
    walked = Walk(limits).run(raw)
    header = walked.header
    subject, doubts = _subject(header)
    authors = addresses(header.values("from"))
    return Message(
        raw=raw,
        body_offset=header.body,
        subject=subject,
        message_id=_first(header, "message-id"),
        author=authors[0].text if authors else "",
        parts=walked.parts,
        unreadable=tuple(dict.fromkeys((*walked.unreadable, *doubts))),
        notes=notes(header, subject, walked.told),
    )


def strip_bcc_and_mark(raw: bytes, trace: bytes) -> bytes:
    """The message to relay: our trace fields on top, Bcc and its like gone, every other octet as it came."""
    return b"".join((trace, *without_bcc(raw)))


def _subject(header: Header) -> tuple[str, tuple[Unreadable, ...]]:
    values = [decoded(value) for value in header.values("subject")]
    sure = len(values) <= 1 and all(value.sure for value in values)
    # Two subjects: which one is shown depends on the program, so all of them are read.
    text = " / ".join(_one_line(value) for value in values)
    authors_agree = len(header.values("from")) <= 1
    doubts = [] if sure else [Unreadable("subject", UnreadableReason.AMBIGUOUS)]
    if len(text) > _LONGEST_SUBJECT:
        doubts.append(Unreadable("subject", UnreadableReason.TOO_LARGE))
    if not authors_agree:
        doubts.append(Unreadable("0", UnreadableReason.AMBIGUOUS))
    return text, tuple(doubts)


def _one_line(value: Decoded) -> str:
    return " ".join(value.text.split())


def _first(header: Header, name: str) -> str:
    return next((plain(value) for value in header.values(name)), "")
