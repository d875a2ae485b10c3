"""The S/MIME gate: each condition by a certificate that breaks just that one."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import UnusableKey
from gateway.protect.generate import _usage
from gateway.protect.smime import SMIME
from gateway.protect.x509_gate import pass_gate
from tests.support import protect_specimens as s
from tests.support.protect_specimens import DAY, NOW, YEAR

MAIL = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
SERVER = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
ENCIPHER = (_usage("key_encipherment"), True)
AGREE = (_usage("key_agreement"), True)
SIGN = (_usage("digital_signature"), True)
AUTHORITY = (x509.BasicConstraints(ca=True, path_length=None), True)
STRANGE = (x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)


@cache
def key(kind: str) -> bytes:
    made = {
        "rsa": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "short": lambda: rsa.generate_private_key(public_exponent=65537, key_size=1024),
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "dsa": lambda: dsa.generate_private_key(2048),
    }[kind]()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def made(
    kind: str, *extensions: tuple[x509.ExtensionType, bool], start: datetime = NOW - DAY, end: datetime = NOW + YEAR
) -> bytes:
    return s.smime(s.certificate(key(kind), *extensions, start=start, end=end)).data


@pytest.mark.parametrize(
    ("kind", "extensions"),
    [("rsa", ()), ("rsa", (MAIL, ENCIPHER)), ("p256", (MAIL, AGREE)), ("p256", ()), ("rsa", (MAIL,))],
)
def test_sound_certificates_pass(kind: str, extensions: tuple[tuple[x509.ExtensionType, bool], ...]) -> None:
    """With the right uses, and with none stated."""
    assert pass_gate(made(kind, *extensions), NOW).expires_at == NOW + YEAR


@pytest.mark.parametrize(
    ("kind", "extensions", "reason"),
    [
        ("rsa", (AUTHORITY,), "it belongs to a certificate authority, not to a person"),
        ("rsa", (SIGN,), "it is for signing only"),
        ("rsa", (AGREE,), "it is for signing only"),
        ("p256", (ENCIPHER,), "it is for signing only"),
        ("rsa", (SERVER,), "it is not meant for mail"),
        ("rsa", (STRANGE,), "it sets a condition that is not understood"),
        ("short", (MAIL,), "its key is too short to be safe"),
        ("ed25519", (), "it is for signing only"),
        ("brainpool", (), "this kind of key is not supported yet"),
        ("dsa", (), "this kind of key is not supported yet"),
    ],
)
def test_unsound_certificates_are_refused(
    kind: str, extensions: tuple[tuple[x509.ExtensionType, bool], ...], reason: str
) -> None:
    """One reason each, in plain words."""
    with pytest.raises(UnusableKey) as caught:
        pass_gate(made(kind, *extensions), NOW)
    assert caught.value.private == reason


def test_validity_is_measured_against_now() -> None:
    """Not before its start, not at its end."""
    data = made("rsa", start=NOW, end=NOW + DAY)
    assert pass_gate(data, NOW)
    for moment, word in ((NOW - timedelta(seconds=1), "not valid before"), (NOW + DAY, "expired on")):
        with pytest.raises(UnusableKey) as caught:
            pass_gate(data, moment)
        assert word in caught.value.private


def test_the_verdict_tells_end_and_reason() -> None:
    """What the port gives."""
    protector = SMIME(s.service_smime()[1], s.service_smime()[0])
    good = protector.examine(s.smime(s.carer_smime()[1]), NOW)
    assert (good.usable, good.expires_at) == (True, NOW - DAY + YEAR)
    late = protector.examine(s.smime(s.carer_smime()[1]), NOW + 2 * YEAR)
    assert not late.usable
    assert late.reason.startswith("it expired on ")


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 5000), flip=st.integers(0, 255), cut=st.integers(0, 5000), noise=st.binary(max_size=200))
def test_damaged_octets_never_raise_anything_else(at: int, flip: int, cut: int, noise: bytes) -> None:
    """A verdict for everything."""
    good = s.smime(s.carer_smime(elliptic=True)[1]).data
    damaged = bytearray(good)
    damaged[at % len(good)] ^= flip
    for data in (bytes(damaged), good[: cut % len(good)], noise):
        with contextlib.suppress(UnusableKey):
            assert pass_gate(data, NOW).der == data
