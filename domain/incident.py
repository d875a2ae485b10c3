"""A personal data breach, its clock and its duties (UK GDPR Art. 33 and 34; rule 10 of ``docs/policy-map.md``).

The Commissioner is told within 72 hours of our becoming aware, unless a risk to people is unlikely; later with the
reason for the delay (Art. 33(1)). The people are told where the risk is high (Art. 34). Facts, effects and remedy of
every breach are kept, also of those not reported, and why not (Art. 33(5)). The hours are hours: nights, weekends and
holidays count, which is the careful reading. ``now`` is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

LIMIT = timedelta(hours=72)
_SOON = timedelta(hours=24)
_HOUR = 60


class Nature(StrEnum):
    """What went wrong, as far as this service can see it."""

    WRONG_RECIPIENT = "wrong-recipient"
    WRONG_CONTENT = "wrong-content"  # another file, or more than was meant
    VISIBLE_RECIPIENTS = "visible-recipients"  # To or Cc instead of Bcc
    NO_PERMISSION = "no-permission"
    SEEN = "seen"  # by somebody who may not
    LOST = "lost"
    UNAVAILABLE = "unavailable"
    OTHER = "other"


class Risk(StrEnum):
    """To the rights and freedoms of the people concerned."""

    OPEN = "open"  # nobody has judged it yet: it counts as likely
    UNLIKELY = "unlikely"
    LIKELY = "likely"
    HIGH = "high"


class State(StrEnum):
    """How the clock stands."""

    RUNNING = "running"
    SOON = "soon"  # less than a day is left
    OVERDUE = "overdue"
    REPORTED = "reported"
    REPORTED_LATE = "reported-late"
    NOT_REPORTABLE = "not-reportable"


class Duty(StrEnum):
    """What somebody still has to do, in words."""

    JUDGE = "judge how likely a risk to the people is"
    REPORT = "report it to the Information Commissioner, or judge that a risk is unlikely"
    EXPLAIN_DELAY = "say why the report came later than 72 hours"
    GIVE_REASON = "say why it is not reported"
    TELL_PEOPLE = "tell the people concerned, or say why they need not be told"
    DESCRIBE = "describe what happened"
    EFFECTS = "write what the consequences are likely to be"
    REMEDY = "write what was done about it"


SAID = {
    State.RUNNING: "the 72 hours run",
    State.SOON: "LESS THAN A DAY IS LEFT",
    State.OVERDUE: "LATE",
    State.REPORTED: "reported in time",
    State.REPORTED_LATE: "reported late",
    State.NOT_REPORTABLE: "not reported, with the reason",
}
"""How the clock stands, as people read it."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is written about it; the Commissioner's fields (Art. 33(3)). Empty and None: not known yet."""

    nature: str = ""
    people_kinds: str = ""
    people_number: int | None = None
    record_kinds: str = ""
    record_number: int | None = None
    contact: str = ""
    consequences: str = ""
    measures: str = ""


ASKED = {
    "nature": "What happened",
    "people_kinds": "Kinds of people",
    "people_number": "Number of people",
    "record_kinds": "Kinds of records",
    "record_number": "Number of records",
    "contact": "Contact",
    "consequences": "Likely consequences",
    "measures": "Measures",
}
"""The Commissioner's fields, by their names in :class:`Account`, as people read them."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One breach, or what may be one. Times are aware; ``because`` texts are empty until somebody gives the reason.

    Raises ``ValueError`` for what cannot have happened.
    """

    aware_at: datetime
    risk: Risk = Risk.OPEN
    account: Account = Account()
    reported_at: datetime | None = None
    late_because: str = ""
    not_reported_because: str = ""
    people_told_at: datetime | None = None
    people_not_told_because: str = ""  # Art. 34(3): encrypted, no longer likely, or out of proportion

    def __post_init__(self) -> None:
        if any(at is not None and at < self.aware_at for at in (self.reported_at, self.people_told_at)):
            raise ValueError("nobody is told of it before we are aware of it")

    @property
    def due(self) -> datetime:
        """The last moment in time."""
        return self.aware_at + LIMIT


@dataclass(frozen=True, slots=True)
class Clock:
    """``left`` is negative when it is late, and None when nothing is waited for. ``duties`` in the order to do them."""

    state: State
    due: datetime
    left: timedelta | None
    duties: tuple[Duty, ...]


def clock(incident: Incident, now: datetime) -> Clock:
    """How it stands. Total."""
    state = _state(incident, now)
    waited_for = state in {State.RUNNING, State.SOON, State.OVERDUE}
    return Clock(state, incident.due, incident.due - now if waited_for else None, duties(incident))


def duties(incident: Incident) -> tuple[Duty, ...]:
    """What is still to be done before it can be closed."""
    return tuple(_duties(incident))


def hours(span: timedelta) -> str:
    """A time in hours, or in minutes where it is less than one."""
    minutes = int(span.total_seconds() // 60)
    if minutes < _HOUR:
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    return "1 hour" if minutes // _HOUR == 1 else f"{minutes // _HOUR} hours"


def missing(account: Account) -> tuple[str, ...]:
    """Names of the Commissioner's fields (Art. 33(3)) of which nothing is known. They may follow later (Art. 33(4))."""
    return tuple(f.name for f in fields(account) if getattr(account, f.name) in {"", None})


def _state(incident: Incident, now: datetime) -> State:
    if incident.reported_at is not None:
        return State.REPORTED if incident.reported_at <= incident.due else State.REPORTED_LATE
    if incident.risk is Risk.UNLIKELY and incident.not_reported_because:
        return State.NOT_REPORTABLE
    if now > incident.due:
        return State.OVERDUE
    return State.SOON if incident.due - now < _SOON else State.RUNNING


def _duties(incident: Incident) -> Iterator[Duty]:
    if incident.risk is Risk.OPEN:
        yield Duty.JUDGE
    if incident.reported_at is None:
        yield from _unreported(incident)
    elif incident.reported_at > incident.due and not incident.late_because:
        yield Duty.EXPLAIN_DELAY
    if incident.risk is Risk.HIGH and incident.people_told_at is None and not incident.people_not_told_because:
        yield Duty.TELL_PEOPLE
    written = {Duty.DESCRIBE: incident.account.nature, Duty.EFFECTS: incident.account.consequences}
    written[Duty.REMEDY] = incident.account.measures
    yield from (duty for duty, text in written.items() if not text)


def _unreported(incident: Incident) -> Iterator[Duty]:
    if incident.risk is not Risk.UNLIKELY:
        yield Duty.REPORT
    elif not incident.not_reported_because:
        yield Duty.GIVE_REASON
