"""The demo's own document generator: real files, about invented people, by ordinary libraries.

Each function returns a file's bytes. Every one takes a :class:`~demo.documents.case.Case`, but for the three that are
about nobody (:func:`newsletter`, :func:`staff_rota`, :func:`blank_week_sheet`) and for :func:`locked_zip`.
"""

from demo.documents.all_about_me import all_about_me, one_page_profile
from demo.documents.case import Case, case_of
from demo.documents.court_order import court_order
from demo.documents.hospital_letter import hospital_letter
from demo.documents.locked_zip import locked_zip
from demo.documents.newsletter import newsletter
from demo.documents.ot_report import ot_report
from demo.documents.placement_agreement import placement_agreement
from demo.documents.review_of_needs import review_of_needs
from demo.documents.risk_plan import risk_management_plan
from demo.documents.scanned import scanned_letter
from demo.documents.sheets import bank_statement, staff_rota
from demo.documents.week_sheet import blank_week_sheet, week_sheet

__all__ = [
    "Case",
    "all_about_me",
    "bank_statement",
    "blank_week_sheet",
    "case_of",
    "court_order",
    "hospital_letter",
    "locked_zip",
    "newsletter",
    "one_page_profile",
    "ot_report",
    "placement_agreement",
    "review_of_needs",
    "risk_management_plan",
    "scanned_letter",
    "staff_rota",
    "week_sheet",
]
