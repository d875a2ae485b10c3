"""The document generator: each file opens with another library and says whom it is about."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from classifiers.sandbox import Sandbox
from demo import documents
from demo.cast import MAGDA, ROWAN, TOBIAS, cast
from demo.documents import Case, case_of
from domain.model import Category, Part, Place

TODAY = date(2026, 6, 10)
PEOPLE = cast(TODAY)
PDFS = [documents.risk_management_plan, documents.hospital_letter, documents.ot_report, documents.court_order]
DOCX = [documents.all_about_me, documents.placement_agreement, documents.review_of_needs]
TITLES = {
    documents.risk_management_plan: "Risk Management Plan",
    documents.hospital_letter: "Clinic review",
    documents.ot_report: "Occupational Therapy Assessment Report",
    documents.court_order: "IN THE COURT OF PROTECTION",
    documents.all_about_me: "All About Me",
    documents.placement_agreement: "Shared Lives Placement Agreement",
    documents.review_of_needs: "Review of Needs",
}


def text_of(content: bytes) -> str:
    """Every word of a PDF, DOCX or XLSX, headers and footers too."""
    if content.startswith(b"%PDF"):
        return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        xml = [archive.read(n).decode() for n in archive.namelist() if n.endswith(".xml")]
    return re.sub(r"<[^>]+>", "", " ".join(x.replace("</w:p>", "\n").replace("</t>", "\n") for x in xml))


@pytest.mark.parametrize("write", [*PDFS, *DOCX])
@pytest.mark.parametrize("person", [p.id for p in PEOPLE.persons])
def test_document_names_its_person_for_certain(write: Callable[[Case], bytes], person: str) -> None:
    """Name, date of birth, council ID and NHS number stand in it, and its own title; nobody else's numbers do."""
    case = case_of(PEOPLE, person, TODAY)
    words = text_of(write(case))
    assert TITLES[write] in words
    assert case.person.name in words
    assert f"{case.person.born:%d/%m/%Y}" in words
    assert case.nhs in words
    assert set(re.findall(r"SL-\d{5}", words)) == {person}


@pytest.mark.parametrize("write", [*PDFS, *DOCX])
def test_document_says_that_it_is_invented(write: Callable[[Case], bytes]) -> None:
    """Nobody shall take one for real."""
    assert "everybody in it is invented" in text_of(write(case_of(PEOPLE, MAGDA, TODAY)))


@pytest.mark.parametrize("write", PDFS)
def test_pdf_has_pages_and_counts_them(write: Callable[[Case], bytes]) -> None:
    """Real ones have two pages or more, and the first already says how many."""
    content = write(case_of(PEOPLE, ROWAN, TODAY))
    pages = len(pypdfium2.PdfDocument(content))
    assert pages >= 2
    assert f"Page 1 of {pages}" in text_of(content)


def test_filled_fields_of_a_form_are_content_controls() -> None:
    """As in the service's own forms: a reader that skips content controls misses the name."""
    with zipfile.ZipFile(BytesIO(documents.all_about_me(case_of(PEOPLE, ROWAN, TODAY)))) as archive:
        body = archive.read("word/document.xml").decode()
    controls = re.findall(r"<w:sdtContent>(.*?)</w:sdtContent>", body)
    assert any("Rowan Applegarth" in c for c in controls)
    assert any("999 339 5633" in c for c in controls)


def test_boxes_are_ticked_as_the_story_has_it() -> None:
    """Ticked and empty boxes both occur, in the person's own combination."""
    words = text_of(documents.all_about_me(case_of(PEOPLE, ROWAN, TODAY)))
    assert re.search("\u2612\\s*Glasses", words)
    assert re.search("\u2610\\s*Wheelchair", words)


def test_a_scan_is_a_picture_and_says_whose_it_is_to_ocr() -> None:
    """Not a letter of it is text; read as pictures are, it is a medical letter about its person."""
    content = documents.scanned_letter(case_of(PEOPLE, TOBIAS, TODAY))
    assert not text_of(content).strip()
    part = Part("1", Place.ATTACHMENT, "application/pdf", "scan.pdf", content)
    with Sandbox(1) as reader:
        analysis = reader.analyse("", [part])
    assert "Tobias Fernley" in " ".join(page.text for page in analysis.texts if page.pictured)
    assert {f.category for f in analysis.findings if f.likelihood >= 0.5} == {Category.MEDICAL}
    assert analysis.unreadable == ()


def test_a_week_sheet_is_the_blank_one_with_a_person_in_it() -> None:
    """What was printed is the same; nobody stands in the blank one."""
    blank, filled = text_of(documents.blank_week_sheet()), text_of(documents.week_sheet(case_of(PEOPLE, ROWAN, TODAY)))
    known = r"Rowan Applegarth|SL-\d{5}|\d{2}/\d{2}/\d{4}"
    assert "Before you hand it over" in blank
    assert "Before you hand it over" in filled
    assert re.findall(known, blank) == []
    assert set(re.findall(known, filled)) == {"Rowan Applegarth", "14/03/1986", ROWAN}


def test_bank_statement_adds_up() -> None:
    """The balance runs; the summary agrees with the lines; the same person and day give the same lines."""
    case = case_of(PEOPLE, TOBIAS, TODAY)
    book = openpyxl.load_workbook(BytesIO(documents.bank_statement(case)))
    rows = [r for r in book["Statement"].iter_rows(min_row=14, values_only=True) if r[0]]
    paid_out, paid_in = (round(sum(r[n] or 0 for r in rows), 2) for n in (3, 4))
    summary = dict(book["Summary"].iter_rows(min_row=2, values_only=True))
    assert summary == {"Total paid out": paid_out, "Total paid in": paid_in, "Closing balance": rows[-1][5]}
    assert rows[-1][5] == pytest.approx(1184.27 + paid_in - paid_out)
    again = openpyxl.load_workbook(BytesIO(documents.bank_statement(case)))
    assert list(again["Statement"].values) == list(book["Statement"].values)


def test_bank_statement_names_its_person() -> None:
    """Holder, date of birth, reference, and an account to recognise."""
    words = [
        str(v)
        for row in openpyxl.load_workbook(BytesIO(documents.bank_statement(case_of(PEOPLE, TOBIAS, TODAY))))[
            "Statement"
        ].values
        for v in row
    ]
    assert {"Tobias Fernley", "23/07/1994", TOBIAS, "08-99-99"} <= set(words)


@pytest.mark.parametrize(
    "content",
    [documents.newsletter(TODAY), documents.staff_rota([o.name for o in PEOPLE.officers], date(2026, 6, 8))],
    ids=["newsletter", "rota"],
)
def test_harmless_files_are_about_nobody(content: bytes) -> None:
    """No service user's name, number or birthday; only so may it leave in the clear."""
    words = text_of(content)
    for person in PEOPLE.persons:
        assert person.name not in words
        assert person.name.split()[-1] not in words
        assert person.id not in words
    assert not re.search(r"\b999 ?\d{3} ?\d{4}\b", words)


def test_one_page_profile_has_the_name_alone() -> None:
    """So that two people of that name cannot be told apart."""
    case = case_of(PEOPLE, "SL-20502", TODAY)
    words = text_of(documents.one_page_profile(case))
    assert "Gwen Larkspur" in words
    assert not re.search(r"SL-\d{5}|999 ?\d{3} ?\d{4}|1979", words)


class TestLockedZip:
    """The password-protected zip is a real one."""

    FILES = {"notes.pdf": b"%PDF-1.7 " + bytes(range(256)) * 40, "\u00fcber.txt": b"", "b.txt": b"x"}  # noqa: RUF012 - never changed

    def test_python_reads_it_with_the_password_only(self) -> None:
        """The flag is set on each member; the right password gives the bytes, none gives an error."""
        archive = zipfile.ZipFile(BytesIO(documents.locked_zip(self.FILES, "Cr3ssbed")))
        assert all(info.flag_bits & 1 for info in archive.infolist())
        assert {n: archive.read(n, b"Cr3ssbed") for n in archive.namelist()} == self.FILES
        with pytest.raises(RuntimeError, match="password"):
            archive.read("notes.pdf")

    def test_content_is_not_in_it(self) -> None:
        """Stored under the cipher, not merely flagged."""
        assert b"%PDF" not in documents.locked_zip(self.FILES, "Cr3ssbed")

    def test_7z_opens_it(self, tmp_path: Path) -> None:
        """Another program agrees, and refuses a wrong password."""
        path = tmp_path / "notes.zip"
        path.write_bytes(documents.locked_zip(self.FILES, "Cr3ssbed"))
        good = subprocess.run(["7z", "t", "-pCr3ssbed", path], capture_output=True, check=False)
        bad = subprocess.run(["7z", "t", "-pwrong", path], capture_output=True, check=False)
        assert good.returncode == 0
        assert bad.returncode != 0
