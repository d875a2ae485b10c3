"""What is shown of an opened record: where the words of a query stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model import PageText, Place
from vault.search.grammar import parse
from vault.search.highlight import Snippet, snippets


def show(query: str, *texts: str, most: int = 3) -> list[Snippet]:
    pages = [PageText(str(n), Place.BODY, 1, t) for n, t in enumerate(texts, 1)]
    return snippets(pages, parse(query), most)


def marked(query: str, *texts: str) -> list[str]:
    return [s.text[a:b] for s in show(query, *texts) for a, b in s.marks]


@pytest.mark.parametrize(
    ("query", "text", "marks"),
    [
        ("medication", "Her medications, and Medication's side", ["medications", "Medication's"]),
        ('"medication"', "Her medications, and Medication's side", ["Medication's"]),
        ('"night seizure"', "night, seizures at night seizure", ["night", "seizures", "night", "seizure"]),
        ("NEAR(seizure night, 2)", "seizures by night", ["seizures", "night"]),
        ("943 476 5919", "NHS 9434765919 or 943-476-5919", ["9434765919", "943", "476", "5919", "943-476-5919"]),
        ("12/03/2026", "on 12th March 2026", ["12th March 2026"]),
        ("jose -night", "Jos\u00e9 at night", ["Jos\u00e9"]),
        ("obrien", "O\u2019Brien said", ["O'Brien"]),
        ("about:SL-00001 class:medical", "SL-00001 medical", []),
        ("(a OR b) c", "a b c d", ["a", "b", "c"]),
    ],
)
def test_what_is_marked(query: str, text: str, marks: list[str]) -> None:
    """The words that were looked for, in the form in which they stand; nothing for fields and for what is absent."""
    assert sorted(marked(query, text)) == sorted(marks)


def test_pieces_have_a_little_around_and_are_few() -> None:
    """Near marks share a piece; no more pieces than asked for; each says where it is from."""
    far = " ".join(["word"] * 100)
    found = show("seizure", f"{far} seizure seizure {far} seizure", "seizure", "seizure")
    assert [(s.part, len(s.marks)) for s in found] == [("1", 2), ("1", 1), ("2", 1)]
    assert all(len(s.text) < 200 for s in found)
    assert len(show("seizure", "seizure", "seizure", most=1)) == 1


@given(st.text(max_size=200), st.sampled_from(["a", '"a b"', "NEAR(a b, 3)", "943 476 5919", "-a"]))
def test_marks_lie_in_their_text(text: str, query: str) -> None:
    """Whatever the text is."""
    for snippet in show(query, text):
        assert all(0 <= a < b <= len(snippet.text) for a, b in snippet.marks)
