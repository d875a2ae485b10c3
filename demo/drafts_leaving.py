"""The mails that leave, in the clear or protected, at least for some of their readers."""

from __future__ import annotations

from datetime import timedelta

from demo import documents
from demo.cast import MAGDA, OLIVE, ROWAN, TOBIAS
from demo.desk import (
    ANWEN,
    DEPUTY,
    ENCRYPT_CARER,
    IDRIS,
    INSPECTOR,
    MARJORIE,
    MARTIN,
    NADIA,
    PETRA,
    RELAY_PLAIN,
    RELAY_STAFF,
    SAMUEL,
    SURGERY,
    Attachment,
    Desk,
    Draft,
    about,
    expect,
)
from domain.model import Category


def leaving(desk: Desk) -> list[Draft]:
    """In the clear, protected, and mixed."""
    return [*_in_the_clear(desk), *_protected(desk), *_mixed(desk)]


def _in_the_clear(desk: Desk) -> list[Draft]:
    monday = desk.today + timedelta(days=7 - desk.today.weekday())
    names = [officer.name for officer in desk.people.officers] + ["Amina Drew", "Colin Fairweather", "Tess Oakhanger"]
    return [
        Draft(
            "Newsletter",
            desk.priya,
            f"The Kitchen Table, {desk.today:%B}: picnic, quiz and crumble",
            MARJORIE | ANWEN,
            (
                "Dear all,",
                (
                    "Here is the new issue of The Kitchen Table, with dates for the fridge door and the crumble that "
                    "everybody asked for "
                    "after the coffee morning."
                ),
                (
                    "Do send us your pictures for Shared Lives Week \u2013 wellingtons, dogs, tea-pots. See you at "
                    "the "
                    "picnic!"
                ),
            ),
            dict.fromkeys(MARJORIE | ANWEN, RELAY_PLAIN),
            html=True,
            attachments=(Attachment("The Kitchen Table.pdf", documents.newsletter(desk.today)),),
        ),
        Draft(
            "Office rota",
            desk.jo,
            "Who is in the office next week",
            SAMUEL,
            (
                "Hi Samuel,",
                (
                    "As promised, next week's rota, so that you know whom to ring when. I am on leave on the days "
                    "marked "
                    "yellow; Martin has "
                    "the duty desk then."
                ),
            ),
            dict.fromkeys(SAMUEL, RELAY_PLAIN),
            attachments=(Attachment("Rota.xlsx", documents.staff_rota(names, monday)),),
        ),
        Draft(
            "Blank form",
            desk.jo,
            "New week sheets",
            ANWEN,
            (
                "Dear Anwen,",
                "The week sheet has a fourth edition. Please use this one from Monday and recycle the old pad.",
            ),
            dict.fromkeys(ANWEN, RELAY_PLAIN),
            attachments=(Attachment("SL-W7.docx", documents.blank_week_sheet()),),
        ),
    ]


def _protected(desk: Desk) -> list[Draft]:
    return [*_written(desk), *_pictured(desk)]


def _pictured(desk: Desk) -> list[Draft]:
    """What is known without a title or a phrase: a scan by its picture, a form by what was written into it."""
    return [
        Draft(
            "Scanned letter",
            desk.martin,
            "From the copier",
            SAMUEL,
            ("Hi Samuel,", "This came by post today. One for the folder.", "Thanks"),
            dict.fromkeys(SAMUEL, ENCRYPT_CARER),
            shows=about(TOBIAS, Category.MEDICAL),
            attachments=(desk.file("Scan_0012.pdf", documents.scanned_letter, TOBIAS),),
        ),
        Draft(
            "Filled form",
            desk.martin,
            "Last week's sheet",
            SAMUEL,
            ("Hi Samuel,", "Here is a copy of the sheet from the visit, as you asked.", "Thanks"),
            dict.fromkeys(SAMUEL, ENCRYPT_CARER),
            shows=about(TOBIAS, Category.OTHER_PERSONAL),
            attachments=(desk.file("sheet.docx", documents.week_sheet, TOBIAS),),
        ),
    ]


def _written(desk: Desk) -> list[Draft]:
    return [
        Draft(
            "All About Me",
            desk.priya,
            "Rowan's All About Me, new version",
            MARJORIE,
            (
                "Dear Marjorie,",
                (
                    "Attached is Rowan's All About Me with the changes that the three of us made on Tuesday: the "
                    "hens, "
                    "the timetables, and "
                    "the new tablets."
                ),
                (
                    "Could you read it through with him once more and tell me whether he is happy with it? I shall "
                    "bring "
                    "a printed "
                    "copy for his folder when I visit."
                ),
                "Kind regards",
            ),
            dict.fromkeys(MARJORIE, ENCRYPT_CARER),
            html=True,
            shows=about(ROWAN, Category.ALL_ABOUT_ME),
            attachments=(desk.file("All About Me - Rowan A.docx", documents.all_about_me, ROWAN),),
        ),
        Draft(
            "Risk management plan",
            desk.martin,
            "Toby: risk management plan v4",
            SAMUEL,
            (
                "Hi Samuel,",
                (
                    "Version 4 of Toby's risk management plan, after last month's hypo and our talk about the "
                    "console. "
                    "What is new is on page "
                    "one in the table, and the internet section is his own wording."
                ),
                "Please keep it with the blue pouch and shred version 3. Ring me with any questions.",
                "Thanks",
            ),
            dict.fromkeys(SAMUEL, ENCRYPT_CARER),
            shows=about(TOBIAS, Category.RISK_MANAGEMENT_PLAN),
            attachments=(desk.file("SL-20458 Risk management plan v4.pdf", documents.risk_management_plan, TOBIAS),),
        ),
        Draft(
            "Placement agreement",
            desk.priya,
            "Placement agreement for Olive, signed by all",
            MARJORIE | IDRIS,
            (
                "Dear Marjorie, dear Idris,",
                (
                    "Here is the agreement with everybody's signature on it. The new amounts run from the first of "
                    "the "
                    "month."
                ),
                "Thank you for Thursday's cake.",
            ),
            dict.fromkeys(MARJORIE | IDRIS, ENCRYPT_CARER),
            html=True,
            shows=about(OLIVE, Category.PLACEMENT_AGREEMENT),
            attachments=(desk.file("Placement agreement signed.docx", documents.placement_agreement, OLIVE),),
        ),
        Draft(
            "Support carer",
            desk.priya,
            "Your weekend with Olive",
            PETRA,
            (
                "Dear Petra,",
                (
                    "Thank you for standing in at Beech Cottage while Marjorie and Idris are away. This is Olive's "
                    "All About Me."
                ),
            ),
            expect(PETRA, "ENCRYPT", "support-direct-care"),
            shows=about(OLIVE, Category.ALL_ABOUT_ME),
            attachments=(desk.file("All About Me - Olive.docx", documents.all_about_me, OLIVE),),
        ),
        Draft(
            "OT report",
            desk.priya,
            "OT report for your records: SL-20417",
            SURGERY,
            (
                "Dear colleagues,",
                (
                    "Please find attached the occupational therapist's report on Rowan Applegarth, date of birth "
                    "14/03/1986. She "
                    "recommends the strength and balance group; could Dr Sallow make the referral?"
                ),
                "With thanks",
            ),
            expect(SURGERY, "ENCRYPT", "named"),
            shows=about(ROWAN, Category.PROFESSIONAL_REPORT),
            attachments=(desk.file("OT report.pdf", documents.ot_report, ROWAN),),
        ),
        Draft(
            "Bank statement, deputy",
            desk.martin,
            "Magda's statement for the yearly report",
            DEPUTY,
            (
                "Dear Mr Ostrowick,",
                (
                    "As her deputy you asked for the last two months' statement for your report to the Public "
                    "Guardian. "
                    "It is "
                    "attached."
                ),
                "Yours sincerely",
            ),
            expect(DEPUTY, "ENCRYPT", "named-best-interests"),
            shows=about(MAGDA, Category.FINANCIAL),
            attachments=(desk.file("Statement.xlsx", documents.bank_statement, MAGDA),),
        ),
        Draft(
            "For the inspector",
            desk.jo,
            "Your request of Monday, file 3 of 5",
            INSPECTOR,
            (
                "Dear inspector,",
                (
                    "Under the information sharing protocol, the risk management plan that you asked to see. The "
                    "person "
                    "is Rowan "
                    "Applegarth, SL-20417."
                ),
                "Yours faithfully",
            ),
            expect(INSPECTOR, "ENCRYPT", "regulator"),
            shows=about(ROWAN, Category.RISK_MANAGEMENT_PLAN),
            attachments=(desk.file("Risk management plan.pdf", documents.risk_management_plan, ROWAN),),
        ),
    ]


def _mixed(desk: Desk) -> list[Draft]:
    held = expect(NADIA, "HOLD", "new-involvement")
    return [
        Draft(
            "Review, four readers",
            desk.priya,
            "Olive's review of needs",
            MARJORIE,
            (
                "Dear Marjorie,",
                "Olive's review is typed. Martin, for the duty desk; Nadia, in case the knees come your way.",
                "Kind regards",
            ),
            dict.fromkeys(MARJORIE | IDRIS, ENCRYPT_CARER) | dict.fromkeys(MARTIN, RELAY_STAFF) | held,
            cc=MARTIN | NADIA,
            bcc=tuple(IDRIS),
            html=True,
            shows=about(OLIVE, Category.ASSESSMENT),
            attachments=(desk.file("Review of needs.docx", documents.review_of_needs, OLIVE),),
        ),
        Draft(
            "Two people",
            desk.priya,
            "Papers for Rowan and Olive",
            MARJORIE | SAMUEL,
            (
                "Dear Marjorie, dear Samuel,",
                "Both sets of papers in one go: Rowan's review and Olive's placement agreement.",
                "Best wishes",
            ),
            dict.fromkeys(MARJORIE, ENCRYPT_CARER) | expect(SAMUEL, "REJECT", "other-carer"),
            shows=about(ROWAN, Category.ASSESSMENT) | about(OLIVE, Category.PLACEMENT_AGREEMENT),
            attachments=(
                desk.file("SL-20417 Review.docx", documents.review_of_needs, ROWAN),
                desk.file("SL-20433 Agreement.docx", documents.placement_agreement, OLIVE),
            ),
        ),
    ]
