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
from typing import BinaryIO

from classifiers.confinement import allow_seconds, restrict


def main(arguments: list[str]) -> int:
    """Serve until the input ends. The first frame is what it must know (``classifiers.knowledge``).

    ``arguments``: one JSON object with ``memory`` (bytes), ``seconds`` (processor), ``council_id``, ``limits`` and
    ``known_pictures``.
    """
    settings = json.loads(arguments[0])
    restrict(int(settings["memory"]))
    from classifiers import wire  # noqa: PLC0415 - under the limits from the first import on
    from classifiers.analysis import Analyser  # noqa: PLC0415 - the same
    from classifiers.knowledge import Knowledge  # noqa: PLC0415 - the same
    from classifiers.limits import Limits  # noqa: PLC0415 - the same

    source, sink = os.fdopen(os.dup(0), "rb", buffering=1 << 16), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)  # a library that prints must not speak into the answers
    header_size, body_size = wire.PREFIX.unpack(source.read(wire.PREFIX.size))
    analyser = Analyser(
        settings["council_id"],
        Limits(**settings["limits"]),
        known_pictures=frozenset(settings["known_pictures"]),
        knowledge=Knowledge.of_frame(source.read(header_size), source.read(body_size)),
    )
    gc.freeze()
    _send(sink, b'{"ready":1}')
    while frame := source.read(wire.PREFIX.size):
        header_size, body_size = wire.PREFIX.unpack(frame)
        allow_seconds(int(settings["seconds"]))
        number, subject, say, parts = wire.read_request(source.read(header_size), source.read(body_size))
        _send(sink, *wire.answer(number, analyser.analyse(subject, parts, say_subject=say)))
        del parts, subject
    return 0


def _send(sink: BinaryIO, header: bytes, body: bytes = b"") -> None:
    """One frame."""
    from classifiers import wire  # noqa: PLC0415 - the same

    view = memoryview(b"".join((wire.prefix(header, len(body)), header, body)))
    while view:
        view = view[sink.write(view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
