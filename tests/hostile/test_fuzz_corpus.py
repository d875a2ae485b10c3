"""What fuzzing found or was worth keeping (``scripts/fuzz.sh``): our parsers refuse or read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent.parent / "fuzz" / "corpus"


@pytest.mark.parametrize("target", TARGETS)
def test_corpus_is_refused_or_read(target: str) -> None:
    """A parser may raise ``Unread``, which the target expects, and no other exception."""
    files = sorted((CORPUS / target).iterdir())
    for file in files:
        TARGETS[target](file.read_bytes())
    assert files
