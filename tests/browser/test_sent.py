"""An officer's own mail in a browser: closing, sending again, reading out a code, asking for a release."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.browser.seen import looks_at
from tests.browser.support import Page, Site, browsing, check, needs_chromium, serving
from tests.support.house import CARER, NO_KEY, SISTER, SURGERY, House, free_port, letter
from tests.support.pickups import Pages, Visitor, link_in, picking_up
from tests.support.sink import Sink
from web.accounts.roles import Role

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Site]:
    """A service with pick-up, through whose relay one mail went to three."""
    house = picking_up(House(tmp_path_factory.mktemp("site"), sink.port).set_up(), free_port())
    with serving(house) as port, browsing() as browser:
        site = Site(house, port, browser)
        with house.relay():
            mail = letter(Message_ID="<one@council.example>", Subject="About Ann")
            assert house.submit(mail, (CARER, SISTER)).startswith("250")
            secure = letter(Message_ID="<two@council.example>", Subject="[secure] About Ann")
            assert house.submit(secure, (NO_KEY,)).startswith("250")
        house.command("pickup", "list")
        yield site


@pytest.fixture(scope="module")
def records(site: Site) -> list[str]:
    return [str(r) for (r,) in site.house.rows("select id from vault_vaultrecord order by id")]


@looks_at("sent", "sent-mail", "sent-ask", "sent-revoke", "sent-resend", "sent-code")
def test_each_page_can_be_used_by_everybody(site: Site, records: list[str]) -> None:
    (number,) = site.house.rows("select id from vault_heldmail")[0]
    first, second = records
    (grant,) = site.house.rows("select id from vault_pickupgrant")[0]
    for page in (
        Page("/sent/", Role.OFFICER),
        Page("/sent/?show=held&to=x&since=never", Role.OFFICER),
        Page(f"/sent/{first}/", Role.OFFICER),
        Page(f"/sent/{second}/", Role.OFFICER),
        Page(f"/sent/{first}/ask/{number}/", Role.OFFICER),
        Page(f"/sent/{second}/pick-up/{grant}/close/", Role.OFFICER),
        Page(f"/sent/{second}/pick-up/{grant}/again/", Role.OFFICER),
        Page(f"/sent/{second}/pick-up/{grant}/code/", Role.OFFICER),
        Page("/sent/nothing/", Role.OFFICER, status=404),
        Page("/sent/", Role.REVIEWER, status=403),
    ):
        site.look_at(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_one_click_sends_a_mistyped_mail_where_it_was_meant_to_go(site: Site, sink: Sink, *, scripts: bool) -> None:
    """The officer sees what may be meant, clicks once, and the mail leaves protected to the right address."""
    typed = "gp@surgrey.example" if scripts else "gp@surgeyr.example"
    mail = letter(To=typed, Message_ID=f"<typed-{scripts}@council.example>", Subject="About Ann")
    with site.house.relay():
        assert site.house.submit(mail, (typed,)).startswith("250")
    (record,) = site.house.rows("select id from vault_vaultrecord order by id desc limit 1")[0]
    if scripts:  # it looks without scripts, too
        site.look_at(Page(f"/sent/{record}/", Role.OFFICER))
    with site.tab(Role.OFFICER, scripts=scripts) as tab:
        tab.goto(f"{site.url}/sent/{record}/")
        assert "Did you mean gp@surgery.example?" in tab.locator("main").inner_text()
        tab.get_by_role("button", name="Send it to gp@surgery.example instead").click()
        assert "decided anew within seconds" in tab.content()
        assert tab.get_by_role("button", name="Send it to").count() == 0
    before = len(sink.received)
    site.house.command("worker", "--once")
    (copy,) = [m for m in sink.received[before:] if SURGERY in m.recipients]
    assert b"smime-type=" in copy.content


def test_another_officer_does_not_see_it(site: Site, records: list[str]) -> None:
    with site.tab(Role.OFFICER, "otto", scripts=False) as tab:
        tab.goto(f"{site.url}/sent/")
        assert "You have not sent any mail" in tab.content()
        answer = tab.goto(f"{site.url}/sent/{records[0]}/")
        assert answer is not None
        assert answer.status == 404


def test_an_officer_asks_for_a_release_and_the_reviewers_queue_has_the_reason(site: Site) -> None:
    with site.tab(Role.OFFICER, scripts=False) as tab:
        tab.goto(site.url)
        tab.get_by_role("link", name="My sent mail").click()
        tab.get_by_label("Show").select_option("held")
        tab.get_by_role("button", name="Show", exact=True).click()
        tab.locator("tbody a").click()
        tab.get_by_role("link", name="Ask for this mail to leave").click()
        tab.get_by_label("Why?").fill("Her sister takes her to the clinic today")
        tab.get_by_role("button", name="Ask").click()
        assert "The reviewers see your reason" in tab.content()
    (row,) = json.loads(site.house.command("held", "list", "--json").stdout)
    assert row["asked"] == "Her sister takes her to the clinic today"


def test_a_code_that_is_read_out_opens_the_mail_and_closing_it_ends_that(site: Site, sink: Sink) -> None:
    (notice,) = [m for m in sink.received if m.recipients == (NO_KEY,)]
    pages = Pages(site.house, int(site.house.extra["SALLYPORT_PICKUP__PORT"]))
    with pages.serving(), site.tab(Role.OFFICER) as tab:
        tab.goto(f"{site.url}/sent/?show=pick-up")
        tab.locator("tbody a").click()
        assert "not opened yet" in tab.content()
        tab.get_by_role("link", name="Read out a code").click()
        check(tab)
        tab.get_by_label("I rang back the number").check()
        tab.get_by_role("button", name="Show the code").click()
        check(tab)
        code = tab.locator(".sp-code").inner_text()
        visitor = Visitor(pages, link_in(notice.content))
        assert visitor.post("/code", code=code).status == 303
        assert "please find the letter attached" in visitor.get("/message").text
        tab.get_by_role("link", name="Back to the mail").click()
        assert "Pick-up: opened" in tab.content()
        tab.get_by_role("link", name="Send the notice again").click()
        tab.get_by_label("Why?").fill("She lost the mail")
        tab.get_by_role("button", name="Send the notice again").click()
        assert "The notice has left again" in tab.content()
        assert visitor.get("/message").status != 200, "the old link is closed"
        assert len([m for m in sink.received if m.recipients == (NO_KEY,)]) == 2
        tab.get_by_role("link", name="Close this pick-up").click()
        tab.get_by_label("Why?").fill("Sent by mistake")
        tab.get_by_role("button", name="Close this pick-up").click()
        assert "nobody opens it any more" in tab.content()
        assert tab.get_by_role("link", name="Close this pick-up").count() == 0
