"""Signed notes, keys, cosignatures and checkpoints: the published examples, and what must be refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import NOW
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.note import BadNote, Kind, NotAKey, Note, Signature, Signer, Verifier

# golang.org/x/mod/sumdb/note: its documentation and tests.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)
ENOCH_LINE = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ="
# c2sp.org/signed-note: its example.
SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# A log's checkpoint of the public witness network, with the cosignature of one of its witnesses.
WITNESS_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
LOG_KEY = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
PUBLIC = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev \
ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— witness1.smartit.nu/witness1 \
pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de \
2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
"""


def test_the_published_note_is_signed_byte_for_byte() -> None:
    """Ed25519 has one signature a text, so ours is the one in Go's documentation."""
    signer = Signer.of(PETER_PRIVATE)
    assert str(Note(TEXT, (signer.sign(TEXT, NOW),))) == f"{TEXT}\n{PETER_LINE}\n"
    assert (signer.line(), str(signer.verifier)) == (PETER_PRIVATE, PETER)


def test_the_published_notes_verify() -> None:
    """Go's with two signers, and the specification's own."""
    note = Note.of(f"{TEXT}\n{PETER_LINE}\n{ENOCH_LINE}\n".encode())
    assert [note.signed_by(Verifier.of(k)) is not None for k in (PETER, ENOCH, SPEC_KEY)] == [True, True, False]
    assert Note.of(SPEC_NOTE).signed_by(Verifier.of(SPEC_KEY)) is not None
    assert [str(Verifier.of(k)) for k in (PETER, ENOCH, SPEC_KEY, WITNESS_KEY)] == [PETER, ENOCH, SPEC_KEY, WITNESS_KEY]


def test_a_public_checkpoint_and_its_witness_verify() -> None:
    """The log's signature, and a cosignature/v1 with its time."""
    note = Note.of(PUBLIC)
    assert note.signed_by(Verifier.of(LOG_KEY)) is not None
    assert note.signed_by(Verifier.of(WITNESS_KEY)) == datetime.fromtimestamp(0x6A122120, UTC)
    head = Checkpoint.of(note.text)
    assert (head.origin, head.size) == ("arche2025h1.staging.ct.transparency.dev", 1432088532)
    assert head.text == note.text
    altered = Note(note.text.replace("1432088532", "42"), note.signatures)
    for key in (LOG_KEY, WITNESS_KEY):
        with pytest.raises(BadNote):
            altered.signed_by(Verifier.of(key))


@pytest.mark.parametrize(
    "line",
    [
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # another number
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # capitals
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # another kind
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+!!!!",
        "",
        PETER_PRIVATE,
    ],
)
def test_what_is_no_key_is_refused(line: str) -> None:
    """Go's bad keys among them."""
    with pytest.raises(NotAKey):
        Verifier.of(line)


def test_a_private_key_is_checked_like_a_public_one() -> None:
    """Its number, and that it is private; a name without spaces and plus signs."""
    with pytest.raises(NotAKey):
        Signer.of(PETER)
    with pytest.raises(NotAKey):
        Signer.of(PETER_PRIVATE.replace("c74f20a3", "c74f20a4"))
    for name in ("", "a b", "a+b"):
        with pytest.raises(NotAKey):
            Signer.new(name, Kind.LOG)
    assert PETER_PRIVATE.rpartition("+")[2] not in repr(Signer.of(PETER_PRIVATE))


@pytest.mark.parametrize(
    "whole",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\nno dash x08go/ZJ\n",
        f"text\n\n{PETER_LINE}",  # no newline at the end
        f"te\txt\n\n{PETER_LINE}\n",
        f"text\n\n{PETER_LINE} more\n",
        "text\n\n— PeterNeumann x08g\n",  # too short for a number
        "text\n\n— PeterNeumann ####\n",
        "text\n\n" + f"{PETER_LINE}\n" * 65,
        "x" * 70_000 + f"\n\n{PETER_LINE}\n",
        b"\xff\n\n" + f"{PETER_LINE}\n".encode(),
    ],
)
def test_what_is_no_note_is_refused(whole: str | bytes) -> None:
    """Whatever comes from outside."""
    with pytest.raises(BadNote):
        Note.of(whole)


@pytest.mark.parametrize("kind", Kind)
def test_signatures_hold_for_their_text_alone(kind: Kind) -> None:
    """Another text, another time, another kind of key with the same name: false or unknown, never good."""
    signer = Signer.new("council.example/audit", kind)
    signature = signer.sign(TEXT, NOW)
    note = Note(TEXT, (signature,))
    signed = note.signed_by(signer.verifier)
    assert signed == (NOW.replace(microsecond=0) if kind is Kind.WITNESS else datetime(1970, 1, 1, tzinfo=UTC))
    assert Note.of(str(note)) == note
    flipped = bytes([signature.value[0] ^ 1]) + signature.value[1:]
    for wrong in (
        Note(TEXT + "more\n", (signature,)),
        Note(TEXT, (Signature(signature.name, signature.key_id, signature.value[:-1] + b"\0\0"),)),
        Note(TEXT, (Signature(signature.name, signature.key_id, flipped),)),
        Note(TEXT, (Signature(signature.name, signature.key_id, b"x"),)),
    ):
        with pytest.raises(BadNote):
            wrong.signed_by(signer.verifier)
    assert note.signed_by(Signer.new("council.example/audit", kind).verifier) is None
    assert note.with_signatures((signature,)) == note


@given(
    st.integers(0, 2**62),
    st.binary(min_size=32, max_size=32),
    st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001 - made aware below
    st.none() | st.integers(0, 2**62),
)
def test_a_checkpoint_comes_back_as_it_was(size: int, root: bytes, at: datetime | None, previous: int | None) -> None:
    """With and without our own lines."""
    stamp = at.replace(tzinfo=UTC, microsecond=0) if at else None
    head = Checkpoint("council.example/audit", size, root, stamp, previous)
    assert Checkpoint.of(head.text) == head


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "origin\n01\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
        "origin\n-1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
        "origin\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Q==\n",
        "origin\n1\n!\n",
        "\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n",
        "origin\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=",
        "origin\n1\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """One form, no other."""
    with pytest.raises(BadNote):
        Checkpoint.of(text)
