"""Recipients' keys on their pages in a browser: handed in as a file, found with its history, taken out again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.protect.generate import make_openpgp_key
from gateway.protect.inspection import inspect
from tests.browser.seen import each
from tests.browser.support import NARROW, Page, Site, check, fits, inside
from web import clock
from web.accounts.roles import Role

ANN = "ann@somewhere.example"
_KEY = """
from register import models as m
m.RecipientKey.objects.create(address="cy@else.example", method="OpenPGP", fingerprint="CD" * 20, data=b"key")
"""


@pytest.fixture(scope="module")
def keys(site: Site) -> int:
    """The number of one that is recorded; it is no real one."""
    inside(site.house, _KEY)
    ((number,),) = site.house.rows("SELECT id FROM register_recipientkey WHERE address = 'cy@else.example'")
    return int(str(number))


@each(("/register/keys/", "/register/keys/add/", "/register/keys/{key}/out/"), key=1)
def test_each_page_can_be_used_by_everybody(site: Site, keys: int, path: str) -> None:
    site.look_at(Page(path.format(key=keys), Role.RECORDS))


def test_a_key_is_handed_in_found_and_taken_out(site: Site, keys: int) -> None:
    """It takes no scripts."""
    public = make_openpgp_key("Ann Lee", ANN, clock.now(), timedelta(days=300))[1]
    fingerprint = inspect(public)[0].stored.fingerprint
    with site.tab(Role.RECORDS, scripts=False) as tab:
        tab.goto(f"{site.url}/register/")
        tab.get_by_role("link", name="Recipients’ keys").click()  # noqa: RUF001 - as the page has it
        tab.get_by_role("link", name="Add a key").click()
        tab.get_by_label("Whose key is it?").fill(ANN)
        tab.get_by_label("The key as a file").set_input_files(
            {"name": "ann.pgp", "mimeType": "application/pgp-keys", "buffer": public}
        )
        tab.get_by_label("The last 16 characters").fill(fingerprint[-16:])
        tab.get_by_label("Why?").fill("rang her")
        tab.get_by_role("button", name="Add the key").click()
        assert "The key is added." in tab.content()
        tab.get_by_label("Whose key?").fill("somewhere.example")
        tab.get_by_role("button", name="Find").click()
        assert fingerprint in tab.content()
        assert "rang her" in tab.content()
        tab.get_by_role("link", name=f"Take out OpenPGP {fingerprint}").click()
        tab.get_by_label("Why?").fill("she lost it")
        tab.get_by_role("button", name="Take it out").click()
        assert "The key is taken out." in tab.content()
    assert site.house.rows(f"SELECT 1 FROM register_recipientkey WHERE address = '{ANN}'") == []


def test_what_was_found_can_be_used_by_everybody(site: Site, keys: int) -> None:
    """It has no address of its own: what was typed stands in none."""
    with site.tab(Role.RECORDS) as tab:
        tab.goto(f"{site.url}/register/keys/")
        tab.get_by_label("Whose key?").fill("else.example")
        tab.get_by_role("button", name="Find").click()
        assert "cy@else.example" in tab.content()
        check(tab)
        tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
        assert fits(tab)
