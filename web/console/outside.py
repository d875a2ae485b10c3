"""What these pages need of the parts outside. The web builds no adapters, so it is handed them (``cli/beside.py``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from domain.decision import Method
from domain.pickup import Standing
from domain.ports import StoredKey
from vault.disposal.standing import Viewer
from vault.models import PickupGrant
from vault.pickup.trying import Codes


class Signed(NamedTuple):
    """The audit log's last checkpoint: how many events, when, whether its signature and its root hold; how many events
    there are by now.
    """  # noqa: D205 - one sentence that needs two lines

    size: int
    at: datetime
    holds: bool
    events: int


class Offered(NamedTuple):
    """A key that somebody handed in: the addresses in it (folded), whether its private half came with it."""

    key: StoredKey
    addresses: tuple[str, ...]
    had_secret: bool


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

    def signed(self) -> Signed | None:
        """None before the first checkpoint. Raises ``SallyportError``."""
        ...

    def keys_in(self, data: bytes) -> Sequence[Offered]:
        """Every public key in what somebody handed in; none where it holds none. Never raises on a hostile file."""
        ...

    def key_ends(self, data: bytes) -> datetime | None:
        """When a recipient's certificate ends, by itself; None where it does not, or cannot be read."""
        ...

    def kinds(self) -> Collection[Method]:
        """Which kinds of recipients' keys this service signs mail for: no mail is encrypted to a key of another."""
        ...

    def key_fault(self, key: StoredKey, now: datetime) -> str:
        """Why a recipient's key cannot be used for its address now, in plain words; empty where it can."""
        ...

    def lasts(self) -> timedelta:
        """How long an approval of a disposal counts."""
        ...

    def metrics(self) -> Mapping[str, str]:
        """Where each program's numbers are read, by its name; without those that serve none."""
        ...

    def answers_take_two(self) -> bool:
        """Whether a second person agrees before the answer to a request for access is sealed."""
        ...


@cache
def outside() -> Outside:
    """One for each process, made when the first page asks."""
    return cast("Outside", import_string(settings.SALLYPORT_OUTSIDE)())
