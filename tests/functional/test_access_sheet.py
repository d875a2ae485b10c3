"""A review on pages: the tables laid out for a browser, and what was decided there back in them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.build import ANN
from tests.fakes import NOW
from tests.support.access import CARER, Desk, by_title, desk, filed, keys, readers
from vault.export import sheet
from vault.export.cases import CaseError
from vault.export.documents import Collected
from vault.export.review import judged
from vault.export.sheet import Answer, Decided
from vault.models import Choice

__all__ = ["desk", "keys", "readers"]
pytestmark = pytest.mark.usefixtures("database")


def decided(desk: Desk, title: str, **more: object) -> Decided:
    return Decided(by_title(Collected(desk.folder))[title], **({"decision": "redact"} | more))  # type: ignore[arg-type]


def laid(desk: Desk, title: str) -> dict:  # type: ignore[type-arg]
    collected = Collected(desk.folder)
    document = next(d for d in collected if d.title == title)
    return sheet.laid_open(document, desk.folder, collected)


def verdict(desk: Desk, title: str) -> tuple[Choice | None, list[str], list[str]]:
    found = next(v for v in judged(desk.folder, Collected(desk.folder)) if v.document.title == title)
    return found.choice, sorted(p.text for p in found.passages), found.missing


def test_nothing_is_laid_out_before_it_is_collected(desk: Desk) -> None:
    with pytest.raises(CaseError, match="case"):
        sheet.listed(desk.folder, Collected(desk.folder))


def test_a_document_is_laid_open_with_its_texts_marked(desk: Desk) -> None:
    desk.collect()
    listed = sheet.listed(desk.folder, Collected(desk.folder))
    titles = [each["title"] for each in listed["documents"]]
    assert "notes.txt" in titles
    assert "Ben" not in titles
    assert all(each["missing"] == ["no decision yet"] for each in listed["documents"])
    notes = laid(desk, "notes.txt")
    (text,) = notes["texts"]
    marked = {text["text"][a:b] for a, b, _ in text["marks"]}
    assert {CARER, "07700 900142"} <= marked
    assert {p["text"] for p in notes["passages"]} == marked
    assert all((p["answer"], p["ground"], p["everywhere"]) == ("", "OTHERS", False) for p in notes["passages"])


WEB = (
    '<!DOCTYPE html><html lang="en"><head><title>Ann</title></head><body>'
    '<p style="color:#333">Dear Marjorie, see you.</p></body></html>'
)


def test_what_the_tags_of_a_web_page_hold_is_no_word_of_a_mail(desk: Desk) -> None:
    """Of a mail its words are given, never its file. A file is given as it is, so it is said what else it holds."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "officer@council.example", "carer@carers.example", "As a page"
    made["Message-ID"] = "<77@council.example>"
    made.set_content(WEB, subtype="html")
    made.add_attachment(WEB.encode(), maintype="text", subtype="html", filename="page.html")
    desk.house.filer().file(filed(made.as_bytes(), ANN), NOW)
    desk.collect()
    (words,) = laid(desk, "As a page")["texts"]
    assert words["text"].split() == ["Ann", "Dear", "Marjorie,", "see", "you."]
    assert not words["beside"]
    words, beside = laid(desk, "page.html")["texts"]
    assert (words["beside"], beside["beside"]) == (False, True)
    assert "DOCTYPE" not in words["text"]
    assert "DOCTYPE html" in beside["text"]


def test_what_is_decided_stands_in_the_tables(desk: Desk) -> None:
    desk.collect()
    before = sheet.code(desk.folder)
    answers = {
        p["id"]: Answer("yes" if p["text"] == CARER else "no", ground="CRIME")
        for p in laid(desk, "notes.txt")["passages"]
    }
    sheet.write(desk.folder, Collected(desk.folder), decided(desk, "notes.txt", answers=answers, own=["gets on with"]))
    assert sheet.code(desk.folder) != before
    assert verdict(desk, "notes.txt") == (Choice.REDACT, sorted([CARER, "gets on with"]), [])
    again = laid(desk, "notes.txt")
    assert again["own"] == ["gets on with"]
    assert {(p["answer"], p["ground"]) for p in again["passages"]} == {("yes", "CRIME"), ("no", "CRIME")}
    # Decided anew: a text of one's own that is not sent again is gone.
    sheet.write(desk.folder, Collected(desk.folder), decided(desk, "notes.txt", answers=answers))
    assert verdict(desk, "notes.txt")[1] == [CARER]
    row = next(r for r in desk.table("documents.csv") if r["title"] == "notes.txt")
    assert (row["decision"], row["exemption"]) == ("redact", "")


def test_one_answer_for_all_documents(desk: Desk) -> None:
    """It counts wherever nothing else was said, can be turned round, and stands in one line."""
    desk.collect()
    (carer,) = (p["id"] for p in laid(desk, "notes.txt")["passages"] if p["text"] == CARER)

    def say(take_out: str) -> None:
        one = {carer: Answer(take_out, everywhere=True)}
        sheet.write(desk.folder, Collected(desk.folder), decided(desk, "notes.txt", answers=one))

    say("yes")
    plan = {p["text"]: p for p in laid(desk, "plan.pdf")["passages"]}
    assert (plan[CARER]["answer"], plan[CARER]["everywhere"]) == ("yes", True)
    say("no")
    lines = [row for row in desk.table("passages.csv") if row["document"] == "*"]
    assert [(row["text"], row["take out"]) for row in lines] == [(CARER, "no")]
    assert {p["text"]: p["answer"] for p in laid(desk, "plan.pdf")["passages"]}[CARER] == "no"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Decided("D999", "release"), "There is no document D999"),
        (Decided("D001", "redact", answers={"P9999": Answer("yes")}), "There is no line P9999"),
        (
            Decided("D001", "redact", own=["Nobody Of This Name"]),
            "'Nobody Of This Name', to be taken out, does not stand",
        ),
    ],
)
def test_what_cannot_be_meant_changes_nothing(desk: Desk, wrong: Decided, said: str) -> None:
    desk.collect()
    before = sheet.code(desk.folder)
    with pytest.raises(CaseError) as told:
        sheet.write(desk.folder, Collected(desk.folder), wrong)
    assert said in told.value.public
    assert sheet.code(desk.folder) == before
