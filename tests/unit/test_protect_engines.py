"""Both protectors as the pipeline sees them: one contract, and what must never happen."""

from __future__ import annotations

import base64
import email
import email.policy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from unittest import mock

import pysequoia
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.decision import Method
from domain.errors import ConfigurationError, ProtectionFailed, UnusableKey
from domain.model import Address
from domain.outgoing import ProtectedMessage
from domain.ports import Protector, StoredKey
from gateway.clock import SystemClock
from gateway.protect import cms, generate
from gateway.protect.openpgp import OpenPGP
from gateway.protect.packets import MalformedPackets, read_encrypted
from gateway.protect.smime import SMIME
from gateway.protect.x509_gate import pass_gate as pass_x509
from tests.support import protect_specimens as s
from tests.support.protect_specimens import CARER, NOW, YEAR


def openpgp() -> OpenPGP:
    return OpenPGP(s.service_pgp()[0])


def smime() -> SMIME:
    return SMIME(s.service_smime()[1], s.service_smime()[0])


ENGINES = [
    pytest.param(openpgp, lambda: s.pgp(s.carer_pgp()[1]), id="OpenPGP"),
    pytest.param(smime, lambda: s.smime(s.carer_smime()[1]), id="S/MIME RSA"),
    pytest.param(smime, lambda: s.smime(s.carer_smime(elliptic=True)[1]), id="S/MIME P-256"),
]
both = pytest.mark.parametrize(("make", "key"), ENGINES)


def protect(protector: Protector, raw: bytes, *keys: StoredKey, to: Address = CARER) -> ProtectedMessage:
    return protector.protect(s.message(raw), s.ENVELOPE, to, keys, s.SUBJECT, NOW)


def opened(protected: ProtectedMessage) -> bytes:
    """The cryptographic payload, OpenPGP, opened by the engine's other half."""
    secret = pysequoia.Tsk.from_bytes(s.carer_pgp()[0]).decryptor()
    return bytes(pysequoia.decrypt(protected.content[protected.content.index(b"-----BEGIN PGP") :], secret).bytes)


@both
def test_what_leaves_is_seven_bit_crlf_and_for_one(make: type, key: type) -> None:
    """RFC 3156 section 3, RFC 8551 section 3.1; one protected message a recipient."""
    protected = protect(make(), s.TEXT + b"\xc3\xa9\r\n" * 3000, key())
    assert protected.content.isascii()
    assert all(
        len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in protected.content.split(b"\r\n")
    )
    assert protected.recipients == (CARER,)
    assert protected.key_ids
    assert b"hidden@" not in protected.content


@both
def test_a_key_of_another_address_is_not_used(make: type, key: type) -> None:
    """A slip in the register must not send one person's papers to another."""
    with pytest.raises(UnusableKey):
        protect(make(), s.TEXT, key(), to=Address.of("other@carers.example"))


@both
def test_a_key_recorded_for_the_mailbox_serves_its_subaddress(make: type, key: type) -> None:
    """The register knows that both are one mailbox; the key must be made out to the address it is recorded for."""
    to = Address.of("carer+news@carers.example")
    assert protect(make(), s.TEXT, replace(key(), address=CARER.key), to=to).recipients == (to,)
    with pytest.raises(UnusableKey):
        protect(make(), s.TEXT, replace(key(), address="other@carers.example"), to=to)


def test_a_key_with_several_addresses_serves_each_in_any_case() -> None:
    """OpenPGP with two names; the second is written in capitals."""
    two = ["Carer <carer@carers.example>", "Carer at work <CARER@Work.example>"]
    key = s.pgp(bytes(pysequoia.Tsk.generate(user_ids=two).extract_certificate()))
    now = SystemClock().now()
    for address in ("Carer@Carers.example", "carer@work.example"):
        to = Address.of(address)
        assert openpgp().protect(s.message(s.TEXT), s.ENVELOPE, to, [key], s.SUBJECT, now).recipients == (to,)
    with pytest.raises(UnusableKey):
        openpgp().protect(s.message(s.TEXT), s.ENVELOPE, Address.of("third@work.example"), [key], s.SUBJECT, now)


@both
def test_no_key_or_one_bad_key_among_good_ones_sends_nothing(make: type, key: type) -> None:
    """All or nothing: every key that is passed must pass the gate again."""
    good = key()
    with pytest.raises(UnusableKey):
        protect(make(), s.TEXT)
    with pytest.raises(UnusableKey):
        protect(make(), s.TEXT, good, StoredKey(good.method, "x", b"rubbish"))
    with pytest.raises(UnusableKey):
        make().protect(s.message(s.TEXT), s.ENVELOPE, CARER, (good,), s.SUBJECT, NOW + 3 * YEAR)


@pytest.mark.parametrize("make", [openpgp, smime])
def test_an_expired_service_key_sends_nothing(make: type) -> None:
    """Recipients would see a broken signature."""
    pgp = generate.make_openpgp_key("Carer", CARER.text, NOW, 9 * YEAR)[1]
    x509 = generate.make_smime_identity("Carer", CARER.text, NOW, 9 * YEAR, elliptic=True)[1]
    key = s.pgp(pgp) if make is openpgp else s.smime(x509)
    with pytest.raises(ProtectionFailed):
        make().protect(s.message(s.TEXT), s.ENVELOPE, CARER, (key,), s.SUBJECT, NOW + 2 * YEAR)


def test_several_keys_of_one_recipient_all_open_it() -> None:
    """Both methods; the ids say which."""
    second = generate.make_openpgp_key("Carer", "CARER@carers.example", NOW, YEAR)[1]
    assert len(protect(openpgp(), s.TEXT, s.pgp(s.carer_pgp()[1]), s.pgp(second)).key_ids) == 2
    keys = (s.smime(s.carer_smime()[1]), s.smime(s.carer_smime(elliptic=True)[1]))
    assert len(protect(smime(), s.TEXT, *keys).key_ids) == 2


def test_an_engine_that_encrypts_to_somebody_else_is_caught() -> None:
    """The independent look at the packets: here the engine is given a second, secret recipient."""
    stranger = pysequoia.Cert.from_bytes(s.service_pgp()[1])
    real = pysequoia.encrypt

    def leaky(data: bytes, recipients: list[pysequoia.Cert], **rest: object) -> bytes:
        return bytes(real(data, recipients=[*recipients, stranger], **rest))

    with mock.patch("gateway.protect.openpgp.encrypt", leaky), pytest.raises(ProtectionFailed):
        protect(openpgp(), s.TEXT, s.pgp(s.carer_pgp()[1]))


@pytest.mark.parametrize("output", [b"", b"plain text that leaked", None])
def test_an_engine_that_gives_no_encrypted_message_is_caught(output: bytes | None) -> None:
    """Nothing, plain octets, or a signed message that is not encrypted."""
    signer = pysequoia.Tsk.from_bytes(s.service_pgp()[0]).signer()
    data = pysequoia.sign(signer, b"plain", armor=False) if output is None else output
    with mock.patch("gateway.protect.openpgp.encrypt", return_value=data), pytest.raises(ProtectionFailed):
        protect(openpgp(), s.TEXT, s.pgp(s.carer_pgp()[1]))


def test_plain_packets_after_the_encrypted_one_are_caught() -> None:
    """Nothing may ride behind the encrypted data."""
    cipher = pysequoia.encrypt(b"x", recipients=[pysequoia.Cert.from_bytes(s.carer_pgp()[1])], armor=False)
    assert read_encrypted(cipher).version == 1
    literal = b"\xcb\x0bb\x00\x00\x00\x00\x00plain"
    for broken in (cipher + literal, literal + cipher, cipher[:-1], cipher + b"\x00"):
        with pytest.raises(MalformedPackets):
            read_encrypted(broken)


def test_an_envelope_for_somebody_else_is_caught() -> None:
    """The same for S/MIME: here the writer swaps the recipient."""
    other = pass_x509(s.smime(s.service_smime()[1]).data, NOW)
    real = cms.seal
    with (
        mock.patch("gateway.protect.cms.seal", lambda pieces, _, sort: real(pieces, [other], sort)),
        pytest.raises(ProtectionFailed),
    ):
        protect(smime(), s.TEXT, s.smime(s.carer_smime()[1]))


def test_a_writer_that_gives_no_envelope_is_caught() -> None:
    """Plain pieces written out are not sent."""
    with mock.patch("gateway.protect.cms.seal", lambda pieces, _, __: iter(pieces)), pytest.raises(ProtectionFailed):
        protect(smime(), s.TEXT, s.smime(s.carer_smime()[1]))


@settings(deadline=None)
@given(data=st.binary(max_size=120), total=st.integers(0, 200))
def test_the_envelope_reader_takes_any_octets(data: bytes, total: int) -> None:
    """It refuses in one way."""
    with pytest.raises(cms.MalformedEnvelope):
        cms.read(data, total)


@settings(deadline=None)
@given(data=st.binary(max_size=120))
def test_the_packet_reader_takes_any_octets(data: bytes) -> None:
    """It refuses in one way."""
    with pytest.raises(MalformedPackets):
        read_encrypted(data)


SECRETS = ("levetiracetam", "Ann Lee 943 476 5919", "epilepsy and seizures")


@both
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.binary(max_size=200), after=st.binary(max_size=200), secret=st.sampled_from(SECRETS))
def test_no_secret_word_is_outside_in_clear_or_base64(
    make: type, key: type, before: bytes, after: bytes, secret: str
) -> None:
    """Promise 1: no twelve octets of a secret, plain or in any of the three alignments of base64."""
    word = secret.encode()
    header = (
        s.HEADER.replace(s.SUBJECT.encode(), word) + b"Thread-Topic: " + word + b"\r\nComments: " + word + b"\r\n\r\n"
    )
    message = s.message(header + before + word + after + base64.b64encode(word), secret)
    content = make().protect(message, s.ENVELOPE, CARER, (key(),), secret, NOW).content
    squeezed = content.replace(b"\r\n", b"")
    for start in range(len(word) - 11):
        piece = word[start : start + 12]
        assert piece not in content
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + piece)[4 if shift else 0 : -4]
            assert encoded not in squeezed


@settings(max_examples=30, deadline=None)
@given(body=st.binary(max_size=500))
def test_any_body_arrives_as_the_same_octets(body: bytes) -> None:
    """OpenPGP: inside, after the payload's header, are exactly the original's body octets."""
    assert opened(protect(openpgp(), s.TEXT + body, s.pgp(s.carer_pgp()[1]))).partition(b"\r\n\r\n")[2] == body


def test_a_multipart_stays_a_multipart_inside() -> None:
    """An attachment's name is inside alone, and its octets are the same."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "officer@council.example", "carer@carers.example", s.SUBJECT
    mail.set_content("See the plan.")
    mail.add_attachment(b"%PDF-1.7 plan", maintype="application", subtype="pdf", filename="ann-lee-plan.pdf")
    protected = protect(openpgp(), mail.as_bytes(), s.pgp(s.carer_pgp()[1]))
    assert b"ann-lee" not in protected.content
    inner = email.message_from_bytes(opened(protected), policy=email.policy.default)
    assert inner.get_param("hp") == "cipher"
    (attachment,) = inner.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("ann-lee-plan.pdf", b"%PDF-1.7 plan")


def test_a_passphrase_opens_the_service_keys_and_a_wrong_one_is_a_configuration_error() -> None:
    """At construction, with a sentence for the administrator."""
    secret, _ = generate.make_openpgp_key("Sallyport", "s@council.example", NOW, YEAR, passphrase="correct")
    assert OpenPGP(secret, b"correct").method is Method.OPENPGP
    key, cert = generate.make_smime_identity("S", "s@council.example", NOW, YEAR, elliptic=True, passphrase=b"correct")
    assert SMIME(cert, key, b"correct").method is Method.SMIME
    wrong = (
        partial(OpenPGP, secret, b"wrong"),
        partial(OpenPGP, b"rubbish"),
        partial(SMIME, cert, key, b"wrong"),
        partial(SMIME, b"rubbish", key, b"correct"),
        partial(SMIME, s.service_smime()[1], key, b"correct"),
    )
    for construct in wrong:
        with pytest.raises(ConfigurationError):
            construct()


def test_a_lifetime_of_nothing_is_refused() -> None:
    """Before a key is made that is dead at birth."""
    for make in (
        partial(generate.make_openpgp_key, "A", "a@b.example"),
        partial(generate.make_smime_identity, "A", "a@b.example"),
        partial(generate.make_smime_authority, "A"),
    ):
        with pytest.raises(ValueError, match="lifetime"):
            make(NOW, timedelta(0))


def test_our_own_keys_do_not_announce_what_gnupg_2_2_cannot_read() -> None:
    """Mail to them is SEIPDv1; a key of pysequoia's making is the counterexample."""
    cert = pysequoia.Cert.from_bytes(s.service_pgp()[1])
    assert read_encrypted(pysequoia.encrypt(b"", recipients=[cert], armor=False)).version == 1
    theirs = pysequoia.Tsk.generate("Carer <carer@carers.example>").extract_certificate()
    later = SystemClock().now() + timedelta(seconds=60)
    protected = openpgp().protect(s.message(s.TEXT), s.ENVELOPE, CARER, (s.pgp(bytes(theirs)),), s.SUBJECT, later)
    assert b"\r\n=" not in protected.content.partition(b"-----BEGIN PGP MESSAGE-----")[2]  # version 2: no check sum
