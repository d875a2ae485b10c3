"""How old a reader has to be, by three of textstat's measures, of which the highest counts.

The automated readability index (Senter and Smith 1967) and Coleman and Liau's (1975) count letters, words and
sentences, and give American school grades; LIX (Bjoernsson 1968) counts long words, and below 30 a text is a children's
book. Measures by syllables (Flesch and Kincaid's, Gunning's) are left out: textstat fetches a dictionary for them.
"""

from __future__ import annotations

import textstat

_FIRST_GRADE = 5
"""Children are five when they start school."""
CHILDRENS_BOOK = 30


def reading_age(lines: list[str]) -> float:
    """In years. A line that does not end a sentence is one of its own, as it is on a page."""
    text = _sentences(lines)
    grade = max(textstat.automated_readability_index(text), textstat.coleman_liau_index(text))
    return float(grade + _FIRST_GRADE)


def long_words(lines: list[str]) -> float:
    """LIX: words a sentence, and of a hundred words those of more than six letters."""
    return float(textstat.lix(_sentences(lines)))


def _sentences(lines: list[str]) -> str:
    return " ".join(line if line.endswith((".", "?", "!")) else f"{line}." for line in lines if line.strip())
