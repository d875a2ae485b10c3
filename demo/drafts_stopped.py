"""The mails that are held, refused, or tried again."""

from __future__ import annotations

from demo import documents
from demo.cast import BERNICE, EDWIN, GWEN, MAGDA, OLIVE, PERCIVAL, ROWAN, TOBIAS
from demo.desk import (
    ANWEN,
    LIONEL,
    MARJORIE,
    MISTYPED,
    NADIA,
    PETRA,
    SAMUEL,
    SOLICITOR,
    SURGERY,
    ZIP_PASSWORD,
    Attachment,
    Desk,
    Draft,
    about,
    expect,
)
from domain.model import Category


def stopped(desk: Desk) -> list[Draft]:
    """Held for want of permission, held in doubt, refused, and put off."""
    return [*_held_for_permission(desk), *_held_for_doubt(desk), *_refused_or_put_off(desk)]


def _held_for_permission(desk: Desk) -> list[Draft]:
    return [
        Draft(
            "Support carer, agreement",
            desk.priya,
            "Placement agreement for Olive",
            PETRA,
            ("Dear Petra,", "Here is Olive's agreement, as you asked.", "Best wishes"),
            expect(PETRA, "HOLD", "support-need-to-know"),
            shows=about(OLIVE, Category.PLACEMENT_AGREEMENT),
            attachments=(desk.file("Placement agreement signed.docx", documents.placement_agreement, OLIVE),),
        ),
        Draft(
            "Bank statement, carer",
            desk.martin,
            "Toby's bank statement",
            SAMUEL,
            (
                "Hi Samuel,",
                "You asked what Toby has left each week. Easiest if you look yourself: statement attached.",
                "Cheers",
            ),
            expect(SAMUEL, "HOLD", "carer-need-to-know"),
            shows=about(TOBIAS, Category.FINANCIAL),
            attachments=(desk.file("statement.xlsx", documents.bank_statement, TOBIAS),),
        ),
        Draft(
            "Court order",
            desk.martin,
            "Court of Protection order, as discussed",
            SOLICITOR,
            (
                "Dear Mr Tallow,",
                (
                    "Further to your telephone call, I attach a copy of the order of last month in the matter of Ms "
                    "Ostrowick."
                ),
                "Yours sincerely",
            ),
            expect(SOLICITOR, "HOLD", "new-involvement"),
            shows=about(MAGDA, Category.LEGAL),
            attachments=(desk.file("Sealed order.pdf", documents.court_order, MAGDA),),
        ),
        Draft(
            "Permission withdrawn",
            desk.martin,
            "Letter from the clinic",
            SAMUEL,
            ("Hi Samuel,", "Good news from the clinic for Bernice! Letter attached for her folder.", "Thanks"),
            expect(SAMUEL, "HOLD", "withdrawn"),
            shows=about(BERNICE, Category.MEDICAL),
            attachments=(desk.file("clinic letter.pdf", documents.hospital_letter, BERNICE),),
        ),
        Draft(
            "Review overdue",
            desk.priya,
            "OT report: SL-20526",
            SURGERY,
            ("Dear colleagues,", "The OT report on Mr Marlpit for your records.", "With thanks"),
            expect(SURGERY, "HOLD", "review-overdue"),
            shows=about(EDWIN, Category.PROFESSIONAL_REPORT),
            attachments=(desk.file("OT report E M.pdf", documents.ot_report, EDWIN),),
        ),
        Draft(
            "Lacks capacity",
            desk.priya,
            "OT report: SL-20475",
            SURGERY,
            (
                "Dear colleagues,",
                (
                    "Percy has been seen by the OT; her report is attached. Nobody has talked with him about who sees "
                    "it, as he would not "
                    "be able to follow, but it seems sensible that you have it."
                ),
                "With thanks",
            ),
            expect(SURGERY, "HOLD", "no-best-interests-decision"),
            shows=about(PERCIVAL, Category.PROFESSIONAL_REPORT),
            attachments=(desk.file("OT report.pdf", documents.ot_report, PERCIVAL),),
        ),
    ]


def _held_for_doubt(desk: Desk) -> list[Draft]:
    notes = desk.file("Applegarth OT notes.pdf", documents.ot_report, ROWAN)
    locked = documents.locked_zip({notes.filename: notes.content}, ZIP_PASSWORD)
    return [
        Draft(
            "No key",
            desk.martin,
            "Magda: letter from the memory service",
            ANWEN,
            (
                "Dear Anwen,",
                "Dr Greaves's letter after Tuesday's home visit. The night light should come this week.",
                "Kind regards",
            ),
            expect(ANWEN, "ENCRYPT", "pick-up"),
            shows=about(MAGDA, Category.MEDICAL),
            attachments=(desk.file("Memory service letter.pdf", documents.hospital_letter, MAGDA),),
        ),
        Draft(
            "Key expired",
            desk.priya,
            "Ted's All About Me",
            LIONEL,
            ("Dear Lionel,", "Ted's All About Me, for the folder.", "Best wishes"),
            expect(LIONEL, "ENCRYPT", "pick-up"),
            shows=about(EDWIN, Category.ALL_ABOUT_ME),
            html=True,
            attachments=(desk.file("All About Me.docx", documents.all_about_me, EDWIN),),
        ),
        Draft(
            "Password zip",
            desk.priya,
            "The notes you asked for (SL-20417)",
            NADIA,
            ("Dear Nadia,", "The notes are in the zip, with the usual password; I shall ring you with it.", "Priya"),
            expect(NADIA, "HOLD", "unreadable"),
            attachments=(Attachment("notes.zip", locked),),
        ),
        Draft(
            "Same name",
            desk.priya,
            "Gwen Larkspur's one-page profile",
            SURGERY,
            (
                "Dear colleagues,",
                "For Monday's appointment, the one-page profile of Gwen Larkspur. Please note the warfarin.",
                "With thanks",
            ),
            expect(SURGERY, "HOLD", "person-ambiguous"),
            shows=about(GWEN, Category.ALL_ABOUT_ME),
            attachments=(desk.file("One-page profile.docx", documents.one_page_profile, GWEN),),
        ),
        Draft(
            "Mistyped address",
            desk.martin,
            "Toby: letter from the diabetes centre",
            MISTYPED,
            ("Dear colleagues,", "The diabetes centre's letter on Toby for your records.", "Kind regards"),
            expect(MISTYPED, "HOLD", "recipient-look-alike"),
            shows=about(TOBIAS, Category.MEDICAL),
            attachments=(desk.file("Diabetes centre.pdf", documents.hospital_letter, TOBIAS),),
        ),
        Draft(
            "Wrong attachment",
            desk.priya,
            "Rowan Applegarth (SL-20417): placement agreement",
            MARJORIE,
            ("Dear Marjorie,", "Rowan's agreement as promised.", "Best wishes"),
            expect(MARJORIE, "HOLD", "places-disagree"),
            shows=about(OLIVE, Category.PLACEMENT_AGREEMENT),
            attachments=(desk.file("Agreement.docx", documents.placement_agreement, OLIVE),),
        ),
    ]


def _refused_or_put_off(desk: Desk) -> list[Draft]:
    return [
        Draft(
            "Carer of somebody else",
            desk.martin,
            "Toby: risk management plan v4",
            LIONEL,
            ("Hi,", "Version 4 of Toby's plan, after the hypo. Please shred version 3.", "Thanks"),
            expect(LIONEL, "REJECT", "other-carer"),
            shows=about(TOBIAS, Category.RISK_MANAGEMENT_PLAN),
            attachments=(desk.file("SL-20458 Risk management plan v4.pdf", documents.risk_management_plan, TOBIAS),),
        ),
        Draft(
            "Vault away",
            desk.martin,
            "Toby: letter from the diabetes centre",
            SAMUEL,
            ("Hi Samuel,", "The insulin at night goes down to 18 units, see the letter.", "Thanks"),
            expect(SAMUEL, "DEFER", "vault-away"),
            shows=about(TOBIAS, Category.MEDICAL),
            fault="vault-away",
            attachments=(desk.file("Diabetes centre letter.pdf", documents.hospital_letter, TOBIAS),),
        ),
    ]
