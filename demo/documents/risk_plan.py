"""The service user's risk management plan (PDF)."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import KeepTogether

from demo.documents import paper
from demo.documents.case import Case, short_date
from demo.documents.stories import Risk

_LEVELS = ((12, "High", "#f4b6a8"), (6, "Medium", "#fbe3a4"), (0, "Low", "#cfe8cf"))


def risk_management_plan(case: Case) -> bytes:
    """A PDF of two to three pages: summary, a score matrix, each risk with its controls, sign-off."""
    sheet = paper.Sheet("Risk Management Plan", f"{case.person.id} / RMP / v4", "Hampshire Shared Lives")
    return paper.render(sheet, lambda: _flow(sheet, case))


def _flow(sheet: paper.Sheet, case: Case) -> paper.Flow:
    story = case.story
    return [
        *paper.title(
            sheet,
            "Service User Risk Management Plan",
            "To be read with the person's All About Me. Review yearly, and after any incident.",
        ),
        paper.fields(
            sheet,
            (
                ("Name", case.person.name),
                ("Date of birth", short_date(case.person.born)),
                ("Council ID", case.person.id),
                ("NHS number", case.nhs),
                ("Shared Lives carer", case.carer_names),
                ("Address", ", ".join(case.home.address)),
                ("Completed by", f"{case.officer.name}, {case.officer.title}"),
                ("Date of plan", case.ago(9)),
            ),
        ),
        paper.heading(sheet, "Who took part"),
        paper.ticks(
            sheet,
            (
                (story.preferred, True),
                ("Shared Lives carer", True),
                ("Family or friend", False),
                ("Advocate", True),
                ("Community nurse", False),
                ("Social worker", True),
            ),
        ),
        paper.heading(sheet, f"What {story.preferred} says about taking risks"),
        *paper.text(
            sheet,
            "\u201cI know what can go wrong. I want help so that it doesn't, and I don't want to be stopped from "
            "living my life.\u201d",
        ),
        paper.heading(sheet, "Summary of risks"),
        paper.table(
            sheet,
            ("", "Hazard", "Before", "After", "Reviewed"),
            [_summary(n, r, case) for n, r in enumerate(story.risks, 1)],
            (8, 75, 31, 31, 25),
            _shades(story.risks),
        ),
        *paper.text(
            sheet, "Score = likelihood (1 to 5) x impact (1 to 5). 12 and more: high. 6 to 11: medium. Below 6: low."
        ),
        *[block for n, risk in enumerate(story.risks, 1) for block in _risk(sheet, n, risk)],
        paper.heading(sheet, "In an emergency"),
        paper.table(
            sheet,
            ("When", "Who", "Number"),
            (
                ("Danger to life", "Ambulance, fire or police", "999"),
                ("Advice on health, day and night", "NHS 111", "111"),
                ("Office hours", f"{case.officer.name}, Shared Lives Officer", case.officer.phone),
                ("Evenings and weekends", "Out of hours duty team", "01632 960199"),
            ),
            (60, 70, 40),
        ),
        paper.signatures(
            sheet,
            (
                ("Person", story.preferred, case.ago(9)),
                ("Shared Lives carer", case.carers[0].name, case.ago(9)),
                ("Shared Lives officer", case.officer.name, case.ago(9)),
                ("Team manager", case.manager.name, case.ago(7)),
            ),
        ),
    ]


def _summary(number: int, risk: Risk, case: Case) -> list[str]:
    return [str(number), risk.hazard, _score(risk.before), _score(risk.after), case.ago(9).rsplit(" ", 1)[0]]


def _risk(sheet: paper.Sheet, number: int, risk: Risk) -> paper.Flow:
    rows = (
        ("What may happen", risk.what),
        ("Early signs", risk.signs),
        ("What we do", "\n".join(f"- {c}" for c in risk.controls)),
    )
    return [
        KeepTogether(
            [
                paper.heading(sheet, f"Risk {number}: {risk.hazard}"),
                paper.fields(sheet, rows, columns=1),
            ]
        )
    ]


def _level(score: tuple[int, int]) -> tuple[str, str]:
    product = score[0] * score[1]
    return next((name, colour) for floor, name, colour in _LEVELS if product >= floor)


def _score(score: tuple[int, int]) -> str:
    return f"{score[0]} x {score[1]} = {score[0] * score[1]}  {_level(score)[0]}"


def _shades(risks: tuple[Risk, ...]) -> list[Any]:
    """The traffic lights behind the scores."""
    return [
        ("BACKGROUND", (column, row), (column, row), HexColor(_level(score)[1]))
        for row, risk in enumerate(risks, 1)
        for column, score in ((2, risk.before), (3, risk.after))
    ]
