"""Whether a text speaks of a person: the short look at its words never changes the answer."""

from __future__ import annotations

from unittest.mock import patch

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
