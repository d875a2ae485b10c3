"""The table of whole mails (``benchmarks/whole.py``): mails as large as they say, verdicts and bars that are true."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from benchmarks.rivals import FORWARDER, SINK
from benchmarks.specimens import KB, KINDS, SMALL, Kind, mails
from benchmarks.whole import ONE_CORE, OPENPGP, PLAIN, TWO, Results, Speed, rows
from benchmarks.whole_picture import draw
from classifiers.analysis import Analyser
from domain.model import Category
from gateway.parse import parse

MIDDLE = 244 * KB
FOUND: Results = {
    (SMALL, PLAIN.name, TWO): Speed(600, 3.0),
    (SMALL, PLAIN.name, ONE_CORE): Speed(400, 3.0),
    (SMALL, PLAIN.name, FORWARDER): Speed(1000, 1.0),
    (SMALL, PLAIN.name, SINK): Speed(2400, 0.5),
    (MIDDLE, PLAIN.name, FORWARDER): Speed(100, 9.0),
    (MIDDLE, OPENPGP.name, TWO): Speed(30, 40.0),
}


@pytest.mark.parametrize("size", [SMALL, MIDDLE])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_specimen_is_as_large_as_it_says_and_confidential_if_it_should_be(kind: Kind, size: int) -> None:
    one, other = mails(kind, size, 2)
    assert one != other
    assert 0.95 * size < len(one) < 1.05 * size
    message = parse(one)
    analysis = Analyser().analyse(message.subject, message.parts)
    assert (message.unreadable, analysis.unreadable) == ((), ())
    medical = any(f.category is Category.MEDICAL and f.likelihood >= 0.5 for f in analysis.findings)
    assert medical is kind.confidential


def test_each_target_is_judged_by_the_rows_that_it_is_about() -> None:
    verdicts = {row.what: (row.ratio, row.verdict.partition(" ")[0]) for row in rows(FOUND, 20.0) if row.target}
    assert verdicts == {
        "5 KB plain, of the bare sink": (0.25, "MISSED"),
        "5 KB plain, of the forwarder": (0.6, "met"),
        "5 KB plain, of 500 a second": (1.2, "met"),
        "244 KB classified, encrypted, filed, of 40 a second": (0.75, "MISSED"),
        "the same, over protecting alone": (2.0, "met"),
        "5 KB plain, two processes on two cores over one on one": (1.5, "MISSED"),
    }


def test_everybody_stands_beside_the_forwarder_of_the_same_size() -> None:
    said = {row.what: (row.ours, row.baseline, row.ratio) for row in rows(FOUND, 20.0) if not row.target}
    assert said[f"5 KB plain: {TWO}"] == ("600 /s, 3.0 ms", "forwarder 1000 /s, 1.0 ms", 0.6)
    assert said[f"244 KB OpenPGP: {TWO}"] == ("30 /s, 40.0 ms", "forwarder 100 /s, 9.0 ms", 0.3)
    assert said[f"5 KB: {SINK}"] == ("2400 /s, 0.5 ms", "forwarder 1000 /s, 1.0 ms", 2.4)


def test_a_bar_is_as_long_as_its_processor_time_within_its_size() -> None:
    svg = draw({"5 KB": [(("ours <b>", True), (10.0, 8.0)), (("other", False), (20.0, 2.0))]})
    picture = ET.fromstring(svg)
    assert "ours <b>" in [e.text for e in picture.iter("{http://www.w3.org/2000/svg}text")]
    ours, other = (float(w) for w in re.findall(r'width="([\d.]+)" height="14"', svg))
    assert ours == 4 * other > 0
