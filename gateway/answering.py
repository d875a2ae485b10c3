"""Officers settle a doubt about an address by answering the notice of it with one word.

The notice's Reply-To is an address of our own that names the mail by the beginning of its digest and carries a keyed
mark over that and the officer's address. An answer counts if the mark is ours, it comes from that very officer
(envelope and From alike), by the connection of the council's own mail system ([relay] networks), was written by no
program (RFC 3834), and begins with the one word. Then it is as the click on a page: only doubts that the policy leaves
to the sender, and the mail is decided anew. Nothing else in the answer is read, filed or passed on.

Whatever is no such answer changes nothing. Its sender is told, if they are of the council, and always the same whether
the mark, the sender or the mail was wrong. What we say comes from the null sender and has no Reply-To: nothing answers
it. The same answer twice is one answer. Raises ``TryAgain``; then the mail system keeps it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from domain.errors import NextHopUnavailable
from domain.model import Address, Envelope, Message, Place
from domain.outgoing import Fate, Outcome
from gateway.letters import Letter, Letterhead, Told, hand_over, page
from gateway.mime.fields import header_fields
from gateway.pipeline import Ports, process
from vault.held import confirming
from vault.held.settling import CannotSettle
from vault.models import HeldMail, Settlement

_LOG = structlog.get_logger(__name__)
_OCTETS = 16
_TAG = re.compile(r"([a-z2-7]{26})-([a-z2-7]{26})")
_TAG_OF_A_PAGE = re.compile(r"<[^<>]*>")
_HEAD = re.compile(r"</head\s*>", re.IGNORECASE)
_LOOKED_AT = 64 * 1024
"""Octets of an answer's text: the word stands first."""
YES, OTHER = "yes", "other"
_NOT_YOURS = "It does not belong to a mail of yours that waits for this. Look at the mail in the console."
_NO_WORD = "It does not begin with the one word YES or the one word OTHER. Nothing was sent. Answer the notice again."


@dataclass(frozen=True, slots=True)
class AnswerBox:
    """The address that answers go to, and the key that marks it. All relays of a service share the key."""

    address: str
    key: bytes = field(repr=False)

    def reply_to(self, raw: bytes, sender: Address) -> str:
        """For the notice to that officer about that mail."""
        local, _, domain = self.address.partition("@")
        name = _written(hashlib.sha256(raw).digest()[:_OCTETS])
        return f"{local}+{name}-{self._mark(name, sender)}@{domain}"

    def takes(self, recipient: Address) -> bool:
        """Whether something sent there is for us."""
        local, _, domain = self.address.lower().partition("@")
        return recipient.domain == domain and recipient.key.startswith((f"{local}+", f"{local}@"))

    def digest(self, recipient: Address, sender: Address) -> str:
        """The beginning of the mail's digest, hexadecimal; empty where the mark is not ours for this sender."""
        found = _TAG.fullmatch(recipient.key.rpartition("@")[0].partition("+")[2])
        if found is None or not hmac.compare_digest(found[2], self._mark(found[1], sender)):
            return ""
        return _read(found[1])

    def _mark(self, name: str, sender: Address) -> str:
        said = f"sallyport-answer-1|{name}|{sender.key}".encode("utf-8", "surrogateescape")
        return _written(hmac.new(self.key, said, hashlib.sha256).digest()[:_OCTETS])


def _written(octets: bytes) -> str:
    """In letters that survive whatever a mail system does to the case of an address."""
    return b32encode(octets).decode().rstrip("=").lower()


def _read(name: str) -> str:
    bits = "".join(f"{'abcdefghijklmnopqrstuvwxyz234567'.index(c):05b}" for c in name)
    return f"{int(bits[: _OCTETS * 8], 2):0{_OCTETS * 2}x}"


@dataclass(frozen=True, slots=True)
class Answers:
    """Stands before the pipeline. ``trusts`` says of a peer whether it is the council's own mail system."""

    box: AnswerBox
    ports: Ports
    letterhead: Letterhead
    hostname: str
    trusts: Callable[[str], bool]

    def __call__(self, envelope: Envelope, raw: bytes) -> Sequence[Outcome]:
        """The outcome of each recipient: ours are answered here, the others' mail goes its way."""
        ours = [r for r in envelope.recipients if self.box.takes(r)]
        if not ours:
            return process(envelope, raw, self.ports)
        done = {r: Outcome(r, Fate.DELIVERED, self._take(r, envelope, raw)) for r in ours}
        others = tuple(r for r in envelope.recipients if r not in done)
        if others:
            done |= {o.recipient: o for o in process(replace(envelope, recipients=others), raw, self.ports)}
        return [done[r] for r in envelope.recipients]

    def _take(self, recipient: Address, envelope: Envelope, raw: bytes) -> str:
        message, now = self.ports.parse(raw), self.ports.clock.now()
        if not envelope.sender.key or automatic(raw):
            return self._said("ignored: a program wrote it")
        digest = self.box.digest(recipient, envelope.sender)
        author = Address.of(message.author)
        if not digest or author != envelope.sender or not self.trusts(envelope.peer):
            return self._refuse(_NOT_YOURS, message, envelope, now)
        word = first_word(message)
        if word not in {YES, OTHER}:
            return self._refuse(_NO_WORD, message, envelope, now)
        rows = confirming.of_mail(digest, envelope.sender, now)
        try:
            self._settle(word, rows, envelope.sender, now)
        except CannotSettle:
            if rows and confirming.under_way([row.pk for row in rows]):
                return self._said("again: it is being done")
            return self._refuse(_NOT_YOURS, message, envelope, now)
        return self._said(f"settled: {word}")

    def _settle(self, word: str, rows: list[HeldMail], sender: Address, now: datetime) -> list[Settlement]:
        by = f"mail:{sender.key}"
        if word == YES:
            return confirming.confirm(rows, by, self.ports.rules.guard, now)
        return confirming.send_instead(rows, by, now)

    def _refuse(self, why: str, message: Message, envelope: Envelope, now: datetime) -> str:
        """Tell the sender, if they are of the council. Raises where that has to wait."""
        if self.ports.tellable(envelope.sender, now):
            lines = ["Your answer could not be used.", why, f"{self.letterhead.service}. This is an automatic message."]
            seed = f"{message.message_id}\0{envelope.sender.key}\0{now.isoformat()}".encode("utf-8", "surrogateescape")
            letter = Letter(
                title="Your answer could not be used",
                text="\n\n".join(lines) + "\n",
                html=page(lines[0], [f"<p>{line}</p>" for line in lines]),
                message_id=f"<{hashlib.sha256(seed).hexdigest()[:32]}@{self.hostname}>",
                automatic="auto-replied",
            )
            if hand_over(self.letterhead.to(envelope.sender, letter, now), self.ports.next_hop) is Told.LATER:
                raise NextHopUnavailable("the sender of an answer cannot be told yet")
        return self._said("refused")

    def _said(self, what: str) -> str:
        _LOG.info("answer to a notice", what=what)
        return f"answer {what}"


def automatic(raw: bytes) -> bool:
    """Whether a program wrote it (RFC 3834 section 5, and what came before it): it answers nothing."""
    for header in header_fields(raw):
        value = header.value.strip().lower()
        if header.name == "auto-submitted" and value.partition(b";")[0].strip() != b"no":
            return True
        if header.name == "precedence" and value in {b"bulk", b"junk", b"list", b"auto_reply"}:
            return True
        if header.name in {"x-autoreply", "x-autorespond", "list-id"}:
            return True
        if header.name == "content-type" and value.startswith(b"multipart/report"):
            return True
    return False


def first_word(message: Message) -> str:
    """The first line of its text that is not empty, in small letters, without what stands around a word."""
    bodies = [p for p in message.parts if p.place is Place.BODY and p.declared_type in {"text/plain", "text/html"}]
    if not bodies:
        return ""
    text = bodies[0].content[:_LOOKED_AT].decode("utf-8", "replace").lstrip("\ufeff")
    if bodies[0].declared_type == "text/html":
        head = _HEAD.search(text)
        text = _TAG_OF_A_PAGE.sub("\n", text[head.end() if head else 0 :]).replace("&nbsp;", " ")
    line = next((line for line in text.splitlines() if line.strip()), "")
    return line.strip().strip("\"'.!* ").casefold()
