"""Pictures of pages: drawn in a contained process, and nothing of the document in them but what can be seen."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image
from reportlab.pdfgen import canvas

from classifiers import drawing
from classifiers.drawing import CannotDraw, Drawer
from classifiers.drawing.frame import HEAD, READY


def pdf(*pages: str) -> bytes:
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=(595, 842))
    for text in pages:
        sheet.setFont("Helvetica", 60)
        sheet.drawString(60, 700, text)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def dark(picture: drawing.Picture) -> int:
    """How many pixels are written on."""
    return sum(Image.open(io.BytesIO(picture.png)).convert("L").histogram()[:128])


def test_a_page_of_a_pdf_is_seen() -> None:
    written = pdf("Ann Lee", "")
    first, second = Drawer().draw(written, 1), Drawer().draw(written, 2)
    assert (first.pages, second.pages) == (2, 2)
    assert dark(first) > 1_000
    assert dark(second) == 0
    size = Image.open(io.BytesIO(first.png)).size
    assert size[0] <= 1_000
    assert abs(size[1] / size[0] - 842 / 595) < 0.01


def test_a_photograph_is_seen_upright_and_without_what_the_camera_wrote_into_it() -> None:
    out = io.BytesIO()
    picture = Image.new("RGB", (400, 200), "white")
    exif = picture.getexif()
    exif[0x0112], exif[0x010E] = 6, "Ann Lee at home"
    picture.save(out, "JPEG", exif=exif)
    drawn = Drawer().draw(out.getvalue())
    assert Image.open(io.BytesIO(drawn.png)).size == (200, 400)
    assert b"Ann Lee" not in drawn.png


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 not a picture", b"%PDF-1.7 broken", b"\x89PNG\r\n\x1a\n" + bytes(99)]
)
def test_what_cannot_be_drawn_is_no_picture(content: bytes) -> None:
    with pytest.raises(CannotDraw):
        Drawer().draw(content)


def test_a_page_that_is_not_there_is_no_picture() -> None:
    with pytest.raises(CannotDraw):
        Drawer().draw(pdf("one"), 2)


def test_what_takes_too_long_is_no_picture() -> None:
    with pytest.raises(CannotDraw, match="too long"):
        Drawer(seconds=0.001).draw(pdf("one"))


def test_what_it_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that holds the pipe open, as bubblewrap's does when bubblewrap is killed in its first millisecond."""
    child = tmp_path / "child"
    words = ["sh", "-c", f"sleep 600 & echo $! > {child}; wait"]
    monkeypatch.setattr(drawing, "command", lambda *_: words)
    with pytest.raises(CannotDraw, match="too long"):
        Drawer(seconds=1).draw(pdf("one"))
    state = Path(f"/proc/{child.read_text().strip()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_what_takes_too_much_memory_is_no_picture() -> None:
    out = io.BytesIO()
    Image.new("RGB", (9_000, 9_000), "white").save(out, "PNG")
    with pytest.raises(CannotDraw):
        Drawer(memory=200 << 20).draw(out.getvalue())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        HEAD.pack(1, 2, 2) + bytes(11),
        HEAD.pack(1, 2, 2) + bytes(13),
        HEAD.pack(0, 2, 2) + bytes(12),
        HEAD.pack(1, 0, 2),
        struct.pack(">III", 1, 1 << 31, 1 << 31),
        HEAD.pack(1, 5_000_000, 1) + bytes(15_000_000),
    ],
)
def test_a_process_that_was_taken_over_gets_nothing_through(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it says, it is pixels of the size it says, or nothing."""
    monkeypatch.setattr(Drawer, "_ask", lambda *_: READY + answer)
    with pytest.raises(CannotDraw):
        Drawer().draw(b"anything")
