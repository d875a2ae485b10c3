"""What a key says that its owner's program reads, and that the engine's message is one that it reads."""

from __future__ import annotations

import pytest
from pysequoia import Profile, Tsk

from domain.errors import ProtectionFailed
from domain.model import Address, Envelope
from gateway.clock import SystemClock
from gateway.protect import decoy
from gateway.protect.features import Reads, features, of_signatures
from gateway.protect.openpgp import OpenPGP
from gateway.protect.packets import MalformedPackets
from gateway.protect.pgp_gate import pass_gate
from tests.support import protect_specimens as s

ADDRESS = Address.of("carer@carers.example")


def signature(*subpackets: bytes, version: int = 4) -> bytes:
    """A signature packet's body up to the end of its hashed area."""
    area = b"".join(subpackets)
    return bytes([version, 0x13, 22, 8]) + len(area).to_bytes(2 if version == 4 else 4) + area


CREATED = b"\x05\x02\0\0\0\1"
LONG = b"\xc0\x40" + b"\x14" + bytes(255)  # 256 octets, so a length of two
VERY_LONG = b"\xff\0\0\0\x02\x14\0"  # a length of five octets


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        (signature(CREATED, b"\x02\x1e\x09"), 0x09),
        (signature(CREATED, b"\x02\x9e\x01"), 0x01),  # marked critical
        (signature(LONG, VERY_LONG, b"\x02\x1e\x08"), 0x08),
        (signature(b"\x02\x1e\x08", version=6), 0x08),
        (signature(b"\x01\x1e"), 0),
        (signature(CREATED), None),
        (signature(b"\x09\x1e\x08"), None),  # reaches beyond the area
        (signature(b"\x00\x02\x1e\x08"), None),  # of no length
        (signature(b"\x02\x1e\x08")[:5], None),
        (b"\x03\x05", None),
        (b"", None),
    ],
)
def test_the_features_are_read_from_the_signed_part(body: bytes, flags: int | None) -> None:
    """Of versions 4 and 6, with lengths of every form; what is broken says nothing."""
    assert features(body) == flags


def test_version_2_is_written_only_where_everything_that_speaks_allows_it() -> None:
    """One signature that says otherwise, or none that says anything, is version 1."""
    new, old, none = signature(b"\x02\x1e\x09"), signature(b"\x02\x1e\x01"), signature(CREATED)
    assert of_signatures([new]) == Reads(v2=True, silent=False)
    assert of_signatures([new, none]) == Reads(v2=True, silent=True)
    assert of_signatures([new, old]) == Reads(v2=False, silent=False)
    assert of_signatures([none]) == of_signatures([]) == Reads(v2=False, silent=True)


def protected(certificate: bytes) -> tuple[bytes, tuple[str, ...]]:
    now = SystemClock().now()
    message = OpenPGP(s.service_pgp()[0]).protect(
        s.message(s.TEXT + b"hello\r\n"), Envelope(s.OFFICER, (ADDRESS,), now), ADDRESS, [s.pgp(certificate)], "x", now
    )
    return message.content, message.key_ids


def test_the_decoy_is_not_among_those_who_can_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a key that says nothing: its own key id alone is in what leaves, and its armour has the sum of version 1."""
    key = s.primary()
    key_id = s.add_subkey(key, s.new_subkey(), s.NOW - s.DAY)
    monkeypatch.setattr("gateway.protect.pgp_gate.features.of_signatures", lambda _: Reads(v2=False, silent=True))
    content, key_ids = protected(bytes(key.pubkey))
    assert key_ids == (key_id,)
    assert b"\r\n=" in content


def test_a_key_of_version_6_reads_version_2_without_saying_so() -> None:
    """It came with it (RFC 9580)."""
    made = bytes(Tsk.generate("<carer@carers.example>", profile=Profile.RFC9580).extract_certificate())
    assert pass_gate(made, SystemClock().now()).reads == Reads(v2=True, silent=False)


def test_a_message_of_a_version_that_is_not_read_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the engine write version 2 for who says that they read version 1."""
    made = bytes(Tsk.generate("<carer@carers.example>", profile=Profile.RFC4880).extract_certificate())
    monkeypatch.setattr("gateway.protect.pgp_gate.features.of_signatures", lambda _: Reads(v2=False, silent=False))
    with pytest.raises(ProtectionFailed):
        protected(made)


def test_only_the_decoy_is_cut_off() -> None:
    """Where the engine put somebody else first, nothing is cut off and nothing leaves; nor from what is no message."""
    message = b"\xc1\x0a\x03" + bytes(8) + b"\x12"
    with pytest.raises(MalformedPackets):
        decoy.without_decoy(message, frozenset({"0" * 16}))
    for broken in (b"", b"\xc1", b"\xd2\x01\x01"):
        with pytest.raises(MalformedPackets):
            decoy.without_decoy(broken, frozenset())
