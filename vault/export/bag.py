"""A bag (BagIt 1.0, RFC 8493): payload with SHA-256 and SHA-512 manifests, tag files, and a signature over it all.

The signature is over ``tagmanifest-sha512.txt``, which has the digest of every other tag file, among them the payload's
manifests: so one signature vouches for every byte.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import bagit

from domain.here import HERE
from vault.export.folder import wipe
from vault.export.page import Service
from vault.export.signing import CMS, CMS_CERTIFICATE, OPENPGP, OPENPGP_KEY, SigningKeys

SIGNED = "tagmanifest-sha512.txt"
_ALGORITHMS = ["sha256", "sha512"]


@dataclass(frozen=True, slots=True)
class About:
    """What a bag says of itself. ``reference`` is the case's."""

    service: Service
    reference: str
    description: str
    now: datetime


def make(folder: Path, about: About, tags: Mapping[str, bytes], keys: SigningKeys) -> Path:
    """Make a bag of what lies in ``folder``, in its place. Raises ``ConfigurationError`` where it cannot be signed."""
    logging.getLogger("bagit").setLevel(logging.WARNING)
    info = {
        "Source-Organization": about.service.name,
        "Contact-Email": about.service.address,
        "External-Identifier": about.reference,
        "External-Description": about.description,
        "Bagging-Date": f"{about.now.astimezone(HERE):%Y-%m-%d}",
        "Bag-Software-Agent": "Sallyport, with bagit.py",
    }
    if about.service.phone:
        info["Contact-Phone"] = about.service.phone
    bag = bagit.make_bag(str(folder), info, checksums=_ALGORITHMS)
    for name, content in {**tags, "VERIFY.txt": verify_text(about, keys.fingerprints())}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    bag.save()
    for algorithm in _ALGORITHMS:
        _as_tools_read_it(folder / f"tagmanifest-{algorithm}.txt")
    for name, content in keys.sign((folder / SIGNED).read_bytes()).items():
        (folder / "signatures").mkdir(exist_ok=True)
        (folder / "signatures" / name).write_bytes(content)
    bagit.Bag(str(folder)).validate(processes=1)
    return folder


def _as_tools_read_it(manifest: Path) -> None:
    """Two blanks between digest and name: bagit writes one, which not every sha512sum understands."""
    lines = (line.split(maxsplit=1) for line in manifest.read_text(encoding="utf-8").splitlines())
    manifest.write_text("".join(f"{digest}  {name}\n" for digest, name in lines), encoding="utf-8")


def fresh(folder: Path) -> Path:
    """An empty folder for a payload; what an earlier try left is wiped: it may since have been decided otherwise."""
    if folder.exists():
        wipe(folder)
    folder.mkdir(mode=0o700, parents=True)
    return folder


def verify_text(about: About, fingerprints: Sequence[tuple[str, str]]) -> bytes:
    """How to check everything with tools that are on most computers, or free."""
    kinds = {kind.partition(",")[0] for kind, _ in fingerprints}
    lines = [
        f"How to check this bundle ({about.reference})",
        "",
        "Open a terminal in this folder. Nothing of ours is needed.",
        "",
        "1. Nothing was changed, lost or added (SHA-512; shasum -a 512 -c on a Mac):",
        "",
        "     sha512sum --check --quiet manifest-sha512.txt",
        "     sha512sum --check --quiet tagmanifest-sha512.txt",
        "",
        "   or, with Python:  pip install bagit && bagit.py --validate .",
        "",
        "2. It is from us. Compare the fingerprint by telephone, with a number that you did not get with this bundle:",
        "",
        *(f"     {kind}: {print_}" for kind, print_ in fingerprints),
        "",
    ]
    if "OpenPGP" in kinds:
        lines += [
            f"     gpg --import signatures/{OPENPGP_KEY}",
            f"     gpg --verify signatures/{OPENPGP} {SIGNED}",
            "",
        ]
    if "S/MIME" in kinds:
        lines += [
            f"     openssl cms -verify -binary -inform DER -in signatures/{CMS} -content {SIGNED} \\",
            f"       -certfile signatures/{CMS_CERTIFICATE} -CAfile signatures/{CMS_CERTIFICATE} \\",
            "       -purpose any -out /dev/null",
            "",
        ]
    lines += [
        "3. Who had it in their hands: custody.txt for people, custody.json for programs.",
        "",
        "4. proofs/ (where there is one) shows that these events are in the audit trail: proofs/README.txt says how.",
        "",
    ]
    return "\n".join(lines).encode()
