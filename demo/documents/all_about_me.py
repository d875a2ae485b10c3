"""All About Me, in the person's own words (DOCX), and the one-page profile that is made from it."""

from __future__ import annotations

from demo.documents.case import Case, short_date
from demo.documents.stories import AIDS
from demo.documents.word import Letter


def all_about_me(case: Case) -> bytes:
    """A DOCX of three pages: details, what matters, how to help, communication, day, health, sign-off."""
    letter = Letter("All About Me", f"{case.person.id} / All About Me")
    letter.note(
        "This is about me and belongs to me. Please read it before you support me, keep it safe, and do not show it "
        "to others without asking."
    )
    _details(letter, case)
    _matters(letter, case)
    _talking(letter, case)
    _health(letter, case)
    letter.heading("What keeps me safe")
    letter.text(case.story.safe, "The detail is in my risk management plan.")
    letter.heading("Agreed and signed")
    letter.signatures(
        (
            ("Me", case.story.preferred, case.ago(6)),
            ("My carer", case.carers[0].name, case.ago(6)),
            ("My Shared Lives officer", case.officer.name, case.ago(5)),
        )
    )
    letter.note(f"To be looked at again together by {case.ahead(359)}, or sooner if something changes.")
    return letter.bytes()


def one_page_profile(case: Case) -> bytes:
    """A DOCX of one page with the name alone on it, as people carry it about: no date of birth, no number."""
    letter = Letter("All About Me: one-page profile", "One-page profile")
    letter.heading("My name")
    letter.text(case.person.name)
    letter.heading("What people like and admire about me")
    letter.bullets(*case.story.admired)
    letter.heading("What is important to me")
    letter.bullets(*case.story.important)
    letter.heading("How best to support me")
    letter.bullets(*case.story.support)
    return letter.bytes()


def _details(letter: Letter, case: Case) -> None:
    letter.heading("My details")
    letter.fields(
        (
            ("My name", case.person.name),
            ("I like to be called", case.story.preferred),
            ("Date of birth", short_date(case.person.born)),
            ("NHS number", case.nhs),
            ("Council ID", case.person.id),
            ("Where I live", ", ".join(case.home.address)),
            ("My carers", case.carer_names),
            ("Carers' telephone", case.carers[0].phone),
            ("My doctor", f"Dr Harriet Sallow, {case.surgery.name}"),
            ("My officer", f"{case.officer.name}, {case.officer.phone}"),
        )
    )


def _matters(letter: Letter, case: Case) -> None:
    letter.heading("What people like and admire about me")
    letter.bullets(*case.story.admired)
    letter.heading("What is important to me")
    letter.bullets(*case.story.important)
    letter.heading("How best to support me")
    letter.bullets(*case.story.support)
    letter.heading("People (and others) who matter to me")
    letter.table(("Who", "What they are to me", "Good to know"), case.story.circle, (4, 5.5, 7.5))


def _talking(letter: Letter, case: Case) -> None:
    letter.heading("How I communicate")
    letter.table(("When I do this", "It means", "Please do this"), case.story.communication, (5.5, 5, 6.5))
    letter.heading("My typical day")
    letter.table(("When", "What happens"), case.story.day, (2.2, 14.8))


def _health(letter: Letter, case: Case) -> None:
    letter.heading("My health")
    letter.text(f"I have: {'; '.join(case.story.conditions)}.", f"Allergies: {case.story.allergies}")
    letter.table(
        ("Medicine", "How much", "When", "What it is for"),
        [(m.name, m.dose, m.when, m.reason) for m in case.story.medicines],
        (4.2, 4.2, 5.2, 3.4),
    )
    letter.heading("Things I use")
    letter.ticks([(aid, aid in case.story.aids) for aid in AIDS])
    letter.heading("Food and drink")
    letter.text(case.story.food)
