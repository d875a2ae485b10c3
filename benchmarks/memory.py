"""A mail with a 25 MB attachment, encrypted, filed and delivered: the relay process's peak. Ceiling: 300 MB."""

from __future__ import annotations

import os
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from benchmarks import family
from benchmarks.report import Row
from benchmarks.throughput import sink
from tests.support.house import CARER, House, free_port, letter

_ATTACHMENT = 25 * 2**20
_CEILING = 300.0


def _large() -> bytes:
    import email  # noqa: PLC0415 - only here

    mail: EmailMessage = email.message_from_bytes(letter(), policy=SMTP)  # type: ignore[assignment]
    words = b"Levetiracetam 500 mg twice daily. Seen in clinic, no change. " * 64
    text = (words * (_ATTACHMENT // len(words) + 1))[:_ATTACHMENT]
    mail.add_attachment(
        text + os.urandom(0), maintype="text", subtype="plain", filename="long-letter.txt", cte="base64"
    )
    return mail.as_bytes()


def measure(folder: Path) -> Iterator[Row]:
    """VmHWM of the relay process that had the most; readers and encrypting workers have limits of their own."""
    hop = free_port()
    with sink(hop):
        house = House(folder, hop).set_up()
        with house.relay(SALLYPORT_SANDBOX__SECONDS="60", SALLYPORT_RELAY__PROCESSES="0") as relay:
            idle = family.peak_megabytes(relay.pid)
            answer = house.submit(_large(), (CARER,))
            peak = family.peak_megabytes(relay.pid)
    if not answer.startswith("250"):
        raise RuntimeError(answer)
    yield Row(
        "25 MB, end to end: peak of the relay, of 300 MB", f"{peak:.0f} MB", f"idle {idle:.0f} MB", peak / _CEILING, -1
    )
