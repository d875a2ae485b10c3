"""The yearly review of needs (DOCX)."""

from __future__ import annotations

from demo.documents.case import Case, short_date
from demo.documents.word import Letter


def review_of_needs(case: Case) -> bytes:
    """A DOCX of two to three pages: who was there, outcomes, wellbeing by domain, actions."""
    story = case.story
    letter = Letter("Review of Needs", f"{case.person.id} / Review {case.today:%Y}")
    letter.note("Yearly review of the assessment of needs (Care Act 2014, section 27).")
    letter.fields(
        (
            ("Name", case.person.name),
            ("Date of birth", short_date(case.person.born)),
            ("Council ID", case.person.id),
            ("NHS number", case.nhs),
            ("Address", ", ".join(case.home.address)),
            ("Shared Lives carers", case.carer_names),
            ("Date of review", case.ago(11)),
            ("Reviewed by", f"{case.officer.name}, {case.officer.title}"),
        )
    )
    letter.heading("Who took part")
    letter.ticks(
        (
            (story.preferred, True),
            ("Carers", True),
            ("Family", False),
            ("Advocate", False),
            ("Day service", True),
            ("Social worker", True),
        )
    )
    letter.heading("How the year has been")
    letter.text(
        f"{story.preferred} said that the year has been \u201cmostly good, apart from my knees\u201d. "
        f"{story.he.capitalize()} has been well settled in the "
        f"household, has made a friend at the gardening group, and has spent two weekends with {story.his} family.",
        "The carers report fewer bad nights since bedtime was made a fixed hour. They feel well supported and ask "
        "for one more weekend of "
        "breaks in the winter, when there is less to do outside.",
    )
    letter.heading("Outcomes from the last review")
    letter.table(
        ("What I wanted", "How it went", "Next", "Rating"),
        [(o.wish, o.progress, o.next_step, o.rating) for o in story.outcomes],
        (4.6, 5.2, 4.7, 2.5),
    )
    letter.heading("Needs and wellbeing")
    letter.table(("Area", "Now", "Support needed"), _domains(case), (4, 6.6, 6.4))
    letter.heading("Capacity and permission to share")
    letter.text(
        f"The 'Permission to share' form was read through with {story.preferred}, who wishes it to stay as it is."
    )
    letter.heading("What happens next")
    letter.table(
        ("Action", "Who", "By"),
        (
            ("Ask the surgery for the yearly health check", "Carers", case.ahead(21)),
            ("Apply for the bus pass renewal", case.officer.name, case.ahead(14)),
            ("Plan the weekend away", f"{story.preferred} and carers", case.ahead(60)),
            ("Next review", case.officer.name, case.ahead(354)),
        ),
        (9, 4.5, 3.5),
    )
    letter.signatures(
        (
            (story.preferred, case.person.name, case.ago(11)),
            ("Carer", case.carers[0].name, case.ago(11)),
            ("Officer", case.officer.name, case.ago(10)),
        )
    )
    return letter.bytes()


def _domains(case: Case) -> list[tuple[str, str, str]]:
    return [
        ("Nutrition", "Eats well; weight is coming down", "Help with planning and with portions"),
        ("Personal hygiene", "Showers alone after a reminder", "Reminder; back and feet"),
        ("Managing at home", "Own room, lays the table, cooks on Thursdays", "Company while the hob is on"),
        ("Keeping well", f"{'; '.join(case.story.conditions)}", "Medication given by the carers; yearly health check"),
        ("Being safe", "Follows the risk management plan; no accidents", "Review of the plan in the autumn"),
        ("Relationships", "Two good friends; family by telephone", "Lifts to the evening social once a month"),
        ("Work and learning", "Gardening group twice a week", "Explore the market stall on Saturdays"),
    ]
