"""From mentions to whom the mail is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model import Place
from domain.subjects import Match, MatchedBy, Mention, match
from tests.build import ANN, BEN, evidence, mention

NAME = MatchedBy.NAME


def test_nobody():
    assert match([]).match is Match.NONE


def test_one_by_number():
    found = match([mention(ANN), mention(ANN, by=MatchedBy.COUNCIL_ID)])
    assert (found.match, found.people, found.weak) == (Match.ONE, {ANN}, frozenset())


def test_one_by_name_alone_is_weak():
    assert match([mention(ANN, by=NAME)]).weak == {ANN}


def test_several_and_who_in_which_part():
    """Each part is sealed to whom it concerns."""
    found = match([mention(ANN, part="2"), mention(BEN, part="3/inner.pdf")])
    assert found.match is Match.SEVERAL
    assert (found.about("2"), found.about("3")) == ({ANN}, {BEN})
    assert found.about("1") == {ANN, BEN}  # says nothing itself: it goes with the whole mail


def test_part_numbers_are_not_prefixes():
    """Part 12 is not inside part 1."""
    assert match([mention(ANN, part="1"), mention(BEN, part="12")]).about("1") == {ANN}


def test_a_shared_name_is_ambiguous_not_none():
    found = match([mention(ANN, BEN, by=NAME)])
    assert (found.match, found.people) == (Match.AMBIGUOUS, {ANN, BEN})


def test_a_shared_name_is_resolved_by_a_number_beside_it_or_by_a_tag():
    """Another document's number does not tell whom this one is about."""
    shared = mention(ANN, BEN, by=NAME)
    assert match([shared, mention(ANN)]).match is Match.ONE
    assert match([shared, mention(ANN, by=MatchedBy.TAG, part="subject", place=Place.SUBJECT_LINE)]).people == {ANN}
    assert match([shared, mention(ANN, part="3")]).match is Match.AMBIGUOUS
    in_words = mention(ANN, BEN, by=NAME, part="1", place=Place.BODY)
    assert match([in_words, mention(ANN)]).people == {ANN}


def test_a_name_beside_its_own_number_adds_nothing():
    """Also where others bear the name."""
    found = match([mention(ANN), mention(ANN, by=NAME), mention(ANN, BEN, by=NAME)])
    assert (found.match, found.people, found.weak) == (Match.ONE, {ANN}, frozenset())


def test_another_name_beside_a_number_is_not_lost():
    """A letter with Ann's number that names Ben: weakly about Ben too, and surely about Ann."""
    found = match([mention(ANN), mention(BEN, by=NAME)])
    assert (found.people, found.weak, found.unsure) == ({ANN, BEN}, {BEN}, frozenset())
    assert found.surely_about("2") == {ANN}


def test_an_attachment_known_by_a_name_alone_is_unsure():
    """In the officer's own words a name is enough to judge by."""
    assert match([mention(ANN, by=NAME)]).unsure == {ANN}
    assert match([mention(ANN, by=NAME, part="1", place=Place.BODY)]).unsure == frozenset()


def test_a_number_of_nobody_is_a_strangers():
    """It names no one, and is not passed over."""
    stranger = Mention(frozenset(), MatchedBy.NHS_NUMBER, evidence())
    assert match([stranger]).match is Match.NONE
    assert match([stranger, mention(ANN)]).strangers == (evidence(),)
    assert match([stranger, mention(ANN)]).people == {ANN}


@pytest.mark.parametrize("place", [Place.SUBJECT_LINE, Place.BODY, Place.FILE_NAME])
def test_another_person_outside_the_attachment_disagrees(place):
    """The subject line, the body or the file name names Ben; the document is Ann's."""
    assert match([mention(ANN), mention(BEN, by=NAME, part="1", place=place)]).disagreement


def test_the_same_person_everywhere_agrees():
    assert not match([mention(ANN), mention(ANN, by=NAME, part="1", place=Place.BODY)]).disagreement


def test_two_attachments_about_two_people_do_not_disagree():
    assert not match([mention(ANN, part="2"), mention(BEN, part="3")]).disagreement


def test_subject_line_and_body_can_disagree():
    """Without any attachment."""
    line = mention(BEN, by=NAME, part="subject", place=Place.SUBJECT_LINE)
    assert match([line, mention(ANN, part="1", place=Place.BODY)]).disagreement
    assert not match([line]).disagreement


def test_a_mention_of_nobody_is_a_bug():
    with pytest.raises(ValueError, match="nobody"):
        Mention(frozenset(), NAME, evidence())


mentions = st.builds(
    lambda people, by, part, place: mention(*people, by=by, part=part, place=place),
    st.sets(st.sampled_from([ANN, BEN, "p-cat"]), min_size=1),
    st.sampled_from(list(MatchedBy)),
    st.sampled_from(["subject", "1", "2", "2/a", "3"]),
    st.sampled_from(list(Place)),
)


@given(st.lists(mentions))
def test_any_mentions_give_a_consistent_answer(found):
    """NONE exactly when there is nobody; ONE exactly one; whoever is named strongly is never lost."""
    result = match(found)
    assert (result.match is Match.NONE) == (not result.people)
    if result.match is Match.ONE:
        assert len(result.people) == 1
    strong = {p for m in found if m.by.strong and len(m.people) == 1 for p in m.people}
    assert strong <= result.people
    assert not strong & result.weak
    assert result == match(found)
