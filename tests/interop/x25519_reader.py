"""Opens CMS envelopes for X25519 keys by the letter of RFC 8418, 5084 and 5652: no program here does.

It shares no line with what writes them (``gateway/protect``): its structures are its own, and it is held to a message
that somebody else's program wrote (``tests/specimens/rfc9216``).
"""

from __future__ import annotations

from asn1crypto import cms, core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

_HKDF_SHA256 = "1.2.840.113549.1.9.16.3.19"
_WRAPS = {"2.16.840.1.101.3.4.1.5": 16, "2.16.840.1.101.3.4.1.45": 32}


def open_envelope(envelope: bytes, private: X25519PrivateKey) -> bytes:
    """The content. ``envelope`` is the DER or BER of a ContentInfo. Raises for whatever is not right in it."""
    info = cms.ContentInfo.load(envelope)
    body = info["content"]
    if info["content_type"].native == "authenticated_enveloped_data":
        content = body["auth_encrypted_content_info"]
        nonce, length = (core.load(child.dump()).native for child in _children(content))
        assert length == len(body["mac"].native)
        sealed = content["encrypted_content"].native + body["mac"].native
        return AESGCM(_key(body, private)).decrypt(nonce, sealed, None)
    content = body["encrypted_content_info"]
    mode = modes.CBC(content["content_encryption_algorithm"]["parameters"].native)
    decryptor = Cipher(algorithms.AES(_key(body, private)), mode).decryptor()
    padded = decryptor.update(content["encrypted_content"].native) + decryptor.finalize()
    assert padded[-padded[-1] :] == bytes([padded[-1]]) * padded[-1]
    return padded[: -padded[-1]]


def _children(content: cms.EncryptedContentInfo) -> core.SequenceOf:
    """Of GCMParameters: nonce and length of the MAC."""
    parameters = content["content_encryption_algorithm"]["parameters"].dump()
    return core.SequenceOf.load(parameters, spec=core.Any)


def _key(body: core.Sequence, private: X25519PrivateKey) -> bytes:
    (recipient,) = (r.chosen for r in body["recipient_infos"])
    algorithm = recipient["key_encryption_algorithm"]
    assert algorithm["algorithm"].dotted == _HKDF_SHA256
    wrap = core.Sequence.load(algorithm["parameters"].dump())
    size = _WRAPS[core.ObjectIdentifier.load(wrap.contents).dotted]
    # ECC-CMS-SharedInfo: the wrapping algorithm, no party information, the wrapping key's length in bits.
    supplied = b"\xa2\x06\x04\x04" + (8 * size).to_bytes(4)
    shared = wrap.dump() + supplied
    ephemeral = recipient["originator"].chosen["public_key"]
    agreed = private.exchange(X25519PublicKey.from_public_bytes(bytes(ephemeral)))
    wrapping = HKDF(hashes.SHA256(), size, None, bytes([0x30, len(shared)]) + shared).derive(agreed)
    (entry,) = recipient["recipient_encrypted_keys"]
    return aes_key_unwrap(wrapping, entry["encrypted_key"].native)
