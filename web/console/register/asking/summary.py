"""What was answered, line by line, each with the page where it is changed."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from register import models as m
from web.console.register.asking.draft import Draft
from web.console.register.asking.steps import WHO, asked
from web.pages.templatetags.pages import day


class Answer(NamedTuple):
    """A question, what was answered, and the step."""

    question: str
    said: str
    step: str


def summary(draft: Draft, person: m.Person) -> list[Answer]:
    """Every question that was asked, but for who may know."""
    return [
        Answer(str(field.label), _said(field, str(draft.said(step.name, name))), step.name)
        for step in asked(draft, person)
        if step.name != WHO
        for name, field in step.form(person=person).fields.items()
    ]


def _said(field: Any, value: str) -> str:
    if not value:
        return "As the policy says" if "review" in str(field.label) else "Nothing"
    choices = dict(getattr(field, "choices", ()) or ())
    if value in choices:
        return str(choices[value])
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value
