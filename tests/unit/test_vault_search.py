"""The index: written with the record, folded, forgotten; the same on both databases."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from domain.errors import VaultUnavailable
from tests.support.indexed import KEYED, put, say, source
from vault.models import SearchBlock, SearchEntry, SearchWaiting
from vault.rows import writing
from vault.search import document, index, textindex
from vault.search.document import MOST_WORDS, OVER_CAP, Unread, opened, text_rows
from vault.search.textindex import text_index
from vault.search.words import words

pytestmark = pytest.mark.usefixtures("database")
END = 2**40


def token(word: str) -> str:
    return KEYED.pair(word)[:6].hex()


def numbers(*leaf: object) -> set[int]:
    return set(text_index().numbers(leaf, 0, END))


def number(record: str) -> int:
    return SearchEntry.objects.get(record_id=record).number


def phrase(text: str) -> set[int]:
    return numbers("phrase", [token(w) for w in words(text)])


def test_a_row_is_folded_once_and_found_by_words_phrases_and_nearness() -> None:
    """The text index knows words by their stems, in their order."""
    one, other = say("Ann takes her medication twice a day"), say("a day without medication, twice")
    assert index.fold() == 2
    assert index.fold() == 0
    assert numbers("token", token("medications")) == {number(one), number(other)}
    assert phrase("medication twice a day") == {number(one)}
    assert numbers("near", token("ann"), token("twice"), 4) == {number(one)}
    assert numbers("near", token("ann"), token("twice"), 3) == set()
    assert numbers("token", token("levetiracetam")) == set()


def test_no_phrase_reaches_from_one_part_into_the_next() -> None:
    """Nor does NEAR."""
    say("Ann takes", "medication twice")
    index.fold()
    assert phrase("takes medication") == set()
    assert numbers("near", token("takes"), token("medication"), 30) == set()


def test_a_long_text_loses_no_word_and_no_phrase() -> None:
    """Several rows of the index, which overlap; one record."""
    text = [f"w{n}x" for n in range(20_000)]
    record = say(" ".join(text))
    index.fold()
    for start in (0, 5_960, 5_999, 6_000, 11_999, 19_970):
        assert phrase(" ".join(text[start : start + 30])) == {number(record)}
    assert numbers("near", token(text[5_970]), token(text[6_000]), 30) == {number(record)}
    assert phrase(f"{text[0]} {text[2]}") == set()


def test_a_word_that_is_said_very_often_loses_no_place() -> None:
    """PostgreSQL's tsvector keeps 255 places of a word; the row ends before."""
    record = say("again " * 3_000 + "and away")
    index.fold()
    assert phrase("again and away") == {number(record)}


def test_more_words_than_a_row_may_hold_are_said_not_to_be_indexed() -> None:
    """Never silently."""
    made = document.index(source("word " * (MOST_WORDS + 5), unread=[Unread("2", "it is damaged")]), KEYED)
    assert made.unread == (Unread("2", "it is damaged"), Unread("", OVER_CAP))
    assert len(opened(made.body).sequence) == MOST_WORDS
    assert KEYED.of("partial", "").hex() in opened(made.body).keys


def test_more_parts_than_the_index_can_number_are_said_not_to_be_indexed() -> None:
    """One mail of very many small files must not stop every search; what it says first is found."""
    record = put(source(*("alpha" for _ in range(60_000))))
    assert index.fold() == 1
    assert numbers("token", token("alpha")) == {number(record)}
    assert SearchEntry.objects.get().unread == [["", OVER_CAP]]


def test_a_row_made_while_its_blocks_sets_are_made_is_not_lost() -> None:
    """The sets being made do not know of it, so they must not become true."""
    record = put(source("alpha"), keyed=None)
    block = number(record) >> index.BLOCK_BITS
    SearchBlock.objects.create(block=block, token="at work", members=b"mark")
    with writing(VaultUnavailable):
        index.replace(record, document.index(source("alpha"), KEYED))
    assert not SearchBlock.objects.exists()


def test_a_mail_given_once_more_for_somebody_else_is_found_by_both() -> None:
    """A sender's server may hand the same mail over recipient by recipient; the row learns each, once."""
    record = say("alpha", recipients=["ann@carers.example"])
    to = ["ann@carers.example", "ben@surgery.example"]
    for _ in range(2):
        with writing(VaultUnavailable):
            index.decide(record, KEYED, ["RELAY"], to)
        index.fold()
    for value in (*to, "surgery.example", "carers.example"):
        assert numbers("token", KEYED.of("to", value).hex()) == {number(record)}
    keys = opened(bytes(SearchEntry.objects.get().body)).keys
    assert keys.count(KEYED.of("to", to[1]).hex()) == 1
    assert numbers("token", token("alpha")) == {number(record)}


def test_forgotten_is_found_no_more_and_leaves_no_row() -> None:
    """Whether it was folded already or not."""
    folded, waiting, stays = say("alpha"), say("alpha"), say("alpha")
    SearchWaiting.objects.filter(record=waiting).delete()
    index.fold()
    SearchWaiting.objects.create(record=waiting)
    with writing(VaultUnavailable):
        assert index.forget(folded)
        assert index.forget(waiting)
        assert not index.forget("nobody")
    index.fold()
    assert numbers("token", token("alpha")) == {number(stays)}
    assert index.missing([folded, stays, waiting]) == [folded, waiting]
    assert SearchWaiting.objects.count() == 0


def test_a_row_that_changes_is_found_by_what_it_says_now() -> None:
    """Decisions of a retry, and a row made anew."""
    record = say("alpha", decided=["HOLD"])
    index.fold()
    with writing(VaultUnavailable):
        index.decide(record, KEYED, ["RELAY"])
    index.fold()
    assert numbers("token", KEYED.of("decided", "HOLD").hex()) == set()
    assert numbers("token", KEYED.of("decided", "RELAY").hex()) == {number(record)}
    with writing(VaultUnavailable):
        index.replace(record, document.index(source("beta"), KEYED))
    index.fold()
    assert numbers("token", token("alpha")) == set()
    assert numbers("token", token("beta")) == {number(record)}


def test_a_record_filed_without_a_key_is_missing_and_said_so() -> None:
    """Its row is there, so that every count knows of it."""
    record = put(source("alpha"), keyed=None)
    assert index.missing([record]) == [record]
    assert SearchEntry.objects.get().key == ""
    assert index.fold() == 0


def test_an_index_of_no_entries_is_empty_after_a_migration() -> None:
    """The text index is derived; where the entries are gone, so is it."""
    from vault.search import schema

    say("alpha")
    index.fold()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vault_searchentry")
    schema.install()
    assert numbers("token", token("alpha")) == set()


def test_after_a_purge_no_page_holds_a_token_of_what_was_forgotten() -> None:
    """Looked for in the files as they lie on the disk (SQLite), or in every table (PostgreSQL)."""
    gone, stays = say("zanthorpe plimbering", names=["wexomat.txt"]), say("zanthorpe alone")
    index.fold()
    ours = [KEYED.pair("plimbering"), KEYED.of("name", "wexomat")]
    tokens = {t[n : n + 6] for t in ours for n in range(0, len(t), 6)}
    assert all(_traces(t) for t in tokens)
    with writing(VaultUnavailable):
        index.forget(gone)
    index.fold()
    index.purge()
    assert [t for t in tokens if _traces(t)] == []
    assert _traces(KEYED.pair("zanthorpe")[:6])
    assert numbers("token", token("zanthorpe")) == {number(stays)}


def test_a_purge_lets_others_write_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that has to wait for minutes would tell every sender to come again."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's VACUUM keeps nobody from writing")
    for number_of in range(12):
        say(" ".join(f"w{number_of}x{word}" for word in range(60)))
        index.fold()
    wrote = []

    def relay(_: float) -> None:
        with sqlite3.connect(connection.settings_dict["NAME"], timeout=0) as other:
            other.execute("UPDATE vault_searchwaiting SET record = record")
        wrote.append(True)

    monkeypatch.setattr(textindex, "PAGES", 1)
    monkeypatch.setattr(textindex.time, "sleep", relay)
    index.purge()
    assert len(wrote) > 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT segid) FROM vault_searchfts_idx")
        assert cursor.fetchone()[0] == 1


def _traces(token: bytes) -> bool:
    """A term's first letters may stand with the term before it; the last ones are its own."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        seen = b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*") if p.suffix != "-shm")
        return token in seen or token.hex()[3:].encode() in seen
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault_searchvector WHERE tokens::text LIKE %s", [f"%{token.hex()}%"])
        found = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM vault_searchentry WHERE position(%s in body) > 0", [token])
        return bool(found or cursor.fetchone()[0])


def test_rows_of_a_text_have_their_places() -> None:
    """A break takes more places than any phrase or nearness reaches."""
    row = opened(document.index(source("one two", "three"), KEYED).body)
    ((first, second, third),) = text_rows(row)
    assert [at for at, _ in (first, second, third)] == [0, 1, 2 + document.GAP]
