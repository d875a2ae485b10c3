"""A 244 KB mail to one recipient: our protectors beside a process a mail. Target: 10 times a gateway that starts gpg.

The gateway is one process for each mail, which reads the mail from its standard input and starts ``gpg --encrypt``;
it is leaner than those in use, for it parses no MIME. Same payload, in turn in changing order, medians. Ours do more:
they sign as well, check what comes out, and examine the key first, as the pipeline does. Each of our mails is dated two
minutes after the one before, so that the OpenPGP gate remembers nothing from it (``gateway/protect/gate_memory.py``).
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from benchmarks.report import Row
from domain.decision import Method
from domain.model import Address, Envelope
from domain.ports import StoredKey
from gateway.parse import parse
from gateway.protect.generate import make_openpgp_key, make_smime_identity
from gateway.protect.inspection import inspect
from gateway.protect.openpgp import OpenPGP
from gateway.protect.smime import SMIME

_SIZE, _TIMES = 244 * 1024, 80
_BETWEEN = timedelta(minutes=2)
_CARER = Address.of("carer@carers.example")
_GATEWAY = """\
import subprocess, sys
mail = sys.stdin.buffer.read()
head, _, body = mail.partition(b"\\r\\n\\r\\n")
gpg = ["gpg", "--batch", "--quiet", "--trust-model", "always", "--armor", "--encrypt", "-r", sys.argv[1]]
done = subprocess.run(gpg, input=body, capture_output=True, check=True)
sys.stdout.buffer.write(head + b"\\r\\n\\r\\n" + done.stdout)
"""


_Call = Callable[[], object]


def measure(_folder: Path) -> Iterator[Row]:
    """In turn, medians, one recipient."""
    pgp, smime, theirs, raw = _ours(_SIZE)
    with tempfile.TemporaryDirectory() as home, tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        environment = os.environ | {"GNUPGHOME": home}
        subprocess.run(["gpg", "--batch", "--quiet", "--import"], input=theirs, env=environment, check=True)
        script.write(_GATEWAY)
        script.flush()
        gpg = ["gpg", "--batch", "--quiet", "--trust-model", "always", "--armor", "--encrypt", "-r", _CARER.text]
        alone = _run(gpg, raw, environment)
        gateway = _run([sys.executable, script.name, _CARER.text], raw, environment)
        times = _in_turn({"pgp": pgp, "smime": smime, "gpg": alone, "gateway": gateway})
    for name, label in (("pgp", Method.OPENPGP), ("smime", Method.SMIME)):
        for other, words in (
            ("gateway", "a gateway process a mail that starts gpg, which encrypts only"),
            ("gpg", "gpg --encrypt alone, a process a mail, encrypts only"),
        ):
            yield Row(
                f"244 KB, one recipient, {label}: key examined, signed and encrypted",
                f"{times[name] * 1000:.1f} ms",
                f"{words}: {times[other] * 1000:.1f} ms",
                times[other] / times[name],
                10 if other == "gateway" else 0,
            )


def alone(size: int) -> float:
    """Milliseconds of processor for a mail of so many octets by OpenPGP, as the pipeline protects it."""
    pgp, *_ = _ours(size)
    taken = []
    for _ in range(_TIMES):
        begun = time.process_time()
        pgp()
        taken.append(time.process_time() - begun)
    return statistics.median(taken) * 1000


def _ours(size: int) -> tuple[_Call, _Call, bytes, bytes]:
    """One mail by OpenPGP, by S/MIME; the recipient's OpenPGP key; the mail."""
    now = datetime.now(UTC)  # noqa: TID251 - a benchmark is an edge
    secret, _ = make_openpgp_key("Service", "service@council.example", now, timedelta(days=9))
    _, theirs = make_openpgp_key("Carer", _CARER.text, now, timedelta(days=9))
    key, certificate = make_smime_identity("Service", "service@council.example", now, timedelta(days=9))
    _, their_certificate = make_smime_identity("Carer", _CARER.text, now, timedelta(days=9))
    raw = b"From: o@council.example\r\nSubject: Plan\r\nMessage-ID: <1@c>\r\n\r\n" + _body(size)
    message, envelope = parse(raw), Envelope(Address.of("o@council.example"), (_CARER,), now)

    def each(protector: OpenPGP | SMIME, stored: StoredKey) -> _Call:
        moments = (now + n * _BETWEEN for n in count())

        def one_mail() -> object:
            moment = next(moments)
            assert protector.examine(stored, moment).usable
            return protector.protect(message, envelope, _CARER, [stored], "Plan", moment)

        return one_mail

    pgp, smime = OpenPGP(secret), SMIME(certificate, key)
    return each(pgp, inspect(theirs)[0].stored), each(smime, inspect(their_certificate)[0].stored), theirs, raw


def _body(size: int) -> bytes:
    import base64  # noqa: PLC0415 - only here

    return base64.encodebytes(os.urandom(size * 3 // 4)).replace(b"\n", b"\r\n")


def _run(command: list[str], data: bytes, environment: dict[str, str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, input=data, env=environment, capture_output=True, check=True)


def _in_turn(contestants: dict[str, Callable[[], object]]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    order = random.Random(_SIZE)  # so that none always comes after the same other
    for _ in range(_TIMES):
        for name, call in order.sample(list(contestants.items()), len(contestants)):
            begun = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - begun)
    return {name: statistics.median(values) for name, values in taken.items()}
