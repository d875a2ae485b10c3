"""The kinds of value in requests: strict, so that what is stored is what was meant.

A day is written ``2026-02-28``, a moment with its offset from UTC; nothing is read into numbers or words like "yes".
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.json_schema import WithJsonSchema

from domain.identifiers import valid_nhs_number
from domain.model import folded

LAST_ID = 2**63 - 1
_YEARS = range(1850, 2200)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")


class Shape(BaseModel):
    """A body: nothing in it may be passed over."""

    model_config = ConfigDict(extra="forbid")


def _written(value: Any) -> Any:
    """A number of seconds, in text or not, is no moment here."""
    if isinstance(value, str) and not _MOMENT.match(value):
        raise ValueError("write it as 2026-02-28T09:00:00Z")
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("write it as text, as 2026-02-28T09:00:00Z")
    return value


def _iso_day(value: Any) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise ValueError("write it as text, as 2026-02-28")
    return value


def _in_our_years(value: date) -> date:
    if value.year not in _YEARS:
        raise ValueError(f"the year must be from {_YEARS[0]} to {_YEARS[-1]}")
    return value


def _utc(value: datetime) -> datetime:
    _in_our_years(value)
    return value.astimezone(UTC)


def _nhs_number(value: str) -> str:
    if not valid_nhs_number(value):
        raise ValueError("the NHS number is mistyped: its check digit is wrong")
    return value


def _mailbox(value: str) -> str:
    address = folded(value)
    if address.count("@") != 1 or address.startswith("@") or address.endswith("@") or any(c.isspace() for c in address):
        raise ValueError("the e-mail address is not complete; write it as name@example.org")
    return address


_NO_NUL, _SOME = r"^[^\x00]*$", r"^[^\x00]*[^\x00\s][^\x00]*$"

Day = Annotated[date, BeforeValidator(_iso_day), AfterValidator(_in_our_years)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_utc)]
Code = Annotated[str, StringConstraints(max_length=64, min_length=1, pattern=_SOME, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(max_length=200, min_length=1, pattern=_SOME, strip_whitespace=True)]
Line = Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=_NO_NUL, strip_whitespace=True)]
SomeText = Annotated[str, StringConstraints(max_length=10_000, min_length=1, pattern=_SOME, strip_whitespace=True)]
NhsNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$"), AfterValidator(_nhs_number)]
Mailbox = Annotated[
    str, StringConstraints(max_length=320, pattern=r"^[^\x00@\s]+@[^\x00@\s]+$"), AfterValidator(_mailbox)
]
Flag = Annotated[bool, Field(strict=True)]
Id = Annotated[int, Field(ge=1, le=LAST_ID), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LAST_ID})]
