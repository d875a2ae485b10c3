"""What these pages need of the settings, as a port: a page may not import who builds it.

The setting ``SALLYPORT_SEARCH`` of ``config/console.py`` names who answers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from vault.search.tokens import Keyed


@dataclass(frozen=True, slots=True)
class Parts:
    """The index's key; the masters' public halves, to whom each query is sealed; the council's own domains.

    No key that opens a record is among it.
    """

    keyed: Keyed
    masters: Collection[str]
    domains: Collection[str]


@cache
def parts() -> Parts:
    """Those of this process. Raises ``ConfigurationError``, on the page that asks for them and no other."""
    return cast("Parts", import_string(settings.SALLYPORT_SEARCH)())
