"""The model of growth: its page holds what it reckons, and it reckons what it says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmarks import growth_model
from benchmarks.growth_model import SCALES, TRANSIENT, Assumed, average, sized

FOUND = json.loads(growth_model.FACTORS.read_text(encoding="utf-8"))


def test_the_page_holds_the_tables_as_they_are_reckoned_now() -> None:
    text = growth_model.PAGE.read_text(encoding="utf-8")
    assert growth_model.page(FOUND, text) == text, "run: python -m benchmarks.growth_model --write"
    assert growth_model.PICTURE.read_text(encoding="utf-8") == growth_model.picture(FOUND, Assumed())


def test_every_kind_was_measured_and_left_something_behind() -> None:
    for kind in growth_model.MIX:
        measured = FOUND["kinds"][kind]
        assert measured["rows"]["vault_vaultrecord"] == pytest.approx(1, abs=0.1)
        assert measured["rows"]["vault_auditevent"] >= 3
        assert measured["sealed"] > 0
        assert measured["milliseconds"]["relay"] > 0
    assert sum(growth_model.MIX.values()) == pytest.approx(1)


def test_twice_the_years_are_twice_the_rows_and_no_more_of_what_is_emptied() -> None:
    mail, assumed = average(FOUND["kinds"], Assumed()), Assumed()
    once, twice = (sized(SCALES[1], mail, assumed, years) for years in (5, 10))
    passing = sized(SCALES[1], mail, assumed, 0).database_gb
    assert twice.rows == pytest.approx(2 * once.rows)
    assert twice.database_gb - passing == pytest.approx(2 * (once.database_gb - passing))
    assert passing == pytest.approx(once.mails_a_day * 14 * mail.passing / 1e9)
    assert not TRANSIENT & mail.by_table.keys()


def test_nodes_are_two_until_two_do_not_do() -> None:
    mail = replace(average(FOUND["kinds"], Assumed()), milliseconds=100.0)
    assert sized(SCALES[0], mail, Assumed()).nodes == 2
    busy = sized(SCALES[0], mail, Assumed(mails_a_person_a_week=100_000.0))
    assert busy.nodes == pytest.approx(busy.busiest_second * 0.1 / 0.5 / 2, abs=1)
