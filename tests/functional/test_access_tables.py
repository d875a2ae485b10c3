"""The two tables as people and spreadsheets bring them back: a slip stops the release, and is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.access import CARER, Desk, by_title, desk, keys, readers
from vault.export.cases import CaseError
from vault.export.passages import _another
from vault.export.review import judged

__all__ = ["desk", "keys", "readers"]
pytestmark = pytest.mark.usefixtures("database")
Rows = list[dict[str, str]]


def own_line(desk: Desk, text: str, document: str = "*", take_out: str = "yes") -> dict[str, str]:
    blank = dict.fromkeys(desk.table("passages.csv")[0], "")
    return blank | {"document": document, "text": text, "take out": take_out, "exemption": "OTHERS"}


def test_a_line_for_all_documents_takes_out_what_nothing_suggested(desk: Desk) -> None:
    """A sentence, or a nickname: wherever it stands, and never where it does not; whole releases are refused."""
    found = desk.collect()
    desk.decide(**{by_title(found)["Rowan's plan"]: "release"})
    desk.fill("passages.csv", [*desk.table("passages.csv"), own_line(desk, "gets on with"), own_line(desk, "Dear")])
    verdicts = {v.document.title: v for v in judged(desk.folder, found)}
    assert "gets on with" in {p.text for p in verdicts["notes.txt"].passages}
    assert "gets on with" not in {p.text for p in verdicts["plan.pdf"].passages}
    assert any("Take texts out ('redact')" in m for m in verdicts["Rowan's plan"].missing)


def without_a_line(rows: Rows) -> Rows:
    return [row for row in rows if row["text"] != CARER]


def with_one_written_anew(rows: Rows) -> Rows:
    return [row | ({"text": f"{CARER} and her sons"} if row["text"] == CARER else {}) for row in rows]


def with_one_column_sorted(rows: Rows) -> Rows:
    texts = sorted((row["text"] for row in rows), reverse=True)
    return [row | {"text": text} for row, text in zip(rows, texts, strict=True)]


def with_ids_filled_down(rows: Rows) -> Rows:
    return [row | {"id": other["id"]} for row, other in zip(rows, [*rows[1:], rows[0]], strict=True)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (with_one_written_anew, "line of its own"),
        (with_one_column_sorted, "sorted or moved apart"),
        (with_ids_filled_down, "sorted or moved apart"),
        (
            lambda rows: [*rows, rows[0] | {"id": "", "document": "*", "text": "Penhaligan", "take out": "yes"}],
            "stands in none",
        ),
        (lambda rows: [*rows, rows[0] | {"id": "", "document": "*", "take out": ""}], "neither yes nor no"),
        (
            lambda rows: [*rows, *(rows[0] | {"id": "", "document": "*", "take out": a} for a in ("yes", "no"))],
            "say yes and no",
        ),
    ],
    ids=["rewritten", "sorted", "filled down", "misspelt for all", "unanswered for all", "yes and no for all"],
)
def test_a_table_that_cannot_mean_what_it_says_is_refused(
    desk: Desk, change: Callable[[Rows], Rows], says: str
) -> None:
    """Slips of a spreadsheet, and answers to something else than was asked: nothing is given on their strength."""
    found = desk.collect()
    desk.decide()
    desk.fill("passages.csv", change(desk.table("passages.csv")))
    with pytest.raises(CaseError) as caught:
        judged(desk.folder, found)
    assert says in caught.value.public


def test_a_line_that_was_deleted_was_not_answered(desk: Desk) -> None:
    """It stops the release; collecting again brings it back, unanswered, with the others as they were."""
    found = desk.collect()
    desk.decide()
    before = desk.table("passages.csv")
    desk.fill("passages.csv", without_a_line(before))
    (plan,) = [v for v in judged(desk.folder, found) if v.document.title == "plan.pdf"]
    assert "its line is gone" in plan.missing[0]
    desk.collect()
    after = desk.table("passages.csv")
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert {row["take out"] for row in after if row["text"] == CARER} == {""}
    assert {row["take out"] for row in without_a_line(after)} == {"yes"}


@pytest.mark.parametrize("answer", ["yes please", "take it out"])
def test_an_unclear_answer_stops_a_whole_release_too(desk: Desk, answer: str) -> None:
    found = desk.collect()
    desk.decide(answer, D001="redact")
    desk.fill("documents.csv", [row | {"decision": "release"} for row in desk.table("documents.csv")])
    verdicts = {v.document.title: v.missing for v in judged(desk.folder, found)}
    assert "neither yes nor no" in verdicts["plan.pdf"][0]


def test_a_document_that_stands_twice_or_beside_anothers_file_is_refused(desk: Desk) -> None:
    """One column sorted alone would give what was to be withheld."""
    found = desk.collect()
    desk.decide(D001="withhold:OTHERS")
    rows = desk.table("documents.csv")
    desk.fill("documents.csv", [*rows, rows[0] | {"decision": "release"}])
    with pytest.raises(CaseError) as twice:
        judged(desk.folder, found)
    assert "twice" in twice.value.public
    turned = [row | {"document": other["document"]} for row, other in zip(rows, rows[::-1], strict=True)]
    desk.fill("documents.csv", turned)
    for look in (lambda: judged(desk.folder, found), desk.collect):
        with pytest.raises(CaseError) as apart:
            look()
        assert "another document's file" in apart.value.public


@pytest.mark.parametrize(
    ("cell", "text", "another"),
    [
        ("7700900142", "07700 900142", False),
        ("7,7009E+09", "07700 900142", False),
        ("Lukasz Nowak", "Łukasz Nowak", False),
        ("?ukasz Nowak", "Łukasz Nowak", False),
        ("JosÃ© Marti", "José Marti", False),
        ("JosÃ© Marti and sons", "José Marti", True),
        ("", "José Marti", True),
        ("Ann", "Ann Lee", True),
        ("0170", "07700 900142", True),
    ],
)
def test_what_a_spreadsheet_does_to_a_text_is_told_from_another_text(cell: str, text: str, another: bool) -> None:
    """Numbers lose their nought, letters that Windows has not become others; all else was written by somebody."""
    assert _another(cell, text, {"0170"}) is another
