"""The mails of ``benchmarks/whole.py``: each kind in each size, told apart by their Message-ID alone.

Small ones are text. Larger ones have a PDF of three pages, a letter or a newsletter, filled up to their size with what
no page shows, as fonts and pictures of a letterhead fill real ones; it is as incompressible as they are.
"""

from __future__ import annotations

import base64
import io
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle, islice

import pikepdf
from reportlab.pdfgen import canvas

from tests.support.house import CARER, NO_KEY, OFFICER, OTHER_CARER, SURGERY

KB, MB = 1024, 1024 * 1024
SMALL = 5 * KB
_LETTER = (
    "Neurology outpatient clinic",
    "Re: Ann Lee, date of birth: 29/02/1980, NHS number: 999 000 0018",
    "Diagnosis: epilepsy. Medication: levetiracetam 500 mg twice daily.",
    "She was seen in clinic with no change since the last appointment, and slept well.",
    "The blood tests were normal, and the dose stays as it is; follow-up in six months.",
)
_NEWS = (
    "The garden group meets on Tuesday at ten; bring gloves and a flask.",
    "Last month we planted beans, and the shed has a new door.",
    "The bus leaves from the hall at nine, and there is tea afterwards.",
)
_LINES, _PAGES = 40, 3


@dataclass(frozen=True, slots=True)
class Kind:
    """What becomes of a mail, by whom it is for and what is in it. ``fate`` is the journal's word."""

    name: str
    recipient: str
    confidential: bool
    fate: str = "delivered"


KINDS = (
    Kind("plain", "friend@else.example", confidential=False),
    Kind("OpenPGP", CARER, confidential=True),
    Kind("S/MIME", SURGERY, confidential=True),
    Kind("pick-up", NO_KEY, confidential=True),
    Kind("held", OTHER_CARER, confidential=True, fate="told"),
)


def mails(kind: Kind, size: int, number: int) -> list[bytes]:
    """So many, of about so many octets each as they are sent."""
    return [_head(kind, n) + _rest(kind.confidential, size) for n in range(number)]


def _head(kind: Kind, number: int) -> bytes:
    subject = "Clinic letter [secure]" if kind.confidential else "Garden group"
    lines = (
        f"From: {OFFICER}",
        f"To: {kind.recipient}",
        f"Subject: {subject}",
        "Date: Mon, 23 Nov 2026 09:00:00 +0000",
        f"Message-ID: <{number}.{time.time_ns()}@council.example>",
    )
    return "\r\n".join(lines).encode() + b"\r\n"


@cache
def _rest(confidential: bool, size: int) -> bytes:  # noqa: FBT001 - private
    """What follows the fields that tell mails apart."""
    words = _LETTER if confidential else _NEWS
    if size <= SMALL:
        return b"\r\n" + _text(words, size)
    boundary, pdf = b"b0undary", _pdf(words, int((size - 2 * KB) * 57 / 78))
    return b"\r\n".join(
        (
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/mixed; boundary="' + boundary + b'"',
            b"",
            b"--" + boundary,
            b"Content-Type: text/plain; charset=utf-8",
            b"",
            b"Please find it attached.",
            b"--" + boundary,
            b'Content-Type: application/pdf; name="paper.pdf"',
            b'Content-Disposition: attachment; filename="paper.pdf"',
            b"Content-Transfer-Encoding: base64",
            b"",
            base64.encodebytes(pdf).replace(b"\n", b"\r\n") + b"--" + boundary + b"--",
            b"",
        )
    )


def _text(words: Sequence[str], size: int) -> bytes:
    lines = [f"{line}\r\n".encode() for line in words]
    return b"".join(islice(cycle(lines), size * len(lines) // sum(map(len, lines))))


def _pdf(words: Sequence[str], size: int) -> bytes:
    """Pages of these lines, and a stream that none of them shows."""
    out, lines = io.BytesIO(), cycle(words)
    pen = canvas.Canvas(out, pagesize=(595, 842), invariant=1)
    for _ in range(_PAGES):
        for line in range(_LINES):
            pen.drawString(60, 780 - 18 * line, next(lines))
        pen.showPage()
    pen.save()
    with pikepdf.open(out) as drawn:
        drawn.Root.Filling = pikepdf.Stream(drawn, random.Random(size).randbytes(max(0, size - len(out.getvalue()))))
        filled = io.BytesIO()
        drawn.save(filled, compress_streams=False)
    return filled.getvalue()
