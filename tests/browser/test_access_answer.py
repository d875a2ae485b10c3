"""A request for access answered on the pages: from sign-in to the day on which the clock stops, by two people."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator

import pyrage
import pytest
from playwright.sync_api import Page as Tab

from tests.browser.seen import looks_at
from tests.browser.support import CHROMIUM, Page, Site, browsing, holder, serving
from tests.support.house import CARER, COLLEAGUE, House, letter
from tests.support.pickups import with_a_pdf
from tests.support.sink import Sink
from web.accounts.roles import Role

RECORDS = Role.RECORDS
ROTA = (
    b"From: officer@council.example\r\nTo: colleague@council.example\r\nSubject: Rota\r\nMessage-ID: <rota@c>\r\n\r\n"
    b"Ann Lee moves in on Monday. Mrs Penhaligon has the keys; ring her on 07700 900142.\r\n"
)
BASE = "/records/requests/1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service that has sent a letter about Ann, and a rota that names her and somebody else."""
    if not CHROMIUM:
        pytest.skip("chromium is missing")
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("answer"), sink.port).set_up()
        with house.relay():
            assert house.submit(with_a_pdf(letter()), (CARER,)).startswith("250")
            assert house.submit(ROTA, (COLLEAGUE,)).startswith("250")
        house.command("sar", "open", "SL-00001", "--scope", "everything")
        with serving(house) as port, browsing() as browser:
            yield Site(house, port, browser)


def decide_all(tab: Tab, site: Site) -> list[str]:
    """The rota without what is about somebody else, everything else whole; the titles in their order."""
    titles = []
    tab.get_by_role("row").nth(1).get_by_role("link").click()
    while tab.get_by_role("button", name="Save and go on").count():
        site.look_here(tab)
        titles.append(tab.get_by_role("heading", level=1).inner_text().splitlines()[-1])
        if "Rota" in titles[-1]:
            tab.get_by_label("Give it, with some texts taken out").check()
            tab.get_by_role("button", name="Save and go on").click()
            assert tab.get_by_role("heading", name="There is a problem").count() == 1
            site.look_here(tab)
            for group in tab.get_by_role("group").filter(has=tab.get_by_label("Take it out", exact=True)).all():
                out = "Penhaligon" in group.inner_text() or "07700" in group.inner_text()
                group.get_by_label("Take it out" if out else "Leave it", exact=True).check()
        else:
            tab.get_by_label("Give it whole").check()
        tab.get_by_role("button", name="Save and go on").click()
    return titles


@looks_at(
    *("request-collect", "request-collecting", "request-review", "request-document", "request-preview"),
    *("request-seal", "request-sealed", "request-agree", "request-sent"),
)
def test_a_request_from_sign_in_to_the_day_it_was_answered(site: Site) -> None:
    """Without scripts the whole way; the second person has them."""
    with site.tab(RECORDS, "hal", scripts=False) as tab:
        collected_and_decided(tab, site)
        given = handed_over(tab, site)
    assert "Ann Lee moves in on Monday" in given
    assert "Penhaligon" not in given
    assert "900142" not in given
    work = site.house.home / "var" / "access" / "SAR-1"
    assert work.exists()
    holder(site)
    assert not work.exists(), "what was opened is wiped"
    assert not list((site.house.home / "var" / "handed-over").iterdir()), "no sealed file stays where it was made"


def collected_and_decided(tab: Tab, site: Site) -> None:
    """From the first page to the list on which nothing is to do any more."""
    tab.goto(site.url)
    tab.get_by_role("link", name="Records", exact=True).click()
    tab.get_by_role("link", name="Requests for access").click()
    tab.get_by_role("link", name="SAR-1").click()
    site.look_here(tab)
    tab.get_by_role("link", name="Collect what is kept about them").click()
    site.look_here(tab)
    tab.get_by_role("button", name="Collect what is kept about them").click()
    assert "No key holder is at work just now" in tab.content()
    site.look_here(tab)
    holder(site)
    tab.get_by_role("button", name="See how far it is").click()
    assert "documents found" in tab.content(), tab.content()
    site.look_here(tab)
    tab.get_by_role("button", name="Decide about each document").click()
    tab.get_by_role("button", name="Open the documents").click()
    holder(site)
    tab.get_by_role("button", name="See how far it is").click()
    titles = decide_all(tab, site)
    assert len(titles) == len(set(titles)) >= 3
    assert "The key holder is recording" in tab.content()
    holder(site)
    tab.get_by_role("button", name="See how far it is").click()
    assert "To do" not in tab.locator("table").inner_text()
    site.look_here(tab)


def handed_over(tab: Tab, site: Site) -> str:
    """From the look at the answer to the clock that has stopped; all words of what they get."""
    look_at_the_answer(tab, site)
    tab.get_by_role("button", name="Have it sealed").click()
    site.look_here(tab)
    tab.get_by_role("button", name="Ask for it").click()
    assert "Another records officer has to look at the answer" in tab.content()
    assert tab.get_by_role("button", name="Look at the answer").count() == 0
    site.look_here(tab)
    second_person(site)
    holder(site)
    tab.reload()
    passphrase = tab.locator(".sp-codes").inner_text()
    site.look_here(tab)
    with tab.expect_download() as fetching:
        tab.get_by_role("button", name="Fetch the sealed file").click()
    given = opened(fetching.value.path().read_bytes(), passphrase)
    assert fetching.value.suggested_filename.startswith("SAR-1-")
    tab.get_by_role("button", name="Record that it was handed over").click()
    site.look_here(tab)
    tab.get_by_label("How was it handed over?").fill("in person, on a stick")
    tab.get_by_role("button", name="Record that it was handed over").click()
    assert "the clock has stopped" in tab.content()
    assert "sent: in person, on a stick" in tab.content()
    return given


def look_at_the_answer(tab: Tab, site: Site, *, scripts: bool = False) -> None:
    if tab.get_by_role("button", name="Look at the answer").count():
        tab.get_by_role("button", name="Look at the answer").click()
    tab.get_by_role("button", name="Make it, so that I can look at it").click()
    holder(site)
    if not scripts:
        tab.get_by_role("button", name="See how far it is").click()
    tab.get_by_text("This is what they would get").wait_for()
    for summary in tab.locator("summary").all():
        summary.click()
    site.look_here(tab)
    shown = tab.locator("img.sp-page")
    assert shown.count() >= 3
    loaded = (
        [img.evaluate("async i => { await i.decode(); return i.naturalWidth }") for img in shown.all()]
        if scripts
        else []
    )
    assert all(width > 100 for width in loaded)


def second_person(site: Site) -> None:
    """Finds it on the start page, looks at every page of it, agrees; with scripts."""
    with site.tab(RECORDS, "ida") as tab:
        tab.goto(site.url)
        tab.get_by_role("link", name="Answers that need you as the second person").click()
        site.look_here(tab)
        assert tab.locator(".sp-codes").count() == 0
        look_at_the_answer(tab, site, scripts=True)
        tab.get_by_role("button", name="Agree that it is sealed").click()
        site.look_here(tab)
        tab.get_by_role("button", name="I agree: seal it").click()
        tab.get_by_text("The key holder is asked").or_(tab.get_by_text("No key holder is at work")).first.wait_for()
        site.look_here(tab)


def opened(sealed: bytes, passphrase: str) -> str:
    """All words of what they get: of the page, and of each PDF as a reader shows it."""
    import pypdfium2

    words = []
    with tarfile.open(fileobj=io.BytesIO(pyrage.passphrase.decrypt(sealed, passphrase))) as tar:
        files = [(member, tar.extractfile(member)) for member in tar.getmembers()]
        contents = [(member, file.read() if file else b"") for member, file in files]
    for member, content in contents:
        if member.name.endswith(".pdf"):
            words += [sheet.get_textpage().get_text_bounded() for sheet in pypdfium2.PdfDocument(content)]
        elif re.search(r"\.(html|txt|json)$", member.name) and "/data/" in member.name:
            words.append(content.decode(errors="replace"))
    return "\n".join(words)


@pytest.mark.parametrize("path", ["", "/collecting/", "/sealed/"])
def test_afterwards_it_can_still_be_seen(site: Site, path: str) -> None:
    site.look_at(Page(f"{BASE}{path or '/'}", RECORDS))
    assert "SAR-1" in site.on_paper(f"{BASE}{path or '/'}", RECORDS)
