"""A hospital clinic's letter to the GP, copied to the Shared Lives service (PDF)."""

from __future__ import annotations

from reportlab.platypus import KeepTogether

from demo.documents import paper
from demo.documents.case import Case, short_date


def hospital_letter(case: Case) -> bytes:
    """A PDF of one to two pages, as outpatient clinics write them."""
    sheet = paper.Sheet(
        title=f"Clinic letter: {case.story.letter.clinic}",
        reference=f"Hospital no. QA{case.person.nhs_number[-6:]}",
        sender="Queen Adelaide Infirmary",
        letterhead=(
            case.story.letter.clinic,
            "Level 2, East Wing",
            "Queen Adelaide Infirmary",
            "Infirmary Road, Wealdmere GU98 1QA",
            "Telephone 01632 960700",
            "clinics@queenadelaide.nhs.example",
        ),
        brand="#005eb8",
        marking="PRIVATE AND CONFIDENTIAL",
    )
    return paper.render(sheet, lambda: _flow(sheet, case))


def _flow(sheet: paper.Sheet, case: Case) -> paper.Flow:
    story, letter = case.story, case.story.letter
    return [
        *paper.letterhead(sheet),
        *paper.text(sheet, f"Clinic date: {case.ago(12)}      Date typed: {case.ago(8)}"),
        paper.table(
            sheet,
            ("To", "Copies"),
            [
                [
                    "Dr Harriet Sallow\n" + "\n".join(case.surgery.address),
                    f"{case.formal}, {', '.join(case.home.address)}\nHampshire Shared Lives, for the carer's file",
                ]
            ],
            (85, 85),
        ),
        paper.fields(
            sheet,
            (
                ("Patient", case.person.name),
                ("Date of birth", short_date(case.person.born)),
                ("NHS number", case.nhs),
                ("Hospital no.", f"QA{case.person.nhs_number[-6:]}"),
                ("Address", ", ".join(case.home.address)),
                ("Council ID", case.person.id),
            ),
        ),
        *paper.text(sheet, "Dear Dr Sallow"),
        paper.heading(sheet, "Diagnoses"),
        *paper.numbered(sheet, *letter.diagnoses),
        paper.heading(sheet, "Current medication"),
        paper.table(
            sheet, ("Medicine", "Dose", "When"), [(m.name, m.dose, m.when) for m in story.medicines], (60, 50, 60)
        ),
        *paper.text(sheet, f"Allergies: {story.allergies}"),
        paper.heading(sheet, "Clinic review"),
        *paper.text(sheet, f"{case.formal} {letter.seen}.", *letter.paragraphs),
        KeepTogether(
            [
                paper.heading(sheet, "Plan"),
                *paper.numbered(sheet, *letter.actions),
                *paper.text(
                    sheet,
                    "Yours sincerely",
                    "(dictated and checked electronically, not signed, to avoid delay)",
                    letter.consultant,
                ),
            ]
        ),
        paper.heading(sheet, "For the patient"),
        *paper.text(
            sheet,
            "If you are worried before your next appointment, telephone the clinic nurse on 01632 960702, Monday to "
            "Friday, 9 to 4. This letter is "
            "copied to you in line with good practice; please tell us if you would rather not have copies, or if you "
            "need it in easy read.",
        ),
    ]
