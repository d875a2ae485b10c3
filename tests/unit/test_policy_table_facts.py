"""What is kept of a decided mail decides as the mail did, says no word of it, and goes when the journal forgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Basis, Decision, Method
from domain.model import (
    Address,
    Analysis,
    Category,
    Evidence,
    Finding,
    Message,
    Place,
    TypeDisagreement,
    Unreadable,
    UnreadableReason,
)
from domain.permission import (
    Capacity,
    Circle,
    Grant,
    Ground,
    OtherBasis,
    Party,
    PartyKind,
    Permission,
    PersonFacts,
)
from domain.policy import Facts, decide, harmless
from domain.ports import KeyVerdict, StoredKey, VaultReceipt
from domain.subjects import Match, SubjectMatch
from domain.tags import Concern, Tags
from gateway.pipeline import process
from tests import build
from tests.build import ANN, BEN, CARER, OFFICER, RULES
from tests.fakes import NOW, FakeJournal, Faults
from tests.property.test_promises import ports
from tests.support.vaults import House, decision, filing
from vault import recorded
from vault.facts import dump, load
from vault.journal import RowJournal
from vault.models import DecidedFacts, JournalEntry

WORD = "Levetiracetam"
"""Stands wherever a mail's own words may stand; nothing that is kept may have it."""

REFS = (ANN, BEN, "p-cy")
ADDRESSES = tuple(Address.of(a) for a in (OFFICER.text, CARER.text, "Sister@family.example", "<>"))
PATHS = ("subject", "HEADER", "1", "2", f"2/{WORD}.docx", f"2/{WORD}.docx#1", f"2/{WORD}.docx/x", f"3/{WORD}", WORD)

moments = st.sampled_from([NOW + timedelta(days=d) for d in (-400, -10, 0, 1)])
days = moments.map(lambda m: m.date())
refs = st.frozensets(st.sampled_from(REFS))
addresses = st.sampled_from(ADDRESSES)
categories = st.frozensets(st.sampled_from(Category))
evidence = st.builds(Evidence, st.sampled_from(PATHS), st.sampled_from(Place), st.just(WORD), st.just(WORD))
pieces = st.lists(evidence, max_size=2).map(tuple)
findings = st.builds(Finding, st.sampled_from(PATHS), st.sampled_from(Category), st.floats(0, 1), pieces)
unreadable = st.builds(Unreadable, st.sampled_from(PATHS), st.sampled_from(UnreadableReason), st.just(WORD))
disagreements = st.just(TypeDisagreement("2", WORD, WORD, WORD))
subjects = st.builds(
    SubjectMatch,
    match=st.sampled_from(Match),
    people=refs,
    weak=refs,
    unsure=refs,
    tagged=refs,
    strangers=pieces,
    disagreement=pieces,
    by_part=st.lists(st.tuples(st.sampled_from(PATHS), refs), max_size=3).map(tuple),
    hints=st.lists(st.tuples(st.sampled_from(PATHS), refs), max_size=2).map(tuple),
)
parties = st.builds(
    Party,
    st.sampled_from(["c-1", "x-2"]),
    st.sampled_from(PartyKind),
    st.booleans(),
    household=st.sampled_from(["", "home"]),
    organisation=st.sampled_from(["", "org"]),
    person=st.sampled_from(["", *REFS]),
    trained_on=st.none() | days,
)
grants = st.builds(
    Grant, st.sampled_from(["party:c-1", "party:x-2", "org:org"]), categories, st.none() | moments, st.none() | moments
)
forms = st.builds(
    Permission,
    st.sampled_from(["f-1", "f-2"]),
    st.sampled_from(Ground),
    days,
    days,
    st.lists(grants, max_size=2).map(tuple),
    st.none() | moments,
    st.none() | days,
)
grounds = st.sampled_from([Basis.SAFEGUARDING, Basis.VITAL_INTERESTS, Basis.LEGAL_DUTY, Basis.SELF])
names = st.frozensets(st.sampled_from(["party:c-1", "org:org", CARER.key]))
bases = st.builds(OtherBasis, st.just("b-1"), grounds, names, categories, moments, moments, st.none() | moments)
people = st.builds(
    PersonFacts,
    st.sampled_from(REFS),
    st.sampled_from(Capacity),
    st.frozensets(st.just("home")),
    st.lists(forms, max_size=2).map(tuple),
    st.lists(bases, max_size=1).map(tuple),
    st.none() | days,
)
circles = st.builds(
    Circle,
    moments,
    st.dictionaries(st.sampled_from(REFS), people),
    st.dictionaries(addresses, st.lists(parties, max_size=2).map(tuple)),
    st.frozensets(addresses),
)
verdicts = st.builds(
    KeyVerdict,
    st.builds(StoredKey, st.sampled_from(Method), st.just("AA11"), st.just(b"key")),
    st.booleans(),
    st.sampled_from(["", "it expired on 1 May 2026"]),
)
tags = st.builds(
    Tags,
    st.booleans(),
    st.sampled_from([(), (WORD,)]),
    st.none() | st.sampled_from(Concern),
    st.sampled_from([(), (WORD, WORD)]),
)
MAIL = Message(WORD.encode(), 0, WORD, f"<{WORD}@x>", WORD, ())
every_facts = st.builds(
    Facts,
    sender=addresses,
    recipients=st.lists(addresses, min_size=1, unique=True).map(tuple),
    message=st.builds(lambda u: replace(MAIL, unreadable=tuple(u)), st.lists(unreadable, max_size=2)),
    analysis=st.builds(
        Analysis,
        findings=st.lists(findings, max_size=3).map(tuple),
        unreadable=st.lists(unreadable, max_size=1).map(tuple),
        disagreements=st.lists(disagreements, max_size=2).map(tuple),
    ),
    subjects=subjects,
    circle=circles,
    keys=st.dictionaries(addresses, st.lists(verdicts, max_size=2).map(tuple)),
    tags=tags,
)


def without_evidence(decisions: tuple[Decision, ...]) -> list[Decision]:
    return [replace(d, reasons=tuple(replace(r, evidence=()) for r in d.reasons)) for d in decisions]


@given(every_facts)
def test_what_is_kept_decides_as_the_mail_did(facts: Facts) -> None:
    """For any facts: the same decisions, reasons and obligations; only the evidence has no words."""
    kept = load(dump(facts))
    assert without_evidence(decide(kept, RULES)) == without_evidence(decide(facts, RULES))
    assert harmless(kept, RULES) == harmless(facts, RULES)


@given(every_facts)
def test_nothing_kept_is_a_word_of_the_mail(facts: Facts) -> None:
    """No evidence, file name, subject line, author, mistyped tag or declared type."""
    assert WORD.casefold() not in dump(facts).casefold()


@given(every_facts)
def test_keeping_what_was_kept_changes_nothing(facts: Facts) -> None:
    """The form is stable: what is left out once is not needed again."""
    kept = load(dump(facts))
    assert load(dump(kept)) == kept


def test_a_number_as_a_file_name_is_hidden_too() -> None:
    """A file inside a zip may be called by somebody's NHS number."""
    found = build.finding(part="2/9990000018#3")
    text = dump(build.facts(findings=(found,)))
    assert "9990000018" not in text
    assert '"part":"2/f1#f2"' in text


def test_a_harmless_mail_leaves_little() -> None:
    """They are the bulk: the time, who, and nothing that was not found."""
    text = dump(build.facts(findings=(), subjects=SubjectMatch(Match.NONE), known=Circle(NOW), keys={}))
    assert text == (
        '{"at":"2026-11-23T09:00:00Z","sender":"officer@council.example","recipients":["carer@carers.example"]}'
    )


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"at": "2026-11-23T09:00:00Z", "sender": "", "recipients": 5}'])
def test_what_another_version_wrote_is_said_to_be_unreadable(text: str) -> None:
    """And is no crash."""
    with pytest.raises(ValueError, match="another version"):
        load(text)


def test_the_pipeline_gives_the_journal_what_it_decided_from() -> None:
    """With the intent, for harmless mails too."""
    for analysis in (Analysis(findings=(build.finding(),)), Analysis()):
        given_ports = ports(analysis, Faults(), {})
        process(build.envelope(), build.message().raw, given_ports)
        journal = given_ports.journal
        assert isinstance(journal, FakeJournal)
        (facts,) = journal.facts
        assert facts is not None
        assert facts.analysis == analysis


D = "d" * 64
REMEMBER = timedelta(days=14)


@pytest.fixture
def journal(database: None) -> RowJournal:
    return RowJournal(lease=timedelta(minutes=10), remember=REMEMBER, owner="relay-1")


@pytest.fixture
def receipt(journal: RowJournal, tmp_path_factory: pytest.TempPathFactory) -> VaultReceipt:
    return House(tmp_path_factory.mktemp("vault")).filer().file(filing(), NOW)


def intended(journal: RowJournal, receipt: VaultReceipt, facts: Facts, now: datetime = NOW) -> None:
    mail = build.envelope()
    journal.claim(D, mail, now)
    journal.intend(D, mail, receipt, [decision()], now, facts)


def test_the_facts_stand_with_the_intent(journal: RowJournal, receipt: VaultReceipt) -> None:
    """One row, under the record that was filed."""
    intended(journal, receipt, build.facts())
    (row,) = recorded.each()
    assert (row.record, row.at) == (receipt.record, NOW)
    assert row.facts == load(dump(build.facts()))


def test_an_intent_that_fails_leaves_no_facts(journal: RowJournal, receipt: VaultReceipt) -> None:
    """They are one transaction: here the claim was never made."""
    with pytest.raises(Exception, match="claim"):
        journal.intend(D, build.envelope(), receipt, [decision()], NOW, build.facts())
    assert not DecidedFacts.objects.exists()


def test_facts_are_forgotten_with_the_journal(journal: RowJournal, receipt: VaultReceipt) -> None:
    """After ``remember``, and not before; what was never finished goes too."""
    intended(journal, receipt, build.facts())
    journal.forget(NOW + REMEMBER)
    assert recorded.count() == 1
    journal.forget(NOW + REMEMBER + timedelta(seconds=1))
    assert recorded.count() == 0
    assert not JournalEntry.objects.exists()


def test_facts_come_by_record_and_the_newest_first(database: None) -> None:
    """So that a mail decided twice can be counted once; a row of another version is told, not hidden."""
    later = NOW + timedelta(hours=1)
    old, new = build.facts(), build.facts(OFFICER)
    recorded.keep("B", old, NOW)
    recorded.keep("A", old, NOW)
    recorded.keep("B", new, later)
    DecidedFacts.objects.create(record="C", at=later, facts="{}")
    found = [(r.record, r.at, r.facts and r.facts.recipients) for r in recorded.each()]
    assert found == [("A", NOW, (CARER,)), ("B", later, (OFFICER,)), ("B", NOW, (CARER,)), ("C", later, None)]
    assert recorded.count(later) == 2
    assert [r.record for r in recorded.each(later)] == ["B", "C"]


def test_times_keep_their_zone() -> None:
    """A day is the day there: half past midnight in summer is not the day before."""
    summer = datetime.fromisoformat("2026-07-01T00:30:00+01:00")
    kept = load(dump(build.facts(known=Circle(summer))))
    assert kept.circle.at.date() == summer.date()
    assert kept.circle.at.astimezone(UTC) == summer
