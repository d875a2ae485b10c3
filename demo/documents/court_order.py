"""An order of the Court of Protection, as sealed copies look (PDF). Case number, judge and parties are invented."""

from __future__ import annotations

from reportlab.platypus import Spacer

from demo.documents import paper
from demo.documents.case import Case, short_date

_DEPUTY = "Conrad Ostrowick"


def court_order(case: Case) -> bytes:
    """A PDF of two pages in a serif face: heading of the case, recitals, the order in numbered paragraphs."""
    sheet = paper.Sheet(
        title=f"Order: in the matter of {case.person.name}",
        reference=f"Case No. 9{case.person.nhs_number[-7:]}",
        sender="Court of Protection",
        brand="#4a1d2f",
        marking="SEALED COPY",
        serif=True,
    )
    return paper.render(sheet, lambda: _flow(sheet, case))


def _flow(sheet: paper.Sheet, case: Case) -> paper.Flow:
    name = case.person.name.upper()
    return [
        paper.centred(sheet, "IN THE COURT OF PROTECTION", 14),
        paper.centred(sheet, sheet.reference, 11, bold=False),
        paper.centred(sheet, "IN THE MATTER OF THE MENTAL CAPACITY ACT 2005", 11),
        paper.centred(sheet, f"AND IN THE MATTER OF {name} (P)", 11),
        Spacer(1, 10),
        paper.centred(sheet, "ORDER", 15),
        *paper.text(
            sheet,
            f"Made by Deputy District Judge Hartsmere at Wealdmere, sitting in private, on {case.ago(30)} and issued "
            f"on {case.ago(26)}.",
        ),
        paper.fields(
            sheet,
            (
                ("Protected party", case.person.name),
                ("Date of birth", short_date(case.person.born)),
                ("Council ID", case.person.id),
                ("NHS number", case.nhs),
                ("Address", ", ".join(case.home.address)),
                ("Applicant", _DEPUTY),
            ),
        ),
        paper.heading(sheet, "WHEREAS"),
        *paper.numbered(
            sheet,
            "An application has been made for an order under the Mental Capacity Act 2005 for the appointment of a "
            "deputy to make decisions on "
            f"behalf of {case.person.name}.",
            f"The Court is satisfied that {case.person.name} is unable to make various decisions for "
            f"{case.story.him}self in relation to matters "
            "concerning property and affairs, because of an impairment of, or a disturbance in the functioning of, "
            "the mind or brain.",
            "The Court is satisfied that the purpose for which the order is needed cannot be as effectively achieved "
            "in a way that is less "
            "restrictive of the person's rights and freedom of action.",
        ),
        paper.heading(sheet, "IT IS ORDERED THAT"),
        *paper.numbered(
            sheet,
            f"{_DEPUTY} is appointed as deputy ('the deputy') to make decisions on behalf of {case.person.name} that "
            f"{case.story.he} is unable to "
            "make in relation to property and affairs, subject to the conditions and restrictions in the Act and in "
            "this order.",
            "The appointment will last until further order.",
            "The deputy must apply the principles set out in section 1 of the Act and have regard to the guidance in "
            "the Code of Practice.",
            "The Court confers general authority on the deputy to take possession or control of the property and "
            "affairs of the protected party, "
            "and to exercise the same powers of management as a beneficial owner.",
            "The deputy may make provision for the needs of the protected party's family home life, including the "
            "contribution due under the "
            "Shared Lives placement agreement.",
            "The deputy may not sell, charge or otherwise dispose of any freehold or leasehold property without the "
            "Court's approval.",
            "The deputy is required to keep statements, vouchers, receipts and other financial records, and to "
            "submit a report to the Public "
            "Guardian each year.",
            "The deputy is required forthwith to obtain and maintain security in the sum of \u00a318,000 in "
            "accordance with the standard "
            "requirements as to the giving of security.",
            f"Contact between {case.person.name} and {case.story.his} brother shall take place as recorded in the "
            "care plan, and shall not be reduced "
            "without an application to the Court.",
            "The costs of the application shall be paid from the protected party's estate, to be assessed if not "
            "agreed.",
            "Any person affected by this order may apply within 21 days of the date on which it was served to have "
            "it set aside or varied.",
        ),
        Spacer(1, 8),
        *paper.text(
            sheet,
            f"Dated {case.ago(30)}",
            "Deputy District Judge Hartsmere",
            "This copy is issued under the seal of the court and is not a public document.",
        ),
    ]
