"""Reading pictures: scans, faxes, telephones' photographs; what is read, and what still holds the mail."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import docx
import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from classifiers.analysis import Analyser
from classifiers.limits import Limits
from classifiers.ocr import presence
from classifiers.ocr.pictures import Pictures
from domain.model import Analysis, Category, IdentifierKind, Part, Place, UnreadableReason
from tests.support.scans import (
    LETTER,
    NEWS,
    faxed,
    font,
    landscape,
    logo,
    page,
    photographed,
    saved,
    scrawl,
)

pytestmark = pytest.mark.skipif(not presence.available(), reason="Tesseract is not here, and sallyport check says so")


@pytest.fixture(scope="module")
def reader() -> Analyser:
    """One that reads pictures, in this process."""
    return Analyser(pictures=Pictures(Limits()))


def read(reader: Analyser, content: bytes, name: str = "a") -> Analysis:
    return reader.analyse("", [Part("1", Place.ATTACHMENT, "application/octet-stream", name, content)])


def reasons(analysis: Analysis) -> list[UnreadableReason]:
    return [u.reason for u in analysis.unreadable]


def words(analysis: Analysis) -> str:
    return " ".join(" ".join(t.text for t in analysis.texts if t.pictured).split())


def is_whole_letter(analysis: Analysis) -> bool:
    """Every word of the letter."""
    got = words(analysis).split()
    return all(word in got for line in LETTER for word in line.split())


WHOLE: dict[str, Any] = {
    "scan": lambda: saved(page()),
    "on its side": lambda: saved(page().rotate(90, expand=True)),
    "upside down": lambda: saved(page().rotate(180)),
    "leaning": lambda: saved(page().rotate(-6, fillcolor=255)),
    "fax": lambda: saved(faxed(page()), "TIFF", compression="group4"),
    "telephone's own way up": lambda: saved(page().rotate(90, expand=True), "JPEG", exif=_turned(6)),
    "pale": lambda: saved(page().point(lambda v: 150 + v * 100 // 255)),
    "white on blue": lambda: saved(
        Image.merge("RGB", [page().point(lambda v: 255 - v), *[page().point(lambda v: 255 - v // 2)] * 2])
    ),
    "sixteen bits": lambda: saved(page().convert("I;16").point(lambda v: v * 257), "TIFF"),
    "small": lambda: saved(page().resize((620, 450), Image.Resampling.LANCZOS), "WEBP", lossless=True),
}


def _turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("case", WHOLE)
def test_page_is_read_whole(reader: Analyser, case: str) -> None:
    """Whichever way up, however pale, in whatever kind of file."""
    analysis = read(reader, WHOLE[case]())
    assert is_whole_letter(analysis)
    assert reasons(analysis) == []


def test_what_is_read_is_marked_as_read_from_a_picture(reader: Analyser) -> None:
    """The evidence of findings and identifiers says so, and where."""
    analysis = read(reader, saved(page()))
    [medical] = [f for f in analysis.findings if f.category is Category.MEDICAL]
    [number] = [i for i in analysis.identifiers if i.kind is IdentifierKind.NHS_NUMBER]
    assert medical.likelihood >= 0.5
    assert all(e.pictured and e.page == 1 for e in medical.evidence)
    assert (number.value, number.evidence.pictured) == ("9434765919", True)


def test_printed_words_are_not_marked(reader: Analyser) -> None:
    """Text is text, also in a mail with a picture."""
    parts = [
        Part("1", Place.BODY, "text/plain", "", "\n".join(LETTER).encode(), "utf-8"),
        Part("2", Place.ATTACHMENT, "image/png", "a.png", saved(page(NEWS))),
    ]
    analysis = reader.analyse("", parts)
    assert {i.evidence.pictured for i in analysis.identifiers} == {False}
    assert [t.pictured for t in analysis.texts if t.part == "2"] == [True]


def test_photograph_of_a_letter_is_read_and_says_what_it_is(reader: Analyser) -> None:
    """Uneven light and a lean do not hide a diagnosis; whether all of it was read may stay in doubt."""
    analysis = read(reader, saved(photographed(page()), "JPEG", quality=80))
    assert [f.category for f in analysis.findings if f.likelihood >= 0.5] == [Category.MEDICAL]
    assert set(reasons(analysis)) <= {UnreadableReason.UNSURE}


HELD: dict[str, Any] = {
    "a line by hand": lambda: scrawl(page(NEWS), (120, 600, 900, 640)),
    "a word by hand": lambda: scrawl(page(NEWS), (120, 600, 320, 650), 4),
    "a form filled in by hand": lambda: scrawl(page(("Name:", "Date of birth:", "Diagnosis:")), (420, 90, 800, 130)),
    "all by hand": lambda: scrawl(scrawl(Image.new("L", (600, 300), 255), (30, 60, 560, 100)), (30, 150, 500, 190)),
    "a photograph": landscape,
    "a small photograph": lambda: landscape((120, 90)),
    "a photograph on a page": lambda: _with(page(NEWS), landscape((500, 320)).convert("L"), (600, 520)),
    "too blurred": lambda: page(NEWS).resize((206, 150)).resize((1240, 900)),
    "outlines": lambda: _outlined((300, 500)),
}


def _with(picture: Image.Image, other: Image.Image, at: tuple[int, int]) -> Image.Image:
    picture.paste(other, at)
    return picture


def _outlined(size: tuple[int, int]) -> Image.Image:
    """A figure of a body with marks on it."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for box in ((110, 20, 190, 110), (90, 110, 210, 300), (95, 300, 140, 480), (160, 300, 205, 480)):
        pen.ellipse(box, outline="black", width=2)
    pen.line([(130, 200), (160, 215), (140, 230)], fill="red", width=3)
    return picture


@pytest.mark.parametrize("case", HELD)
def test_what_cannot_be_read_for_certain_holds_the_mail(reader: Analyser, case: str) -> None:
    """Handwriting, people, drawings: never "nothing found"."""
    assert reasons(read(reader, saved(HELD[case]()))) == [UnreadableReason.UNSURE]


PASSES: dict[str, Any] = {
    "a logo": lambda: saved(logo()),
    "a logo as JPEG": lambda: saved(logo(), "JPEG", quality=80),
    "a small logo": lambda: saved(logo().resize((210, 55), Image.Resampling.LANCZOS)),
    "a name": lambda: saved(logo().crop((110, 0, 420, 110))),
    "a shape": lambda: saved(logo().crop((0, 0, 112, 110))),
    "a transparent logo": lambda: saved(_transparent(logo())),
    "a notice": lambda: saved(page(NEWS)),
    "a table": lambda: saved(_tabled(page(NEWS))),
}


def _tabled(picture: Image.Image) -> Image.Image:
    """With a dark head, faint rules and a column's line in the head."""
    pen = ImageDraw.Draw(picture)
    pen.rectangle((90, 560, 1100, 610), fill=70)
    pen.line((560, 560, 560, 610), fill=220, width=2)
    for across, words in ((110, "Day"), (580, "What there is")):
        pen.text((across, 566), words, font=font(30), fill=255)
    for down, day, what in ((610, "Monday", "Soup and bread"), (670, "Tuesday", "Coffee and cake")):
        pen.text((110, down + 12), day, font=font(30), fill=0)
        pen.text((580, down + 12), what, font=font(30), fill=0)
        pen.rectangle((90, down, 1100, down + 60), outline=200)
    return picture


def _transparent(picture: Image.Image) -> Image.Image:
    picture = picture.convert("RGBA")
    picture.putalpha(picture.convert("L").point(lambda v: 0 if v > 250 else 255))
    return picture


@pytest.mark.parametrize("case", PASSES)
def test_what_says_nothing_of_anybody_passes(reader: Analyser, case: str) -> None:
    """The logo below a mail, and a printed notice."""
    analysis = read(reader, PASSES[case]())
    assert reasons(analysis) == []
    assert not [f for f in analysis.findings if f.likelihood >= 0.5]


def test_logo_that_says_something_is_read(reader: Analyser) -> None:
    """A small picture is no hiding place."""
    analysis = read(reader, saved(logo("NHS number 943 476 5919", (560, 110))))
    assert [i.value for i in analysis.identifiers] == ["9434765919"]


def test_white_writing_on_nothing_is_a_doubt(reader: Analyser) -> None:
    """Programs with a dark background show what a white one hides."""
    ghost = Image.new("RGBA", (420, 110), (255, 255, 255, 0))
    ghost.paste((255, 255, 255, 255), (0, 0), page(("seizures daily",), (420, 110)).point(lambda v: 255 - v))
    assert reasons(read(reader, saved(ghost))) == [UnreadableReason.UNSURE]


def test_words_about_a_picture_are_read(reader: Analyser) -> None:
    """PNG comments, packed ones too, and EXIF's description."""
    info = PngInfo()
    info.add_text("Comment", "NHS number 943 476 5919", zip=True)
    exif = Image.Exif()
    exif[0x010E] = "NHS number 943 476 5919"
    for content in (saved(logo(), pnginfo=info), saved(logo(), "JPEG", quality=90, exif=exif)):
        assert [i.value for i in read(reader, content).identifiers] == ["9434765919"]


def test_something_behind_a_picture_is_ambiguous(reader: Analyser) -> None:
    """Octets behind the end of a picture are shown by nobody, and read by others."""
    assert reasons(read(reader, saved(logo()) + b"PK\x05\x06")) == [UnreadableReason.AMBIGUOUS]


def test_every_page_of_a_fax_is_read(reader: Analyser) -> None:
    """TIFF of several pages, each with its number."""
    content = saved(faxed(page(NEWS)), "TIFF", save_all=True, append_images=[faxed(page())], compression="group4")
    analysis = read(reader, content)
    assert reasons(analysis) == []
    assert [i.evidence.page for i in analysis.identifiers if i.kind is IdentifierKind.NHS_NUMBER] == [2]


def test_scanned_pdf_is_read(reader: Analyser) -> None:
    """Pages that are pictures, one of them on its side."""
    content = saved(page(NEWS), "PDF", resolution=150, save_all=True, append_images=[page().rotate(90, expand=True)])
    analysis = read(reader, content)
    assert reasons(analysis) == []
    assert [i.evidence.page for i in analysis.identifiers if i.kind is IdentifierKind.NHS_NUMBER] == [2]


def test_scan_inside_a_word_file_is_read(reader: Analyser) -> None:
    """A picture in the text, beside words."""
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("Please see below.")
    document.add_picture(io.BytesIO(saved(page())))
    document.save(out)
    analysis = read(reader, out.getvalue(), "a.docx")
    assert reasons(analysis) == []
    assert is_whole_letter(analysis)


def test_scan_inside_rtf_is_read(reader: Analyser) -> None:
    """A picture in hexadecimal."""
    content = rb"{\rtf1 Please see below.{\pict\pngblip " + saved(page()).hex().encode() + b"}}"
    analysis = read(reader, content, "a.rtf")
    assert reasons(analysis) == []
    assert is_whole_letter(analysis)


def test_telephone_picture_is_read(reader: Analyser) -> None:
    """HEIC, as iPhones send it; made by libheif's own encoder, which is under the GPL and is not here."""
    content = (Path(__file__).parent.parent / "specimens" / "formats" / "telephone.heic").read_bytes()
    analysis = read(reader, content, "a.heic")
    assert [i.value for i in analysis.identifiers] == ["9434765919"]
    assert reasons(analysis) == []


def test_no_time_left_is_said_of_the_picture() -> None:
    """A budget that is spent is a finding, and the next mail has a whole one."""
    reader = Analyser(pictures=Pictures(Limits(ocr_seconds=0.001)))
    parts = [Part(str(n), Place.ATTACHMENT, "image/png", "a.png", saved(page(NEWS))) for n in range(2)]
    assert reasons(reader.analyse("", parts)) == [UnreadableReason.TIMED_OUT] * 2
    few = Analyser(pictures=Pictures(Limits(ocr_pages=1)))
    assert reasons(few.analyse("", parts)) == [UnreadableReason.TOO_MANY]
    assert reasons(few.analyse("", parts[:1])) == []


def test_huge_picture_is_refused_unpacked(reader: Analyser) -> None:
    """A few kilobytes that claim a thousand million pixels."""
    content = bytearray(saved(Image.new("1", (8, 8))))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    assert reasons(read(reader, bytes(content))) == [UnreadableReason.TOO_LARGE]


@pytest.mark.parametrize("size", [10, 60, 400])
def test_picture_cut_short_is_a_finding(reader: Analyser, size: int) -> None:
    """Never "nothing found"."""
    assert reasons(read(reader, saved(page(NEWS))[:size])) != []
