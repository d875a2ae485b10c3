"""Documents made to break their readers: each is a finding, and the next document is served."""

from __future__ import annotations

import hashlib
import io
import struct
import sys
import threading
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import docx
import msoffcrypto.format.ooxml
import pikepdf
import py7zr
import pytest
import structlog
from reportlab.pdfgen import canvas

import classifiers
from classifiers.confinement import Confinement, command
from classifiers.limits import Limits
from classifiers.sandbox import Sandbox
from domain.errors import ClassifierUnavailable
from domain.model import Analysis, Part, Place, UnreadableReason

SECONDS = 3.0
PLAIN = Part("1", Place.BODY, "text/plain", "", b"A quiet line.", "utf-8")


@pytest.fixture(scope="module")
def pool() -> Iterator[Sandbox]:
    """One contained reader, so that the next document meets what the last one left."""
    with Sandbox(1, seconds=SECONDS) as made:
        yield made


def attached(content: bytes, name: str = "", declared: str = "application/octet-stream") -> Part:
    return Part("2", Place.ATTACHMENT, declared, name, content)


def reasons(analysis: Analysis, path: str | None = None) -> set[UnreadableReason]:
    return {u.reason for u in analysis.unreadable if path is None or u.part == path}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def locked_zip() -> bytes:
    """A zip whose one member carries the encryption flag, in both its headers."""
    content = bytearray(zipped({"plan.txt": b"secret"}))
    for signature, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flag] |= 1
    return bytes(content)


def nested_zip(depth: int) -> bytes:
    content = zipped({"plan.txt": b"All About Me"})
    for _ in range(depth):
        content = zipped({"inner.zip": content})
    return content


def nested_mail(depth: int) -> bytes:
    content = b"Subject: deep\r\nContent-Type: text/plain\r\n\r\nAll About Me\r\n"
    for _ in range(depth):
        content = b"Subject: outer\r\nContent-Type: message/rfc822\r\n\r\n" + content
    return content


def pdf(text: str = "") -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    if text:
        page.drawString(72, 700, text)
    page.showPage()
    page.save()
    return out.getvalue()


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf("secret"))) as document:
        document.save(out, encryption=pikepdf.Encryption(user="open", owner="own", R=6))
    return out.getvalue()


def raw_pdf(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1, with a table of where they stand."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))


def knotted_pdf() -> bytes:
    """A page whose annotations are arrays in arrays, a hundred thousand deep."""
    knot = b"[" * 100_000 + b"]" * 100_000
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots %s>>" % knot,
        ]
    )


@cache
def flate_bomb_pdf() -> bytes:
    """A page whose content unpacks, twice over, to gigabytes."""
    machine = zlib.compressobj(9)
    once = b"".join(machine.compress(b"q Q " * 250_000) for _ in range(600)) + machine.flush()
    bomb = zlib.compress(once, 9)
    stream = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(bomb), bomb)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"
    return raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream])


def word(text: str) -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def laughing_word() -> bytes:
    """A Word file whose text is a billion entities."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    text = "<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>"
    head = f'<?xml version="1.0"?><!DOCTYPE w:document [{entities}]>'
    body = f'{head}<w:document xmlns:w="w"><w:body>{text}</w:body></w:document>'
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": body.encode()})


def locked_word() -> bytes:
    """A Word file with a password, as Office makes it: an OLE file around the encrypted package."""
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(word("secret"))).encrypt("open", out)
    return out.getvalue()


def locked_7z() -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password="open", header_encryption=True) as archive:
        archive.writestr(b"secret", "plan.txt")
    return out.getvalue()


def gif(width: int, height: int, size: int) -> bytes:
    return (b"GIF89a" + struct.pack("<HH", width, height)).ljust(size, b"\0")


def icon() -> bytes:
    """A GIF of one grey dot on a canvas of 32 by 32."""
    head = b"GIF89a" + struct.pack("<HHBBB", 32, 32, 0x80, 0, 0) + bytes(3) + b"\x99" * 3
    return head + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00\x3b"


CASES: dict[str, tuple[Callable[[], bytes], str, set[UnreadableReason]]] = {
    "zip bomb": (lambda: zipped({"zeros.txt": bytes(150_000_000)}), "a.zip", {UnreadableReason.TOO_LARGE}),
    "zips in zips": (lambda: nested_zip(40), "a.zip", {UnreadableReason.TOO_DEEP}),
    "mails in mails": (lambda: nested_mail(100), "a.eml", {UnreadableReason.TOO_DEEP}),
    "many parts": (
        lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
        "a.eml",
        {UnreadableReason.TOO_MANY},
    ),
    "many members": (lambda: zipped({f"{n}.txt": b"x" for n in range(3_000)}), "a.zip", {UnreadableReason.TOO_MANY}),
    "knotted PDF": (knotted_pdf, "a.pdf", {UnreadableReason.CORRUPT}),
    "PDF cut short": (lambda: pdf("All About Me")[:300], "a.pdf", {UnreadableReason.CORRUPT}),
    "flate bomb PDF": (
        flate_bomb_pdf,
        "a.pdf",
        {UnreadableReason.TIMED_OUT, UnreadableReason.CORRUPT, UnreadableReason.TOO_LARGE},
    ),
    "billion laughs": (laughing_word, "a.docx", {UnreadableReason.CORRUPT}),
    "locked PDF": (locked_pdf, "a.pdf", {UnreadableReason.ENCRYPTED}),
    "locked Word": (locked_word, "a.docx", {UnreadableReason.ENCRYPTED}),
    "locked 7z": (locked_7z, "a.7z", {UnreadableReason.ENCRYPTED}),
    "empty PDF": (pdf, "a.pdf", {UnreadableReason.NO_TEXT}),
    "empty Word": (
        lambda: zipped({"[Content_Types].xml": b"<T/>", "word/document.xml": b"<d/>"}),
        "a.docx",
        {UnreadableReason.NO_TEXT},
    ),
    "8-bit rubbish": (lambda: bytes(range(256)) * 40, "a.txt", {UnreadableReason.UNSUPPORTED}),
    "photograph": (lambda: gif(1000, 1000, 40_000), "a.gif", {UnreadableReason.UNSUPPORTED}),
    "gzip bomb": (lambda: zlib.compress(bytes(150_000_000), 9, wbits=31), "a.gz", {UnreadableReason.TOO_LARGE}),
    "PGP message": (
        lambda: b"-----BEGIN PGP MESSAGE-----\n\nwcBM\n-----END PGP MESSAGE-----\n",
        "a.asc",
        {UnreadableReason.ENCRYPTED},
    ),
    "zip behind a PDF": (lambda: pdf("Newsletter") + zipped({"plan.txt": b"x"}), "a.pdf", {UnreadableReason.AMBIGUOUS}),
}


@pytest.mark.parametrize("case", CASES)
def test_is_a_finding_and_the_next_document_is_served(pool: Sandbox, case: str) -> None:
    """Each attack is unreadable for its own reason, in bounded time, and leaves the pool working."""
    make, name, expected = CASES[case]
    before = time.monotonic()
    analysis = pool.analyse("Hello", [PLAIN, attached(make(), name)])
    assert reasons(analysis) & expected
    assert not reasons(analysis) - expected
    assert time.monotonic() - before < 4 * SECONDS
    assert pool.analyse("Hello", [PLAIN]).texts[-1].text == "A quiet line."


def test_locked_member_leaves_the_others_read(pool: Sandbox) -> None:
    """A password zip is ENCRYPTED at the member, and its name is still seen."""
    analysis = pool.analyse("", [attached(locked_zip(), "a.zip")])
    assert reasons(analysis, "2/plan.txt") == {UnreadableReason.ENCRYPTED}


def test_only_the_guilty_part_is_unreadable(pool: Sandbox) -> None:
    """A mail with a stalling attachment keeps what its other parts say."""
    other = Part("3", Place.ATTACHMENT, "application/pdf", "b.pdf", pdf("A letter about Tuesday"))
    analysis = pool.analyse("Hello", [PLAIN, attached(flate_bomb_pdf(), "Risk management plan.pdf"), other])
    assert {u.part for u in analysis.unreadable} == {"2"}
    assert {t.part for t in analysis.texts} == {"subject", "1", "2#name", "3", "3#name"}
    assert max(f.likelihood for f in analysis.findings if f.part == "2#name") >= 0.5


def test_icon_passes(pool: Sandbox) -> None:
    """A small ornament holds nobody's mail up."""
    assert not pool.analyse("", [attached(icon(), "icon.gif", "image/gif")]).unreadable


def test_known_picture_passes() -> None:
    """What the operator calls harmless reaches the readers as such."""
    logo = gif(300, 90, 900)
    with Sandbox(1, known_pictures=frozenset({hashlib.sha256(logo).hexdigest()})) as pool:
        assert not pool.analyse("", [attached(logo, "logo.gif", "image/gif")]).unreadable
        assert pool.analyse("", [attached(logo + b"\0", "logo.gif", "image/gif")]).unreadable
    with pytest.raises(ValueError, match="known pictures"):
        Sandbox(1, known_pictures=frozenset(str(n) for n in range(1_001)))


def test_reader_sees_no_network_and_no_home(pool: Sandbox) -> None:
    """Under bubblewrap a reader has one network device, loopback, and not our working tree."""
    if pool.confinement is not Confinement.BUBBLEWRAP:
        pytest.skip("bubblewrap is not allowed here, and the pool says so")
    pid = next(r for r in _readers(pool))
    inside = Path(f"/proc/{pid}")
    devices = (inside / "net/dev").read_text(encoding="ascii").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] == ["lo"]
    assert not (inside / "root" / Path("README.md").resolve().relative_to("/")).exists()
    assert not (inside / "root/etc/passwd").exists()
    assert (inside / "root" / Path(sys.prefix).relative_to("/")).exists()
    assert b"DATABASE" not in (inside / "environ").read_bytes()


def _readers(pool: Sandbox) -> Iterator[int]:
    """Process ids of the Python inside the pool's idle bubblewrap."""
    pool.analyse("", [PLAIN])
    outer = pool._slots.queue[-1]._process.pid
    for entry in (p for p in Path("/proc").iterdir() if p.name.isdigit()):
        line = (entry / "cmdline").read_bytes().split(b"\0")
        if b"classifiers.worker" in line and b"bwrap" not in line[0] and _descends(int(entry.name), outer):
            yield int(entry.name)


def _descends(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        pid = int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
    return False


def test_limits_alone_contain_too_and_it_is_logged() -> None:
    """Where bubblewrap is forbidden, time and memory limits still hold, and start-up warns of it."""
    with structlog.testing.capture_logs() as logs, Sandbox(1, seconds=2, walls=False) as pool:
        assert pool.confinement is Confinement.LIMITS
        assert reasons(pool.analyse("", [attached(flate_bomb_pdf(), "a.pdf")]))
        assert pool.analyse("", [PLAIN]).texts
    assert [(e["event"], e["log_level"]) for e in logs] == [("readers.no_walls", "warning")]


def _broken_bubblewrap(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bubblewrap that may not make namespaces, as in many containers."""
    (folder / "bwrap").write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    (folder / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_walls_that_fail_are_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that forbids bubblewrap still reads mail, and says that limits alone hold its readers."""
    _broken_bubblewrap(tmp_path, monkeypatch)
    with structlog.testing.capture_logs() as logs, Sandbox(1) as pool:
        assert pool.confinement is Confinement.LIMITS
    assert [e["event"] for e in logs] == ["readers.no_walls"]


def test_required_walls_that_fail_stop_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for walls gets no pool without them."""
    _broken_bubblewrap(tmp_path, monkeypatch)
    with pytest.raises(ClassifierUnavailable):
        Sandbox(1, walls=True)


def test_code_below_tmp_is_not_hidden_by_the_walls_own_tmp() -> None:
    """The empty /tmp is made before the code is bound into it, not over it."""
    words = command(Confinement.BUBBLEWRAP, ())
    code = str(Path(classifiers.__file__).resolve().parent)
    assert words.index("--tmpfs") < words.index(code)


def test_no_reader_at_all_is_try_again() -> None:
    """A machine on which no reader comes up refuses to start, and never passes a mail unread."""
    with pytest.raises(ClassifierUnavailable):
        Sandbox(1, memory=1 << 20, wait_seconds=5)


def test_closed_pool_is_try_again() -> None:
    """After the end, nobody is told that a mail is harmless."""
    pool = Sandbox(1)
    pool.close()
    with pytest.raises(ClassifierUnavailable):
        pool.analyse("", [PLAIN])


def test_reader_is_replaced_after_its_turns() -> None:
    """A reader ends after so many requests with documents, and the next mail gets a fresh one."""
    document = replace(PLAIN, place=Place.ATTACHMENT, filename="a.txt")
    with Sandbox(1, recycle_after=2) as pool:
        pids = []
        for _ in range(4):
            pool.analyse("", [document])
            held = pool._slots.queue[-1]
            pids.append(held._process.pid if held else None)
        assert pids[1] is None
        assert pids[0] not in {None, pids[2]}


def test_readers_outlive_the_thread_that_asked_first() -> None:
    """Death with the parent means the pool's own thread, not the pipeline's."""
    with Sandbox(2) as pool:
        barrier = threading.Barrier(2)
        answers: list[Analysis] = []

        def ask() -> None:
            barrier.wait()
            answers.append(pool.analyse("", [PLAIN]))

        threads = [threading.Thread(target=ask) for _ in range(2)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        time.sleep(0.2)
        held = [r._process.poll() for r in pool._slots.queue if r is not None]
        assert len(answers) == 2
        assert held
        assert set(held) == {None}


def test_answers_never_mix_between_mails() -> None:
    """Many threads, few readers: each mail gets its own words back and no others."""
    with Sandbox(2) as pool:
        wrong: list[str] = []

        def ask(number: int) -> None:
            for turn in range(10):
                said = f"mail {number} turn {turn}"
                texts = pool.analyse("", [Part("1", Place.BODY, "text/plain", "", said.encode())]).texts
                if [t.text for t in texts] != [said]:
                    wrong.append(said)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert not wrong


def test_caps_come_from_the_limits() -> None:
    """A smaller cap is obeyed in the reader."""
    with Sandbox(1, limits=Limits(characters=10)) as pool:
        assert reasons(pool.analyse("", [Part("1", Place.BODY, "text/plain", "", b"more than ten characters")])) == {
            UnreadableReason.TOO_LARGE
        }


def test_large_attachment_is_not_copied_in_the_relay(pool: Sandbox) -> None:
    """25 MB go through the pipe from where they stand; the relay's own memory hardly grows."""
    part = attached(b"%PDF-1.7\n" + bytes(25_000_000), "a.pdf")
    pool.analyse("", [PLAIN])
    tracemalloc.start()
    analysis = pool.analyse("", [part])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reasons(analysis)
    assert peak < 5_000_000


def test_longest_text_keeps_the_relay_small(pool: Sandbox) -> None:
    """An answer of the greatest allowed size costs the relay a bounded amount."""
    part = Part("1", Place.BODY, "text/plain", "", b"word " * 790_000)
    tracemalloc.start()
    analysis = pool.analyse("", [part])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(analysis.texts[0].text) > 3_900_000
    assert peak < 60_000_000
