"""The sample keys, certificates and messages of RFC 9216 and draft-ireland-examples-cms (tests/specimens/rfc9216)."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from domain.errors import UnusableKey
from domain.model import Address, Envelope
from domain.ports import StoredKey
from gateway.protect.chains import Chains, TrustFiles
from gateway.protect.inspection import inspect
from gateway.protect.smime import SMIME
from gateway.protect.x509_gate import pass_gate
from tests.interop import x25519_reader
from tests.interop.smime import envelope, split_signed
from tests.support import protect_specimens as s

FOLDER = Path(__file__).parent.parent / "specimens" / "rfc9216"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PEOPLE = ("alice", "bob", "carlos", "dana")
SAMPLE = b"This is some sample content."


def certificate(name: str) -> bytes:
    """DER."""
    return x509.load_pem_x509_certificate((FOLDER / f"{name}.crt").read_bytes()).public_bytes(Encoding.DER)


def private(name: str) -> X25519PrivateKey:
    key = load_pem_private_key((FOLDER / f"{name}-encrypt.key").read_bytes(), None)
    assert isinstance(key, X25519PrivateKey)
    return key


def message(name: str) -> bytes:
    return bytes(pem.unarmor((FOLDER / f"{name}.pem").read_bytes())[2])


@pytest.mark.parametrize("who", PEOPLE)
def test_each_encryption_certificate_passes_and_each_signing_one_does_not(who: str) -> None:
    """By the uses that they state; until 2052."""
    live = pass_gate(certificate(f"{who}-encrypt"), NOW)
    assert live.addresses == {f"{who}@smime.example"}
    assert live.expires_at.year == 2052
    with pytest.raises(UnusableKey) as caught:
        pass_gate(certificate(f"{who}-sign"), NOW)
    assert caught.value.private == "it is for signing only"


@pytest.mark.parametrize(
    "name", ["rsa-authority", "ed25519-authority", "rsa-authority-cross", "ed25519-authority-cross"]
)
def test_no_authority_s_certificate_is_encrypted_to(name: str) -> None:
    """They belong to nobody who reads mail."""
    with pytest.raises(UnusableKey):
        pass_gate(certificate(name), NOW)


def chains(tmp_path: Path, root: str, *between: str) -> Chains:
    (tmp_path / "between.pem").write_bytes(b"".join((FOLDER / f"{b}.crt").read_bytes() for b in between))
    return Chains(TrustFiles(FOLDER / f"{root}.crt", tmp_path / "between.pem" if between else None))


@pytest.mark.parametrize(
    ("root", "theirs", "others", "cross"),
    [
        ("rsa-authority", ("alice", "bob"), ("carlos", "dana"), "ed25519-authority-cross"),
        ("ed25519-authority", ("carlos", "dana"), ("alice", "bob"), "rsa-authority-cross"),
    ],
)
def test_a_chain_leads_to_the_own_authority_and_by_the_cross_signed_one_to_the_other(
    tmp_path: Path, root: str, theirs: tuple[str, ...], others: tuple[str, ...], cross: str
) -> None:
    """RFC 9216 section 2.5."""
    alone = chains(tmp_path, root)
    for who in theirs:
        alone.require(certificate(f"{who}-encrypt"), NOW)
    for who in others:
        with pytest.raises(UnusableKey):
            alone.require(certificate(f"{who}-encrypt"), NOW)
    crossed = chains(tmp_path, root, cross)
    for who in (*theirs, *others):
        crossed.require(certificate(f"{who}-encrypt"), NOW)


def protected(who: str, modern: tuple[str, ...]) -> bytes:
    protector = SMIME(s.service_smime()[1], s.service_smime()[0], modern=modern)
    found = inspect((FOLDER / f"{who}-encrypt.crt").read_bytes())[0]
    to = Address.of(found.addresses[0])
    key = StoredKey(found.stored.method, found.stored.fingerprint, found.stored.data, to.key)
    mail = s.message(s.TEXT + b"words\r\n")
    return protector.protect(mail, Envelope(s.OFFICER, (to,), s.NOW), to, [key], s.SUBJECT, s.NOW).content


@pytest.mark.parametrize("modern", [(), ("smime.example",)], ids=["usual", "GCM, OAEP, PSS"])
@pytest.mark.parametrize("who", PEOPLE)
def test_each_private_key_opens_what_is_for_its_certificate(tmp_path: Path, who: str, modern: tuple[str, ...]) -> None:
    """Alice and Bob by openssl, Carlos and Dana (X25519) by the reader that the next test is about."""
    mail = protected(who, modern)
    if who in {"carlos", "dana"}:
        opened = x25519_reader.open_envelope(envelope(mail), private(who))
    else:
        (tmp_path / "mail").write_bytes(mail)
        key = FOLDER / f"{who}-encrypt.key"
        command = ["openssl", "cms", "-decrypt", "-in", "mail", "-inkey", str(key)]
        opened = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60).stdout
    assert split_signed(opened)[0].endswith(b"\r\n\r\nwords\r\n")


def test_the_reader_of_x25519_opens_what_another_program_wrote() -> None:
    """So that what we write is measured by somebody else's understanding of RFC 8418, not by ours twice."""
    assert x25519_reader.open_envelope(message("dana-x25519-hkdf"), private("dana")) == SAMPLE
    with pytest.raises(InvalidUnwrap):
        x25519_reader.open_envelope(message("dana-x25519-hkdf"), private("carlos"))


def test_our_oaep_is_of_the_same_parameters_as_the_published_one() -> None:
    """SHA-256 for both the hash and the mask: OpenSSL opens the published message with Bob's key, as it opens ours."""
    key = str(FOLDER / "bob-encrypt.key")
    command = ["openssl", "cms", "-decrypt", "-inform", "PEM", "-in", str(FOLDER / "bob-oaep.pem"), "-inkey", key]
    assert subprocess.run(command, check=True, capture_output=True, timeout=60).stdout == SAMPLE
    name = "06092a864886f70d010107"
    mask = "a11c301a06092a864886f70d010108300d06096086480165030402010500"
    parameters = bytes.fromhex(name + "302fa00f300d06096086480165030402010500" + mask)
    assert parameters in message("bob-oaep")
    assert parameters in envelope(protected("bob", ("smime.example",)))
