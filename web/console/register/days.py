"""A day in three boxes, as the design system asks for it: whoever types knows what goes where."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_PARTS = ("day", "month", "year")


class DayBoxes(forms.MultiWidget):
    """Day, month, year."""

    template_name = "console/register/day.html"
    use_fieldset = True

    def __init__(self) -> None:
        super().__init__({part: forms.TextInput() for part in _PARTS})

    def decompress(self, value: date | None) -> list[str]:
        """A day in its parts."""
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


class DayField(forms.MultiValueField):
    """Gives a ``date``, or None where it may be left out."""

    widget: Any = DayBoxes

    def __init__(self, label: str, *, hint: str = "For example, 27 3 2026", required: bool = True, **more: Any) -> None:
        fields = tuple(forms.CharField(max_length=9, required=False) for _ in _PARTS)
        super().__init__(fields, label=label, help_text=hint, require_all_fields=False, required=False, **more)
        self.widget = DayBoxes()
        self.must_be = required

    def clean(self, value: Any) -> date | None:
        """Raises ``ValidationError`` with what is wrong with it; a label that asks is no name of a day."""
        parts = [str(v or "").strip() for v in (value or ())]
        if not any(parts):
            if self.must_be:
                raise ValidationError(f"Type the {self._name()}.")
            return None
        try:
            day, month, year = (int(p) for p in parts)
            if year < 1000:  # noqa: PLR2004 - "26" is a slip, and 0026 is no year of anybody here
                raise ValidationError(f"The {self._name()} needs a year with four digits.")
            return date(year, month, day)
        except ValueError:
            raise ValidationError(f"The {self._name()} must be a real day, such as 27 3 2026.") from None

    def _name(self) -> str:
        name = str(self.label or "day")
        return "day" if name.endswith("?") else name[:1].lower() + name[1:]
