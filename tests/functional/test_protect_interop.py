"""What leaves opens with the programs that recipients have: gpg, sq and openssl; and memory, and the worker process."""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from domain.errors import ProtectionFailed, UnusableKey
from domain.model import Address
from domain.outgoing import ProtectedMessage
from domain.ports import Protector, StoredKey
from gateway.clock import SystemClock
from gateway.protect.offload import Offloaded
from gateway.protect.openpgp import OpenPGP
from gateway.protect.smime import SMIME
from tests.support import protect_specimens as s
from tests.support.protect_specimens import CARER, NOW

ATTACHMENT = bytes(range(256)) * 40 + b"\r\n.\r\n-----END PGP MESSAGE-----\r\n"


def mail() -> bytes:
    """Two parts, the second of octets that any rewriting would change."""
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = "officer@council.example", CARER.text, s.SUBJECT
    message["Message-ID"] = "<one@council.example>"
    message.set_content("See the plan.\nWith an ü.\n")
    message.add_attachment(ATTACHMENT, maintype="application", subtype="octet-stream", filename="plan.bin")
    return message.as_bytes()


def protect(protector: Protector, raw: bytes, *keys: StoredKey, subject: str = s.SUBJECT) -> ProtectedMessage:
    return protector.protect(s.message(raw, subject), s.ENVELOPE, CARER, keys, subject, NOW)


def assert_is_payload(payload: bytes, raw: bytes) -> None:
    """The original's body to the octet, its attachment, and the marks of header protection."""
    assert payload.partition(b"\r\n\r\n")[2] == raw.partition(b"\r\n\r\n")[2]
    inner = email.message_from_bytes(payload, policy=email.policy.default)
    assert inner["Subject"] == s.SUBJECT
    assert inner.get_param("hp") == "cipher"
    assert "HP-Outer" in inner
    assert next(inner.iter_attachments()).get_content() == ATTACHMENT


def armour(protected: ProtectedMessage) -> bytes:
    """As a mail program takes it out of the MIME structure."""
    outer = email.message_from_bytes(protected.content, policy=email.policy.default)
    assert outer.get_content_type() == "multipart/encrypted"
    assert outer.get_param("protocol") == "application/pgp-encrypted"
    control, data = outer.iter_parts()
    assert control.get_content_type() == "application/pgp-encrypted"
    assert control.get_content().strip() == b"Version: 1"
    return bytes(data.get_content())


@pytest.fixture(scope="module")
def gnupg() -> Iterator[Path]:
    """A GnuPG home that holds the carer's secret key and the service's certificate."""
    home = Path(tempfile.mkdtemp(prefix="gpg"))  # short: the agent's socket lies in it
    home.chmod(0o700)
    for data in (s.carer_pgp()[0], s.service_pgp()[1]):
        gpg(home, "--import", stdin=data)
    yield home
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    shutil.rmtree(home, ignore_errors=True)


def gpg(home: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["gpg", "--homedir", str(home), "--batch", "--status-fd", "2", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=True, timeout=60)


def test_gnupg_opens_it_and_shows_a_good_signature(gnupg: Path) -> None:
    """GnuPG 2.2: exit 0, GOODSIG by the service's key, no complaint about armour, content identical."""
    raw = mail()
    done = gpg(gnupg, "--decrypt", stdin=armour(protect(OpenPGP(s.service_pgp()[0]), raw, s.pgp(s.carer_pgp()[1]))))
    assert_is_payload(done.stdout, raw)
    assert b"GOODSIG" in done.stderr
    assert b"DECRYPTION_OKAY" in done.stderr
    assert b"CRC" not in done.stderr
    assert b"WARNING: message was not integrity protected" not in done.stderr


def test_gnupg_notices_a_damaged_armour(gnupg: Path) -> None:
    """Our own check sum is the one that gpg computes: a changed one is an error."""
    good = armour(protect(OpenPGP(s.service_pgp()[0]), mail(), s.pgp(s.carer_pgp()[1])))
    at = good.rindex(b"\n=") + 2
    swapped = b"A" if good[at : at + 1] != b"A" else b"B"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        gpg(gnupg, "--decrypt", stdin=good[:at] + swapped + good[at + 1 :])
    assert b"CRC error" in caught.value.stderr


@pytest.mark.parametrize("algorithm", ["default", "future-default"])
def test_keys_of_gnupg_s_making_are_served(gnupg: Path, algorithm: str) -> None:
    """RSA-3072 and curves; beside a newer subkey that GnuPG let expire, the good one is taken."""
    address = f"{algorithm}@carers.example"
    gpg(gnupg, "--passphrase", "", "--quick-gen-key", address, algorithm, "default", "1y")
    listing = gpg(gnupg, "--with-colons", "--list-keys", address).stdout.decode().splitlines()
    fingerprint = next(line.split(":")[9] for line in listing if line.startswith("fpr"))
    good = next(line.split(":")[4] for line in listing if line.startswith("sub"))
    gpg(gnupg, "--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encr", "seconds=1")
    key = s.pgp(gpg(gnupg, "--export", address).stdout)
    at = SystemClock().now() + timedelta(seconds=5)
    protector = OpenPGP(s.service_pgp()[0])
    assert protector.examine(key, at).usable
    raw = mail()
    protected = protector.protect(s.message(raw), s.ENVELOPE, Address.of(address), (key,), s.SUBJECT, at)
    assert protected.key_ids == (good,)
    assert_is_payload(gpg(gnupg, "--decrypt", stdin=armour(protected)).stdout, raw)


def test_gnupg_can_mail_to_the_service_and_we_announce_no_aead(gnupg: Path) -> None:
    """The service's certificate is one that GnuPG 2.2 encrypts to and reads mail for, which SEIPDv2 keys are not."""
    gpg(gnupg, "--import", stdin=s.service_pgp()[0])
    sent = gpg(gnupg, "--trust-model", "always", "-r", "sallyport@council.example", "--encrypt", stdin=b"back").stdout
    assert gpg(gnupg, "--decrypt", stdin=sent).stdout == b"back"


def test_sequoia_opens_it_and_shows_a_good_signature(tmp_path: Path) -> None:
    """Sequoia's own program."""
    raw = mail()
    protected = protect(OpenPGP(s.service_pgp()[0]), raw, s.pgp(s.carer_pgp()[1]))
    (tmp_path / "secret").write_bytes(s.carer_pgp()[0])
    (tmp_path / "signer").write_bytes(s.service_pgp()[1])
    command = ["sq", "decrypt", "--recipient-key", str(tmp_path / "secret"), "--signer-cert", str(tmp_path / "signer")]
    done = subprocess.run(command, input=armour(protected), capture_output=True, check=True, timeout=60)
    assert_is_payload(done.stdout, raw)
    assert b"1 good signature" in done.stderr


def openssl(tmp_path: Path, protected: ProtectedMessage, *, elliptic: bool) -> bytes:
    """Decrypt, then verify against the authority; the payload."""
    key, cert = s.carer_smime(elliptic=elliptic)
    for name, data in (("in", protected.content), ("key", key), ("cert", cert), ("ca", s.authority()[1])):
        (tmp_path / name).write_bytes(data)
    decrypt = ["openssl", "cms", "-decrypt", "-in", "in", "-recip", "cert", "-inkey", "key", "-out", "signed"]
    subprocess.run(decrypt, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    verify = ["openssl", "cms", "-verify", "-in", "signed", "-CAfile", "ca", "-out", "payload", "-signer", "who"]
    done = subprocess.run(verify, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert b"successful" in done.stderr
    assert (tmp_path / "who").read_text().strip() == s.service_smime()[1].decode().strip()
    return (tmp_path / "payload").read_bytes()


@pytest.mark.parametrize("elliptic", [False, True], ids=["RSA", "P-256"])
def test_openssl_decrypts_and_verifies(tmp_path: Path, *, elliptic: bool) -> None:
    """The usual order: envelope outside, signature inside, by the service's certificate."""
    raw = mail()
    protector = SMIME(s.service_smime()[1], s.service_smime()[0])
    protected = protect(protector, raw, s.smime(s.carer_smime(elliptic=elliptic)[1]))
    assert_is_payload(openssl(tmp_path, protected, elliptic=elliptic), raw)


@pytest.mark.parametrize("elliptic", [False, True], ids=["RSA", "P-256"])
def test_openssl_decrypts_what_is_for_two_certificates(tmp_path: Path, *, elliptic: bool) -> None:
    """An old and a new certificate of one recipient, of different kinds: either opens it."""
    raw = mail()
    both = [s.smime(s.carer_smime(elliptic=e)[1]) for e in (True, False)]
    protected = protect(SMIME(s.service_smime()[1], s.service_smime()[0]), raw, *both)
    assert_is_payload(openssl(tmp_path, protected, elliptic=elliptic), raw)


@pytest.mark.parametrize(
    "body", [b"", b"no end of line", b"8-bit \xe4\xff\r\n", b"\r\n\r\n", b"--x\r\n", b"x" * 70_001]
)
def test_openssl_verifies_bodies_of_every_shape(tmp_path: Path, body: bytes) -> None:
    """Empty, unended, 8-bit, blank, like a boundary, longer than a buffer."""
    protector = SMIME(s.service_smime()[1], s.service_smime()[0])
    protected = protect(protector, s.TEXT + body, s.smime(s.carer_smime(elliptic=True)[1]))
    assert openssl(tmp_path, protected, elliptic=True).partition(b"\r\n\r\n")[2] == body


MEASURE = """
import sys
from tests.functional.test_protect_interop import big_case
from tests.support.protect_specimens import NOW, TEXT, message as small
protector, message, envelope, recipient, keys = big_case(sys.argv[1])
run = lambda m: protector.protect(m, envelope, recipient, keys, m.subject, NOW)
peak = lambda: int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
run(small(TEXT))
open("/proc/self/clear_refs", "w").write("5")
before = int(next(l for l in open("/proc/self/status") if l.startswith("VmRSS")).split()[1])
run(message)
print((peak() - before) // 1024)
"""


def big_case(name: str) -> tuple[Protector, object, object, Address, tuple[StoredKey, ...]]:
    """A 25 MB attachment, 34 MB as base64, for the measuring process."""
    raw = s.TEXT + b"QUJDRA==QUJDRA==QUJDRA==QUJDRA==QUJDRA==QUJDRA==QUJDRA==QUJDRA==QUJDRA==\r\n" * 480_000
    if name == "OpenPGP":
        return OpenPGP(s.service_pgp()[0]), s.message(raw), s.ENVELOPE, CARER, (s.pgp(s.carer_pgp()[1]),)
    protector = SMIME(s.service_smime()[1], s.service_smime()[0])
    return protector, s.message(raw), s.ENVELOPE, CARER, (s.smime(s.carer_smime(elliptic=True)[1]),)


@pytest.mark.parametrize("name", ["OpenPGP", "S/MIME"])
def test_a_25_mb_attachment_takes_less_than_130_mb(name: str) -> None:
    """Peak over what the process held before, the message itself not counted."""
    done = subprocess.run([sys.executable, "-c", MEASURE, name], capture_output=True, check=True, timeout=120)
    assert 30 < int(done.stdout) < 130


@pytest.fixture
def offloaded() -> Iterator[Offloaded]:
    protector = Offloaded(partial(OpenPGP, s.service_pgp()[0]), threshold_bytes=100_000, timeout_seconds=30)
    yield protector
    protector.close()


BIG = s.TEXT + b"0123456789\r\n" * 20_000


def test_a_large_message_is_done_elsewhere_and_is_the_same(offloaded: Offloaded, gnupg: Path) -> None:
    """Small in place, large in the worker, which stays for the next one."""
    key = s.pgp(s.carer_pgp()[1])
    assert offloaded.method is OpenPGP.method
    assert offloaded.examine(key, NOW).usable
    assert protect(offloaded, s.TEXT, key).content
    assert offloaded.worker_pid is None
    first = protect(offloaded, BIG, key)
    pid = offloaded.worker_pid
    assert pid not in {None, os.getpid()}
    assert (
        gpg(gnupg, "--decrypt", stdin=armour(first)).stdout.partition(b"\r\n\r\n")[2] == BIG.partition(b"\r\n\r\n")[2]
    )
    assert protect(offloaded, BIG, key).key_ids == first.key_ids
    assert offloaded.worker_pid == pid


def test_an_unusable_key_is_the_same_refusal_from_the_worker(offloaded: Offloaded) -> None:
    """The error crosses the pipe with its reason, and the worker lives on."""
    with pytest.raises(UnusableKey) as caught:
        protect(offloaded, BIG, s.pgp(b"rubbish"))
    assert caught.value.private == "it cannot be read as an OpenPGP key"
    assert protect(offloaded, BIG, s.pgp(s.carer_pgp()[1])).content


def test_a_killed_worker_sends_nothing_and_is_replaced(offloaded: Offloaded) -> None:
    """Fail closed; the next message gets a new worker."""
    key = s.pgp(s.carer_pgp()[1])
    protect(offloaded, BIG, key)
    first = offloaded.worker_pid
    assert first
    os.kill(first, signal.SIGSTOP)  # so that it is surely at work when it is killed
    threading.Timer(0.3, os.kill, (first, signal.SIGKILL)).start()
    with pytest.raises(ProtectionFailed):
        protect(offloaded, BIG, key)
    assert protect(offloaded, BIG, key).content
    assert offloaded.worker_pid != first


def test_a_worker_that_hangs_is_ended_in_time() -> None:
    """The watchdog turns a stuck worker into a failure, and frees the turn."""
    protector = Offloaded(partial(OpenPGP, s.service_pgp()[0]), threshold_bytes=100_000, timeout_seconds=10)
    key = s.pgp(s.carer_pgp()[1])
    protect(protector, BIG, key)
    assert protector.worker_pid
    protector._timeout = 0.5
    os.kill(protector.worker_pid, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(ProtectionFailed):
        protect(protector, BIG, key)
    assert time.monotonic() - started < 5
    protector.close()


def test_other_threads_go_on_while_a_large_message_is_protected(offloaded: Offloaded) -> None:
    """The reason for the worker: in place, the engine would stop this counter for a third of a second."""
    key = s.pgp(s.carer_pgp()[1])
    protect(offloaded, BIG, key)
    gaps: list[float] = []
    done = threading.Event()

    def tick() -> None:
        last = time.monotonic()
        while not done.is_set():
            time.sleep(0.002)
            now = time.monotonic()
            gaps.append(now - last)
            last = now

    ticker = threading.Thread(target=tick)
    ticker.start()
    protect(offloaded, s.TEXT + b"0123456789\r\n" * 1_500_000, key)
    done.set()
    ticker.join()
    assert max(gaps) < 0.25
