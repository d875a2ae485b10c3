"""The service's own form for a week's health, blank as the office hands it out and filled in by carers (DOCX)."""

from __future__ import annotations

from demo.documents.case import Case, short_date
from demo.documents.word import Letter

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HEAD = ("Day", "Slept through", "Ate and drank", "Out of the house", "Anything to tell")


def blank_week_sheet() -> bytes:
    """The form that the office registers."""
    return _sheet(("", "", "", ""), (("", "", "", ""),) * 7, ("", ""))


def week_sheet(case: Case) -> bytes:
    """The same form, typed into: no title of it was changed, and hardly a sentence added."""
    nights = ("yes", "yes", "woke once", "yes", "no, up at 3", "yes", "yes")
    days = tuple((night, "well", "yes", "-") for night in nights)
    who = (case.person.name, short_date(case.person.born), case.person.id, case.ago(7))
    return _sheet(who, days, (case.carers[0].name, case.ago(1)))


def _sheet(who: tuple[str, ...], days: tuple[tuple[str, ...], ...], signed: tuple[str, str]) -> bytes:
    letter = Letter("Week sheet SL/W7", "SL/W7, fourth edition", "Keep in the household folder")
    letter.note("One sheet for each week. Fill in a line every evening, sign on Sunday, and bring it to the visit.")
    labels = ("Whose week this is", "Born on", "Reference of the service", "Week that begins on")
    letter.fields(tuple(zip(labels, who, strict=True)))
    letter.heading("Each day")
    letter.table(_HEAD, [(day, *said) for day, said in zip(_DAYS, days, strict=True)], (3, 3, 3, 3, 5))
    letter.heading("Before you hand it over")
    letter.text(
        "Write what you saw and heard, not what you think of it. What cannot wait until the visit does not belong on "
        "this sheet: ring the duty desk on the day. The office keeps the sheets with the yearly review and for as long "
        "as the retention schedule says; the household destroys its copy when the year is over.",
    )
    letter.fields((("Written by", signed[0]), ("Handed over on", signed[1])))
    return letter.bytes()
