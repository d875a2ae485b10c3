"""What GMime (Evolution, Balsa and notmuch read mail with it) shows: run by Debian's own Python, which has its binding.

Mails come on stdin, each behind its length in four octets; on stdout goes, likewise, JSON: each text in base64.
"""

from __future__ import annotations

import base64
import json
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any

import gi

gi.require_version("GMime", "3.0")
from gi.repository import GMime  # noqa: E402 - the version is said first


def said(get: Callable[[], str | None]) -> bytes:
    """A text that the binding decodes; nothing where it is no UTF-8."""
    try:
        return (get() or "").encode("utf-8", "surrogateescape")
    except UnicodeDecodeError:
        return b""


def texts(part: Any) -> Iterator[bytes]:
    """The decoded content of each leaf, what stands around the parts, names, and headers of messages inside."""
    if isinstance(part, GMime.Multipart):
        yield from (said(part.get_prologue), said(part.get_epilogue))
        for number in range(part.get_count()):
            yield from texts(part.get_part(number))
    elif isinstance(part, GMime.MessagePart):
        if part.get_message() is not None:
            yield from message_texts(part.get_message())
    elif part is not None:
        yield said(part.get_filename) if isinstance(part, GMime.Part) else b""
        if part.get_content() is not None:
            out = GMime.StreamMem.new()
            part.get_content().write_to_stream(out)
            yield bytes(out.get_byte_array() or b"")


def message_texts(message: Any) -> Iterator[bytes]:
    """The subject, and all inside."""
    yield said(message.get_subject)
    yield from texts(message.get_mime_part())


def main() -> None:
    """Until the mails end."""
    GMime.init()
    while length := sys.stdin.buffer.read(4):
        raw = sys.stdin.buffer.read(struct.unpack("!I", length)[0])
        message = GMime.Parser.new_with_stream(GMime.StreamMem.new_with_buffer(raw)).construct_message(None)
        found = [] if message is None else list(message_texts(message))
        answer = json.dumps([base64.b64encode(text).decode() for text in found]).encode()
        sys.stdout.buffer.write(struct.pack("!I", len(answer)) + answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
