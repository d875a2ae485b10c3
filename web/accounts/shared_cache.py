"""Django's cache over a table that all processes share: how often a second factor was tried, which codes were used.

In each process's own memory, N processes would allow N times as many tries, and a code once in each. Values are JSON:
Django's own cache over a table unpickles what it finds there, and whoever may write to it would run code here.
Failure: as the database fails; then nobody signs in.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction

from web import clock

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class SharedCache(BaseCache):
    """``set``, ``add``, ``get``, ``delete``, ``clear``. Keys are made shorter by nobody: allauth's are digests."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Whether nobody was quicker."""
        name, now = self.make_and_validate_key(key, version=version), clock.now()
        _rows().filter(key=name, until__lte=now).delete()
        try:
            with transaction.atomic():
                _rows().create(key=name, value=json.dumps(value), until=self._until(timeout, now))
        except IntegrityError:
            return False
        return True

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, while it lasts."""
        name = self.make_and_validate_key(key, version=version)
        found = _rows().filter(key=name, until__gt=clock.now()).values_list("value", flat=True).first()
        return default if found is None else json.loads(found)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """In the place of what was there; what has run out goes."""
        name, now = self.make_and_validate_key(key, version=version), clock.now()
        _rows().filter(until__lte=now).delete()
        given = {"value": json.dumps(value), "until": self._until(timeout, now)}
        _rows().update_or_create(key=name, defaults=given)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Lasts so much longer; whether it was there."""
        name, now = self.make_and_validate_key(key, version=version), clock.now()
        return bool(_rows().filter(key=name, until__gt=now).update(until=self._until(timeout, now)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Whether it was there."""
        return bool(_rows().filter(key=self.make_and_validate_key(key, version=version)).delete()[0])

    def clear(self) -> None:
        """Everything."""
        _rows().all().delete()

    def _until(self, timeout: Any, now: datetime) -> datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return _NEVER if seconds is None else now + timedelta(seconds=float(seconds))


def _rows() -> Any:
    from web.accounts.models import SharedValue  # noqa: PLC0415 - Django makes caches before it has models

    return SharedValue.objects
