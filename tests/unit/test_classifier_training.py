"""Training: labels as they stand, whole sources apart, words of one author not learned; and figures that add up."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from classifiers.training import measure
from classifiers.training.labelled import BRIEF, HELD_OUT, LabelError, Labelled, groups, named, read_folder, read_lines
from classifiers.training.measure import Judged
from domain.model import Category

CORPUS = Path(__file__).parent.parent.parent / "benchmarks" / "corpus"
MEDICAL, LEGAL = Category.MEDICAL, Category.LEGAL


def judged(likelihood: float, *kinds: Category, said: Category = MEDICAL) -> Judged:
    return Judged("a", "b", frozenset(kinds), {said: likelihood})


def test_every_labelled_file_can_be_read_and_held_out_sources_are_apart() -> None:
    """What is trained on and what is measured on share no source."""
    training, tests = list(read_folder(CORPUS)), list(read_folder(CORPUS, tests=True))
    assert {one.source for one in tests} == named(CORPUS, HELD_OUT)
    assert groups(CORPUS, HELD_OUT) == (
        {"quill", "wren"},
        {"sorrel"},
        {"juniper", "lark"},
        {"osprey", "plover"},
        {"dotterel", "fulmar"},
        {"siskin"},
        {"ouzel", "rook"},
        {"stilt"},
        {"stonechat", "whinchat"},
        {"betony", "clary"},
    )
    assert not {one.source for one in training} & {one.source for one in tests}
    assert named(CORPUS, BRIEF) < {one.source for one in training}
    heads = sum(file.read_text().count("Classes:") for file in CORPUS.glob("*/*.txt"))
    assert len(training) + len(tests) == heads == len({(one.source, one.name) for one in (*training, *tests)})
    for documents in (training, tests):
        assert {kind for one in documents for kind in one.kinds} == set(Category)
        assert any(not one.confidential for one in documents)


def test_several_may_stand_in_one_file(tmp_path: Path) -> None:
    """Each with its own labels and name; a wrong one is told by its number."""
    (tmp_path / "me").mkdir()
    file = tmp_path / "me" / "mails.txt"
    file.write_text("Classes: medical\nKind: mail\n\nShe fell.\n=====\nClasses:\n\nSee you at two.\n")
    first, second = read_folder(tmp_path)
    assert (first.name, first.kinds, first.form, first.text) == ("mails.txt", {MEDICAL}, "mail", "She fell.")
    assert (second.name, second.kinds, second.text.strip()) == ("mails-2.txt", set(), "See you at two.")
    file.write_text(file.read_text() + "=====\nClass: legal\n\nNo label.\n")
    with pytest.raises(LabelError) as caught:
        list(read_folder(tmp_path))
    assert "mails-3.txt" in caught.value.public


@pytest.mark.parametrize(
    "text", ["Classes: medicine\n\nwords", "Kind: letter\n\nwords", "Classes: medical\n\n  ", "Classes: medical\nwords"]
)
def test_a_wrong_label_is_an_error_that_names_the_file(text: str, tmp_path: Path) -> None:
    """Never skipped over: a document left out would be a class left out."""
    (tmp_path / "me").mkdir()
    (tmp_path / "me" / "1.txt").write_text(text)
    with pytest.raises(LabelError) as caught:
        list(read_folder(tmp_path))
    assert "1.txt" in caught.value.public


def test_published_lines_are_labelled_by_their_publisher(tmp_path: Path) -> None:
    """A blank form is not confidential; a line that is none is an error."""
    lines = [
        {"text": "a", "label": label, "source": "s", "name": 1}
        for label in ("medical", "not_confidential", "permission_to_share")
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    assert [one.confidential for one in read_lines(file)] == [True, False, False]
    file.write_text('{"text": "a"}')
    with pytest.raises(LabelError):
        list(read_lines(file))


def test_recall_and_false_alarms_count_documents() -> None:
    """Whatever kind was said, at half or more."""
    said = [judged(0.9, MEDICAL), judged(0.5, LEGAL), judged(0.4, LEGAL), judged(0.6), judged(0.1), judged(0.2)]
    assert str(measure.recall(said)) == "66.7% (2 of 3)"
    assert str(measure.false_alarms(said)) == "33.3% (1 of 3)"
    assert measure.recall(said, 0.3).value == 1.0


def test_a_share_says_how_sure_it_is() -> None:
    """Wilson's interval: 3 of 53, and 0 of 104, which is not "never"."""
    assert measure.Share(3, 53).interval == pytest.approx((0.0194, 0.1537), abs=1e-4)
    assert measure.Share(0, 104).interval == pytest.approx((0.0, 0.0356), abs=1e-4)
    assert measure.Share(0, 0).interval == (0.0, 1.0)


def test_class_figures_and_confusion() -> None:
    """Right, wrong and missed, kind by kind; a document of two kinds is right where one was said."""
    said = [judged(0.9, MEDICAL), judged(0.9, MEDICAL, LEGAL), judged(0.9, LEGAL), judged(0.1, LEGAL), judged(0.8)]
    figures = measure.by_class(said)
    assert figures[MEDICAL] == measure.ClassFigures(right=2, wrong=2, missed=0)
    assert figures[LEGAL] == measure.ClassFigures(right=0, wrong=0, missed=3)
    assert (figures[MEDICAL].precision, figures[MEDICAL].recall) == (0.5, 1.0)
    assert measure.macro_f1(said) == pytest.approx((2 / 3 + 0) / 2)
    assert measure.confusion(said) == {(MEDICAL, MEDICAL): 2, (LEGAL, MEDICAL): 1, (LEGAL, None): 1, (None, MEDICAL): 1}


def test_reliability_compares_what_was_said_with_what_is() -> None:
    """Two bins: nine tenths said and all true, a tenth said and half true."""
    bins = measure.reliability([(0.9, True), (0.95, True), (0.1, True), (0.1, False)])
    assert [(b.count, round(b.mean, 3), b.share) for b in bins] == [(2, 0.1, 0.5), (2, 0.925, 1.0)]
    assert measure.calibration_error(bins) == pytest.approx((0.4 + 0.075) / 2)


class TestTraining:
    """With the numerics, which only training needs."""

    WORDS = {  # noqa: RUF012 - never changed
        MEDICAL: "clinic tablets dose ward bloods nurse dosage consultant",
        LEGAL: "court judge deputy order solicitor hearing tribunal",
        None: "newsletter picnic rota parking toner lunch venue",
    }

    @pytest.fixture(autouse=True)
    def _numerics(self) -> None:
        pytest.importorskip("scipy", reason="sallyport[train] is not installed")

    def documents(self, *sources: str) -> list[Labelled]:
        """Four a kind and source; each source also has a word of its own that stands in all its medical ones."""
        return [
            Labelled(
                source,
                f"{kind}-{number}",
                frozenset({kind} - {None}),
                f"{words} {source if kind is MEDICAL else ''} {words.split()[number]} about them",
            )
            for source in sources
            for kind, words in self.WORDS.items()
            for number in range(4)
        ]

    def test_kinds_are_learned_and_measured_on_unseen_sources(self) -> None:
        from classifiers.learned.model import dump, parse
        from classifiers.training.card import card
        from classifiers.training.train import train

        trained = train(self.documents("ash", "elm", "oak"), self.documents("press"), "trial")
        assert measure.recall(trained.own).value == measure.recall(trained.unseen).value == 1.0
        assert measure.macro_f1(trained.own) == 1.0
        assert {one.source for one in trained.own} == {"ash", "elm", "oak"}
        assert parse(dump(trained.model, {})).joint == trained.model.joint
        page = card(trained, "0" * 64, date(2026, 11, 30), "the command")
        assert "| ash | 12 | 8 | 1 |" in page
        assert "| press | 12 | 8 | 0.2 |" in page

    def test_a_word_of_one_source_is_not_learned(self) -> None:
        """However often it stands there, and however well it would tell."""
        from classifiers.training.train import train

        rows = train(self.documents("ash", "elm", "oak"), [], "trial").model.rows
        assert "clinic" in rows
        assert not {"ash", "elm", "oak"} & set(rows)

    def test_few_sources_are_refused(self) -> None:
        """Two authors cannot judge each other."""
        from classifiers.training.train import train

        with pytest.raises(LabelError):
            train(self.documents("ash", "elm"), [], "trial")

    def test_the_same_documents_of_a_publisher_are_taken_each_time(self) -> None:
        """And no more than so many."""
        from classifiers.training.train import at_most

        listed = self.documents("press", "post")
        taken = at_most(listed, 3)
        assert sorted(one.source for one in taken) == ["post"] * 3 + ["press"] * 3
        assert at_most(listed[::-1], 3) == taken

    BRIEF = {  # noqa: RUF012 - never changed
        True: "she cried about her tablets again|he was hit by her brother|her epilepsy is worse|he took her money",
        False: "the rota is on the board|lunch is at one says Ivan|parking at the back please|toner comes today",
    }

    def mails(self, *sources: str) -> list[Labelled]:
        """Eight a source; in each, both kinds of mail mention somebody of one first name."""
        return [
            Labelled(source, f"{told}-{at}", frozenset({MEDICAL} if told else ()), f"{mail}. Ivan was here. {source}")
            for source in sources
            for told, listed in self.BRIEF.items()
            for at, mail in enumerate(listed.split("|"))
        ]

    def test_short_mails_teach_what_judges_short_mails_and_nothing_else(self) -> None:
        """Their words are not in the model of documents; unseen, they are told apart; the file keeps it."""
        from classifiers.learned.model import dump, parse
        from classifiers.training.train import train

        trained = train(self.documents("ash", "elm", "oak"), [], "trial", self.mails("owl", "jay", "tit"))
        model = parse(dump(trained.model, {}))
        assert "cried" in model.brief.rows
        assert not {"cried", "brother"} & set(model.rows)
        assert {one.source for one in trained.short} >= {"owl", "jay", "tit"}
        mails = [one for one in trained.short if one.source in {"owl", "jay", "tit"}]
        assert measure.recall(mails).value == 1.0
        assert measure.false_alarms(mails).value == 0.0
        assert model.brief.rows["cried"][1] > 0 > model.brief.rows["rota"][1]

    def test_without_three_sources_of_short_mails_there_is_none(self) -> None:
        """Two could not judge each other; then only documents are judged."""
        from classifiers.training.train import train

        long = [
            Labelled(one.source, one.name, one.kinds, f"{one.text} " * 9) for one in self.documents("ash", "elm", "oak")
        ]
        trained = train(long, [], "trial", self.mails("owl", "jay"))
        assert not trained.model.brief.rows
        assert not trained.short

    def test_no_name_is_learned_that_two_sources_share(self) -> None:
        """Two residents, or two hundred, may be called alike; their name must mean nothing."""
        from classifiers.training.train import train

        trained = train(self.documents("ash", "elm", "oak"), [], "trial", self.mails("owl", "jay", "tit"))
        assert "says" in trained.model.brief.rows
        assert not {"ivan", "ivan's"} & (set(trained.model.brief.rows) | set(trained.model.rows))


def _names_in(*texts: str) -> frozenset[str]:
    from classifiers.training.proper import names

    return names(Labelled("a", str(number), frozenset(), text) for number, text in enumerate(texts))


def test_names_are_known_by_how_they_are_written() -> None:
    """A capital inside a sentence, or always one; with what people do. Medicines, months, headings are none."""
    found = _names_in(
        "We saw Ivan, and told Mrs Okafor. Keppra was given to Ivan's friend in March.",
        "Allergies: none. Ivan went home. The Allergies page was blank. NHS was busy. they said ivan was late.",
        "Oksana was tired. Monday was wet. Thanks for the rota, Ivan. Ivan says no. Then Ivan said yes.",
    )
    assert {"ivan", "ivan's", "okafor", "oksana"} <= found
    assert not {"keppra", "march", "monday", "allergies", "nhs", "mrs", "thanks", "the", "then"} & found
