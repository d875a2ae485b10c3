"""``sallyport incident`` as the breach team uses it, after a letter went to somebody who should not have it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from cli.exits import Exit
from gateway.clock import SystemClock
from tests.support.forked import Answer, Job, run_forked
from tests.support.house import CARER, House, letter
from tests.support.sink import Sink

OTHER = "other@carers.example"
NOTE = b"From: officer@council.example\r\nSubject: Lunch\r\nMessage-ID: <n%s@c>\r\n\r\nAt noon?\r\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service that has sent a letter about Ann to her carer."""
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("service"), sink.port).set_up()
        with house.relay():
            assert house.submit(letter(), (CARER,)).startswith("250")
        yield house


def run(house: House, *words: str) -> Answer:
    environment = {**house.environment(), "COLUMNS": "200"}
    (answer,) = run_forked([Job(words[0], words, environment, house.folder)])
    return answer


def said(house: House, *words: str, code: Exit = Exit.OK) -> str:
    answer = run(house, "incident", *words)
    assert answer.code == code, answer
    return answer.errors if code else answer.output


def record_of(house: House) -> str:
    answer = run(house, "vault", "list")
    found = re.search(r"\b[0-9A-Z]{26}\b", answer.output)
    assert found, answer
    return found[0]


def opened(house: House, *words: str) -> str:
    found = re.search(r"INC-\d{4}-\d{3}", said(house, "open", *words))
    assert found
    return found[0]


def hours_ago(hours: float) -> str:
    return (SystemClock().now() - timedelta(hours=hours)).isoformat(timespec="minutes")


def test_from_the_discovery_to_the_register(house: House) -> None:
    """Each answer says what comes next; nothing is closed before what the law asks is done."""
    record = record_of(house)
    case = opened(house, "wrong-recipient", "--record", record, "--aware", hours_ago(3), "--nature", "to another carer")
    contained = said(house, "contain", case)
    assert "it covers 1 record by now" in contained
    assert CARER in contained.replace("\n", "")
    assert "delivered" in contained
    assert "1 recipient has it, about 1 person." in contained
    assert "A hold is on already." in said(house, "contain", case)
    assert "next: report it to the Information Commissioner" in said(house, "judge", case, "high")
    assert "report it to the Information Commissioner" in said(house, "close", case, code=Exit.INPUT)
    assert "next: tell the people concerned" in said(house, "report", case, "--number", "IC-12345")
    said(house, "tell", case)
    said(house, "write", case, "--consequences", "distress", "--people-number", "1")
    assert "write what was done about it" in said(house, "close", case, code=Exit.INPUT)
    said(house, "write", case, "--measures", "deleted by the carer, who confirmed it")
    assert "closed on" in said(house, "close", case)
    assert "is closed" in said(house, "judge", case, "unlikely", code=Exit.INPUT)
    shown = said(house, "show", case)
    assert "reported in time" in shown
    assert "IC-12345" in shown
    assert "To do" not in shown
    assert case not in said(house, "list")
    (row,) = [r for r in csv.DictReader(io.StringIO(said(house, "list", "--all", "--csv"))) if case in r.values()]
    assert row["measures"] == "deleted by the carer, who confirmed it"


def test_what_is_not_reported_is_in_the_register_with_its_reason(house: House) -> None:
    case = opened(house, "seen", "--nature", "a file lay open on a desk")
    assert "judged unlikely" in said(house, "no-report", case, "--because", "nobody saw it", code=Exit.INPUT)
    said(house, "judge", case, "unlikely")
    assert "needs a reason" in said(house, "no-report", case, "--because", " ", code=Exit.INPUT)
    assert "not reported, with the reason" in said(house, "no-report", case, "--because", "nobody saw it")
    assert "the 72 hours run" in said(house, "judge", case, "likely")  # another judgement: the reason does not stand
    assert "nobody saw it" not in said(house, "show", case)


def test_after_seventy_two_hours_it_is_late_and_the_report_says_why(house: House) -> None:
    case = opened(house, "lost", "--aware", hours_ago(80))
    assert re.search(r"LATE: \d hours over", said(house, "show", case).replace("\n", " "))
    said(house, "judge", case, "likely")
    assert "say why" in said(house, "report", case, "--number", "IC-2", code=Exit.INPUT)
    assert "reported late" in said(house, "report", case, "--number", "IC-2", "--late-because", "found on Monday")
    assert "found on Monday" in said(house, "show", case)


def test_what_is_stopped_is_held_from_the_next_mail_on(house: House) -> None:
    """Also a note that anybody may have. Let go, the next one leaves; what was held waits for a reviewer."""
    case = opened(house, "wrong-recipient")
    with house.relay():
        assert "is stopped." in said(house, "stop", case, "Other@Carers.Example")
        assert "is stopped already." in said(house, "stop", case, "other@carers.example")
        assert f"Mail to {OTHER} is stopped." in said(house, "show", case)
        assert house.submit(NOTE % b"1", (OTHER,)).startswith("250")
        held = run(house, "held", "list").output
        assert OTHER in held
        assert "Mail to this recipient is stopped" in held.replace("\n", " ")
        assert f"for {case}" in said(house, "let-go", OTHER, "--because", "it was a slip of the pen")
        assert "not stopped" in said(house, "let-go", OTHER, "--because", "again", code=Exit.INPUT)
        assert house.submit(NOTE % b"2", (OTHER,)).startswith("250")
    assert run(house, "held", "list").output.count(OTHER) == held.count(OTHER)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("open", "lost", "--aware", "2999-01-01T10:00"), "in the future"),
        (("open", "lost", "--record", "0" * 26), "no record"),
        (("show", "INC-1999-001"), "no incident"),
        (("report", "INC-1999-001", "--number", "1"), "no incident"),
    ],
)
def test_a_mistake_is_one_sentence(house: House, words: tuple[str, ...], says: str) -> None:
    error = said(house, *words, code=Exit.INPUT)
    assert says in error
    assert error.count("\n") == 1


def test_what_failed_left_no_incident(house: House) -> None:
    before = said(house, "list", "--all").splitlines()[0]
    said(house, "open", "lost", "--record", "0" * 26, code=Exit.INPUT)
    assert said(house, "list", "--all").splitlines()[0] == before


def test_the_trail_has_each_step_and_none_of_the_words(house: House) -> None:
    """What people wrote about a breach is in its row alone."""
    case = opened(house, "other", "--nature", "Blackbird was told")
    said(house, "write", case, "--measures", "Blackbird was rung")
    trail = run(house, "audit", "list").output
    assert "incident opened" in trail
    assert "incident written" in trail
    assert "Blackbird" not in trail
