"""Keys in mail that comes in: what proves whose they are, and everything else, which proves nothing."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.seen_keys import KeySource, Standing, standing
from gateway.harvest.gathering import Gathered, gather
from gateway.protect import generate
from tests.support import inbound
from tests.support import protect_specimens as s
from tests.support.inbound import AUTHOR
from tests.support.protect_specimens import DAY, NOW, YEAR

SAMPLES = Path(__file__).parent.parent / "specimens" / "rfc9216"
ALL = frozenset(KeySource)


def found(mail: bytes, sources: frozenset[KeySource] = ALL) -> list[tuple[KeySource, bytes]]:
    return [(source, key.stored.data) for source, key in gather(mail, sources, NOW).keys]


@cache
def stranger() -> tuple[bytes, bytes]:
    return generate.make_openpgp_key("Stranger", "stranger@carers.example", NOW, YEAR)


@cache
def der(name: str) -> bytes:
    return s.smime((SAMPLES / f"{name}.crt").read_bytes()).data


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


# OpenPGP


def test_a_key_attached_to_mail_that_verifies_by_it_is_seen() -> None:
    """Also where the mail came with LF alone, as pipes hand it over."""
    secret, public = s.carer_pgp()
    mail = inbound.openpgp(secret, public)
    assert found(mail) == [(KeySource.OPENPGP, public)]
    assert found(mail.replace(b"\r\n", b"\n")) == [(KeySource.OPENPGP, public)]
    assert gather(mail, ALL, NOW).author == AUTHOR


def test_a_key_by_which_the_mail_does_not_verify_is_not() -> None:
    """Somebody else's signature; a signature of something else; a changed word; another author."""
    secret, public = s.carer_pgp()
    good = inbound.openpgp(secret, public)
    assert found(inbound.openpgp(stranger()[0], public)) == []
    assert found(inbound.openpgp(secret, public, content=b"something else")) == []
    assert found(good.replace(b"Good morning", b"Good evening")) == []
    assert found(inbound.openpgp(secret, public, author="other@carers.example")) == []
    assert found(inbound.openpgp(*stranger())) == []


def test_a_key_that_could_not_be_used_is_not_kept() -> None:
    """It passes the gate of every use: here one that has ended."""
    old = generate.make_openpgp_key("Carer", AUTHOR, NOW - 10 * DAY, timedelta(days=5))
    assert found(inbound.plain(inbound.autocrypt(old[1]))) == []


def test_what_gnupg_signs_is_seen(tmp_path: Path) -> None:
    """The most used of such programs, as it is."""
    home = ["gpg", "--homedir", str(tmp_path), "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
    tmp_path.chmod(0o700)
    run = subprocess.run
    made = [*home, "--quick-gen-key", AUTHOR, "future-default", "default", "1y"]
    assert run(made, capture_output=True, check=False, timeout=60).returncode == 0
    public = run([*home, "--export", AUTHOR], capture_output=True, check=True, timeout=60).stdout
    content = inbound.with_key(public)
    signed = run([*home, "--armor", "--detach-sign"], input=content, capture_output=True, check=True, timeout=60).stdout
    run(["gpgconf", "--homedir", str(tmp_path), "--kill", "all"], check=False, timeout=60)
    mail = inbound.signed_whole(content, b"\r\n" + signed.replace(b"\n", b"\r\n"), "application/pgp-signature", AUTHOR)
    later = gather(mail, ALL, datetime.now(UTC) + timedelta(minutes=1))  # noqa: TID251 - gpg has a clock of its own
    assert [source for source, _ in later.keys] == [KeySource.OPENPGP]


# S/MIME


@pytest.mark.parametrize("elliptic", [False, True], ids=["RSA", "P-256"])
@pytest.mark.parametrize("opaque", [False, True], ids=["detached", "opaque"])
def test_the_certificate_of_a_signature_that_holds_is_seen(*, elliptic: bool, opaque: bool) -> None:
    """Both forms of RFC 8551 section 3.5."""
    key, certificate = s.carer_smime(elliptic=elliptic)
    mail = inbound.smime(key, certificate, opaque=opaque)
    assert found(mail) == [(KeySource.SMIME, s.smime(certificate).data)]


def test_a_certificate_under_a_signature_that_does_not_hold_is_not() -> None:
    """Other words than those that were signed; another author; a certificate that has ended."""
    key, certificate = s.carer_smime()
    assert found(inbound.smime(key, certificate, words=b"Content-Type: text/plain\r\n\r\nPay me.\r\n")) == []
    assert found(inbound.smime(key, certificate, author="other@carers.example")) == []
    assert gather(inbound.smime(key, certificate), ALL, NOW + 3 * YEAR).keys == ()


def test_a_certificate_that_only_signs_gives_none_to_encrypt_to() -> None:
    """Alice's of RFC 9216, in a message that another program wrote."""
    body = b"".join(line for line in sample("alice-pss.pem").splitlines(keepends=True) if b"-----" not in line)
    fields = ("Content-Type: application/pkcs7-mime; smime-type=signed-data", "Content-Transfer-Encoding: base64")
    assert found(inbound.header("alice@smime.example", *fields) + b"\r\n" + body) == []


def test_the_certificate_that_the_signer_names_for_encryption_is_seen() -> None:
    """RFC 8551 section 2.5.3, with Alice's two; one that only lies there, or is another's, is not."""
    key, signing = sample("alice-sign.key"), sample("alice-sign.crt")
    alice = "alice@smime.example"
    mail = inbound.smime_with_two(key, signing, sample("alice-encrypt.crt"), alice)
    assert found(mail) == [(KeySource.SMIME, der("alice-encrypt"))]
    assert found(inbound.smime_with_two(key, signing, sample("alice-encrypt.crt"), alice, named=False)) == []
    assert found(inbound.smime_with_two(key, signing, sample("bob-encrypt.crt"), alice)) == []
    assert found(inbound.smime_with_two(key, signing, sample("alice-encrypt.crt"), "bob@smime.example")) == []


def test_what_openssl_signs_is_seen(tmp_path: Path) -> None:
    """By its own program, with PSS, as `openssl cms` writes mail."""
    key, certificate = s.carer_smime()
    for name, data in (("key", key), ("cert", certificate), ("in", b"Content-Type: text/plain\r\n\r\nHello\r\n")):
        (tmp_path / name).write_bytes(data)
    command = "openssl cms -sign -in in -signer cert -inkey key -crlfeol -md sha256 -keyopt rsa_padding_mode:pss"
    command += f" -from {AUTHOR} -to officer@council.example -subject Hello"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=True, timeout=60)
    assert found(done.stdout) == [(KeySource.SMIME, s.smime(certificate).data)]


# Autocrypt


def test_the_key_of_an_autocrypt_field_is_seen() -> None:
    """Attributes that are not critical are passed over; capitals make no difference."""
    public = s.carer_pgp()[1]
    expected = [(KeySource.AUTOCRYPT, public)]
    assert found(inbound.plain(inbound.autocrypt(public))) == expected
    assert found(inbound.plain(inbound.autocrypt(public, more="_future=yes; "))) == expected
    assert found(inbound.plain(inbound.autocrypt(public, addr="Carer@Carers.Example"))) == expected


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [inbound.autocrypt(b"", more="")],
        [inbound.autocrypt(b"\x99rubbish")],
        ["Autocrypt: addr=carer@carers.example; keydata=*not-base64*"],
        ["Autocrypt: keydata=AAAA"],
        ["Autocrypt: addr"],
    ],
)
def test_a_field_that_is_not_valid_brings_nothing(fields: list[str]) -> None:
    """Empty, rubbish, without address or value."""
    assert found(inbound.plain(*fields)) == []


def test_the_rules_of_autocrypt_hold() -> None:
    """Another's address; a critical attribute nobody knows; an attribute twice; two fields; two authors; too long."""
    public = s.carer_pgp()[1]
    good = inbound.autocrypt(public)
    assert found(inbound.plain(inbound.autocrypt(public, addr="other@carers.example"))) == []
    assert found(inbound.plain(inbound.autocrypt(public, more="type=1; "))) == []
    assert found(inbound.plain(inbound.autocrypt(public, more="addr=carer@carers.example; "))) == []
    assert found(inbound.plain(good, good)) == []
    assert found(inbound.plain(good, "From: other@carers.example")) == []
    assert found(inbound.plain(good, author=f"{AUTHOR}>, <other@carers.example")) == []
    assert found(inbound.plain(inbound.autocrypt(public, more=f"_long={'x' * 11_000}; "))) == []
    report = inbound.plain(good).replace(b"Content-Type: text/plain", b"Content-Type: multipart/report; boundary=x")
    assert found(report) == []


def test_a_key_that_names_another_is_not_the_authors() -> None:
    """The field's address is not enough."""
    assert found(inbound.plain(inbound.autocrypt(stranger()[1], author=AUTHOR))) == []


def test_one_key_is_counted_once_and_as_the_stronger_proof() -> None:
    """Signed mail with the same key in the header."""
    secret, public = s.carer_pgp()
    mail = inbound.autocrypt(public).encode() + b"\r\n" + inbound.openpgp(secret, public)
    assert found(mail) == [(KeySource.OPENPGP, public)]
    assert found(mail, frozenset({KeySource.AUTOCRYPT})) == [(KeySource.AUTOCRYPT, public)]


# All


@pytest.mark.parametrize("source", list(KeySource))
def test_a_source_that_is_not_wanted_brings_nothing(source: KeySource) -> None:
    """Each by itself."""
    secret, public = s.carer_pgp()
    mails = {
        KeySource.OPENPGP: inbound.openpgp(secret, public),
        KeySource.SMIME: inbound.smime(*s.carer_smime()),
        KeySource.AUTOCRYPT: inbound.plain(inbound.autocrypt(public)),
    }
    assert len(found(mails[source], frozenset({source}))) == 1
    assert found(mails[source], ALL - {source}) == []
    assert gather(mails[source], ALL - {source}, NOW).why == "The mail brings no key of its author that counts."


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 6000), noise=st.binary(max_size=30), which=st.integers(0, 2))
def test_damaged_mail_never_raises_and_never_brings_another_key(at: int, noise: bytes, which: int) -> None:
    """Octets put anywhere: the public half that was there, or none."""
    secret, public = s.carer_pgp()
    key, certificate = s.carer_smime()
    mail = (inbound.openpgp(secret, public), inbound.smime(key, certificate), inbound.plain(inbound.autocrypt(public)))
    broken = mail[which][:at] + noise + mail[which][at + len(noise) :]
    seen = gather(broken, ALL, NOW)
    assert isinstance(seen, Gathered)
    assert _halves(seen) <= _halves(gather(mail[which], ALL, NOW))


def _halves(gathered: Gathered) -> set[bytes | str]:
    """The public halves; an authority's signature over a certificate is looked at by whoever uses it."""
    spki = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return {
        x509.load_der_x509_certificate(key.stored.data).public_key().public_bytes(*spki)
        if source is KeySource.SMIME
        else key.stored.fingerprint
        for source, key in gathered.keys
    }


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_octets_are_a_mail_without_keys(data: bytes) -> None:
    """It never raises."""
    assert gather(data, ALL, NOW).keys == ()


@pytest.mark.parametrize(
    ("recorded", "seen", "expected"),
    [
        ((), (), Standing.NEW),
        (("A",), (), Standing.RECORDED),
        (("A", "B"), ("A",), Standing.RECORDED),
        ((), ("A",), Standing.AGAIN),
        (("B",), ("A",), Standing.AGAIN),
        (("B",), (), Standing.CHANGED),
        ((), ("B",), Standing.CHANGED),
    ],
)
def test_what_a_key_is_to_those_known(recorded: tuple[str, ...], seen: tuple[str, ...], expected: Standing) -> None:
    """Another key of the same kind is a finding."""
    assert standing("A", recorded, seen) is expected
