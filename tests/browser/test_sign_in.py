"""Signing in, as people do it."""

from __future__ import annotations

import re

import pytest

from tests.browser.support import PASSWORD, Page, Site, check, code_now, type_password
from web.accounts.roles import Role


@pytest.mark.parametrize(
    "page",
    [
        Page("/sign-in/"),
        Page("/nothing-here", status=404),
        *(Page("/", role) for role in Role),
        Page("/sign-in/factors/", Role.REVIEWER),
        Page("/sign-in/password/", Role.REVIEWER),
        Page("/sign-in/passkeys/", Role.REVIEWER),
        Page("/sign-in/out/", Role.REVIEWER),
        Page("/sign-in/welcome/MQ/nothing/", status=410),
    ],
    ids=str,
)
def test_each_page_can_be_used_by_everybody(site: Site, page: Page) -> None:
    site.look_at(page)


def test_no_page_opens_before_the_second_factor_is_set_up(site: Site) -> None:
    """The way from the invitation to the start page, with each page on it looked at."""
    told = site.house.command(
        "account", "add", "nora@council.example", "--name", "Nora New", "--role", "officer"
    ).stdout
    (link,) = re.findall(r"http://\S+", told)
    with site.tab() as tab:
        tab.goto(link)
        check(tab)
        tab.get_by_label("Choose a password").fill("password1234")
        tab.get_by_label("The password again").fill("password1234")
        tab.get_by_role("button", name="Save").click()
        check(tab)
        assert tab.get_by_role("alert").get_by_text("too common").is_visible()
        tab.get_by_label("Choose a password").fill(PASSWORD)
        tab.get_by_label("The password again").fill(PASSWORD)
        tab.get_by_role("button", name="Save").click()
        type_password(tab, "nora@council.example")
        for closed in ("/", "/sign-in/factors/", "/sign-in/recovery/", "/sign-in/password/"):
            tab.goto(site.url + closed)
            assert tab.url.endswith("/sign-in/second-factor/")
        check(tab)
        tab.get_by_role("button", name="Set up an app").click()
        check(tab)
        tab.get_by_label("Code", exact=True).fill("000000")
        tab.get_by_role("button", name="Continue").click()
        check(tab)
        tab.get_by_text("I cannot scan it").click()
        tab.get_by_label("Code", exact=True).fill(code_now(tab.locator("#totp-secret").inner_text()))
        tab.get_by_role("button", name="Continue").click()
        check(tab)
        assert tab.locator(".sp-codes li").count() == 10
        tab.goto(link)
        assert "does not work any more" in tab.content()


def test_the_password_alone_does_not_sign_in(site: Site) -> None:
    """Nor does a wrong code; a recovery code does, once."""
    site.person(Role.RECORDS, "connie")
    with site.tab() as tab:
        tab.goto(site.url)
        type_password(tab, "connie@council.example")
        check(tab)
        assert tab.url.endswith("/sign-in/code/?next=%2F") or "/sign-in/code/" in tab.url
        tab.goto(site.url + "/")
        assert "/sign-in/" in tab.url
        tab.goto(site.url + "/sign-in/code/")
        tab.get_by_label("Code", exact=True).fill("123123")
        tab.get_by_role("button", name="Sign in").click()
        assert "That code is not right" in tab.content()
        check(tab)


def test_a_passkey_protects_and_signs_in(site: Site) -> None:
    """With the browser's own authenticator (WebAuthn's virtual one)."""
    told = site.house.command("account", "add", "petra@council.example", "--name", "Petra", "--role", "officer").stdout
    (link,) = re.findall(r"http://\S+", told)
    with site.tab() as tab:
        link = link.replace("127.0.0.1", "localhost")  # passkeys belong to names, not to numbers
        chrome = tab.context.new_cdp_session(tab)
        chrome.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        chrome.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        tab.goto(link)
        tab.get_by_label("Choose a password").fill(PASSWORD)
        tab.get_by_label("The password again").fill(PASSWORD)
        tab.get_by_role("button", name="Save").click()
        type_password(tab, "petra@council.example")
        tab.get_by_role("button", name="Set up a passkey").click()
        check(tab)
        tab.get_by_label("Use it to sign in without a password").check()
        tab.get_by_role("button", name="Continue").click()
        tab.get_by_role("button", name="I have kept them").click()
        tab.get_by_role("button", name="Sign out").click()
        tab.get_by_role("button", name="Sign in with a passkey").click()
        tab.get_by_role("heading", name="What waits for you").wait_for()


def test_guessing_locks_the_account(site: Site) -> None:
    site.person(Role.OFFICER, "gil")
    with site.tab(scripts=False) as tab:
        tab.goto(site.url)
        for _ in range(5):
            tab.get_by_label("E-mail address").fill("gil@council.example")
            tab.get_by_label("Password").fill("not-the-password")
            tab.get_by_role("button", name="Sign in", exact=True).click()
            if "Too many tries" in tab.content():
                break
        assert "Too many tries" in tab.content()
        tab.goto(site.url)
        type_password(tab, "gil@council.example")
        assert "Too many tries" in tab.content()
