"""`sallyport forms`, and a relay's own readers that know what it registered."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document as Word

from cli.exits import Exit
from tests.support.forked import Answer, Job, run_forked
from tests.support.house import House
from tests.unit.test_classifiers_forms import BLANK, filled


def saved(path: Path, text: str) -> Path:
    document = Word()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.save(str(path))
    return path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("forms"), 9).set_up()


def done(house: House, *words: str, **environment: str) -> Answer:
    return next(iter(run_forked([Job("forms", ("forms", *words), house.environment() | environment, house.folder)])))


def test_a_form_is_registered_and_its_copies_are_known(house: House) -> None:
    """Added from a Word file, listed, tried filled and blank by the contained reader, and forgotten again."""
    blank, copy = saved(house.folder / "SL12.docx", BLANK), saved(house.folder / "rowan.docx", filled())
    added = done(house, "add", str(blank), "--class", "all-about-me")
    assert (added.code, "'SL12' is registered" in added.output) == (0, True), added.errors
    assert "All About Me" in done(house, "list").output
    assert "Rowan Applegarth" in done(house, "try", str(copy)).output
    assert "It is blank." in done(house, "try", str(blank)).output
    again = done(house, "add", str(blank), "--class", "all-about-me")
    assert (again.code, "--replace" in again.errors) == (Exit.INPUT, True)
    assert done(house, "add", str(blank), "--class", "legal", "--replace").code == 0
    assert "legal" in done(house, "list").output
    assert done(house, "remove", "SL12").code == 0
    assert done(house, "try", str(copy)).code == Exit.CHECK_FAILED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Name Date Signed", "too few words"),
        (BLANK + "\nNHS number: 943 476 5919", "not blank"),
    ],
)
def test_what_cannot_be_a_blank_form_is_refused(house: House, text: str, says: str) -> None:
    """One sentence, and nothing is registered."""
    refused = done(house, "add", str(saved(house.folder / "no.docx", text)), "--class", "legal")
    assert (refused.code, says in refused.errors) == (Exit.INPUT, True), refused.errors
    assert "no" not in done(house, "list").output.split()


def test_a_missing_file_of_forms_stops_the_relay(house: House) -> None:
    """Fail closed: at start-up, with a sentence that names it."""
    job = Job("relay", ("relay",), house.environment() | {"SALLYPORT_SANDBOX__FORMS": "gone.json"}, house.folder)
    answer = next(iter(run_forked([job])))
    assert answer.code == Exit.CONFIGURATION
    assert "gone.json" in answer.errors
