"""An age plug-in of the tests' own (C2SP age-plugin), standing in for a hardware key: a "locket" is a file with a PIN.

It speaks the real protocol on standard input and output, so age itself and our library can start it. The identity says
only where the locket is (as a YubiKey's says which slot); the secret is in the locket, behind its PIN and a touch.
Wrapping is as for X25519 recipients (age-encryption.org/v1), under a stanza name and a label of its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NAME = "locket"
_CHARS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


@dataclass(frozen=True)
class Locket:
    """What its owner has: a recipient for everybody, an identity file's line, and the PIN in the head."""

    recipient: str
    identity: str
    pin: str


def make(file: Path, pin: str = "246810") -> Locket:
    """A new locket at ``file``."""
    secret = X25519PrivateKey.generate()
    file.write_text(json.dumps({"secret": secret.private_bytes_raw().hex(), "pin": pin}))
    identity = bech32(f"age-plugin-{NAME}-", str(file).encode()).upper()
    return Locket(bech32(f"age1{NAME}", secret.public_key().public_bytes_raw()), identity, pin)


def install(folder: Path) -> None:
    """The program ``age-plugin-locket`` in a folder that belongs on the PATH."""
    program = folder / f"age-plugin-{NAME}"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{Path(__file__).absolute()}" "$@"\n')
    program.chmod(0o755)


def bech32(hrp: str, data: bytes) -> str:
    """BIP 173, without its limit of 90 characters, as age uses it."""
    values = _regroup(data, 8, 5)
    expanded = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    check = _polymod([*expanded, *values, *([0] * 6)]) ^ 1
    return hrp + "1" + "".join(_CHARS[v] for v in [*values, *((check >> 5 * (5 - i)) & 31 for i in range(6))])


def unbech32(text: str) -> bytes:
    """The data alone; who sends it has checked it."""
    values = [_CHARS.index(c) for c in text.lower().rpartition("1")[2]][:-6]
    return bytes(_regroup(bytes(values), 5, 8, pad=False))


def _regroup(data: bytes, old: int, new: int, *, pad: bool = True) -> list[int]:
    number, bits, found = 0, 0, []
    for value in data:
        number, bits = number << old | value, bits + old
        while bits >= new:
            bits -= new
            found.append(number >> bits & (1 << new) - 1)
    if pad and bits:
        found.append(number << new - bits & (1 << new) - 1)
    return found


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate(_GENERATOR):
            check ^= generator if top >> i & 1 else 0
    return check


Stanza = tuple[list[str], bytes]


def _read() -> Stanza:
    words = sys.stdin.readline().split()[1:]
    body = ""
    while True:
        line = sys.stdin.readline().strip()
        body += line
        if len(line) < 64:
            return words, _unbase64(body)


def _write(*words: str, body: bytes = b"") -> None:
    text = base64.b64encode(body).decode().rstrip("=")
    lines = [text[i : i + 64] for i in range(0, len(text), 64)] or [""]
    if len(lines[-1]) == 64:
        lines.append("")
    sys.stdout.write("\n".join([f"-> {' '.join(words)}", *lines, ""]))
    sys.stdout.flush()


def _ask(*words: str, body: bytes = b"") -> Stanza:
    _write(*words, body=body)
    return _read()


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _key(shared: bytes, ephemeral: bytes, public: bytes) -> ChaCha20Poly1305:
    label = b"sallyport.example/tests/locket"
    return ChaCha20Poly1305(HKDF(SHA256(), 32, ephemeral + public, label).derive(shared))


def _tag(public: bytes) -> str:
    return base64.b64encode(hashlib.sha256(public).digest()[:4]).decode().rstrip("=")


def wrap() -> None:
    """recipient-v1."""
    recipients, files = [], []
    while (stanza := _read())[0][0] != "done":
        (command, *more), body = stanza
        recipients += [unbech32(more[0])] if command == "add-recipient" else []
        files += [body] if command == "wrap-file-key" else []
    for number, file_key in enumerate(files):
        for public in recipients:
            ours = X25519PrivateKey.generate()
            ephemeral = ours.public_key().public_bytes_raw()
            key = _key(ours.exchange(X25519PublicKey.from_public_bytes(public)), ephemeral, public)
            text = base64.b64encode(ephemeral).decode().rstrip("=")
            sealed = key.encrypt(bytes(12), file_key, None)
            _ask("recipient-stanza", str(number), NAME, _tag(public), text, body=sealed)
    _write("done")


def unwrap() -> None:
    """identity-v1: of what is sealed to one of our lockets, after its PIN."""
    lockets, stanzas = [], []
    while (stanza := _read())[0][0] != "done":
        (command, *more), body = stanza
        lockets += [json.loads(Path(unbech32(more[0]).decode()).read_text())] if command == "add-identity" else []
        stanzas += [(more[0], more[2:], body)] if command == "recipient-stanza" and more[1] == NAME else []
    opened: set[str] = set()
    for locket in lockets:
        secret = X25519PrivateKey.from_private_bytes(bytes.fromhex(locket["secret"]))
        public = secret.public_key().public_bytes_raw()
        for number, (tag, ephemeral), body in stanzas:
            if tag == _tag(public) and number not in opened and _may(locket["pin"]):
                theirs = _unbase64(ephemeral)
                key = _key(secret.exchange(X25519PublicKey.from_public_bytes(theirs)), theirs, public)
                try:
                    _ask("file-key", number, body=key.decrypt(bytes(12), body, None))
                    opened.add(number)
                except InvalidTag:
                    _ask("error", "stanza", number, "0", body=b"damaged")
    _write("done")


def _may(pin: str) -> bool:
    """Its owner types the PIN, and touches it."""
    if log := os.environ.get("LOCKET_LOG"):
        with Path(log).open("a") as lines:
            lines.write("asked\n")
    (answer, *_), typed = _ask("request-secret", body=b"PIN of the locket")
    if answer != "ok" or typed.decode() != pin:
        _ask("error", "identity", "0", body=b"that is not its PIN")
        return False
    _ask("msg", body=b"Please touch the locket")
    return True


if __name__ == "__main__":
    {"--age-plugin=recipient-v1": wrap, "--age-plugin=identity-v1": unwrap}[sys.argv[1]]()
