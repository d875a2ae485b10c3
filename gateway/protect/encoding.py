"""Base64 in mail lines, and the check sum of OpenPGP armour, fast enough for large mail.

Input: our own ciphertext. Failure: none of its own.
"""

from __future__ import annotations

import io
from functools import cache

import pybase64

_PER_LINE = 57  # octets in a line of 76 characters (RFC 2045 section 6.8; RFC 9580 section 6.2 allows 76 too)
_BATCH = _PER_LINE * 8192

_CRC24_POLYNOMIAL = 0x1864CFB
_CRC24_START = 0xB704CE
_CRC24_BITS = 24
_PERIOD_CHUNK = 1 << 20


class Base64Lines:
    """Writes base64 in lines of 76 characters ending in CRLF to ``out``; call :meth:`finish` at the end."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out = out
        self._rest = b""

    def write(self, data: bytes | memoryview) -> None:
        """Take any number of octets; what does not fill a line waits for more."""
        view = memoryview(data)
        if self._rest:
            missing = _PER_LINE - len(self._rest)
            self._rest += view[:missing]
            view = view[missing:]
            if len(self._rest) < _PER_LINE:
                return
            self._put(self._rest)
        whole = len(view) - len(view) % _PER_LINE
        for start in range(0, whole, _BATCH):
            self._put(view[start : min(start + _BATCH, whole)])
        self._rest = bytes(view[whole:])

    def finish(self) -> None:
        """Write the last, short line."""
        if self._rest:
            self._put(self._rest)
            self._rest = b""

    def _put(self, data: bytes | memoryview) -> None:
        self._out.write(pybase64.encodebytes(data).replace(b"\n", b"\r\n"))


def crc24(data: bytes) -> int:
    """The check sum of RFC 9580 section 6.1.1, by folding long integers rather than by octet.

    The data is a polynomial over GF(2) and the sum its remainder. Modulo this polynomial x has the order 2**23 - 1,
    so x**(2**23), which is a mebibyte's shift, equals x: mebibytes are added up, each shifted by one bit. What is left
    is halved until it is small. In Python this is about a hundred times as fast as going octet by octet.
    """
    view = memoryview(data)
    first = len(view) % _PERIOD_CHUNK
    total = int.from_bytes(view[:first])
    for start in range(first, len(view), _PERIOD_CHUNK):
        total = (total << 1) ^ int.from_bytes(view[start : start + _PERIOD_CHUNK])
    start_term = _times(_CRC24_START, _power_of_x(8 * len(view)))
    return _remainder(total << _CRC24_BITS) ^ start_term


def _remainder(value: int) -> int:
    while value.bit_length() > 2 * _CRC24_BITS:
        half = 1 << ((value.bit_length() - 1).bit_length() - 1)  # the powers of two recur, so their powers are cached
        high, value = value >> half, value & ((1 << half) - 1)
        for place in _places(_power_of_x(half)):
            value ^= high << place
    for place in range(value.bit_length() - 1, _CRC24_BITS - 1, -1):
        if value >> place & 1:
            value ^= _CRC24_POLYNOMIAL << (place - _CRC24_BITS)
    return value


def _places(value: int) -> list[int]:
    return [i for i in range(value.bit_length()) if value >> i & 1]


@cache
def _x_to_two_to(n: int) -> int:
    """x**(2**n) modulo the polynomial."""
    if n == 0:
        return 2
    root = _x_to_two_to(n - 1)
    return _times(root, root)


def _power_of_x(exponent: int) -> int:
    result = 1
    for place in _places(exponent):
        result = _times(result, _x_to_two_to(place))
    return result


def _times(left: int, right: int) -> int:
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left >> _CRC24_BITS:
            left ^= _CRC24_POLYNOMIAL
        right >>= 1
    return product
