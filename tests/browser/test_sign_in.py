"""Signing in, as people do it."""

from __future__ import annotations

import re

import pytest

from tests.browser.seen import each, looks_at
from tests.browser.support import PASSWORD, Page, Site, code_now, look_in, type_password
from web.accounts.roles import Role


@pytest.mark.parametrize(
    "page",
    [
        Page("/nothing-here", status=404),
        *(Page("/", role) for role in Role),
        Page("/sign-in/welcome/MQ/nothing/", status=410),
    ],
    ids=str,
)
def test_each_page_can_be_used_by_everybody(site: Site, page: Page) -> None:
    site.look_at(page)


OPEN = ("/sign-in/", "/sign-in/disabled/")
OWN = (
    *("/", "/sign-in/factors/", "/sign-in/password/", "/sign-in/passkeys/", "/sign-in/out/", "/sign-in/again/"),
    *("/sign-in/code/again/", "/sign-in/app/remove/", "/sign-in/passkeys/add/"),
    *("/sign-in/recovery/", "/sign-in/recovery/new/"),
)


@each(OPEN)
def test_each_page_before_signing_in_can_be_used_by_everybody(site: Site, path: str) -> None:
    site.look_at(Page(path))


@each(OWN)
def test_each_page_of_ones_own_account_can_be_used_by_everybody(site: Site, path: str) -> None:
    site.look_at(Page(path, Role.REVIEWER))


@looks_at("welcome", "second-factor", "mfa_activate_totp")
def test_no_page_opens_before_the_second_factor_is_set_up(site: Site) -> None:
    """The way from the invitation to the start page, with each page on it looked at."""
    told = site.house.command(
        "account", "add", "nora@council.example", "--name", "Nora New", "--role", "officer"
    ).stdout
    (link,) = re.findall(r"http://\S+", told)
    with site.tab() as tab:
        tab.goto(link)
        look_in(tab)
        tab.get_by_label("Choose a password").fill("password1234")
        tab.get_by_label("The password again").fill("password1234")
        tab.get_by_role("button", name="Save").click()
        look_in(tab)
        assert tab.get_by_role("alert").get_by_text("too common").is_visible()
        tab.get_by_label("Choose a password").fill(PASSWORD)
        tab.get_by_label("The password again").fill(PASSWORD)
        tab.get_by_role("button", name="Save").click()
        type_password(tab, "nora@council.example")
        for closed in ("/", "/sign-in/factors/", "/sign-in/recovery/", "/sign-in/password/"):
            tab.goto(site.url + closed)
            assert tab.url.endswith("/sign-in/second-factor/")
        look_in(tab)
        tab.get_by_role("button", name="Set up an app").click()
        look_in(tab)
        tab.get_by_label("Code", exact=True).fill("000000")
        tab.get_by_role("button", name="Continue").click()
        look_in(tab)
        tab.get_by_text("I cannot scan it").click()
        tab.get_by_label("Code", exact=True).fill(code_now(tab.locator("#totp-secret").inner_text()))
        tab.get_by_role("button", name="Continue").click()
        look_in(tab)
        assert tab.locator(".sp-codes li").count() == 10
        tab.goto(link)
        assert "does not work any more" in tab.content()


@looks_at("mfa_authenticate")
def test_the_password_alone_does_not_sign_in(site: Site) -> None:
    """Nor does a wrong code; a recovery code does, once."""
    site.person(Role.RECORDS, "connie")
    with site.tab() as tab:
        tab.goto(site.url)
        type_password(tab, "connie@council.example")
        look_in(tab)
        assert tab.url.endswith("/sign-in/code/?next=%2F") or "/sign-in/code/" in tab.url
        tab.goto(site.url + "/")
        assert "/sign-in/" in tab.url
        tab.goto(site.url + "/sign-in/code/")
        tab.get_by_label("Code", exact=True).fill("123123")
        tab.get_by_role("button", name="Sign in").click()
        assert "That code is not right" in tab.content()
        look_in(tab)


@looks_at("mfa_list_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_reauthenticate_webauthn")
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
        start = link.partition("/sign-in/")[0]
        tab.goto(link)
        tab.get_by_label("Choose a password").fill(PASSWORD)
        tab.get_by_label("The password again").fill(PASSWORD)
        tab.get_by_role("button", name="Save").click()
        type_password(tab, "petra@council.example")
        tab.get_by_role("button", name="Set up a passkey").click()
        look_in(tab)
        tab.get_by_label("Use it to sign in without a password").check()
        tab.get_by_role("button", name="Continue").click()
        tab.get_by_role("button", name="I have kept them").click()
        tab.get_by_role("button", name="Sign out").click()
        tab.get_by_role("button", name="Sign in with a passkey").click()
        tab.get_by_role("heading", name="What waits for you").wait_for()
        (key,) = site.house.rows("select id from mfa_authenticator where type = 'webauthn'")[0]
        for path in ("passkeys/", f"passkeys/{key}/edit/", f"passkeys/{key}/remove/", "passkeys/again/"):
            tab.goto(f"{start}/sign-in/{path}")
            if path != "passkeys/again/" and "/again/" in tab.url:  # what is sensitive asks once more who they are
                tab.get_by_label("Password").fill(PASSWORD)
                tab.get_by_role("button", name="Continue").click()
            look_in(tab)


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
