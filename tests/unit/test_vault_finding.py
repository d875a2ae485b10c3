"""A search never silently misses (promise 7): the same records as a look at every word, exactly counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.decision import Action
from domain.errors import VaultUnavailable
from domain.here import HERE
from tests.fakes import NOW
from tests.support.filed import decided
from tests.support.indexed import KEYED, put, say, source
from tests.support.picked import picked_up, waits
from tests.support.queries import DAYS, PEOPLE, SHAPES, VOCABULARY, trees
from vault import audit, records
from vault.models import SearchBlock, SearchEntry, VaultRecord
from vault.rows import writing
from vault.search import blocks, divided, document, evaluate, facets, fields, index
from vault.search.document import Source, Unread
from vault.search.find import Found, Page, WrongCursor, search
from vault.search.grammar import parse
from vault.search.terms import Terms
from vault.search.tokens import Keyed, stem
from vault.search.tree import And, Field, Near, Not, Or, Phrase, Prefix, Sent, Shape, Term, Tree
from vault.search.words import SHAPE, shape, shapes, words

pytestmark = pytest.mark.usefixtures("database")
TERMS = Terms(KEYED)


def find(query: str, **page: object) -> Found:
    return search(parse(query), TERMS, KEYED, Page(**page))  # type: ignore[arg-type]


def found(query: str) -> list[str]:
    return [h.record for h in find(query, limit=1_000).hits]


# A plain search without an index, which says what is right.


@dataclass(frozen=True)
class Looks:
    """Whether somebody here looked at it; and of each recipient for whom it waited, whether they opened it."""

    seen: bool = False
    waited: tuple[bool, ...] = ()


NOBODY = Looks()


def _in_order(texts: Sequence[str], wanted: Sequence[str]) -> bool:
    stems = [stem(w) for w in wanted]
    told = [[stem(w) for w in words(t)] for t in texts]
    return any(t[n : n + len(stems)] == stems for t in told for n in range(len(t)))


def _near(texts: Sequence[str], tree: Near) -> bool:
    for text in texts:
        told = [stem(w) for w in words(text)]
        ones = [n for n, w in enumerate(told) if w == stem(tree.one)]
        others = [n for n, w in enumerate(told) if w == stem(tree.other)]
        if any(abs(a - b) <= tree.places for a in ones for b in others):
            return True
    return False


def _field(tree: Field, made: Source, looks: Looks) -> bool:  # noqa: PLR0911 - one case a field
    addresses = {"to": made.recipients, "from": [made.sender]}
    match tree.name:
        case "about":
            return tree.value in made.people
        case "class":
            return tree.value in made.classes
        case "decided":
            return fields.action_of(tree.value).name in made.decided
        case "seen":
            return looks.seen == (tree.value == "yes")
        case "opened":
            return (tree.value == "yes") in looks.waited
        case "subject":
            return {stem(w) for w in words(tree.value)} <= {stem(w) for w in words(made.subject)}
        case "name":
            return set(words(tree.value)) <= {w for n in made.names for w in words(n)}
        case _:
            value = tree.value.removeprefix("@")
            return any(value in (a, a.partition("@")[2], *words(a.partition("@")[0])) for a in addresses[tree.name])


def brute(tree: Tree, made: Source, looks: Looks = NOBODY) -> bool:  # noqa: C901, PLR0911 - one case a node
    texts = [t.text for t in made.texts]
    refs = {s for t in texts for s in shapes(t)}
    match tree:
        case Term(words=wanted):
            return _in_order(texts, wanted) or (len(wanted) == 1 and wanted[0] in refs)
        case Shape(text=text):
            same = SHAPE.fullmatch(text)
            return _in_order(texts, words(text)) or bool(same and shape(same) in refs)
        case Phrase(words=(single,)):
            return any(single in words(t) for t in texts)
        case Phrase(words=wanted):
            return _in_order(texts, wanted)
        case Near():
            return _near(texts, tree)
        case Prefix(name="ref", value=value):
            return any(r.startswith(value) for r in refs)
        case Prefix(value=value):
            return any(w.startswith(value) for n in made.names for w in (*words(n), *shapes(n)))
        case Sent(first=first, last=last):
            return fields.first_day(first) <= made.received_at.astimezone(HERE).date() <= fields.last_day(last)
        case Field():
            return _field(tree, made, looks)
        case Not(item=item):
            return not brute(item, made, looks)
        case And(items=items):
            return all(brute(i, made, looks) for i in items)
        case Or(items=items):
            return any(brute(i, made, looks) for i in items)


texts = st.lists(st.sampled_from([*VOCABULARY, *SHAPES]), max_size=12).map(" ".join)
sources = st.builds(
    lambda told, subject, names, people, kind, verdict, to, day, unread: source(
        *told, subject=subject, names=names, people=people, classes=[kind], decided=[verdict], recipients=[to],
        at=datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC), unread=unread,
    ),
    st.lists(texts, max_size=3), texts, st.lists(texts.map(lambda t: t.replace(" ", "_")), max_size=2),
    st.sets(st.sampled_from(PEOPLE)).map(sorted), st.sampled_from(["medical", "correspondence"]),
    st.sampled_from(["RELAY", "HOLD"]), st.sampled_from(["ann@carers.example", "ben.ann@else.example"]),
    st.sampled_from(DAYS), st.sampled_from([(), (Unread("2", "it is damaged"),)]),
)  # fmt: skip


def looked(record: str, looks: Looks) -> None:
    """As the pages and the pick-up pages write it down."""
    if looks.seen:
        with writing(VaultUnavailable):
            audit.append([audit.Event(NOW, "tests", "opened", record, "why")])
    for number, opened in enumerate(looks.waited):
        grant = waits(record, f"{number}@carers.example", number)
        if opened:
            picked_up(grant)


looks = st.builds(Looks, st.booleans(), st.lists(st.booleans(), max_size=2).map(tuple))


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(sources, looks), min_size=1, max_size=8), st.lists(trees(), min_size=1, max_size=12))
def test_the_same_records_as_without_an_index(made: list[tuple[Source, Looks]], queries: list[Tree]) -> None:
    """Every operator, every field, on the database that this run uses; count and coverage too."""
    with writing(VaultUnavailable):
        for record in SearchEntry.objects.values_list("record_id", flat=True):
            index.forget(record)
    filed = {put(source): (source, looks) for source, looks in made}
    for record, (_, looks) in filed.items():
        looked(record, looks)
    for tree in queries:
        answer = search(tree, TERMS, KEYED, Page(limit=100))
        right = {r for r, (source, looks) in filed.items() if brute(tree, source, looks)}
        assert {h.record for h in answer.hits} == right, str(tree)
        assert answer.total == len(right)
        assert answer.after == ""


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("943 476\n5919", "9434765919"),
        ("9434765919", '"943 476 5919"'),
        ("(01962) 841841", "+44 (0)1962 841 841"),
        ("01962841841", "(01962) 841 841"),
        ("123456", "12-34-56"),
        ("12-34-56", "123456"),
        ("seen on 12-Mar-2026", "12/03/2026"),
        ("2026-03-12T10:00:00Z", "12 March 2026"),
        ("M\u00fcller-L\u00fcdenscheidt", "muller-ludenscheidt"),
        ("ANNE\u2011MARIE O\u00b4BRIEN", '"Anne-Marie O\u2019Brien"'),
        ("\u0141ukasz", "lukasz"),
    ],
)
def test_a_name_or_a_number_is_found_however_it_is_written(said: str, query: str) -> None:
    """From one way of writing to another."""
    record = say(said)
    say("something else of 2025")
    assert found(query) == [record]


def test_what_could_not_be_read_may_hold_the_number_and_the_file() -> None:
    """Numbers and names of files are words of a mail: coverage counts all that might have them."""
    say("943 476 5919", names=["care.pdf"])
    say("", unread=[Unread("2", "it is protected with a password")])
    for query in ("ref:9434765919", "name:care", "name:care*", "-name:care seizure"):
        coverage = find(query).coverage
        assert (coverage.records, coverage.partial) == (2, 1)


def test_coverage_is_counted_within_the_fields() -> None:
    """Every result says of how many records it could have missed something."""
    say("alpha", people=["p-ann"])
    say("beta", people=["p-ann"], unread=[Unread("2", "it is damaged")])
    say("beta", people=["p-ben"], unread=[Unread("3", "it is damaged")])
    put(source("alpha"), keyed=None)
    one, all_of_it = find("alpha about:p-ann"), find("beta")
    assert (one.total, one.coverage.records, one.coverage.partial, one.coverage.unindexed) == (1, 2, 1, 1)
    assert (all_of_it.total, all_of_it.coverage.records, all_of_it.coverage.partial) == (2, 3, 2)
    assert all_of_it.hits[0].unread == (("3", "it is damaged"),)
    assert str(one.coverage) == (
        "1 of 2 records fully indexed; 1 has parts that could not be read; "
        "1 more is not indexed (sallyport vault index rebuild)"
    )


def test_a_file_name_and_a_reference_narrow_no_coverage() -> None:
    """What could not be read may have the name that is looked for, so the record counts as one that could be missed."""
    say("alpha", subject="rota", names=["plan.pdf"])
    say("beta", unread=[Unread("2", "it is protected with a password")])
    for query in ("name:care*", "-name:plan.pdf name:care*", "ref:SL-0*"):
        answer = find(query)
        assert (answer.total, answer.coverage.records, answer.coverage.partial) == (0, 2, 1), query


def test_pages_are_stable_while_records_come_in() -> None:
    """Each record of the first moment once, in its order, newest first and ranked."""
    for ranked in (False, True):
        before = [say(f"alpha {'beta' if n % 3 else ''}", at=NOW + timedelta(hours=n)) for n in range(11)]
        there = found("alpha OR beta")
        pages, cursor = list[str](), ""
        while True:
            answer = find("alpha OR beta", limit=3, after=cursor, ranked=ranked)
            pages += [h.record for h in answer.hits]
            assert answer.total == len(there)
            say("alpha beta")
            cursor = answer.after
            if not cursor:
                break
        assert sorted(pages) == sorted(there)
        assert set(before) <= set(pages)
        assert ranked or pages == there


def test_a_cursor_of_another_search_is_refused() -> None:
    """And one that somebody wrote."""
    say("alpha")
    say("alpha")
    cursor = find("alpha", limit=1).after
    assert find("alpha", limit=1, after=cursor).after == ""
    for query, ranked, wrong in (("beta", False, cursor), ("alpha", True, cursor), ("alpha", False, "x.y")):
        with pytest.raises(WrongCursor):
            find(query, after=wrong, ranked=ranked)


def test_the_rarer_word_and_the_subject_line_weigh_more() -> None:
    """Ranked; and the newest first among equals."""
    for _ in range(6):
        say("common words")
    rare, titled, both = say("rare words"), say("words", subject="Common"), say("common rare")
    plain = say("common")
    assert [h.record for h in find("common OR rare", ranked=True).hits][:4] == [both, rare, titled, plain] or [
        h.record for h in find("common OR rare", ranked=True).hits
    ][:3] == [titled, both, rare]
    answer = find("common OR rare", ranked=True)
    assert answer.ranked == answer.total == 10
    assert answer.hits[0].score > answer.hits[-1].score > 0


@pytest.mark.parametrize("ready", [False, True])
def test_facets_are_exact(ready: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By class, decision, month, person, and by who opened it: a mail that waits for two may be in both.

    Whether the hits are counted by their rows, or by what is ready of their block.
    """
    one = say("alpha", people=["p-ann"], classes=["medical"], at=datetime(2025, 12, 31, 23, tzinfo=UTC))
    looked(one, Looks(waited=(True, False)))
    say("alpha", people=["p-ann", "p-ben"], decided=["HOLD", "RELAY"], at=datetime(2026, 7, 31, 23, 30, tzinfo=UTC))
    say("beta")
    if ready:
        monkeypatch.setattr(blocks, "ENOUGH", 1)
        assert blocks.make_ready() >= 1
        monkeypatch.setattr(divided, "counted_by_rows", _none_left)
    assert find("alpha", facets=True).facets == {
        "class": {"correspondence": 1, "medical": 1},
        "decided": {"plain": 2, "hold": 1},
        "opened": {"no": 1, "yes": 1},
        "month": {"2026-08": 1, "2025-12": 1},
        "person": {"p-ann": 2, "p-ben": 1},
    }
    assert find("gamma", facets=True).facets == {n: {} for n in ("class", "decided", "opened", "month", "person")}


def _none_left(numbers: Iterator[int]) -> dict[str, Counter[str]]:
    assert not list(numbers)
    return {}


def test_sets_of_full_blocks_say_the_same_as_the_text_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made ready by the worker, dropped when one of their records changes."""
    small = 5
    for module in (blocks, index, facets, evaluate):
        monkeypatch.setattr(module, "BLOCK_BITS", small)
    monkeypatch.setattr(blocks, "BLOCK", 1 << small)
    monkeypatch.setattr(blocks, "_BITMAP", (1 << small) // 8)
    monkeypatch.setattr(blocks, "COMMON", 2)
    monkeypatch.setattr(blocks, "ENOUGH", 3)
    start = datetime(2026, 5, 30, tzinfo=UTC)
    made = [
        say(
            f"alpha {'beta' if n % 2 else ''} w{n}x",
            people=["p-ann"] * (n % 3 == 0) + ["p-ben"] * (n == 70),
            decided=["HOLD"] * (n % 30 == 0) or ["ENCRYPT"],
            at=start + n * timedelta(hours=1),
        )
        for n in range(100)
    ]
    queries = ["alpha", "beta -w5x", "NOT beta", "alpha about:p-ann", "gamma", '"alpha beta"', "w7x OR beta"]
    without = {q: found(q) for q in queries}
    facets_without = {q: find(q, facets=True).facets for q in queries}
    while blocks.make_ready(2):
        pass
    first = SearchEntry.objects.order_by("number").first()
    assert first
    assert blocks.ready_to()[first.number + 99 >> small] == first.number + 100
    assert SearchBlock.objects.count() > 10
    assert {q: found(q) for q in queries} == without
    assert {q: find(q, facets=True).facets for q in queries} == facets_without
    assert facets_without["alpha"]["person"] == {"p-ann": 34, "p-ben": 1}
    newer = [say("alpha beta") for _ in range(2)]
    assert found("alpha") == [*reversed(newer), *without["alpha"]]
    assert blocks.ready_to()[first.number + 99 >> small] == first.number + 100
    with writing(VaultUnavailable):
        index.forget(made[40])
    assert {*without["alpha"], *newer} - set(found("alpha")) == {made[40]}
    with writing(VaultUnavailable):
        index.replace(made[80], document.index(source("gamma"), KEYED))
    assert found("gamma") == [made[80]]
    assert made[80] not in found("alpha")
    assert find("NOT beta", facets=True).facets["person"].keys() <= {"p-ann", "p-ben"}
    assert blocks.make_ready(1) == 1
    assert blocks.make_ready(9) >= 1
    assert {*without["alpha"], *newer} - set(found("alpha")) == {made[40], made[80]}


def test_a_record_that_is_decided_anew_counts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the index was made with another key, which leaves its row as it is."""
    monkeypatch.setattr(blocks, "ENOUGH", 1)
    one = say("alpha")
    blocks.make_ready()
    for keyed, action in ((KEYED, Action.HOLD), (Keyed(b"another key of the tests' own index"), Action.REJECT)):
        with writing(VaultUnavailable):
            records.add_decisions(VaultRecord.objects.get(pk=one), [decided("carer@carers.example", action)], keyed)
        assert find("alpha", facets=True).facets["decided"] == {fields.written(action): 1}
        assert blocks.make_ready() == 1


def test_blocks_of_an_earlier_version_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """They tell nothing of how their records divide; until then that is counted by rows."""
    monkeypatch.setattr(blocks, "ENOUGH", 1)
    say("alpha", people=["p-ann"])
    assert blocks.make_ready() == 1
    SearchBlock.objects.filter(token=divided.TOKEN).delete()
    assert find("alpha", facets=True).facets["person"] == {"p-ann": 1}
    assert blocks.make_ready() == 1
    assert SearchBlock.objects.filter(token=divided.TOKEN).exists()
    assert blocks.make_ready() == 0


@given(st.sets(st.integers(0, 200_000), max_size=50), st.integers(0, 200_000), st.integers(0, 200_000))
def test_sets_behave_as_sets(numbers: set[int], low: int, high: int) -> None:
    """Counted, cut, and listed the greatest first."""
    made = blocks.of_numbers(numbers)
    assert blocks.count(made) == len(numbers)
    assert list(blocks.newest(made)) == sorted(numbers, reverse=True)
    cut = blocks.between(made, low, high)
    assert set(blocks.newest(cut)) == {n for n in numbers if low <= n < high}
    assert set(blocks.newest(blocks.without(made, cut))) == numbers - set(blocks.newest(cut))
    assert blocks.either(cut, blocks.without(made, cut)) == made
    assert blocks.both(made, cut) == cut


@given(st.sets(st.integers(0, blocks.BLOCK - 1), max_size=300), st.booleans())
def test_a_set_is_stored_and_read_as_it_was(offsets: set[int], most: bool) -> None:
    """Rare, common, and had by nearly everybody: as offsets, as digits, as bits."""
    members = {*range(blocks.BLOCK)} - offsets if most else offsets
    bits = bytearray(blocks.BLOCK // 8)
    for offset in members:
        bits[offset >> 3] |= 1 << (offset & 7)
    assert blocks._unpacked(blocks._packed(bits)) == int.from_bytes(bits, "little")
