"""An occupational therapist's assessment report (PDF)."""

from __future__ import annotations

from demo.documents import paper
from demo.documents.case import Case, short_date

_LEVELS = ("Independent", "Prompting", "Supervision", "Help of one")


def ot_report(case: Case) -> bytes:
    """A PDF of two to three pages: reason, background, daily living with ticked levels, recommendations."""
    sheet = paper.Sheet(
        title="Occupational Therapy Assessment Report",
        reference=f"WCT/OT/{case.person.nhs_number[-5:]}",
        sender=case.trust.name,
        letterhead=(*case.trust.address, f"Telephone {case.trust.phone}", "cldt@wealdmere.nhs.example"),
        brand="#003087",
        marking="CONFIDENTIAL: PATIENT INFORMATION",
    )
    return paper.render(sheet, lambda: _flow(sheet, case))


def _flow(sheet: paper.Sheet, case: Case) -> paper.Flow:
    story, therapy = case.story, case.story.therapy
    return [
        *paper.letterhead(sheet),
        *paper.title(sheet, "Occupational Therapy Assessment Report", "Community Learning Disability Team"),
        paper.fields(
            sheet,
            (
                ("Client", case.person.name),
                ("Date of birth", short_date(case.person.born)),
                ("NHS number", case.nhs),
                ("Council ID", case.person.id),
                ("Address", ", ".join(case.home.address)),
                ("GP", case.surgery.name),
                ("Date of visit", case.ago(21)),
                ("Date of report", case.ago(14)),
                ("Therapist", "Nadia Perrin, Occupational Therapist"),
                ("Also present", case.carer_names),
            ),
        ),
        paper.heading(sheet, "1. Reason for referral"),
        *paper.text(sheet, therapy.reason),
        paper.heading(sheet, "2. Background and home"),
        *paper.text(sheet, therapy.background, f"Known conditions: {'; '.join(story.conditions)}."),
        paper.heading(sheet, "3. Consent"),
        *paper.text(
            sheet,
            f"{story.preferred} was told what the visit was for in words and pictures, and was happy to show what "
            f"{story.he} does in a day.",
        ),
        paper.heading(sheet, "4. Activities of daily living"),
        paper.table(
            sheet,
            ("Activity", *_LEVELS, "What was seen"),
            [
                [activity, *[paper.tick(on=level == done) for level in _LEVELS], seen]
                for activity, done, seen in therapy.findings
            ],
            (29, 25, 22, 24, 24, 46),
        ),
        paper.heading(sheet, "5. Standardised measures"),
        paper.table(
            sheet,
            ("Measure", "Score", "Reading"),
            (
                ("Timed Up and Go", "17.2 s", "Above 13.5 s: raised risk of falls"),
                ("Barthel Index", "16 / 20", "Mild dependence"),
                ("Tinetti balance", "19 / 28", "Moderate risk of falls"),
            ),
            (60, 30, 80),
        ),
        paper.heading(sheet, "6. Clinical reasoning"),
        *paper.text(
            sheet,
            f"{story.preferred} manages much of the day with the rhythm of a family home, which is {story.his} "
            "greatest protection. The gaps are in "
            "transfers and in remembering the last step of a task. Small adaptations, made before there is an "
            f"injury, should keep {story.him} "
            "where all agree is best: at home.",
        ),
        paper.heading(sheet, "7. Recommendations"),
        paper.table(sheet, ("Recommendation", "Who", "By when"), therapy.recommendations, (100, 40, 30)),
        *paper.text(
            sheet,
            "I shall visit again when the equipment is in place, and will close the referral then unless something "
            "new arises.",
        ),
        paper.signatures(
            sheet,
            (("Occupational therapist", "Nadia Perrin", case.ago(14)), ("Team lead", "Aurelia Stott", case.ago(13))),
        ),
    ]
