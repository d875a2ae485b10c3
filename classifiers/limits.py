"""How much work a mail may cause: the caps of extraction, in one place.

Purpose: plain numbers, handed down to every reader. Trust: none needed, they are ours.
Failure: a cap that is passed is a finding (``TOO_DEEP``, ``TOO_MANY``, ``TOO_LARGE``), never a cut without a word.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps for one request. Sizes are bytes unless said otherwise.

    ``depth`` counts containers inside containers; ``items`` files inside files. ``ratio`` is how many times larger
    than its packed self a container may become once it unpacks to more than ``ratio_floor``.
    ``ornament_*`` is what a picture may have to be one: bytes, pixels of either side, or the pixels across and along a
    line; see ``extract/image.py``. ``letterhead_*`` is what pictures on a page may have, by ``extract/pdf.py``:
    hundredths of the page in all, and away from its head and foot, and pixels. ``ocr_*`` are of pictures: how many a
    request, wall-clock seconds for one and for all, and pixels of the longer side at which they are read;
    ``picture_pixels`` is what may be unpacked.
    """

    depth: int = 8
    items: int = 2_000
    member_bytes: int = 100_000_000
    total_bytes: int = 200_000_000
    ratio: int = 200
    ratio_floor: int = 10_000_000
    characters: int = 4_000_000
    pages: int = 3_000
    xml_depth: int = 1_000
    pdf_objects: int = 50_000
    identifiers: int = 2_000
    ornament_bytes: int = 8_192
    ornament_side: int = 48
    ornament_line: int = 4
    ornament_length: int = 4_096
    letterhead_share: int = 10
    letterhead_middle: int = 3
    letterhead_pixels: int = 400_000
    picture_pixels: int = 60_000_000
    ocr_pages: int = 60
    ocr_page_seconds: float = 30.0
    ocr_seconds: float = 120.0
    ocr_side: int = 3_600
