"""The weekly reminder to officers: what is to be reviewed or renewed, in plain words, by council ID alone.

It is our own words to our own people, as other notices are: from the null sender, automatic (RFC 3834), and without
anything that would say more about anybody than that a review is due.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby

from domain.due import Due, Matter, Stage, week_of
from domain.here import HERE
from domain.model import Address
from domain.outgoing import Notice
from domain.ports import NextHop
from gateway.letters import Letter, Letterhead, Told, hand_over, page
from register import digests

Dues = Sequence[tuple[Stage, Due]]

_WHAT = {
    Matter.RELEASE: "look at the urgent release about {about}",
    Matter.ACCESS: "answer the subject access request about {about} ({ref})",
    Matter.REQUEST: "ask {about} whether a recipient may know (request {ref})",
    Matter.PERMISSION: "review the permission or best-interests decision about {about} ({ref})",
    Matter.BASIS: "look again at the decision to share about {about} ({ref})",
    Matter.LEAVING: "get the papers about {about} back, and a word on the copies (`sallyport leaving`, {ref})",
    Matter.TRAINING: "arrange the data-protection training of carer {about}",
    Matter.APPRAISAL: "hold the yearly appraisal of carer {about}, and look at how information is kept there",
    Matter.KEY: "get a new key or certificate for {about} ({ref})",
}
_HELD_BACK = "While the review of a permission is overdue, most mail with that person's information is held back."
_OPENING = {
    0: "Hello. Nothing is overdue; this is what comes up.",
    1: "Hello. One thing is overdue. Could you see to it this week?",
}


@dataclass(frozen=True, slots=True)
class Digest:
    """Composes. ``address`` is the author and whom to ask; ``phone`` may be empty."""

    service: str
    address: str
    phone: str
    hostname: str

    def compose(self, to: Address, told: Dues, now: datetime) -> Notice:
        """One mail for one reader; the same text for the same week."""
        seed = hashlib.sha256(f"{to.key}\0{week_of(now)}".encode()).hexdigest()[:32]
        letter = Letter(
            title=self.subject(told),
            text=self.text(told),
            html=self._html(told),
            message_id=f"<digest-{seed}@{self.hostname}>",
            automatic="auto-generated",
        )
        return Letterhead(self.service, self.address).to(to, letter, now)

    def subject(self, told: Dues) -> str:
        """How many, and how many of them late."""
        late = sum(stage is Stage.OVERDUE for stage, _ in told)
        things = "1 thing" if len(told) == 1 else f"{len(told)} things"
        return f"To do this week: {things}" + (f", {late} overdue" if late else "")

    def text(self, told: Dues) -> str:
        """As plain text."""
        lines = [_opening(told), ""]
        for stage, dues in _by_stage(told):
            lines += [f"{stage.label}:", *(f"  - {_line(due, stage)}" for due in dues), ""]
        return "\n".join([*lines, *self._closing(told)])

    def _html(self, told: Dues) -> str:
        body = [f"<p>{escape(_opening(told))}</p>"]
        for stage, dues in _by_stage(told):
            body.append(f"<h2 style='font-size:1.1em'>{stage.label}</h2>")
            body.append("<ul>" + "".join(f"<li>{escape(_line(due, stage))}</li>" for due in dues) + "</ul>")
        body += [f"<p>{escape(line)}</p>" for line in self._closing(told) if line]
        return page(self.subject(told), body)

    def _closing(self, told: Dues) -> list[str]:
        reach = f" or {self.phone}" if self.phone else ""
        late = any(stage is Stage.OVERDUE and due.matter is Matter.PERMISSION for stage, due in told)
        return [
            *([_HELD_BACK, ""] if late else []),
            "If you have done it already, thank you: please see that it is recorded.",
            "",
            f"Questions? Ask {self.address}{reach}.",
            "",
            f"{self.service}. This is an automatic message, sent at most once a week.",
        ]


def send(planned: Mapping[str, Dues], digest: Digest, hop: NextHop, now: datetime) -> tuple[int, int]:
    """Sends each its mail of this week, unless it has it: how many were sent, and how many could not be.

    ``planned`` is by folded address. What could not be sent is tried again by the next run.
    """
    sent = failed = 0
    for recipient, told in planned.items():
        if digests.claim(recipient, week_of(now), now):
            if hand_over(digest.compose(Address.of(recipient), told, now), hop) is Told.YES:
                digests.mark_sent(recipient, week_of(now), now)
                sent += 1
            else:
                digests.give_back(recipient, week_of(now))
                failed += 1
    return sent, failed


def _opening(told: Dues) -> str:
    late = sum(stage is Stage.OVERDUE for stage, _ in told)
    return _OPENING.get(late) or f"Hello. {late} things are overdue. Could you see to them this week?"


def _by_stage(told: Dues) -> Iterator[tuple[Stage, list[Due]]]:
    for stage, group in groupby(told, key=lambda pair: pair[0]):
        yield stage, [due for _, due in group]


def _line(due: Due, stage: Stage) -> str:
    words = _WHAT[due.matter].format(about=due.about, ref=due.ref)
    note = f" ({due.note})" if due.note and due.dated else f", {due.note}" if due.note else ""
    return f"{words[0].upper()}{words[1:]}{_when(due, stage)}{note}"


def _when(due: Due, stage: Stage) -> str:
    if due.until is None or not due.dated:
        return ""
    if due.matter is Matter.RELEASE:
        return f": {'was due' if stage is Stage.OVERDUE else 'by'} {due.until.astimezone(HERE):%H:%M on %d %B %Y}"
    day = f"{due.last_day(due.until):%d %B %Y}"
    if due.matter is Matter.KEY:
        return f": {'expired on' if stage is Stage.OVERDUE else 'expires on'} {day}"
    return f": {'was due' if stage is Stage.OVERDUE else 'by'} {day}"
