"""Black boxes are burned in: real PDFs through the contained painter, read again by every reader there is."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from classifiers.sandbox import Sandbox
from vault.export.contained import NotPainted, painted
from vault.export.painting import DOTS_PER_INCH, LENGTHS
from vault.export.proof import ProofFailed, prove
from vault.walls import within_walls

NAME, PHONE = "Marjorie Penhaligon", "07700 900142"
LINES = (
    "Review of Rowan Applegarth on 3 March 2026.",
    "Present were Marjorie Penhaligon and Dr Gill; ring 07700-900142 before",
    "the visit. MARJORIE  PENHALIGON says that all is well. Marjorie Penhali-",
    "gon signed it.",
)


@pytest.fixture(scope="module")
def readers() -> Iterator[Sandbox]:
    with Sandbox(1, seconds=20) as pool:
        yield pool


def letter(lines: tuple[str, ...] = LINES, *, turn: int = 0, pages: int = 1, upright: bool = True) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setAuthor(NAME)
    canvas.setTitle(f"About {NAME}")
    for number in range(pages):
        canvas.setPageRotation(turn)
        canvas.bookmarkPage(f"p{number}")
        canvas.addOutlineEntry(f"{NAME}, page {number}", f"p{number}")
        if not upright:
            canvas.translate(350, -100)
            canvas.rotate(30)
        for at, line in enumerate(lines):
            canvas.drawString(72, 500 - 16 * at, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def with_extras(pdf: bytes) -> bytes:
    """A note, a text laid on top, a form field, a file inside, hidden text, a script, XMP."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[0]
        document.attachments["secret.txt"] = f"{NAME}'s file".encode()
        said = pikepdf.String(f"{NAME} rang")
        box = pikepdf.Array([72, 500, 400, 530])
        look = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.FreeText,
            Rect=box,
            Contents=said,
            DA=pikepdf.String("/Helv 12 Tf 0 g"),
        )
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=box, Contents=said)
        page.Annots = document.make_indirect(pikepdf.Array([look, note]))
        hidden = f"BT /F1 12 Tf 3 Tr 72 300 Td ({NAME}) Tj ET".encode()
        page.contents_add(document.make_stream(hidden))
        with document.open_metadata() as xmp:
            xmp["dc:description"] = NAME
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


def picture_of(pdf: bytes, page: int = 0) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        return document[page].render(scale=DOTS_PER_INCH / 72).to_pil().convert("L")


@pytest.mark.parametrize(
    "pdf",
    [
        pytest.param(letter(), id="plain"),
        pytest.param(letter(turn=90), id="turned page"),
        pytest.param(letter(turn=180, pages=3), id="three pages upside down"),
        pytest.param(letter(upright=False), id="slanted"),
        pytest.param(with_extras(letter()), id="notes, files, hidden text, properties"),
    ],
)
def test_what_is_taken_out_is_gone(pdf: bytes, readers: Sandbox) -> None:
    """However it was written: hyphenated, in capitals, with other blanks; and the proof holds for each box."""
    done = painted(pdf, [NAME, PHONE])
    assert done.times[0] >= 3
    assert done.times[1] >= 1
    assert len(done.boxes) >= 3
    assert len(prove(done.pdf, [NAME, PHONE], readers, done.boxes)) == 2
    assert b"enhaligon" not in done.pdf


def test_all_that_is_left_of_the_letters_is_black_and_the_rest_is_as_it_was() -> None:
    """Pixel for pixel: outside the boxes the page is the original's, inside it is black."""
    pdf = letter()
    done = painted(pdf, [NAME])
    before, after = picture_of(pdf), picture_of(done.pdf)
    assert abs(before.width - after.width) <= 1
    untouched = Image.new("L", before.size, 255)
    untouched.paste(before)
    blanked = after.crop((0, 0, *before.size))
    for _, left, top, right, bottom in done.boxes:
        assert blanked.crop((left + 2, top + 2, right - 2, bottom - 2)).getextrema()[1] < 40
    for _, left, top, right, bottom in done.boxes:
        for picture in (untouched, blanked):
            picture.paste(255, (left - 2, top - 2, right + 2, bottom + 2))
    line = (190, 900, 900, 940)  # the first line, which names nobody else
    assert untouched.crop(line).getextrema()[0] < 60
    difference = [abs(a - b) for a, b in zip(untouched.tobytes(), blanked.tobytes(), strict=True)]
    assert sum(d > 128 for d in difference) < len(difference) / 2000


def test_a_name_over_two_pages_is_found(readers: Sandbox) -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.drawString(72, 60, "signed by Marjorie")
    canvas.showPage()
    canvas.drawString(72, 760, "Penhaligon, her carer")
    canvas.save()
    done = painted(out.getvalue(), [NAME])
    assert [box[0] for box in done.boxes] == [0, 1]
    prove(done.pdf, [NAME], readers, done.boxes)


@pytest.mark.parametrize("drawn", [True, False], ids=["as drawn", "left to the reader"])
def test_what_was_typed_into_a_form_is_there_or_black(drawn: bool, readers: Sandbox) -> None:
    """Also where the file leaves the drawing of fields to the reader, and on a page that is cropped."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.drawString(72, 700, "All About Me")
    for at, value in ((600, NAME), (500, "likes hens")):
        canvas.acroForm.textfield(name=value, value=value, x=72, y=at, width=300, height=30)
    canvas.save()
    with pikepdf.open(io.BytesIO(out.getvalue())) as document:
        document.pages[0].CropBox = pikepdf.Array([50, 300, 500, 800])
        for field in document.pages[0].Annots if not drawn else ():
            del field["/AP"]
        document.Root.AcroForm.NeedAppearances = not drawn
        saved = io.BytesIO()
        document.save(saved)
    done = painted(saved.getvalue(), [NAME])
    assert done.times == [1]
    prove(done.pdf, [NAME], readers, done.boxes)
    hens = picture_of(done.pdf).crop((61, 750, 400, 840))  # the second field
    assert hens.getextrema()[0] < 60


LOOKS_SMALL = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 120]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 35>>stream
BT /F 20 Tf 20 60 Td (abc) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type3/FontBBox[0 0 10 10]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 97/LastChar 99
/CharProcs<</a 6 0 R/b 6 0 R/c 6 0 R>>/Encoding<</Type/Encoding/Differences[97/a/b/c]>>/Widths[1000 1000 1000]
/Resources<<>>>>endobj
6 0 obj<</Length 45>>stream
1000 0 0 0 20 20 d1 100 100 800 650 re f
endstream endobj
trailer<</Root 1 0 R>>
"""


def test_letters_of_a_font_that_says_it_is_smaller_are_covered_all_the_same() -> None:
    """A font of drawings (Type 3) says itself how large its letters are; here it says a fiftieth of the truth."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(LOOKS_SMALL)) as document:
        document.save(out)
    done = painted(out.getvalue(), ["abc"])
    (box,) = done.boxes
    rest = picture_of(out.getvalue())
    assert rest.getextrema()[0] == 0
    rest.paste(255, box[1:])
    assert rest.getextrema()[0] == 255


def test_a_box_does_not_say_how_many_letters_it_hides_singly() -> None:
    """One box a run of letters, not one a letter."""
    assert len(painted(letter(LINES[:2]), [NAME]).boxes) == 1


def test_a_proof_fails_when_a_box_was_moved_or_a_text_was_left(readers: Sandbox) -> None:
    """The check that could not fail would be no check."""
    done = painted(letter(), [NAME])
    page, left, top, right, bottom = done.boxes[0]
    with pytest.raises(ProofFailed):
        prove(done.pdf, [NAME], readers, [(page, left, top + 60, right, bottom + 60)])
    with pytest.raises(ProofFailed) as caught:
        prove(letter(), [NAME], readers)
    assert caught.value.fields["where"] == "the extractor"


@pytest.mark.parametrize("where", ["text", "properties", "note", "another picture", "a mask"])
def test_a_picture_with_anything_beside_it_is_no_proof(where: str, readers: Sandbox) -> None:
    done = painted(letter(), [NAME])
    with pikepdf.open(io.BytesIO(done.pdf)) as document:
        page = document.pages[0]
        if where == "text":
            page.contents_add(document.make_stream(b"BT ET"))
        elif where == "properties":
            document.docinfo["/Author"] = "somebody"
        elif where == "another picture":
            page.Resources.XObject.Im1 = page.Resources.XObject.Im0
        elif where == "a mask":
            page.Resources.XObject.Im0.SMask = document.make_stream(b"x")
        else:
            page.Annots = pikepdf.Array()
        out = io.BytesIO()
        document.save(out)
    with pytest.raises(ProofFailed):
        prove(out.getvalue(), [NAME], readers, done.boxes)


@pytest.mark.parametrize("content", [b"", b"no pdf", b"%PDF-1.7\n" + b"[" * 5000])
def test_what_cannot_be_painted_is_refused(content: bytes) -> None:
    with pytest.raises(NotPainted):
        painted(content, [NAME])


def test_the_painter_has_no_network_no_disk_and_no_keys(tmp_path: Path) -> None:
    """Behind its walls it sees neither the home folder nor what a test writes; where there are no walls, say so."""
    walls = within_walls("vault.export.painting", "vault/__init__.py", "vault/export")[:-3]
    if not walls:
        pytest.skip("NO BUBBLEWRAP: the painter ran under limits alone")
    secret = tmp_path / "secret"
    secret.write_text("x")
    script = (
        f"import os, socket; print(os.path.exists({str(secret)!r})); socket.create_connection(('127.0.0.1', 22), 1)"
    )
    done = subprocess.run([*walls, sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False"
    assert "Error" in done.stderr


def test_the_painter_as_a_program_answers_in_its_own_form() -> None:
    asked, pdf = json.dumps({"texts": [NAME], "watch": ["Gill", NAME]}).encode(), letter()
    program = [sys.executable, "-m", "vault.export.painting"]
    done = subprocess.run(
        program, input=LENGTHS.pack(len(asked), len(pdf)) + asked + pdf, capture_output=True, check=True
    )
    said, size = LENGTHS.unpack(done.stdout[: LENGTHS.size])
    answer = json.loads(done.stdout[LENGTHS.size : LENGTHS.size + said])
    assert (answer["times"], answer["left"]) == ([3], [1, 0])
    assert len(done.stdout) == LENGTHS.size + said + size
