"""The register's pages in a browser: each can be used by everybody, and a permission is recorded page by page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page as Tab

from tests.browser.support import NARROW, Page, Site, check, fits, inside
from web.accounts.roles import Role

RECORDS = Role.RECORDS


@pytest.fixture(scope="module")
def ann(site: Site) -> str:
    """Ann's address; her home is H-1, where Cara is the carer; there is somebody who asks to be involved."""
    with site.tab(RECORDS, scripts=False) as tab:
        tab.goto(site.url + "/register/")
        tab.get_by_role("link", name="SL-00001").click()
        return tab.url.removeprefix(site.url)


_WAITING = """
from datetime import UTC, date, datetime, timedelta
from domain.leaving import Leaving, Why
from register.models import Person
from vault.leaving import cases
from vault.pickup import asked
now = datetime.now(UTC)
ann = Person.objects.get(council_id="SL-00001")
cases.open_new([Leaving("C-1", ann.ref, Why.PLACEMENT, date(2026, 11, 1), date(2020, 1, 1))], now)
lines = [{"who": "P-1", "name": "Dr Gill", "categories": ["medical"], "purposes": ["appointments"]}]
draft = {"person": ann.ref, "code": "SL-00001-9", "answers": {}, "lines": lines, "checked": True}
asked.ask("SL-00001-9", ann.ref, "P-1", draft, "console:officer@council.example", now)
"""
"""A parting, and a form that waits to be signed."""


@pytest.fixture(scope="module")
def waiting(site: Site) -> None:
    inside(site.house, _WAITING)


@pytest.mark.parametrize(
    "path",
    [
        *("/leaving/", "/leaving/1/", "/leaving/1/send/", "/leaving/1/done/"),
        *("/register/to-sign/", "/register/to-sign/1/"),
    ],
)
def test_each_page_of_what_waits_can_be_used_by_everybody(site: Site, waiting: None, path: str) -> None:
    site.look_at(Page(path, RECORDS, 200))


PATHS = (
    *("{ann}", "{ann}?on_day=1&on_month=1&on_year=2020", "{ann}?on_day=31&on_month=2&on_year=2020", "{ann}history/"),
    *("{ann}change/move-in/", "{ann}change/move-out/", "{ann}change/capacity/", "{ann}change/officer/"),
    "{ann}change/ground/",
    *("{ann}change/death/", "{ann}permission/", "{ann}permission/capacity/", "{ann}permission/who/"),
    *("{ann}permission/whom/", "/register/", "/register/reviews/", "/register/keys/"),
    *("/register/permissions/1/", "/register/permissions/1/history/", "/register/permissions/1/renew/"),
    *("/register/permissions/1/withdraw/", "/register/permissions/1/add/", "/register/permissions/1/lines/1/"),
    *("/register/parties/{cara}/", "/register/parties/{cara}/history/", "/register/parties/{cara}/change/household/"),
    *("/register/parties/{cara}/change/mailbox/", "/register/parties/{cara}/change/support/"),
    *("/register/parties/{cara}/change/training/", "/register/organisations/1/", "/register/organisations/1/history/"),
    "/register/organisations/1/change/",
    *("/register/add/", "/register/add/person/name/", "/register/add/person/officer/", "/register/add/carer/who/"),
    "/register/add/organisation/which/",
)


@pytest.mark.parametrize("path", PATHS)
def test_each_page_can_be_used_by_everybody(site: Site, ann: str, path: str) -> None:
    (number,) = site.house.rows("SELECT id FROM register_party WHERE code = 'C-1'")[0]
    status = 422 if "month=2&" in path else 200
    site.look_at(Page(path.format(ann=ann, cara=number), RECORDS, status))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("{ann}", "Ann Lee"),
        ("/register/permissions/1/", "SL-00001"),
        ("/register/", "Ann Lee"),
        ("/register/reviews/", "Overdue"),
    ],
)
def test_each_page_can_be_printed(site: Site, ann: str, path: str, said: str) -> None:
    assert said in site.on_paper(path.format(ann=ann), RECORDS)


def go_on(tab: Tab) -> None:
    tab.get_by_role("button", name="Continue").click()


def day(tab: Tab, when: str) -> None:
    for box, value in zip(("Day", "Month", "Year"), when.split(), strict=True):
        tab.get_by_label(box, exact=True).fill(value)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def tab(request: pytest.FixtureRequest, site: Site) -> Iterator[Tab]:
    with site.tab(RECORDS, scripts=request.param) as tab:
        yield tab


def test_a_form_is_recorded_one_thing_at_a_time(site: Site, ann: str, tab: Tab) -> None:
    """With a mistake that is explained, an answer that is changed at the end, and the register as it is afterwards."""
    tab.goto(site.url + ann)
    tab.get_by_role("button", name="Record a permission to share").click()
    tab.get_by_role("button", name="Start now").click()
    tab.get_by_role("button", name="Continue").click()
    assert tab.get_by_role("alert").get_by_text("Choose whether they can decide").is_visible()
    tab.get_by_label("Yes").check()
    go_on(tab)
    day(tab, "31 2 2026")
    tab.get_by_label("On paper").check()
    go_on(tab)
    assert tab.get_by_role("alert").get_by_text("must be a real day").is_visible()
    day(tab, "1 11 2026")
    tab.get_by_label("Record of the signed paper").fill("cabinet 4")
    go_on(tab)
    assert tab.get_by_role("alert").get_by_text("no record of that number").is_visible()
    tab.get_by_label("Record of the signed paper").fill("")
    go_on(tab)
    tab.get_by_role("button", name="Add somebody").click()
    tab.get_by_label("Somebody else", exact=True).check()
    tab.get_by_label("Their name or id").fill("nobody at all")
    go_on(tab)
    assert tab.get_by_role("alert").get_by_text("Nobody in the register has this name").is_visible()
    tab.get_by_label("Their name or id").fill("dr gill")
    go_on(tab)
    tab.get_by_label("Medical information").check()
    tab.get_by_label("What for?").fill("her treatment\nreviews")
    go_on(tab)
    go_on(tab)
    go_on(tab)
    assert "Check what you have answered" in tab.title()
    tab.get_by_role("link", name="How was it given?").click()
    tab.get_by_label("Digitally signed").check()
    go_on(tab)
    assert tab.get_by_text("Digitally signed").is_visible(), "straight back to the check"
    before = site.house.rows("SELECT COUNT(*) FROM register_permission")
    tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert fits(tab)
    tab.get_by_role("button", name="Record the permission").click()
    assert tab.get_by_text("is recorded. The next mail is decided by it.").is_visible()
    assert site.house.rows("SELECT COUNT(*) FROM register_permission") != before
    (last,) = site.house.rows(
        "SELECT how, signed_on, categories, purposes FROM register_permission f JOIN register_grant g"
        " ON g.permission_id = f.id ORDER BY f.id DESC LIMIT 1"
    )
    assert last == ("digital", "2026-11-01", '["medical"]', '["her treatment", "reviews"]')
    ((who,),) = site.house.rows(
        "SELECT history_user_id FROM register_historicalpermission ORDER BY history_id DESC LIMIT 1"
    )
    assert who == "console:records-officer@council.example"


def test_without_capacity_a_best_interests_decision_is_asked_for(site: Site) -> None:
    """Each field of the Act on a page of its own, each page looked at; the assessment is recorded with it."""
    with site.tab(RECORDS) as tab:
        tab.goto(site.url + "/register/")
        tab.get_by_role("link", name="SL-00005").click()
        tab.get_by_role("button", name="Record a permission to share").click()
        tab.get_by_role("button", name="Start now").click()
        tab.get_by_label("No", exact=True).check()
        go_on(tab)
        check(tab)
        day(tab, "1 11 2026")
        tab.get_by_label("Who assessed it?").fill("Dr Marsh")
        go_on(tab)
        tab.get_by_label("The service, in their best interests").check()
        for words in (
            {"What was decided?": "That Cara may know of his treatment"},
            {"What bears on it": "He cannot weigh it", "May they be able": "No"},
            {"How did they take part?": "With pictures"},
            {"What do they wish": "He likes Cara"},
            {"Who was asked": "His sister agrees", "Is there an attorney": "No"},
            {"Who decided?": "Olu Ade, team manager"},
        ):
            go_on(tab)
            check(tab)
            for label, text in words.items():
                tab.get_by_label(label).fill(text)
            if "What was decided?" in words:
                day(tab, "2 11 2026")
        go_on(tab)
        tab.get_by_role("button", name="Add somebody").click()
        check(tab)
        tab.get_by_label("Somebody else", exact=True).check()
        tab.get_by_label("Their name or id").fill("C-1")
        go_on(tab)
        check(tab)
        tab.get_by_label("Medical information").check()
        go_on(tab)
        check(tab)
        go_on(tab)
        check(tab)
        go_on(tab)
        check(tab)
        tab.get_by_role("button", name="Record the decision").click()
        check(tab)
        assert tab.get_by_text("He cannot weigh it").is_visible()
    assert site.house.rows("SELECT assessor FROM register_capacityassessment") == [("Dr Marsh",)]


def test_a_person_comes_into_the_register_one_thing_at_a_time(site: Site, tab: Tab) -> None:
    """With a mistake that is explained at its page, and a number that is free in each of the two runs."""
    number = 90 + len(site.house.rows("SELECT 1 FROM register_person"))
    tab.goto(site.url + "/register/")
    tab.get_by_role("link", name="Add somebody to the register").click()
    tab.get_by_label("A person who uses the service").check()
    go_on(tab)
    tab.get_by_label("Name", exact=True).fill("Dot Moss")
    go_on(tab)
    tab.get_by_label("Council ID").fill("SL-00001")
    go_on(tab)
    assert tab.get_by_role("alert").get_by_text("The register has this council ID already").is_visible()
    tab.get_by_label("Council ID").fill(f"SL-{number:05}")
    go_on(tab)
    tab.get_by_label("Household").fill("H-1")
    day(tab, "1 11 2026")
    go_on(tab)
    tab.get_by_label("Officer").select_option("O-1")
    day(tab, "1 11 2026")
    go_on(tab)
    tab.get_by_role("heading", name="Check what you have answered").wait_for()
    if tab.evaluate("() => document.body.classList.contains('js-enabled')"):
        check(tab)
    tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert fits(tab)
    tab.get_by_role("button", name="Add to the register").click()
    tab.get_by_role("heading", name="Dot Moss").wait_for()
    assert f"SL-{number:05}" in tab.content()
