"""A person together with those around them, as a document needs them: home, carers, officer, surgery, and the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from demo.documents.lives import STORIES
from demo.documents.stories import Story
from demo.people import Carer, Household, Officer, Organisation, People, Person

SAMPLE = "For demonstration: everybody in it is invented."
"""Small print on every page, so that nobody takes one for real."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a document is written from."""

    person: Person
    story: Story
    home: Household
    carers: tuple[Carer, ...]
    officer: Officer
    manager: Officer
    surgery: Organisation
    trust: Organisation
    today: date

    @property
    def surname(self) -> str:
        """The last word of the name."""
        return self.person.name.split()[-1]

    @property
    def formal(self) -> str:
        """``Mr Applegarth``."""
        return f"{self.story.title} {self.surname}"

    @property
    def nhs(self) -> str:
        """As the NHS prints it: 3, 3 and 4 digits."""
        number = self.person.nhs_number
        return f"{number[:3]} {number[3:6]} {number[6:]}"

    @property
    def born(self) -> str:
        """``14 March 1986``."""
        return long_date(self.person.born)

    @property
    def carer_names(self) -> str:
        """``Marjorie Penhaligon and Idris Penhaligon``."""
        return " and ".join(c.name for c in self.carers)

    def ago(self, days: int) -> str:
        """A day in the past, written out."""
        return long_date(self.today - timedelta(days=days))

    def ahead(self, days: int) -> str:
        """A day to come, written out."""
        return long_date(self.today + timedelta(days=days))


def case_of(people: People, person: str, today: date) -> Case:
    """The case of a person by council ID, on that day.

    Raises ``StopIteration`` for somebody unknown and ``IndexError`` for one without a home.
    """
    home = people.homes(person, today)[0]
    return Case(
        person=people.person(person),
        story=STORIES[person],
        home=home,
        carers=people.carers_of(home.id),
        officer=people.officers[0],
        manager=people.officers[2],
        surgery=people.organisation("ORG-701"),
        trust=people.organisation("ORG-702"),
        today=today,
    )


def long_date(day: date) -> str:
    """``14 March 1986``: no leading zero, on any platform."""
    return f"{day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    """``14/03/1986``, as forms have it."""
    return f"{day:%d/%m/%Y}"
