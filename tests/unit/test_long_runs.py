"""What long runs are judged by: growth is seen, and drawn where it was."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from benchmarks import curves, latency, looks, soak
from benchmarks.curves import Curve, Panel
from benchmarks.latency import Step
from benchmarks.looks import Look

_SVG = "{http://www.w3.org/2000/svg}"


def _looks(megabytes: float, grown: float, files: int = 20, more: int = 0) -> list[Look]:
    """Sixty, the last thirty of them with what was added."""
    return [
        Look(float(n), {"relay 1": megabytes + grown * (n >= 30)}, {"relay 1": files + more * (n >= 30)},
             {"vault_vaultrecord": (n, n * 8192)}, 0.05, 0.2)
        for n in range(60)
    ]  # fmt: skip


def _traffic(**answers: int) -> soak.Traffic:
    return soak.Traffic(0, done=sum(answers.values()), answers=Counter({k[1:]: v for k, v in answers.items()}))


def _missed(seen: list[Look], traffic: soak.Traffic) -> set[str]:
    return {row.what for row in soak.verdicts(seen, traffic) if "MISSED" in row.verdict}


def test_a_run_that_stays_as_it_is_is_met() -> None:
    assert _missed(_looks(100, 10), _traffic(_250=90)) == set()


@pytest.mark.parametrize(
    ("seen", "traffic", "what"),
    [
        (_looks(100, 60), {"_250": 90}, "memory of relay 1"),
        (_looks(100, 0, 20, 30), {"_250": 90}, "open files of relay 1"),
        (_looks(100, 0), {"_250": 90, "_451": 1}, "mails answered 250"),
    ],
)
def test_what_grows_or_was_not_taken_is_missed(seen: list[Look], traffic: dict[str, int], what: str) -> None:
    assert _missed(seen, _traffic(**traffic)) == {what}


def test_waits_count_by_their_share() -> None:
    step = Step(10, [n / 100 for n in range(101)], Counter({"250": 101, "451": 9}), 10.0)
    assert (step.at(0.5), step.at(0.95), step.at(1.0)) == (0.5, 0.95, 1.0)
    assert step.served == pytest.approx(10.1)
    assert Step(10).at(1.0) == 0


@pytest.mark.parametrize("most", [0.003, 0.7, 1.0, 7.3, 10.0, 94.0, 1_234_567.0])
def test_ticks_are_few_round_and_within(most: float) -> None:
    found = curves.ticks(most)
    assert found[0] == 0
    assert most * 0.8 < found[-1] <= most * 1.000001
    assert 4 <= len(found) <= 12


def test_a_picture_is_svg_and_every_point_lies_in_its_panel() -> None:
    steps = [Step(rate, [0.1, rate / 10], Counter({"250": 2, "451": 1}), 2.0) for rate in (10.0, 100.0, 300.0)]
    for text in (
        latency.picture(steps),
        looks.picture("A soak", "minutes", _looks(100, 20), list(soak.verdicts(_looks(100, 20), _traffic(_250=3)))),
        curves.draw("Nothing", [Panel("<&>", "none", [Curve("empty", [(0.0, 0.0)])])], "said"),
    ):
        root = ET.fromstring(text)
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        lines = [line.attrib["points"] for line in root.iter(f"{_SVG}polyline")]
        assert lines
        for x, y in re.findall(r"([\d.-]+),([\d.-]+)", " ".join(lines)):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height
