"""Fields that several pages ask with."""

from __future__ import annotations

from typing import Any

from django import forms

from domain.model import Category
from register.models.parties import LANGUAGES
from web.pages.forms import Checkboxes, Radios

CATEGORIES = [(c.value, c.label[:1].upper() + c.label[1:]) for c in Category]

_NAMES = {"en": "English", "cy": "Welsh (Cymraeg)"}
LANGUAGE = {"": "As the service writes", **{code: _NAMES[code] for code in LANGUAGES}}
"""What somebody may be written to in, and how it is called."""
IN_WHICH_LANGUAGE = "Which language do they wish to be written to in?"


def text(label: str, *, hint: str = "", required: str = "", rows: int = 0, longest: int = 10_000) -> forms.CharField:
    """A line, or some lines. ``required`` is what is said where nothing was typed; empty: it may be left out."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    messages = {"required": required} if required else {}
    return forms.CharField(
        label=label, help_text=hint, required=bool(required), widget=widget, max_length=longest, error_messages=messages
    )


def why() -> forms.CharField:
    """The reason of a change; it stands in the history."""
    return text(
        "Why?", hint="A few words. They are kept with your name.", required="Say why, in a few words.", longest=100
    )


def language() -> forms.ChoiceField:
    """In which language they are written to."""
    return forms.ChoiceField(
        label=IN_WHICH_LANGUAGE,
        help_text="Notices and the pages where they pick mail up. What is in the mail stays as it was written",
        choices=list(LANGUAGE.items()),
        widget=Radios(),
        required=False,
    )


def kinds(hint: str = "Choose all that was agreed to, and nothing else.") -> forms.MultipleChoiceField:
    """What may be known."""
    return forms.MultipleChoiceField(
        label="What may they know?",
        help_text=hint,
        choices=CATEGORIES,
        widget=Checkboxes(),
        error_messages={"required": "Choose what they may know."},
    )


def purposes() -> forms.CharField:
    """What for."""
    return text("What for?", hint="If the form says so. One purpose on each line.", rows=3, longest=2_000)


def chosen(data: dict[str, Any]) -> frozenset[Category]:
    """The kinds that were chosen."""
    return frozenset(Category(c) for c in data["categories"])


def lines(typed: str) -> tuple[str, ...]:
    """What stands on each line, without empty ones."""
    return tuple(line.strip() for line in typed.splitlines() if line.strip())
