"""Keys and messages of public OpenPGP suites: what has to be taken is, and what has to be refused is.

RFC 9580 Appendix A, draft-bre-openpgp-samples (the keys of the interoperability test suite), and RNP's suite; what
their tests do to the keys (a revocation, another's binding, a weak digest, no subkey, a flipped bit) is done to them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pgpy import PGPKey
from pgpy.constants import HashAlgorithm, KeyFlags
from pysequoia import Cert, Tsk, decrypt, verify
from pysequoia.packet import Packet, Tag

from domain.errors import UnusableKey
from domain.model import Address, Envelope
from domain.ports import StoredKey
from gateway.protect.inspection import inspect
from gateway.protect.openpgp import OpenPGP
from gateway.protect.packets import read_encrypted
from gateway.protect.pgp_gate import pass_gate
from tests.interop.matrix import armour
from tests.support import protect_specimens as s
from tests.support.openpgp_samples import SAMPLES, octets, packets, public, secret

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WHILE_RNPS_LIVED = datetime(2018, 6, 1, tzinfo=UTC)
SUBKEYS = {"alice": "4766F6B9D5F21EB6", "bob": "7C2FAA4DF93C37B2", "v6": "12C83F1E706F6308"}
"""As the documents and their suites name them."""


def refusal(data: bytes, now: datetime = NOW) -> str:
    """The reason; fails where there is none."""
    with pytest.raises(UnusableKey) as caught:
        pass_gate(data, now)
    return caught.value.private


def joined(*parts: Packet | bytes) -> bytes:
    return b"".join(bytes(p) for p in parts)


@pytest.mark.parametrize("who", SAMPLES)
def test_the_published_keys_are_taken_and_their_owners_open_what_is_for_them(who: str) -> None:
    """Encrypted to the one subkey that the document names; opened by the published secret key."""
    live = pass_gate(public(who), NOW)
    assert live.key_ids == (SUBKEYS[who],)
    assert live.addresses == (set() if who == "v6" else {f"{who}@openpgp.example"})
    to = Address.of(next(iter(live.addresses), "nameless@openpgp.example"))
    found = inspect(public(who))[0].stored
    key = StoredKey(found.method, found.fingerprint, found.data, to.key)
    mail = OpenPGP(s.service_pgp()[0]).protect(
        s.message(s.TEXT + b"words\r\n"), Envelope(s.OFFICER, (to,), s.NOW), to, [key], s.SUBJECT, s.NOW
    )
    opened = decrypt(armour(mail.content), decryptor=Tsk.from_bytes(secret(who)).decryptor())
    assert opened.bytes.endswith(b"\r\n\r\nwords\r\n")


@pytest.mark.parametrize("name", ["p256", "p384"])
def test_rnps_keys_were_good_until_their_end(name: str) -> None:
    """300 days, to the second."""
    live = pass_gate(public(name), WHILE_RNPS_LIVED)
    assert live.expires_at is not None
    assert live.expires_at.date().isoformat() == "2019-01-28"
    assert refusal(public(name), live.expires_at) == "it expired on 28 January 2019"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dsa-elgamal", "it is of a kind that is no longer safe"),
        ("brainpool", "no name or address in it is confirmed by its owner"),
        ("p256k1", "no name or address in it is confirmed by its owner"),
    ],
)
def test_kinds_that_are_not_used_are_refused_while_they_were_alive(name: str, reason: str) -> None:
    """The engine verifies nothing by Brainpool's curves and secp256k1, so it finds nothing confirmed."""
    assert refusal(public(name), WHILE_RNPS_LIVED) == reason


def test_a_key_of_version_5_is_no_key() -> None:
    """It never became a standard (RFC 9580 section 4.3 leaves the number out)."""
    assert inspect(octets("version-5.sec")) == []
    assert refusal(octets("version-5.sec")) == "it cannot be read as an OpenPGP key"


def test_the_published_revocation_ends_the_key() -> None:
    """Alice's, put behind her primary key, as a key server does."""
    first, *rest = packets(public("alice"))
    (revocation,) = packets(octets("alice.rev"))
    assert refusal(joined(first, revocation, *rest)) == "its owner has withdrawn (revoked) it"


def _without_subkey(own: list[Packet]) -> list[Packet]:
    return own[: [p.tag for p in own].index(Tag.PublicSubkey)]


@pytest.mark.parametrize("who", SAMPLES)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_without_subkey, id="no key for encryption"),
        pytest.param(lambda own: own[:-1], id="no binding"),
        pytest.param(lambda own: [*own[:-1], packets(public("p256"))[-1]], id="another's binding"),
        pytest.param(lambda own: [*_without_subkey(own), *packets(public("p384"))[-2:]], id="another's subkey"),
    ],
)
def test_a_key_without_a_genuine_subkey_is_refused(who: str, change: Callable[[list[Packet]], list[Packet]]) -> None:
    """Whatever the rest of it is worth."""
    assert "no key for encryption that its owner has confirmed" in refusal(joined(*change(packets(public(who)))))


@pytest.mark.parametrize("who", SAMPLES)
def test_no_flipped_bit_of_the_binding_lets_the_subkey_through(who: str) -> None:
    """The fields and subpackets that are signed, and the last octet of the signature, one after the other."""
    *own, binding = packets(public(who))
    body = bytes(binding)
    for at in [*range(4, 40), len(body) - 1]:
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert refusal(joined(*own, changed)), at


def test_a_nameless_key_of_version_6_needs_its_owners_word() -> None:
    """RFC 9580 section 10.1.1: the signature over the key itself stands in a name's place."""
    key, word, *rest = packets(public("v6"))
    assert "no name or address" in refusal(joined(key, *rest))
    changed = bytearray(bytes(word))
    changed[-1] ^= 1
    assert refusal(joined(key, bytes(changed), *rest))
    first, _, _, *subkey = packets(public("alice"))
    assert "no name or address" in refusal(joined(first, *subkey)), "version 4 needs a name"


@pytest.mark.filterwarnings("ignore:Selected hash algorithm")
@pytest.mark.parametrize("digest", [HashAlgorithm.MD5, HashAlgorithm.SHA1])
def test_a_binding_by_a_weak_digest_is_none(digest: HashAlgorithm) -> None:
    """Alice's own, made with her published secret key today: the digest is what is wrong with it."""
    alice, _ = PGPKey.from_blob(secret("alice").decode())
    (subkey,) = alice.subkeys.values()
    uses = {KeyFlags.EncryptCommunications, KeyFlags.EncryptStorage}
    weak = alice.bind(subkey, usage=uses, hash=digest, created=datetime(2024, 6, 1, tzinfo=UTC), crosssign=False)
    good = alice.bind(
        subkey, usage=uses, hash=HashAlgorithm.SHA512, created=datetime(2024, 6, 1, tzinfo=UTC), crosssign=False
    )
    *own, _ = packets(public("alice"))
    assert pass_gate(joined(*own, bytes(good)), NOW).key_ids == (SUBKEYS["alice"],)
    assert "no key for encryption that its owner has confirmed" in refusal(joined(*own, bytes(weak)))


def test_the_published_messages_open_and_verify_and_say_what_we_read() -> None:
    """RFC 9580 A.6 and A.8; our reader of the outside finds the key and the version that the appendix breaks down."""
    message = decrypt(octets("v6-encrypted"), decryptor=Tsk.from_bytes(secret("v6")).decryptor())
    assert message.bytes == b"Hello, world!"
    binary = joined(*packets(octets("v6-encrypted")))
    assert read_encrypted(binary).key_ids == (SUBKEYS["v6"],)
    assert read_encrypted(binary).version == 2
    done = verify(bytes=octets("v6-signed"), store=lambda _: [Cert.from_bytes(public("v6"))])
    assert done.bytes == b"What we need from the grocery store:\n\n- tofu\n- vegetables\n- noodles\n"
    assert [sig.certificate for sig in done.valid_sigs] == [Cert.from_bytes(public("v6")).fingerprint]
    with pytest.raises(Exception, match=r"signature|verif"):
        verify(bytes=octets("v6-signed").replace(b"tofu", b"beef"), store=lambda _: [Cert.from_bytes(public("v6"))])
