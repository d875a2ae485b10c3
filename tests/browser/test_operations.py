"""An operator looks at how the service is, in a browser: as the worker and the parts outside really are."""

from __future__ import annotations

from tests.browser.seen import looks_at
from tests.browser.support import Page, Site, check, inside
from web.accounts.roles import Role

LOOKED = """
from cli.jobs import look_at_parts, verify_log
from config.django import SETTINGS
from web import clock
look_at_parts(SETTINGS, clock.now())
verify_log(SETTINGS, clock.now())
"""


@looks_at("operations")
def test_what_the_worker_found_is_on_the_page(site: Site) -> None:
    with site.tab(Role.OPERATOR, scripts=False) as tab:
        tab.goto(f"{site.url}/operations/")
        assert "The worker has never run" in tab.content()
    site.house.command("worker", "--once")
    inside(site.house, LOOKED)
    with site.tab(Role.OPERATOR) as tab:
        tab.goto(site.url)
        tab.get_by_role("link", name="Operations").click()
        check(tab)
        page = tab.locator("main").inner_text()
        for said in ("Holds", "Held mails", "Document readers", "Key service.openpgp_key", "Next hop for", "Audit log"):
            assert said in page, page
        assert "cannot be used" in page, "the next hop of this service is not there"
        settings = (site.house.home / "sallyport.toml").read_text(encoding="utf-8")
        secrets = [line.split('"')[1] for line in settings.splitlines() if "secret" in line and '"' in line]
        assert not any(secret in tab.content() for secret in secrets if secret)
    site.look_at(Page("/operations/", Role.OPERATOR))
    site.look_at(Page("/operations/", Role.OFFICER, status=403))
    assert "Document readers" in site.on_paper("/operations/", Role.OPERATOR)
    assert "The same in numbers" in site.on_paper("/", Role.OPERATOR)
