"""A surgery's letter as the office's copier sends it: printed, laid on the glass a little askew, and scanned."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pypdfium2
from PIL import Image

from demo.documents import paper
from demo.documents.case import Case, short_date

_DOTS = 150
"""To the inch, in grey: what copiers are set to."""
_LEAN = 1.3
"""Degrees."""
_GRAIN, _GLASS = 6.0, 243
"""How much one dot differs from the next, and how white white is, of 255."""


def scanned_letter(case: Case) -> bytes:
    """A PDF of one page that is nothing but a picture: no letter of it is text."""
    pages = [_scanned(page.render(scale=_DOTS / 72, grayscale=True).to_pil()) for page in _printed(case)]
    out = BytesIO()
    pages[0].save(out, "PDF", resolution=_DOTS, save_all=True, append_images=pages[1:], title="Scan", producer="copier")
    return out.getvalue()


def _scanned(page: Image.Image) -> Image.Image:
    """The same dirt each time, so that the demo is the same each time."""
    leaning = page.rotate(_LEAN, resample=Image.Resampling.BICUBIC, fillcolor=255)
    grain = np.random.default_rng(7).normal(0.0, _GRAIN, (page.height, page.width))
    return Image.fromarray(np.clip(np.asarray(leaning) * (_GLASS / 255) + grain, 0, 255).astype(np.uint8))


def _printed(case: Case) -> pypdfium2.PdfDocument:
    sheet = paper.Sheet(
        title="Letter from the surgery",
        reference=f"NHS number {case.nhs}",
        sender="Cressbed Lane Surgery",
        letterhead=("Dr Harriet Sallow", *case.surgery.address),
        brand="#000000",
        marking="PRIVATE",
    )
    return pypdfium2.PdfDocument(paper.render(sheet, lambda: _flow(sheet, case)))


def _flow(sheet: paper.Sheet, case: Case) -> paper.Flow:
    story = case.story
    medicines = "; ".join(f"{m.name} {m.dose}, {m.when}" for m in story.medicines)
    allergies = story.allergies.rstrip(".")
    return [
        *paper.letterhead(sheet),
        *paper.text(
            sheet,
            case.ago(3),
            f"To Hampshire Shared Lives, for the carers of {case.formal}",
            f"Patient: {case.person.name}",
            f"Date of birth: {short_date(case.person.born)}",
            f"NHS number: {case.nhs}",
            f"Council ID: {case.person.id}",
            "Dear colleagues",
            f"I reviewed {case.formal} in the surgery this week for {story.his} yearly health check. Blood pressure, "
            "weight and bloods were within normal limits.",
            f"Current medication: {medicines}. Allergies: {allergies}.",
            f"No change to {story.his} medication. Please book a repeat blood test in three months, and telephone us "
            f"at once should {story.he} become unwell.",
            "Yours sincerely",
            "Dr Harriet Sallow, general practitioner",
        ),
    ]
