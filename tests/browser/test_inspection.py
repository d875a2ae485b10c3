"""From the records officer's grant to the inspector's pages, and to the end of it, in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.browser.seen import looks_at
from tests.browser.support import Page, Site, check, inside
from web import clock
from web.accounts.roles import Role

FILED = """
from register.models import Person
from tests.support.filed import decided, filed
from domain.decision import Action
ann = Person.objects.get(council_id="SL-00001").ref
copies = (decided("carer@carers.example"), decided("sister@family.example", Action.HOLD))
filed("officer@council.example", *copies, people=(ann,))
"""
INSPECTOR = Role.INSPECTOR


@pytest.fixture(scope="module", autouse=True)
def prepared(site: Site) -> None:
    """A mail about Ann, and an inspector who has signed in."""
    inside(site.house, FILED)
    site.person(INSPECTOR)


def ref(site: Site) -> str:
    return str(site.house.rows("select ref from register_person where council_id = 'SL-00001'")[0][0])


@looks_at(
    *("inspection", "inspection-records", "inspection-permissions", "inspection-timeline"),
    *("inspectors", "inspector", "inspector-grant", "inspector-end"),
)
def test_granted_looked_at_and_ended(site: Site) -> None:
    with site.tab(INSPECTOR, scripts=False) as tab:
        tab.goto(f"{site.url}/inspection/")
        assert "No access stands for you now" in tab.content()
    with site.tab(Role.RECORDS, scripts=False) as tab:
        tab.goto(f"{site.url}/records/")
        tab.get_by_role("link", name="Inspectors' access").click()
        tab.get_by_role("button", name="Grant an inspector access").click()
        tab.get_by_label("Inspector", exact=True).select_option("console:inspector@council.example")
        tab.get_by_label("Council IDs of the people").fill("SL-00001")
        tab.get_by_label("What is the inspection about?").fill("The yearly inspection")
        tab.get_by_label("Last day").fill(f"{(clock.now() + timedelta(days=7)).date()}")
        tab.get_by_role("button", name="Grant an inspector access").click()
        assert "Granted." in tab.content()
    for page in ("", f"{ref(site)}/", f"{ref(site)}/permissions/", f"{ref(site)}/timeline/"):
        site.look_at(Page(f"/inspection/{page}", INSPECTOR))
    for page in ("", "grant/", "1/", "1/end/"):
        site.look_at(Page(f"/records/inspectors/{page}", Role.RECORDS))
    with site.tab(INSPECTOR) as tab:
        tab.goto(site.url)
        tab.get_by_role("link", name="Inspection", exact=True).click()
        tab.get_by_role("link", name="Ann Lee").click()
        assert "sent protected" in tab.content()
        assert tab.locator(".sp-watermark").is_visible()
        tab.get_by_role("link", name="Permissions").click()
        assert "F-1" in tab.content()
        tab.get_by_role("link", name="Timeline").click()
        assert "Taken by the next mail server" in tab.content()
        tab.emulate_media(media="print")
        assert tab.locator(".sp-watermark").is_visible(), "also on paper"
        address = tab.url
    with site.tab(Role.RECORDS) as tab:
        tab.goto(f"{site.url}/records/inspectors/1/")
        assert "Ann Lee" in tab.content()
        tab.get_by_role("link", name="End this access").click()
        check(tab)
        tab.get_by_label("Why?").fill("It is over")
        tab.get_by_role("button", name="End this access").click()
        assert "Ended." in tab.content()
    with site.tab(INSPECTOR, scripts=False) as tab:
        answer = tab.goto(address)
        assert answer is not None
        assert answer.status == 404
