"""What is left to do about an incident, as a list to work down. Pure: the duties are ``domain/incident.py``'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.incident import Duty, Incident, Risk, duties

_OF_WRITING = frozenset({Duty.DESCRIBE, Duty.EFFECTS, Duty.REMEDY})


@dataclass(frozen=True, slots=True)
class Contained:
    """What was done at once. ``stopped`` of ``recipients`` get nothing more; ``waiting`` can still be picked up."""

    held: bool
    records: int
    recipients: int
    stopped: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Task:
    """``step`` names the page; ``done`` is None for what may be done and need not."""

    step: str
    text: str
    hint: str
    done: bool | None


def tasks(incident: Incident, contained: Contained, *, closed: bool) -> list[Task]:
    """In the order to do them; the end is the last."""
    return [*_containing(contained), *_telling(incident), *_ending(incident, closed=closed)]


def _containing(now: Contained) -> Iterator[Task]:
    yield Task("add", "Say which mails it is about", _many(now.records, "mail"), now.records > 0)
    yield Task("hold", "Keep the mails from being destroyed", "A legal hold, also on mails that are added.", now.held)
    if now.recipients:
        said = f"{now.stopped} of {_many(now.recipients, 'recipient')} stopped."
        yield Task("stop", "Stop more mail to who received it", said, True if now.stopped == now.recipients else None)
    if now.waiting:
        said = "1 mail waits for its recipient." if now.waiting == 1 else f"{now.waiting} mails wait for recipients."
        yield Task("revoke", "Close what waits to be picked up", said, done=False)


def _telling(incident: Incident) -> Iterator[Task]:
    left = duties(incident)
    yield Task("judge", "Judge the risk to the people", _RISKS[incident.risk], Duty.JUDGE not in left)
    if Duty.GIVE_REASON in left or incident.not_reported_because:
        yield Task(
            "no-report", "Say why it is not reported", "It is kept in the register.", Duty.GIVE_REASON not in left
        )
    else:
        done = not {Duty.REPORT, Duty.EXPLAIN_DELAY} & set(left)
        yield Task("report", "Report it to the Information Commissioner", "Within 72 hours.", done)
    if incident.risk is Risk.HIGH:
        yield Task("tell", "Tell the people", "Or say why they need not be told.", Duty.TELL_PEOPLE not in left)


def _ending(incident: Incident, *, closed: bool) -> Iterator[Task]:
    left = duties(incident)
    missing = [d.value for d in left if d in _OF_WRITING]
    said = f"Left: {'; '.join(missing)}." if missing else "What happened, its effects, and what was done are written."
    yield Task("write", "Write what the Commissioner asks", said, not missing)
    yield Task("close", "Close it", "When nothing is left to do." if left else "Nothing is left to do.", closed)


_RISKS = {
    Risk.OPEN: "Nobody has judged it: it counts as likely.",
    Risk.UNLIKELY: "A risk is unlikely.",
    Risk.LIKELY: "A risk is likely.",
    Risk.HIGH: "The risk is high.",
}


def _many(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number} {word}s"
