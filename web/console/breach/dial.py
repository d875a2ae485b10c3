"""The 72 hours as a picture and in words. Pure; ``now`` is an argument.

A dial: three thirds, a day each; what is left of them is drawn, and all of it, in red, when it is late. It is a picture
of what the words beside it say, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.incident import Incident, State, clock, hours

_HOUR = timedelta(hours=1)
_WHOLE = "72.00"
_TONES = {State.RUNNING: "calm", State.SOON: "soon"}
_TAGS = {
    State.RUNNING: ("In time", "blue"),
    State.SOON: ("Less than a day left", "orange"),
    State.OVERDUE: ("Late", "red"),
    State.REPORTED: ("Reported in time", "green"),
    State.REPORTED_LATE: ("Reported late", "yellow"),
    State.NOT_REPORTABLE: ("Not reported", "grey"),
}


@dataclass(frozen=True, slots=True)
class Dial:
    """``arc`` is how much of the ring is drawn, of 72; ``big`` and ``small`` stand in its middle.

    ``tone`` is calm, soon, late or done. ``tag`` and ``colour`` say the same in two words, for a list.
    """

    arc: str
    big: str
    small: str
    tone: str
    tag: str
    colour: str
    due: datetime


def dial(incident: Incident, now: datetime) -> Dial:
    """As it stands. Where nothing is waited for any more, the ring is whole, in the colour of what is done."""
    stands = clock(incident, now)
    tag, colour = _TAGS[stands.state]
    if stands.left is None:
        big, small = _done(incident)
        return Dial(_WHOLE, big, small, "done", tag, colour, stands.due)
    number, _, unit = hours(abs(stands.left)).partition(" ")
    if stands.left < timedelta():
        return Dial(_WHOLE, number, f"{unit} late", "late", tag, colour, stands.due)
    arc = f"{stands.left / _HOUR:.2f}"
    return Dial(arc, number, f"{unit} left", _TONES[stands.state], tag, colour, stands.due)


def _done(incident: Incident) -> tuple[str, str]:
    if incident.reported_at is None:
        return "No report", "the reason is written"
    return "Reported", f"after {hours(incident.reported_at - incident.aware_at)}"
