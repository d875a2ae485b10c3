"""An inspector's access: named people, until a time, with its authority. Pure; ``now`` is an argument.

The Care Quality Commission's inspectors may view what they need (Health and Social Care Act 2008 s.63, policy rule 22),
and no more: each access names its people and ends by itself, within three months at the latest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AUTHORITY = "Health and Social Care Act 2008 s.63 (CQC)"
LONGEST = timedelta(days=92)


class Refused(StrEnum):
    """Why an access cannot be granted. The value is the sentence that people read."""

    NOBODY = "Name the people whose records the inspector may see."
    NO_AUTHORITY = "Say by what authority the inspector may see them."
    NO_PURPOSE = "Say what the inspection is about."
    PAST = "The access must end later than now."
    TOO_LONG = "An access lasts three months at most; grant it anew if more is needed."
    OWN = "You cannot grant access to yourself."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``inspector`` and ``by`` are accounts; ``people`` register references."""

    inspector: str
    by: str
    people: Collection[str]
    authority: str
    purpose: str
    until: datetime


def refusal(wanted: Wanted, now: datetime) -> Refused | None:
    """What stands against it."""
    if wanted.inspector == wanted.by:
        return Refused.OWN
    if not wanted.people:
        return Refused.NOBODY
    if not wanted.authority.strip():
        return Refused.NO_AUTHORITY
    if not wanted.purpose.strip():
        return Refused.NO_PURPOSE
    if wanted.until <= now:
        return Refused.PAST
    return Refused.TOO_LONG if wanted.until > now + LONGEST else None


def is_open(until: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether it lets anybody see anything at this moment."""
    return ended_at is None and now < until
