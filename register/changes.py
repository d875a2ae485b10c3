"""Every state that is recorded gets a number and a line in the change feed, in the same transaction."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from simple_history.signals import post_create_historical_record

from register.models import Change, Person, PersonName, RegisterVersion

_WHAT = {"+": "created", "~": "changed", "-": "deleted"}
_NAMES = (Person, PersonName)


@receiver(post_create_historical_record)
def note_change(instance: Any, history_instance: Any, **_more: object) -> None:
    """One line. A change of a name also moves the number that the index of names stands on."""
    Change.objects.create(
        number=RegisterVersion.next_change(),
        kind=instance._meta.model_name,  # noqa: SLF001 - Django's documented model API
        key=history_instance.id,
        what=_WHAT[history_instance.history_type],
        at=history_instance.history_date,
        who=history_instance.history_user_id or "unknown",
    )
    if isinstance(instance, _NAMES):
        RegisterVersion.move()
