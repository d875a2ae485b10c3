"""The records officers' work in a browser: a request for access, a hold and a disposal by two people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.browser.support import Page, Site, check, fits, holder, inside
from web import clock
from web.accounts.roles import Role

OLD = """
from datetime import timedelta
from tests.support.filed import decided, filed
from web import clock
filed("olu@council.example", decided("carer@carers.example"), at=clock.now() - timedelta(days=365 * 40))
"""
RECORDS = Role.RECORDS


PROPOSED = """
from vault.disposal.proposing import MOST, propose
from web import clock
from web.console.outside import outside
propose(outside().viewer(), "worker:one", clock.now(), MOST)
"""


@pytest.fixture(scope="module", autouse=True)
def prepared(site: Site) -> None:
    """What waits for a records officer."""
    inside(site.house, OLD)
    site.house.command("retention", "sweep")
    inside(site.house, PROPOSED)
    came, review = (clock.now() - timedelta(days=40)).date(), (clock.now() + timedelta(days=90)).date()
    site.house.command("sar", "open", "SL-00001", "--received", f"{came}")
    hold = ("--why", "court", "--reference", "C-1", "--review", f"{review}", "--person", "SL-00001")
    site.house.command("hold", "set", *hold)


def test_each_page_can_be_used_by_everybody(site: Site) -> None:
    (hold,), (batch,) = site.house.rows("select id from vault_legalhold")[0], _batch(site)
    (line,) = site.house.rows("select id from vault_disposalline")[0]
    paths = ["", "requests/", "requests/?finished=1", "requests/open/", "requests/1/"]
    paths += [f"requests/1/{do}/" for do in ("question", "answer", "extend", "close")]
    paths += ["retention/", "holds/", "holds/?lifted=1", "holds/new/", f"holds/{hold}/", f"holds/{hold}/ask/"]
    paths += ["disposal/", "disposal/propose/", f"disposal/{batch}/", f"disposal/{batch}/{line}/keep/"]
    for path in paths:
        site.look_at(Page(f"/records/{path}", RECORDS))
    site.look_at(Page("/records/", Role.OFFICER, status=403))


def test_each_page_can_be_printed(site: Site) -> None:
    (hold,), (batch,) = site.house.rows("select id from vault_legalhold")[0], _batch(site)
    for path, said in {
        "": "Requests for access",
        "requests/": "Ann Lee (SL-00001)",
        "requests/1/": "OVERDUE",
        "retention/": "What falls due",
        f"holds/{hold}/": "To be looked at",
        "disposal/": "Proposals",
        f"disposal/{batch}/": "may go from",
    }.items():
        assert said in site.on_paper(f"/records/{path}", RECORDS), path


def _batch(site: Site) -> tuple[object, ...]:
    return site.house.rows("select id from vault_disposalbatch")[0]


def test_a_request_is_opened_and_its_clock_stopped(site: Site) -> None:
    with site.tab(RECORDS, scripts=False) as tab:
        tab.goto(site.url)
        tab.get_by_role("link", name="Records", exact=True).click()
        assert "1 overdue" in tab.content()
        tab.get_by_role("link", name="Requests for access").click()
        tab.get_by_role("button", name="Open a request").click()
        tab.get_by_label("Council ID of the person").fill("SL-00002")
        tab.get_by_label("Day it came").fill(f"{clock.now().date()}")
        tab.get_by_label("The person", exact=True).check()
        tab.get_by_role("button", name="Open a request").click()
        assert "SAR-2 is open" in tab.content()
        tab.get_by_role("link", name="SAR-2").click()
        assert "Ben Okoro (SL-00002)" in tab.content()
        tab.get_by_role("link", name="Record a question").click()
        tab.get_by_label("What they are looking for").check()
        tab.get_by_role("button", name="Record a question").click()
        assert "The clock stands still" in tab.content()


def test_a_hold_is_lifted_by_a_second_person(site: Site) -> None:
    with site.tab(RECORDS, "hal", scripts=False) as tab:
        tab.goto(f"{site.url}/records/holds/new/")
        tab.get_by_label("Why must these be kept?").fill("A complaint")
        tab.get_by_label("Reference of the case").fill("C-2")
        tab.get_by_label("Somebody looks at it again on").fill(f"{(clock.now() + timedelta(days=90)).date()}")
        tab.get_by_label("Council IDs of people").fill("SL-00002")
        tab.get_by_role("button", name="Set a hold").click()
        assert "The hold is on" in tab.content()
        tab.get_by_role("link", name="C-2").click()
        tab.get_by_role("link", name="Ask for this hold").click()
        tab.get_by_label("Why?").fill("It was settled")
        tab.get_by_role("button", name="Ask for this hold").click()
        assert tab.get_by_role("link", name="Lift this hold").count() == 0
        address = tab.url
    with site.tab(RECORDS, "ida") as tab:
        tab.goto(address)
        tab.get_by_role("link", name="Lift this hold").click()
        check(tab)
        tab.get_by_role("button", name="Lift this hold").click()
        assert "The hold is lifted" in tab.content()


def test_two_people_approve_and_the_certificate_says_so(site: Site) -> None:
    (batch,) = _batch(site)
    for who, scripts in (("hal", False), ("ida", True)):
        with site.tab(RECORDS, who, scripts=scripts) as tab:
            tab.goto(f"{site.url}/records/disposal/{batch}/")
            tab.get_by_role("button", name="I have looked at it").click()
            assert "You approved 1 line" in tab.content()
    with site.tab(RECORDS, "ida", scripts=False) as tab:
        tab.goto(f"{site.url}/records/disposal/{batch}/")
        tab.get_by_role("button", name="Carry it out now").click()
        assert "No key holder is at work just now" in tab.content()
        assert fits(tab)
        holder(site)
        tab.get_by_role("button", name="See how far it is").click()
        assert "1 kept" in tab.content()
        assert "store has none of its files" in tab.content(), "this one was never sealed"
        tab.get_by_role("link", name="The proposal").click()
        assert "The store has none of its files" in tab.content()
    site.look_at(Page(f"/records/disposal/{batch}/progress/", RECORDS))
