"""More files made to break their readers: loops, entities, sparse sheets, broken tables, macros, two files in one.

Each is a finding or is read for what it is, in bounded time, and the next mail is served by the same pool.
"""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator

import docx
import pikepdf
import py7zr
import pytest
from reportlab.pdfgen import canvas

from classifiers.sandbox import Sandbox
from domain.model import Analysis, Part, Place, UnreadableReason

PLAIN = Part("1", Place.BODY, "text/plain", "", b"A quiet line.", "utf-8")
R = UnreadableReason


@pytest.fixture(scope="module")
def pool() -> Iterator[Sandbox]:
    with Sandbox(1, seconds=20, ocr=False) as made:
        yield made


def asked(pool: Sandbox, content: bytes, name: str) -> Analysis:
    return pool.analyse("Hello", [PLAIN, Part("2", Place.ATTACHMENT, "application/octet-stream", name, content)])


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def raw_pdf(*objects: bytes, table: bool = True) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out) if table else 7
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))


def pages_that_hold_each_other() -> bytes:
    kids = b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", *kids)


def form_that_draws_itself() -> bytes:
    itself = b"/Resources<</XObject<</A 4 0 R>>>>"
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]%s/Length 5>>stream\n/A Do\nendstream" % itself
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 5 0 R/Resources<</XObject<</A 4 0 R>>>>>>"
    content = b"<</Length 5>>stream\n/A Do\nendstream"
    tree = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return raw_pdf(*tree, page, form, content)


def letter(text: str = "All About Me. The newsletter of the village hall comes out in spring.") -> bytes:
    out = io.BytesIO()
    pen = canvas.Canvas(out)
    pen.drawString(72, 700, text)
    pen.save()
    return out.getvalue()


def huge_page() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter())) as document:
        document.pages[0].MediaBox = [0, 0, 10**9, 10**9]
        document.save(out)
    return out.getvalue()


def macros() -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("A quiet line.")
    document.save(out)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(2_000))
    return out.getvalue()


def sparse_sheet() -> bytes:
    """Two cells, a million rows and sixteen thousand columns apart."""
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>near</t></is></c></row>'
    cells += '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far away</t></is></c></row>'
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode()
    book = b'<workbook><sheets><sheet name="S"/></sheets></workbook>'
    return zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": book, "xl/worksheets/sheet1.xml": sheet})


def deep_xml() -> bytes:
    body = b"<a>" * 200_000 + b"x" + b"</a>" * 200_000
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": body})


def outside_entity() -> bytes:
    body = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d><t>&x;</t></d>'
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": body})


def seven_zip_bomb() -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(bytes(120_000_000), "zeros.bin")
    return out.getvalue()


def looping_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, target in (("a", "b"), ("b", "a")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
        member = tarfile.TarInfo("c.txt")
        member.size = 5
        archive.addfile(member, io.BytesIO(b"plain"))
    return out.getvalue()


def zip_that_claims_little() -> bytes:
    """The directory says ten octets; there are a hundred million."""
    content = bytearray(zipped({"zeros.txt": bytes(100_000_000)}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(content)


CASES: dict[str, tuple[Callable[[], bytes], str, set[UnreadableReason]]] = {
    "pages that hold each other": (pages_that_hold_each_other, "a.pdf", {R.CORRUPT, R.NO_TEXT}),
    "a form that draws itself": (form_that_draws_itself, "a.pdf", {R.CORRUPT, R.NO_TEXT}),
    "macros": (macros, "a.docm", {R.UNSUPPORTED}),
    "XML two hundred thousand deep": (deep_xml, "a.docx", {R.TOO_DEEP}),
    "an entity outside": (outside_entity, "a.docx", {R.CORRUPT}),
    "a 7z bomb": (seven_zip_bomb, "a.7z", {R.TOO_LARGE}),
    "an xz bomb": (lambda: lzma.compress(bytes(150_000_000)), "a.xz", {R.TOO_LARGE}),
    "a zip that claims little": (zip_that_claims_little, "a.zip", {R.CORRUPT, R.TOO_LARGE, R.AMBIGUOUS}),
    "a zip in front of a PDF": (lambda: zipped({"a.txt": b"x"}) + letter(), "a.zip", {R.AMBIGUOUS, R.CORRUPT}),
    "a program": (
        lambda: b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(400),
        "a.exe",
        {R.UNSUPPORTED},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_is_a_finding_and_the_next_mail_is_served(pool: Sandbox, case: str) -> None:
    """None passes as a document without anything in it."""
    make, name, expected = CASES[case]
    found = {u.reason for u in asked(pool, make(), name).unreadable}
    assert found
    assert not found - expected
    assert pool.analyse("Hello", [PLAIN]).texts[-1].text == "A quiet line."


READ: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "a page in a picture's clothes": (lambda: b"GIF89a/*" + letter() + b"*/", "a.gif", "All About Me"),
    "a table of objects that is wrong": (
        lambda: letter().replace(b"startxref\n", b"startxref\n1"),
        "a.pdf",
        "All About Me",
    ),
    "a page of a thousand kilometres": (huge_page, "a.pdf", "All About Me"),
    "a sheet with two cells far apart": (sparse_sheet, "a.xlsx", "far away"),
    "links that point at each other": (looping_tar, "a.tar", "plain"),
    "tags in tags in tags": (lambda: b"<b>" * 100_000 + b"All About Me", "a.html", "All About Me"),
}


@pytest.mark.parametrize("case", READ)
def test_is_read_all_the_same(pool: Sandbox, case: str) -> None:
    """What other programs would show is read here too, however odd the file."""
    make, name, words = READ[case]
    assert words in "\n".join(t.text for t in asked(pool, make(), name).texts)
    assert pool.analyse("Hello", [PLAIN]).texts[-1].text == "A quiet line."
