"""retention.toml: whole, or refused with one sentence that names the class and the word."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.retention import load
from domain.errors import ConfigurationError
from domain.retention import Trigger

FILE = Path(__file__).parents[2] / "config" / "retention.toml"
HEAD = '[all-about-me]\nyears = 8\ntrigger = "end of care"'
TEXT = FILE.read_text(encoding="utf-8")


def test_ours_has_what_the_rules_ask_for():
    """Deeds, death, priorities, carers' files; each number with its source."""
    schedule = load(FILE)
    variants = {f"{c}.{v}": schedule[c].variants[v].years for c in schedule for v in schedule[c].variants}
    assert variants == {
        "medical.after-death": 10, "placement-agreement.deed": 12, "legal.deed": 12,
        "incident.low-priority": 3, "incident.high-priority": 30,
    }  # fmt: skip
    assert (schedule["carer-file"].years, schedule["financial"].trigger) == (25, Trigger.FINANCIAL_YEAR)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (HEAD, HEAD.partition("trigger")[0], "'all-about-me' needs years, trigger and source"),
        ("years = 12", "years = 12\nfor = 3", "'placement-agreement.deed' has 'for', which is not known"),
        ("years = 12", "", "'placement-agreement.deed' needs years and source"),
        ("years = 12", "years = 5", "'placement-agreement.deed' is shorter than 'placement-agreement'"),
        ("years = 12", "years = 0", "years of 'placement-agreement.deed' must be 1 to 150"),
        ("years = 20", "years = true", "the years of 'medical' must be a whole number"),
        ("years = 20", "years = 20.5", "the years of 'medical' must be a whole number"),
        ("shorter = true\ns", 'shorter = "yes"\ns', "the shorter of 'incident.low-priority' must be true or false"),
        ("shorter = true\ns", "s", "'incident.low-priority' is shorter than 'incident'"),
        ('trigger = "closure"', 'trigger = "closing"', "trigger of 'incident' is not known; write one of end"),
        ('trigger = "closure"', "trigger = 5", "the trigger of 'incident' must be text in quotes"),
        ("[complaint]", "[Complaint]", "'Complaint' is no name for a class"),
        ("[complaint]", "[complaints]", "no period for 'complaint'"),
        ("[all-about-me]", "years = 8\n\n[all-about-me]", "'years' stands alone"),
        ("[medical]", "[medical", "is not well formed"),
    ],
)  # fmt: skip
def test_a_slip_is_refused_with_its_place(tmp_path, before, after, says):
    """One sentence."""
    assert before in TEXT
    path = tmp_path / "retention.toml"
    path.write_text(TEXT.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert says in caught.value.public
    assert caught.value.public.endswith(".")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    """Not with a traceback."""
    path = tmp_path / "retention.toml"
    path.write_bytes(b"\xff\xfe[medical]")
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert "not well formed" in caught.value.public
