"""The OpenPGP gate, row by row of the table of what engines get wrong (docs/adr/0003)."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pysequoia
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pgpy import PGPUID, PGPKey
from pgpy.constants import HashAlgorithm, KeyFlags, PubKeyAlgorithm
from pysequoia.packet import Tag

from domain.errors import UnusableKey
from gateway.clock import SystemClock
from gateway.protect.openpgp import OpenPGP
from gateway.protect.packets import read_encrypted
from gateway.protect.pgp_gate import pass_gate
from tests.support import protect_specimens as s
from tests.support.protect_specimens import DAY, NOW, YEAR

LONG_AGO = NOW - 400 * DAY


def refused(data: bytes) -> str:
    """The reason; fails where there is none."""
    verdict = OpenPGP(s.service_pgp()[0]).examine(s.pgp(data), NOW)
    assert not verdict.usable
    return verdict.reason


def engine_takes(data: bytes) -> set[str]:
    """What the engine would encrypt to if it were left alone."""
    cipher = pysequoia.encrypt(b"", recipients=[pysequoia.Cert.from_bytes(data)], armor=False)
    return set(read_encrypted(cipher).key_ids)


def test_a_good_key_passes_with_its_end_and_address() -> None:
    """The ordinary case, made by our own generator."""
    live = pass_gate(s.carer_pgp()[1], NOW)
    assert live.addresses == {"carer@carers.example"}
    assert live.expires_at == NOW + YEAR
    assert len(live.key_ids) == 1


def test_beside_an_expired_subkey_the_good_one_is_taken() -> None:
    """Table, row 1."""
    key = s.primary()
    s.add_subkey(key, s.new_subkey(), LONG_AGO, 100 * DAY)
    good = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    assert pass_gate(bytes(key.pubkey), NOW).key_ids == (good,)


def test_beside_a_revoked_subkey_the_good_one_is_taken() -> None:
    """Table, row 1, revocation; and the revoked one is not even in what the engine is given."""
    key = s.primary()
    bad = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    good = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    key.subkeys[bad] |= key.revoke(key.subkeys[bad])
    live = pass_gate(bytes(key.pubkey), NOW)
    assert live.key_ids == (good,)
    assert engine_takes(bytes(live.cert)) == {good}


def test_two_good_subkeys_are_both_taken() -> None:
    """An owner with two devices reads on both."""
    key = s.primary()
    ids = {s.add_subkey(key, s.new_subkey(), LONG_AGO) for _ in range(2)}
    assert set(pass_gate(bytes(key.pubkey), NOW).key_ids) == ids


def test_a_strangers_subkey_under_a_replayed_binding_is_never_taken() -> None:
    """Table, row 2."""
    key, stranger = s.primary(), s.primary(uid="stranger@elsewhere.example")
    good = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    alien = s.add_subkey(stranger, s.new_subkey(), LONG_AGO)
    live = pass_gate(s.replayed(bytes(key.pubkey), bytes(stranger.pubkey)), NOW)
    assert live.key_ids == (good,)
    assert alien not in engine_takes(bytes(live.cert))


def test_only_a_strangers_subkey_is_refused() -> None:
    """Table, row 2, where the owner's own subkey was cut out."""
    key, stranger = s.primary(), s.primary(uid="stranger@elsewhere.example")
    s.add_subkey(key, s.new_subkey(), LONG_AGO)
    s.add_subkey(stranger, s.new_subkey(), LONG_AGO)
    both = s.packets(s.replayed(bytes(key.pubkey), bytes(stranger.pubkey)))
    assert "no key for encryption" in refused(s.joined(*both[:-2]))


def test_a_user_id_bound_by_nobody_gives_no_address() -> None:
    """Table, row 3: added by a stranger without a signature, it must not make the key another's."""
    key = s.primary()
    s.add_subkey(key, s.new_subkey(), LONG_AGO)
    own = s.packets(bytes(key.pubkey))
    alien = next(p for p in s.packets(bytes(s.primary(uid="victim@council.example").pubkey)) if p.tag == Tag.UserID)
    live = pass_gate(s.joined(*own[:3], alien, *own[3:]), NOW)
    assert live.addresses == {"carer@carers.example"}


def test_without_any_confirmed_user_id_it_is_refused() -> None:
    """Table, row 3, with nothing else there."""
    key = s.primary()
    s.add_subkey(key, s.new_subkey(), LONG_AGO)
    own = s.packets(bytes(key.pubkey))
    assert "confirmed by its owner" in refused(s.joined(*own[:2], *own[3:]))


@pytest.mark.parametrize("algorithm", [PubKeyAlgorithm.RSAEncryptOrSign, PubKeyAlgorithm.DSA])
def test_weak_keys_are_refused(algorithm: PubKeyAlgorithm) -> None:
    """Table, row 4: RSA-1024 and DSA."""
    key = PGPKey.new(algorithm, 1024, created=LONG_AGO)
    every = {KeyFlags.Certify, KeyFlags.Sign, KeyFlags.EncryptCommunications}
    key.add_uid(PGPUID.new("Carer", email=s.CARER.text), usage=every, hashes=[HashAlgorithm.SHA256], created=LONG_AGO)
    assert refused(bytes(key.pubkey)) == "it is of a kind that is no longer safe"


def test_a_weak_subkey_under_a_strong_primary_is_refused() -> None:
    """RSA-1024 for encryption under an Ed25519 key."""
    key = s.primary()
    s.add_subkey(key, PGPKey.new(PubKeyAlgorithm.RSAEncryptOrSign, 1024, created=LONG_AGO), LONG_AGO)
    assert refused(bytes(key.pubkey)) == "it is of a kind that is no longer safe"


def test_an_expired_certificate_is_refused_though_the_engine_takes_it() -> None:
    """Table, row 5; the first line is why the check is ours."""
    key = s.primary(lifetime=390 * DAY)
    s.add_subkey(key, s.new_subkey(), LONG_AGO)
    assert engine_takes(bytes(key.pubkey))
    assert refused(bytes(key.pubkey)).startswith("it expired on ")


def test_expiry_is_measured_against_now() -> None:
    """The same key a second before its end, and at it."""
    data = s.carer_pgp()[1]
    assert pass_gate(data, NOW + YEAR - timedelta(seconds=1))
    with pytest.raises(UnusableKey):
        pass_gate(data, NOW + YEAR)


def test_a_revoked_certificate_is_refused_though_the_engine_takes_it() -> None:
    """Table, row 5, revocation."""
    key = s.primary()
    s.add_subkey(key, s.new_subkey(), LONG_AGO)
    key |= key.revoke(key)
    assert engine_takes(bytes(key.pubkey))
    assert "revoked" in refused(bytes(key.pubkey))


def test_only_an_expired_subkey_is_refused_though_the_engine_falls_back_to_it() -> None:
    """The engine's silent fallback, and our answer."""
    key = s.primary()
    dead = s.add_subkey(key, s.new_subkey(), LONG_AGO, 100 * DAY)
    assert engine_takes(bytes(key.pubkey)) == {dead}
    assert refused(bytes(key.pubkey)).startswith("its last key for encryption expired on ")


def test_only_a_revoked_subkey_is_refused() -> None:
    """The same for revocation."""
    key = s.primary()
    bad = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    key.subkeys[bad] |= key.revoke(key.subkeys[bad])
    assert "revoked" in refused(bytes(key.pubkey))


def test_an_expired_beside_a_revoked_subkey_is_refused() -> None:
    """No good one among several dead."""
    key = s.primary()
    s.add_subkey(key, s.new_subkey(), LONG_AGO, 100 * DAY)
    bad = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    key.subkeys[bad] |= key.revoke(key.subkeys[bad])
    refused(bytes(key.pubkey))


def test_the_newest_binding_rules() -> None:
    """A later signature that shortens the life counts; an earlier unlimited one does not."""
    key = s.primary()
    keyid = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    key.subkeys[keyid] |= s.binding(key, key.subkeys[keyid], LONG_AGO + 50 * DAY, 100 * DAY)
    refused(bytes(key.pubkey))


def test_a_genuine_prolongation_counts() -> None:
    """The owner renewed the subkey before or after it ran out."""
    key = s.primary()
    keyid = s.add_subkey(key, s.new_subkey(), LONG_AGO, 100 * DAY)
    key.subkeys[keyid] |= s.binding(key, key.subkeys[keyid], NOW - 50 * DAY, 800 * DAY)
    live = pass_gate(bytes(key.pubkey), NOW)
    assert live.key_ids == (keyid,)
    assert live.expires_at == LONG_AGO + 800 * DAY


def test_a_strangers_prolongation_does_not_count() -> None:
    """Signed by somebody else, whether under the stranger's name or with the owner's key id forged in."""
    key, stranger = s.primary(), s.primary(uid="stranger@elsewhere.example")
    keyid = s.add_subkey(key, s.new_subkey(), LONG_AGO, 100 * DAY)
    longer = s.binding(stranger, key.subkeys[keyid], NOW - 50 * DAY, 800 * DAY)
    forged = bytearray(bytes(longer))
    forged = forged.replace(bytes.fromhex(str(stranger.fingerprint.keyid)), bytes.fromhex(str(key.fingerprint.keyid)))
    for signature in (bytes(longer), bytes(forged)):
        refused(bytes(key.pubkey) + signature)


def test_a_key_from_the_future_is_refused() -> None:
    """Now is before its creation."""
    with pytest.raises(UnusableKey):
        pass_gate(s.carer_pgp()[1], NOW - DAY)


def test_an_old_key_that_encrypts_with_its_primary_is_taken() -> None:
    """RSA-2048 with every use on the one key, as mail programs once made them."""
    key = PGPKey.new(PubKeyAlgorithm.RSAEncryptOrSign, 2048, created=LONG_AGO)
    every = {KeyFlags.Certify, KeyFlags.Sign, KeyFlags.EncryptCommunications, KeyFlags.EncryptStorage}
    key.add_uid(PGPUID.new("Carer", email=s.CARER.text), usage=every, hashes=[HashAlgorithm.SHA256], created=LONG_AGO)
    live = pass_gate(bytes(key.pubkey), NOW)
    assert live.key_ids == (str(key.fingerprint.keyid),)
    assert engine_takes(bytes(live.cert)) == set(live.key_ids)


def test_a_version_6_key_is_taken() -> None:
    """RFC 9580 keys, whose ids are the front of the fingerprint."""
    tsk = pysequoia.Tsk.generate("Carer <carer@carers.example>", profile=pysequoia.Profile.RFC9580)
    data = bytes(tsk.extract_certificate())
    live = pass_gate(data, SystemClock().now() + timedelta(seconds=60))
    assert set(live.key_ids) == engine_takes(data)


def test_two_certificates_or_a_secret_key_are_not_one_certificate() -> None:
    """What is not exactly one public key is refused."""
    data = s.carer_pgp()[1]
    refused(data + s.service_pgp()[1])
    refused(s.carer_pgp()[0])


def test_more_bindings_than_any_real_key_are_refused() -> None:
    """A key made to cost time."""
    key = s.primary()
    keyid = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    one = bytes(s.binding(key, key.subkeys[keyid], LONG_AGO + DAY, 100 * DAY))
    assert "more parts" in refused(bytes(key.pubkey) + 100 * one)
    assert "larger" in refused(bytes(key.pubkey) + 20_000 * one)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_octets_that_are_no_key_are_refused_and_never_raise(data: bytes) -> None:
    """Garbage in, a verdict out."""
    assert refused(data)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 10_000), flip=st.integers(1, 255), cut=st.integers(0, 10_000))
def test_a_damaged_key_never_raises_and_never_names_another_key(at: int, flip: int, cut: int) -> None:
    """One octet changed, or the end cut off: the same subkey or a refusal."""
    good = s.carer_pgp()[1]
    ids = pass_gate(good, NOW).key_ids
    damaged = bytearray(good)
    damaged[at % len(good)] ^= flip
    for data in (bytes(damaged), good[: cut % len(good)]):
        with contextlib.suppress(UnusableKey):
            assert pass_gate(data, NOW).key_ids == ids
