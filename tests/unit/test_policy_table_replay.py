"""Two policies over the facts of real mails: what differs, what cannot be told, and that nobody's name is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from typer.testing import CliRunner, Result

from cli.exits import Exit
from cli.main import app
from domain.acquaintance import Acquaintance, Written
from domain.decision import Action
from domain.guard import Guard, Kind, Suspicion
from domain.model import Address, Analysis, Category
from domain.permission import Circle, PartyKind
from domain.policy import Facts, decide
from domain.replay import NOT_ASKED, Change, compare, relations
from domain.rules import Rules
from domain.subjects import Match, SubjectMatch
from domain.vouching import doubted_anew, vouched
from gateway.clock import SystemClock
from tests import build
from tests.build import CARER, OFFICER, RULES
from tests.fakes import NOW, FakeLooks, unreadable
from tests.unit.test_policy_table import SHIPPED, SOURCE
from tests.unit.test_policy_table_facts import every_facts
from vault import recorded
from vault.models import DecidedFacts

LOOKS = FakeLooks()
FINANCIAL = build.facts(findings=(build.finding(Category.FINANCIAL),))
LOWER = replace(RULES, threshold=0.1, threshold_named=0.1)


def with_action(rule: str, action: Action) -> object:
    rows = tuple(
        replace(r, consequence=replace(r.consequence, action=action)) if r.consequence.rule == rule else r
        for r in RULES.sharing
    )
    return replace(RULES, sharing=rows)


def harmless_mail(likelihood: float | None = None) -> Facts:
    """As the pipeline leaves it: the register was not asked."""
    found = () if likelihood is None else (build.finding(likelihood=likelihood, part="1"),)
    return Facts(OFFICER, (CARER,), build.message(), Analysis(findings=found), SubjectMatch(Match.NONE), Circle(NOW))


@given(every_facts)
def test_the_same_policy_changes_nothing(facts: Facts) -> None:
    """For any facts; only what the register was not asked about cannot be told."""
    found = [c.change for c in compare(facts, RULES, RULES, LOOKS)]
    assert len(found) == len(facts.recipients)
    assert set(found) <= {Change.NONE, Change.UNKNOWN}
    assert Change.UNKNOWN not in found or not facts.keys


def test_another_action_is_found() -> None:
    """With both decisions, as the policies make them."""
    refuse = with_action("carer-need-to-know", Action.REJECT)
    (found,) = compare(FINANCIAL, RULES, refuse, LOOKS)
    assert (found.change, found.before.action, found.after.action) == (Change.ACTION, Action.HOLD, Action.REJECT)
    assert (found.before,) == decide(FINANCIAL, RULES)
    assert (found.after,) == decide(FINANCIAL, refuse)


def test_another_ground_is_not_another_action() -> None:
    """Told apart, for they weigh differently."""
    rows = tuple(r for r in RULES.sharing if r.consequence.rule != "carer-need-to-know")
    other = replace(build.RULES.sharing[0].consequence, rule="else", action=Action.HOLD, basis=None)
    need = next(r for r in RULES.sharing if r.consequence.rule == "carer-need-to-know")
    (found,) = compare(FINANCIAL, RULES, replace(RULES, sharing=(*rows, replace(need, consequence=other))), LOOKS)
    assert found.change is Change.GROUND


def test_what_was_harmless_and_is_not_any_more_cannot_be_told() -> None:
    """Nobody asked the register who the recipient was; a mail without any finding stays as it was."""
    (found,) = compare(harmless_mail(0.2), RULES, LOWER, LOOKS)
    assert (found.change, found.relations) == (Change.UNKNOWN, (NOT_ASKED,))
    (found,) = compare(harmless_mail(0.2), LOWER, LOWER, LOOKS)
    assert found.change is Change.UNKNOWN
    (found,) = compare(harmless_mail(), RULES, LOWER, LOOKS)
    assert found.change is Change.NONE


def test_a_relation_is_what_somebody_is_to_these_people() -> None:
    """Carers of others, strangers, staff; where the mail is about nobody known, what the register has them as."""
    assert relations(FINANCIAL, CARER) == ("current-carer",)
    assert relations(FINANCIAL, OFFICER) == ("stranger",)
    staff = build.facts(known=build.circle(build.person(), staff=(CARER,)))
    assert relations(staff, CARER) == ("staff",)
    nobody = build.facts(known=build.circle(parties={CARER: (build.party(PartyKind.FAMILY),)}))
    assert relations(nobody, CARER) == ("family",)
    elsewhere = build.facts(known=build.circle(build.person(), parties={CARER: (build.party(household="x"),)}))
    assert relations(elsewhere, CARER) == ("other-carer",)


def draft(tmp_path: Path, old: str, new: str) -> Path:
    assert old in SOURCE
    path = tmp_path / "draft.toml"
    path.write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    return path


def diff(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["policy", "diff", *map(str, arguments)])


@pytest.fixture
def refusing(tmp_path: Path) -> Path:
    """A policy by which carers are refused money matters that were held."""
    need = 'id = "carer-need-to-know"\nrelation = ["current-carer"]\npermission = ["*"]\ncategory = ["*"]\naction = '
    return draft(tmp_path, need + '"hold"', need + '"reject"')


def test_diff_counts_and_shows_no_name(database: None, refusing: Path) -> None:
    """The record, when, the relation, before and after; the address only where it is asked for."""
    recorded.keep("REC1", FINANCIAL, NOW)
    recorded.keep("REC2", build.facts(), NOW)
    recorded.keep("REC3", harmless_mail(), NOW)
    done = diff(SHIPPED, refusing, "--json")
    assert done.exit_code == Exit.OK
    said = json.loads(done.stdout)
    assert (said["mails"], said["recipients"], said["unreadable"]) == (3, 3, 0)
    assert said["counts"] == {"none": 2, "ground": 0, "action": 1, "unknown": 0}
    assert said["actions"] == [{"before": "HOLD", "after": "REJECT", "count": 1}]
    (change,) = said["changes"]
    assert (change["record"], change["at"], change["relation"]) == ("REC1", NOW.isoformat(), ["current-carer"])
    assert change["before"]["rules"] == change["after"]["rules"] == ["carer-need-to-know"]
    assert CARER.key not in done.stdout
    named = json.loads(diff(SHIPPED, refusing, "--json", "--recipients").stdout)
    assert named["changes"][0]["recipient"] == CARER.key


def test_diff_as_a_table_says_the_same(database: None, refusing: Path) -> None:
    """For people, with the counts below."""
    recorded.keep("REC1", FINANCIAL, NOW)
    text = " ".join(diff(SHIPPED, refusing).stdout.split())
    assert "1 HOLD -> REJECT" in text
    assert "1 mails, 1 recipients: 1 with another action" in text
    assert "REC1" in text
    assert CARER.key not in text


def test_a_mail_decided_twice_counts_once(database: None, refusing: Path) -> None:
    """As it was decided last; a recipient who was decided only the first time counts too."""
    both = replace(FINANCIAL, recipients=(CARER, OFFICER))
    recorded.keep("REC1", both, NOW)
    recorded.keep("REC1", FINANCIAL, NOW + timedelta(minutes=5))
    said = json.loads(diff(SHIPPED, refusing, "--json").stdout)
    assert (said["mails"], said["recipients"]) == (1, 2)
    assert [c["at"] for c in said["changes"]] == [(NOW + timedelta(minutes=5)).isoformat()]


def test_diff_tells_what_it_cannot_tell(database: None, tmp_path: Path) -> None:
    """Mails that were harmless then, and rows of another version."""
    lower = draft(tmp_path, "threshold = 0.5", "threshold = 0.25")
    recorded.keep("REC1", harmless_mail(0.3), NOW)
    DecidedFacts.objects.create(record="REC2", at=NOW, facts="{}")
    said = json.loads(diff(SHIPPED, lower, "--json").stdout)
    assert (said["counts"]["unknown"], said["unreadable"]) == (1, 1)
    assert (said["changes"][0]["before"], said["changes"][0]["relation"]) == (None, [NOT_ASKED])
    text = " ".join(diff(SHIPPED, lower).stdout.split())
    assert "the register was not asked" in text
    assert "another version" in text


def test_only_the_last_days_are_looked_at(database: None, refusing: Path) -> None:
    """--since DAYS; without it all that is kept."""
    now = SystemClock().now()
    recorded.keep("REC1", FINANCIAL, now - timedelta(days=3))
    recorded.keep("REC2", FINANCIAL, now - timedelta(hours=1))
    assert json.loads(diff(SHIPPED, refusing, "--json", "--since", 2).stdout)["mails"] == 1
    assert json.loads(diff(SHIPPED, refusing, "--json").stdout)["mails"] == 2


def test_grounds_and_limit(database: None, tmp_path: Path) -> None:
    """A change of ground is listed with --grounds and counted always; --limit cuts the list and says so."""
    other = draft(tmp_path, 'id = "carer-need-to-know"', 'id = "carer-money"')
    other.write_text(other.read_text().replace('"carer-need-to-know"', '"carer-money"'))
    for n in range(3):
        recorded.keep(f"REC{n}", FINANCIAL, NOW)
    said = json.loads(diff(SHIPPED, other, "--json").stdout)
    assert (said["counts"]["ground"], said["changes"]) == (3, [])
    assert len(json.loads(diff(SHIPPED, other, "--json", "--grounds").stdout)["changes"]) == 3
    assert "and 2 more" in diff(SHIPPED, other, "--grounds", "--limit", 1).stdout


def test_an_unusable_policy_is_refused(database: None, tmp_path: Path) -> None:
    """Before any mail is looked at."""
    assert diff(SHIPPED, tmp_path / "none.toml").exit_code == Exit.INPUT
    open_case = draft(tmp_path, 'permission = ["missing"]', 'permission = ["withdrawn"]')
    assert diff(SHIPPED, open_case).exit_code == Exit.CONFIGURATION


def test_what_could_not_be_read_is_weighed_by_both(database: None) -> None:
    """An unreadable part holds by both policies, whoever it was for."""
    facts = build.facts(analysis=Analysis(unreadable=(unreadable(),)))
    (found,) = compare(facts, RULES, LOWER, LOOKS)
    assert (found.change, found.before.action) == (Change.NONE, Action.HOLD)


def guarded(visible: int = 0, *written: Written, known: Circle | None = None) -> Facts:
    """A confidential mail to a carer as the guard left it, by the policy's numbers as shipped."""
    facts = build.facts(known=known)
    vouching = frozenset({CARER}) if vouched(facts, CARER, RULES) else frozenset[Address]()
    before = Acquaintance(tuple(written))
    guard = Guard((CARER,), facts.subjects.people, visible, vouching, before, RULES.guard, LOOKS)
    return replace(facts, doubts=guard.suspicions(NOW), looked=guard.looked())


def numbers(**other: object) -> Rules:
    return replace(RULES, guard=replace(RULES.guard, **other))


def test_other_numbers_of_the_guard_are_tried(database: None) -> None:
    """More addresses in To and Cc, more or fewer mails that make somebody often written to, a shorter memory."""
    crowd, days_ago = guarded(12), NOW - timedelta(days=9)
    (found,) = compare(crowd, RULES, numbers(visible=11), LOOKS)
    assert (found.change, found.after.action) == (Change.ACTION, Action.HOLD)
    assert [c.change for c in compare(crowd, RULES, numbers(visible=12), LOOKS)] == [Change.NONE]
    like = Written(f"{CARER.key.partition('@')[0]}.b@clinic.example", build.ANN, 2, days_ago)
    often = guarded(0, like, known=build.circle(build.person()))
    (found,) = compare(often, RULES, numbers(often=2), LOOKS)
    assert "recipient-neighbour" in {r.rule for r in found.after.reasons}
    assert "recipient-neighbour" not in {r.rule for r in found.before.reasons}
    old = guarded(0, Written(CARER.key, build.ANN, 9, days_ago))
    (found,) = compare(old, RULES, numbers(remember=timedelta(days=8)), LOOKS)
    assert found.change in {Change.GROUND, Change.NONE}
    assert "recipient-new" in {r.rule for r in found.after.reasons}
    assert "recipient-new" not in {r.rule for r in found.before.reasons}


def test_numbers_are_tried_on_what_is_written_down(database: None, tmp_path: Path) -> None:
    """From the command line, over the database; what a name said stays as it was."""
    facts = guarded(12)
    facts = replace(facts, doubts={CARER: (*facts.doubts[CARER], Suspicion(Kind.MISNAMED))})
    recorded.keep("REC1", facts, NOW)
    other = draft(tmp_path, "visible = 20", "visible = 10")
    (line,) = json.loads(diff(SHIPPED, other, "--json").stdout)["changes"]
    assert (line["change"], line["after"]["rules"]) == ("action", ["too-many-visible"])
    (loaded,) = (row.facts for row in recorded.each())
    assert loaded.looked == facts.looked
    (after,) = decide(doubted_anew(loaded, RULES, LOOKS), RULES)
    assert "recipient-misnamed" in {r.rule for r in after.reasons}


def test_of_a_harmless_mail_fewer_visible_addresses_cannot_be_told() -> None:
    """Its To and Cc were only counted where they had more than the number of that day; more of them change nothing."""
    assert [c.change for c in compare(harmless_mail(), RULES, numbers(visible=5), LOOKS)] == [Change.UNKNOWN]
    assert [c.change for c in compare(harmless_mail(), RULES, numbers(visible=50), LOOKS)] == [Change.NONE]
