"""The model behind the rules: what it finds that rules miss, why, what damages it, and what it must not say."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.analysis import Analyser, layers
from classifiers.documents import personal, rules
from classifiers.documents.lexicon import fold
from classifiers.knowledge import Knowledge, load
from classifiers.learned.joining import joined, likelihoods
from classifiers.learned.model import KINDS, Brief, Model, Weighed, dump, parse, shipped
from classifiers.learned.terms import _TERM, _as_term, terms
from domain.errors import ConfigurationError
from domain.model import Analysis, Category, PageText, Part, Place

MODEL = parse(shipped())
RULES_ALONE = Analyser(classifiers=(rules.classify, personal.classify))
ALL = Analyser(classifiers=layers(MODEL))

# In nobody's form and with no title; written for this test, in no labelled folder.
PLAIN = {
    Category.INCIDENT: """Thursday about ten past six. I heard a bang and went through to the kitchen. Malcolm
was on the floor by the cooker holding his wrist. He said he slipped on the wet bit
by the door. I did not see it happen. His wrist was swollen so I put cold peas on it
and rang 111. They said go to minor injuries. He was seen at nine, it is not broken,
sprained. I told his sister and I left a message for the office. The floor had been
mopped by me at half five and I had not put the sign out.""",
    Category.FINANCIAL: """Dougal's money, week of 3 March. In: £40 allowance Monday from his post office card.
Out: bus £4.60, swimming £3.20, haircut £11, present for his niece £8.50, chips £4.
Left in the tin £8.70. He still owes Maureen £5 from the fair. Card is kept in the
blue purse. He knows his pin but tells people. Savings book says £1,204.11.""",
    Category.OTHER_PERSONAL: """Hi Jean, only a quick one about Winnie before you have her at the weekend. She has
been ever so low since the funeral and is not sleeping. She will tell you she has
eaten when she has not. Her sister rings on Sunday and it upsets her, so best if you
are about. She wears the pads at night now but does not like it mentioned. Anything,
ring me. Pat""",
}


def analysed(text: str, analyser: Analyser = ALL) -> Analysis:
    return analyser.analyse("", [Part("1", Place.ATTACHMENT, "text/plain", "", text.encode(), "utf-8")])


def firing(analysis: Analysis) -> set[Category]:
    return {f.category for f in analysis.findings if f.likelihood >= 0.5}


@pytest.mark.parametrize("category", PLAIN)
def test_plain_words_are_found_where_rules_find_nothing(category: Category) -> None:
    """What people write without forms and titles; each finding quotes the words that made it so."""
    assert category not in firing(analysed(PLAIN[category], RULES_ALONE))
    analysis = analysed(PLAIN[category])
    assert category in firing(analysis)
    finding = next(f for f in analysis.findings if f.category is category)
    words = [e for e in finding.evidence if e.rule.startswith("word:")]
    assert len(words) >= 3
    text = analysis.texts[0].text
    assert all(text[e.start : e.end] == e.text for e in words)


@pytest.mark.parametrize(
    "text",
    [
        "Running ten minutes late, start without me.",
        "My wife has an appointment on Friday so I am leaving at three. Could you take the phone?",
        "Thanks for lunch yesterday. Her new office is lovely, and she says there is room for your desk too.",
        "",
        "\n\n\t",
        "zxcvb qwert plmok",
    ],
)
def test_a_little_is_not_enough(text: str) -> None:
    """A few words about somebody, words that nobody knows, or none: not by themselves."""
    assert firing(analysed(text)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Wilf was sick on his shirt again and he has bruises on both arms. He says he fell.",
        "Her brother has taken her bank card and she is frightened of him.",
        "He says that he wants to die. I have hidden his tablets.",
    ],
)
def test_a_line_about_somebodys_private_life_is_enough(text: str) -> None:
    """In a mail too short for the other layers; it says which words made it so."""
    assert firing(analysed(text, RULES_ALONE)) == set()
    found = [f for f in analysed(text).findings if f.category is Category.OTHER_PERSONAL]
    assert found
    assert found[0].likelihood >= 0.5
    assert all(e.text.lower() in text.lower() for e in found[0].evidence)
    assert len([e for e in found[0].evidence if e.rule.startswith("word:")]) >= 3


def test_what_judges_short_mails_keeps_out_of_the_rest() -> None:
    """A long text, a file name and a model without it have nothing of it."""
    from classifiers.documents.document import Document
    from classifiers.documents.tally import tally
    from classifiers.learned import brief

    def said(text: str, place: Place = Place.BODY, model: Model = MODEL, part: str = "1") -> bool:
        pages = (PageText(part, place, 1, text),)
        return bool(brief.classifier(model)(Document(pages, tally(pages))))

    short = "He wants to die and she has hidden his tablets."
    assert said(short)
    assert not said(short * 10)
    assert not said(short, Place.FILE_NAME)
    assert not any(said(short, part=part) for part in ("HEADER", "2.HEADER", "1.MIME", "3.NAME"))
    assert not said(short, model=replace(MODEL, brief=Brief()))
    assert not said("Thanks.")
    assert not brief.classifier(MODEL)(Document((), tally(())))


def test_numbers_are_shapes_and_single_letters_nothing() -> None:
    """No number of anybody's can stand in a model; the rubbish of colour profiles says nothing."""
    seen = terms([PageText("1", Place.BODY, 1, "Born 14/03/1986, NHS 943 476 5919. I don't R l o C 4.60 " + "x" * 40)])
    assert set(seen.counts) == {"born", "00/00/0000", "nhs", "000", "0000", "i", "don't", "0.00"}
    assert not [term for term in MODEL.rows if any(c in "123456789" for c in term)]


def test_a_term_is_found_again_where_it_stands_first() -> None:
    """Evidence shows the words as they were written; what is no term of the text is nowhere in it."""
    pages = [
        PageText("1", Place.BODY, n, text) for n, text in enumerate(("Tea at 10:30.", "Don\u2019t, said Tea; 12:45"), 1)
    ]
    seen = terms(pages)
    assert seen.counts == {"tea": 2, "at": 1, "00:00": 2, "don't": 1, "said": 1}
    first = {term: seen.first(term) for term in seen.counts}
    assert {t: pages[n].text[a:b] for t, (n, a, b) in first.items()} == {
        "tea": "Tea", "at": "at", "00:00": "10:30", "don't": "Don\u2019t", "said": "said"
    }  # fmt: skip
    with pytest.raises(KeyError):
        seen.first("gloves")


def test_the_shipped_model_knows_every_kind() -> None:
    """Thirteen columns in each row, and a joint rule that leaves both layers a say."""
    assert {len(weights) for _, weights in MODEL.rows.values()} == {len(KINDS)} == {13}
    assert MODEL.joint.model > 0
    assert MODEL.joint.rules > 0


def test_a_file_holds_the_model_that_was_written() -> None:
    """To a thousandth."""
    again = parse(dump(MODEL, {"documents": 1}))
    assert again.rows == MODEL.rows
    assert (again.floor, again.joint, again.intercepts) == (MODEL.floor, MODEL.joint, MODEL.intercepts)
    assert again.brief == MODEL.brief


def _sealed(said: dict[str, object]) -> bytes:
    """A file whose digest is right, whatever it says."""
    text = json.dumps({k: v for k, v in said.items() if k != "sha256"})[:-1]
    return f'{text},\n "sha256": "{hashlib.sha256(text.encode()).hexdigest()}"\n}}\n'.encode()


_GOOD = json.loads(shipped())
_DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "cut off": shipped()[:-200],
    "a weight changed": shipped().replace(b'"medication": [', b'"medication": [1', 1),
    "no digest": shipped().rpartition(b',\n "sha256"')[0] + b"}",
    "another format": _sealed(_GOOD | {"format": "sallyport-model-9"}),
    "kinds missing": _sealed(_GOOD | {"kinds": _GOOD["kinds"][:-1]}),
    "no words": _sealed(_GOOD | {"terms": {}}),
    "a row too short": _sealed(_GOOD | {"terms": {"word": [1000, 1]}}),
    "not a number": _sealed(_GOOD | {"intercepts": [math.nan, *_GOOD["intercepts"][1:]]}),
    "text for a number": _sealed(_GOOD | {"floor": "many"} | {"terms": {"word": ["1"] * 14}}),
    "a truth for a number": _sealed(_GOOD | {"intercepts": [True, *_GOOD["intercepts"][1:]]}),
    "no short mails": _sealed({k: v for k, v in _GOOD.items() if k != "brief-terms"}),
    "a short row too long": _sealed(_GOOD | {"brief-terms": {"word": [1000, 1, 1]}}),
    "text for a sign": _sealed(_GOOD | {"brief": {"intercept": 0.0, "topics": {"of any": "much"}}}),
    "pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.",
}


def test_the_good_twin_of_the_damaged_is_good() -> None:
    """So that each of them fails for what was done to it."""
    assert parse(_sealed(_GOOD)).rows == MODEL.rows


@pytest.mark.parametrize("damage", _DAMAGED)
def test_a_damaged_model_is_an_error_at_start(damage: str, tmp_path) -> None:
    """Never silence."""
    with pytest.raises(ConfigurationError):
        parse(_DAMAGED[damage])
    (tmp_path / "model.json").write_bytes(_DAMAGED[damage])
    with pytest.raises(ConfigurationError):
        load(None, tmp_path / "model.json")


def test_a_missing_model_is_an_error_at_start(tmp_path) -> None:
    """The setting names nothing."""
    with pytest.raises(ConfigurationError):
        load(None, tmp_path / "none.json")


def test_a_reader_is_told_the_operators_model() -> None:
    """Both files go over in one frame and come out apart."""
    known = Knowledge(b"forms", b"the model")
    frame = known.frame()
    size = int.from_bytes(frame[:4])
    assert Knowledge.of_frame(frame[8 : 8 + size], frame[8 + size :]) == known


def test_the_lean_is_a_choice_between_misses_and_false_alarms() -> None:
    """A miss counted for more false alarms raises every likelihood, and only the likeliest kind bears all of it."""
    weighed = MODEL.weighed(terms([PageText("1", Place.BODY, 1, PLAIN[Category.INCIDENT])]))
    leaning = replace(MODEL, joint=replace(MODEL.joint, lean=MODEL.joint.lean + 2.0))
    calm, wary = (likelihoods(joined(weighed, {}, model)) for model in (MODEL, leaning))
    assert all(wary[kind] >= calm[kind] for kind in Category)
    assert max(wary.values()) > max(calm.values())
    probabilities = joined(weighed, {}, MODEL)
    assert sum(probabilities) == pytest.approx(1.0)
    assert max(calm.values()) == pytest.approx(1.0 - probabilities[-1])


def test_a_text_that_speaks_of_nobody_is_less_likely_somebodys() -> None:
    """The same words, where a pronoun, a title or a filled field points at one person, and where none does."""
    weighed = MODEL.weighed(terms([PageText("1", Place.BODY, 1, PLAIN[Category.INCIDENT])]))
    assert MODEL.joint.nobody > 0
    assert joined(weighed, {}, MODEL, about=False)[-1] > joined(weighed, {}, MODEL, about=True)[-1]


def test_what_the_rules_counted_weighs_in() -> None:
    """The same words are likelier a kind whose phrases were found."""
    weighed = Weighed((0.0,) * 13, {}, 1.0)
    without, counted = (joined(weighed, found, MODEL) for found in ({}, {Category.LEGAL: 6.0}))
    at = KINDS.index(Category.LEGAL)
    assert counted[at] > without[at]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=500))
def test_any_text_has_an_answer(said: str) -> None:
    """Likelihoods lie between 0 and 1; evidence lies in its page."""
    analysis = analysed(said)
    for finding in analysis.findings:
        assert 0 <= finding.likelihood <= 1
        for e in finding.evidence:
            page = next(t for t in analysis.texts if t.part == e.part and t.page == e.page)
            assert 0 <= e.start <= e.end <= len(page.text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab i'\u2019I\n\t .,:-/0129\u00a3_\u00e9\u00df\u00a0\u2003\u0660\u2167\u0301\x1c", max_size=60))
def test_a_text_in_pieces_has_the_terms_that_it_has_whole(said: str) -> None:
    """No term holds a blank, so looking at each different piece once finds all of them, in the same order."""
    whole: dict[str, int] = {}
    for word in _TERM.findall(fold(said)):
        if term := _as_term(word):
            whole[term] = whole.get(term, 0) + 1
    assert list(terms([PageText("1", Place.BODY, 1, said)]).counts.items()) == list(whole.items())
