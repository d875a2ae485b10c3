"""Pictures: ornaments and known logos pass, what could be read by eye does not, and nothing hides behind one."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from classifiers.analysis import Analyser, analyse_document
from domain.model import Category, Part, Place, UnreadableReason

SECRET = "Her NHS number is 943 476 5919."


def picture(width: int, height: int, kind: str = "PNG", **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, kind, **how)
    return out.getvalue()


def told(words: str) -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", words)
    return info


def packed(words: str) -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", words, zip=True)
    return info


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "JPEG"])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (32, 32), (48, 48), (600, 2), (3, 400)])
def test_ornament_passes(kind: str, width: int, height: int) -> None:
    """Tracking dots, icons and rules of every kind hold nobody's mail up."""
    assert not analyse_document(picture(width, height, kind), "image001").unreadable


@pytest.mark.parametrize(("width", "height"), [(620, 68), (256, 256), (130, 16), (64, 16), (49, 49), (400, 5)])
def test_what_could_show_a_line_of_writing_does_not_pass(width: int, height: int) -> None:
    """A snippet of a screen shows a whole number, however few octets and pixels it has."""
    unreadable = analyse_document(picture(width, height), "image001.png").unreadable
    assert [u.reason for u in unreadable] == [UnreadableReason.UNSUPPORTED]


@pytest.mark.parametrize(
    "content",
    [
        picture(16, 16, pnginfo=told(SECRET)),
        picture(16, 16, "GIF", comment=SECRET.encode()),
        picture(16, 16, "JPEG", comment=SECRET.encode()),
    ],
)
def test_comment_in_an_ornament_is_read(content: bytes) -> None:
    """What a picture says about itself is text."""
    assert analyse_document(content).findings[0].category is Category.OTHER_PERSONAL


@pytest.mark.parametrize(
    "content",
    [
        picture(16, 16) + SECRET.encode(),
        picture(16, 16, "GIF") + b"PK",
        picture(16, 16, "JPEG") + b"PK",
        picture(16, 16, "BMP") + b"\0",
        picture(16, 16, pnginfo=packed(SECRET)),
        picture(16, 16, "JPEG", exif=b"Exif\0\0" + SECRET.encode()),
        picture(16, 16, "GIF", save_all=True, append_images=[Image.new("RGB", (16, 16), "red")]),
        picture(16, 16)[:-12],
        b"\x89PNG\r\n\x1a\n",
        picture(16, 16, "WEBP"),
        picture(16, 16, "TIFF"),
    ],
)
def test_ornament_with_room_for_something_else_is_refused(content: bytes) -> None:
    """Packed comments, EXIF, more frames, octets behind the end, and kinds whose structure is not walked."""
    assert [u.reason for u in analyse_document(content).unreadable] == [UnreadableReason.UNSUPPORTED]


def test_known_logo_passes_and_its_neighbour_does_not() -> None:
    """The council's own logo is named by its SHA-256; one octet more is another file."""
    logo = picture(300, 90)
    analyser = Analyser(known_pictures=frozenset({hashlib.sha256(logo).hexdigest().upper()}))

    def unreadable(content: bytes) -> int:
        return len(analyser.analyse("", [Part("1", Place.ATTACHMENT, "image/png", "logo.png", content)]).unreadable)

    assert (unreadable(logo), unreadable(logo + b"\0")) == (0, 1)
