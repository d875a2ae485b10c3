"""Whether a text speaks of a person: the short look at its words never changes the answer."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.documents import persons

_WORDS = """he she HER his/her him_ himself hers or / I i'm my Me Mr Mrs. Dr Smith A. the patient was This RESIDENT has
client had denied 83-year-old 7 year old year tea"""
_PIECES = st.sampled_from([*_WORDS.split(), "\n", "-", "\u2019", "myself\u2019", "\u017fhe", "\u0130"])


@given(st.lists(_PIECES | st.text(max_size=3), max_size=12).map(" ".join) | st.text(max_size=40))
def test_a_short_look_says_what_the_patterns_say(text: str) -> None:
    short = persons.spoken_of(text), persons.speaks_for_itself(text)
    with patch.object(persons, "_may_have", return_value=True):
        assert (persons.spoken_of(text), persons.speaks_for_itself(text)) == short


ALONE = (
    *(f"then {word} came" for word in ("he", "him", "his", "himself", "she", "her", "hers", "herself")),
    *(f"ask {title} Smith" for title in ("Mr", "Mrs", "Miss", "Ms", "Mx", "Dr", "Prof")),
    *("the patient was", "this client had", "the resident is", "an 83-year-old"),
)


@pytest.mark.parametrize("text", ALONE)
def test_each_of_the_words_is_looked_for(text: str) -> None:
    assert persons.spoken_of(text)


@pytest.mark.parametrize("word", ["I", "my", "me", "myself", "i'm"])
def test_each_word_of_a_writer_is_looked_for(word: str) -> None:
    assert persons.speaks_for_itself(f"and {word} too")
