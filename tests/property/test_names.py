"""Names in plain ASCII are found by a shorter way than names in other text; both ways find the same."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from register.names import Names

_NAMES = Names([("ann", "Ann Lee"), ("ben", "Ben O'Neil-Smith"), ("s", "S Os"), ("d", "D4 X_Y")])
_PIECES = st.sampled_from(["Ann", "LEE", "ben", "O'Neil", "Smith", "s", "OS", "D4", "X", "y", "'s", "'", "''", "'S"])
_BETWEEN = st.sampled_from([" ", "", "-", "_", ", ", "\r\n", "\x00", "\x1f", ".", "'", "0"])
_TEXT = st.lists(st.tuples(_PIECES, _BETWEEN)).map(lambda pairs: "".join(a + b for a, b in pairs))


@given(_TEXT)
@example("Ann Lee's's, 'Lee, Ann', Ann_Lee; BEN O'NEIL-SMITH'S")
def test_the_short_way_finds_what_the_long_way_finds(text: str) -> None:
    """A letter beyond ASCII at the end, a word of its own, sends the same text the long way."""
    short = list(_NAMES.find(text))
    long = [hit for hit in _NAMES.find(f"{text} \u00e9") if hit.end <= len(text)]
    assert short == long


@given(st.text(st.characters(max_codepoint=127)))
def test_any_ascii_text_has_the_same_names_either_way(text: str) -> None:
    """With a name in its midst, whatever stands around it."""
    around = f"{text}Ann Lee{text}"
    assert list(_NAMES.find(around)) == list(_NAMES.find(f"{around} \u00e9"))
