"""Several fields on one line, as in forms of two columns: where the value of one ends, and what begins the next.

Purpose: "Name: Ann Lee   Date of birth: 1.2.1950" is two filled fields. A known label counts after one blank, which is
all that OCR leaves of a column; what merely looks like a label only after a wider gap. Trust: hostile text of one line,
which the caller has cut. Failure: none.
"""

from __future__ import annotations

import re
from itertools import islice

from classifiers.documents.lexicon import label_ending

_WIDE = re.compile(r"[ ]{2}(?=[A-Z][\w /'()-]{1,40}:)")
_FIELD = re.compile(r"\W*[A-Z][\w /'()-]{1,40}:")
_COLONS = 8
"""So many of a line are looked at: a form has fewer fields on one, and hostile text must not cost more than others."""
_APART = ("  ", "(", ", ", "; ", "| ")
"""What may stand between a value and the next label; a single blank is enough where the label is written large."""


def own_value(written: str) -> str:
    """What is written behind a field's colon, without the fields that follow on the line."""
    wide = _WIDE.search(written)
    ends = (_known(written), wide.start() if wide else None)
    return written[: min((end for end in ends if end is not None), default=None)].rstrip(" ,;|(")


def begins_field(before: str, label: str, after: str) -> bool:
    """Whether a label inside its line, or its cell, is that of a further field, by what stands before and behind it."""
    marked = after.lstrip(" ").startswith(":")
    return marked and bool(_FIELD.match(before)) and (before.endswith(_APART) or label[:1].isupper())


def _known(written: str) -> int | None:
    """Where the first known label with a colon begins."""
    colons = islice((at for at, sign in enumerate(written) if sign == ":"), _COLONS)
    return next((start for colon in colons if (start := label_ending(written, colon)) is not None), None)
