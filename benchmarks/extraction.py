"""Reading documents: PDFs a second on one core (target 100), processor time and memory by format; OCR apart.

Processor time, not the clock's: other programs on the machine do not count. The words and the classification of a
document are measured apart, since only the first is extraction.
"""

from __future__ import annotations

import gc
import gzip
import io
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path

import py7zr
import pypdfium2
from reportlab.pdfgen import canvas

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
_TARGET = 100.0
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
        target = _TARGET / _TARGET if pages == 1 else 0
        yield Row(
            f"PDFs of {pages} page{'s' * (pages > 1)} a second of one core, of 100",
            f"{1 / ours:.0f}/s",
            f"pdfium's text alone {1 / bare:.0f}/s",
            1 / ours / _TARGET,
            target,
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
        name = next(p for p in _SPECIMENS.iterdir() if p.suffix == f".{kind}" and "-by-" not in p.name)
        content = name.read_bytes()
        seconds, peak = _seconds(lambda content=content, name=name: _extracted(content, name.name)), _peak(name)
        yield Row(
            f"a small {kind}: time, peak of its reader",
            f"{1000 * seconds:.1f} ms, {peak:.0f} MB",
            f"reader of nothing {idle:.0f} MB",
            peak / idle,
        )


def _containers() -> Iterator[Row]:
    """Ten letters in one container, against the ten by themselves: what unpacking takes."""
    members = {f"{number}.pdf": letter(1) for number in range(_MEMBERS)}
    bare = _seconds(lambda: [_extracted(content, name) for name, content in members.items()])
    for kind, pack in {"zip": _zip, "7z": _seven_zip, "tar": _tar, "tgz": _tgz, "eml": _eml}.items():
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


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _seven_zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return out.getvalue()


def _tar(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _tgz(members: Mapping[str, bytes]) -> bytes:
    return gzip.compress(_tar(members))


def _eml(members: Mapping[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Ten letters"
    mail.set_content("Attached.")
    for name, content in members.items():
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return mail.as_bytes()


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
