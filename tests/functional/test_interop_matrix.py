"""Every cell of docs/interoperability.md, run again: our mail and the programs that people read mail with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.interop.matrix import NO, READS, YES, Row, openpgp_peers, openpgp_rows, smime_readers, smime_rows

_PAGE = Path(__file__).parent.parent.parent / "docs" / "interoperability.md"


@pytest.fixture(scope="module")
def openpgp() -> list[Row]:
    with openpgp_peers() as peers:
        return list(openpgp_rows(peers))


@pytest.fixture(scope="module")
def smime() -> list[Row]:
    return list(smime_rows(smime_readers()))


def expected(row: Row) -> dict[str, str]:
    """Keys of version 4 open everywhere, unless they say that they want version 2 of encrypted data."""
    newer = "SEIPDv2" in row.sort or "version 6" in row.sort
    return dict.fromkeys(("gpg", "sq", "rnp"), NO if newer else YES) | {"pysequoia": YES}


def test_every_program_opens_what_is_for_the_keys_of_every_program(openpgp: list[Row]) -> None:
    """RSA, P-256, P-384, Ed25519 and X25519; by four makers, with four readers, each with a good signature."""
    assert {(r.maker, r.sort): r.results for r in openpgp} == {(r.maker, r.sort): expected(r) for r in openpgp}
    assert {r.maker for r in openpgp} == {"gpg", "sq", "rnp", "pysequoia", "draft-bre-openpgp-samples", "RFC 9580"}
    for kind in ("RSA-3072", "P-256", "P-384", "Ed25519, X25519", "version 6, P-384"):
        assert kind in {r.sort for r in openpgp}


def test_openssl_opens_every_sort_of_certificate(smime: list[Row]) -> None:
    """But X25519, which a reader by the letter of RFC 8418 opens; the others open what their versions know."""
    for row in smime:
        x25519, newer = "X25519" in row.sort, "GCM" in row.sort or "OAEP" in row.sort
        old_rsa = "RSA" in row.sort and not newer
        assert row.results == {
            "openssl": NO if x25519 else YES,
            "gpgsm": YES if old_rsa else NO,
            "NSS": YES if old_rsa else NO,
            "cryptography": READS if old_rsa else NO,
            "by RFC 8418": YES if x25519 else NO,
        }, row.sort
    sorts = {r.sort for r in smime}
    assert sorts >= {"RSA-2048", "RSA-4096", "P-256", "P-384", "X25519", "RSA-3072, says GCM, OAEP, PSS"}
    assert sorts >= {"RSA-2048, Alice", "RSA-2048, Bob", "X25519, Carlos", "X25519, Dana"}


def test_the_page_shows_these_very_results(openpgp: list[Row], smime: list[Row]) -> None:
    """What `make interop` wrote is what is so now, versions of the programs apart."""
    page = _PAGE.read_text(encoding="utf-8")
    shown = [tuple(c.strip() for c in line.split("|")[1:-1]) for line in re.findall(r"^\|.*\|$", page, re.MULTILINE)]
    for row in (*openpgp, *smime):
        assert (row.sort, row.maker, *row.results.values()) in shown
