"""What can be added, by whom, and which questions are asked in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from register import recording
from register.recording import NewParty, NewPerson
from web.console.may import CHANGES_EVERYBODY, Who
from web.console.register.adding import forms as f
from web.console.register.adding import places as p

_Said = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kind:
    """``store`` records the answers, and gives where the new page is. ``all_only``: only who changes everybody may."""

    label: str
    hint: str
    steps: tuple[tuple[str, type[f.AddForm]], ...]
    store: Callable[[_Said, datetime], str]
    all_only: bool = False

    def form(self, name: str) -> type[f.AddForm] | None:
        """Of a step."""
        return dict(self.steps).get(name)

    def after(self, name: str, answered: _Said) -> str:
        """The next open question; empty where all are answered."""
        return next((step for step, _ in self.steps if step not in answered and step != name), "")


def may_add(whoever: Who, kind: Kind) -> bool:
    """Officers add people of their team and who is around them; the records officer everybody."""
    return not kind.all_only or bool(whoever.roles & CHANGES_EVERYBODY)


def _person(said: _Said, now: datetime) -> str:
    who, numbers, home, officer = (said[step] for step in ("name", "numbers", "home", "officer"))
    new = NewPerson(
        numbers["council_id"], who["name"], who["others"].splitlines(), _day(numbers, "born"), numbers["nhs_number"],
        home["household"], _day(home, "household_from"), officer["officer"], _day(officer, "officer_from"),
    )  # fmt: skip
    return reverse("register-person", args=[recording.add_person(new, now).ref])


def _party(kind: str) -> Callable[[_Said, datetime], str]:
    def store(said: _Said, now: datetime) -> str:
        who = said["who"]
        more = {name: value for step, each in said.items() if step != "who" for name, value in each.items()}
        given = {n: more[n] for n in _ALSO if n in more}
        new = NewParty(f.PARTIES[kind], who["code"], who["name"], who["email"], **given, starts=_day(more, "starts"))
        return reverse("register-party", args=[recording.add_party(new, now).pk])

    return store


_ALSO = ("role", "household", "organisation", "person", "team", "language")


def _organisation(said: _Said, now: datetime) -> str:
    what = said["which"]
    row = recording.add_organisation(what["code"], what["name"], what["domain"], now)
    return reverse("register-organisation", args=[row.pk])


def _household(said: _Said, now: datetime) -> str:
    recording.add_household(said["which"]["code"], said["which"]["name"], now)
    return reverse("register")


def _team(said: _Said, now: datetime) -> str:
    recording.add_team(said["which"]["code"], said["which"]["name"], now)
    return reverse("register-teams")


def _day(said: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(said[name]) if said.get(name) else None


_WHO, _LANGUAGE = ("who", f.MailboxForm), ("language", f.LanguageForm)
KINDS = {
    "person": Kind("A person who uses the service", "With where they live and who looks after them",
                   (("name", f.NameForm), ("numbers", f.NumbersForm), ("home", f.HomeForm),
                    ("officer", f.OfficerForm)), _person),
    "carer": Kind("A carer", "Who lives in a household of the service", (_WHO, ("home", f.CarerHomeForm), _LANGUAGE),
                  _party("carer")),
    "professional": Kind("A professional", "Such as a GP, a nurse, a solicitor",
                         (_WHO, ("work", f.WorkForm), _LANGUAGE), _party("professional")),
    "family": Kind("Somebody of the family", "They are told what a form names them for",
                   (_WHO, ("whose", f.WhoseForm), _LANGUAGE), _party("family")),
    "representative": Kind("A representative", "An attorney, a deputy, an advocate",
                           (_WHO, ("whose", f.WhoseForm), _LANGUAGE), _party("representative")),
    "household": Kind("A household", "A carer's home", (("which", p.HouseholdForm),), _household),
    "organisation": Kind("An organisation", "A surgery, a trust, a firm", (("which", p.OrganisationForm),),
                         _organisation, all_only=True),
    "team": Kind("A team", "Officers who work together", (("which", p.TeamForm),), _team, all_only=True),
    "officer": Kind("An officer", "Who looks after people", (_WHO, ("post", f.PostForm)), _party("officer"),
                    all_only=True),
}  # fmt: skip
