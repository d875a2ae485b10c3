"""True types, and when name, label and content disagree."""

from __future__ import annotations

import io
import zipfile

import pytest

from classifiers.analysis import analyse_document
from classifiers.filetype import disagreement, true_type, usable_codec
from classifiers.structure import recognise

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PROGRAM = b"MZ".ljust(60, b"\0") + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(200)


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\n\n%PDF-1.4 late", "application/pdf"),
        (zipped("[Content_Types].xml", "word/document.xml"), WORD),
        (zipped("plan.txt"), "application/zip"),
        (b"{\\rtf1 words}", "text/rtf"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "application/x-7z-compressed"),
        (PROGRAM, "application/x-dosexec"),
        (b"-----BEGIN PGP MESSAGE-----\n\nabc", "application/pgp-encrypted"),
        (
            b"\x85\x01\x0c\x03" + bytes(8) + b"\x01" + bytes(258) + b"\xd2\x30\x01" + bytes(50),
            "application/pgp-encrypted",
        ),
        (b"age-encryption.org/v1\n-> X25519 abc", "application/x-age-encryption"),
        (bytes.fromhex("308006092a864886f70d010703a080") + bytes(40), "application/pkcs7-mime"),
        (b"", "application/x-empty"),
        ("Grüße".encode("latin-1") * 9, "text/plain"),
        ("wide".encode("utf-16"), "text/plain"),
        (b"MZ is how this note begins, and it is no program at all.", "text/plain"),
        (b"\x07\x81\x13\xfe\x02" * 80, "application/octet-stream"),
    ],
)
def test_content_decides(content: bytes, expected: str) -> None:
    """The type comes from the bytes, whatever they are called."""
    assert true_type(content) == expected


def test_label_chooses_between_kinds_of_text_only() -> None:
    """A label may say HTML or calendar of text; it never makes a PDF of text, nor text of a PDF."""
    assert true_type(b"<p>hello", "text/html") == "text/html"
    assert true_type(b"%PDF-1.7", "text/html") == "application/pdf"
    assert true_type(b"hello", "application/pdf") == "text/plain"


@pytest.mark.parametrize(
    ("true", "declared", "name"),
    [
        ("application/pdf", "application/octet-stream", "plan.docx"),
        ("application/x-dosexec", "application/pdf", "letter.pdf"),
        ("application/zip", "text/plain", "notes.txt"),
        ("application/pdf", "image/png", ""),
        ("image/png", "application/octet-stream", "statement.xlsx"),
        ("text/plain", "application/pdf", "letter.pdf"),
        ("application/pgp-encrypted", "image/jpeg", "photo.jpg"),
    ],
)
def test_real_conflicts_are_told(true: str, declared: str, name: str) -> None:
    """A file that is another kind of thing than it says."""
    assert disagreement(true, declared, name)


@pytest.mark.parametrize(
    ("true", "declared", "name"),
    [
        ("application/pdf", "application/octet-stream", "plan.pdf"),
        ("application/pdf", "text/plain", "plan.pdf"),
        ("text/plain", "text/csv", "list.csv"),
        ("application/zip", "application/octet-stream", ""),
        (WORD, "application/zip", "plan.docx"),
        (WORD, "application/msword", "plan.doc"),
        ("text/rtf", "application/msword", "plan.doc"),
        ("text/html", "application/vnd.ms-excel", "export.xls"),
        ("image/jpeg", "image/png", "logo.png"),
        ("application/x-encrypted-office", WORD, "plan.docx"),
        ("application/octet-stream", "application/pdf", "plan.pdf"),
        ("text/plain", "", "README"),
    ],
)
def test_what_ordinary_programs_do_is_no_conflict(true: str, declared: str, name: str) -> None:
    """General labels and everyday mislabelling are not worth a hold."""
    assert not disagreement(true, declared, name)


def test_disagreement_is_in_the_analysis() -> None:
    """A program that calls itself a PDF is a disagreement and cannot be read."""
    analysis = analyse_document(PROGRAM, "letter.pdf", "application/pdf")
    assert [(d.part, d.true_type) for d in analysis.disagreements] == [("1", "application/x-dosexec")]
    assert [u.part for u in analysis.unreadable] == ["1"]


@pytest.mark.parametrize("name", ["unicode_escape", "punycode", "idna", "no-such", "zlib_codec", "a b", "\0", ""])
def test_odd_charsets_are_not_used(name: str) -> None:
    """Codecs that interpret escapes, compress, or do not exist are no charsets."""
    assert usable_codec(name) == ""


def test_structure_takes_any_bytes() -> None:
    """Cut short anywhere, a recognisable file never makes the recogniser raise."""
    for whole in (
        zipped("[Content_Types].xml", "xl/a"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"\xc1\xff\xff\xff\xff\xff\x03",
        PROGRAM,
    ):
        for end in range(0, len(whole), 7):
            assert isinstance(recognise(whole[:end]), str)
