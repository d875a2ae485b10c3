"""Facts that change while their row stays: a mailbox, a carer's home, whose officer somebody is, what a line lets know.

The row holds the last of them and since when it counts (empty: always). What held before has rows of its own, with
from and to. Saving the row with another value ends the one before by itself, so that no time is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from register.acting import actor
from register.models.recorded import Recorded

_Time = TypeVar("_Time", date, datetime)


@dataclass(frozen=True, slots=True)
class Turn:
    """``columns`` change together; ``since`` says from when on. ``earlier`` is the table of what held before.

    ``whole`` is that table's column for the row. Days are included; a moment ends where the next begins.
    """

    columns: tuple[str, ...]
    since: str
    earlier: str
    whole: str
    by_moment: bool = False

    def resolve(self, row: Dated, before: Dated) -> None:
        """Since when the row's value counts, where the caller did not say: as it was, or from now if it is another."""
        said, known = getattr(row, self.since), getattr(before, self.since)
        if self._same(row, before):
            setattr(row, self.since, said or known)
        elif said is None or (said == known and self.since not in row.told):
            setattr(row, self.since, self._now())

    def settle(self, row: Dated, before: Dated) -> None:
        """What held before ends right before the row's value begins."""
        since, known = getattr(row, self.since), getattr(before, self.since)
        if since is None:
            return
        last = _before(since)
        if not self._same(row, before):
            values = {name: getattr(before, name) for name in self.columns}
            if values[self.columns[0]] is not None and (known is None or since > known):
                self._table()(**{self.whole: row}, **values, starts=known, ends=last).save()
        elif known is not None and since > known:
            self._end(row, {"ends": _before(known)}, last)
        self._end(row, {"ends__gt": last}, last)

    def _end(self, row: Dated, which: dict[str, Any], last: date) -> None:
        since = getattr(row, self.since)
        for earlier in self._table().objects.filter(**{self.whole: row}, **which):
            if earlier.starts is not None and earlier.starts >= since:
                earlier.delete()
            else:
                setattr(earlier, self.whole, row)
                earlier.ends = last
                earlier.save()

    def _same(self, row: Dated, before: Dated) -> bool:
        return all(getattr(row, name) == getattr(before, name) for name in self.columns)

    def _table(self) -> Any:
        return apps.get_model("register", self.earlier)

    def _now(self) -> date:
        """A day is UTC's, as that on which mails are decided: a change counts at once."""
        now = (actor().at or timezone.now()).astimezone(UTC)
        return now if self.by_moment else now.date()


def _before(since: _Time) -> _Time:
    return since if isinstance(since, datetime) else since - timedelta(days=1)


class Dated(Recorded):
    """A row with such facts. ``told`` names the *since* columns that the caller means as they stand.

    A caller who has only read them, and sends them back with another value, says nothing of when it began.
    """

    TURNS: ClassVar[tuple[Turn, ...]] = ()
    told: frozenset[str] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Checked, and stored together with the end of what held before."""
        with transaction.atomic():
            stored = type(self).objects.filter(pk=self.pk).first() if self.pk else None
            turns = [(turn, stored) for turn in self.TURNS if stored is not None]
            for turn, before in turns:
                turn.resolve(self, before)
            super().save(*args, **kwargs)
            for turn, before in turns:
                turn.settle(self, before)


class Earlier(Recorded):
    """What held before, from (empty: always) and to."""

    OF: ClassVar[str]
    SINCE: ClassVar[str]
    starts: Any
    ends: Any

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(starts__isnull=True) | models.Q(ends__gte=models.F("starts")),
                name="%(class)s_ends_after_it_starts",
                violation_error_message="what held earlier cannot end before it starts",
            ),
        ]

    def clean(self) -> None:
        """Raises ``ValidationError`` for two facts at one time: with another earlier one, or with the present one."""
        if self.ends is None:  # which is refused for itself
            return
        begins = getattr(getattr(self, self.OF), self.SINCE)
        touches = "" if isinstance(self.ends, datetime) else "e"
        if begins is None or (self.ends >= begins if touches else self.ends > begins):
            raise ValidationError("what held earlier ends before the present one begins; say since when that counts")
        others = type(self).objects.filter(**{self.OF: getattr(self, self.OF)}).exclude(pk=self.pk)
        if self.starts is not None:
            others = others.filter(**{f"ends__gt{touches}": self.starts})
        if others.filter(models.Q(starts__isnull=True) | models.Q(**{f"starts__lt{touches}": self.ends})).exists():
            raise ValidationError("something else is recorded for that time already; end or correct that")


def counting_on(day: date, since: str, **said: object) -> models.Q:
    """Rows whose present value, as ``said``, counts that day; ``since`` is its column."""
    return models.Q(**said) & (models.Q(**{f"{since}__isnull": True}) | models.Q(**{f"{since}__lte": day}))


class EarlierMailbox(Earlier):
    """A party's mailbox (folded) before the present one; both days are included."""

    OF, SINCE = "party", "email_from"
    party = models.ForeignKey("register.Party", on_delete=models.CASCADE, related_name="earlier_mailboxes")
    email = models.CharField(max_length=320, db_index=True)
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField()

    def __str__(self) -> str:
        return f"earlier mailbox {self.pk}"


class EarlierHousehold(Earlier):
    """A carer's own household before the present one; both days are included."""

    OF, SINCE = "party", "household_from"
    party = models.ForeignKey("register.Party", on_delete=models.CASCADE, related_name="earlier_households")
    household = models.ForeignKey("register.Household", on_delete=models.PROTECT, related_name="earlier_carers")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField()

    def __str__(self) -> str:
        return f"earlier household {self.pk}"


class EarlierOfficer(Earlier):
    """Whose person somebody was before; both days are included."""

    OF, SINCE = "person", "officer_from"
    person = models.ForeignKey("register.Person", on_delete=models.CASCADE, related_name="earlier_officers")
    officer = models.ForeignKey("register.Party", on_delete=models.PROTECT, related_name="looked_after")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField()

    def __str__(self) -> str:
        return f"earlier officer {self.pk}"


class EarlierLine(Earlier):
    """What a line of a form let know before it was changed: up to ``ends``, which is when it was changed."""

    OF, SINCE = "grant", "changed_at"
    grant = models.ForeignKey("register.Grant", on_delete=models.CASCADE, related_name="earlier_lines")
    categories: models.JSONField[list[str]] = models.JSONField(default=list)
    purposes: models.JSONField[list[str]] = models.JSONField(default=list, blank=True)
    starts = models.DateTimeField(null=True, blank=True)
    ends = models.DateTimeField()

    def __str__(self) -> str:
        return f"earlier line {self.pk}"
