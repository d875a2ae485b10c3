"""``opened:``: whether a recipient opened what waited for them; and a kept search that waits for it."""

from __future__ import annotations

import pytest
from django.db import connection
from pyrage import x25519

from domain.errors import VaultUnavailable
from domain.model import Address
from tests.fakes import NOW
from tests.support.indexed import KEYED, put, say, source
from tests.support.picked import picked_up, waits
from vault.models import PickupTaken, SavedSearch, SearchEntry
from vault.rows import writing
from vault.search import index, saved, taken
from vault.search.asked import Asker
from vault.search.document import index as indexed
from vault.search.find import Page, search
from vault.search.grammar import parse
from vault.search.terms import Terms

pytestmark = pytest.mark.usefixtures("database")
TERMS = Terms(KEYED)
MASTERS = [str(x25519.Identity.generate().to_public())]
ASKER = Asker("cli:tests", "tests")


def found(query: str) -> list[str]:
    answer = search(parse(query), TERMS, KEYED, Page(limit=100))
    assert answer.total == len(answer.hits)
    return [h.record for h in answer.hits]


def kept(query: str) -> SavedSearch:
    to = Address.of("rita@council.example")
    return SavedSearch.objects.get(pk=saved.save(parse(query), TERMS, KEYED, to, MASTERS, ASKER, NOW))


def told(row: SavedSearch) -> tuple[str, ...]:
    """What its owner is told of now."""
    row.refresh_from_db()
    news = saved.news(row)
    saved.told(news, NOW)
    return news.records


def test_somebody_who_came_in_has_opened_it() -> None:
    """With a code or a device."""
    record = say("alpha")
    grant = waits(record, "ann@carers.example")
    assert (found("opened:yes"), found("opened:no")) == ([], [record])
    picked_up(grant)
    assert (found("opened:yes"), found("opened:no")) == ([record], [])


@pytest.mark.parametrize("what", ["code sent", "wrong code", "try refused: too many", "revoked", "copy destroyed"])
def test_nobody_who_stays_outside_has_opened_it(what: str) -> None:
    record = say("alpha")
    picked_up(waits(record, "ann@carers.example"), what)
    assert (found("opened:yes"), found("opened:no")) == ([], [record])


def test_of_two_recipients_one_may_have_opened_it_and_the_other_not() -> None:
    """As with ``decided:``, each is said of any recipient; only those whom nobody opened are ``-opened:yes`` too."""
    record = say("alpha")
    picked_up(waits(record, "ann@carers.example", 0))
    waits(record, "ben@carers.example", 1)
    assert (found("opened:yes"), found("opened:no"), found("opened:no -opened:yes")) == ([record], [record], [])


def test_an_opened_link_counts_when_it_was_sent_again() -> None:
    """The same recipient has two links, and opened the first."""
    record = say("alpha")
    picked_up(waits(record, "ann@carers.example", 0, ended="it was sent again"))
    waits(record, "ann@carers.example", 1)
    assert (found("opened:yes"), found("opened:no")) == ([record], [])


def test_of_what_left_in_another_way_nothing_is_said() -> None:
    """That is not "not opened": it cannot be known."""
    record = say("alpha", decided=("ENCRYPT",))
    assert (found("opened:yes"), found("opened:no"), found("-opened:yes")) == ([], [], [record])


def test_a_link_to_something_that_is_not_in_the_index_adds_nothing_to_the_count() -> None:
    picked_up(waits(put(source("alpha"), keyed=None), "ann@carers.example"))
    answer = search(parse("opened:yes"), TERMS, KEYED)
    assert (answer.total, answer.coverage.unindexed) == (0, 1)


def test_a_kept_search_tells_once_of_a_mail_that_is_opened_long_after_it_came() -> None:
    row = kept("alpha opened:yes")
    one, other, elsewhere = say("alpha"), say("alpha"), say("beta")
    grants = [waits(r, "ann@carers.example") for r in (one, other, elsewhere)]
    assert told(row) == ()
    picked_up(grants[0])
    picked_up(grants[2])
    assert told(row) == (one,)
    picked_up(grants[0])
    assert told(row) == ()
    picked_up(grants[1])
    assert told(row) == (other,)


def test_a_mail_that_came_and_was_opened_since_the_last_look_is_told_of_once() -> None:
    row = kept("opened:yes")
    record = say("alpha")
    picked_up(waits(record, "ann@carers.example"))
    assert told(row) == (record,)
    assert told(row) == ()


def test_what_was_opened_before_a_search_was_kept_is_no_news() -> None:
    picked_up(waits(say("alpha"), "ann@carers.example"))
    row = kept("opened:yes")
    assert told(row) == ()
    assert saved.records_of(row.id) == found("opened:yes")


def test_a_search_that_asks_nothing_of_openings_tells_of_none() -> None:
    row = kept("alpha seen:no")
    record = say("alpha")
    assert told(row) == (record,)
    picked_up(waits(record, "ann@carers.example"))
    assert told(row) == ()


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("opened:no", "seen:no"),
        ("alpha -(opened:yes OR beta)", "alpha NOT (seen:yes OR beta)"),
        ("alpha seen:yes", "alpha seen:yes"),
    ],
)
def test_an_old_kept_search_is_made_anew_as_it_was_meant(query: str, means: str) -> None:
    """``opened:`` once was what ``seen:`` is now."""
    row = kept(means)
    assert str(saved.as_it_was_meant(row, parse(query))) == means


def test_a_kept_search_of_today_is_made_anew_as_it_says() -> None:
    for query in ("opened:no", "opened:yes seen:no"):
        assert str(saved.as_it_was_meant(kept(query), parse(query))) == query


def test_what_the_trail_said_before_the_database_kept_it_is_kept_when_it_is_migrated() -> None:
    """A restored or older database has the events alone."""
    opened, lying = say("alpha"), say("alpha")
    picked_up(waits(opened, "ann@carers.example"))
    waits(lying, "ben@carers.example")
    PickupTaken.objects.all().delete()
    assert (found("opened:yes"), found("opened:no")) == ([], [])
    for _ in range(2):
        taken.install()
    assert (found("opened:yes"), found("opened:no")) == ([opened], [lying])


def test_what_was_opened_before_it_had_a_number_is_found() -> None:
    """Its entry is made again. Who a forgotten mail went to is forgotten with it."""
    record = say("alpha")
    picked_up(waits(record, "ann@carers.example"))
    with writing(VaultUnavailable):
        index.forget(record)
        assert not PickupTaken.objects.exists()
        index.replace(record, indexed(source("alpha"), KEYED))
    assert found("opened:yes") == [record]


def test_while_tables_change_nothing_is_in_the_way_and_the_next_event_counts_after_it() -> None:
    """SQLite: the trigger stands aside. PostgreSQL needs no such thing."""
    record = say("alpha")
    taken.step_aside()
    with connection.schema_editor() as editor:
        number = SearchEntry._meta.get_field("number")
        editor.alter_field(SearchEntry, number, number)
    taken.install()
    picked_up(waits(record, "ann@carers.example"))
    assert found("opened:yes") == [record]
