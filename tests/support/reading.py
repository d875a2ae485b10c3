"""How old a reader has to be, by textstat's automated readability index (Senter and Smith 1967).

That index counts letters, words and sentences. The others count syllables, for which textstat fetches a dictionary.
"""

from __future__ import annotations

import textstat

_FIRST_GRADE = 5
"""The index gives American school grades; children are five when they start."""


def reading_age(lines: list[str]) -> float:
    """In years. A line that does not end a sentence is one of its own, as it is on a page."""
    sentences = " ".join(line if line.endswith((".", "?", "!")) else f"{line}." for line in lines if line.strip())
    return textstat.automated_readability_index(sentences) + _FIRST_GRADE
