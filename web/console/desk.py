"""What pages need of the gateway, as a port: a page may not import it (``pyproject.toml``, the house).

The setting ``SALLYPORT_DESK`` of ``config/console.py`` names who answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from classifiers.drawing import Picture
    from domain.decision import Decision
    from domain.guard import GuardRules
    from domain.ruling import ReviewRules
    from vault.held.copy import Copy
    from vault.held.waiting import Waiting


class Desk(Protocol):
    """Held mail, for a person's eyes. Whoever asks has written to the audit trail before."""

    @property
    def rules(self) -> ReviewRules:
        """What a reviewer may let give way."""
        ...

    @property
    def guard(self) -> GuardRules:
        """What the sender of a mail may settle alone."""
        ...

    def open(self, record: str) -> Copy:
        """The held copy. Raises ``SealBroken``, ``VaultUnavailable``, ``ConfigurationError``."""
        ...

    def now(self, rows: Sequence[Waiting]) -> Mapping[int, Decision]:
        """What would be decided now, by number; what was found too long ago is left out. ``RegisterUnavailable``."""
        ...

    def draw(self, copy: Copy, part: str, page: int) -> Picture:
        """A picture of one page of an attachment, drawn in a contained process. Raises ``CannotDraw``."""
        ...


@cache
def desk() -> Desk:
    """The one of this process."""
    return cast("Desk", import_string(settings.SALLYPORT_DESK)())
