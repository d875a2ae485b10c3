"""An officer's desk: drafts of mails, the address book, and the documents at hand.

Trusted input (our own).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from demo import documents
from demo.people import Officer, People
from domain.model import Category


class Expected(NamedTuple):
    """What is promised for one recipient: an ``Action``'s name, and the rule in ``config/policy.toml`` that decides."""

    action: str
    rule: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. ``maintype/subtype`` is what the mail program declares."""

    filename: str
    content: bytes = field(repr=False)

    @property
    def declared(self) -> tuple[str, str]:
        """By the file's extension, as mail programs do."""
        maintype, _, subtype = _TYPES[self.filename.rpartition(".")[2].lower()].partition("/")
        return maintype, subtype


_OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail before it is written out.

    ``to`` and ``cc`` map address to name; ``shows`` says which categories about whom the mail carries.
    """

    title: str
    sender: Officer
    subject: str
    to: Mapping[str, str]
    text: tuple[str, ...]
    expects: Mapping[str, Expected]
    cc: Mapping[str, str] = field(default_factory=dict)
    bcc: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    shows: frozenset[tuple[str, Category]] = frozenset()
    html: bool = False
    fault: str = ""


RELAY_PLAIN = Expected("RELAY", "nothing-found")
RELAY_STAFF = Expected("RELAY", "staff")
ENCRYPT_CARER = Expected("ENCRYPT", "carer-granted")

MARJORIE = {"marjorie.penhaligon@carers.example": "Marjorie Penhaligon"}
IDRIS = {"idris@post.example": "Idris Penhaligon"}
SAMUEL = {"samuel.birchall@carers.example": "Samuel Birchall"}
ANWEN = {"anwen.tredgold@post.example": "Anwen Tredgold"}
LIONEL = {"lionel@carers.example": "Lionel Brackenbury"}
PETRA = {"petra.longmead@carers.example": "Petra Longmead"}
SURGERY = {"reception@cressbedlane.nhs.example": "Cressbed Lane Surgery"}
MISTYPED = {"recpetion@cressbedlane.nhs.example": "Cressbed Lane Surgery"}  # an "e" and a "p" have changed places
NADIA = {"nadia.perrin@wealdmere.nhs.example": "Nadia Perrin"}
SOLICITOR = {"j.tallow@tallowfinch.example": "Julian Tallow"}
INSPECTOR = {"inspections@regulator.example": "Inspections team"}
DEPUTY = {"conrad@post.example": "Conrad Ostrowick"}
MARTIN = {"martin.castellan@hants.example": "Martin Castellan"}
ZIP_PASSWORD = "Cr3ssbed-lane"  # what an officer thinks is safe; told by telephone


class Desk:
    """Who writes, and what can be attached."""

    def __init__(self, people: People, today: date) -> None:
        self.people, self.today = people, today
        self.priya, self.martin, self.jo = people.officers

    def file(self, filename: str, write: Callable[[documents.Case], bytes], person: str) -> Attachment:
        """A document about one person (by council ID) under that file name."""
        return Attachment(filename, write(documents.case_of(self.people, person, self.today)))


def about(person: str, *categories: Category) -> frozenset[tuple[str, Category]]:
    """For ``Draft.shows``."""
    return frozenset((person, category) for category in categories)


def expect(to: dict[str, str], action: str, rule: str) -> dict[str, Expected]:
    """The same for everybody in ``to``."""
    return dict.fromkeys(to, Expected(action, rule))
