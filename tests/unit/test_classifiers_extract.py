"""Every word of every format, above all those that other readers lose."""

from __future__ import annotations

import base64
import datetime as dt
import io
import struct
import tarfile
import zipfile
import zlib
from email.message import EmailMessage
from typing import Any

import docx
import openpyxl
import openpyxl.comments
import pikepdf
import py7zr
import pytest
from docx.oxml import parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.pdfgen import canvas

from classifiers.analysis import analyse_document
from classifiers.extract.reading import clean
from classifiers.extract.rtf import rtf_text
from classifiers.extract.rtfpacked import rtf_decompressed
from classifiers.extract.text import html_text
from domain.model import Analysis, Place, UnreadableReason
from tests.support import outlook
from tests.support.compound import compound

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def words(analysis: Analysis) -> str:
    """All texts but file names."""
    return "\n".join(t.text for t in analysis.texts if t.place is not Place.FILE_NAME)


def zipped(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(*lines: str) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    for line in lines:
        page.drawString(72, 700, line)
        page.showPage()
    page.save()
    return out.getvalue()


def test_word_gives_header_footer_comment_control_box_and_deleted_text() -> None:
    """The places where forms keep what matters, and where the usual readers are blind."""
    document = docx.Document()
    document.add_paragraph("plain words")
    document.sections[0].header.paragraphs[0].text = "header words"
    document.sections[0].footer.paragraphs[0].text = "footer words"
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Name", "Rowan Applegarth"
    body = document.element.body
    control = f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>control words</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    inner = "<w:p><w:r><w:t>box words</w:t></w:r></w:p>"
    box = f"<w:p {W}><w:r><w:pict><w:txbxContent>{inner}</w:txbxContent></w:pict></w:r></w:p>"
    deleted = f"<w:p {W}><w:del><w:r><w:delText>deleted words</w:delText></w:r></w:del></w:p>"
    hidden = f"<w:p {W}><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden words</w:t></w:r></w:p>"
    for xml in (control, box, deleted, hidden):
        body.insert(0, parse_xml(xml))
    document.add_comment(document.paragraphs[-1].runs, text="comment words", author="x", initials="x")
    said = words(analyse_document(saved(document), "a.docx"))
    for kind in ("plain", "header", "footer", "control", "box", "deleted", "hidden", "comment"):
        assert f"{kind} words" in said
    assert "Name\tRowan Applegarth" in said


def test_word_gives_documents_embedded_in_it() -> None:
    """A spreadsheet inside a letter is read as a part of its own."""
    book = openpyxl.Workbook()
    book.active.append(["embedded words"])
    inner = saved(book)
    outer = saved(docx.Document())
    with zipfile.ZipFile(io.BytesIO(outer)) as archive:
        files: dict[str, bytes | str] = {n: archive.read(n) for n in archive.namelist()}
    analysis = analyse_document(zipped({**files, "word/embeddings/book.xlsx": inner}), "a.docx")
    assert [t.part for t in analysis.texts if "embedded words" in t.text] == ["1/book.xlsx"]


def test_workbook_gives_dates_hidden_sheets_and_comments() -> None:
    """A birthday is a number in the file, and has to come out as a date."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Date of birth", dt.date(1961, 4, 3)])
    sheet.append(["NHS number", 9434765919])
    sheet["A9"] = "far below"
    sheet["A9"].comment = openpyxl.comments.Comment("comment words", "x")
    other = book.create_sheet("Savings")
    other.sheet_state = "hidden"
    other["XFD1048576"] = "far corner"
    analysis = analyse_document(saved(book), "a.xlsx")
    assert {(i.kind.name, i.value) for i in analysis.identifiers} == {
        ("DATE_OF_BIRTH", "1961-04-03"),
        ("NHS_NUMBER", "9434765919"),
    }
    for kind in ("far below", "comment words", "Savings", "far corner"):
        assert kind in words(analysis)


def test_slides_give_notes_and_count_pages() -> None:
    """Page numbers are slide numbers."""
    slide = '<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>'
    files: dict[str, bytes | str] = {"[Content_Types].xml": "<T/>", "ppt/slides/slide1.xml": slide.format("first")}
    files |= {"ppt/slides/slide2.xml": slide.format("second"), "ppt/notesSlides/notesSlide2.xml": slide.format("note")}
    analysis = analyse_document(zipped(files), "a.pptx")
    assert [(t.page, t.text.strip()) for t in analysis.texts if t.part == "1"] == [
        (1, "first"),
        (2, "second"),
        (2, "note"),
    ]


def test_open_document_gives_content_and_headers() -> None:
    """ODF keeps headers among its styles."""
    content = '<o:d xmlns:o="o" xmlns:text="t"><text:p>body<text:tab/>words</text:p></o:d>'
    styles = '<o:s xmlns:o="o" xmlns:text="t"><text:p>header words</text:p></o:s>'
    kind = "application/vnd.oasis.opendocument.text"
    analysis = analyse_document(zipped({"mimetype": kind, "content.xml": content, "styles.xml": styles}), "a.odt")
    assert analysis.true_types == (("1", kind),)
    assert "body\twords" in words(analysis)
    assert "header words" in words(analysis)


def test_locked_open_document_is_encrypted() -> None:
    """Its manifest says so."""
    kind = "application/vnd.oasis.opendocument.text"
    manifest = "<m><encryption-data/></m>"
    analysis = analyse_document(
        zipped({"mimetype": kind, "content.xml": b"\x01\x02", "META-INF/manifest.xml": manifest})
    )
    assert [u.reason for u in analysis.unreadable] == [UnreadableReason.ENCRYPTED]


def test_pdf_gives_fields_notes_files_and_pages() -> None:
    """What pdfium reads as blank: filled fields, sticky notes, embedded files."""
    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.setTitle("title words")
    page.drawString(72, 700, "first page")
    page.acroForm.textfield(name="Name", tooltip="Full name", value="Rowan Applegarth", x=72, y=500)
    page.showPage()
    page.drawString(72, 700, "second page")
    page.showPage()
    page.save()
    with pikepdf.open(io.BytesIO(out.getvalue())) as document:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents="note words"
        )
        document.pages[1].Annots = document.make_indirect(pikepdf.Array([note]))
        document.attachments["inner.txt"] = pikepdf.AttachedFileSpec(document, b"attached words", filename="inner.txt")
        content = saved(document)
    analysis = analyse_document(content, "a.pdf")
    pages = {t.page: t.text for t in analysis.texts if t.part == "1" and "page" in t.text}
    assert "Full name: Rowan Applegarth" in pages[1]
    assert "note words" in pages[2]
    assert "title words" in words(analysis)
    assert [t.text for t in analysis.texts if t.part == "1/inner.txt"] == ["attached words"]
    assert not analysis.unreadable


def test_scanned_page_among_written_ones_is_no_text() -> None:
    """One page that is a picture keeps the whole from being vouched for; the written pages are still read."""
    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.drawString(72, 700, "A covering page with enough words to be a page of its own, as they are.")
    page.showPage()
    page.drawInlineImage(_picture(), 0, 0, 595, 842)
    page.showPage()
    page.save()
    analysis = analyse_document(out.getvalue(), "scan.pdf")
    assert [u.reason for u in analysis.unreadable] == [UnreadableReason.NO_TEXT]
    assert "covering page" in words(analysis)


def _dot() -> bytes:
    out = io.BytesIO()
    Image.new("L", (1, 1)).save(out, "PNG")
    return out.getvalue()


def _picture() -> Any:
    return Image.new("L", (300, 400), 128)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>All <b>Ab</b>out&nbsp;Me</p>", "All About\xa0Me"),
        ("<div style='display:none'>hidden words</div>", "hidden words"),
        ("<!-- comment words -->", "comment words"),
        ("<!--[if mso]><p>only Outlook</p><![endif]-->", "only Outlook"),
        ('<img alt="picture words">', "picture words"),
        ('<input value="Rowan Applegarth">', "Rowan Applegarth"),
        ("<style>p{} styled words</style>", "styled words"),
        ("open <b words that never close", "words that never close"),
        ("<td>Name</td><td>Rowan</td>", "Name\tRowan"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
    ],
)
def test_html_loses_nothing(markup: str, expected: str) -> None:
    """Whatever some mail program may show is text."""
    assert expected in html_text(markup)


def test_what_the_tags_of_a_web_page_hold_stands_beside_its_words() -> None:
    """People see the words; Outlook shows a comment with a condition, too. The rest is kept, as a text of its own."""
    page = (
        '<!DOCTYPE html><html lang="en"><head><style>p{color:red}</style></head><body>'
        '<!--[if mso]><p class="MsoNormal">Outlook sees this</p><![endif]--><!-- an editor\'s note -->'
        '<p style="font-size:12px">Dear <b>Ro</b>wan</p></body></html>'
    )
    seen, beside = analyse_document(page.encode(), declared_type="text/html").texts
    assert seen.text.split() == ["Outlook", "sees", "this", "Dear", "Rowan"]
    assert (seen.part, seen.page) == (beside.part, beside.page)
    for hidden in ("DOCTYPE html", 'lang="en"', "p{color:red}", "an editor's note", "font-size:12px", "MsoNormal"):
        assert hidden in beside.text


def test_files_inside_a_web_page_are_read_or_refused() -> None:
    """A letter or a scan may stand in the page itself (RFC 2397)."""
    letter, scan = base64.b64encode(pdf("letter words")).decode(), base64.b64encode(b"GIF89a" + bytes(9_000)).decode()
    page = f'<p>page words<a href="data:application/pdf;base64,{letter}">x</a><img src="data:image/gif;base64,{scan}">'
    analysis = analyse_document(page.encode(), declared_type="text/html")
    assert [t.text for t in analysis.texts if t.part == "1/data1"] == ["letter words"]
    assert [(u.part, u.reason) for u in analysis.unreadable] == [("1/data2", UnreadableReason.UNSUPPORTED)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}one\par two}", "one\ntwo"),
        (rb"{\rtf1 caf\'e9 \u8217?s}", "café \u2019s"),
        (rb"{\rtf1{\v hidden words}}", "hidden words"),
        (rb"{\rtf1{\header header words}}", "header words"),
        (rb"{\rtf1 a\tab b\{c\}}", "a\tb{c}"),
    ],
)
def test_rtf_gives_words(content: bytes, expected: str) -> None:
    """Fonts and colours are left out, hidden words are not."""
    said = rtf_text(content)
    assert expected in said
    assert "Arial" not in said


def test_packed_rtf_as_in_the_specification() -> None:
    """The worked example of MS-OXRTFCP section 3.1."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert rtf_decompressed(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("Zoë's café".encode("cp1252"), "windows-1252"),
        ("Zoë's café".encode(), ""),
        ("Zoë's café".encode("utf-16"), ""),
        ("Zoë's café".encode("latin-1"), "no-such"),
    ],
)
def test_charsets(content: bytes, charset: str) -> None:
    """A label, a mark, or a good guess: names come out right."""
    assert words(analyse_document(content, declared_type="text/plain", charset=charset)) == "Zoë's café"


def test_cleaning_joins_what_invisible_signs_part() -> None:
    """A soft hyphen, a ligature, a hard blank or a doubled one must not hide a name."""
    assert clean("Apple\u00adgarth \ufb01ne NHS\u00a0\u00a0943\u200b") == "Applegarth fine NHS 943"


def test_empty_text_is_fine_but_an_empty_file_has_no_finding_either() -> None:
    """There is nothing to give away in nothing."""
    assert analyse_document(b"", "a.txt").unreadable == ()
    assert analyse_document(b" \n", declared_type="text/plain").unreadable == ()


def mail(*, body: str, attachments: dict[str, bytes] | None = None) -> bytes:
    message = EmailMessage()
    message["Subject"] = "Forwarded: Élodie"
    message.set_content(body)
    for name, content in (attachments or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def test_mail_inside_a_mail_gives_subject_body_and_attachments() -> None:
    """Paths grow by a slash; names of attachments are kept."""
    inner = mail(body="inner words", attachments={"plan.pdf": pdf("plan words")})
    outer = EmailMessage()
    outer["Subject"] = "Outer"
    outer.set_content("outer words")
    outer.add_attachment(inner, maintype="application", subtype="octet-stream", filename="inner.eml")
    said = {t.part: t.text.strip() for t in analyse_document(outer.as_bytes(), declared_type="message/rfc822").texts}
    assert said["1/subject"] == "Outer"
    assert said["1/1"] == "outer words"
    assert said["1/inner.eml/subject"] == "Forwarded: Élodie"
    assert said["1/inner.eml/1"] == "inner words"
    assert said["1/inner.eml/plan.pdf"] == "plan words"
    assert said["1/inner.eml/plan.pdf#name"] == "plan.pdf"


def test_archives_give_their_members() -> None:
    """zip, 7z, tar, gzip, and a tar in a gzip; two members of one name are two parts."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        member = tarfile.TarInfo("../up/a.txt")
        member.size = 5
        archive.addfile(member, io.BytesIO(b"words"))
    seven = io.BytesIO()
    with py7zr.SevenZipFile(seven, "w") as packed:
        packed.writestr(b"words", "a.txt")
    made = {
        "a.zip": zipped({"a.txt": "words"}),
        "a.7z": seven.getvalue(),
        "a.tar": tar.getvalue(),
        "a.txt.gz": zlib.compress(b"words", wbits=31),
        "a.tgz": zlib.compress(tar.getvalue(), wbits=31),
    }
    for name, content in made.items():
        analysis = analyse_document(content, name)
        assert words(analysis) == "words", name
        assert not analysis.unreadable
        assert not any(".." in part for part, _ in analysis.true_types)
    with pytest.warns(UserWarning, match="Duplicate"):
        twins = _twins()
    assert [t.part for t in analyse_document(twins).texts if t.text in {"one", "two"}] == ["1/a.txt", "1/a.txt~2"]


@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, "v7"])
def test_every_letter_in_a_tar_is_read(layout: int | str) -> None:
    """A PDF in the first block of a tar is not the whole file: all members were once passed over but one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT if layout == "v7" else int(layout)) as archive:
        for number, said in enumerate(("apples", "pears", "plums")):
            member, content = tarfile.TarInfo(f"{number}.pdf"), pdf(said)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    content = _of_old(out.getvalue()) if layout == "v7" else out.getvalue()
    for name, made in (("a.tar", content), ("a.tgz", zlib.compress(content, wbits=31)), ("", content)):
        analysis = analyse_document(made, name)
        assert {"apples", "pears", "plums"} <= set(words(analysis).split())
        assert not analysis.unreadable


def test_what_stands_behind_the_end_of_a_tar_is_never_clean() -> None:
    """A PDF behind a tar's empty first member, behind its end, or behind a broken header: a reader of PDF shows it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"))
    empty = out.getvalue()
    for made in (empty[:512] + pdf("apples"), empty + pdf("apples"), empty[:512] + b"x" * 512 + empty):
        assert analyse_document(made, "a.pdf").unreadable
    assert not analyse_document(empty, "a.tar").unreadable


def _of_old(tar: bytes) -> bytes:
    """The same without the mark that tar had no more before 1988, its sums put right."""
    made, at = bytearray(tar), 0
    while any(made[at : at + 512]):
        size = int(made[at + 124 : at + 135], 8)
        made[at + 257 : at + 265] = bytes(8)
        made[at + 148 : at + 156] = b" " * 8
        made[at + 148 : at + 156] = b"%06o\0 " % sum(made[at : at + 512])
        at += 512 * (1 + -(-size // 512))
    return bytes(made)


def test_several_pdfs_behind_something_unknown_are_never_clean() -> None:
    """A container of a kind that nobody here knows: a reader of PDF would see one of them."""
    two = b"07070 some container\n" + pdf("apples") + pdf("pears")
    assert analyse_document(two, "a.cpio").unreadable
    late = b"some rubbish\n" + pdf("apples")
    assert "apples" in words(analyse_document(late, "a.pdf"))
    assert not any(u.reason is UnreadableReason.AMBIGUOUS for u in analyse_document(late, "a.pdf").unreadable)


def _twins() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "one")
        archive.writestr("a.txt", "two")
    return out.getvalue()


def tnef(body: bytes, name: bytes, content: bytes) -> bytes:
    """A ``winmail.dat`` of a body and one attachment (MS-OXTNEF section 2.1.3)."""

    def attribute(level: int, tag: int, kind: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, tag, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x9006, 8, struct.pack("<I", 0x10000))
    out += attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0)) + attribute(1, 0x800C, 2, body)
    return (
        out
        + attribute(2, 0x9002, 6, bytes(14))
        + attribute(2, 0x8010, 1, name + b"\0")
        + attribute(2, 0x800F, 6, content)
    )


def test_winmail_gives_body_and_attachment() -> None:
    """What Outlook sends to people without Outlook."""
    analysis = analyse_document(
        tnef(b"body words\0", b"plan.pdf", pdf("plan words")), "winmail.dat", "application/ms-tnef"
    )
    assert "body words" in words(analysis)
    assert "plan words" in words(analysis)
    assert "1/plan.pdf" in dict(analysis.true_types)


def test_outlook_message_gives_subject_body_and_attachment() -> None:
    """A ``.msg`` dragged into a mail."""
    body = ("body words " * 400).encode("utf-16-le")
    long = b"attached words " * 300
    content = compound(
        {
            "__properties_version1.0": bytes(4096),
            "__substg1.0_0037001F": ("subject words " * 200).encode("utf-16-le"),
            "__substg1.0_1000001F": body,
            "__attach_version1.0_#00000000/__substg1.0_37010102": long,
        }
    )
    analysis = analyse_document(content, "a.msg")
    assert analysis.true_types[0] == ("1", "application/vnd.ms-outlook")
    for kind in ("subject", "body", "attached"):
        assert f"{kind} words" in words(analysis)
    assert not analysis.unreadable


def test_saved_outlook_message_with_ten_letters() -> None:
    """One with all that Outlook writes: properties in tables, short ones in the small stream, many sectors."""
    letters = {f"letter {n}.pdf": pdf(f"letter words {n}") for n in range(10)}
    content = outlook.message("subject words", "body words", letters)
    analysis = analyse_document(content, "a.msg")
    said = {text.part: text.text.strip() for text in analysis.texts if text.place is not Place.FILE_NAME}
    assert said == {"1": "subject words\nbody words"} | {
        f"1/{name}": f"letter words {n}" for n, name in enumerate(letters)
    }
    assert not analysis.unreadable


def test_outlook_message_is_said_once_and_what_is_attached_to_it_apart() -> None:
    """A mail as text and as HTML is one mail; HTML that says more is said; an attached message is its own part."""
    plain, html = "Lunch at one?", b"<p>Lunch at <b>one</b>?</p>"
    inner = "__attach_version1.0_#00000000/__substg1.0_3701000D/__substg1.0_1000001F"
    streams = {
        "__properties_version1.0": bytes(4096),
        "__substg1.0_1000001F": plain.encode("utf-16-le").ljust(4096, b"\0"),
        "__substg1.0_10130102": html.ljust(4096, b"\0"),
        inner: "The answer".encode("utf-16-le").ljust(4096, b"\0"),
    }
    said = {text.part: text.text for text in analyse_document(compound(streams)).texts}
    assert said == {"1": plain, "1/message#00000000": "The answer"}
    streams["__substg1.0_10130102"] = html.replace(b"?", b", says she?").ljust(4096, b"\0")
    assert "says she" in analyse_document(compound(streams)).texts[0].text


def test_ole_of_unknown_make_is_unsupported() -> None:
    """What nobody recognises, nobody vouches for."""
    analysis = analyse_document(compound({"Something": bytes(4096)}), "a.bin")
    assert [u.reason for u in analysis.unreadable] == [UnreadableReason.UNSUPPORTED]


def test_damaged_legacy_word_is_held() -> None:
    """A DOC that its reader cannot make sense of is unreadable, never empty and clean."""
    analysis = analyse_document(compound({"WordDocument": bytes(4096)}), "a.doc")
    assert len(analysis.unreadable) == 1


@pytest.mark.parametrize(
    ("stream", "start", "reason"),
    [
        ("Data", b"\x89PNG\r\n\x1a\n", UnreadableReason.NO_TEXT),
        ("Pictures", b"\xff\xd8\xff\xe0", UnreadableReason.NO_TEXT),
        ("Data", b"\x40\x3d\x1a\xf0", UnreadableReason.NO_TEXT),
        ("ObjectPool/Ole10Native", b"", UnreadableReason.UNSUPPORTED),
        ("VBA/dir", b"", UnreadableReason.UNSUPPORTED),
    ],
)
def test_legacy_file_with_a_picture_or_an_object_is_not_vouched_for(
    stream: str, start: bytes, reason: UnreadableReason
) -> None:
    """A scan in a DOC, XLS or PPT, also as a packed metafile, and files inside them."""
    content = compound({"WordDocument": bytes(4096), stream: bytes(600) + start + bytes(4096)})
    assert reason in [u.reason for u in analyse_document(content, "a.doc").unreadable]
    assert UnreadableReason.NO_TEXT not in [
        u.reason for u in analyse_document(compound({"WordDocument": bytes(4096)}), "a.doc").unreadable
    ]


def test_legacy_properties_are_read() -> None:
    """Title, keywords and the author's own properties, of either width."""
    said = bytes(500) + b"NHS number 943 476 5919" + bytes(9) + "wide words".encode("utf-16-le")
    content = compound({"WordDocument": bytes(4096), "\x05SummaryInformation": said.ljust(4096, b"\0")})
    assert "943 476 5919" in words(analyse_document(content, "a.doc"))
    assert "wide words" in words(analyse_document(content, "a.doc"))


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        (rb"{\pict\pngblip 89504e47}", UnreadableReason.NO_TEXT),
        (rb"{\pict{\*\blipuid 00ff}\wmetafile8 0100}", UnreadableReason.NO_TEXT),
        (rb"{\object{\*\objdata 0105}}", UnreadableReason.UNSUPPORTED),
        (b"{\\pict{\\*\\blipuid 00ff}\\pngblip\\picw1\n" + _dot().hex().encode() + b"}", None),
        (b"", None),
    ],
)
def test_rtf_with_a_picture_or_an_object_is_not_vouched_for(group: bytes, reason: UnreadableReason | None) -> None:
    """However much is written beside it; an ornament passes."""
    analysis = analyse_document(b"{\\rtf1 " + b"many words " * 50 + group + b"}")
    assert [u.reason for u in analysis.unreadable] == ([reason] if reason else [])


@pytest.mark.parametrize("end", [b"rubbish", b"\0\0rubbish"])
def test_octets_behind_a_packed_file_are_ambiguous(end: bytes) -> None:
    """Gzip leaves them, other programs show them."""
    analysis = analyse_document(zlib.compress(b"words", wbits=31) + end, "a.gz")
    assert [u.reason for u in analysis.unreadable] == [UnreadableReason.AMBIGUOUS]


def test_zip_that_two_programs_read_differently_is_ambiguous() -> None:
    """Members that the directory does not list, octets between, before or behind them."""
    one, other = zipped({"a.txt": "one"}), zipped({"b.txt": "NHS number 943 476 5919"})
    hidden = other[: other.index(b"PK\x01\x02")]
    for content in (
        hidden + one,
        one + b"behind",
        one[: one.index(b"PK\x01\x02")] + hidden + _directory(one, len(hidden)),
    ):
        assert UnreadableReason.AMBIGUOUS in [u.reason for u in analyse_document(content, "a.zip").unreadable]


def _directory(archive: bytes, moved: int) -> bytes:
    """Directory and end of an archive, for when it starts this much later."""
    start = archive.index(b"PK\x01\x02")
    return archive[start:-6] + struct.pack("<IH", start + moved, 0)


def test_comments_and_full_folders_of_a_zip_are_read() -> None:
    """A comment of the archive, of a member, and a folder that holds octets."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = b"archive comment"
        member = zipfile.ZipInfo("a.txt")
        member.comment = b"member comment"
        archive.writestr(member, "words")
        archive.writestr("folder/", "folder words")
        archive.writestr("empty/", "")
    said = words(analyse_document(out.getvalue(), "a.zip"))
    for kind in ("archive comment", "member comment", "folder words"):
        assert kind in said


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_anywhere_is_an_answer_and_never_an_error(data: st.DataObject) -> None:
    """Bytes flipped and cut in any small document: an analysis comes back."""
    whole = data.draw(
        st.sampled_from(
            [pdf("words"), zipped({"a.txt": "words"}), mail(body="words"), tnef(b"w", b"n", b"c"), rb"{\rtf1 words}"]
        )
    )
    content = bytearray(whole[: data.draw(st.integers(1, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    analysis = analyse_document(bytes(content), "a.bin")
    assert analysis.true_types[0][0] == "1"
