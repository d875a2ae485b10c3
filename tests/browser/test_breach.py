"""The breach team's work in a browser: from a word somebody remembers to a closed incident."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator
from hashlib import sha256

import pytest
from pyrage import decrypt, x25519

from tests.browser.seen import each, looks_at
from tests.browser.support import CHROMIUM, NARROW, Page, Site, browsing, check, fits, holder, printed, serving
from tests.support.house import CARER, COLLEAGUE, NO_KEY, House, letter
from tests.support.pickups import picking_up, with_a_pdf
from tests.support.sink import Sink
from web.accounts.roles import Role
from web.console.breach.containing import CONTAINING
from web.console.breach.steps import STEPS

NOTE = b"From: officer@council.example\r\nSubject: Rota\r\nMessage-ID: <rota@c>\r\n\r\nThe rota for March.\r\n"
_STATIC = ("/search/", "/search/kept/", "/incidents/", "/incidents/?which=unreported", "/incidents/open/")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service that has sent letters about Ann to two carers, of whom one has no key, and a rota to a colleague."""
    if not CHROMIUM:
        pytest.skip("chromium is missing")
    with Sink() as sink:
        house = picking_up(House(tmp_path_factory.mktemp("breach"), sink.port).set_up())
        with house.relay():
            for number in (1, 2):
                mail = with_a_pdf(letter(Message_ID=f"<letter-{number}@council.example>"))
                assert house.submit(mail, (CARER, NO_KEY)).startswith("250")
            assert house.submit(NOTE, (COLLEAGUE,)).startswith("250")
        with serving(house) as port, browsing() as browser:
            yield Site(house, port, browser)


@each(_STATIC)
def test_each_page_can_be_used_by_everybody(site: Site, path: str) -> None:
    site.look_at(Page(path, Role.BREACH))


@looks_at("search", "search-record", "search-keep", "search-finds", "search-forget", "search-look")
def test_each_page_of_a_search_can_be_used_by_everybody(site: Site) -> None:
    """The results, one of them, and a search that is kept."""
    with site.tab(Role.BREACH, scripts=False) as tab:
        tab.goto(site.url + "/search/")
        tab.get_by_label("Look for").fill("epilepsy")
        tab.get_by_role("button", name="Search", exact=True).click()
        site.look_here(tab)
        results = tab.url
        tab.get_by_role("link", name="See what it says").first.click()
        site.look_here(tab)
        tab.goto(results)
        tab.locator(".sp-hit__title a").first.click()
        site.look_here(tab)
        tab.goto(results)
        tab.get_by_role("link", name="Keep this search, and be told").click()
        site.look_here(tab)
        tab.get_by_label("What for").fill("complaint 12")
        tab.get_by_role("button", name="Keep it").click()
        (search,) = site.house.rows("select id from vault_savedsearch")[0]
        for path in ("", f"{search}/", f"{search}/forget/"):
            site.look_at(Page(f"/search/kept/{path}", Role.BREACH))


_STEPS = (*CONTAINING, *STEPS)


@looks_at("incident-one", "incident-bundle", *(f"incident-{step.name}" for step in _STEPS))
def test_each_page_of_an_incident_can_be_used_by_everybody(site: Site) -> None:
    """With a mail that two have received: each step's page, whether it is its turn or not."""
    (ident,) = site.house.rows("select id from vault_vaultrecord order by id")[0]
    with site.tab(Role.BREACH, scripts=False) as tab:
        tab.goto(f"{site.url}/incidents/open/?record={ident}")
        tab.get_by_label("It was lost").check()
        tab.get_by_role("button", name="Open the incident").click()
        case = tab.url.removeprefix(site.url)
    for page in ("", "evidence/", *(f"{step.name}/" for step in _STEPS)):
        site.look_at(Page(case + page, Role.BREACH))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_a_word_somebody_remembers_to_a_contained_incident(site: Site, scripts: bool) -> None:
    """Search, look at a mail, open an incident, keep, stop, close what waits, judge, report. Each page is looked at."""
    with site.tab(Role.BREACH, scripts=scripts) as tab:

        def looked_at() -> None:
            if scripts:
                check(tab)

        tab.goto(site.url + "/search/")
        tab.get_by_label("Look for").fill("epilepsy OR (rota")
        tab.get_by_role("button", name="Search", exact=True).click()
        assert tab.locator("mark").inner_text() == "("
        looked_at()
        tab.get_by_label("Look for").fill("epilepsy OR rota")
        tab.get_by_role("button", name="Search", exact=True).click()
        tab.get_by_role("heading", name="3 mails were found.").wait_for()
        assert "epilepsy" not in tab.url
        looked_at()
        tab.get_by_role("link", name="Medical information").click()
        tab.get_by_role("heading", name="2 mails were found.").wait_for()
        tab.locator(".sp-hit__title a").nth(int(scripts)).click()
        tab.get_by_role("heading", name="A filed mail").wait_for()
        looked_at()
        tab.get_by_role("button", name="Open an incident with this mail").click()
        tab.get_by_label("It went to the wrong person").check()
        tab.get_by_role("button", name="Open the incident").click()
        tab.get_by_role("heading", name="The 72 hours").wait_for()
        assert "71" in (tab.locator(".sp-dial").text_content() or "")
        looked_at()
        for task, button in (
            ("Keep the mails from being destroyed", "Put the legal hold on"),
            ("Stop more mail to who received it", "Stop mail to them"),
            ("Close what waits to be picked up", "Close them"),
        ):
            tab.get_by_role("link", name=task).click()
            looked_at()
            tab.get_by_role("button", name=button).click()
        assert tab.locator(".govuk-tag", has_text="Stopped").count() == 2
        assert "closed now" in tab.content()
        tab.get_by_role("link", name="Judge the risk").click()
        looked_at()
        tab.get_by_label("High").check()
        tab.get_by_role("button", name="Save").click()
        tab.get_by_role("link", name="Report it to the Information Commissioner").click()
        looked_at()
        tab.get_by_label("number").fill("IC-12345")
        tab.get_by_role("button", name="Save").click()
        assert "Reported in time" in tab.content()
        tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
        looked_at()
        assert fits(tab)
        tab.get_by_role("link", name="Let mail go again").click()
        for address in (CARER, NO_KEY):
            tab.get_by_label(address).check()
        tab.get_by_label("Why may mail go to them again?").fill("they deleted it")
        tab.get_by_role("button", name="Let it go").click()
        assert tab.locator(".govuk-tag", has_text="Stopped").count() == 0


def test_what_is_not_reported_is_closed_and_stays_in_the_register(site: Site) -> None:
    """A minor one: nothing left, a risk unlikely, the reason why it is not reported."""
    with site.tab(Role.BREACH, who="bree") as tab:
        tab.goto(site.url + "/incidents/open/")
        tab.get_by_label("Something else").check()
        tab.get_by_role("button", name="Open the incident").click()
        (case,) = re.findall(r"INC-\d+-\d+", tab.url)
        tab.get_by_role("link", name="Judge the risk").click()
        tab.get_by_label("Unlikely").check()
        tab.get_by_role("button", name="Save").click()
        tab.get_by_role("link", name="Write what the Commissioner asks").click()
        check(tab)
        for label in ("What happened", "Likely consequences", "Measures"):
            tab.get_by_label(label).fill("it came back unread")
        tab.get_by_role("button", name="Save").click()
        tab.get_by_role("link", name="Say why it is not reported").click()
        tab.get_by_label("Why?").fill("it came back unread")
        tab.get_by_role("button", name="Do not report it").click()
        tab.get_by_role("link", name="Close it").click()
        tab.get_by_role("button", name="Close it").click()
        assert f"{case} is closed" in tab.content()
        check(tab)
        tab.goto(site.url + "/incidents/?which=unreported")
        check(tab)
        assert tab.get_by_role("link", name=case).is_visible()
        assert case in printed(tab)
        with tab.expect_download() as file:
            tab.get_by_role("link", name="Download the register").click()
        assert case in file.value.path().read_text(encoding="utf-8-sig")
        tab.get_by_role("link", name=case).click()
        assert "it came back unread" in printed(tab)


@looks_at("search-looked")
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_what_a_mail_says_is_shown_by_the_key_holder_and_marked(site: Site, scripts: bool) -> None:
    with site.tab(Role.BREACH, scripts=scripts, size=NARROW) as tab:
        tab.goto(site.url + "/search/")
        tab.get_by_label("Look for").fill("levetiracetam")
        tab.get_by_role("button", name="Search", exact=True).click()
        tab.get_by_role("link", name="See what it says").first.click()
        tab.get_by_role("button", name="Ask the key holder").click()
        assert "Write the reason" in tab.content()
        tab.get_by_label("Why do you need").fill("complaint 12")
        tab.get_by_role("button", name="Ask the key holder").click()
        tab.get_by_role("heading", name="The key holder is asked").wait_for()
        site.look_here(tab)
        holder(site)
        if not scripts:  # with them, the page looks by itself
            tab.get_by_role("button", name="See whether it is there").click()
        tab.get_by_role("heading", name="What it says").wait_for()
        assert "levetiracetam" in [m.inner_text() for m in tab.locator("mark").all()]
        assert "complaint 12" in tab.content()
        tab.get_by_text("See its pages as pictures").click()
        assert tab.get_by_alt_text("Page 1 of clinic.pdf").evaluate("p => p.decode().then(() => p.naturalWidth)") > 500
        site.look_here(tab)
        where = tab.url
    with site.tab(Role.BREACH, scripts=scripts) as other:  # another browser, or somebody's copy of the link
        answer = other.goto(where)
        assert answer is not None
        assert answer.status == 410
        assert "levetiracetam" not in other.content()


@looks_at("evidence")
def test_two_people_have_the_evidence_made_and_only_its_receiver_opens_it(site: Site) -> None:
    ident = site.house.rows("select id from vault_vaultrecord order by id limit 1")[0][0]
    receiver = x25519.Identity.generate()
    with site.tab(Role.BREACH, who="bree") as tab:
        tab.goto(f"{site.url}/incidents/open/?record={ident}")
        tab.get_by_label("It was lost").check()
        tab.get_by_role("button", name="Open the incident").click()
        tab.get_by_role("link", name="Hand over the evidence").click()
        check(tab)
        tab.get_by_label("What is it needed for?").fill("the police ask")
        tab.get_by_label("The receiver's age key").fill(str(receiver.to_public()))
        tab.get_by_role("button", name="Ask for the evidence").click()
        assert "Somebody else of the breach team" in tab.content()
        where = tab.url
        holder(site)
        tab.reload()
        assert "Waits for a second person" in tab.content(), "one person alone has nothing made"
        site.look_here(tab)
    with site.tab(Role.RECORDS, scripts=False) as second:
        second.goto(site.url)
        second.get_by_role("link", name="Evidence that needs you as the second person").click()
        second.get_by_role("button", name="I agree: make it").click()
        second.get_by_text("You agreed").wait_for()
        site.look_here(second)
        holder(site)
        second.get_by_role("button", name="See how far it is").click()
        assert "It can be fetched until" in second.content()
        site.look_here(second)
    with site.tab(Role.BREACH, who="bree") as tab:
        tab.goto(where)
        with tab.expect_download() as file:
            tab.get_by_role("button", name="Fetch the sealed file").click()
        sealed = file.value.path().read_bytes()
        assert f"SHA-256 {sha256(sealed).hexdigest()}" in tab.content()
    with tarfile.open(fileobj=io.BytesIO(decrypt(sealed, [receiver]))) as bundle:
        assert any(name.endswith("/mail.eml") for name in bundle.getnames()), bundle.getnames()
