"""What a register file may say: nothing filled is lost, each fault is said once, and the page about it is true."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from register import models as m
from register import particulars, recording
from register.acting import acting
from register.importing.columns import COLUMNS, MAY_HAVE, NEEDS
from register.importing.storing import Report, import_file
from tests.fakes import NOW
from tests.support.vaults import a_record
from tests.unit.test_register import PEOPLE, write

pytestmark = pytest.mark.usefixtures("database")

PAGE = (Path(__file__).parents[2] / "docs" / "register-csv.md").read_text(encoding="utf-8")
HOME = {"type": "household", "id": "H-9"}
ANN = {"type": "person", "id": "SL-9", "name": "Ann Lee"}
GILL = {"type": "professional", "id": "P-9", "name": "Dr Gill", "email": "gill@surgery.example"}
CARA = {"type": "carer", "id": "C-9", "name": "Cara Jones", "email": "cara@carers.example", "household": "H-9"}
FIRM = {"type": "organisation", "id": "ORG-9", "name": "Firm"}


def bring(folder: Path, *rows: dict[str, str], council_id: str | None = None) -> Report:
    pattern = re.compile(council_id, re.IGNORECASE) if council_id else None
    return import_file(write(folder / "r.csv", list(rows)), council_id=pattern)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (ANN | {"household": "H-9", "status": "active"}, "household and the status; where somebody lives is a row"),
        (ANN | {"reason": "x"}, "a person has no use for the reason; leave it empty"),
        (ANN | {"reason": "x", "basis": "y"}, "the basis and the reason; leave them empty"),
        (GILL | {"status": "banana"}, "the last day goes under to"),
        (CARA | {"status": "banana"}, "the status must be empty or one of approved, active, not-approved"),
        (FIRM | {"role": "Regulators"}, "must be empty or regulator"),
        (FIRM | {"email": "firm@firm.example"}, "an organisation has no use for the email"),
        ({"type": "organisation", "id": "ORG-9"}, "an organisation needs the name"),
        (
            {"type": "grant", "id": "F-1", "role": "F-1", "party": "P-1", "categories": "all"},
            "the permission's id goes under role",
        ),
    ],
)
def test_a_cell_that_would_be_lost_is_refused(tmp_path, row, says):
    """With the column's name, and where its word belongs."""
    report = bring(tmp_path, HOME, row)
    assert [(line, says in text) for line, text in report.problems] == [(3, True)], report.problems
    assert m.Household.objects.count() == 0


def test_what_a_status_and_a_role_say_is_stored(tmp_path):
    """However they are capitalised."""
    statuses = {"": True, "Approved": True, "active": True, "suspended": False, "Retired": False, "not-approved": False}
    carers = [
        CARA | {"id": f"C-{n}", "email": f"c{n}@carers.example", "status": status} for n, status in enumerate(statuses)
    ]
    assert bring(tmp_path, HOME, *carers, FIRM | {"role": "Regulator"}).problems == []
    stored = [m.Party.objects.get(code=f"C-{n}").approved for n in range(len(statuses))]
    assert stored == list(statuses.values())
    assert m.Organisation.objects.get(code="ORG-9").regulator


def test_one_bad_row_is_one_problem(tmp_path):
    """Whatever refers to it, also through others, is counted and not blamed."""
    wrong = [{**PEOPLE[0], "nhs_number": "1"}, *PEOPLE[1:]]
    report = bring(tmp_path, *wrong)
    assert [line for line, _ in report.problems] == [2]
    assert "check digit is wrong (5 rows that refer to it left out)" in report.problems[0][1]


def test_a_row_of_an_unknown_type_is_one_problem(tmp_path):
    """A slip in the type does not make its placement wrong."""
    stays = {"type": "placement", "person": "SL-9", "household": "H-9", "from": "2026-01-01"}
    report = bring(tmp_path, HOME, ANN | {"type": "persn"}, stays)
    assert [line for line, _ in report.problems] == [3]
    assert "(1 row that refers to it left out)" in report.problems[0][1]


def test_a_reference_to_nothing_names_the_id(tmp_path):
    """Without what would move a terminal's cursor."""
    stays = {"type": "placement", "person": "SL-4\x1b[2J04", "household": "H-9", "from": "2026-01-01"}
    report = bring(tmp_path, HOME, stays)
    assert report.problems == [(3, "there is no person with the id 'SL-4?[2J04' that this row names")]


@pytest.mark.parametrize(
    ("pattern", "codes", "count"),
    [
        (r"\bSL-\d{5}\b", ("SL-9", "px-12", "SL-00001", "SL-00002-1"), 3),
        (r"\b(sl|px)-\d+\b", ("SL-9", "px-12", "PX-3"), 0),
        (r"\bSL-\d\b", ("SL-9", "SL-9-1"), 1),
    ],
)
def test_council_ids_that_mails_would_not_show_are_counted(tmp_path, pattern, codes, count):
    """A part of an ID is another ID; capitals do not matter. The file is good all the same."""
    report = bring(tmp_path, *(ANN | {"id": code} for code in codes), council_id=pattern)
    assert (report.unrecognised, report.stored) == (count, True)


def test_an_assessment_keeps_its_notes_when_a_file_without_them_comes_again(tmp_path):
    """Who assessed, and what they wrote, is there to be read at the next review."""
    assessed = ANN | {"capacity": "lacks", "capacity_from": "2026-01-05"}
    noted = assessed | {"capacity_assessor": "Dr Gill", "capacity_notes": "Cannot weigh what sharing means"}
    for row, expected in ((noted, "created"), (assessed, "unchanged"), (noted, "unchanged")):
        report = bring(tmp_path, row)
        assert getattr(report, expected)["person"] == 1
    kept = m.CapacityAssessment.objects.get()
    assert (kept.assessor, kept.notes) == ("Dr Gill", "Cannot weigh what sharing means")


def test_where_the_signed_paper_is_stays_when_a_file_does_not_know_it(tmp_path):
    """It was filed in the vault meanwhile."""
    form = {"type": "permission", "id": "F-9", "person": "SL-9", "signed_on": "2026-06-01", "review_due": "2027-06-01"}
    bring(tmp_path, ANN, form)
    for ident in ("0SGQFB1B70DS2CFJN7H0QAXEN7", "0SGQFB1B70DS2CFJN7H0QAXEN8"):
        a_record(ident)
    recording.note_document("F-9", "0SGQFB1B70DS2CFJN7H0QAXEN7", NOW)
    with pytest.raises(recording.Impossible) as refused:
        recording.note_document("F-9", "0SGQFB1B70DS2CFJN7H0QAXEN8", NOW)
    assert "filed already" in refused.value.public
    assert bring(tmp_path, ANN, form).unchanged["permission"] == 1
    assert particulars.read("sl-9")["F-9"].document == "0SGQFB1B70DS2CFJN7H0QAXEN7"
    other = form | {"document": "0SGQFB1B70DS2CFJN7H0QAXEN8"}
    assert bring(tmp_path, ANN, other).updated["permission"] == 1


@pytest.mark.parametrize("paper", ["cabinet 4", "0SGQFB1B70DS2CFJN7H0QAXEN9", "0SGQFB1B70DS2CFJN7H0QAXEN6"])
def test_a_signed_paper_is_a_record_of_the_vault_about_the_person(tmp_path, paper):
    """Not a cabinet, not a record that is not there, not one about somebody else; what stood there before may stay."""
    a_record("0SGQFB1B70DS2CFJN7H0QAXEN6", "p-somebody-else")
    form = {"type": "permission", "id": "F-9", "person": "SL-9", "signed_on": "2026-06-01", "review_due": "2027-06-01"}
    assert bring(tmp_path, ANN, form).stored
    ((line, why),) = bring(tmp_path, form | {"document": paper}).problems
    assert (line, "the document is no record of the vault about this person" in why) == (2, True)
    m.Permission._base_manager.filter(code="F-9").update(document=paper)
    with acting("tests"):
        recording.withdraw("F-9", NOW)


def test_a_file_says_since_when_and_what_was_before(tmp_path):
    """A change with its day, the past behind it, and both again: nothing changes the second time."""
    homes = [{"type": "household", "id": code} for code in ("H-1", "H-2", "H-3")]
    carer = {"type": "carer", "id": "C-1", "name": "Cara", "email": "cara@old.example", "household": "H-1"}
    olu = {"type": "officer", "id": "O-1", "name": "Olu", "email": "olu@council.example"}
    ann = ANN | {"officer": "O-1", "officer_from": "2026-01-05"}
    assert bring(tmp_path, *homes, carer, olu, ann).stored
    moved = carer | {"household": "H-2", "household_from": "2026-03-01"}
    moved |= {"email": "cara@new.example", "email_from": "2026-04-01"}
    past = {"type": "earlier-household", "party": "C-1", "household": "H-3", "to": "2025-12-31"}
    line = {"type": "earlier-mailbox", "party": "C-1", "email": "c@older.example", "to": "2026-03-31"}
    was = {"type": "earlier-officer", "person": "SL-9", "officer": "O-1", "from": "2025-01-01", "to": "2025-12-31"}
    assert bring(tmp_path, *homes, moved, olu, ann).updated["carer"] == 1
    assert bring(tmp_path, *homes, moved, olu, ann, was).created["earlier-officer"] == 1
    assert not bring(tmp_path, past).stored
    assert not bring(tmp_path, line).stored
    m.EarlierHousehold.objects.get().delete()
    m.EarlierMailbox.objects.get().delete()
    again = [bring(tmp_path, *homes, moved, olu, ann, was, past, line) for _ in range(2)]
    assert (again[0].created["earlier-household"], again[0].created["earlier-mailbox"]) == (1, 1)
    assert (sum(again[1].created.values()), sum(again[1].updated.values())) == (0, 0)


def test_a_line_that_a_file_changes_was_another_before(tmp_path):
    """From the day that the file names; a file with the same day again puts right what it lets know."""
    form = {"type": "permission", "id": "F-9", "person": "SL-9", "signed_on": "2026-06-01", "review_due": "2027-06-01"}
    firm = {"type": "organisation", "id": "GP", "name": "Surgery"}
    line = {"type": "grant", "role": "F-9", "party": "GP", "categories": "medical"}
    bring(tmp_path, ANN, form, firm, line)
    changed = line | {"categories": "medical; legal", "changed_on": "2026-07-01"}
    assert bring(tmp_path, changed).updated["grant"] == 1
    assert bring(tmp_path, changed).unchanged["grant"] == 1
    assert bring(tmp_path, changed | {"categories": "legal"}).updated["grant"] == 1
    earlier = m.EarlierLine.objects.get()
    assert (earlier.categories, earlier.starts, earlier.ends) == (["medical"], None, datetime(2026, 7, 1, tzinfo=UTC))
    assert m.Grant.objects.get().categories == ["legal"]


def test_the_page_names_exactly_the_cells_that_are_read():
    """Type by type, what a row needs and what it may have."""
    rows = re.findall(r"^\| (`.*?) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
    said = {
        kind: (_words(needs), _words(may)) for kinds, needs, may in rows for kind in re.findall(r"`([a-z-]+)`", kinds)
    }
    assert {k: (set(NEEDS[k]), set(MAY_HAVE[k])) for k in NEEDS} == {k: v for k, v in said.items() if k in NEEDS}


def _words(cell: str) -> set[str]:
    return {name for name in re.sub(r"\(.*?\)", "", cell).replace(" ", "").split(",") if name in COLUMNS}


def test_the_pages_own_file_imports_as_it_stands(tmp_path):
    """One row a type that a service begins with."""
    found = re.search(r"^```csv\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    path = tmp_path / "people.csv"
    path.write_text(found[1], encoding="utf-8")
    report = import_file(path, council_id=re.compile(r"\bSL-\d{5}\b"))
    assert (report.problems, report.unrecognised) == ([], 0)
    types = {"person", "household", "placement", "carer", "organisation", "permission", "grant"}
    assert types <= set(report.created)
    assert m.Grant.objects.exists()
