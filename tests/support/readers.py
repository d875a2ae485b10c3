"""Other programs' readings of a mail: all texts that a person could be shown, as each of them decodes it.

Python's own package by both of its policies, Rust's mailparse, and GMime. What makes no sense to them they leave out.
"""

from __future__ import annotations

import base64
import email
import email.policy
import json
import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from email.message import Message
from functools import cache
from pathlib import Path

import fast_mail_parser
import pytest

_PYTHON = "/usr/bin/python3"
Reader = Callable[[bytes], list[bytes]]


def python_old(raw: bytes) -> list[bytes]:
    """``email`` with its first policy, as most programs in Python use it."""
    return list(_python(email.message_from_bytes(raw, policy=email.policy.compat32)))


def python_new(raw: bytes) -> list[bytes]:
    """``email`` with ``policy.default``: other parsers of header fields."""
    return list(_python(email.message_from_bytes(raw, policy=email.policy.default)))


def _python(message: Message) -> Iterator[bytes]:
    for part in message.walk():
        for text in (_safely(lambda p=part: p["subject"]), _safely(part.get_filename), part.preamble, part.epilogue):
            yield str(text or "").encode("utf-8", "surrogateescape")
        if not part.is_multipart():
            content = _safely(lambda p=part: p.get_payload(decode=True))
            yield content if isinstance(content, bytes) else b""


def _safely(read: Callable[[], object]) -> object:
    try:
        return read()
    except Exception:  # noqa: BLE001 - hostile fields make the package raise all sorts
        return ""


def mailparse(raw: bytes) -> list[bytes]:
    """Rust's crate of that name."""
    try:
        nodes = list(fast_mail_parser.walk(fast_mail_parser.parse_email_tree(raw)))
    except fast_mail_parser.ParseError:
        return []
    found: list[bytes] = []
    for node in nodes:
        found += [node.content or b"", node.filename.encode("utf-8", "replace")]
        found += [value.encode("utf-8", "replace") for value in node.headers.get("Subject", [])]
    return found


@cache
def _gmime() -> subprocess.Popen[bytes] | None:
    script = Path(__file__).parent / "gmime_reader.py"
    check = [_PYTHON, "-c", "import gi; gi.require_version('GMime', '3.0'); from gi.repository import GMime"]
    if not Path(_PYTHON).exists() or subprocess.run(check, capture_output=True, check=False).returncode:
        return None
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV", "VIRTUAL"))}
    return subprocess.Popen(
        [_PYTHON, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def gmime(raw: bytes) -> list[bytes]:
    """In a process of its own. Skips loudly where it is not installed; in CI that is a failure."""
    process = _gmime()
    if process is None:
        message = "NOT TESTED beside GMime: python3-gi and gir1.2-gmime-3.0 are not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(struct.pack("!I", len(raw)) + raw)
    process.stdin.flush()
    length = struct.unpack("!I", process.stdout.read(4))[0]
    return [base64.b64decode(text) for text in json.loads(process.stdout.read(length))]


READERS: tuple[Reader, ...] = (python_old, python_new, mailparse, gmime)
