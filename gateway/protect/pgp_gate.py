"""The gate before every use of an OpenPGP certificate: whether it may be encrypted to now, and to which of its keys.

Input: whatever somebody once handed in as a key; hostile. Failure: ``UnusableKey`` with a reason in plain words.

The engine's own choice is not trusted: it takes expired subkeys without a word where there are no others, and
looks at neither the certificate's expiry nor its revocation (docs/adr/0003). So every encryption subkey is tried alone,
with one binding signature at a time, and nothing is encrypted to it: if the engine accepts the binding, it is genuine.
Its dates are then compared with ``now`` here. What leaves the gate is a certificate cut down to the live subkeys.
Revocations count even unverified: who could forge one into the register could as well remove the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pysequoia import Cert, encrypt
from pysequoia.packet import Packet, PacketPile, PublicKeyAlgorithm, SignatureType, Tag

from domain.errors import UnusableKey
from domain.model import folded
from gateway.protect import features
from gateway.protect.containment import day, refusing
from gateway.protect.features import Reads
from gateway.protect.packets import key_id_of, read_encrypted

_MAX_OCTETS = 1_000_000
_MAX_PROBES = 64
_MIN_RSA_BITS = 2048
_VERSION_6 = b"\x06"
_RSA = (PublicKeyAlgorithm.RSAEncryptSign, PublicKeyAlgorithm.RSAEncrypt, PublicKeyAlgorithm.RSASign)
_OBSOLETE = (PublicKeyAlgorithm.DSA, PublicKeyAlgorithm.ElGamalEncrypt, PublicKeyAlgorithm.ElGamalEncryptSign)

_ABOUT_OWNER = (
    *(SignatureType.GenericCertification, SignatureType.PersonaCertification),
    *(SignatureType.CasualCertification, SignatureType.PositiveCertification, SignatureType.DirectKey),
)

_UNREADABLE = "it cannot be read as an OpenPGP key"
_NOBODYS = "no name or address in it is confirmed by its owner"
_WEAK = "it is of a kind that is no longer safe"


@dataclass(frozen=True, slots=True)
class LiveCertificate:
    """A certificate that passed, cut down to its live encryption keys.

    ``key_ids`` are 16 upper-case hexadecimal digits each; ``addresses`` are case-folded; ``expires_at`` is when
    the last of the keys, or the whole, dies. ``instants`` are all those at which anything in it begins or ends.
    ``reads`` is what it says of its owner's program.
    """

    cert: Cert = field(repr=False)
    key_ids: tuple[str, ...]
    addresses: frozenset[str]
    expires_at: datetime | None
    instants: frozenset[datetime]
    reads: Reads


@dataclass(frozen=True, slots=True)
class _Component:
    """A key or user id, with the signatures that follow it."""

    packet: Packet
    signatures: tuple[Packet, ...]

    def packets(self) -> tuple[Packet, ...]:
        return (self.packet, *self.signatures)


class _Trials:
    """Certificates of these and some more packets, each given to the engine once: nothing is encrypted to it.

    The usual certificate has one subkey with one binding, which is then tried once and not in three roles.
    """

    def __init__(self, base: Sequence[Packet]) -> None:
        self._base = tuple(base)
        self._done: dict[tuple[Packet, ...], tuple[Cert, frozenset[str]]] = {}  # by the packets' identity

    def of(self, more: Iterable[Packet]) -> tuple[Cert, frozenset[str]]:
        """The certificate, and the key ids that the engine encrypts to. Raises errors of any kind."""
        packets = (*self._base, *more)
        if packets not in self._done:
            cert = Cert.from_packets(list(packets))
            message = encrypt(b"", recipients=[cert], armor=False)
            self._done[packets] = cert, frozenset(read_encrypted(message).key_ids)
        return self._done[packets]

    def accept(self, more: Iterable[Packet], key: _Component) -> bool:
        """Whether the engine would encrypt to this key in a certificate of just these packets."""
        try:
            return key_id_of(str(key.packet.fingerprint)) in self.of(more)[1]
        except Exception:  # noqa: BLE001 - the engine refuses with errors of any kind
            return False


def pass_gate(data: bytes, now: datetime) -> LiveCertificate:
    """The live part of a certificate. Raises ``UnusableKey`` and nothing else, whatever the octets are."""
    with refusing(_UNREADABLE):
        return _examine(data, now)


def _examine(data: bytes, now: datetime) -> LiveCertificate:
    if len(data) > _MAX_OCTETS:
        raise UnusableKey("it is larger than any real key")
    cert = Cert.from_bytes(data)
    packets = list(PacketPile.from_bytes(data))
    primary, user_ids, subkeys = _components(packets)
    _require_whole(cert, primary, now)
    _require_owner(cert, primary, user_ids)
    trials = _Trials([*primary.packets(), *(p for u in user_ids for p in u.packets())])
    alive, died = _live_subkeys(trials, primary, subkeys, now)
    if not alive:
        raise UnusableKey(_why_none(died, subkeys))
    slim, encrypted_to = trials.of(p for c, _ in alive if c is not primary for p in c.packets())
    key_ids = tuple(sorted({key_id_of(str(c.packet.fingerprint)) for c, _ in alive}))
    if encrypted_to != set(key_ids):
        raise UnusableKey("its parts contradict each other")
    end = _last([e for _, e in alive], cert.expiration)
    addresses, instants = _addresses(user_ids, cert), frozenset(_instants(packets))
    return LiveCertificate(slim, key_ids, addresses, end, instants, _reads(primary, user_ids))


def _components(packets: Iterable[Packet]) -> tuple[_Component, list[_Component], list[_Component]]:
    """Primary key, user ids, subkeys. Others' certifications are left out: they are bulk, and prove nothing here."""
    groups: list[list[Packet]] = []
    for packet in packets:
        if packet.tag == Tag.Signature:
            if groups and _is_own(packet, groups[0][0]):
                groups[-1].append(packet)
        elif packet.tag not in (Tag.Marker, Tag.Trust, Tag.Padding):
            groups.append([packet])
    components = [_Component(g[0], tuple(g[1:])) for g in groups]
    if [c.packet.tag for c in components if c.packet.tag in (Tag.PublicKey, Tag.SecretKey)] != [Tag.PublicKey]:
        raise UnusableKey("it is not one public key alone")
    return (
        components[0],
        [c for c in components if c.packet.tag == Tag.UserID],
        [c for c in components if c.packet.tag == Tag.PublicSubkey],
    )


def _is_own(signature: Packet, primary: Packet) -> bool:
    """Says it is by the primary key, or does not say by whom. A revocation counts from anybody."""
    if signature.signature_type in (SignatureType.KeyRevocation, SignatureType.SubkeyRevocation):
        return True
    issuer = signature.issuer_fingerprint
    if issuer is not None:
        return bool(issuer == primary.fingerprint)
    return signature.issuer_key_id in (None, primary.key_id)


def _require_whole(cert: Cert, primary: _Component, now: datetime) -> None:
    """The certificate as a whole: revoked, expired, not yet born, too weak, or nobody's."""
    if _has(primary.signatures, SignatureType.KeyRevocation) or cert.is_revoked:
        raise UnusableKey("its owner has withdrawn (revoked) it")
    if _is_weak(primary.packet):
        raise UnusableKey(_WEAK)
    expiration = _expiration(cert)
    if expiration is not None and expiration <= now:
        raise UnusableKey(f"it expired on {day(expiration)}")
    if primary.packet.key_created is None or primary.packet.key_created > now:
        raise UnusableKey("its date of creation lies in the future")


def _require_owner(cert: Cert, primary: _Component, user_ids: Sequence[_Component]) -> None:
    """A name that counts; or a key of version 6 without any, which speaks for itself (RFC 9580 section 10.1.1).

    Whether the owner's signature over the key itself is genuine the engine says when it is tried.
    """
    nameless = bytes(primary.packet.body[:1]) == _VERSION_6 and not user_ids
    if not cert.user_ids and not (nameless and _has(primary.signatures, SignatureType.DirectKey)):
        raise UnusableKey(_NOBODYS)


def _expiration(cert: Cert) -> datetime | None:
    try:
        return cert.expiration
    except Exception as e:  # the engine finds no signature of the owner's that would say
        raise UnusableKey(_NOBODYS) from e


def _live_subkeys(
    trials: _Trials, primary: _Component, subkeys: Iterable[_Component], now: datetime
) -> tuple[list[tuple[_Component, datetime | None]], list[datetime | None]]:
    """Subkeys that may be encrypted to at ``now``, each with its end; and when the dead ones died (None: revoked)."""
    alive: list[tuple[_Component, datetime | None]] = []
    died: list[datetime | None] = []
    probes = 0
    for subkey in subkeys:
        bindings = [s for s in subkey.signatures if s.signature_type == SignatureType.SubkeyBinding]
        probes += 1 + len(bindings)
        if probes > _MAX_PROBES:
            raise UnusableKey("it has more parts than any real key")
        newest = _newest_genuine(trials, subkey, bindings, now)
        if newest is None:
            continue
        end = _end(subkey.packet, newest)
        if _has(subkey.signatures, SignatureType.SubkeyRevocation):
            died.append(None)
        elif end is not None and end <= now:
            died.append(end)
        elif not _is_weak(subkey.packet) and trials.accept(subkey.packets(), subkey):
            alive.append((subkey, end))
    if not alive and not died and trials.accept((), primary):  # an old key that does everything with its primary
        alive.append((primary, None))
    return alive, died


def _newest_genuine(trials: _Trials, subkey: _Component, bindings: Iterable[Packet], now: datetime) -> Packet | None:
    """The binding that rules: the newest that the engine accepts when it stands alone."""
    dated = [(s.signature_created, s) for s in bindings if s.signature_created is not None]
    for created, binding in sorted(dated, key=lambda pair: pair[0], reverse=True):
        if created <= now and trials.accept((subkey.packet, binding), subkey):
            return binding
    return None


def _reads(primary: _Component, user_ids: Iterable[_Component]) -> Reads:
    """Version 6 came with version 2 of encrypted data: such a key need not say so."""
    said = features.of_signatures(
        bytes(s.body) for c in (primary, *user_ids) for s in c.signatures if s.signature_type in _ABOUT_OWNER
    )
    return Reads(v2=True, silent=False) if bytes(primary.packet.body[:1]) == _VERSION_6 else said


def _end(key: Packet, binding: Packet) -> datetime | None:
    if not binding.key_validity_period or key.key_created is None:
        return None
    end: datetime = key.key_created + binding.key_validity_period
    return end


def _is_weak(key: Packet) -> bool:
    if key.key_algorithm in _OBSOLETE:
        return True
    # Version (1), time (4), algorithm (1), and in version 6 a length (4); then the modulus's length in bits.
    start = 10 if bytes(key.body[:1]) == _VERSION_6 else 6
    return key.key_algorithm in _RSA and int.from_bytes(key.body[start : start + 2]) < _MIN_RSA_BITS


def _has(signatures: Iterable[Packet], kind: SignatureType) -> bool:
    return any(s.signature_type == kind for s in signatures)


def _why_none(died: Sequence[datetime | None], subkeys: Sequence[_Component]) -> str:
    ends = [d for d in died if d is not None]
    if ends:
        return f"its last key for encryption expired on {day(max(ends))}"
    if died:
        return "its keys for encryption have been withdrawn (revoked)"
    if any(_is_weak(s.packet) for s in subkeys):
        return _WEAK
    return "it has no key for encryption that its owner has confirmed"


def _addresses(user_ids: Iterable[_Component], cert: Cert) -> frozenset[str]:
    """Of the user ids that are bound by the owner and not revoked."""
    valid = {str(u) for u in cert.user_ids}
    emails = (u.packet.user_id_email for u in user_ids if u.packet.user_id in valid)
    return frozenset(folded(e) for e in emails if e)


def _last(ends: Sequence[datetime | None], whole: datetime | None) -> datetime | None:
    last = None if None in ends else max(e for e in ends if e is not None)
    known = [e for e in (last, whole) if e is not None]
    return min(known) if known else None


def _instants(packets: Sequence[Packet]) -> Iterator[datetime]:
    """When each key and signature begins and ends, anybody's, verified or not: one too many does no harm.

    Which key a signature's validity period is for is not asked: each period is counted from every key's creation.
    """
    births = [p.key_created for p in packets if p.tag in (Tag.PublicKey, Tag.PublicSubkey) and p.key_created]
    yield from births
    for signature in (p for p in packets if p.tag == Tag.Signature):
        yield from (i for i in (signature.signature_created, signature.signature_expiration_time) if i)
        if period := signature.key_validity_period:
            yield from (birth + period for birth in births)
