"""What was answered so far. It lies in the session (in the database, while somebody is signed in), as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest

from domain.permission import Capacity, Ground
from register import models as m


@dataclass
class Draft:
    """``answers`` by step, each the form's cleaned data. ``lines``: who, what, what for.

    ``code`` is made once, so that to send it twice records it once. ``checked``: all of it was shown.
    """

    person: str
    code: str
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    checked: bool = False

    @classmethod
    def of(cls, request: HttpRequest, person: m.Person) -> Draft:
        """The one that was begun, or a new one."""
        kept = request.session.get(f"permission {person.ref}")
        return cls(**kept) if kept else cls(person.ref, _free_code(person))

    def keep(self, request: HttpRequest) -> None:
        """For the next page."""
        request.session[f"permission {self.person}"] = self.__dict__

    def forget(self, request: HttpRequest) -> None:
        """It is stored, or given up."""
        request.session.pop(f"permission {self.person}", None)

    def said(self, step: str, name: str) -> Any:
        """An answer; empty if there is none."""
        return self.answers.get(step, {}).get(name, "")

    def day(self, step: str, name: str) -> date | None:
        """An answer that is a day."""
        text = self.said(step, name)
        return date.fromisoformat(text) if text else None

    @property
    def capacity(self) -> Capacity | None:
        """What was answered."""
        text = self.said("capacity", "capacity")
        return Capacity(text) if text else None

    @property
    def ground(self) -> Ground:
        """A decision in their place, or a form that somebody signs."""
        decided = self.capacity is Capacity.LACKS and self.said("instead", "instead") == "decision"
        return Ground.BEST_INTERESTS if decided else Ground.FORM

    @property
    def on_the_page(self) -> bool:
        """It is not signed yet: that happens on the pick-up page."""
        return self.ground is Ground.FORM and self.said("signed", "how") == "page"

    @property
    def given_by(self) -> str:
        """Who signs."""
        return str(self.said("instead", "instead")) if self.capacity is Capacity.LACKS else "person"


def _free_code(person: m.Person) -> str:
    """The next number of this person's."""
    start = f"{person.council_id}-"
    taken = set(m.Permission.objects.filter(code__startswith=start).values_list("code", flat=True))
    number = m.Permission.objects.filter(person=person).count() + 1
    while f"{start}{number}" in taken:
        number += 1
    return f"{start}{number}"
