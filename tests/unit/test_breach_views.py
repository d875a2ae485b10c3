"""How the breach team's pages put things: the dial, the tasks, queries from fields, names of actors. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incident import Account, Incident, Risk, hours
from vault.search.find import Coverage, Found
from vault.search.grammar import QueryError, parse
from vault.search.tree import And, Or
from web.console.breach import query, shown
from web.console.breach.dial import dial
from web.console.breach.tasks import Contained, Task, tasks

AWARE = datetime(2026, 12, 25, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
FOUND = Incident(AWARE)
WRITTEN = Account(nature="a", consequences="b", measures="c")
NOTHING = Contained(held=False, records=0, recipients=0, stopped=0, waiting=0)


@pytest.mark.parametrize(
    ("after", "arc", "big", "small", "tone"),
    [
        (0, "72.00", "72", "hours left", "calm"),
        (20.5, "51.50", "51", "hours left", "calm"),
        (50, "22.00", "22", "hours left", "soon"),
        (71, "1.00", "1", "hour left", "soon"),
        (71.5, "0.50", "30", "minutes left", "soon"),
        (75, "72.00", "3", "hours late", "late"),
    ],
)
def test_the_dial_shows_what_is_left(after: float, arc: str, big: str, small: str, tone: str) -> None:
    seen = dial(FOUND, AWARE + HOUR * after)
    assert (seen.arc, seen.big, seen.small, seen.tone) == (arc, big, small, tone)


def test_the_dial_stops_when_nothing_is_waited_for() -> None:
    told = dial(replace(FOUND, reported_at=AWARE + HOUR * 5), AWARE + HOUR * 500)
    assert (told.big, told.small, told.tone, told.colour) == ("Reported", "after 5 hours", "done", "green")
    late = dial(replace(FOUND, reported_at=AWARE + HOUR * 80), AWARE + HOUR * 500)
    assert late.tag == "Reported late"
    kept = dial(replace(FOUND, risk=Risk.UNLIKELY, not_reported_because="came back"), AWARE + HOUR * 500)
    assert (kept.big, kept.tag) == ("No report", "Not reported")


def steps(made: list[Task]) -> dict[str, bool | None]:
    return {t.step: t.done for t in made}


def test_the_tasks_follow_what_the_law_asks() -> None:
    first = steps(tasks(FOUND, NOTHING, closed=False))
    assert first == dict.fromkeys(("add", "hold", "judge", "report", "write", "close"), False)
    reached = replace(NOTHING, records=2, recipients=2, waiting=1, held=True)
    assert steps(tasks(FOUND, reached, closed=False)) == first | {
        "add": True,
        "hold": True,
        "stop": None,
        "revoke": False,
    }
    stopped = replace(reached, stopped=2, waiting=0)
    assert steps(tasks(FOUND, stopped, closed=False))["stop"] is True
    high = replace(FOUND, risk=Risk.HIGH, reported_at=AWARE, account=WRITTEN)
    assert steps(tasks(high, NOTHING, closed=False)).items() >= {"tell": False, "report": True, "write": True}.items()
    told = replace(high, people_told_at=AWARE + HOUR)
    assert steps(tasks(told, NOTHING, closed=True)).items() >= {"tell": True, "close": True}.items()
    unlikely = replace(FOUND, risk=Risk.UNLIKELY)
    assert steps(tasks(unlikely, NOTHING, closed=False))["no-report"] is False
    kept = steps(tasks(replace(unlikely, not_reported_because="came back"), NOTHING, closed=False))
    assert kept["no-report"] is True
    assert "report" not in kept


def test_fields_become_a_query() -> None:
    given_ = {"words": "seizure OR night", "person": "Ann Lee", "domain": "@surgery.example", "opened": "yes"}
    made = query.composed(given_ | {"first": date(2026, 3, 1), "last": None})
    assert made == '(seizure OR night) about:"Ann Lee" to:@surgery.example sent:2026-03-01.. opened:yes'
    assert query.composed({"words": "seizure OR night"}) == "seizure OR night"
    assert query.composed({"last": date(2026, 3, 1)}) == "sent:..2026-03-01"
    assert query.composed({"words": " ", "person": ""}) == ""
    assert query.composed({"person": 'Ann" OR "x'}) == 'about:"Ann OR x"'


@given(st.text(max_size=30))
def test_what_is_typed_into_a_field_stays_in_it(text: str) -> None:
    """Nothing breaks out of its field into another part of the query."""
    made = query.composed({"person": text, "class": "medical"})
    try:
        tree = parse(made)
    except QueryError:
        return
    items = tree.items if isinstance(tree, And) else (tree,)
    assert {getattr(i, "name", "") for i in items} <= {"about", "class"}
    assert len(items) <= 2


@pytest.mark.parametrize("text", ["a OR b", "a b", '"a OR b"', "(a OR b) c", "a -b", "or OR OR_x"])
def test_narrowing_holds_for_all_of_a_query(text: str) -> None:
    tree = parse(query.narrowed(text, "class", "medical"))
    assert isinstance(tree, And)
    assert not isinstance(tree, Or)
    assert str(tree.items[-1]) == "class:medical"
    assert str(parse(text)) in str(tree)


def test_counts_are_said_as_they_are() -> None:
    one = Found(1, Coverage(1, 0, 0), (), "")
    assert shown.sentences(one) == [
        "1 mail was found.",
        "The search looked through 1 mail, of which 1 could be read in full.",
    ]
    of_few = shown.sentences(one, filtered=True)[1]
    assert of_few == "The search looked through 1 mail that its filters leave, of which 1 could be read in full."
    many = Found(5000, Coverage(9000, 2, 3), (), "", ranked=1000)
    assert shown.sentences(many)[2:] == [
        "2 mails have parts that could not be read: what is only there is not found.",
        "3 mails more cannot be searched until the index is made anew: ask whoever runs the service.",
        "The best of the newest 1,000 come first.",
    ]


def test_whatever_was_typed_is_one_word_of_a_command() -> None:
    line = shown.command("vault", "search", "x'; rm -rf /", why="$(id)")
    assert line.endswith("-i records.age-key -i service.age-key --why '$(id)'")
    assert "'x'\"'\"'; rm -rf /'" in line


def test_a_fault_at_the_end_still_has_a_mark() -> None:
    wrong = shown.Wrong.of(QueryError("Something must follow.", "rota", 4))
    assert (wrong.before, wrong.word, wrong.behind) == ("rota", "?", "")


def test_hours_in_words() -> None:
    assert [hours(timedelta(minutes=m)) for m in (0, 1, 59, 60, 125)] == [
        "0 minutes",
        "1 minute",
        "59 minutes",
        "1 hour",
        "2 hours",
    ]
