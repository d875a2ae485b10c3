"""What a word is, and that its token says nothing of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.search.tokens import SIZE, Keyed, stem
from vault.search.words import _WORD, plain, shapes, spans, words

KEY = b"0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("O'Brien\u2019s carer's flat", ["obrien", "carer", "flat"]),
        ("well-being of Jos\u00e9 M\u00fcller", ["well", "being", "of", "jose", "muller"]),
        ("\ufb01re \uff21\uff22 stra\u00dfe", ["fire", "ab", "strasse"]),
        ("soft\u00adware cafe\u0301", ["software", "cafe"]),
        ("care_plan-v2.docx", ["care", "plan", "v2", "docx"]),
        ("'quoted' dogs' \u2018so\u2019", ["quoted", "dogs", "so"]),
        ("JAMES'S O\u00b4Brien O\u2032Brien", ["james", "obrien", "obrien"]),
        (unicodedata.normalize("NFKC", "O\u00b4Brien"), ["obrien"]),
        ("\u0141ukasz Bj\u00f8rn", ["lukasz", "bjorn"]),
        ("\u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f", ["\u0645\u062d\u0645\u062f"]),
        ("m\u0300x a\u202ab ten\ufe0fx", ["mx", "ab", "tenx"]),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, found: list[str]) -> None:
    """Case, accents, apostrophes, hyphens and compatibility forms."""
    assert words(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("NHS number: 943 476 5919.", ["9434765919"]),
        ("943-476-5919 and 9434765919", ["9434765919"]),
        ("SL-00123, sl00123", ["sl00123"]),
        ("AB 12 34 56 C", ["ab123456c"]),
        ("ring 01962 841 841 or +44 1962 841841", ["01962841841"]),
        ("12/03/2026, 2026-03-12, 12.3.26, 12th March 2026, 12 Mar 2026", ["2026-03-12"]),
        ("99/99/2026", []),
        ("12-34-56, 12\u201334\u201356", ["123456"]),
        ("943 476\n5919", ["9434765919"]),
        ("0123\n943 476 5919", ["0123943476", "9434765919"]),
        ("(01962) 841841, +44 (0)1962 841 841, 0044 1962 841841", ["01962841841"]),
        ("12-03-2026, March 12th, 2026, 12 March, 2026, 2026-03-12T10:00, 12 / 03 / 2026", ["2026-03-12"]),
        ("12-Mar-26", ["2026-03-12", "mar26"]),
    ],
)
def test_numbers_references_and_dates_have_one_shape(text: str, found: list[str]) -> None:
    """However they are spaced or written."""
    assert shapes(text) == found


def test_a_shape_is_found_however_far_its_first_digit_stands() -> None:
    """The longest way to one: no way of writing is tried where no digit is so near."""
    assert shapes("September. 12th, 1980") == ["1980-09-12"]
    assert shapes("AB - 12 - 34 - 56 - C and SLXY-0123") == ["ab123456c", "slxy0123"]
    assert shapes("\tSeptember of that year, when 12 came") == []


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=200))
def test_the_quick_way_for_ascii_is_the_same(text: str) -> None:
    """A foreign letter anywhere in a text changes nothing of its other words."""
    assert words(text + " \u0431")[:-1] == words(text)


@given(st.text(max_size=200))
def test_spans_are_where_the_words_are(text: str) -> None:
    """What is highlighted is what was indexed."""
    told = plain(text)
    assert [w for _, _, w in spans(told)] == words(told)
    assert all(_WORD.search(told[a:b]) for a, b, _ in spans(told))


@given(st.text(max_size=100))
def test_words_of_words_are_the_same(text: str) -> None:
    """A word typed as it was indexed finds itself."""
    assert words(" ".join(words(text))) == words(text)


def test_a_token_depends_on_the_field_and_on_the_key() -> None:
    """So that tokens of different fields, and of different services, cannot be compared."""
    one, other = Keyed(KEY), Keyed(KEY[::-1])
    tokens = {one.of("word", "ann"), one.of("name", "ann"), other.of("word", "ann"), one.of("word", "ben")}
    assert len(tokens) == 4
    assert {len(t) for t in tokens} == {SIZE}
    assert one.id != other.id
    with pytest.raises(ValueError):
        Keyed(b"short")


def test_a_pair_is_stem_and_form() -> None:
    """Words of one stem share the first half of their pair, and only that."""
    keyed = Keyed(KEY)
    one, other = keyed.pair("medication"), keyed.pair("medications")
    assert one[:SIZE] == other[:SIZE]
    assert one[SIZE:] != other[SIZE:]
    assert keyed.pairs(["medication", "medications"]) == one + other
    assert stem("x1ings") == "x1ings"
