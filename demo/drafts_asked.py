"""The mails in which the officer asks for something in the subject line."""

from __future__ import annotations

from demo import documents
from demo.cast import BERNICE, GWEN
from demo.desk import IDRIS, MARJORIE, SAMUEL, SURGERY, Desk, Draft, about, expect
from domain.model import Category


def asked(desk: Desk) -> list[Draft]:
    """Protect it, name the person, release it at once, and a slip of the pen."""
    return [
        Draft(
            "Asked: secure",
            desk.jo,
            "[secure] Where the spare key is",
            IDRIS,
            (
                "Hi Idris,",
                "The spare key hangs behind the blue pot, on the hook on the left. Keep it between us!",
                "Jo",
            ),
            expect(IDRIS, "ENCRYPT", "secure-asked"),
        ),
        Draft(
            "Same name, told apart",
            desk.priya,
            f"Gwen Larkspur's one-page profile [about: {GWEN}]",
            SURGERY,
            (
                "Dear colleagues,",
                "For Monday's appointment, the one-page profile of Gwen Larkspur. Please note the warfarin.",
                "With thanks",
            ),
            expect(SURGERY, "ENCRYPT", "named"),
            shows=about(GWEN, Category.ALL_ABOUT_ME),
            attachments=(desk.file("One-page profile.docx", documents.one_page_profile, GWEN),),
        ),
        Draft(
            "Urgent release",
            desk.martin,
            "[urgent: risk] Letter from the clinic",
            SAMUEL,
            (
                "Samuel,",
                "Please read the clinic's letter about Bernice before tonight, she may be in danger. I shall ring you.",
                "Martin",
            ),
            expect(SAMUEL, "ENCRYPT", "urgent-release"),
            shows=about(BERNICE, Category.MEDICAL),
            attachments=(desk.file("clinic letter.pdf", documents.hospital_letter, BERNICE),),
        ),
        Draft(
            "A slip of the pen",
            desk.jo,
            "[secrue] Where the spare key is",
            MARJORIE,
            ("Hi Marjorie,", "The spare key hangs behind the blue pot. Keep it between us!", "Jo"),
            expect(MARJORIE, "HOLD", "tag-unknown"),
        ),
    ]
