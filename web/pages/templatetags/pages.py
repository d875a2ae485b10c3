"""``{% load pages %}``: fields as the design system draws them, days and times as people here write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms, template
from django.utils.safestring import SafeString, mark_safe

from domain.here import HERE
from domain.model import Category
from web.pages.forms import styled

register = template.Library()
_KINDS = frozenset(Category)


@register.filter
def widget(field: forms.BoundField) -> SafeString:
    """The field's own element, with its classes."""
    return mark_safe(styled(field))  # noqa: S308 - Django's own rendering of a widget


@register.filter
def is_group(field: forms.BoundField) -> bool:
    """Whether it is several elements, so that its label is a legend."""
    return bool(field.field.widget.use_fieldset)


@register.filter
def is_one_box(field: forms.BoundField) -> bool:
    """A single checkbox."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def moment(when: datetime | None) -> str:
    """As 3 March 2026, 2:05pm."""
    if when is None:
        return ""
    here = when.astimezone(HERE)
    clock = f"{here:%I:%M}".lstrip("0") + f"{here:%p}".lower()
    return f"{day(here.date())}, {clock}"


@register.filter
def end(when: datetime | None) -> str:
    """When something ends: midnight is the end of the day before it, which is the day that somebody chose."""
    if when is None:
        return ""
    here = when.astimezone(HERE)
    whole = (here.hour, here.minute) == (0, 0)
    return f"the end of {day(here.date() - timedelta(days=1))}" if whole else moment(when)


@register.filter
def day(when: date | None) -> str:
    """As 3 March 2026."""
    return f"{when.day} {when:%B %Y}" if when else ""


@register.filter
def ago(when: datetime, now: datetime) -> str:
    """As 5 minutes, 3 hours, 2 days: how long something waits."""
    seconds = max(0, int((now - when).total_seconds()))
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return plural(seconds // size, word)
    return "less than a minute"


@register.filter
def plural(count: int, word: str) -> str:
    """As 1 mail, 2 mails. Of words that take an s."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


@register.filter
def by(actor: str) -> str:
    """Who it was: the audit trail's name without what says how they came in."""
    way, _, who = actor.partition(":")
    if way == "console":
        return who
    if way == "cli":
        return f"{who} (command line)"
    if way == "mail":
        return f"{who} (by mail)"
    if way == "worker":
        return "the worker"
    return "the mail gateway" if ":" in who or actor == "relay" else actor


@register.filter
def kinds(values: Iterable[str]) -> str:
    """As All About Me, medical information: kinds of documents as people say them."""
    return ", ".join(Category(v).label if v in _KINDS else v for v in values)


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """A mapping's value, or nothing."""
    return mapping.get(key, "") if mapping else ""
