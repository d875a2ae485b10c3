"""Checks a proof of `sallyport audit prove` with nothing of Sallyport's: Python's standard library, and openssl.

    python3 check_proof.py event-3.tlog-proof 'sallyport.council.example/audit+4299eb8e+ARBx...'

It is short, to be read: the format is c2sp.org/tlog-proof, the tree RFC 9162 section 2.1, the signature
c2sp.org/signed-note.
Exit code 0 and the event if the proof holds; 1 and a word why, if not.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

ED25519 = bytes.fromhex("302a300506032b6570032100")  # what stands before the key in its DER form (RFC 8410)


def main(file: str, key: str) -> None:
    """Print the event, or why not."""
    head, _, note = Path(file).read_text(encoding="utf-8").partition("\n\n")
    first, extra, index, *steps = head.split("\n")
    if first != "c2sp.org/tlog-proof@v1":
        sys.exit("not a proof")
    event = base64.b64decode(extra.removeprefix("extra "))
    text = check_signature(note, key)
    _, size, root, *_ = text.split("\n")
    place, last = int(index.removeprefix("index ")), int(size) - 1
    found = hashlib.sha256(b"\x00" + event).digest()
    for step in map(base64.b64decode, steps):
        if last == 0:
            sys.exit("the proof is too long")
        if place % 2 or place == last:
            found = hashlib.sha256(b"\x01" + step + found).digest()
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            found = hashlib.sha256(b"\x01" + found + step).digest()
        place, last = place // 2, last // 2
    if last or found != base64.b64decode(root):
        sys.exit("the proof does not lead to the root that was signed")
    print(event.decode())


def check_signature(note: str, key: str) -> str:
    """The checkpoint's text, if this key has signed it."""
    name, number, data = key.split("+", 2)
    text, _, lines = note.rpartition("\n\n")
    text += "\n"
    for line in lines.splitlines():
        dash, who, value = line.split(" ")
        signature = base64.b64decode(value)
        if (dash, who, signature[:4].hex()) == ("\u2014", name, number) and verified(text, signature[4:], data):
            return text
    sys.exit("the checkpoint is not signed by this key")


def verified(text: str, signature: bytes, data: str) -> bool:
    """Ask openssl (3.0 or later)."""
    with tempfile.TemporaryDirectory() as folder:
        files = {"text": text.encode(), "signature": signature, "key": ED25519 + base64.b64decode(data)[1:]}
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in text -sigfile signature"
        return subprocess.run(command.split(), cwd=folder, capture_output=True, check=False).returncode == 0  # noqa: S603 - a constant


if __name__ == "__main__":
    if len(sys.argv) != len(("script", "file", "key")):
        sys.exit("usage: python3 check_proof.py FILE KEY, where KEY is the log's public line: name+id+base64")
    main(*sys.argv[1:])
