"""One slip of a typing hand: what it is called, and that nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from domain.slips import Slip, beside, slip

WORDS = st.text(alphabet="abcdjk.1-", max_size=7)


@pytest.mark.parametrize(
    ("typed", "right", "found"),
    [
        ("jane.brown", "jane.brown", None),
        ("jane.browne", "jane.brown", Slip.ADDED),
        ("jjane.brown", "jane.brown", Slip.ADDED),
        ("jane.brwn", "jane.brown", Slip.MISSING),
        ("ane.brown", "jane.brown", Slip.MISSING),
        ("jnae.brown", "jane.brown", Slip.SWAPPED),
        ("jane.briwn", "jane.brown", Slip.NEXT_KEY),
        ("jane.brawn", "jane.brown", Slip.OTHER),
        ("jane.bravn", "jane.brown", None),
        ("jaen.bronw", "jane.brown", None),
        ("janeb.rown", "jane.brown", Slip.SWAPPED),
        ("enaj", "jane", None),
        ("jane", "jane.b", None),
        ("jane.b", "jane", None),
        ("xbcd", "abc", None),
        ("abc", "xbcd", None),
    ],
)
def test_a_slip_by_its_name(typed, right, found):
    assert slip(typed, right) is found


@given(WORDS, WORDS)
def test_a_slip_is_what_the_restricted_damerau_levenshtein_distance_counts_as_one(typed, right):
    """Against rapidfuzz, which somebody else wrote."""
    assert (slip(typed, right) is not None) == (OSA.distance(typed, right) == 1)


def test_keys_that_touch():
    assert beside("g", "h")
    assert beside("g", "t")
    assert not beside("g", "g")
    assert not beside("q", "p")
    assert not beside("q", "z")
    assert not beside("g", "-")
    assert not beside("\u0430", "s")
