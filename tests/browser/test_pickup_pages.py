"""The pages where mail is picked up, in a real browser: at 320 pixels, without JavaScript, for everybody."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.seen import PICKUP, looks_at, saw
from tests.browser.support import RULES
from tests.support.house import NO_KEY, OFFICER, House, letter
from tests.support.pickups import Pages, link_in, photograph, with_a_form, with_a_pdf_and_a_photo
from tests.support.reading import CHILDRENS_BOOK, long_words, reading_age

_AXE = {"runOnly": [*RULES, "best-practice"], "resultTypes": ["violations"]}
PHONE = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def link(house, sink) -> Iterator[str]:
    mail = with_a_form(with_a_pdf_and_a_photo(letter(Subject="[secure] Ann's clinic letter")))
    with house.relay():
        assert house.submit(mail, (NO_KEY,)).startswith("250"), house.log()
        yield link_in(next(m.content for m in sink.received if m.recipients == (NO_KEY,)))


@pytest.fixture(params=[False, True], ids=["without JavaScript", "with JavaScript"])
def page(request, browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param, viewport=PHONE, locale="en-GB")
    yield context.new_page()
    context.close()


def unsigned(house: House) -> None:
    """As if no test before had signed."""
    shutil.rmtree(house.home / "var" / "pickup" / "signed", ignore_errors=True)


class Taps:
    """A person with a thumb: counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def on(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name).first.click()
        self.count += 1


def open_it(page: Page, pages: Pages, link: str) -> Taps:
    page.goto(f"{pages.address}/p/{link}")
    taps = Taps(page)
    taps.on("button", "Send me a code")
    taps.on("textbox", "Your code")
    page.keyboard.type(pages.codes[-1])
    taps.on("button", "Open the message")
    return taps


def test_from_the_mails_button_to_a_document_it_takes_four_taps(page, pages, link) -> None:
    taps = open_it(page, pages, link)
    assert page.get_by_role("heading", name="Ann's clinic letter").is_visible()
    assert page.get_by_text("please find the letter attached").is_visible()
    assert taps.count == 3  # to the message
    taps.on("link", "Read document 1")
    assert page.get_by_text("levetiracetam twice daily").is_visible()
    assert taps.count == 4


def _every_page(page: Page, pages: Pages, link: str) -> Iterator[str]:
    """Each page that there is, shown; its name."""
    page.goto(f"{pages.address}/")
    yield "home"
    page.goto(f"{pages.address}/p/{'x' * 43}")
    yield "closed"
    page.goto(f"{pages.address}/p/{link}")
    yield "start"
    page.goto(f"{pages.address}/p/{link}/code")
    page.get_by_role("textbox").fill("000000")
    page.get_by_role("button", name="Open the message").click()
    yield "wrong code"
    open_it(page, pages, link)
    yield "message"
    for number in (1, 2, 3, 4):
        page.goto(f"{pages.address}/p/{link}/document/{number}")
        page.wait_for_load_state("networkidle")
        yield f"document {number}"
    page.goto(f"{pages.address}/p/{link}/document/4/sign")
    yield "sign"
    page.get_by_role("button", name="Sign").click()
    yield "sign without a name"
    page.get_by_label("Your full name").fill("Cara Jones")
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_role("heading", name="You have signed it").wait_for()
    yield "signed"
    page.goto(f"{pages.address}/p/{link}/answer")
    yield "answer"
    page.get_by_role("button", name="Send my answer").click()
    yield "empty answer"
    page.get_by_label("Your words").fill("Thank you")
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("heading", name="We have your answer").wait_for()
    yield "answered"
    page.goto(f"{pages.address}/p/{link}/message")
    page.get_by_role("button", name="I have finished").click()
    yield "finished"


def _fits(page: Page) -> bool:
    """Nothing has to be pushed sideways."""
    inside, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return bool(inside <= seen)


@looks_at(*(f"pickup:{name}" for name in ("home", "start", "code", "message", "document", "sign", "answer")))
def test_every_page_fits_a_small_phone_and_is_for_everybody(browser, pages, link, house, tmp_path: Path) -> None:
    """axe-core finds nothing, by WCAG 2.2 AA and good practice; nothing is wider than 320 pixels; letters are large."""
    house.rows("delete from vault_pickupattempt")
    context = browser.new_context(viewport=PHONE, locale="en-GB", bypass_csp=True)  # axe is put into the page
    page = context.new_page()
    for name in _every_page(page, pages, link):
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        found = Axe().run(page, options=_AXE)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert _fits(page), name
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('p,li,dd,dt,label,a,button,textarea,input:not([type=hidden]):not([type=checkbox])')]"
            ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        assert smallest >= 19, name
        assert page.evaluate("document.documentElement.lang") == "en"
        assert page.evaluate("document.querySelectorAll('h1').length") == 1, name
        assert page.title().endswith("Shared Lives")
        saw(page.url, PICKUP)
    context.close()


def test_every_page_is_there_without_javascript_too(browser, pages, link, house, unlimited) -> None:
    """The same pages, as wide as they are with it; none is lost on the way to another."""
    unsigned(house)
    context = browser.new_context(java_script_enabled=False, viewport=PHONE, locale="en-GB")
    page = context.new_page()
    name = ""
    for name in _every_page(page, pages, link):
        assert _fits(page), name
    assert name == "finished"
    context.close()


def test_a_reader_of_nine_understands_every_page(browser, pages, link, house) -> None:
    """The words that are ours: a document's and a message's are somebody else's."""
    unsigned(house)
    house.rows("delete from vault_pickupattempt")
    context = browser.new_context(viewport=PHONE, locale="en-GB")
    page = context.new_page()
    for name in _every_page(page, pages, link):
        page.evaluate("document.querySelectorAll('article,header [lang]').forEach(e => e.remove())")
        lines = [re.sub(r"\S+\.(txt|pdf|jpg)", "file", line) for line in page.inner_text("body").splitlines()]
        assert reading_age(lines) <= 9, (name, reading_age(lines), lines)
        assert long_words(lines) < CHILDRENS_BOOK, (name, long_words(lines), lines)
    context.close()


def test_a_screen_reader_hears_what_there_is_in_order(page, pages, link, house) -> None:
    house.rows("delete from vault_pickupattempt")
    page.goto(f"{pages.address}/p/{link}")
    heard = page.locator("body").aria_snapshot()
    assert _in_order(heard, "banner", "main", 'heading "You have a message" [level=1]', 'button "Send me a code"')
    open_it(page, pages, link)
    heard = page.locator("body").aria_snapshot()
    order = ('heading "Ann\'s clinic letter" [level=1]', "From", "please find", 'heading "4 documents" [level=2]')
    assert _in_order(heard, *order, 'link "Read document 1"', 'link "Read document 2"', 'button "I have finished"')
    page.goto(f"{pages.address}/p/{link}/document/2")
    heard = page.locator("body").aria_snapshot()
    assert _in_order(heard, 'img "A picture of page 1. The words are below."', 'heading "The words in this document"')


def test_in_welsh_it_fits_and_is_for_everybody_too(browser, pages, link, house, unlimited) -> None:
    """Chosen by the link on the page; longer words, the same 320 pixels."""
    context = browser.new_context(viewport=PHONE, locale="en-GB", bypass_csp=True)
    page = context.new_page()
    page.goto(f"{pages.address}/p/{link}")
    page.get_by_role("link", name="Cymraeg").click()
    page.get_by_role("button", name="Anfonwch god ataf").click()
    page.get_by_role("textbox").fill(pages.codes[-1])
    page.get_by_role("button", name="Agor y neges").click()
    for where in ("message", "document/4", "document/4/sign", "answer"):
        page.goto(f"{pages.address}/p/{link}/{where}")
        found = Axe().run(page, options=_AXE)
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"
        assert _fits(page), where
        assert page.evaluate("document.documentElement.lang") == "cy"
        assert page.get_by_role("link", name="English").get_attribute("lang") == "en"
    context.close()


def test_the_page_after_too_many_tries_is_for_everybody(browser, pages, link, house, unlimited) -> None:
    """It is none of a path of its own; it has to be read in a hurry."""
    context = browser.new_context(viewport=PHONE, locale="en-GB", bypass_csp=True)
    page = context.new_page()
    for _ in range(30):
        page.goto(f"{pages.address}/p/{link}/code")
        page.get_by_role("textbox").fill("000000")
        page.get_by_role("button", name="Open the message").click()
        if not page.get_by_role("textbox").count():
            break
    assert page.get_by_role("textbox").count() == 0, "never too many"
    found = Axe().run(page, options=_AXE)
    assert found.violations_count == 0, found.generate_report()
    assert _fits(page)
    house.rows("delete from vault_pickupattempt")
    context.close()


def _in_order(heard: str, *words: str) -> bool:
    places = [heard.find(word) for word in words]
    return -1 not in places and places == sorted(places)


def test_it_can_be_done_with_the_keyboard_alone(page, pages, link, house) -> None:
    house.rows("delete from vault_pickupattempt")
    page.goto(f"{pages.address}/p/{link}")
    for _ in range(2):  # the link to Welsh, and the button
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/code")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type(pages.codes[-1])
    page.keyboard.press("Enter")
    page.wait_for_url("**/message")


def test_a_scanner_that_renders_the_page_and_follows_every_link_uses_nothing_up(browser, pages, link, house) -> None:
    house.rows("delete from vault_pickupattempt")
    tables = ("vault_pickupgrant", "vault_pickupcode", "vault_pickupvisit", "vault_pickupattempt", "vault_auditevent")
    before = [house.rows(f"select * from {table} order by 1") for table in tables]
    for _ in range(2):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{pages.address}/p/{link}", wait_until="networkidle")
        for address in page.eval_on_selector_all("a[href^='/']", "all => all.map(a => a.href)"):
            page.goto(address, wait_until="networkidle")
        context.close()
    assert [house.rows(f"select * from {table} order by 1") for table in tables] == before


def test_nothing_comes_from_elsewhere_and_pages_are_light(browser, pages, link, house) -> None:
    """No font, script or picture of anybody's; each page but a document's is under 12 KB."""
    house.rows("delete from vault_pickupattempt")
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    asked, faults = [], []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    open_it(page, pages, link)
    assert all(url.startswith(pages.address) for url in asked)
    assert [f for f in faults if "favicon" not in f and "404" not in f] == []
    assert len(page.content()) < 12_000
    context.close()


def test_pictures_are_drawn_anew_and_say_nothing_of_where_they_were_taken(browser, pages, link, house) -> None:
    house.rows("delete from vault_pickupattempt")
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    open_it(page, pages, link)
    for number in (2, 3):
        reply = context.request.get(f"{pages.address}/p/{link}/document/{number}/page/1")
        assert reply.headers["content-type"] == "image/jpeg"
        assert b"Exif" not in reply.body()
        assert b"GPS" not in reply.body()
    assert context.request.get(f"{pages.address}/p/{link}/document/2/page/99").status == 404
    context.close()


def test_an_answer_with_a_photograph_takes_three_taps_and_arrives(page, pages, link, house, sink, tmp_path) -> None:
    house.rows("delete from vault_pickupattempt")
    photo = tmp_path / "IMG_0001.jpg"
    photo.write_bytes(photograph() + b"\0" * 600_000)  # three pieces
    open_it(page, pages, link)
    sink.received.clear()
    taps = Taps(page)
    taps.on("link", "Write an answer")
    page.get_by_label("Your words").fill("All is well.")
    page.get_by_label("Add photos or files").set_input_files(photo)
    taps.on("button", "Send my answer")
    page.get_by_role("heading", name="We have your answer").wait_for()
    (arrived,) = [m for m in sink.received if m.recipients == (OFFICER,)]
    (picture,) = message_from_bytes(arrived.content, policy=SMTP).iter_attachments()
    assert picture.get_filename() == "IMG_0001.jpg"
    assert b"Exif" not in picture.get_payload(decode=True)


def test_a_broken_line_costs_one_piece_and_the_page_says_how_far_it_is(
    browser, pages, link, house, sink, tmp_path
) -> None:
    house.rows("delete from vault_pickupattempt")
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    letters = tmp_path / "letters.txt"
    letters.write_text("word " * 200_000)
    open_it(page, pages, link)
    sink.received.clear()
    broken = []

    def break_once(route) -> None:
        if "number=2" in route.request.url and not broken:
            broken.append(page.locator("#progress").inner_text())
            route.abort()
        else:
            route.continue_()

    page.route("**/upload/**", break_once)
    page.get_by_role("link", name="Write an answer").click()
    page.get_by_label("Add photos or files").set_input_files(letters)
    page.get_by_role("button", name="Send my answer").click()
    page.get_by_role("heading", name="We have your answer").wait_for()
    assert re.search(r"letters.txt: \d\d%", broken[0])
    (arrived,) = [m for m in sink.received if m.recipients == (OFFICER,)]
    (file,) = message_from_bytes(arrived.content, policy=SMTP).iter_attachments()
    assert file.get_payload(decode=True) == letters.read_bytes()
    context.close()


def test_a_name_can_be_drawn_with_a_finger_and_taken_back(browser, pages, link, house) -> None:
    house.rows("delete from vault_pickupattempt")
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    open_it(page, pages, link)
    page.route(
        "**/sign", lambda route: route.fulfill(body="ok") if route.request.method == "POST" else route.continue_()
    )
    unsigned(house)
    page.goto(f"{pages.address}/p/{link}/document/4/sign")
    box = page.locator("canvas").bounding_box()
    for _ in range(2):
        page.mouse.move(box["x"] + 10, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(box["x"] + 60, box["y"] + 40)
        page.mouse.up()
    drawn = page.locator("#drawn").input_value()
    assert drawn.count("[[") >= 1
    assert len(json.loads(drawn)) == 2
    page.get_by_role("button", name="Clear the box").click()
    assert page.locator("#drawn").input_value() == ""
    context.close()
