"""The grammar: what is written means one thing, can be written again, and an error points at its word."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.queries import trees
from vault.search.grammar import QueryError, parse
from vault.search.tree import And, Field, Near, Not, Or, Phrase, Prefix, Sent, Shape, Term, Tree


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("Medication", Term(("medication",))),
        ("well-being", Term(("well", "being"))),
        ("and or not", And((Term(("and",)), Term(("or",)), Term(("not",))))),
        ("a AND b OR c", Or((And((Term(("a",)), Term(("b",)))), Term(("c",))))),
        ("a (b OR c) -d", And((Term(("a",)), Or((Term(("b",)), Term(("c",)))), Not(Term(("d",)))))),
        ("NOT - NOT a", None),
        ("NOT NOT a", Term(("a",))),
        ("\u201cshared  lives\u201d", Phrase(("shared", "lives"))),
        ('"Brooks"', Phrase(("brooks",))),
        ("seizure NEAR/5 night", Near("seizure", "night", 5)),
        ("seizure NEAR night", Near("seizure", "night", 10)),
        ("NEAR(seizure, night, 30)", Near("seizure", "night", 30)),
        ("943 476 5919", Shape("943 476 5919")),
        ('"943 476  5919"', Shape("943 476 5919")),
        ("(01962) 841841", Shape("01962 841841")),
        ("SL-00123", Shape("sl-00123")),
        ('name:"Ann\u2019s care_pl*"', And((Field("name", "ann"), Field("name", "care"), Prefix("name", "pl")))),
        ("SL-00*", Prefix("ref", "sl00")),
        ("name:Care*", Prefix("name", "care")),
        ("to:@Carers.example", Field("to", "@carers.example")),
        ("TO:ann@carers.example", Field("to", "ann@carers.example")),
        ("about:SL-00001", Field("about", "SL-00001")),
        ("class:All-About-Me", Field("class", "all-about-me")),
        ("decided:held", Field("decided", "hold")),
        ("opened:NO", Field("opened", "no")),
        ("seen:yes", Field("seen", "yes")),
        ("sent:2026", Sent("2026", "2026")),
        ("sent:2026-3..2026-05", Sent("2026-03", "2026-05")),
        ("sent:..12/03/2026", Sent("", "2026-03-12")),
        ('sent:"12th March 2026".. x', None),
        ('sent:"March 2026"', Sent("2026-03", "2026-03")),
        ("sent:03/2026", Sent("2026-03", "2026-03")),
    ],
)
def test_what_a_query_means(query: str, tree: Tree | None) -> None:
    """None: it is understood in no special way, or not at all."""
    if tree is not None:
        assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "word", "says"),
    [
        ("", "", "Write what to look for"),
        ("a AND,", "AND", "Something must follow"),
        ("a AND \u2003", "AND", "Something must follow"),
        ("a AND", "AND", "Something must follow"),
        ("AND a", "AND", "between two things"),
        ("a OR OR b", "OR", "between two things"),
        ("a OR", "OR", "Something must follow"),
        ("(a b", "(", "not closed"),
        ("a) b", ")", "closes none"),
        ("a ()", ")", "before this bracket"),
        ('say "a b', '"', "not closed"),
        ('say ""', '""', "no word"),
        ("a -- b", "--", "no word"),
        ("medic*", "medic*", "Only names and references"),
        ("subject:medic*", "medic*", "Only names and references"),
        ("a*b", "a*", "Only names and references"),
        ("name:a*", "a*", "At least 2 letters"),
        ("to:ann.smith@surgery.exa*", "ann.smith@surgery.exa*", "At most 20 letters"),
        ("x about:", "about", "Something must follow about:"),
        ("x colour:red", "colour", "no such field; there are about"),
        ("class:medicine", "medicine", "no such class; there are all-about-me"),
        ("decided:perhaps", "perhaps", "plain, encrypt, hold"),
        ("opened:maybe", "maybe", "opened:yes or opened:no"),
        ("seen:maybe", "maybe", "seen:yes or seen:no"),
        ("sent:yesterday", "yesterday", "Write a date as 2026"),
        ("sent:31/02/2026", "31/02/2026", "no such day"),
        ("sent:2026..2025", "2026..2025", "ends before it begins"),
        ("sent:1066", "1066", "Years from"),
        ("sent:..", "..", "a beginning or an end"),
        ("a NEAR/31 b", "NEAR/31", "1 to 30 words apart"),
        ("seizure NEAR seizures", "seizures", "two different words"),
        ('"a b" NEAR c', "NEAR", "between two single words"),
        ("NEAR(a b c)", "c", "two words and a number"),
        ("NEAR(a 5)", "5", "two words and a number"),
        ("NEAR(a-b c)", "a-b", "single words"),
        ('"' + "w " * 31 + '"', '"' + "w " * 31 + '"', "at most 30 words"),
        ("(" * 30 + "a" + ")" * 30, "(", "20 deep"),
        ("w " * 1_500, "w", "at most 2000 signs"),
    ],
)
def test_an_error_points_at_its_word_and_says_what_would_be_right(query: str, word: str, says: str) -> None:
    """The caret is under the word, also after a word processor's quotation marks."""
    with pytest.raises(QueryError) as caught:
        parse(query)
    error = caught.value
    assert says in error.public
    assert query[error.at : error.at + error.length] == word
    sentence, line, caret = error.pointed().split("\n")
    assert says in sentence
    assert line[caret.index("^") :][: caret.count("^")] == word or not word


@given(trees())
def test_a_tree_that_is_written_means_itself(tree: Tree) -> None:
    """The canonical form is stable, and parses to the same tree."""
    assert parse(str(tree)) == tree
    assert str(parse(str(tree))) == str(tree)


_PIECES = st.sampled_from(
    ["AND", "OR", "NOT", "-", "(", ")", '"', "NEAR(", "NEAR/3", "NEAR", "a", "b", "*", ":", "to:", "sent:", "..",
     "2026-03", "sl-00*", "943 476 5919", ",", " ", "\n", "class:medical", "\u201c", "\u0130", "1/2/26"]
)  # fmt: skip


@example("\x1c,")
@example("a AND,\x1f")
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=25).map("".join), st.lists(_PIECES).map(" ".join)))
def test_any_string_is_a_tree_or_an_error_that_points_into_it(query: str) -> None:
    """Never an exception of another kind."""
    try:
        tree, error = parse(query), None
    except QueryError as wrong:
        tree, error = None, wrong
    if error:
        assert 0 <= error.at <= len(query)
        assert error.public
        assert error.pointed()
    else:
        assert parse(str(tree)) == tree
