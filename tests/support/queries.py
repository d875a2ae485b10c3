"""Queries of all kinds, as hypothesis makes them."""

from __future__ import annotations

from hypothesis import strategies as st

from vault.search.tokens import stem
from vault.search.tree import (
    Field,
    Near,
    Phrase,
    Prefix,
    Sent,
    Shape,
    Term,
    Tree,
    both,
    either,
    other_than,
)

VOCABULARY = (
    "medication",
    "medications",
    "seizure",
    "night",
    "nights",
    "ann",
    "brooks",
    "brook",
    "fall",
    "2026",
    "not",
)
PEOPLE = ("p-ann", "p-ben")
DAYS = ("2025-12-31", "2026-01-01", "2026-03-12", "2026-04-30", "2026-05-01")
SHAPES = ("943 476 5919", "sl-00123", "12/03/2026")
word = st.sampled_from(VOCABULARY)


def leaves() -> st.SearchStrategy[Tree]:
    """Everything but operators."""
    near = st.tuples(word, word, st.integers(1, 6)).filter(lambda t: stem(t[0]) != stem(t[1])).map(lambda t: Near(*t))
    period = st.sampled_from(DAYS).flatmap(lambda d: st.sampled_from([d, d[:7], d[:4]]))
    return st.one_of(
        word.map(lambda w: Term((w,))),
        st.lists(word, min_size=2, max_size=3).map(lambda w: Term(tuple(w))),
        st.lists(word, min_size=1, max_size=4).map(lambda w: Phrase(tuple(w))),
        near,
        st.sampled_from(SHAPES).map(Shape),
        st.sampled_from(PEOPLE).map(lambda p: Field("about", p)),
        st.sampled_from(["medical", "correspondence"]).map(lambda c: Field("class", c)),
        st.sampled_from(["plain", "hold"]).map(lambda c: Field("decided", c)),
        st.sampled_from(["ann@carers.example", "carers.example", "@else.example", "ben"]).map(lambda a: Field("to", a)),
        st.tuples(st.sampled_from(["opened", "seen"]), st.sampled_from(["yes", "no"])).map(lambda t: Field(*t)),
        word.map(lambda w: Field("subject", w)),
        word.map(lambda w: Field("name", w)),
        word.map(lambda w: Prefix("name", w[:3])),
        st.just(Prefix("ref", "sl00")),
        period.map(lambda p: Sent(p, p)),
        period.map(lambda p: Sent(p, "")),
        period.map(lambda p: Sent("", p)),
    )


def trees() -> st.SearchStrategy[Tree]:
    """Of a few levels, in their canonical form."""
    return st.recursive(
        leaves(),
        lambda inner: st.one_of(
            inner.map(other_than),
            st.lists(inner, min_size=2, max_size=3).map(both),
            st.lists(inner, min_size=2, max_size=3).map(either),
        ),
        max_leaves=6,
    )
