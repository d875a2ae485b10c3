"""A device that is remembered, in a real browser with a virtual authenticator: in the place of the next code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.functional.test_pickup import send
from tests.support.house import NO_KEY, House, free_port
from tests.support.pickups import Pages, picking_up

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink) -> House:
    port = free_port()
    house = picking_up(House(tmp_path_factory.mktemp("devices"), sink.port).set_up(), port)
    house.extra["SALLYPORT_PICKUP__ADDRESS"] = f"http://localhost:{port}"  # a passkey belongs to a name
    return house


@pytest.fixture(scope="module")
def pages(house):
    pages = Pages(house, int(house.extra["SALLYPORT_PICKUP__PORT"]))
    pages.address = house.extra["SALLYPORT_PICKUP__ADDRESS"]
    with house.relay(), pages.serving() as served:
        yield served


@pytest.fixture
def context(browser, house) -> Iterator[BrowserContext]:
    house.rows("delete from vault_pickupattempt")
    house.rows("delete from vault_pickupdevice")
    context = browser.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    yield context
    context.close()


class Device:
    """A browser with an authenticator of its own."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self._session = context.new_cdp_session(self.page)
        self._session.send("WebAuthn.enable")
        self.ident = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})[
            "authenticatorId"
        ]

    def verifies(self, *, yes: bool) -> None:
        self._session.send("WebAuthn.setUserVerified", {"authenticatorId": self.ident, "isUserVerified": yes})

    def credentials(self) -> list[dict]:
        return self._session.send("WebAuthn.getCredentials", {"authenticatorId": self.ident})["credentials"]

    def keep(self, credential: dict) -> None:
        asked = {"authenticatorId": self.ident, "credential": credential}
        self._session.send("WebAuthn.addCredential", asked)


def come_in_by_code(page: Page, pages: Pages, link: str) -> None:
    page.goto(f"{pages.address}/p/{link}")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Your code").fill(pages.codes[-1])
    page.get_by_role("button", name="Open the message").click()
    page.get_by_role("heading", name="About Ann").wait_for()


def remember(device: Device) -> None:
    device.page.get_by_role("button", name="Remember this device").click()
    device.page.get_by_text("Done. For 30 days you will not need a code here.").wait_for()


def test_the_next_message_opens_with_the_device_in_one_tap(context, pages, house, sink) -> None:
    device = Device(context)
    come_in_by_code(device.page, pages, send(house, sink))
    assert Axe().run(device.page).violations_count == 0
    remember(device)
    codes = len(pages.codes)
    device.page.goto(f"{pages.address}/p/{send(house, sink)}")
    assert Axe().run(device.page).violations_count == 0
    device.page.get_by_role("button", name="Open it with this device").click()
    device.page.get_by_role("heading", name="About Ann").wait_for()
    assert len(pages.codes) == codes
    ((grant,),) = house.rows("select id from vault_pickupgrant order by made_at desc limit 1")
    assert "opened (remembered device)" in house.command("pickup", "show", str(grant)).stdout
    assert "1 devices remembered" in house.command("pickup", "contact", NO_KEY).stdout


def _refused(device: Device, pages: Pages, link: str) -> bool:
    device.page.goto(f"{pages.address}/p/{link}")
    device.page.get_by_role("button", name="Open it with this device").click()
    device.page.get_by_text("That did not work. Please ask for a code.").wait_for()
    return "/message" not in device.page.url


def test_another_device_and_a_device_without_its_owner_open_nothing(browser, context, pages, house, sink) -> None:
    device = Device(context)
    come_in_by_code(device.page, pages, send(house, sink))
    remember(device)
    device.verifies(yes=False)
    assert _refused(device, pages, send(house, sink))
    with browser.new_context() as elsewhere:
        assert _refused(Device(elsewhere), pages, send(house, sink))


def test_a_device_that_is_forgotten_or_over_is_asked_for_a_code(context, pages, house, sink) -> None:
    device = Device(context)
    come_in_by_code(device.page, pages, send(house, sink))
    remember(device)
    house.rows("update vault_pickupdevice set until = datetime('now', '-1 minute')")
    device.page.goto(f"{pages.address}/p/{send(house, sink)}")
    assert not device.page.get_by_role("button", name="Open it with this device").is_visible()
    house.rows("update vault_pickupdevice set until = datetime('now', '+1 day')")
    assert "0 devices remembered" in house.command("pickup", "contact", NO_KEY, "--forget-devices").stdout
    device.page.reload()
    assert not device.page.get_by_role("button", name="Open it with this device").is_visible()


def test_a_copy_of_a_device_is_found_out_by_its_counter(context, pages, house, sink) -> None:
    """The device went on counting; a copy of it counts from before (section 6.1.1)."""
    device = Device(context)
    come_in_by_code(device.page, pages, send(house, sink))
    remember(device)
    house.rows("update vault_pickupdevice set count = 1000")
    assert _refused(device, pages, send(house, sink))
    assert house.rows("select count(*) from vault_pickupdevice") == [(0,)]


def test_what_a_device_signed_once_opens_nothing_again(context, pages, house, sink) -> None:
    """Replay: of the same answer, at the same link and at another one."""
    device = Device(context)
    come_in_by_code(device.page, pages, send(house, sink))
    remember(device)
    link = send(house, sink)
    taken: list[tuple[str, str]] = []
    device.page.on("request", lambda r: taken.append((r.url, r.post_data or "")) if "/prove" in r.url else None)
    device.page.goto(f"{pages.address}/p/{link}")
    token = device.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    device.page.get_by_role("button", name="Open it with this device").click()
    device.page.get_by_role("heading", name="About Ann").wait_for()
    ((url, signed),) = taken
    headers = {"X-CSRFToken": token, "Content-Type": "application/json", "Origin": pages.address}
    again = context.request.post(url, data=signed, headers=headers)
    assert again.status == 422
    other = url.replace(link, send(house, sink))
    context.request.post(re.sub("prove$", "ask", other), data="{}", headers=headers)
    assert context.request.post(other, data=signed, headers=headers).status == 422


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"id": "x"}', '{"id":"AA","rawId":"AA","response":{},"type":"public-key"}']
)
def test_an_answer_that_is_none_is_refused(context, pages, house, sink, body) -> None:
    device = Device(context)
    come_in_by_code(device.page, pages, send(house, sink))
    remember(device)
    link = send(house, sink)
    device.page.goto(f"{pages.address}/p/{link}")
    token = device.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    headers = {"X-CSRFToken": token, "Content-Type": "application/json", "Origin": pages.address}
    context.request.post(f"{pages.address}/p/{link}/device/ask", data="{}", headers=headers)
    reply = context.request.post(f"{pages.address}/p/{link}/device/prove", data=body or " ", headers=headers)
    assert reply.status == 422


def test_without_javascript_there_is_nothing_of_it_to_see(browser, pages, house, sink) -> None:
    house.rows("delete from vault_pickupattempt")
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        come_in_by_code(page, pages, send(house, sink))
        assert not page.get_by_text("Remember this device").is_visible()
