"""Newer forms of S/MIME are written only for whoever says, or is known, to read them; the rest get what all open."""

from __future__ import annotations

import email
import email.policy

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import rsa, x25519
from cryptography.x509.oid import ObjectIdentifier
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.model import Address
from domain.ports import StoredKey
from gateway.protect import generate
from gateway.protect.capabilities import EVERYTHING, Reads, announced
from gateway.protect.cms import MalformedEnvelope, Sort, read
from gateway.protect.smime import SMIME
from gateway.protect.x509_gate import pass_gate
from tests.interop import x25519_reader
from tests.interop.smime import GCM, OAEP, PSS, envelope, says, split_signed
from tests.support import protect_specimens as s
from tests.support.protect_specimens import CARER, DAY, NOW, YEAR

KEY = rsa.generate_private_key(65537, 2048)
AES128_CBC = "2.16.840.1.101.3.4.1.2"


def carer(*capabilities: str, key: generate.AnyKey = KEY) -> StoredKey:
    """A certificate that announces these; none of them: without the extension."""
    more = [says(*capabilities)] if capabilities else []
    made = generate.make_smime_identity("Carer", CARER.text, NOW - DAY, YEAR, s.authority(), key=key, more=more)
    return s.smime(made[1])


def written(*keys: StoredKey, modern: tuple[str, ...] = ()) -> bytes:
    protector = SMIME(s.service_smime()[1], s.service_smime()[0], modern=modern)
    return protector.protect(s.message(s.TEXT + b"words\r\n"), s.ENVELOPE, CARER, keys, s.SUBJECT, NOW).content


def body(mail: bytes) -> cms.ContentInfo:
    return cms.ContentInfo.load(envelope(mail), strict=True)


def transport(mail: bytes) -> list[str]:
    return [r.chosen["key_encryption_algorithm"]["algorithm"].native for r in body(mail)["content"]["recipient_infos"]]


@pytest.mark.parametrize(
    ("capabilities", "reads"),
    [
        ((), Reads()),
        ((AES128_CBC,), Reads()),
        ((GCM,), Reads(gcm=True)),
        ((AES128_CBC, OAEP), Reads(oaep=True)),
        ((PSS,), Reads(pss=True)),
        ((GCM, OAEP, PSS), EVERYTHING),
    ],
)
def test_what_a_certificate_announces_is_read(capabilities: tuple[str, ...], reads: Reads) -> None:
    """By name; what is not known is passed over."""
    assert pass_gate(carer(*capabilities).data, NOW).reads == reads


def certificate(value: bytes) -> x509.Certificate:
    extension = x509.UnrecognizedExtension(ObjectIdentifier("1.2.840.113549.1.9.15"), value)
    made = s.certificate(s.carer_smime()[0], (extension, False), start=NOW - DAY, end=NOW + DAY)
    return x509.load_pem_x509_certificate(made)


@settings(max_examples=50, deadline=None)
@given(noise=st.binary(max_size=40), cut=st.integers(0, 30))
def test_a_list_that_cannot_be_read_announces_nothing(noise: bytes, cut: int) -> None:
    """Nor does it raise: the certificate is usable all the same, in the old way."""
    assert announced(certificate(noise)) == Reads()
    good = says(GCM, OAEP, PSS).value
    assert announced(certificate(good[:cut])) == Reads()
    assert announced(certificate(good)) == EVERYTHING


def test_without_a_word_it_is_what_every_program_opens() -> None:
    """CBC, PKCS#1 v1.5, and a signature by the same."""
    mail = written(carer())
    assert body(mail)["content_type"].native == "enveloped_data"
    assert transport(mail) == ["rsaes_pkcs1v15"]
    assert email.message_from_bytes(mail, policy=email.policy.default).get_param("smime-type") == "enveloped-data"


def test_gcm_is_for_those_who_all_say_so() -> None:
    """AuthEnvelopedData of version 0; one silent certificate of the same recipient keeps it off."""
    mail = written(carer(GCM))
    info = body(mail)
    assert info["content_type"].native == "authenticated_enveloped_data"
    assert info["content"]["version"].native == "v0"
    assert len(info["content"]["mac"].native) == 16
    assert email.message_from_bytes(mail, policy=email.policy.default).get_param("smime-type") == "authEnveloped-data"
    second = carer(key=rsa.generate_private_key(65537, 2048))
    assert body(written(carer(GCM), second))["content_type"].native == "enveloped_data"


def test_oaep_is_for_each_certificate_by_itself() -> None:
    """Its entry alone."""
    second = carer(key=rsa.generate_private_key(65537, 2048))
    assert sorted(transport(written(carer(OAEP), second))) == ["rsaes_oaep", "rsaes_pkcs1v15"]


def test_the_settings_may_say_it_for_a_domain() -> None:
    """In any case of letters; another domain's recipients get the usual."""
    assert body(written(carer(), modern=("Carers.Example",)))["content_type"].native == "authenticated_enveloped_data"
    assert transport(written(carer(), modern=("carers.example",))) == ["rsaes_oaep"]
    assert transport(written(carer(), modern=("example", "other.example"))) == ["rsaes_pkcs1v15"]


@pytest.mark.parametrize("capabilities", [(), (GCM,), (GCM, PSS)])
def test_what_is_for_x25519_opens_by_the_letter_of_rfc_8418(capabilities: tuple[str, ...]) -> None:
    """To the octet; the signature inside is by PSS only where that was announced."""
    key = x25519.X25519PrivateKey.generate()
    opened = x25519_reader.open_envelope(envelope(written(carer(*capabilities, key=key))), key)
    payload, signature = split_signed(opened)
    assert payload.endswith(b"\r\n\r\nwords\r\n")
    signer = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    found = signer["signature_algorithm"]["algorithm"].native
    assert found == ("rsassa_pss" if PSS in capabilities else "rsassa_pkcs1v15")


def test_a_changed_octet_of_gcm_is_noticed_by_the_reader() -> None:
    """Which CBC would not."""
    key = x25519.X25519PrivateKey.generate()
    sealed = bytearray(envelope(written(carer(GCM, key=key))))
    sealed[-60] ^= 1
    with pytest.raises(InvalidTag):
        x25519_reader.open_envelope(bytes(sealed), key)


def test_an_elliptic_service_key_signs_in_its_own_way_whoever_reads_pss() -> None:
    """PSS is of RSA alone."""
    key = x25519.X25519PrivateKey.generate()
    secret, cert = generate.make_smime_identity("Us", "us@council.example", NOW - DAY, YEAR, elliptic=True)
    protector, message = SMIME(cert, secret), s.message(s.TEXT + b"words\r\n")
    mail = protector.protect(message, s.ENVELOPE, CARER, [carer(GCM, PSS, key=key)], s.SUBJECT, NOW)
    signature = split_signed(x25519_reader.open_envelope(envelope(mail.content), key))[1]
    signer = cms.ContentInfo.load(signature)["content"]["signer_infos"][0]
    assert signer["signature_algorithm"]["algorithm"].native == "sha256_ecdsa"


def test_the_second_opinion_knows_both_sorts_and_no_mixture() -> None:
    """An envelope of one sort under the other's name is refused."""
    for keys, sort, cipher in (([carer()], Sort.CBC, b"\x2a"), ([carer(GCM)], Sort.GCM, b"\x2e")):
        sealed = envelope(written(*keys))
        assert read(sealed[:8192], len(sealed)).cipher is sort
        name = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01"
        swapped = sealed.replace(name + cipher, name + (b"\x2e" if cipher == b"\x2a" else b"\x2a"))
        assert swapped != sealed
        with pytest.raises(MalformedEnvelope):
            read(swapped[:8192], len(swapped))


def test_an_x25519_certificate_vouches_for_no_other() -> None:
    """It cannot sign, so it cannot be its own issuer."""
    with pytest.raises(TypeError):
        generate.make_smime_identity("Carer", CARER.text, NOW, YEAR, key=x25519.X25519PrivateKey.generate())


def test_addresses_hold_for_x25519_too() -> None:
    """The gate's other conditions are the same."""
    live = pass_gate(carer(key=x25519.X25519PrivateKey.generate()).data, NOW)
    assert live.addresses == {Address.of(CARER.text).key}
