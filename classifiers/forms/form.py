"""Registered blank forms, and the file that holds them.

Purpose: the operator's forms as data: per form a name, a category, the hashes of its word triples and how often each
word stands in it; never its text in order. Trust: the file is the operator's, and is checked whole: a damaged one is a
``ConfigurationError``, since forms that are silently not known would be leaks. Failure: as said.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from classifiers.forms.shingles import shingles, tokens
from domain.errors import ConfigurationError
from domain.model import Category, PageText

FORMAT = "sallyport-forms-1"
LEAST = 20
"""Different word triples that a form must have to be told from others."""
_MOST_FORMS = 500


@dataclass(frozen=True, slots=True)
class Form:
    """One blank. ``words`` counts each word of it."""

    name: str
    category: Category
    shingles: frozenset[int]
    words: Mapping[str, int]

    @classmethod
    def of(cls, name: str, category: Category, pages: Iterable[PageText]) -> Form:
        """From a blank's text. Raises ``ValueError`` for one that has too few words to be known again by."""
        words = [token.word for token in tokens(pages)]
        found = frozenset(shingles(words))
        if len(found) < LEAST:
            raise ValueError(f"{len(found)} different word triples; {LEAST} are needed")
        return cls(name, category, found, Counter(words))


def dump(forms: Iterable[Form]) -> bytes:
    """The file: JSON, sorted, so that a change reads as one."""
    listed = [
        {
            "name": form.name,
            "category": form.category.value,
            "shingles": sorted(form.shingles),
            "words": dict(sorted(form.words.items())),
        }
        for form in sorted(forms, key=lambda f: f.name)
    ]
    return json.dumps({"format": FORMAT, "forms": listed}, ensure_ascii=False, indent=0).encode()


def parse(content: bytes) -> tuple[Form, ...]:
    """The forms in such a file. Raises ``ConfigurationError``."""
    try:
        return _checked(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        public = "The file of registered forms is damaged; put back a copy of it, or add the forms again."
        raise ConfigurationError("forms file", public=public) from error


def _checked(said: dict[str, Any]) -> tuple[Form, ...]:
    if said["format"] != FORMAT:
        raise ValueError("format")
    forms = tuple(_form(entry) for entry in said["forms"])
    if len(forms) > _MOST_FORMS or len({f.name for f in forms}) != len(forms):
        raise ValueError("too many, or two of one name")
    return forms


def _form(entry: dict[str, Any]) -> Form:
    found = frozenset(entry["shingles"])
    words = dict(entry["words"])
    counts_are_right = all(type(n) is int and n > 0 for n in words.values())
    if len(found) < LEAST or not all(type(s) is int for s in found) or not counts_are_right:
        raise ValueError("form")
    return Form(str(entry["name"]), Category(entry["category"]), found, words)
