"""The records officers' work in a browser: a request for access, a hold and a disposal by two people."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.browser.seen import looks_at
from tests.browser.support import Page, Site, holder, inside
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


@looks_at(
    *("records", "requests", "request-open", "request", "retention", "holds", "hold-new", "hold", "hold-ask"),
    *("request-question", "request-answer", "request-extend", "request-close"),
    *("disposals", "disposal-propose", "disposal", "disposal-keep"),
)
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
    return site.house.rows("select id from vault_disposalbatch order by id")[0]


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


@looks_at("hold-lift")
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
        site.look_here(tab)
        tab.get_by_role("button", name="Lift this hold").click()
        assert "The hold is lifted" in tab.content()


@looks_at("disposal-progress")
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
        site.look_here(tab)
        holder(site)
        tab.get_by_role("button", name="See how far it is").click()
        assert "1 kept" in tab.content()
        assert "store has none of its files" in tab.content(), "this one was never sealed"
        tab.get_by_role("link", name="The proposal").click()
        assert "The store has none of its files" in tab.content()
    site.look_at(Page(f"/records/disposal/{batch}/progress/", RECORDS))


_LEFT = """
from datetime import UTC, datetime, timedelta
from config.django import SETTINGS
from domain.model import Category
from domain.ports import FiledPart
from gateway.bootstrap import build_escrow, build_public_halves, build_store
from register.models import Person
from tests.support.vaults import SCHEDULE, filing, part
from vault.filing import Filer
from vault.sealing import SealingKeys
then = datetime(2000, 1, 3, 9, tzinfo=UTC)
person = Person.objects.create(council_id="SL-00099", left_on=then.date())
SealingKeys(SETTINGS.vault.masters, build_escrow(SETTINGS)).public_halves([person.ref], then)
filer = Filer(build_store(SETTINGS), build_public_halves(SETTINGS), SCHEDULE, lock=timedelta(days=30))
letter = FiledPart(part(b"letter"), frozenset({person.ref}), frozenset({Category.MEDICAL}))
filer.file(filing(letter, people=[person.ref], raw=b"Subject: 1\\r\\n\\r\\nx\\r\\n"), then)
"""
"""Somebody left long ago; a letter about them lies in the store, and nothing keeps it."""


@looks_at("certificate")
def test_what_was_destroyed_has_a_certificate(site: Site) -> None:
    inside(site.house, _LEFT)
    site.house.command("retention", "sweep")
    inside(site.house, PROPOSED)
    (batch,) = site.house.rows("select max(id) from vault_disposalbatch")[0]
    for who in ("hal", "ida"):
        with site.tab(RECORDS, who, scripts=False) as tab:
            tab.goto(f"{site.url}/records/disposal/{batch}/")
            tab.get_by_role("button", name="I have looked at it").click()
    with site.tab(RECORDS, "ida", scripts=False) as tab:
        tab.goto(f"{site.url}/records/disposal/{batch}/")
        tab.get_by_role("button", name="Carry it out now").click()
        holder(site)
        tab.get_by_role("button", name="See how far it is").click()
        tab.get_by_role("link", name="ertificate").first.click()
        assert "SL-00099" not in tab.content(), "it says what went, and names nobody"
        site.look_here(tab)
