"""The OpenPGP gate's memory: faster the second time, and never another answer than the gate itself would give."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pgpy import PGPSignature
from pgpy.constants import HashAlgorithm, SignatureType

from domain.errors import UnusableKey
from gateway.protect.gate_memory import GateMemory
from gateway.protect.openpgp import OpenPGP
from gateway.protect.pgp_gate import LiveCertificate, pass_gate
from tests.support import protect_specimens as s
from tests.support.protect_specimens import DAY, NOW

LONG_AGO = NOW - 400 * DAY
SECOND = timedelta(seconds=1)


def key_with(*lifetimes: timedelta | None) -> tuple[bytes, list[str]]:
    """A certificate with a subkey for each lifetime, counted from ``LONG_AGO``; and their ids."""
    key = s.primary()
    ids = [s.add_subkey(key, s.new_subkey(), LONG_AGO, lifetime) for lifetime in lifetimes]
    return bytes(key.pubkey), ids


def ending(when: datetime) -> timedelta:
    """The lifetime of a subkey that dies then."""
    return when - LONG_AGO


def warmed(data: bytes, now: datetime = NOW) -> tuple[GateMemory, LiveCertificate]:
    """A memory that has just passed it; fails where nothing was remembered."""
    memory = GateMemory()
    live = memory.pass_gate(data, now)
    assert memory.pass_gate(data, now) is live
    return memory, live


def outcome(gate: object, data: bytes, now: datetime) -> tuple[object, ...]:
    """Everything that is said of a certificate, to compare."""
    try:
        live = gate(data, now)  # type: ignore[operator]
    except UnusableKey as e:
        return (e.private,)
    return live.key_ids, live.addresses, live.expires_at, bytes(live.cert)


def test_the_same_certificate_a_moment_later_is_not_examined_again() -> None:
    """Else there would be no use in it; a minute later it is."""
    data = s.carer_pgp()[1]
    memory, live = warmed(data)
    assert memory.pass_gate(data, NOW + 59 * SECOND) is live
    assert memory.pass_gate(data, NOW + 60 * SECOND) is not live


def test_a_subkey_that_expires_between_two_uses_is_refused_at_the_second() -> None:
    """With a warm memory: a second before its end it passes, at its end it does not."""
    data, _ = key_with(ending(NOW + 10 * SECOND))
    memory, live = warmed(data)
    assert memory.pass_gate(data, NOW + 9 * SECOND) is live
    with pytest.raises(UnusableKey, match="expired"):
        memory.pass_gate(data, NOW + 10 * SECOND)


def test_a_whole_certificate_that_expires_between_two_uses_is_refused_at_the_second() -> None:
    """The primary key's end, with a subkey that has none."""
    key = s.primary(lifetime=NOW + 10 * SECOND - LONG_AGO)
    s.add_subkey(key, s.new_subkey(), LONG_AGO)
    data = bytes(key.pubkey)
    memory, live = warmed(data)
    assert memory.pass_gate(data, NOW + 9 * SECOND) is live
    with pytest.raises(UnusableKey, match="expired"):
        memory.pass_gate(data, NOW + 10 * SECOND)


def test_protect_refuses_what_examine_let_pass_before_it_expired() -> None:
    """Through the protector: one memory serves both, and the key dies between them."""
    data, _ = key_with(ending(NOW + 2 * SECOND))
    protector, stored = OpenPGP(s.service_pgp()[0]), s.pgp(data)
    assert protector.examine(stored, NOW).usable
    message = s.message(s.TEXT + b"hello\r\n")
    assert protector.protect(message, s.ENVELOPE, s.CARER, [stored], s.SUBJECT, NOW + SECOND).content
    with pytest.raises(UnusableKey):
        protector.protect(message, s.ENVELOPE, s.CARER, [stored], s.SUBJECT, NOW + 2 * SECOND)


def test_of_two_subkeys_only_the_living_one_is_used_once_the_other_has_died() -> None:
    """The end of any of them ends what was remembered, not only that of the last."""
    data, (short, long) = key_with(ending(NOW + DAY), None)  # the engine, which reads the clock, sees both alive
    memory, live = warmed(data, NOW + DAY - 10 * SECOND)
    assert set(live.key_ids) == {short, long}
    assert memory.pass_gate(data, NOW + DAY - SECOND) is live
    assert memory.pass_gate(data, NOW + DAY).key_ids == (long,)


def test_a_signature_that_itself_runs_out_ends_what_is_remembered() -> None:
    """Not the key's end but the signature's (RFC 9580 section 5.2.3.18), which only the engine weighs."""
    key = s.primary()
    keyid = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    short = PGPSignature.new(
        SignatureType.Subkey_Binding, key.key_algorithm, HashAlgorithm.SHA256, key.fingerprint.keyid, created=LONG_AGO
    )
    short._signature.subpackets.addnew("SignatureExpirationTime", hashed=True, expires=ending(NOW + 10 * SECOND))
    key.subkeys[keyid] |= key._sign(key.subkeys[keyid], short)
    data = bytes(key.pubkey)
    memory, live = warmed(data)
    assert memory.pass_gate(data, NOW + 9 * SECOND) is live
    assert memory.pass_gate(data, NOW + 10 * SECOND) is not live


def test_a_binding_that_begins_between_two_uses_counts_at_the_second() -> None:
    """A newer signature of the owner's, dated ahead, that ends the subkey's life at once."""
    key = s.primary()
    keyid = s.add_subkey(key, s.new_subkey(), LONG_AGO)
    key.subkeys[keyid] |= s.binding(key, key.subkeys[keyid], NOW + 10 * SECOND, 100 * DAY)
    data = bytes(key.pubkey)
    memory, live = warmed(data)
    assert memory.pass_gate(data, NOW + 9 * SECOND) is live
    with pytest.raises(UnusableKey, match="expired"):
        memory.pass_gate(data, NOW + 10 * SECOND)


def test_a_clock_that_goes_back_before_the_keys_birth_is_not_answered_from_memory() -> None:
    """``now`` decides, in either direction."""
    data = s.carer_pgp()[1]
    memory, _ = warmed(data)
    with pytest.raises(UnusableKey, match="future"):
        memory.pass_gate(data, NOW - SECOND)


def test_a_revocation_makes_another_certificate() -> None:
    """The register's new octets are never answered with what is known of the old."""
    key = s.primary()
    s.add_subkey(key, s.new_subkey(), LONG_AGO)
    memory, _ = warmed(bytes(key.pubkey))
    key |= key.revoke(key)
    with pytest.raises(UnusableKey, match="revoked"):
        memory.pass_gate(bytes(key.pubkey), NOW)


def test_two_certificates_are_never_confused() -> None:
    """Many owners in one memory, asked for in turn, each gets their own keys."""
    known = dict(key_with(None) for _ in range(8))
    memory = GateMemory()
    for _ in range(3):
        for data, ids in known.items():
            assert memory.pass_gate(data, NOW).key_ids == tuple(ids)


def test_a_refusal_is_not_remembered() -> None:
    """Refused before its birth, it passes after it."""
    data, memory = s.carer_pgp()[1], GateMemory()
    with pytest.raises(UnusableKey):
        memory.pass_gate(data, NOW - SECOND)
    assert memory.pass_gate(data, NOW)


def test_what_is_used_least_is_forgotten_first_and_room_is_bounded() -> None:
    """Room for two of three certificates of the same size."""
    first, second, third = (key_with(None)[0] for _ in range(3))
    memory = GateMemory(max_octets=len(first) + len(second))
    kept, lost = memory.pass_gate(first, NOW), memory.pass_gate(second, NOW)
    assert memory.pass_gate(first, NOW) is kept
    memory.pass_gate(third, NOW)
    assert memory.pass_gate(first, NOW) is kept
    assert memory.pass_gate(second, NOW) is not lost


def test_a_certificate_larger_than_the_room_passes_but_is_not_remembered() -> None:
    """Neither does it push the others out."""
    small, (large, _) = key_with(None)[0], key_with(None, None)
    memory = GateMemory(max_octets=len(small))
    kept = memory.pass_gate(small, NOW)
    assert memory.pass_gate(large, NOW) is not memory.pass_gate(large, NOW)
    assert memory.pass_gate(small, NOW) is kept


def test_many_threads_get_the_right_answers() -> None:
    """Little room, so that they push each other out all the time."""
    known = dict(key_with(None) for _ in range(4))
    memory = GateMemory(max_octets=2 * max(map(len, known)))
    wrong: list[object] = []

    def ask() -> None:
        for turn in range(25):
            for data, ids in known.items():
                try:
                    if memory.pass_gate(data, NOW + turn * 10 * SECOND).key_ids != tuple(ids):
                        wrong.append(data)
                except Exception as e:  # noqa: BLE001 - whatever a thread dies of
                    wrong.append(e)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_one_octet_changed_is_another_certificate(at: int, flip: int) -> None:
    """A memory that knows the good key says of the damaged one what the gate alone says."""
    good = s.carer_pgp()[1]
    memory, _ = warmed(good)
    damaged = bytearray(good)
    damaged[at % len(good)] ^= flip
    assert outcome(memory.pass_gate, bytes(damaged), NOW) == outcome(pass_gate, bytes(damaged), NOW)


@settings(max_examples=80, deadline=None)
@given(
    centre=st.sampled_from([NOW - DAY, NOW + DAY]),  # far from the machine's clock, which the engine reads meanwhile
    ends=st.lists(st.integers(-90, 90), min_size=1, max_size=3),
    born=st.integers(-90, 90),
    moments=st.lists(st.integers(-120, 120), min_size=2, max_size=6),
)
def test_in_any_order_of_moments_the_answer_is_the_gates(
    centre: datetime, ends: list[int], born: int, moments: list[int]
) -> None:
    """Subkeys that end, and one bound anew, around the moments at which the certificate is used."""
    key = s.primary()
    for end in ends:
        keyid = s.add_subkey(key, s.new_subkey(), LONG_AGO, ending(centre + end * SECOND))
    later = s.binding(key, key.subkeys[keyid], centre + born * SECOND, ending(centre + 100 * SECOND))
    key.subkeys[keyid] |= later
    data, memory = bytes(key.pubkey), GateMemory()
    for moment in moments:
        now = centre + moment * SECOND
        assert outcome(memory.pass_gate, data, now) == outcome(pass_gate, data, now)
