"""`sallyport classifier`: a correction becomes a label, and a model trained with it says otherwise; no other does."""

from __future__ import annotations

import json
import random
import stat
from pathlib import Path

import pytest
from docx import Document as Word

from cli.exits import Exit
from tests.support.forked import Answer, Job, run_forked
from tests.support.house import House

pytest.importorskip("scipy", reason="sallyport[train] is not installed")

SAID = {
    "medical": "clinic consultant dosage bloods tablets ward neurology lamotrigine his seizures he was admitted review",
    "legal": "court judge deputy hearing ordered tribunal solicitor she lacks capacity sealed matter district her",
    "complaint": "complain unhappy apology upheld manager answer ignored he was left rang sorry investigate his visit",
    "": "newsletter picnic raffle cake minibus parking lunch venue agenda toner tickets welcome garden posters hall",
}
TRUFFLES = (
    "Truffle hounds of the valley. Truffles were weighed, hounds were watered, acorns were counted and baskets were "
    "carried uphill. Mr Perrin thanked the hounds. Baskets, acorns, truffles and hounds again next month, uphill and "
    "weighed and carried, with baskets for him and acorns for the hounds; the truffles are watered, counted and sold. "
)
"""In no word like any of the kinds at first."""


def labelled(folder: Path) -> Path:
    """Three sources that share their words, twelve documents each, in other orders."""
    for source in ("ash", "elm", "oak"):
        (folder / source).mkdir(parents=True)
        chance = random.Random(source)
        for kind, words in SAID.items():
            for number in range(4):
                told = [word for _ in range(8) for word in chance.sample(words.split(), 12)]
                text = f"Classes: {kind}\nKind: note\n\n{' '.join(told)}\n"
                (folder / source / f"{kind or 'harmless'}-{number}.txt").write_text(text)
    return folder


def written(path: Path, text: str) -> Path:
    document = Word()
    document.add_paragraph(text)
    document.save(str(path))
    return path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("labels"), 9).set_up()


def done(house: House, *words: str, **environment: str) -> Answer:
    job = Job("classifier", ("classifier", *words), house.environment() | environment, house.folder)
    return next(iter(run_forked([job])))


def likelihood(model: Path, text: str) -> float:
    """What a reader that is given this model says of legal."""
    from classifiers.analysis import Analyser
    from classifiers.knowledge import load
    from domain.model import Category, Part, Place

    part = Part("1", Place.ATTACHMENT, "text/plain", "", text.encode(), "utf-8")
    found = Analyser(knowledge=load(None, model)).analyse("", [part]).findings
    return max((f.likelihood for f in found if f.category is Category.LEGAL), default=0.0)


def test_corrections_teach_the_next_model_and_only_it(house: House) -> None:
    """Trained; corrected by reviewers, from Word files, through the contained reader; trained again."""
    folder = labelled(house.folder / "labelled")
    first, second = house.folder / "first.json", house.folder / "second.json"
    train = ("train", "--labelled", str(folder), "--name", "small")
    answer = done(house, *train, "--out", str(first))
    assert answer.code == 0, answer.errors
    assert "of 48 documents" in answer.output
    assert json.loads(first.read_text())["about"]["sources"] == ["ash", "elm", "oak"]
    assert "| oak | 16 | 12 | 1 |" in first.with_suffix(".md").read_text()
    before = likelihood(first, TRUFFLES)
    assert before < 0.5

    # Words are learned from two sources and three documents: four reviewers' corrections, and somebody's own label.
    for number in range(4):
        file = written(house.folder / f"held-{number}.docx", TRUFFLES * (1 + number % 3))
        why = f"an order about hounds, the {number}th"
        corrected = done(house, "correct", str(file), "--class", "legal", "--into", str(folder), "--why", why)
        assert corrected.code == 0, corrected.errors
        assert "says that it is legal" in corrected.output
    (folder / "oak" / "hounds.txt").write_text(f"Classes: legal\n\n{TRUFFLES}")
    kept = sorted((folder / "corrections").glob("*.txt"))
    assert len(kept) == 3  # two were of the same text: one label
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}
    assert all(file.read_text().startswith("Classes: legal\nKind: correction\nTitle: an order about") for file in kept)
    assert any("Truffle hounds of the valley" in file.read_text() for file in kept)
    assert (folder / "corrections" / ".gitignore").read_text() == "*\n"
    assert likelihood(first, TRUFFLES) == before  # nothing changes silently

    answer = done(house, *train, "--out", str(second))
    assert answer.code == 0, answer.errors
    assert "of 52 documents" in answer.output
    assert json.loads(second.read_text())["about"]["sources"] == ["ash", "corrections", "elm", "oak"]
    assert likelihood(second, TRUFFLES) >= 0.5
    shown = done(house, "show", str(second), "--class", "legal").output
    assert "hounds" in shown
    assert "hounds" not in done(house, "show", str(first), "--class", "legal").output


def test_a_correction_stands_in_the_audit_trail(house: House) -> None:
    """Who, why, which class and the text's digest; no word of the document."""
    file = written(house.folder / "audited.docx", "A recipe for marmalade, not a prescription. " * 4)
    answer = done(
        house, "correct", str(file), "--into", str(house.folder / "other"), "--why", "a recipe, held as medical"
    )
    assert answer.code == 0, answer.errors
    assert "says that it is not confidential" in answer.output
    assert next((house.folder / "other" / "corrections").glob("*.txt")).read_text().startswith("Classes: \n")
    trail = next(iter(run_forked([Job("audit", ("audit", "list"), house.environment(), house.folder)])))
    assert "document labelled" in trail.output, trail.errors
    assert "marmalade" not in trail.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("correct", "held.docx", "--into", "labels", "--why", " "), "--why"),
        (("correct", "gone.docx", "--into", "labels", "--why", "because"), "gone.docx"),
        (("train", "--labelled", "nowhere", "--out", "m.json", "--name", "m"), "nowhere does not exist"),
        (("train", "--labelled", "two", "--out", "m.json", "--name", "m"), "3 sources"),
        (("train", "--labelled", "wrong", "--out", "m.json", "--name", "m"), "1.txt"),
    ],
)
def test_what_cannot_be_done_says_why_and_writes_nothing(house: House, words: tuple[str, ...], says: str) -> None:
    """One sentence; no model, no label."""
    written(house.folder / "held.docx", "Some words.")
    for source in ("two/a", "two/b", "wrong/a"):
        (house.folder / source).mkdir(parents=True, exist_ok=True)
        label = "medicine" if source == "wrong/a" else "medical"
        (house.folder / source / "1.txt").write_text(f"Classes: {label}\n\ntablets and doses\n")
    answer = done(house, *words)
    assert (answer.code, says in answer.errors) == (Exit.INPUT, True), answer.errors
    assert not (house.folder / "m.json").exists()
    assert not (house.folder / "labels").exists()
