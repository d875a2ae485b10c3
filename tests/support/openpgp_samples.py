"""Published OpenPGP keys and messages (tests/specimens/openpgp; its README names the suites they come from)."""

from __future__ import annotations

from pathlib import Path

from pysequoia import Cert, Tsk
from pysequoia.packet import Packet, PacketPile

FOLDER = Path(__file__).parent.parent / "specimens" / "openpgp"
SAMPLES = {
    "alice": ("Ed25519, X25519, Alice", "draft-bre-openpgp-samples"),
    "bob": ("RSA-3072, Bob", "draft-bre-openpgp-samples"),
    "v6": ("version 6, Ed25519, X25519, no name", "RFC 9580"),
}
"""Those that are good today: what they are, and where they stand."""


def octets(name: str) -> bytes:
    """A file, as it was published."""
    return (FOLDER / f"{name}.asc").read_bytes()


def secret(name: str) -> bytes:
    """The secret key, armoured."""
    return octets(f"{name}.sec")


def public(name: str) -> bytes:
    """The certificate, binary: the published one, or that of the published secret key."""
    if (FOLDER / f"{name}.pub.asc").exists():
        return bytes(Cert.from_bytes(octets(f"{name}.pub")))
    return bytes(Tsk.from_bytes(secret(name)).extract_certificate())


def packets(data: bytes) -> list[Packet]:
    """Of a certificate or anything else."""
    return list(PacketPile.from_bytes(data))
