"""No storm of notices: some at once, the rest together; each mail is told of once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from cli.jobs.notices import tell_together
from config.settings import Settings
from domain.errors import JournalUnavailable, NextHopUnavailable
from domain.model import NULL_SENDER, Address, Analysis
from domain.outgoing import Fate, Notice, Untold
from gateway.gathered import GatheredNotice
from gateway.letters import Letterhead
from gateway.pipeline import process
from tests import build
from tests.build import OFFICER
from tests.fakes import NOW, Faults
from tests.property.test_promises import COLLEAGUE, OTHER_CARER, RAW, ports
from tests.support.house import free_port
from tests.support.sink import Sink
from vault import notice_book
from vault.models import SenderNotice
from vault.notice_book import RowNoticeBook

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LINE = Untold("other@carers.example", "Kept back, and not sent", "Because", "Mend it.")


@pytest.fixture
def book(database: None) -> RowNoticeBook:
    return RowNoticeBook(2)


def turns(book: RowNoticeBook, *digests: str, sender: Address = OFFICER, now=NOW) -> list[bool]:
    return [book.turn(d, sender, [LINE], now) for d in digests]


def test_so_many_an_hour_at_once_and_no_more(book: RowNoticeBook) -> None:
    """By sender; an hour later it begins anew, once nothing waits; the same mail gets the same answer."""
    assert turns(book, "a", "b", "c", "a", "c") == [True, True, False, True, False]
    assert turns(book, "c", sender=COLLEAGUE) == [True]
    assert turns(book, "d", now=NOW + HOUR) == [False]  # c waits, and d waits with it
    ((sender, waiting),) = notice_book.due(NOW + 2 * HOUR, MINUTE)
    assert (sender, [(w.at, w.untold) for w in waiting]) == (OFFICER, [(NOW, (LINE,)), (NOW + HOUR, (LINE,))])
    notice_book.told(waiting, NOW + 2 * HOUR)
    assert notice_book.due(NOW + 3 * HOUR, MINUTE) == []
    assert turns(book, "e", now=NOW + 3 * HOUR) == [True]


def test_what_waits_is_told_after_a_while(book: RowNoticeBook) -> None:
    """By its oldest, and forgotten once it was told long ago."""
    turns(book, "a", "b", "c")
    assert notice_book.due(NOW + 9 * MINUTE, 10 * MINUTE) == []
    assert len(notice_book.due(NOW + 10 * MINUTE, 10 * MINUTE)) == 1
    assert notice_book.forget(NOW + HOUR) == 2
    assert [n.digest for n in SenderNotice.objects.all()] == ["c"]


class Book:
    """Says the same each time."""

    def __init__(self, answer: bool | Exception) -> None:
        self.answer, self.asked = answer, []

    def turn(self, digest, sender, untold, now):
        self.asked += untold
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def sent(book: Book, codes: dict[str, int]):
    p = replace(ports(Analysis(findings=(build.finding(),)), Faults(), codes), book=book)
    envelope = build.envelope(OTHER_CARER, COLLEAGUE)
    fates = {o.recipient: (o.fate, o.detail) for o in process(envelope, RAW, p)}
    return fates, [o for o, _ in p.next_hop.taken if isinstance(o, Notice)]


def test_whose_turn_it_is_not_is_told_later_and_the_mail_is_settled() -> None:
    """Nothing is sent now, and no mail system tries again."""
    book = Book(answer=False)
    fates, notices = sent(book, {COLLEAGUE.key: 550})
    assert fates == {OTHER_CARER: (Fate.TOLD, "told with others"), COLLEAGUE: (Fate.TOLD, "refused 550")}
    assert notices == []
    assert [(u.recipient, u.what) for u in book.asked] == [
        (OTHER_CARER.text, "Not sent, and will not be sent"), (COLLEAGUE.text, "Could not be delivered"),
    ]  # fmt: skip
    assert all(u.why and u.fix for u in book.asked)


def test_where_turns_cannot_be_counted_it_is_tried_again() -> None:
    """The outcome stays open, so the mail system keeps its copy."""
    fates, notices = sent(Book(JournalUnavailable("test")), {})
    assert fates[OTHER_CARER] == (Fate.TRY_AGAIN, "sender not told yet")
    assert notices == []


def test_the_notice_for_many_names_each_and_is_one_mail() -> None:
    """Long lists are counted; the same mails are the same Message-ID; as text and as HTML, and nobody answers it."""
    to = GatheredNotice(Letterhead("Shared Lives", "sl@council.example"), "0196", "gw", "https://c.example")
    mails = [(NOW + n * MINUTE, [LINE]) for n in range(150)]
    notice = to.compose(OFFICER, mails, NOW + HOUR)
    mail = message_from_bytes(notice.content, policy=default)
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "Not sent: 150 more mails"
    assert text.count("other@carers.example") == 100
    assert "and 50 more" in text
    assert text.count("What to do: Mend it.") == 1
    assert "https://c.example" in text
    assert mail.get_body(("html",)).get_content().count("<li>") == 101
    assert (notice.sender, mail["Auto-Submitted"]) == (NULL_SENDER, "auto-generated")
    assert to.compose(OFFICER, mails, NOW + 2 * HOUR).content.count(mail["Message-ID"].encode()) == 1
    one = GatheredNotice(Letterhead("S", "sl@council.example"), "", "gw").compose(OFFICER, mails[:1], NOW)
    assert "Not sent: 1 more mail\r\n" in one.content.decode()


def test_the_worker_tells_them_together_once(book: RowNoticeBook) -> None:
    """A mail system that is down leaves them waiting; the next run tells; the one after has nothing to tell."""
    turns(book, *"abcde")
    later = NOW + 16 * MINUTE

    def settings(port: int) -> Settings:
        return Settings(next_hops=[{"domains": ["*"], "host": "127.0.0.1", "port": port}])

    with pytest.raises(NextHopUnavailable):
        tell_together(settings(free_port()), later)
    with Sink() as sink:
        for _ in range(2):
            tell_together(settings(sink.port), later)
        (received,) = sink.received
    assert received.recipients == (OFFICER.text,)
    assert b"3 more mails" in received.content
    assert notice_book.due(later + HOUR, MINUTE) == []
