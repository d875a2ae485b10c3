"""What every table of the register has in common: checked on saving, and every state it ever had is kept.

Two times belong to each fact: *valid* time, its own from and to, and *recorded* time, the history kept here
(django-simple-history). So "what was true" and "what did we know when that mail was sent" can both be asked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from domain.here import HERE
from register.acting import actor


def _who(**_asked: object) -> str:
    return actor().who


def _get_who(historical: Any, **_more: object) -> str | None:
    return str(historical.history_user_id) if historical.history_user_id else None


def _set_who(historical: Any, who: str | None, **_more: object) -> None:
    historical.history_user_id = who


_ROW_BY_ROW = "the register is changed row by row, so that its history is kept"


class OneByOne(models.QuerySet[Any]):
    """Changes go through ``save`` and ``delete``, where the history is written; in bulk it would be passed by."""

    def update(self, **_values: object) -> NoReturn:
        """Not here."""
        raise TypeError(_ROW_BY_ROW)

    def bulk_update(self, *_args: object, **_values: object) -> NoReturn:
        """Not here."""
        raise TypeError(_ROW_BY_ROW)

    def bulk_create(self, *_args: object, **_values: object) -> NoReturn:
        """Not here; nor by ``abulk_create``, which comes here."""
        raise TypeError(_ROW_BY_ROW)


class Recorded(models.Model):
    """A row that is checked whenever it is saved, and whose every state is kept with who, when and why.

    Raises ``ValidationError`` with sentences for a state that cannot be.
    """

    history = HistoricalRecords(
        inherit=True,
        history_user_id_field=models.CharField(max_length=200, null=True),
        history_user_getter=_get_who,
        history_user_setter=_set_who,
        get_user=_who,
    )
    objects = OneByOne.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Checked, then stored together with its history."""
        self.full_clean()
        now = actor()
        if now.at is not None:
            self._history_date = now.at
        self._change_reason = now.why[:100] or None
        with transaction.atomic():
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Gone from the present; its history stays, with why it went."""
        now = actor()
        if now.at is not None:
            self._history_date = now.at
        self._change_reason = now.why[:100] or None
        with transaction.atomic():
            return super().delete(*args, **kwargs)

    def stored(self, name: str) -> Any:
        """What the column holds as yet; None for a new row."""
        kept = type(self).objects.filter(pk=self.pk) if self.pk else type(self).objects.none()
        return kept.values_list(name, flat=True).first()

    def keeps_end(self, name: str, sentence: str) -> None:
        """A stale copy, or last week's file, must not bring back what was ended (promise 5).

        Raises ``ValidationError`` if the column's time is taken back, or moved later.
        """
        before, when = self.stored(name), getattr(self, name)
        if before is not None and (when is None or when > before):
            raise ValidationError(sentence)

    def not_ahead(self, name: str, latest: date, sentence: str) -> None:
        """Raises ``ValidationError`` if the column is set to a day, or a time on a day, after ``latest``.

        What is stored already may stay: it must not stand in a withdrawal's way.
        """
        value = getattr(self, name)
        day = value.astimezone(HERE).date() if isinstance(value, datetime) else value
        if day is not None and day > latest and value != self.stored(name):
            raise ValidationError({name: sentence})


def valid_on(day: date) -> models.Q:
    """From and to, both included, either of them open."""
    return (models.Q(starts__isnull=True) | models.Q(starts__lte=day)) & (
        models.Q(ends__isnull=True) | models.Q(ends__gte=day)
    )


def overlaps(row: Any, **same: object) -> bool:
    """Whether another row of the same table, with these values, is valid on a day on which ``row`` is.

    Two for one fact are not one: whoever ends the one believes that it is over, and the other goes on.
    """
    if row.starts is None:  # which is refused for itself
        return False
    others = type(row).objects.filter(**same).exclude(pk=row.pk)
    if row.ends is not None:
        others = others.filter(starts__lte=row.ends)
    return bool(others.filter(models.Q(ends__isnull=True) | models.Q(ends__gte=row.starts)).exists())


def today() -> date:
    """The day on which people here live: of the recorded time, where one is set, else of the clock."""
    return (actor().at or timezone.now()).astimezone(HERE).date()
