"""Signing in with the council's own account (OpenID Connect), through a real provider and a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.support import CHROMIUM, Site, browsing, check, serving
from tests.support.house import House
from tests.support.identity import CLIENT, SECRET, Provider, provider


@pytest.fixture(scope="module")
def council() -> Iterator[Provider]:
    with provider(sub="1", email="rita@council.example") as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, council: Provider) -> Iterator[Site]:
    if not CHROMIUM:
        pytest.skip("chromium is missing")
    house = House(tmp_path_factory.mktemp("council"), hop_port=9).set_up()
    house.extra |= {
        "SALLYPORT_SIGN_IN__OIDC_ISSUER": council.issuer,
        "SALLYPORT_SIGN_IN__OIDC_CLIENT_ID": CLIENT,
        "SALLYPORT_SIGN_IN__OIDC_CLIENT_SECRET": SECRET,
        "SALLYPORT_SIGN_IN__OIDC_SECOND_FACTOR": "true",
        "SALLYPORT_SIGN_IN__OIDC_NAME": "your Hampton account",
    }
    house.command("account", "add", "rita@council.example", "--name", "Rita Moss", "--role", "reviewer")
    with serving(house) as port, browsing() as browser:
        yield Site(house, port, browser)


def test_who_was_invited_signs_in_and_a_stranger_does_not(site: Site, council: Provider) -> None:
    council.person = {"sub": "1", "email": "Rita@Council.example"}
    with site.tab() as tab:
        tab.goto(site.url)
        check(tab)
        tab.get_by_role("button", name="Sign in with your Hampton account").click()
        tab.get_by_role("heading", name="What waits for you, Rita Moss").wait_for()
        tab.get_by_role("button", name="Sign out").click()
    council.person = {"sub": "2", "email": "stranger@council.example"}
    with site.tab() as tab:
        tab.goto(site.url)
        tab.get_by_role("button", name="Sign in with your Hampton account").click()
        tab.get_by_role("heading", name="You have no account here").wait_for()
        tab.goto(site.url)
        assert "/sign-in/" in tab.url


def test_an_address_that_changes_hands_opens_nothing(site: Site, council: Provider) -> None:
    """The account belongs to the provider's number of the person, not to the address."""
    council.person = {"sub": "1", "email": "rita@council.example"}
    with site.tab() as tab:
        tab.goto(site.url)
        tab.get_by_role("button", name="Sign in with your Hampton account").click()
        tab.get_by_role("heading", name="What waits for you").wait_for()
    council.person = {"sub": "99", "email": "rita@council.example"}
    with site.tab() as tab:
        tab.goto(site.url)
        tab.get_by_role("button", name="Sign in with your Hampton account").click()
        tab.get_by_role("heading", name="You have no account here").wait_for()


def test_who_is_disabled_here_is_out(site: Site, council: Provider) -> None:
    council.person = {"sub": "7", "email": "leaver@council.example"}
    site.house.command("account", "add", "leaver@council.example", "--name", "Lee Aver", "--role", "officer")
    with site.tab() as tab:
        tab.goto(site.url)
        tab.get_by_role("button", name="Sign in with your Hampton account").click()
        tab.get_by_role("heading", name="What waits for you").wait_for()
        site.house.command("account", "disable", "leaver@council.example")
        tab.goto(site.url)
        assert "/sign-in/" in tab.url
        tab.get_by_role("button", name="Sign in with your Hampton account").click()
        tab.get_by_role("heading", name="You have no account here").wait_for()
