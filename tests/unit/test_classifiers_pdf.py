"""PDF: pictures that may hold writing, text that nobody sees so, and every place where words and files hang."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from classifiers.analysis import analyse_document
from classifiers.extract.legible import legible
from domain.model import Analysis, Category, UnreadableReason

LINE = "Dear colleague, please find the page that we spoke about on the telephone this morning."
SECRET = "NHS number 943 476 5919"
ENGLISH = "The review of the placement was held at home, and everybody who was asked came to it in good time. " * 3


def pdf(draw: Callable[[canvas.Canvas], object] = lambda page: None) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(595, 842))
    for line in range(4):
        page.drawString(60, 700 - 18 * line, LINE)
    draw(page)
    page.save()
    return out.getvalue()


def drawn(*boxes: tuple[int, int, int, int], pixels: tuple[int, int] = (300, 100)) -> bytes:
    """Pictures at these (left, bottom, width, height) in points."""
    picture = ImageReader(Image.new("L", pixels, 200))
    return pdf(lambda page: [page.drawImage(picture, *box) for box in boxes])


def changed(change: Callable[[pikepdf.Pdf], object]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def reasons(analysis: Analysis) -> list[UnreadableReason]:
    return [u.reason for u in analysis.unreadable]


@pytest.mark.parametrize(
    "content",
    [
        drawn((40, 40, 515, 770)),
        drawn(*[(40, 40 + 60 * n, 515, 60) for n in range(10)]),
        drawn((100, 400, 240, 150)),
        drawn((60, 400, 425, 50)),
        drawn((40, 760, 120, 60), pixels=(1200, 1600)),
        drawn((0, 0, 595, 110)),
    ],
)
def test_picture_beside_text_is_no_text(content: bytes) -> None:
    """A scan, a scan in strips, a card, a snippet of a screen, a page shrunk to a stamp, a broad banner."""
    assert reasons(analyse_document(content)) == [UnreadableReason.NO_TEXT]


@pytest.mark.parametrize(
    "content",
    [
        drawn((400, 750, 150, 60)),
        drawn((0, 767, 595, 75), pixels=(1240, 156)),
        drawn((400, 750, 150, 60), (60, 300, 140, 50)),
        drawn((60, 20, 80, 40), (160, 20, 80, 40), (260, 20, 80, 40)),
    ],
)
def test_letterhead_and_signature_pass(content: bytes) -> None:
    """A logo, a banner, a written signature and badges at the foot hold nobody's letter up."""
    assert reasons(analyse_document(content)) == []


def test_letters_turned_into_outlines_are_no_text() -> None:
    """Words exported as drawings stand beside real text."""

    def outlines(page: canvas.Canvas) -> None:
        for number in range(450):
            path = page.beginPath()
            path.moveTo(20 + number, 500)
            for step in range(9):
                path.lineTo(20 + number + step % 3, 500 + step)
            page.drawPath(path)

    assert reasons(analyse_document(pdf(outlines))) == [UnreadableReason.NO_TEXT]


@pytest.mark.parametrize("first", [0x4E20, 0xE000, 0x0410])
def test_font_that_names_other_letters_is_no_text(first: int) -> None:
    """The page shows words; the text that comes out of it is in a script that nobody here writes, or in none."""

    def rename(document: pikepdf.Pdf) -> None:
        table = "begincmap 1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange "
        table += f"<20> <7e> <{first:04x}> endbfrange"
        for thing in document.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font":
                thing["/ToUnicode"] = document.make_stream(f"{table} endcmap".encode())

    assert reasons(analyse_document(changed(rename))) == [UnreadableReason.NO_TEXT]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ENGLISH, True),
        ("1", True),
        ("20-11-43 55779911 1,204.50 1,300.00", True),
        ("Zażółć gęślą jaźń", True),
        ("\ue001\ue002\ue003" * 9, False),
        ("\u4e00\u4e01" * 9, False),
        ("".join(chr((ord(c) - 97 + 3) % 26 + 97) if c.isalpha() else c for c in ENGLISH.lower()), False),
    ],
)
def test_legible(text: str, expected: bool) -> None:
    """English, numbers and names pass; private signs, other scripts and letters that stand for others do not."""
    assert legible(text) is expected


def _stamp(document: pikepdf.Pdf) -> Any:
    fonts = document.pages[0].Resources.Font
    resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=next(iter(fonts.values()))))
    drawing = f"BT /F1 12 Tf 5 5 Td ({SECRET}) Tj ET".encode()
    form = document.make_stream(
        drawing, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 400, 30], Resources=resources
    )
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Stamp,
        Rect=[60, 400, 460, 430],
        AP=pikepdf.Dictionary(N=form),
        F=4,
    )


def _annotated(**keys: Any) -> Callable[[pikepdf.Pdf], object]:
    def change(document: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], **keys)
        document.pages[0].Annots = pikepdf.Array([note])

    return change


def _outlined(document: pikepdf.Pdf) -> None:
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(SECRET, 0))


CHANGES: dict[str, Callable[[pikepdf.Pdf], object]] = {
    "bookmark": _outlined,
    "stamp's appearance": lambda d: setattr(d.pages[0], "Annots", d.make_indirect(pikepdf.Array([_stamp(d)]))),
    "link": _annotated(A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://a.example/?q=NHS%20943%20476%205919")),
    "alternative text": lambda d: d.Root.update({"/Other": pikepdf.Dictionary(Alt=SECRET)}),
    "own property": lambda d: d.docinfo.update({"/NHS": "943 476 5919"}),
    "author": lambda d: d.docinfo.update({"/Author": SECRET}),
    "metadata": lambda d: d.Root.update(
        {"/Other": d.make_stream(f"<x><a>{SECRET}</a></x>".encode(), Type=pikepdf.Name.Metadata)}
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_words_beside_the_pages_are_read(case: str) -> None:
    """Bookmarks, stamps, links, alternative texts, properties, metadata."""
    found = analyse_document(changed(CHANGES[case])).findings
    assert [f.category for f in found if f.likelihood >= 0.5] == [Category.OTHER_PERSONAL]


def _file(document: pikepdf.Pdf, key: str, name: str = "a.txt") -> Any:
    stream = document.make_stream(SECRET.encode())
    return pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=name, EF=pikepdf.Dictionary({key: stream}))


FILES: dict[str, Callable[[pikepdf.Pdf], object]] = {
    "of a page": lambda d: d.pages[0].obj.update({"/AF": pikepdf.Array([_file(d, "/F")])}),
    "of an annotation": lambda d: _annotated(AF=pikepdf.Array([_file(d, "/UF")]))(d),
    "under an old key": lambda d: d.Root.update({"/AF": pikepdf.Array([_file(d, "/DOS")])}),
    "of any object": lambda d: d.Root.update({"/Other": pikepdf.Dictionary(Deep=pikepdf.Array([_file(d, "/Unix")]))}),
    "of nobody": lambda d: d.Root.update({"/Other": d.make_stream(SECRET.encode(), Type=pikepdf.Name.EmbeddedFile)}),
}


@pytest.mark.parametrize("case", FILES)
def test_file_inside_is_read_wherever_it_hangs(case: str) -> None:
    """Pages, annotations, old keys, unknown places, and streams that only say that they are files."""
    analysis = analyse_document(changed(FILES[case]))
    assert [f.category for f in analysis.findings if f.part.startswith("1/") and f.likelihood >= 0.5] == [
        Category.OTHER_PERSONAL
    ]


def test_pictures_painted_as_a_pattern_are_no_text() -> None:
    """A page lists no picture, and yet shows one."""

    def paint(document: pikepdf.Pdf) -> None:
        picture = document.make_stream(b"\0", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1, Height=1)
        resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        document.Root["/Other"] = document.make_stream(b"/I Do", PatternType=1, Resources=resources)

    assert reasons(analyse_document(changed(paint))) == [UnreadableReason.NO_TEXT]
