"""Office files: every member is read, is known to be wordless, or is a finding."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest
from PIL import Image

from classifiers.analysis import Analyser, analyse_document
from domain.model import Analysis, Category, Part, Place, UnreadableReason

COVER = "Dear colleague, please find below the page that we spoke about on the telephone this morning. " * 4
SECRET = "NHS number 943 476 5919"
ODT = "application/vnd.oasis.opendocument.text"
PICTURES = '<r:Relationships xmlns:r="r"><r:Relationship Target="media/image1.png"/></r:Relationships>'


def zipped(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(extra: dict[str, bytes | str] | None = None) -> bytes:
    body = f'<w:document xmlns:w="w"><w:p><w:t>{COVER}</w:t></w:p></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": body, **(extra or {})})


def book(extra: dict[str, bytes | str] | None = None, sheet: str = "", workbook: str = "") -> bytes:
    cell = "<row><c t='inlineStr'><is><t>hello there</t></is></c></row>"
    files: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f"<workbook>{workbook}</workbook>",
        "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{cell}</sheetData>{sheet}</worksheet>",
    }
    return zipped({**files, **(extra or {})})


def odt(extra: dict[str, bytes | str] | None = None, body: str = "") -> bytes:
    content = f'<o:d xmlns:o="o" xmlns:t="t" xmlns:x="x"><t:p>{COVER}</t:p>{body}</o:d>'
    return zipped({"mimetype": ODT, "content.xml": content, **(extra or {})})


def picture(width: int = 500, height: int = 200) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    return out.getvalue()


def photograph(exif: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("L", (200, 260), 255).save(out, "JPEG", exif=exif)
    return out.getvalue()


def confidential(analysis: Analysis) -> bool:
    return any(f.category is Category.OTHER_PERSONAL and f.likelihood >= 0.5 for f in analysis.findings)


@pytest.mark.parametrize(
    "content",
    [
        word({"docProps/custom.xml": f'<p><property name="NHS number"><v>{SECRET}</v></property></p>'}),
        word({"docProps/core.xml": f"<c><creator>{SECRET}</creator></c>"}),
        word({"docProps/thumbnail.jpeg": photograph(b"Exif\0\0" + SECRET.encode())}),
        word({"docProps/app.xml": f"<c><Manager>{SECRET}</Manager></c>"}),
        word({"customXml/item1.xml": f"<case><nhs>{SECRET}</nhs></case>"}),
        word({"customXml/item1.xml": '<case nhs="943 476 5919"/>'}),
        word({"word/settings1.xml": f"<s>{SECRET}</s>"}),
        word({"word/settings.xml": f'<s><docVar name="a" val="{SECRET}"/></s>'}),
        word({"word/theme/theme1.xml": f"<s>{SECRET}</s>"}),
        word({"word/drawings/a.vml": f"<xml><br><v:textbox>{SECRET}</xml>"}),
        word({"word/_rels/document.xml.rels": '<R><r Target="http://a/?q=NHS%20943%20476%205919"/></R>'}),
        word({"word/embeddings/plan.sldx": word({"docProps/custom.xml": f"<p>{SECRET}</p>"})}),
        book(workbook=f'<definedNames><definedName name="x">"{SECRET}"</definedName></definedNames>'),
        book(sheet=f"<dataValidations><dataValidation><formula1>{SECRET}</formula1></dataValidation></dataValidations>"),
        book(sheet=f'<dataValidations><dataValidation prompt="{SECRET}"/></dataValidations>'),
        book(sheet=f"<sheetData><row><c><f>CONCAT({SECRET})</f><v>1</v></c></row></sheetData>"),
        book(sheet=f"<row><c t='str'><v>NHS</v></c>{''.join(f'<c><v>{n}</v></c>' for n in (943, 476, 5919))}</row>"),
        odt({"Object 1/content.xml": f"<d><p>{SECRET}</p></d>"}),
        odt({"settings.xml": f"<d><p>{SECRET}</p></d>"}),
    ],
)  # fmt: skip
def test_words_beside_the_main_text_are_read(content: bytes) -> None:
    """Properties, bound data, variables, links, names, choices, formulas, objects."""
    assert confidential(analyse_document(content))


def test_styles_without_a_word_say_nothing_and_are_still_parsed() -> None:
    """Elements of shape cost no call each; a word among them is read, and what expat refuses is refused."""
    shape = "<w:styles xmlns:w='w'>" + "<w:style w:val='NHS number 943 476 5919'/> \n" * 500 + "{}</w:styles>"
    assert not confidential(analyse_document(word({"word/styles.xml": shape.format("")}), "a.docx"))
    assert confidential(analyse_document(word({"word/styles.xml": shape.format(f"<w:t>{SECRET}</w:t>")}), "a.docx"))
    entity = "<!DOCTYPE a [<!ENTITY e 'x'>]>" + shape.format("")
    assert analyse_document(word({"word/styles.xml": entity}), "a.docx").unreadable


@pytest.mark.parametrize(
    "name",
    ["ObjectReplacements/Object 1", "word/secret.dat", "word/vbaProject.bin", "word/activeX/activeX1.bin", "root.bin"],
)
def test_unknown_member_is_unsupported_for_itself(name: str) -> None:
    """What nobody recognises, nobody vouches for; the rest is still read."""
    analysis = analyse_document(word({name: b"\x01\x02"}))
    assert [(u.part, u.reason) for u in analysis.unreadable] == [(f"1/{name}", UnreadableReason.UNSUPPORTED)]
    assert COVER.strip() in analysis.texts[0].text


@pytest.mark.parametrize(
    "content",
    [
        word({"word/media/image1.png": picture()}),
        word({"word/media/image1.emf": b"\x01\0\0\0"}),
        word({"word/media/image1.wmf": b"\xd7\xcd\xc6\x9a"}),
        word({"word/media/image1.tiff": b"II*\0"}),
        book({"xl/media/image1.png": picture()}),
        odt({"Pictures/1.png": picture()}, '<x:image href="Pictures/1.png"/>'),
        word({"word/media/image1.png": picture(), "word/_rels/document.xml.rels": PICTURES}),
        word(
            {
                "word/media/image1.png": picture(),
                "word/_rels/document.xml.rels": PICTURES,
                "word/_rels/header1.xml.rels": PICTURES,
            }
        ),
        word({"word/media/image1.png": picture(1200, 1600), "word/_rels/header1.xml.rels": PICTURES}),
    ],
)
def test_picture_in_the_text_is_no_text_however_much_is_written_beside_it(content: bytes) -> None:
    """A scanned page under a covering letter is a scanned page; drawings count, and so does a page in a header."""
    assert UnreadableReason.NO_TEXT in {u.reason for u in analyse_document(content).unreadable}


@pytest.mark.parametrize(
    "content",
    [
        word({"word/media/image1.png": picture(48, 48)}),
        word({"word/media/image1.png": picture(), "word/_rels/header1.xml.rels": PICTURES}),
        word({"docProps/thumbnail.jpeg": photograph(b"Exif\0\0MM\0*\xff\xd9")}),
        word({"docProps/thumbnail.png": picture(), "word/fonts/font1.odttf": b"\x01"}),
        odt({"Pictures/1.png": picture(), "styles.xml": '<s href="Pictures/1.png"/>'}),
        odt({"Thumbnails/thumbnail.png": picture(), "layout-cache": b"\x01", "Configurations2/menubar/": ""}),
        odt({"META-INF/manifest.xml": '<!DOCTYPE m PUBLIC "x" "Manifest.dtd"><m/>'}),
    ],
)
def test_letterhead_and_what_programs_write_beside_passes(content: bytes) -> None:
    """A logo in the header holds nobody's letter up, nor do fonts and thumbnails."""
    assert analyse_document(content).unreadable == ()


def test_known_logo_passes_in_the_text() -> None:
    """The council's own logo may stand anywhere."""
    known = frozenset({hashlib.sha256(picture()).hexdigest()})
    part = Part("1", Place.ATTACHMENT, "", "a.docx", word({"word/media/image1.png": picture()}))
    assert Analyser(known_pictures=known).analyse("", [part]).unreadable == ()


def test_two_members_of_one_name_are_ambiguous() -> None:
    """Programs differ in which of them they show."""
    out = io.BytesIO(word())
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", "<d/>")
    assert [u.reason for u in analyse_document(out.getvalue()).unreadable] == [UnreadableReason.AMBIGUOUS]
