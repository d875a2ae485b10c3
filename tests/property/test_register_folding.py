"""A text of plain letters takes a shorter way to its words: it must come to the same words at the same places."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from register.folding import WORD, starts, words

TYPED = st.text("abZs1 '`_-.\n\t\u2019\u2018\u00b4\u2014\u201c\u00a0\u00a3", max_size=24)
ANY = st.text("abZs1 '\u2019_-\u00e9\u0301\u00df\u0110\u201c", max_size=24)


@given(TYPED | ANY)
@example("Ann Lee\u2019s \u2014 O'Neil's")
def test_the_short_way_finds_what_the_long_way_finds(text: str) -> None:
    """A letter that is not ASCII, behind the text, makes it take the long way."""
    long = f"{text} \u0142"
    assert starts(text) == [match.start() for match in WORD.finditer(text)]
    assert [*words(text), "l"] == words(long)
