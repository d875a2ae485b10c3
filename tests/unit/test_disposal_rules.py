"""The rules of disposal and of lifting a hold, case by case (domain/disposal.py)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import disposal
from domain.disposal import Approval, Line, LineState, Obstacle, Standing
from tests.fakes import NOW

ANNA, BERT, CARL = "cli:anna", "cli:bert", "cli:carl"
TODAY = NOW.date()
GOOD = Standing("d", due=True, held=False)


def given(by: str, digest: str = "d", days: int = 1) -> Approval:
    return Approval(by, digest, NOW + timedelta(days=days))


def line(*approvals: Approval, state: LineState = LineState.OPEN, proposer: str = "worker:one") -> Line:
    return Line(state, proposer, approvals)


def test_two_people_may_let_it_go() -> None:
    """Neither proposed it, both approved what is there, neither approval has run out."""
    assert disposal.obstacles_to_begin(line(given(BERT), given(CARL)), GOOD, NOW) == ()


@pytest.mark.parametrize(
    ("approvals", "obstacle"),
    [
        ((), Obstacle.TOO_FEW),
        ((given(BERT),), Obstacle.TOO_FEW),
        ((given(BERT), given(BERT)), Obstacle.TOO_FEW),
        ((given(BERT), given(ANNA)), Obstacle.TOO_FEW),
        ((given(BERT), given("worker:two")), Obstacle.TOO_FEW),
        ((given(BERT), given("cli:")), Obstacle.TOO_FEW),
        ((given(BERT), given("console:bert@council.example")), Obstacle.TOO_FEW),
        ((given(BERT), given("cli:Bert")), Obstacle.TOO_FEW),
        ((given(BERT), given("console:anna@council.example")), Obstacle.TOO_FEW),
        ((given(BERT), given("console:carl@council.example")), Obstacle.TOO_FEW),
        ((given("console:bert@a.example"), given("console:bert@b.example")), Obstacle.TOO_FEW),
        ((given(BERT), given(CARL, "other")), Obstacle.CHANGED),
        ((given(BERT), given(CARL, days=0)), Obstacle.EXPIRED),
    ],
)
def test_approvals_that_do_not_do(approvals: tuple[Approval, ...], obstacle: Obstacle) -> None:
    assert disposal.obstacles_to_begin(line(*approvals, proposer=ANNA), GOOD, NOW) == (obstacle,)


@pytest.mark.parametrize(
    ("standing", "obstacles"),
    [
        (Standing("d", due=True, held=True), (Obstacle.HELD,)),
        (Standing("d", due=False, held=False), (Obstacle.NOT_DUE,)),
        (Standing("d", due=True, held=False, locked=True), (Obstacle.LOCKED,)),
        (Standing("d", due=True, held=False, undecided=True), (Obstacle.UNDECIDED,)),
        (Standing("d", due=True, held=False, asked_for=True), (Obstacle.ASKED_FOR,)),
        (Standing("d", due=False, held=True), (Obstacle.HELD, Obstacle.NOT_DUE)),
    ],
)
def test_what_stands_against_it_whoever_approved(standing: Standing, obstacles: tuple[Obstacle, ...]) -> None:
    assert disposal.obstacles_to_begin(line(given(BERT), given(CARL)), standing, NOW) == obstacles


@pytest.mark.parametrize("state", [s for s in LineState if s is not LineState.OPEN])
def test_only_what_is_open_is_approved_refused_or_begun(state: LineState) -> None:
    there = line(given(BERT), given(CARL), state=state)
    assert disposal.obstacles_to_begin(there, GOOD, NOW) == (Obstacle.NOT_OPEN,)
    assert disposal.obstacle_to_approve(there, ANNA, "d", NOW) is Obstacle.NOT_OPEN
    assert disposal.obstacle_to_refuse(there, "why", TODAY + timedelta(days=1), TODAY) is Obstacle.NOT_OPEN


def test_who_may_approve() -> None:
    """Also again, once the first approval is of another state of things or has run out."""
    allowed = disposal.obstacle_to_approve
    assert allowed(line(), BERT, "d", NOW) is None
    assert allowed(line(proposer=BERT), BERT, "d", NOW) is Obstacle.OWN_PROPOSAL
    assert allowed(line(), "relay", "d", NOW) is Obstacle.NOT_A_PERSON
    assert allowed(line(given(BERT)), BERT, "d", NOW) is Obstacle.APPROVED_BEFORE
    assert allowed(line(given(BERT)), "console:Bert@council.example", "d", NOW) is Obstacle.APPROVED_BEFORE
    assert allowed(line(proposer=BERT), "console:bert@council.example", "d", NOW) is Obstacle.OWN_PROPOSAL
    assert allowed(line(given(BERT)), "console:carl@council.example", "d", NOW) is Obstacle.OTHER_DOOR
    assert allowed(line(proposer=BERT), "console:carl@council.example", "d", NOW) is Obstacle.OTHER_DOOR
    assert allowed(line(), "console:carl@council.example", "d", NOW) is None
    assert allowed(line(given(BERT)), BERT, "other", NOW) is None
    assert allowed(line(given(BERT, days=0)), BERT, "d", NOW) is None
    assert allowed(line(given(BERT), given(CARL)), ANNA, "d", NOW) is Obstacle.ENOUGH


def test_two_people_of_the_console_may_let_it_go_whoever_of_the_machine_may_be_one_of_them() -> None:
    rita, sam = given("console:rita@council.example"), given("console:sam@council.example")
    assert disposal.obstacles_to_begin(line(rita, sam), GOOD, NOW) == ()
    assert disposal.obstacles_to_begin(line(rita, sam, proposer="cli:jo"), GOOD, NOW) == (Obstacle.TOO_FEW,)
    assert disposal.obstacles_to_begin(line(rita, sam, proposer=sam.by), GOOD, NOW) == (Obstacle.TOO_FEW,)


def test_refusing_needs_a_reason_and_a_later_day() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert disposal.obstacle_to_refuse(line(), "an inquiry", tomorrow, TODAY) is None
    assert disposal.obstacle_to_refuse(line(), " ", tomorrow, TODAY) is Obstacle.NO_REASON
    assert disposal.obstacle_to_refuse(line(), "an inquiry", TODAY, TODAY) is Obstacle.NOT_LATER


def test_the_last_look_before_anything_goes() -> None:
    begun = line(state=LineState.BEGUN)
    assert disposal.obstacle_to_erase(begun, held=False) is None
    assert disposal.obstacle_to_erase(begun, held=True) is Obstacle.HELD
    assert disposal.obstacle_to_erase(line(), held=False) is Obstacle.NOT_OPEN


def test_lifting_a_hold() -> None:
    """One asks, with a reason; another does it; once."""
    ask, do = disposal.obstacle_to_ask_for_lifting, disposal.obstacle_to_lifting
    assert ask(lifted=False, actor=BERT, why="over") is None
    assert ask(lifted=False, actor=BERT, why="") is Obstacle.NO_REASON
    assert ask(lifted=False, actor="worker:one", why="over") is Obstacle.NOT_A_PERSON
    assert ask(lifted=True, actor=BERT, why="over") is Obstacle.LIFTED
    assert do(lifted=False, asked_by=BERT, actor=CARL) is None
    assert do(lifted=False, asked_by=BERT, actor=BERT) is Obstacle.SAME_PERSON
    assert do(lifted=False, asked_by=BERT, actor="console:bert@council.example") is Obstacle.SAME_PERSON
    assert do(lifted=False, asked_by=BERT, actor="console:carl@council.example") is Obstacle.OTHER_DOOR
    assert do(lifted=False, asked_by="", actor=CARL) is Obstacle.NOT_ASKED
    assert do(lifted=False, asked_by=BERT, actor="worker:one") is Obstacle.NOT_A_PERSON
    assert do(lifted=True, asked_by=BERT, actor=CARL) is Obstacle.LIFTED


def test_a_code_stands_for_what_was_seen() -> None:
    """In whatever order; another line, another digest or one less is another code."""
    code = disposal.seen_code(["a", "b"])
    assert code == disposal.seen_code(["b", "a"])
    assert len({code, disposal.seen_code(["a"]), disposal.seen_code(["a", "c"]), disposal.seen_code(["a\nb", ""])}) == 4
    assert disposal.digest_of({"a": 1, "b": 2}) == disposal.digest_of({"b": 2, "a": 1})
    assert disposal.digest_of({"a": 1}) != disposal.digest_of({"a": 2})
