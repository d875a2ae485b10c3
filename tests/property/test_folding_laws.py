"""Laws of comparing: what was to be taken out is found however it is written, and nothing else is."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from vault.export.folding import Folded, folded

WORDS = st.lists(st.text(string.ascii_letters, min_size=1, max_size=9), min_size=1, max_size=4)
GAPS = st.sampled_from([" ", "  ", "\n", "-\n", ", ", "\u00a0", "-"])
ANY = st.text(max_size=60)


@given(WORDS, st.lists(GAPS, min_size=4, max_size=4), ANY, ANY, st.booleans())
def test_blanks_case_and_line_ends_hide_nothing(words, gaps, before: str, after: str, upper: bool) -> None:
    """The words as wanted are found in any spelling of blanks and capitals, whole, wherever they stand."""
    wanted = " ".join(words)
    written = "".join(w + g for w, g in zip(words, gaps, strict=False))[: -len(gaps[len(words) - 1])]
    text = f"{before} {written.upper() if upper else written} {after}"
    spans = [text[a:b] for a, b in Folded.of(text).find(wanted)]
    assert folded(wanted) in {folded(s) for s in spans}
    assert all(folded(s) == folded(wanted) for s in spans)


@given(ANY, st.text(min_size=1, max_size=12))
def test_a_span_is_exactly_what_was_wanted(text: str, wanted: str) -> None:
    """Any text, any script: what is found folds to what was looked for."""
    assert all(folded(wanted) in folded(text[a:b]) for a, b in Folded.of(text).find(wanted))


def test_inside_another_word_it_is_another_word() -> None:
    """Unless it is long, or a capital shows that a blank is missing."""
    text = Folded.of("annual Annabel MrMartin smart in Mårten j.tallow@tallowfinch.example")
    assert not text.has("Ann")
    assert not text.has("Mart")
    assert [text.text[a:b] for a, b in text.find("Martin")] == ["Martin"]
    assert text.has("marten")
    assert text.has("tallowfinch")
    assert not text.has("")
