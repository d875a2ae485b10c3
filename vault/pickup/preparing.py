"""A PDF made ready to be signed: a last page that says who signed and how they were known, and room for the signature.

Run as a program of its own (``vault/pickup/signing.py``), because the PDF comes from anybody. In: four bytes of a
length, JSON (``lines``, ``strokes``, ``name``, ``reason``), the PDF. Out: four bytes of a length, JSON with ``start``
and ``end`` of the room, the prepared PDF. A PDF that is signed already is refused: a page more would break that.
"""

from __future__ import annotations

import asyncio
import io
import json
import struct
import sys
from itertools import pairwise
from typing import Any, BinaryIO

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

LENGTH = struct.Struct(">I")
ROOM = 16 * 1024
"""Octets of the signature, as hexadecimal digits."""
_LEFT, _TOP, _LINE, _SIZE = 72, 760, 20, 12
_FIELD = "SharedLivesSignature"
_DRAWN = 0.5
"""Points of the page for each pixel that was drawn."""


def prepare(content: bytes, told: dict[str, Any]) -> tuple[bytes, int, int]:
    """The prepared PDF, and where its room begins and ends. Raises ``ValueError``, and what the libraries raise."""
    whole = _with_last_page(content, _last_page(told["lines"], told["strokes"]))
    writer = IncrementalPdfFileWriter(io.BytesIO(whole))
    meta = signers.PdfSignatureMetadata(
        field_name=_FIELD,
        name=told["name"],
        reason=told["reason"],
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    signer = signers.PdfSigner(meta, signers.ExternalSigner(None, None, b"\0" * 256))
    prepared, _, out = asyncio.run(signer.async_digest_doc_for_signing(writer, bytes_reserved=ROOM))
    out.seek(0)
    return out.read(), prepared.reserved_region_start, prepared.reserved_region_end


def _with_last_page(content: bytes, page: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf, pikepdf.open(io.BytesIO(page)) as last:
        form: Any = pdf.Root.get("/AcroForm")
        if form is not None and any(f.get("/FT") == "/Sig" for f in form.get("/Fields", [])):
            raise ValueError("signed already")
        pdf.pages.extend(last.pages)
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def _last_page(lines: list[str], strokes: list[list[list[int]]]) -> bytes:
    out = io.BytesIO()
    paper = Canvas(out, pagesize=A4)
    y = _TOP
    for line in lines:
        for piece in simpleSplit(line, "Helvetica", _SIZE, A4[0] - 2 * _LEFT):
            paper.setFont("Helvetica", _SIZE)
            paper.drawString(_LEFT, y, piece)
            y -= _LINE
    for stroke in strokes:
        points = [(_LEFT + x * _DRAWN, y - _LINE - up * _DRAWN) for x, up in stroke]
        for (x1, y1), (x2, y2) in pairwise(points):
            paper.line(x1, y1, x2, y2)
    paper.save()
    return out.getvalue()


def main(given: BinaryIO, answer: BinaryIO) -> None:
    """One document, as a program."""
    (length,) = LENGTH.unpack(given.read(LENGTH.size))
    told = json.loads(given.read(length))
    pdf, start, end = prepare(given.read(), told)
    said = json.dumps({"start": start, "end": end}).encode()
    answer.write(LENGTH.pack(len(said)) + said + pdf)


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.stdin.buffer, sys.stdout.buffer)
