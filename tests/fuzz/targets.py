"""What is fuzzed: each parser that we wrote ourselves, called as the dispatcher calls it, but without its safety net.

A parser may refuse (``Unread``) and nothing else: the dispatcher would call any other exception CORRUPT, so mail is
held in any case, but it is a fault of ours. libFuzzer watches over time and memory.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable

from classifiers.analysis import analyse_document
from classifiers.documents import turns
from classifiers.extract import archive, begin, directory, image, mail, rtf, rtfpacked, sheets, signatures, text
from classifiers.extract.office import read_odf, read_slides, read_word
from classifiers.extract.reading import Item, Reading, Unread
from classifiers.filetype import true_type
from classifiers.limits import Limits
from classifiers.structure import recognise, two_in_one
from domain.model import Place
from gateway.parse import parse, strip_bcc_and_mark
from gateway.smtp import asked
from gateway.smtp.arguments import Rejected, forward_path, reverse_path
from gateway.smtp.body import Body

_LIMITS = Limits(depth=4, items=200, member_bytes=4_000_000, total_bytes=8_000_000, characters=1_000_000)
_SPLIT = b"\xff\x00\xff"


def _read(reader: Callable[[Item, Reading], None]) -> Callable[[bytes], None]:
    def target(content: bytes) -> None:
        with contextlib.suppress(Unread):
            reader(Item("1", Place.ATTACHMENT, "", "a", content), begin(_LIMITS))

    return target


def _refusing(function: Callable[[bytes], object]) -> Callable[[bytes], None]:
    def target(content: bytes) -> None:
        with contextlib.suppress(Unread):
            function(content)

    return target


def _structure(content: bytes) -> None:
    """Total by their docstrings: not even ``Unread``."""
    kind = recognise(content)
    two_in_one(content, kind)
    true_type(content)
    image.look(content)
    image.look(content, leniently=True)


def _mime(content: bytes) -> None:
    """Total by its docstring, for any octets; paths name one part each; relaying takes out blind fields alone."""
    message = parse(content)
    assert len({part.path for part in message.parts}) == len(message.parts)
    assert len(strip_bcc_and_mark(content, b"")) <= len(content)


def _command(content: bytes) -> None:
    """A command's arguments, and a body behind them: refused by ``Rejected``, or read."""
    line, _, rest = content.partition(b"\r\n")
    text = line.decode("utf-8", "replace")
    for read in (lambda: reverse_path(text, 2**20), lambda: forward_path(text, international=True)):
        with contextlib.suppress(Rejected):
            parameters = read().parameters
            asked.of_mail(parameters)
            asked.of_recipient("a@b.c", parameters)
    body = Body(2**16)
    beyond = body.feed(rest)
    assert (beyond is not None) == (b"\r\n.\r\n" in b"\r\n" + rest)


def _in_zip(reader: Callable[[Item, Reading], None], *names: str) -> Callable[[bytes], None]:
    """The fuzzer's octets as members of a package: it would not find out about CRCs in a lifetime."""

    def target(content: bytes) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            for name, member in zip(names, content.split(_SPLIT), strict=False):
                package.writestr(name, member)
        _read(reader)(out.getvalue())

    return target


TARGETS: dict[str, Callable[[bytes], None]] = {
    "structure": _structure,
    "rtf": _read(rtf.read_rtf),
    "rtfpacked": _refusing(rtfpacked.rtf_decompressed),
    "html": _read(text.read_html),
    "plain": _read(text.read_plain),
    "directory": _refusing(lambda content: directory.directory_text(content.decode("latin-1"))),
    "mail": _read(mail.read_rfc822),
    "mbox": _read(mail.read_mbox),
    "compressed": _read(archive.read_compressed),
    "zip": _read(archive.read_zip),
    "word": _in_zip(read_word, "word/document.xml", "word/_rels/document.xml.rels", "docProps/core.xml"),
    "slides": _in_zip(read_slides, "ppt/slides/slide1.xml", "ppt/comments/comment1.xml"),
    "odf": _in_zip(read_odf, "content.xml", "styles.xml", "META-INF/manifest.xml"),
    "sheets": _in_zip(
        sheets.read_sheets, "xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
    ),
    "armour": _read(signatures.read_armoured),
    "signed": _read(signatures.read_signed),
    "turns": _refusing(lambda content: turns.apart(content.decode("utf-8", "replace"))),
    "mime": _mime,
    "command": _command,
    "whole": _refusing(analyse_document),
}
