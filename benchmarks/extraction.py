"""Reading documents: PDFs a second on one core (target 100), processor time and memory by format; OCR apart.

A born-digital document may take 50 ms at the median, classified too: judged here on a small one of each format, and by
``benchmarks.classify --only files`` on papers of other authors.

Processor time, not the clock's: other programs on the machine do not count. The words and the classification of a
document are measured apart, since only the first is extraction.
"""

from __future__ import annotations

import gc
import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
from reportlab.pdfgen import canvas

from benchmarks.containers import PACKED
from benchmarks.report import Row
from classifiers.analysis import Analyser
from classifiers.extract import begin, read
from classifiers.extract.reading import Item
from classifiers.limits import Limits
from classifiers.ocr import presence
from domain.model import Part, Place

_ROOT = Path(__file__).parent.parent
_SPECIMENS = _ROOT / "tests" / "specimens" / "formats"
_FORMATS = ("docx", "doc", "odt", "rtf", "html", "xlsx", "xls", "ods", "pptx", "ppt", "odp")
_LINES = 40
_MEMBERS = 10
_TARGET, _MEDIAN_MS = 100.0, 50.0
_MEMORY = """
import sys
from pathlib import Path
from classifiers.analysis import analyse_document
for name in sys.argv[1:]:
    analyse_document(Path(name).read_bytes(), name)
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def letter(pages: int) -> bytes:
    """A born-digital letter of about 450 words a page."""
    out = io.BytesIO()
    pen = canvas.Canvas(out, pagesize=(595, 842))
    for number in range(pages):
        for line in range(_LINES):
            words = f"{number}.{line} The review was held at home, and everybody asked came to it in good time today."
            pen.drawString(60, 780 - 18 * line, words)
        pen.showPage()
    pen.save()
    return out.getvalue()


def measure(_folder: Path) -> Iterator[Row]:
    yield from _pdfs()
    yield from _formats()
    yield from _median()
    yield from _containers()
    if presence.available():
        yield from _pictures()


def _pdfs() -> Iterator[Row]:
    """A letter of one page and of three: ours, against pdfium's bare text in the same run."""
    for pages in (1, 3):
        content = letter(pages)
        ours, bare = (
            _seconds(lambda content=content: _extracted(content, "a.pdf")),
            _seconds(lambda content=content: _bare(content)),
        )
        yield Row(
            f"PDFs of {pages} page{'s' * (pages > 1)} a second of one core, of 100",
            f"{1 / ours:.0f}/s",
            f"pdfium's text alone {1 / bare:.0f}/s",
            1 / ours / _TARGET,
            1,
        )
    analyser = Analyser()
    content = letter(1)
    part = Part("1", Place.ATTACHMENT, "application/pdf", "a.pdf", content)
    whole = _seconds(lambda: analyser.analyse("", [part]))
    ours = _seconds(lambda: _extracted(content, "a.pdf"))
    yield Row("the same, classified too", f"{1000 * whole:.1f} ms", f"read alone {1000 * ours:.1f} ms", whole / ours)


def _formats() -> Iterator[Row]:
    """Each of LibreOffice's specimens: processor time, and the peak of a fresh process against one that reads none."""
    idle = _peak()
    for kind in _FORMATS:
        name = _specimen(kind)
        content = name.read_bytes()
        seconds, peak = _seconds(lambda content=content, name=name: _extracted(content, name.name)), _peak(name)
        yield Row(
            f"a small {kind}: time, peak of its reader",
            f"{1000 * seconds:.1f} ms, {peak:.0f} MB",
            f"reader of nothing {idle:.0f} MB",
            peak / idle,
        )


def _specimen(kind: str) -> Path:
    return next(p for p in _SPECIMENS.iterdir() if p.suffix == f".{kind}" and "-by-" not in p.name)


def _median() -> Iterator[Row]:
    """Read and classified: one of each format, and the letters."""
    analyser, taken = Analyser(), []
    born = {path.name: path.read_bytes() for path in map(_specimen, _FORMATS)} | {
        "1.pdf": letter(1),
        "3.pdf": letter(3),
    }
    for name, content in born.items():
        part = Part("1", Place.ATTACHMENT, "", name, content)
        taken.append(1000 * _seconds(lambda part=part: analyser.analyse("", [part])))
    middle, slowest = statistics.median(taken), max(taken)
    yield Row(
        f"{len(born)} born-digital documents, read and classified: median, of {_MEDIAN_MS:g} ms",
        f"{middle:.1f} ms",
        f"slowest {slowest:.1f} ms",
        middle / _MEDIAN_MS,
        -1,
    )


def _containers() -> Iterator[Row]:
    """Ten letters in one container, against the ten by themselves: what unpacking takes."""
    members = {f"{number}.pdf": letter(1) for number in range(_MEMBERS)}
    bare = _seconds(lambda: [_extracted(content, name) for name, content in members.items()])
    for kind, pack in PACKED.items():
        content = pack(members)
        begun = begin(Limits())
        read(Item("1", Place.ATTACHMENT, "", f"a.{kind}", content), begun)
        got = sum("held at home" in text.text for text in begun.texts)
        ours = _seconds(lambda content=content, kind=kind: _extracted(content, f"a.{kind}"))
        yield Row(
            f"{_MEMBERS} letters in a {kind}, {got} read",
            f"{1000 * ours:.1f} ms",
            f"by themselves {1000 * bare:.1f} ms",
            ours / bare,
        )


def _pictures() -> Iterator[Row]:
    """A scanned page at 150 dots to the inch, and a logo: Tesseract's own time is the baseline."""
    import numpy as np  # noqa: PLC0415 - with OCR only

    from classifiers.ocr.engine import Engine  # noqa: PLC0415 - the same
    from classifiers.ocr.pictures import Pictures  # noqa: PLC0415 - the same
    from tests.support.scans import LETTER, faxed, logo, page, photographed  # noqa: PLC0415 - the same

    pictures, engine = Pictures(Limits(ocr_pages=10_000, ocr_seconds=10_000)), Engine()
    scan = page(LETTER)
    kinds = {
        "a scanned page": scan,
        "on its side": scan.rotate(90, expand=True),
        "a fax": faxed(scan).convert("L"),
        "a photograph of it": photographed(scan),
        "a logo": logo().convert("L"),
    }
    wanted = " ".join(LETTER).split()
    for name, picture in kinds.items():
        grey = np.asarray(picture)
        bare = _seconds(lambda grey=grey: engine.words(grey, 200, 60), 3)
        ours = _seconds(lambda grey=grey: pictures.page(grey, 200), 3)
        got = pictures.page(grey, 200).text.split()
        read_ = "" if name == "a logo" else f", {sum(w in got for w in wanted)} of {len(wanted)} words"
        yield Row(f"OCR, {name}", f"{1000 * ours:.0f} ms{read_}", f"Tesseract alone {1000 * bare:.0f} ms", ours / bare)


def _extracted(content: bytes, name: str) -> None:
    read(Item("1", Place.ATTACHMENT, "", name, content), begin(Limits()))


def _bare(content: bytes) -> None:
    document = pypdfium2.PdfDocument(content)
    for page in document:
        page.get_textpage().get_text_range()
    document.close()


def _seconds(work: Callable[[], object], times: int = 15) -> float:
    """The median of processor time, after one round that loads things."""
    work()
    gc.collect()
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return sorted(taken)[len(taken) // 2]


def _peak(*files: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, *map(str, files)], capture_output=True, text=True, check=True, cwd=_ROOT
    )
    return int(done.stdout) / 1024
