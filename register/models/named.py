"""Codes by which forms and grounds name somebody: each is one party's or one organisation's, and never passes on."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from register.models.recorded import Recorded


class Named(Recorded):
    """A party or an organisation. ``code`` is the council's own, of one of them only."""

    code = models.CharField(max_length=64, unique=True)

    class Meta:
        abstract = True

    @property
    def grounds(self) -> models.QuerySet[Any]:
        """Grounds for sharing that name it, also those that are over."""
        return _grounds(self.code)

    def clean(self) -> None:
        """Raises ``ValidationError`` for a code that could be taken for another's, or that leaves a ground behind."""
        before = self.stored("code")
        if before == self.code:
            return
        if before is not None and _grounds(before).exists():
            raise ValidationError({"code": "a ground for sharing names this code; it stays as it is"})
        if set(self.code) & set("@:"):
            raise ValidationError({"code": "a code has no @ and no colon; those are for addresses"})
        if any(t.objects.filter(code=self.code).exists() for t in _tables() if t is not type(self)):
            raise ValidationError({"code": "a party and an organisation cannot have the same code"})


def is_known(code: str) -> bool:
    """Whether some party or organisation has this code."""
    return any(t.objects.filter(code=code).exists() for t in _tables())


def _tables() -> tuple[type[Named], ...]:
    return apps.get_model("register", "Party"), apps.get_model("register", "Organisation")


def _grounds(code: str) -> models.QuerySet[Any]:
    """JSON is compared here, since SQLite cannot; there are few grounds, and this is seldom asked."""
    table = apps.get_model("register", "SharingBasis")
    naming = [key for key, recipients in table.objects.values_list("pk", "recipients") if code in recipients]
    return table.objects.filter(pk__in=naming)


@receiver(pre_delete)
def keep_whom_a_ground_names(instance: Any, **_more: object) -> None:
    """However it is deleted: somebody else could get the code, and with it what was meant for this one."""
    if isinstance(instance, Named) and instance.grounds.exists():
        raise ValidationError("a ground for sharing names this one; it ends, and is not deleted")
