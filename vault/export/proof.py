"""The proof that what was taken out is gone: by reading the result again, with three readers that are not the painter.

A document whose proof fails is not released. Looked for are all texts that were to be taken out, compared as they were
found (``folding.py``): in what the product's own extractor reads, in what pdfium reads, in every string of the file. A
blacked-out page must be one picture, and every pixel in a box black.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

from domain.errors import SallyportError
from domain.model import Part, Place
from domain.ports import Classifiers
from vault.export.folding import Folded
from vault.export.painting import Box

_HIDES = ("/AcroForm", "/Names", "/Metadata", "/Outlines", "/AF", "/OpenAction", "/AA", "/Collection")
_OF_A_PICTURE = {"/Type", "/Subtype", "/Width", "/Height", "/BitsPerComponent", "/ColorSpace", "/Filter", "/Length"}
_DEEPEST = 100


class ProofFailed(SallyportError):
    """Something that was to be taken out is still there, or could be. The document is not released."""

    public = "A document still holds what was to be taken out; it was not released."


def prove(pdf: bytes, texts: Sequence[str], readers: Classifiers, boxes: Sequence[Box] | None = None) -> list[str]:
    """What was checked, a sentence each. ``boxes`` are those of a PDF of pictures. Raises :class:`ProofFailed`."""
    _none_in("the extractor", texts, _by_extractor(pdf, readers))
    _none_in("pdfium", texts, _by_pdfium(pdf))
    _none_in("the file's strings", texts, _strings(pdf))
    said = [f"none of the {len(texts)} texts is read again by the extractor, by pdfium, or in the file's strings"]
    if boxes is not None:
        _only_pictures(pdf, boxes)
        said.append(f"every page is one picture, and all pixels of the {len(boxes)} boxes are black")
    return said


def _none_in(where: str, texts: Iterable[str], read: Iterable[str]) -> None:
    wanted = list(texts)
    for said in read:
        text = Folded.of(said)
        if any(text.has(w) for w in wanted):
            raise ProofFailed("a text is left", where=where)


def _by_extractor(pdf: bytes, readers: Classifiers) -> Iterator[str]:
    analysis = readers.analyse("", [Part("1", Place.ATTACHMENT, "application/pdf", "", pdf)])
    # What OCR reads on the page is what people see there, which is looked at pixel by pixel.
    yield "\n".join(t.text for t in analysis.texts if not t.pictured)


def _by_pdfium(pdf: bytes) -> Iterator[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        texts = []
        for page in document:
            textpage = page.get_textpage()
            texts.append(textpage.get_text_range())
            textpage.close()
        yield "\n".join(texts)
        yield from document.get_metadata_dict().values()


def _strings(pdf: bytes) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for thing in document.objects:
            yield from _within(thing, 0)


def _within(thing: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ProofFailed("too deep to be looked through")
    if isinstance(thing, pikepdf.String):
        yield str(thing)
    elif isinstance(thing, pikepdf.Array):
        for each in thing:
            yield from _within(each, depth + 1)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") != "/Image":
            yield thing.read_bytes().decode("latin-1")
        for key in thing.keys():  # noqa: SIM118 - a pikepdf dictionary is no mapping
            value = thing[key]
            if key != "/Parent" and not (isinstance(value, pikepdf.Object) and value.is_indirect):
                yield from _within(value, depth + 1)


def _only_pictures(pdf: bytes, boxes: Sequence[Box]) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        if any(key in document.Root for key in _HIDES) or len(document.docinfo.keys()):
            raise ProofFailed("it holds more than pages")
        for number, page in enumerate(document.pages):
            _only_a_picture(page, [box[1:] for box in boxes if box[0] == number])


def _only_a_picture(page: pikepdf.Page, boxes: Sequence[tuple[int, int, int, int]]) -> None:
    operators = [str(i.operator) for i in pikepdf.parse_content_stream(page)]
    allowed = {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
    if (
        operators != ["q", "cm", "Do", "Q"]
        or set(page.obj.keys()) - allowed
        or set(page.Resources.keys()) != {"/XObject"}
    ):
        raise ProofFailed("a page holds more than a picture")
    if set(page.Resources.XObject.keys()) != {"/Im0"} or set(page.Resources.XObject.Im0.keys()) - _OF_A_PICTURE:
        raise ProofFailed("a page holds more than one picture")
    image = page.Resources.XObject.Im0
    mode = "L" if image.ColorSpace == "/DeviceGray" else "RGB"
    picture = Image.frombytes(mode, (int(image.Width), int(image.Height)), image.read_bytes()).convert("L")
    for box in boxes:
        if picture.crop(box).getextrema() != (0, 0):
            raise ProofFailed("a box is not black")
