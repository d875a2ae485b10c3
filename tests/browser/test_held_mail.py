"""A reviewer's main job in a browser, from sign-in to done; with scripts and without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP

import pytest

from tests.browser.seen import looks_at
from tests.browser.support import Page, Site, browsing, check, serving
from tests.support.house import CARER, OFFICER, SECRET, House, letter
from tests.support.sink import Sink
from tests.support.specimens import named_by_name_alone
from tests.unit.test_drawing import pdf
from web.accounts.roles import Role


def with_pdf(number: int) -> bytes:
    """A letter about Ann by her name alone, and a PDF beside it."""
    mail = named_by_name_alone(letter(Message_ID=f"<held-{number}@council.example>", Subject=f"Clinic letter {number}"))
    made = message_from_bytes(mail, policy=SMTP)
    made.add_attachment(pdf("Epilepsy", "Page two"), maintype="application", subtype="pdf", filename="scan.pdf")
    return made.as_bytes()


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Site]:
    house = House(tmp_path_factory.mktemp("held"), sink.port).set_up()
    with house.relay():
        for number in range(1, 7):
            assert house.submit(with_pdf(number), [CARER]).startswith("250")
    with serving(house) as port, browsing() as browser:
        yield Site(house, port, browser)


def numbers(house: House) -> list[int]:
    return [row["number"] for row in json.loads(house.command("held", "list", "--json").stdout)]


@looks_at("held", "held-mail", "held-release", "held-redirect", "held-return", "held-reject")
def test_each_page_can_be_used_by_everybody(site: Site) -> None:
    number = numbers(site.house)[0]
    site.look_at(Page("/held/", Role.REVIEWER))
    site.look_at(Page("/held/?reason=person-unsure&person=SL-00001&officer=officer&age=7", Role.REVIEWER))
    site.look_at(Page(f"/held/{number}/", Role.REVIEWER))
    for step in ("release", "redirect", "return", "reject"):
        site.look_at(Page(f"/held/{number}/{step}/", Role.REVIEWER))
    site.look_at(Page("/held/", Role.BREACH))
    site.look_at(Page("/held/99999/", Role.REVIEWER, status=404))
    assert "waiting for" in site.on_paper("/held/", Role.REVIEWER)
    assert "Clinic letter" in site.on_paper(f"/held/{number}/", Role.REVIEWER)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reviewer_looks_and_releases(site: Site, sink: Sink, *, scripts: bool) -> None:
    """What was found is marked where it stands; the mail leaves protected; nothing of it waits any more."""
    before = len(numbers(site.house))
    sink.received.clear()
    with site.tab(Role.REVIEWER, scripts=scripts) as tab:
        tab.goto(site.url)
        tab.get_by_role("link", name="Held mail", exact=True).first.click()
        tab.locator(".sp-queue__mail a").first.click()
        assert "Ann Lee (SL-00001)" in tab.content()
        assert tab.locator("mark", has_text="epilepsy").count() > 0
        assert any(SECRET in text for text in tab.locator(".sp-text").all_inner_texts())
        tab.get_by_role("button", name="Release").click()
        tab.get_by_role("button", name="Release").click()
        assert "Say why" in tab.get_by_role("alert").inner_text()
        tab.get_by_label("Ann Lee (SL-00001)").check()
        tab.get_by_label("Why").fill("I rang the clinic; it is hers")
        tab.get_by_role("button", name="Release").click()
        assert "decided anew within seconds" in tab.content()
    site.house.command("worker", "--once")
    assert len(numbers(site.house)) == before - 1
    sent = [m for m in sink.received if m.recipients == (CARER,)]
    assert len(sent) == 1
    assert b"multipart/encrypted" in sent[0].content


def test_the_page_of_a_file_is_drawn_and_recorded(site: Site) -> None:
    """Pixels, and before them an event in the reviewer's name."""
    number = numbers(site.house)[0]
    with site.tab(Role.REVIEWER) as tab:
        tab.goto(f"{site.url}/held/{number}/")
        address = tab.locator("img.sp-page").first.get_attribute("src")
        answer = tab.request.get(site.url + str(address))
        assert answer.headers["content-type"] == "image/png"
        assert answer.body().startswith(b"\x89PNG")
        assert tab.request.get(f"{site.url}/held/{number}/page/9/1/").status == 404
        assert tab.request.get(f"{site.url}/held/{number}/page/2/99/").status == 404
    told = site.house.rows("select details from vault_auditevent where action = 'held mail''s page seen'")
    assert {9, 2} >= {int(json.loads(str(d))["part"]) for (d,) in told} - {3}
    assert 99 in {json.loads(str(d))["page"] for (d,) in told}


@looks_at("held-agree", "held-disagree")
def test_what_takes_two_takes_two_and_nobody_settles_twice(site: Site) -> None:
    number = numbers(site.house)[0]
    with site.tab(Role.REVIEWER) as tab:
        tab.goto(f"{site.url}/held/{number}/release/")
        tab.get_by_label("Medical information").check()
        tab.get_by_label("Why").fill("a made-up example")
        tab.get_by_role("button", name="Release").click()
        assert "A second reviewer has to agree" in tab.content()
        tab.goto(f"{site.url}/held/{number}/")
        check(tab)
        assert "You proposed this release" in tab.content()
        tab.goto(f"{site.url}/held/{number}/reject/")
        tab.get_by_label("Note to the officer").fill("No.")
        tab.get_by_label("Why").fill("second thoughts")
        tab.get_by_role("button", name="Reject it").click()
        assert "Somebody is settling this mail already" in tab.content()
    with site.tab(Role.REVIEWER, "second") as tab:
        tab.goto(f"{site.url}/held/{number}/")
        tab.get_by_role("button", name="Do not release it").click()
        site.look_here(tab)
        tab.goto(f"{site.url}/held/{number}/")
        tab.get_by_role("button", name="Agree to the release").click()
        site.look_here(tab)
        tab.get_by_role("button", name="Agree").click()
        assert "decided anew" in tab.content()


def test_an_officer_gets_it_back(site: Site, sink: Sink) -> None:
    number = numbers(site.house)[-1]
    sink.received.clear()
    with site.tab(Role.REVIEWER, scripts=False) as tab:
        tab.goto(f"{site.url}/held/{number}/return/")
        tab.get_by_label("Note to the officer").fill("The letter names nobody. Please attach the right one.")
        tab.get_by_label("Why").fill("wrong file")
        tab.get_by_role("button", name="Return it").click()
        assert "The officer is told by mail" in tab.content()
    site.house.command("worker", "--once")
    told = [m for m in sink.received if m.recipients == (OFFICER,)]
    assert any(b"Please attach the right one" in m.content for m in told)
    with site.tab(Role.REVIEWER) as tab:
        tab.goto(f"{site.url}/held/{number}/")
        assert "does not wait any more" in tab.content()
        check(tab)
