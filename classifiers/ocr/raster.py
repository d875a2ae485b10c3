"""Picture files to rows of brightness.

Purpose: every frame of PNG, JPEG, GIF, BMP, TIFF, WebP, AVIF and HEIC, upright as its EXIF says, on white paper, no
larger than can be read. Trust: hostile; sizes are looked at before anything is unpacked. Failure: ``Unread`` CORRUPT,
TOO_LARGE, TOO_MANY, UNSUPPORTED.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import AvifImagePlugin, Image, ImageOps, TiffImagePlugin, WebPImagePlugin

from classifiers.extract.reading import Unread
from classifiers.limits import Limits
from classifiers.ocr.engine import Grey
from classifiers.ocr.ink import strokes
from domain.model import UnreadableReason

_PLUGINS = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Those that Pillow does not load by itself where kinds are named."""
_KINDS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF")
_NEVER_SHOWN = 0.002
"""Of the area: strokes that only a dark background shows."""
_LONGEST_SAID = 100_000


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. ``doubt``: it shows other things on a dark background than on a light one."""

    grey: Grey
    doubt: bool = False


def frames(content: bytes, limits: Limits) -> Iterator[Frame]:
    """Each frame in turn. Raises ``Unread``."""
    with _opened(content) as picture:
        count = int(getattr(picture, "n_frames", 1))
        if count > limits.ocr_pages:
            raise Unread(UnreadableReason.TOO_MANY)
        for number in range(count):
            yield _frame(picture, number, limits)


def said_by(content: bytes) -> str:
    """What the file says about itself: comments, captions, EXIF's and XMP's words."""
    with _opened(content) as picture:
        told = [v for v in picture.info.values() if isinstance(v, str)]
        told += [v.decode("utf-8", "replace") for k, v in picture.info.items() if k in {"comment", "xmp"} and v]
        told += [str(v) for v in picture.getexif().values() if isinstance(v, str)]
        return "\n".join(told)[:_LONGEST_SAID]


def _opened(content: bytes) -> Image.Image:
    kinds: tuple[str, ...] = _KINDS
    if content[4:8] == b"ftyp":
        import pi_heif  # noqa: PLC0415 - for telephones' pictures only

        pi_heif.register_heif_opener(thumbnails=False)
        kinds = (*_KINDS, "HEIF")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(content), formats=kinds)
    except Image.DecompressionBombError:
        raise Unread(UnreadableReason.TOO_LARGE) from None
    except Exception:  # noqa: BLE001 - decoders raise anything on hostile bytes
        raise Unread(UnreadableReason.UNSUPPORTED) from None


def _frame(picture: Image.Image, number: int, limits: Limits) -> Frame:
    try:
        picture.seek(number)
        if picture.format in {"JPEG", "MPO"}:
            picture.draft("RGB", (limits.ocr_side, limits.ocr_side))
        too_large = picture.width * picture.height > limits.picture_pixels
        upright = None if too_large else ImageOps.exif_transpose(picture)
    except MemoryError:
        raise Unread(UnreadableReason.TOO_LARGE) from None
    except Exception:  # noqa: BLE001 - the same
        raise Unread(UnreadableReason.CORRUPT) from None
    if upright is None:
        raise Unread(UnreadableReason.TOO_LARGE)
    return _flat(upright, limits)


def _flat(picture: Image.Image, limits: Limits) -> Frame:
    """Without colour and transparency."""
    picture.thumbnail((limits.ocr_side, limits.ocr_side))
    if picture.mode.startswith(("I", "F")):
        return Frame(_stretched(np.asarray(picture, np.float64)))
    if not picture.has_transparency_data:
        return Frame(np.asarray(picture.convert("L")))
    layers = picture.convert("RGBA")
    light, dark = (
        np.asarray(Image.alpha_composite(Image.new("RGBA", layers.size, paper), layers).convert("L"))
        for paper in ("white", "black")
    )
    unseen = cv2.subtract(strokes(dark), cv2.dilate(strokes(light), np.ones((7, 7), np.uint8)))
    return Frame(light, doubt=bool(np.mean(unseen > 0) > _NEVER_SHOWN))


def _stretched(values: np.ndarray) -> Grey:
    """Sixteen bits and more, as much as is there from black to white."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return np.clip((values - low) * (255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)
