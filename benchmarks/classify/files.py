"""Labelled texts as real files, through the real contained readers: what survives, how long it takes, how much memory."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pypdfium2
from docx import Document as Word
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from benchmarks.classify.documents import CORPUS
from benchmarks.classify.systems import said
from classifiers.analysis import Analyser
from classifiers.learned.brief import MOST_WORDS
from classifiers.sandbox import Sandbox
from classifiers.training.labelled import Labelled, read_folder
from classifiers.training.measure import Judged, Share
from domain.model import Part, Place

_FILES, _SCANS, _AGAIN = 40, 6, 10
_MEDIAN_MS = 50
_LINE, _LEADING, _WIDTH = 105, 13, 480
_SHORT = (
    "Hi Jo, the minibus is booked for the 14th. It needs to be back by five because the youth club has it. Thanks, Olu"
)


def page() -> Iterator[str]:
    """The figures as Markdown."""
    papers = [one for one in read_folder(CORPUS, tests=True) if len(one.text.split()) > MOST_WORDS]
    documents = papers[:: max(1, len(papers) // _FILES)]
    inline = Analyser()
    yield f"**Real files.** {len(documents)} of the held-out texts as DOCX and as PDF, through one contained reader, one by one:"
    yield ""
    yield "| | median of CPU | 95th percentile of CPU | median by the clock | called as their text is |"
    yield "|---|---|---|---|---|"
    with Sandbox(1) as reader:
        reader.analyse("", [_part(_word(documents[0]), "warm.docx"), _part(_paper(documents[0]), "warm.pdf")])
        medians = []
        for kind, make in (("DOCX", _word), ("PDF", _paper)):
            timed = (_timed(reader, inline, one, make, kind.lower()) for one in documents)
            times, worked, same = zip(*timed, strict=True)
            medians.append(statistics.median(worked))
            yield (
                f"| {kind} | {medians[-1]:.0f} ms | {_late(worked):.0f} ms | {statistics.median(times):.1f} ms "
                f"| {Share(sum(same), len(same))} |"
            )
        verdict = "met" if max(medians) <= _MEDIAN_MS else "**missed**"
        yield f"| target | {_MEDIAN_MS} ms: {verdict} | | | |"
        yield from _scans(reader, documents)
        peak = _peak_of_readers()
    yield ""
    yield f"The reader's process had {peak:.0f} MB at its most. Classifying alone, in this process, without reading a file:"
    yield ""
    yield from _alone(inline, documents)
    yield from _names()


def _names() -> Iterator[str]:
    """Who is named in ten pages, the register's database included."""
    from benchmarks.classify import people  # noqa: PLC0415 - sets Django up

    with tempfile.TemporaryDirectory() as folder:
        took = people.milliseconds(Path(folder))
    verdict = "met" if took < people.TARGET_MS else "**missed**"
    load = f"{os.getloadavg()[1]:.0f} programs wanted {os.cpu_count()} processors"
    yield (
        f"Names in ten pages of 30,000 characters, against a register of {people.PEOPLE:,} in a database: "
        f"{took:.1f} ms of CPU at the median (target {people.TARGET_MS:g} ms: {verdict}), "
        f"while {load}: the more want them, the more CPU the same work takes."
    )
    yield ""


def _timed(
    reader: Sandbox, inline: Analyser, one: Labelled, make: Callable[[Labelled], bytes], suffix: str
) -> tuple[float, float, bool]:
    """Milliseconds by the clock, milliseconds of CPU in this process and the reader, whether called as its text is.

    The system counts a reader's CPU in hundredths of a second, so each file is read ten times; once more where the
    reader was replaced meanwhile, since what the old one used is gone with it.
    """
    part = _part(make(one), f"document.{suffix}")
    readers = set(_readers())
    start, began = time.perf_counter(), time.process_time() + _worked()
    for _ in range(_AGAIN):
        analysis = reader.analyse("", [part])
    took = (time.perf_counter() - start) * 1000 / _AGAIN
    worked = (time.process_time() + _worked() - began) * 1000 / _AGAIN
    if readers != set(_readers()):
        return _timed(reader, inline, one, make, suffix)
    found = {f.category: f.likelihood for f in analysis.findings if f.part == "1"}
    text = Judged(one.source, one.name, one.kinds, said(inline, one.text, Place.ATTACHMENT))
    return took, worked, bool(Judged(one.source, one.name, one.kinds, found).fired) == bool(text.fired)


def _scans(reader: Sandbox, documents: Sequence[Labelled]) -> Iterator[str]:
    """A handful as pictures, where there is OCR."""
    chosen = [one for one in documents if len(one.text) < 2_500][:_SCANS]
    times, worked, known, read = [], [], 0, 0
    for one in chosen:
        part = _part(_picture(one), "scan.png")
        start, began = time.perf_counter(), time.process_time() + _worked()
        analysis = reader.analyse("", [part])
        times.append((time.perf_counter() - start) * 1000)
        worked.append((time.process_time() + _worked() - began) * 1000)
        read += any(len(text.text) > len(one.text) / 2 for text in analysis.texts if text.part == "1")
        fired = any(f.likelihood >= 0.5 for f in analysis.findings if f.part == "1")
        known += fired == one.confidential
    if not read:
        yield f"| PNG, a scan at 150 dpi | | | {statistics.median(times):.0f} ms | no OCR here: all {len(chosen)} are unreadable, and held |"
    else:
        yield (
            f"| PNG, a scan at 150 dpi, by OCR | {statistics.median(worked):.0f} ms | at most {max(worked):.0f} ms "
            f"| {statistics.median(times):.0f} ms | right: {Share(known, len(chosen))} |"
        )


def _alone(inline: Analyser, documents: Sequence[Labelled]) -> Iterator[str]:
    yield "| text | characters | median of CPU | memory at its most |"
    yield "|---|---|---|---|"
    longest = "\f".join(one.text for one in documents[:12])
    middling = sorted(documents, key=lambda one: len(one.text))[len(documents) // 2].text
    for name, text in (("a short mail", _SHORT), ("a middling document", middling), ("ten pages", longest)):
        times = []
        for _ in range(30):
            start = time.process_time()
            said(inline, text, Place.BODY)
            times.append((time.process_time() - start) * 1000)
        tracemalloc.start()
        said(inline, text, Place.BODY)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        yield f"| {name} | {len(text):,} | {statistics.median(times):.2f} ms | {peak / 1e6:.2f} MB |"
    yield ""


def _late(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _part(content: bytes, name: str) -> Part:
    return Part("1", Place.ATTACHMENT, "application/octet-stream", name, content)


def _word(one: Labelled) -> bytes:
    document = Word()
    for line in one.text.splitlines():
        cells = line.split("\t")
        if len(cells) > 1:
            row = document.add_table(1, len(cells)).rows[0]
            for cell, words in zip(row.cells, cells, strict=True):
                cell.text = words
        else:
            document.add_paragraph(line)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _paper(one: Labelled) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setFont("Helvetica", 9)
    y = A4[1] - 50
    for line in _wrapped(one.text):
        if y < 50 or line == "\f":
            canvas.showPage()
            canvas.setFont("Helvetica", 9)
            y = A4[1] - 50
        canvas.drawString(50, y, line.strip("\f").expandtabs(8))
        y -= _LEADING
    canvas.save()
    return out.getvalue()


def _wrapped(text: str) -> Iterator[str]:
    for line in text.replace("\f", "\n\f\n").split("\n"):
        rest = line
        while len(rest) > _LINE:
            at = rest.rfind(" ", 0, _LINE)
            at = at if at > 0 else _LINE
            yield rest[:at]
            rest = rest[at:].strip()
        yield rest


def _picture(one: Labelled) -> bytes:
    """The first page of the PDF as a grey picture."""
    picture = pypdfium2.PdfDocument(_paper(one))[0].render(scale=150 / 72, grayscale=True).to_pil()
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _readers() -> Iterator[Path]:
    """The folders in /proc of the reader that this process has started, and of what contains it."""
    ours, parents = {os.getpid()}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    while more := {child for child, parent in parents.items() if parent in ours} - ours:
        ours |= more
    for process in ours - {os.getpid()}:
        with suppress(OSError):
            words = Path(f"/proc/{process}/cmdline").read_bytes()
            if b"classifiers.worker" in words and b"bwrap" not in words:
                yield Path(f"/proc/{process}")


def _worked() -> float:
    """Seconds of CPU that the readers of this process have used (proc(5): utime and stime)."""
    ticks = 0
    for reader in _readers():
        ticks += sum(int(n) for n in (reader / "stat").read_text().rpartition(")")[2].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak_of_readers() -> float:
    """MB that any reader of this process has had in memory at once (VmHWM)."""
    texts = ((reader / "status").read_text() for reader in _readers())
    return max((int(text.split("VmHWM:")[1].split()[0]) / 1000 for text in texts), default=0.0)
