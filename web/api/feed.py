"""The change feed: every change of the register in its order, by number, without personal data."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from register.models import Change
from web.api.access import BearerToken
from web.api.replies import reply
from web.api.resources.listed import KINDS, PARTS
from web.api.resources.routes import problems
from web.api.tokens import Scope
from web.api.values import LAST_ID, Moment, Shape

router = Router(tags=["changes"])
_AUTH = BearerToken(Scope.FEED_READ)
_EVERY = 0.5
_LONGEST_WAIT = 25
_WAITING = threading.BoundedSemaphore(2)
"""A request that waits holds a thread of the server; with more than two, the others are answered at once."""


class ChangeLine(Shape):
    """``resource`` is where it is found, null where it is found nowhere: the kind is kept, but has no address."""

    number: int
    kind: str
    key: int
    what: str
    at: Moment
    resource: str | None


class Changes(Shape):
    """``next`` is what to ask for as ``after`` the next time."""

    items: list[ChangeLine]
    next: int


class Asked(Shape):
    """``wait``: seconds to wait for a change where there is none yet."""

    after: int = Field(0, ge=0, le=LAST_ID)
    limit: int = Field(100, ge=1, le=500)
    wait: int = Field(0, ge=0, le=_LONGEST_WAIT)


@router.get("", auth=_AUTH, response={200: Changes} | problems(), summary="Read the change feed",
            description="Changes numbered above `after`, in order; none is ever left out. Scope: `feed:read`.",
            operation_id="read_changes")  # fmt: skip
def changes(request: HttpRequest, asked: Annotated[Asked, Query()]) -> HttpResponse:
    """Numbers appear in the order of the commits, so that whoever reads on from the last misses nothing."""
    found = _after(asked)
    if not found and asked.wait and _WAITING.acquire(blocking=False):
        try:
            found = _wait(asked)
        finally:
            _WAITING.release()
    return reply({"items": lines(found), "next": found[-1].number if found else asked.after})


def _after(asked: Asked) -> list[Change]:
    return list(Change.objects.filter(number__gt=asked.after)[: asked.limit])


def _wait(asked: Asked) -> list[Change]:
    last = time.monotonic() + asked.wait
    found: list[Change] = []
    while not found and time.monotonic() < last:
        time.sleep(_EVERY)
        found = _after(asked)
    return found


def lines(found: Sequence[Change]) -> list[dict[str, Any]]:
    """As they are told to others: numbers, kinds and times, and nobody's name."""
    wholes = _wholes(found)
    return [
        {
            "number": c.number, "kind": c.kind, "key": c.key, "what": c.what, "at": c.at,
            "resource": _address(c, wholes),
        }
        for c in found
    ]  # fmt: skip


def _address(change: Change, wholes: dict[tuple[str, int], int]) -> str | None:
    if change.kind in PARTS:
        whole = wholes.get((change.kind, change.key))
        return f"/api/{PARTS[change.kind].path}/{whole}" if whole else None
    return f"/api/{KINDS[change.kind]}/{change.key}" if change.kind in KINDS else None


def _wholes(found: Iterable[Change]) -> dict[tuple[str, int], int]:
    """Whose a name or a line is, also of those that are gone: their history knows."""
    keys: dict[str, list[int]] = defaultdict(list)
    for change in found:
        if change.kind in PARTS:
            keys[change.kind].append(change.key)
    known: dict[tuple[str, int], int] = {}
    for kind, of in keys.items():
        part = PARTS[kind].part
        if part is not None:
            rows = part.table.history.filter(id__in=of).order_by().values_list("id", f"{part.whole}_id").distinct()
            known |= {(kind, key): whole for key, whole in rows}
    return known
