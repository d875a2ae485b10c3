"""Base64 lines and the armour's check sum, against the plain ways of doing the same."""

from __future__ import annotations

import base64
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.protect.encoding import Base64Lines, crc24


def crc24_by_octets(data: bytes) -> int:
    """As RFC 9580 section 6.1.1 writes it."""
    crc = 0xB704CE
    for octet in data:
        crc ^= octet << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc & 0xFFFFFF


@settings(deadline=None)
@given(st.binary(max_size=3000))
def test_the_check_sum_is_that_of_the_standard(data: bytes) -> None:
    """Any octets."""
    assert crc24(data) == crc24_by_octets(data)


def test_the_check_sum_where_folds_and_pieces_begin_and_end() -> None:
    """A fold is 8,922 octets, a piece 64 of them."""
    fold, piece = 71376 // 8, 64 * 71376 // 8
    for size in (fold - 1, fold, fold + 1, 2 * fold + 2, piece - 1, piece, piece + 1, 2 * piece + fold + 3):
        data = (b"Sallyport" * (size // 9 + 1))[:size]
        assert crc24(data) == crc24_by_octets(data)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=12))
def test_lines_are_the_same_however_the_octets_arrive(pieces: list[bytes]) -> None:
    """76 characters and CRLF each; decodes to what went in."""
    out = io.BytesIO()
    lines = Base64Lines(out)
    for piece in pieces:
        lines.write(piece)
    lines.finish()
    assert out.getvalue() == base64.encodebytes(b"".join(pieces)).replace(b"\n", b"\r\n")


def test_batches_of_lines_are_the_same_as_single_lines() -> None:
    """Around a batch of 256 lines, given at once and in two pieces."""
    for size in (57 * 256 - 1, 57 * 256, 57 * 256 + 1, 57 * 600, 57 * 600 + 5):
        data = (bytes(range(256)) * (size // 256 + 1))[:size]
        for first in (0, 10, size // 2):
            out = io.BytesIO()
            lines = Base64Lines(out)
            lines.write(data[:first])
            lines.write(data[first:])
            lines.finish()
            assert out.getvalue() == base64.encodebytes(data).replace(b"\n", b"\r\n")
