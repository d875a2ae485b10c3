"""A recipient's key on its pages in a browser: handed in as a file, found with its history, taken out again."""

from __future__ import annotations

from datetime import timedelta

from gateway.protect.generate import make_openpgp_key
from gateway.protect.inspection import inspect
from tests.browser.seen import looks_at
from tests.browser.support import NARROW, Page, Site, check, fits, inside
from web import clock
from web.accounts.roles import Role

ANN = "ann@somewhere.example"
_SEEN = """
from datetime import UTC, datetime
from domain.decision import Method
from domain.ports import StoredKey
from domain.seen_keys import KeySource
from register import seeing
key = StoredKey(Method.OPENPGP, "AB" * 20, b"key")
seeing.see("ben@somewhere.example", key, KeySource.AUTOCRYPT, datetime.now(UTC))
"""


@looks_at("register-keys", "register-key-add", "register-key-out", "register-key-accept", "register-key-forget")
def test_a_key_is_handed_in_found_and_taken_out(site: Site) -> None:
    """It takes no scripts; pages that were typed for are looked at as they are."""
    public = make_openpgp_key("Ann Lee", ANN, clock.now(), timedelta(days=300))[1]
    fingerprint = inspect(public)[0].stored.fingerprint
    inside(site.house, _SEEN)
    with site.tab(Role.RECORDS, scripts=False) as tab:
        tab.goto(f"{site.url}/register/")
        tab.get_by_role("link", name="Recipients’ keys").click()  # noqa: RUF001 - as the page has it
        tab.get_by_role("link", name="Add a key").click()
        tab.get_by_label("Whose key is it?").fill(ANN)
        tab.get_by_label("The key as a file").set_input_files(
            {"name": "ann.pgp", "mimeType": "application/pgp-keys", "buffer": public}
        )
        tab.get_by_label("The last 8 characters").fill(fingerprint[-8:])
        tab.get_by_label("Why?").fill("rang her")
        tab.get_by_role("button", name="Add the key").click()
        assert "The key is added." in tab.content()
        tab.get_by_label("Whose key?").fill("somewhere.example")
        tab.get_by_role("button", name="Find").click()
        assert fingerprint in tab.content()
        assert "rang her" in tab.content()
    for path in (
        "/register/keys/",
        "/register/keys/add/",
        *(_path(site, what) for what in ("out", "accept", "forget")),
    ):
        site.look_at(Page(path, Role.RECORDS))
    with site.tab(Role.RECORDS) as tab:
        tab.goto(f"{site.url}/register/keys/")
        tab.get_by_label("Whose key?").fill("somewhere.example")
        tab.get_by_role("button", name="Find").click()
        check(tab)
        tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
        check(tab)
        assert fits(tab)
        tab.get_by_role("link", name=f"Take out OpenPGP {fingerprint}").click()
        tab.get_by_label("Why?").fill("she lost it")
        tab.get_by_role("button", name="Take it out").click()
        assert "The key is taken out." in tab.content()
    assert site.house.rows(f"SELECT 1 FROM register_recipientkey WHERE address = '{ANN}'") == []


def _path(site: Site, what: str) -> str:
    table = "recipientkey" if what == "out" else "seenkey"
    ((number,),) = site.house.rows(f"SELECT max(id) FROM register_{table}")
    return f"/register/keys/{'' if what == 'out' else 'seen/'}{number}/{what}/"
