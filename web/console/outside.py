"""What these pages need of the parts outside. The web builds no adapters, so it is handed them (``cli/beside.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from domain.pickup import Standing
from vault.disposal.standing import Viewer
from vault.models import PickupGrant
from vault.pickup.trying import Codes


class Told(NamedTuple):
    """One line about a part: what it is, whether it is as it should be, and a sentence."""

    what: str
    good: bool
    says: str


class Outside(Protocol):
    """Whatever of it is broken breaks the page that asks for it, and no other."""

    def stands(self, row: PickupGrant, now: datetime) -> Standing:
        """Whether it may be opened now, by the register and the policy. Raises ``SallyportError``."""
        ...

    def codes(self) -> Codes:
        """Makes codes. Raises ``ConfigurationError`` where this machine may not."""
        ...

    def resend(self, row: PickupGrant, by: str, why: str, now: datetime) -> str:
        """See :data:`vault.pickup.helping.Send`."""
        ...

    def viewer(self) -> Viewer:
        """What disposal stands on."""
        ...

    def lasts(self) -> timedelta:
        """How long an approval of a disposal counts."""
        ...

    def health(self) -> Iterator[Told]:
        """The parts that are quick to ask and take no harm; a part that breaks is a line. No secret is in it."""
        ...


@cache
def outside() -> Outside:
    """One for each process, made when the first page asks."""
    return cast("Outside", import_string(settings.SALLYPORT_OUTSIDE)())
