"""The Shared Lives placement agreement between person, carers and service (DOCX)."""

from __future__ import annotations

from demo.documents.case import Case, short_date
from demo.documents.word import Letter


def placement_agreement(case: Case) -> bytes:
    """A DOCX of three pages: parties, the arrangement, duties, contributions, breaks, ending, signatures."""
    letter = Letter("Shared Lives Placement Agreement", f"{case.person.id} / Placement agreement")
    letter.note("Between the person, the Shared Lives carers and Hampshire Shared Lives. To be reviewed yearly.")
    _parties(letter, case)
    _arrangement(letter, case)
    _duties(letter, case)
    _money(letter, case)
    _ending(letter, case)
    letter.heading("Signatures")
    letter.signatures(
        (
            ("The person", case.person.name, case.ago(20)),
            *(("Shared Lives carer", carer.name, case.ago(20)) for carer in case.carers),
            ("Shared Lives officer", case.officer.name, case.ago(20)),
            ("Team manager", case.manager.name, case.ago(18)),
        )
    )
    return letter.bytes()


def _parties(letter: Letter, case: Case) -> None:
    letter.heading("1. Who this agreement is between")
    letter.fields(
        (
            ("The person", case.person.name),
            ("Date of birth", short_date(case.person.born)),
            ("Council ID", case.person.id),
            ("NHS number", case.nhs),
            ("Shared Lives carers", case.carer_names),
            ("Address", ", ".join(case.home.address)),
            ("Officer", case.officer.name),
            ("Placement begins", case.ago(20)),
        )
    )


def _arrangement(letter: Letter, case: Case) -> None:
    letter.heading("2. The arrangement")
    letter.ticks((("Long-term, living with the family", True), ("Short breaks", False), ("Day support", False)))
    letter.text(
        f"{case.person.name} ({case.story.preferred}) lives as a member of the household, with a bedroom of "
        f"{case.story.his} own, a key to the front "
        "door and the use of kitchen, bathroom, sitting room and garden.",
        f"The carers support {case.story.him} as {case.story.his} assessment of needs and All About Me describe: "
        "with prompting to wash and dress, with "
        "medication, cooking, health appointments, and with keeping up friendships.",
    )
    letter.table(
        ("Support", "How much", "Who"),
        (
            ("Personal care", "Prompting, mornings and evenings", "Either carer"),
            ("Medication", "Given from the blue box and recorded", "Either carer"),
            ("Getting about", "Accompanied on new journeys; alone on the number 7 bus", "Carers, volunteer"),
            ("Nights", "Household sleeps; knocks on the carers' door when needed", "Both"),
        ),
        (4.5, 8.5, 4),
    )


def _duties(letter: Letter, case: Case) -> None:
    letter.heading("3. What each of us agrees to")
    letter.text("The carers will:")
    letter.numbered(
        f"treat {case.story.preferred} with dignity as one of the family, and support {case.story.his} own choices;",
        "keep the records that the service asks for, store them safely, and return them when the placement ends;",
        "tell the officer on the same day of any accident, illness, or worry about safety;",
        f"share information about {case.story.him} only as {case.story.his} 'Permission to share' form allows.",
    )
    letter.text("The service will:")
    letter.numbered(
        "visit at least every eight weeks, and at once when asked;",
        "provide training, insurance cover and an out of hours telephone;",
        "review this agreement each year with everybody who has signed it.",
    )
    letter.text(f"{case.story.preferred} will:")
    letter.numbered(
        "join in as much or as little of family life as suits;",
        "keep to the house rules in section 5, which we made together.",
    )


def _money(letter: Letter, case: Case) -> None:
    letter.heading("4. Payments to the household")
    letter.table(
        ("What", "Each week", "Paid by"),
        (
            ("Support payment, band 2", "\u00a3412.50", "Council"),
            ("Rent for the room", "\u00a3103.20", "Housing Benefit"),
            ("Food, heating and household", "\u00a374.60", case.story.preferred),
        ),
        (8.5, 4, 4.5),
    )
    letter.text(
        "Four weeks of breaks a year are paid. When the person is away overnight, the household share is not charged "
        "from the third night."
    )


def _ending(letter: Letter, case: Case) -> None:
    letter.heading("5. House rules")
    letter.bullets(
        "Knock, and wait for an answer.",
        "Telephones stay in the basket at meals.",
        "Whoever cooks does not wash up.",
        "Friends are welcome; say so the day before if they stay the night.",
    )
    letter.heading("6. Changes, worries and ending")
    letter.text(
        "Anybody may ask for a meeting at any time. If something is wrong, talk with the officer first, then with "
        "the team manager; the leaflet in "
        "the kitchen drawer says what comes after that.",
        f"Each of us may end the agreement with 28 days' notice in writing, or at once if {case.story.preferred} or "
        "anybody else is not safe.",
    )
