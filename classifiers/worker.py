"""The reader process: ``python -m classifiers.worker``. Reads requests on standard input, answers on standard output.

Purpose: the only process that opens documents. Trust: what it reads is hostile, and so, from then on, is the process
itself; the relay checks every answer. It keeps nothing from one request to the next. Failure: it dies, and the relay
says "unreadable".
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from classifiers.confinement import allow_seconds, restrict

if TYPE_CHECKING:
    from classifiers.limits import Limits
    from classifiers.ocr.pictures import Pictures


def main(arguments: list[str]) -> int:
    """Serve until the input ends. The first frame is what it must know (``classifiers.knowledge``).

    ``arguments``: one JSON object with ``memory`` (bytes), ``seconds`` (processor), ``council_id``, ``limits``,
    ``known_pictures`` and ``ocr`` (whether to read pictures where that is possible).
    """
    settings = json.loads(arguments[0])
    restrict(int(settings["memory"]))
    from classifiers import wire  # noqa: PLC0415 - under the limits from the first import on
    from classifiers.analysis import Analyser  # noqa: PLC0415 - the same
    from classifiers.knowledge import Knowledge  # noqa: PLC0415 - the same
    from classifiers.limits import Limits  # noqa: PLC0415 - the same

    source, sink = os.fdopen(os.dup(0), "rb", buffering=1 << 16), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)  # a library that prints must not speak into the answers
    limits, seconds = Limits(**settings["limits"]), int(settings["seconds"])

    def busy() -> None:
        allow_seconds(seconds + int(limits.ocr_page_seconds))
        _send(sink, wire.BUSY)

    pictures = _pictures(limits, busy) if settings["ocr"] else None
    header_size, body_size = wire.PREFIX.unpack(source.read(wire.PREFIX.size))
    analyser = Analyser(
        settings["council_id"],
        limits,
        known_pictures=frozenset(settings["known_pictures"]),
        knowledge=Knowledge.of_frame(source.read(header_size), source.read(body_size)),
        pictures=pictures,
    )
    gc.freeze()
    _send(sink, wire.READY_WITH_OCR if pictures else wire.READY)
    while frame := source.read(wire.PREFIX.size):
        header_size, body_size = wire.PREFIX.unpack(frame)
        allow_seconds(seconds)
        number, subject, say, parts = wire.read_request(source.read(header_size), source.read(body_size))
        _send(sink, *wire.answer(number, analyser.analyse(subject, parts, say_subject=say)))
        del parts, subject
    return 0


def _pictures(limits: Limits, busy: Callable[[], None]) -> Pictures | None:
    """What reads pictures; None where its programs or data are missing."""
    from classifiers.ocr.presence import available  # noqa: PLC0415 - the same

    if not available():
        return None
    from classifiers.ocr.pictures import Pictures  # noqa: PLC0415 - the same

    return Pictures(limits, busy)


def _send(sink: BinaryIO, header: bytes, body: bytes = b"") -> None:
    """One frame."""
    from classifiers import wire  # noqa: PLC0415 - the same

    view = memoryview(b"".join((wire.prefix(header, len(body)), header, body)))
    while view:
        view = view[sink.write(view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
