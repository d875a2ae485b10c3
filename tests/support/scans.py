"""Pages as scanners, fax machines and telephones make them, from words; drawn with the font that Pillow brings."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

LETTER = (
    "Northfield Hospital NHS Trust",
    "Dear Dr Patel",
    "Thank you for referring this lady. Diagnosis: epilepsy.",
    "Medication: levetiracetam 500 mg twice daily.",
    "NHS number 943 476 5919, date of birth 04/05/1971",
    "She was seen in clinic with her carer and there is no change.",
)
NEWS = (
    "Shared Lives News, Spring",
    "The coffee morning is on Tuesday at ten in the village hall.",
    "Everybody is welcome, and there will be cake and a raffle.",
    "Our summer walk goes around the lake again this year.",
    "Please tell the office if you would like to come along.",
)


def font(size: int) -> Any:
    return ImageFont.load_default(size)


def page(lines: Sequence[str] = LETTER, size: tuple[int, int] = (1240, 900), letters: int = 34) -> Image.Image:
    """Grey, about 150 dots to the inch."""
    picture = Image.new("L", size, 255)
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        pen.text((90, 90 + int(2 * letters * number)), line, font=font(letters), fill=0)
    return picture


def scrawl(picture: Image.Image, box: tuple[int, int, int, int], seed: int = 1) -> Image.Image:
    """A line in somebody's hand: loops and strokes that no reader can read."""
    chance = random.Random(seed)
    left, top, right, bottom = box
    at, points = left, []
    while at < right:
        points.append((at, chance.uniform(top, bottom)))
        at += chance.uniform(4, 14)
    ImageDraw.Draw(picture).line(points, fill=30, width=3, joint="curve")
    return picture


def faxed(picture: Image.Image) -> Image.Image:
    """Black or white, 200 dots to the inch, with some dirt."""
    import numpy as np

    pixels = np.array(picture.resize((picture.width * 4 // 3, picture.height * 4 // 3)))
    dirt = np.random.default_rng(1).random(pixels.shape) < 0.0005
    return Image.fromarray(np.where((pixels > 150) ^ dirt, 255, 0).astype(np.uint8)).convert("1")


def photographed(picture: Image.Image) -> Image.Image:
    """Held at an angle, in light from one side, a little out of focus."""
    import cv2
    import numpy as np

    pixels = np.array(picture)
    height, width = pixels.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners * np.array([0.94, 0.93], np.float32) + np.array([[40, 20], [0, 50], [30, 15], [10, 40]], np.float32)
    turned = cv2.warpPerspective(pixels, cv2.getPerspectiveTransform(corners, seen), (width, height), borderValue=120)
    light = np.linspace(0.6, 1, width)[None, :] * np.linspace(1, 0.8, height)[:, None]
    grain = np.random.default_rng(1).normal(0, 4, turned.shape)
    return Image.fromarray(np.clip(turned * light + grain, 0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(0.7)
    )


def landscape(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Shades without a line in them: what a photograph is to arithmetic."""
    import cv2
    import numpy as np

    rough = np.random.default_rng(2).normal(128, 60, (size[1] // 12, size[0] // 12, 3))
    smooth = cv2.resize(rough, size, interpolation=cv2.INTER_CUBIC) + np.random.default_rng(3).normal(
        0, 3, (*size[::-1], 3)
    )
    return Image.fromarray(np.clip(smooth, 0, 255).astype(np.uint8))


def logo(words: str = "Exampleshire Council", size: tuple[int, int] = (420, 110)) -> Image.Image:
    """As they stand below mails: a shape, and a name beside it."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((8, 8, size[1] - 8, size[1] - 8), fill=(0, 94, 165))
    pen.text((size[1] + 12, size[1] // 2 - 16), words, font=font(28), fill=(0, 60, 110))
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()
