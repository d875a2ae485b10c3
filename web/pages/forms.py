"""Forms as the GOV.UK Design System draws them: label, hint, error message, field; and an error summary above.

``{{ form.errors_above }}`` is not needed: the template ``pages/form/page.html`` has it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, QueryDict


class Renderer(TemplatesSetting):
    """Django's form renderer with templates of ours for a field."""

    field_template_name = "pages/form/field.html"


class Radios(forms.RadioSelect):
    """One of several; ``hints`` maps a value to a line beneath it."""

    template_name = "pages/form/radios.html"
    option_template_name = "pages/form/radio.html"

    def __init__(self, *args: Any, hints: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = hints or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With its hint."""
        option = super().create_option(name, value, *args, **kwargs)
        return option | {"hint": self.hints.get(str(value), "")}


class Checkboxes(forms.CheckboxSelectMultiple):
    """Any of several; ``hints`` maps a value to a line beneath it."""

    template_name = "pages/form/checkboxes.html"
    option_template_name = "pages/form/checkbox.html"

    def __init__(self, *args: Any, hints: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = hints or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With its hint."""
        option = super().create_option(name, value, *args, **kwargs)
        return option | {"hint": self.hints.get(str(value), "")}


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also where that is nothing; None where nothing was."""
    return request.POST if request.method == "POST" else None


def styled(field: forms.BoundField) -> str:
    """The widget with the design system's classes, its hint and error named for screen readers."""
    kind = field.field.widget
    described = [f"{field.id_for_label}-hint"] if field.help_text else []
    described += [f"{field.id_for_label}-error"] if field.errors else []
    attributes: dict[str, Any] = {"aria-describedby": " ".join(described)} if described else {}
    if isinstance(kind, forms.Textarea):
        attributes["class"] = "govuk-textarea"
        attributes.setdefault("rows", kind.attrs.get("rows", 4))
    elif isinstance(kind, forms.Select) and not isinstance(kind, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        attributes["class"] = "govuk-select"
    elif isinstance(kind, forms.FileInput):
        attributes["class"] = "govuk-file-upload"
    elif isinstance(kind, forms.widgets.Input) and not isinstance(kind, forms.CheckboxInput):
        attributes["class"] = "govuk-input"
    if field.errors and "class" in attributes:
        attributes["class"] += f" {attributes['class']}--error"
    if extra := kind.attrs.get("data-width"):
        attributes["class"] = f"{attributes.get('class', '')} govuk-input--width-{extra}"
    return str(field.as_widget(attrs=attributes))
