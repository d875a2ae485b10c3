"""What officers and the management team are told: short, plain, and how to put it right.

It holds no personal data beyond the recipient's address and the mail's own subject line,
which the officer wrote. It comes from the null sender and says that it is automatic
(RFC 3834), so nothing ever answers it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import groupby
from typing import NamedTuple

from domain.decision import Action, Decision, Reason
from domain.here import HERE
from domain.model import Address, Envelope, Message
from domain.outgoing import HopReply, Notice, Untold
from domain.ports import Release
from gateway.dsn import Report, entries
from gateway.letters import Letter, Letterhead, page
from gateway.mime.words import one_line
from gateway.offers import Offers, meant

_NOBODY_ELSE = "This does not concern anyone who is not listed here."
_AFTER = "If this should not have been sent, speak to the officer now. The release is on record for your review."


class _Paragraph(NamedTuple):
    """What happened, for which recipients, why, and what to do: one block of the notice."""

    heading: str
    recipients: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]


class PlainNotices:
    """Implements ``Notices`` in plain English, as text and as simple HTML."""

    def __init__(
        self,
        service: str,
        address: str,
        phone: str,
        hostname: str,
        management: Sequence[str] = (),
        *,
        resend: timedelta = timedelta(minutes=15),
        offers: Offers | None = None,
    ) -> None:
        """``address`` is shown as the author; ``phone`` may be empty; ``management`` are the team's addresses.

        ``resend`` is after how long a stopped mail may be sent again unchanged; ``offers`` what its sender may settle.
        """
        self._offers = offers
        self._letterhead = Letterhead(service, address)
        self._phone, self._hostname = phone, hostname
        self._management = tuple(Address.of(a) for a in management)
        minutes = -(-resend // timedelta(minutes=1))
        self._again = (
            f"Once it is put right, you may send the mail again: {minutes} minutes from now or later if it is "
            "exactly the same mail, at once if it is a new one."
        )

    def compose(
        self,
        message: Message,
        envelope: Envelope,
        decisions: Sequence[Decision],
        refusals: Sequence[HopReply],
        now: datetime,
        relayed: Sequence[HopReply] = (),
    ) -> Notice:
        """See the port."""
        blocks = [*_blocks(decisions), *_refused(refusals), *_handed_on(relayed)]
        title, opening = _headline(message, len(decisions) + len(refusals), envelope)
        offered = self._offers.lines(decisions) if self._offers else []
        again = f"{self._again} " if decisions or refusals else ""
        last = [*offered, f"{again}{_NOBODY_ELSE}"]
        texts = self._text(opening, blocks, last), self._html(opening, blocks, last)
        reply_to = self._offers.reply_to(message, envelope, decisions) if self._offers else ""
        report = Report(envelope, message, entries(decisions, refusals, relayed), self._hostname)
        if reply_to:  # some mail programs offer no answer to a delivery report
            return self._notice(envelope.sender, title, texts, message, envelope, now, reply_to)
        return self._notice(envelope.sender, title, texts, message, envelope, now, report=report)

    def compose_releases(
        self, message: Message, envelope: Envelope, releases: Sequence[Release], now: datetime
    ) -> tuple[Notice, ...]:
        """See the port."""
        subject = one_line(message.subject) or "(no subject)"
        opening = f'{envelope.sender.text} is sending the mail "{subject}" by urgent release.'
        blocks = [
            _Paragraph("Released at once, protected, to", tuple(r.recipient.text for r in group), (_released(*key),))
            for key, group in groupby(releases, key=lambda r: (r.concern.label, r.review_due))
        ]
        texts = self._text(opening, blocks, [_AFTER]), self._html(opening, blocks, [_AFTER])
        return tuple(
            self._notice(address, f"Urgent release: {subject}", texts, message, envelope, now)
            for address in self._management
        )

    def _notice(
        self,
        to: Address,
        title: str,
        texts: tuple[str, str],
        message: Message,
        envelope: Envelope,
        now: datetime,
        reply_to: str = "",
        report: Report | None = None,
    ) -> Notice:
        letter = Letter(
            title=title,
            text=texts[0],
            html=texts[1],
            message_id=_message_id(message, envelope, to, now, self._hostname),
            automatic="auto-replied",
            answers=one_line(message.message_id),
            reply_to=reply_to,
            report=report,
        )
        return self._letterhead.to(to, letter, now)

    def _text(self, opening: str, blocks: Sequence[_Paragraph], last: Sequence[str]) -> str:
        lines = [opening, ""]
        for block in blocks:
            lines += [f"{block.heading}:", *(f"  {r}" for r in block.recipients), ""]
            for why, fix in block.reasons:
                lines += [f"  Why: {why}.", *([f"  What to do: {fix}"] if fix else []), ""]
        return "\n".join([*lines, *self._closing(last)])

    def _html(self, opening: str, blocks: Sequence[_Paragraph], last: Sequence[str]) -> str:
        body = [f"<p>{escape(opening)}</p>"]
        for block in blocks:
            body.append(f"<h2 style='font-size:1.1em'>{escape(block.heading)}</h2>")
            body.append("<ul>" + "".join(f"<li>{escape(r)}</li>" for r in block.recipients) + "</ul>")
            for why, fix in block.reasons:
                todo = f"<br><strong>What to do:</strong> {escape(fix)}" if fix else ""
                body.append(f"<p><strong>Why:</strong> {escape(why)}.{todo}</p>")
        body += [f"<p>{escape(line)}</p>" for line in self._closing(last) if line]
        return page(opening, body)

    def _closing(self, last: Sequence[str]) -> list[str]:
        reach = f" or ring {self._phone}" if self._phone else ""
        return [
            *(line for each in last for line in (each, "")),
            f"If someone may be in danger, do not wait: speak to the Shared Lives Management Team{reach}.",
            "",
            f"{self._letterhead.service}. This is an automatic message.",
        ]


_UNDELIVERED = "Could not be delivered"
_REFUSED = "The mail system on the way refused this address"
_CHECK = "Check that the address is written correctly, then send it again."
_HEADINGS = {
    Action.HOLD: "Kept back, and not sent",
    Action.REJECT: "Not sent, and will not be sent",
}


def _headline(message: Message, stopped: int, envelope: Envelope) -> tuple[str, str]:
    """The subject line and the first sentence."""
    subject = one_line(message.subject) or "(no subject)"
    if not stopped:
        return f"Passed on: {subject}", f'Your mail "{subject}" was passed on.'
    if stopped == len(envelope.recipients):
        return f"Not sent: {subject}", f'Your mail "{subject}" was not sent.'
    return f"Not sent to everyone: {subject}", f'Your mail "{subject}" was not sent to everyone it was for.'


def _blocks(decisions: Sequence[Decision]) -> list[_Paragraph]:
    """Recipients with the same outcome and the same reasons share one block."""
    entries = sorted((d.action, _told_reasons(d), meant(d)) for d in decisions)
    return [
        _Paragraph(_HEADINGS[action], tuple(r for _, _, r in group), reasons)
        for (action, reasons), group in groupby(entries, key=lambda e: (e[0], e[1]))
    ]


def _released(concern: str, review_due: datetime) -> tuple[str, str]:
    local = review_due.astimezone(HERE)
    return f"The officer says that {concern}", f"Please review this release by {local:%H:%M on %d %B %Y}."


def _told_reasons(decision: Decision) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys((_why(r), r.fix) for r in decision.decisive))


def _why(reason: Reason) -> str:
    return f"{reason.why} ({reason.category.label})" if reason.category else reason.why


def _refused(refusals: Sequence[HopReply]) -> list[_Paragraph]:
    if not refusals:
        return []
    return [_Paragraph(_UNDELIVERED, tuple(r.recipient.text for r in refusals), ((_REFUSED, _CHECK),))]


def untold_of(decisions: Sequence[Decision], refusals: Sequence[HopReply]) -> tuple[Untold, ...]:
    """The same in short, a line a recipient, for a notice about many mails."""
    return (*map(_in_short, decisions), *(Untold(r.recipient.text, _UNDELIVERED, _REFUSED, _CHECK) for r in refusals))


def _in_short(decision: Decision) -> Untold:
    reasons = _told_reasons(decision)
    why, fix = ". ".join(why for why, _ in reasons), " ".join(dict.fromkeys(fix for _, fix in reasons if fix))
    return Untold(decision.recipient.text, _HEADINGS[decision.action], why, fix)


def _handed_on(relayed: Sequence[HopReply]) -> list[_Paragraph]:
    if not relayed:
        return []
    why = "You asked to be told. The next mail system took it, and does not tell us when it arrives"
    return [_Paragraph("Passed on, and no more is known", tuple(r.recipient.text for r in relayed), ((why, ""),))]


def _message_id(message: Message, envelope: Envelope, to: Address, now: datetime, hostname: str) -> str:
    """New for each notice, and without a random source, so that a test can foresee it."""
    seed = f"{message.message_id}\0{envelope.sender.key}\0{to.key}\0{now.isoformat()}"
    return f"<{hashlib.sha256(seed.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}@{hostname}>"
