"""NIST's PKITS: 224 mails signed by S/MIME, each with a chain and lists (CRLs) that are right, or wrong in one way.

The signature is looked at by what harvests certificates, the chain by what asks for an authority's word
(``revocation = "required"``). What we refuse and the suite takes stands in ``STRICTER``; there is nothing the
other way.
"""

from __future__ import annotations

import lzma
import tarfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import cms, pem
from cryptography import x509

from domain.errors import UnusableKey
from domain.seen_keys import KeySource
from gateway.harvest.gathering import gather
from gateway.harvest.signed import signed_part
from gateway.harvest.smime import signature_holds
from gateway.mime.fields import read_header
from gateway.protect.chains import Chains, TrustFiles
from gateway.protect.x509_gate import addresses_in

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ARCHIVE = Path(__file__).parent.parent / "specimens" / "pkits" / "pkits.tar.xz"
_ROOT = "certs/TrustAnchorRootCertificate.crt"
_POLICIES_REFUSED = {f"DifferentPoliciesTest{n}" for n in (4, 5, 7, 8, 9, 12)}
"""Sections 4.8.4 to 4.8.9 and 4.8.12: no policy is left that everybody in the chain goes by, and one is asked for."""
STRICTER = {
    "ValidDSASignaturesTest4": "DSA is not used",
    "ValidDSAParameterInheritanceTest5": "DSA is not used",
    "ValidNameChainingUIDsTest6": "an issuer's unique identifier is not read (RFC 5280 section 4.1.2.8)",
    "ValidSelfIssuedDNnameConstraintsTest19": "a self-certified authority is looked at alone, names constrained",
    "ValidSelfIssuedinhibitAnyPolicyTest9": "a self-certified authority is looked at alone, any policy inhibited",
}


@cache
def suite() -> dict[str, bytes]:
    """By test: the mail, its lines ended by CR LF; and the root."""
    with lzma.open(ARCHIVE) as packed, tarfile.open(fileobj=packed) as archive:
        members = [m for m in archive if m.isfile()]
        found = {m.name: archive.extractfile(m).read() for m in members}  # type: ignore[union-attr]
    mails = {Path(n).stem.removeprefix("Signed"): d for n, d in found.items() if n.endswith(".eml")}
    lines = {n: d.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for n, d in mails.items()}
    return lines | {_ROOT: found[_ROOT]}


def names() -> list[str]:
    return sorted(n for n in suite() if n != _ROOT)


def is_valid(name: str) -> bool:
    return not name.startswith("Invalid") and name not in _POLICIES_REFUSED | {"MissingCRLTest1"}


def signed_data(raw: bytes) -> tuple[cms.SignedData, bytes | None]:
    signed = signed_part(raw, read_header(raw, 0, len(raw), 65536))
    assert signed is not None
    return cms.ContentInfo.load(signed.signature)["content"], signed.content


def chain_leads_to_the_root(data: cms.SignedData, folder: Path) -> bool:
    (folder / "root.pem").write_bytes(pem.armor("CERTIFICATE", suite()[_ROOT]))
    held = [c.chosen.dump() for c in data["certificates"]]
    (folder / "between.pem").write_bytes(b"".join(pem.armor("CERTIFICATE", c) for c in held))
    (folder / "lists").mkdir()
    for number, found in enumerate(data["crls"] or ()):
        (folder / "lists" / f"{number}.crl").write_bytes(found.chosen.dump())
    chains = Chains(TrustFiles(folder / "root.pem", folder / "between.pem", folder / "lists", "required"))
    try:
        chains.require(signer(data), NOW)
    except UnusableKey:
        return False
    return True


def signer(data: cms.SignedData) -> bytes:
    """DER."""
    (info,) = data["signer_infos"]
    named = info["sid"].chosen["serial_number"].native, info["sid"].chosen["issuer"].dump()
    held = [c.chosen for c in data["certificates"]]
    return next(bytes(c.dump()) for c in held if (c.serial_number, c.issuer.dump()) == named)


def test_the_suite_is_whole() -> None:
    """So that nothing passes by not being there."""
    assert len(names()) == 224
    assert sum(map(is_valid, names())) == 103
    assert set(STRICTER) <= set(filter(is_valid, names()))


@pytest.mark.parametrize("name", names())
def test_a_chain_is_good_exactly_where_the_suite_says_so(tmp_path: Path, name: str) -> None:
    """Nothing invalid is taken; what is valid is, but for what is named above."""
    data, _ = signed_data(suite()[name])
    assert chain_leads_to_the_root(data, tmp_path) is (is_valid(name) and name not in STRICTER)


def test_every_signature_over_the_mail_holds_and_over_a_changed_one_does_not() -> None:
    """The suite's mails are all rightly signed (by DSA in three): what is wrong with them is the chain."""
    for name in names():
        data, content = signed_data(suite()[name])
        assert content is not None
        assert signature_holds(data, content) is ("DSA" not in name), name
        assert not signature_holds(data, content.replace(b"sample", b"simple")), name


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_mail_brings_its_signers_certificate_exactly_where_that_names_the_author() -> None:
    """Seen, not used: of the eleven authors that are named, six have an authority's word, and five must not get it."""
    brought = {}
    for name in names():
        found = gather(suite()[name], frozenset(KeySource), NOW)
        own = signer(signed_data(suite()[name])[0])
        named = "DSA" not in name and found.author in addresses_in(x509.load_der_x509_certificate(own))
        assert [bytes(key.stored.data) for _, key in found.keys] == ([own] if named else []), name
        if named:
            brought[name] = is_valid(name)
    assert (len(brought), sum(brought.values())) == (11, 6)
