"""The register's pages in a browser: each can be used by everybody, and a permission is recorded page by page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page as Tab

from tests.browser.seen import each, looks_at
from tests.browser.support import NARROW, Page, Site, check, fits, inside
from web.accounts.roles import Role
from web.console.register import party_changes, permissions, person_changes, reviews
from web.console.register.adding.kinds import KINDS
from web.console.register.asking.steps import STEPS

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
from register import models as m
from vault.leaving import cases
from vault import audit
from vault.models import AskedPermission, LeavingCase, PickupGrant, VaultRecord, VaultSubject
from vault.pickup import asked
now = datetime.now(UTC)
ann = m.Person.objects.get(council_id="SL-00001")
cases.open_new([Leaving("C-1", ann.ref, Why.PLACEMENT, date(2026, 11, 1), date(2020, 1, 1))], now)
lines = [{"who": "P-1", "name": "Dr Gill", "categories": ["medical"], "purposes": ["appointments"]}]
draft = {"person": ann.ref, "code": "SL-00001-9", "answers": {}, "lines": lines, "checked": True}
asked.ask("SL-00001-9", ann.ref, "P-1", draft, "console:officer@council.example", now)
for number, table in enumerate((LeavingCase, AskedPermission)):
    row = table.objects.get()
    table.objects.filter(pk=row.pk).update(record=f"R{number}")
    PickupGrant.objects.create(id=f"G{number}", record=f"R{number}", digest=f"{number}", sender="o@council.example",
        recipient="gp@surgery.example", link_sha256=f"{number}", key="k", version="v", sealed_sha256="s", made_at=now,
        until=now + timedelta(days=7))
ask = {"officer": "officer@council.example", "recipient": "gp@surgery.example"}
m.ReviewRequest.objects.create(person=ann, rule="not-named", opened_at=now, **ask)
m.UrgentRelease.objects.create(digest="d", concern="risk", people=[ann.ref], released_at=now,
    review_due=now + timedelta(days=3), **ask)
m.SharingBasis.objects.create(code="SL-00001-G1", person=ann, basis="legal duty", reason="an order of the court",
    recipients=["gp@surgery.example"], categories=["medical"], decided_by="Olu Ade", since=now,
    until=now + timedelta(days=30), review_due=(now + timedelta(days=20)).date())
for name, kinds in (("SENT", []), ("BACK", ["permission-form", "placement-agreement"])):
    row = VaultRecord.objects.create(id=f"0SGQFB1B70DS2CFJN7H0QA{name}", digest=name, received_at=now, filed_at=now,
        classes=kinds, retain_until=now)
    VaultSubject.objects.create(record=row, person=ann.ref)
told = {"mail": "BACK", "recipient": "cara@carers.example"}
audit.append([audit.Event(now, "pick-up", asked.SIGNED, "0SGQFB1B70DS2CFJN7H0QASENT", "", told)])
for fingerprint, changed in (("6F1B28E0" * 5, True), ("A2C47719" * 5, False)):
    m.SeenKey.objects.create(address="gp@surgery.example", method="OpenPGP", fingerprint=fingerprint, data=b"k",
        source="autocrypt" if changed else "openpgp", changed=changed, first_at=now, last_at=now)
"""
"""A parting and a form that wait to be signed, each with a link; a signed paper, a request, an urgent release, another
ground, two keys that came by mail."""


@pytest.fixture(scope="module")
def team(site: Site) -> None:
    inside(site.house, 'from register.models import Team; Team.objects.create(code="T-1", name="South")')


@pytest.fixture(scope="module")
def waiting(site: Site) -> None:
    inside(site.house, _WAITING)


@each(
    (
        *("/leaving/", "/leaving/1/", "/leaving/1/send/", "/leaving/1/done/", "/leaving/1/code/"),
        *("/register/to-sign/", "/register/to-sign/1/", "/register/to-sign/1/code/"),
        *("/register/permissions/1/", "/register/permissions/1/paper/", "{ann}change/agreement/"),
        *(f"/register/reviews/{kind}/1/" for kind in reviews.KINDS),
        *("{ann}grounds/1/end/", "/register/keys/", "/register/keys/seen/1/accept/", "/register/keys/seen/2/dismiss/"),
    ),
    ann="/register/people/ann/",
)
def test_each_page_of_what_waits_can_be_used_by_everybody(site: Site, ann: str, waiting: None, path: str) -> None:
    site.look_at(Page(path.format(ann=ann), RECORDS))


def _whose(what: str) -> str:
    return "olu" if what in party_changes.FOR_OFFICERS else "cara"


PATHS = (
    *("{ann}", "{ann}?on_day=1&on_month=1&on_year=2020", "{ann}?on_day=31&on_month=2&on_year=2020", "{ann}history/"),
    *(f"{{ann}}change/{what}/" for what in person_changes.CHANGES),
    *("{ann}permission/", "{ann}permission/capacity/", "{ann}permission/who/", "{ann}permission/whom/"),
    *("/register/", "/register/reviews/", "/register/keys/"),
    *("/register/permissions/1/", "/register/permissions/1/history/", "/register/permissions/1/lines/1/"),
    *(f"/register/permissions/1/{what}/" for what in permissions.CHANGES),
    *("/register/parties/{cara}/", "/register/parties/{cara}/history/"),
    *(f"/register/parties/{{{_whose(what)}}}/change/{what}/" for what in party_changes.CHANGES),
    *(f"/register/organisations/1/{page}" for page in ("", "history/", "change/", "regulator/")),
    *("/register/teams/", "/register/teams/1/history/", "/register/teams/1/change/"),
    *("/register/add/", *(f"/register/add/{kind}/{step}/" for kind, what in KINDS.items() for step, _ in what.steps)),
)


@each(PATHS, ann="/register/people/ann/", cara=1, olu=2)
def test_each_page_can_be_used_by_everybody(site: Site, ann: str, team: None, path: str) -> None:
    numbers = dict(site.house.rows("SELECT code, id FROM register_party"))
    status = 422 if "month=2&" in path else 200
    site.look_at(Page(path.format(ann=ann, cara=numbers["C-1"], olu=numbers["O-1"]), RECORDS, status))


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


def _asked_of_somebody_without_capacity(site: Site, tab: Tab) -> None:
    tab.goto(site.url + "/register/")
    tab.get_by_role("link", name="SL-00005").click()
    tab.get_by_role("button", name="Record a permission to share").click()
    tab.get_by_role("button", name="Start now").click()
    tab.get_by_label("No", exact=True).check()
    go_on(tab)
    site.look_here(tab)


@looks_at(*(f"register-asking-step {step}" for step in ("signed", "review")), "register-asking-may")
def test_a_form_is_recorded_one_thing_at_a_time(site: Site, ann: str, tab: Tab) -> None:
    """With a mistake that is explained, an answer that is changed at the end, and the register as it is afterwards."""
    tab.goto(site.url + ann)
    tab.get_by_role("button", name="Record a permission to share").click()
    tab.get_by_role("button", name="Start now").click()
    tab.get_by_role("button", name="Continue").click()
    assert tab.get_by_role("alert").get_by_text("Choose whether they can decide").is_visible()
    tab.get_by_label("Yes").check()
    go_on(tab)
    site.look_here(tab)
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
    site.look_here(tab)
    tab.get_by_label("Medical information").check()
    tab.get_by_label("What for?").fill("her treatment\nreviews")
    go_on(tab)
    go_on(tab)
    site.look_here(tab)
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


@looks_at(*(f"register-asking-step {step.name}" for step in STEPS if step.name not in {"capacity", "signed"}))
@looks_at("register-asking-whom", "register-asking-may", "register-asking-check", "register-permission")
def test_without_capacity_a_best_interests_decision_is_asked_for(site: Site) -> None:
    """Each field of the Act on a page of its own, each page looked at; the assessment is recorded with it."""
    with site.tab(RECORDS) as tab:
        _asked_of_somebody_without_capacity(site, tab)
        day(tab, "1 11 2026")
        tab.get_by_label("Who assessed it?").fill("Dr Marsh")
        go_on(tab)
        site.look_here(tab)
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
            site.look_here(tab)
            for label, text in words.items():
                tab.get_by_label(label).fill(text)
            if "What was decided?" in words:
                day(tab, "2 11 2026")
        go_on(tab)
        tab.get_by_role("button", name="Add somebody").click()
        site.look_here(tab)
        tab.get_by_label("Somebody else", exact=True).check()
        tab.get_by_label("Their name or id").fill("C-1")
        go_on(tab)
        site.look_here(tab)
        tab.get_by_label("Medical information").check()
        go_on(tab)
        site.look_here(tab)
        go_on(tab)
        site.look_here(tab)
        go_on(tab)
        site.look_here(tab)
        tab.get_by_role("button", name="Record the decision").click()
        site.look_here(tab)
        assert tab.get_by_text("He cannot weigh it").is_visible()
        _asked_of_somebody_without_capacity(site, tab)
        tab.get_by_label("The one of 1 November 2026: they cannot decide; assessed by Dr Marsh").check()
        go_on(tab)
        assert tab.get_by_text("Who decides in their place?").first.is_visible()
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


_SOMEBODY = {"Name": "Sam Hill", "E-mail address": "sam-{kind}@somewhere.example", "Id": "NEW-{kind}"}
_OF_ANN = {"Council ID of the person": "SL-00001", "What they are to them": "sister"}
_WELSH = {"Which language do they wish to be written to in?": "Welsh (Cymraeg)"}
ADDED: dict[str, tuple[dict[str, str], ...]] = {
    "person": ({"Name": "Una Bell"}, {"Council ID": "SL-00077"}, {}, {"Officer": "O-1", "First day": "1 11 2026"}),
    "carer": (_SOMEBODY, {"Household": "H-1", "Approved as a carer since": "1 11 2026"}, _WELSH),
    "professional": (_SOMEBODY, {"What they are": "nurse"}, _WELSH),
    "family": (_SOMEBODY, _OF_ANN, _WELSH),
    "representative": (_SOMEBODY, _OF_ANN, _WELSH),
    "household": ({"What it is called": "The Elms", "Id": "H-77"},),
    "organisation": ({"Name": "North Surgery", "Mail domain": "north.example", "Id": "ORG-77"},),
    "team": ({"Name": "North", "Id": "T-77"},),
    "officer": (_SOMEBODY, {"What they are": "Shared Lives Officer", "First day": "1 11 2026"}),
}
"""What is typed to add one of each kind, a page each."""


@pytest.mark.parametrize("kind", [pytest.param(k, marks=looks_at(f"register-add-check {k}"), id=k) for k in KINDS])
def test_one_of_each_kind_is_added_and_the_last_page_can_be_used_by_everybody(site: Site, kind: str) -> None:
    with site.tab(RECORDS, scripts=False) as tab:
        for (step, _), typed in zip(KINDS[kind].steps, ADDED[kind], strict=True):
            tab.goto(f"{site.url}/register/add/{kind}/{step}/")
            for label, value in typed.items():
                answer(tab, label, value.format(kind=kind))
            go_on(tab)
        tab.goto(f"{site.url}/register/add/{kind}/check/")
        tab.get_by_role("heading", name="Check what you have answered").wait_for()
        site.look_here(tab)
        tab.get_by_role("button", name="Add to the register").click()
        assert f"{KINDS[kind].label}: recorded." in tab.content()


def answer(tab: Tab, label: str, value: str) -> None:
    """A box, a list, a choice or a day, as the page has it."""
    boxes = tab.get_by_role("group", name=label)
    if boxes.get_by_role("radio").count():
        boxes.get_by_label(value).check()
        return
    if boxes.count():
        for box, part in zip(("Day", "Month", "Year"), value.split(), strict=True):
            boxes.get_by_label(box, exact=True).fill(part)
        return
    found = tab.get_by_label(label, exact=True)
    if found.evaluate("e => e.tagName") == "SELECT":
        found.select_option(value)
    else:
        found.fill(value)
