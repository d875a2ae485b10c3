"""The decision table as a whole: read by people, and looked at for gaps and rows in each other's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from cli.exits import Exit
from cli.main import app
from cli.policy_markdown import markdown
from config.policy import read
from domain import tables
from domain.decision import Action
from domain.errors import ConfigurationError
from domain.model import Category
from domain.permission import PermissionState, Relation
from domain.rules import Case, Rules, SharingRule, check
from domain.tables import Block
from tests.build import RULES

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "config" / "policy.toml"
SOURCE = SHIPPED.read_text(encoding="utf-8")
TAG_UNKNOWN = SOURCE[SOURCE.index("[conditions.tag-unknown]") : SOURCE.index("[conditions.urgent-release]")]
SPECIMEN = ROOT / "tests" / "specimens" / "decision-table.md"


def words(kind: type) -> st.SearchStrategy[frozenset]:
    """Some words of a kind, often all."""
    return st.just(frozenset(kind)) | st.frozensets(st.sampled_from(kind), min_size=1)


@st.composite
def policies(draw: st.DrawFn) -> Rules:
    """The shipped policy with rows taken out, moved, or of random reach."""
    rows = draw(st.lists(st.sampled_from(RULES.sharing), max_size=30, unique_by=lambda r: r.consequence.rule))
    for n in draw(st.lists(st.integers(0, 99), max_size=3)):
        reach = SharingRule(draw(words(Relation)), draw(words(PermissionState)), draw(words(Category)), _MORE[n % 4])
        if reach.consequence not in [r.consequence for r in rows]:
            rows.insert(n % (len(rows) + 1), reach)
    overrides = RULES.urgency.overrides & {r.consequence.rule for r in rows}
    return replace(RULES, sharing=tuple(rows), urgency=replace(RULES.urgency, overrides=overrides))


_MORE = [replace(RULES.sharing[0].consequence, rule=f"more-{a.name}", action=a) for a in list(Action)[:4]]


def cases(block: Block) -> Iterator[Case]:
    return product(block.relations, block.states, block.categories)


def passes(rules: Rules) -> bool:
    try:
        check(rules)
    except ConfigurationError:
        return False
    return True


@given(policies())
def test_all_problems_are_found_exactly_where_start_up_refuses(rules: Rules) -> None:
    """What `policy check` passes, the relay starts with, and the other way round."""
    assert passes(rules) == (not list(tables.problems(rules)))


@given(policies())
def test_gaps_are_the_cases_without_a_row_each_told_once(rules: Rules) -> None:
    """However they are grouped."""
    told = Counter(case for block in tables.gaps(rules) for case in cases(block))
    assert set(told) == {c for c in tables.EVERY_CASE if not any(row.fits(c) for row in rules.sharing)}
    assert set(told.values()) <= {1}


@given(policies())
def test_a_row_is_wholly_shadowed_exactly_if_it_never_wins(rules: Rules) -> None:
    """And the rows said to take its cases take as many as are said."""
    winners = [next((r for r in rules.sharing if r.fits(c)), None) for c in tables.EVERY_CASE]
    dead = {s.row.consequence.rule for s in tables.shadows(rules) if s.whole}
    assert dead == {r.consequence.rule for r in rules.sharing if r not in winners}
    for shadow in tables.shadows(rules):
        lost = [w for c, w in zip(tables.EVERY_CASE, winners, strict=True) if shadow.row.fits(c) and w != shadow.row]
        assert Counter(dict.fromkeys([r.consequence.rule for r, _ in shadow.taken_by], 0) | {
            r.consequence.rule: n for r, n in shadow.taken_by
        }) == Counter(w.consequence.rule for w in lost if w)  # fmt: skip


@given(policies())
def test_overlaps_are_where_two_rows_disagree(rules: Rules) -> None:
    """Both fit every case that is told, and their actions differ."""
    for found in tables.overlaps(rules):
        assert found.earlier.consequence.action is not found.later.consequence.action
        both = [c for block in found.blocks for c in cases(block)]
        assert both
        assert all(found.earlier.fits(c) and found.later.fits(c) for c in both)


@given(policies())
def test_the_pages_answer_every_case_once_as_the_rules_do(rules: Rules) -> None:
    """What people read is what is done."""
    told: dict[Case, list[object]] = {}
    for page in tables.pages(rules):
        for row in page.rows:
            for group, cell in zip(page.columns, row.cells, strict=True):
                for case in product(page.relations, row.states, group):
                    told.setdefault(case, []).append(cell)
    expected = {c: next((r.consequence for r in rules.sharing if r.fits(c)), None) for c in tables.EVERY_CASE}
    assert told == {case: [cell] for case, cell in expected.items()}


def test_the_specimen_is_the_shipped_policy() -> None:
    """A change of the policy shows in a file that a data-protection officer can read."""
    again = (
        f"write it anew: sallyport policy table {SHIPPED.relative_to(ROOT)} --markdown > {SPECIMEN.relative_to(ROOT)}"
    )
    assert SPECIMEN.read_text(encoding="utf-8") == markdown(RULES), again


def test_every_row_sentence_and_obligation_is_in_the_specimen() -> None:
    """Nothing of the policy that people may be told is left out of it."""
    text = markdown(RULES)
    for told in [*(r.consequence for r in RULES.sharing), *RULES.conditions.values()]:
        for words_ in (told.rule, told.why, told.fix, *told.obligations):
            assert words_.replace("|", "\\|") in text


def test_a_table_in_markdown_has_as_many_cells_in_each_line() -> None:
    """A sentence with an upright line would otherwise be two cells."""
    row = RULES.sharing[0]
    rules = replace(
        RULES, sharing=(replace(row, consequence=replace(row.consequence, why="a | b")), *RULES.sharing[1:])
    )
    text = markdown(rules)
    assert "a \\| b" in text
    for block in text.split("\n\n"):
        lines = [line.replace("\\|", "") for line in block.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["policy", *map(str, arguments)])


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = SOURCE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_check_says_that_the_shipped_policy_is_whole() -> None:
    """With how much it answers; --verbose tells where rows lie over each other."""
    done = run("check", SHIPPED)
    assert done.exit_code == Exit.OK
    assert f"32 rows answer all {len(tables.EVERY_CASE)} cases" in done.output
    assert "note" not in done.output
    more = run("check", SHIPPED, "--verbose").output
    assert (
        "'person-died' (hold) comes before 'other-carer' (reject) for other-carer; person-died; any category." in more
    )
    assert "'staff' loses 72 of its 180 cases" in more


def test_check_tells_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    """Gaps as blocks, rows that can never apply with those above them, unsafe rows, missing conditions."""
    path = changed(
        tmp_path,
        ('permission = ["missing"]', 'permission = ["withdrawn"]'),
        ('action = "encrypt"\nbasis = "the person themselves"', 'action = "relay"'),
        (TAG_UNKNOWN, ""),
        ('[conditions.unreadable]\naction = "hold"', '[conditions.unreadable]\naction = "encrypt"'),
        ('id = "named-best-interests"', 'id = "named"'),
    )
    done = run("check", path)
    assert done.exit_code == Exit.CHECK_FAILED
    assert "no rule for professional, family, representative, stranger; missing; any category." in done.output
    assert "'no-permission' can never apply: its cases are taken by 'withdrawn' above it." in done.output
    assert "would let confidential documents leave in the clear" in done.output
    assert "the condition 'tag-unknown' is missing." in done.output
    assert "'unreadable' must hold or reject." in done.output
    assert "2 rules have the id 'named'." in done.output
    assert "6 things to put right" in done.output


def test_a_single_gap_names_the_case(tmp_path: Path) -> None:
    """In the words of the file."""
    path = changed(
        tmp_path,
        ('permission = ["missing"]\ncategory = ["*"]', 'permission = ["missing"]\ncategory = ["*", "!financial"]'),
    )
    text = run("check", path).output
    assert "no rule for professional, family, representative, stranger; missing; financial." in text
    assert "one thing to put right" in text


@pytest.mark.parametrize("command", ["check", "table"])
def test_a_file_that_is_no_policy_is_one_sentence(tmp_path: Path, command: str) -> None:
    """Exit code 5 for a file that is not there, 3 for one that cannot be a policy."""
    assert run(command, tmp_path / "none.toml").exit_code == Exit.INPUT
    (tmp_path / "bad.toml").write_text("version = = 1")
    assert run(command, tmp_path / "bad.toml").exit_code == Exit.CONFIGURATION


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("threshold = 0.5", 'threshold = "high"'),
        ("threshold = 0.5", "threshold = [1]"),
        ("review_hours = 72", 'review_hours = "soon"'),
        ('id = "self"', 'id = "self"\nobligations = 5'),
        ('relation = ["self"]', "relation = 7"),
        ("[conditions.staff]", "[conditions]\nunreadable = 7\n[conditions.staff]"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_with_a_sentence(tmp_path: Path, old: str, new: str) -> None:
    """And is no crash."""
    with pytest.raises(ConfigurationError) as caught:
        read(changed(tmp_path, (old, new)))
    assert caught.value.public.startswith("The policy")


def test_the_table_on_the_screen_has_every_relation_and_rule() -> None:
    """The rules that are in force somewhere."""
    text = " ".join(run("table", SHIPPED).output.split())
    for relation in Relation:
        assert relation in text
    assert "HOLD: new-involvement †" in text
    assert "REJECT: other-carer" in text


def test_an_open_case_stands_out_in_the_table(tmp_path: Path) -> None:
    """A table may be read before it is whole."""
    path = changed(tmp_path, ('permission = ["missing"]', 'permission = ["withdrawn"]'))
    assert "no row" in run("table", path).output
    assert "**nothing is said**" in run("table", path, "--markdown").output
