"""Pictures made to break their readers: bounded in time and memory, always a finding, and the next mail is served."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from classifiers import wire
from classifiers.limits import Limits
from classifiers.ocr import presence
from classifiers.reader import Patience, Reader, ReaderStalled
from classifiers.sandbox import Sandbox
from domain.model import Analysis, Part, Place, UnreadableReason
from tests.support.scans import NEWS, landscape, page, saved

pytestmark = pytest.mark.skipif(not presence.available(), reason="Tesseract is not here, and sallyport check says so")
PLAIN = Part("1", Place.BODY, "text/plain", "", b"A quiet line.", "utf-8")
LIMITS = Limits(ocr_seconds=20, ocr_page_seconds=10, ocr_pages=4)


@pytest.fixture(scope="module")
def pool() -> Iterator[Sandbox]:
    with Sandbox(1, seconds=20, limits=LIMITS) as made:
        yield made


def asked(pool: Sandbox, content: bytes) -> Analysis:
    return pool.analyse("", [PLAIN, Part("2", Place.ATTACHMENT, "application/octet-stream", "a", content)])


def reasons(analysis: Analysis) -> set[UnreadableReason]:
    return {u.reason for u in analysis.unreadable}


def claiming(width: int, height: int) -> bytes:
    """A PNG that claims to be so large, with a right checksum."""
    content = bytearray(saved(Image.new("1", (8, 8))))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def frames(number: int) -> bytes:
    first, *others = [Image.new("1", (60, 60), n % 2) for n in range(number)]
    return saved(first, "TIFF", save_all=True, append_images=others)


def noise(side: int) -> bytes:
    """Static: every pixel is an edge."""
    return saved(Image.effect_noise((side, side), 120))


CASES = {
    "thousand million pixels": (lambda: claiming(60_000, 60_000), {UnreadableReason.TOO_LARGE}),
    "a line of pixels": (lambda: claiming(2_000_000, 1), {UnreadableReason.CORRUPT, UnreadableReason.UNSURE}),
    "forty pages": (lambda: frames(40), {UnreadableReason.TOO_MANY}),
    "static": (lambda: noise(1_500), {UnreadableReason.UNSURE, UnreadableReason.TIMED_OUT}),
    "a photograph": (lambda: saved(landscape((2_000, 1_500)), "JPEG"), {UnreadableReason.UNSURE}),
    "cut short": (lambda: saved(page(NEWS), "JPEG")[:5_000], {UnreadableReason.CORRUPT, UnreadableReason.UNSURE}),
    "TIFF that points at itself": (
        lambda: b"II*\0\x08\0\0\0" + bytes(2) + b"\x08\0\0\0",
        {UnreadableReason.UNSUPPORTED},
    ),
    "HEIC of nothing": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), {UnreadableReason.UNSUPPORTED}),
    "an animation": (
        lambda: saved(landscape((40, 40)), "GIF", save_all=True, append_images=[landscape((41, 41))] * 30),
        {UnreadableReason.TOO_MANY, UnreadableReason.UNSURE},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_is_a_finding_and_the_next_mail_is_served(pool: Sandbox, case: str) -> None:
    """Each is unreadable for a reason of its own, and the reader's memory stays under its limit."""
    make, expected = CASES[case]
    found = reasons(asked(pool, make()))
    assert found
    assert not found - expected
    assert pool.analyse("Hello", [PLAIN]).texts[-1].text == "A quiet line."


def test_pages_beyond_the_budget_are_a_finding_and_the_others_are_read(pool: Sandbox) -> None:
    """A scan of six pages where four may be read."""
    out = io.BytesIO()
    first, *others = [page((f"Page {n} of the news",), (500, 300)) for n in range(6)]
    first.save(out, "PDF", resolution=100, save_all=True, append_images=others)
    analysis = asked(pool, out.getvalue())
    assert UnreadableReason.TOO_MANY in reasons(analysis)
    assert sorted(t.page for t in analysis.texts if t.pictured) == [1, 2, 3, 4]


def test_memory_of_a_reader_stays_under_its_limit(pool: Sandbox) -> None:
    """The largest picture that is unpacked at all."""
    asked(pool, saved(Image.new("L", (7_700, 7_700), 255)))
    held = pool._slots.queue[-1]
    assert held is not None
    peak = max(_peaks(held._process.pid))
    assert peak < 1024


def _peaks(pid: int) -> Iterator[int]:
    """Most memory ever of a process and its children, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    yield next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        yield from _peaks(int(child))


def test_reader_that_is_busy_for_ever_is_ended() -> None:
    """Each picture that a reader says it is reading is waited for, but not beyond the mail's time."""

    class Busy(Reader):
        def __init__(self) -> None:
            self.ended = False

        def _receive(self, until: float) -> tuple[bytearray, bytearray]:
            if time.monotonic() > until:
                self.end()
                raise ReaderStalled
            time.sleep(0.01)
            return bytearray(wire.BUSY), bytearray()

        def end(self) -> None:
            self.ended = True

    reader, begun = Busy(), time.monotonic()
    with pytest.raises(ReaderStalled):
        reader._answer(begun + 0.1, Patience(0.1, begun + 0.5, 30.0))
    assert reader.ended
    assert time.monotonic() - begun < 5
