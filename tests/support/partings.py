"""A carer of the tests' service who has lost somebody: a letter that was read and saved, and a placement that ended."""

from __future__ import annotations

from datetime import timedelta

from domain.here import HERE
from gateway.clock import SystemClock
from tests.support.house import NO_KEY, House, letter
from tests.support.pickups import Pages, Visitor, link_in
from tests.support.sink import Sink

_COLUMNS = "type,person,household,from,to,id,name,email,party,officer\n"


def part(house: House, sink: Sink, pages: Pages) -> str:
    """Cy read a letter about Ann, and saved it; then her placement ended, and the worker saw it. The letter's link."""
    assert house.submit(letter(), (NO_KEY,)).startswith("250")
    first = link_in(next(m.content for m in sink.received if m.recipients == (NO_KEY,)))
    visitor = Visitor(pages, first)
    visitor.come_in()
    assert visitor.get("/document/1/file").status == 200
    yesterday = (SystemClock().now() - timedelta(days=1)).astimezone(HERE).date()
    csv = house.folder / "ended.csv"
    ended = f"placement,SL-00001,H-1,2020-01-01,{yesterday},,,,,\n"
    csv.write_text(_COLUMNS + ended + "person,,,,,SL-00001,Ann Lee,,,O-1\n")
    house.command("register", "import", str(csv))
    house.command("worker", "--once")
    return first


def case_of(house: House, carer: str = "C-2") -> int:
    """Its number."""
    ((number,),) = house.rows(f"select id from vault_leavingcase where carer = '{carer}'")
    return int(str(number))


def send(house: House, sink: Sink, *more: str) -> str:
    """The page to Cy; its link."""
    sink.received.clear()
    house.command("leaving", "send", str(case_of(house)), *more)
    house.command("worker", "--once")
    (notice,) = [m for m in sink.received if m.recipients == (NO_KEY,)]
    assert b"Ann" not in notice.content
    return link_in(notice.content)
