"""Accounts, sessions, headers, cookies, doors: what all pages stand on."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client

from config.secret_key import keys_in
from domain.errors import ConfigurationError
from tests.support.people import account, sign_in, signed_in
from vault.models import AuditEvent
from web import clock
from web.accounts import making
from web.accounts.models import Account, RoleGrant
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")


def test_a_production_service_passes_djangos_own_deployment_check(tmp_path: Path) -> None:
    """`manage.py check --deploy`, with warnings as failures, behind a proxy that has TLS."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SALLYPORT_")} | {
        "SALLYPORT_HOME": str(tmp_path),
        "SALLYPORT_WEB__PROXIES": '["10.0.0.1/32"]',
        "SALLYPORT_WEB__HOSTS": '["sallyport.council.example"]',
        "SALLYPORT_CONSOLE__URL": "https://sallyport.council.example",
        "DJANGO_SETTINGS_MODULE": "config.console",
    }
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    assert oct((tmp_path / "office" / "pages.key").stat().st_mode & 0o777) == "0o600"


def test_the_key_lasts_and_can_be_changed_without_throwing_anybody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "office" / "pages.key"
    monkeypatch.delenv("SALLYPORT_SECRET_KEY", raising=False)
    (first,) = keys_in(path)
    assert keys_in(path) == (first,)
    path.write_text(f"{'n' * 60}\n{first}\n")
    assert keys_in(path) == ("n" * 60, first)
    path.write_text("short\n")
    with pytest.raises(ConfigurationError, match="secret key"):
        keys_in(path)
    monkeypatch.setenv("SALLYPORT_SECRET_KEY", "e" * 64)
    assert keys_in(path) == ("e" * 64,)


def test_pages_carry_a_policy_without_inline_anything() -> None:
    answer = Client(SERVER_NAME="localhost").get("/sign-in/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert b"<style" not in answer.content
    assert b"style=" not in answer.content
    assert answer["X-Frame-Options"] == "DENY"
    assert "no-store" in answer["Cache-Control"]


def test_a_form_of_another_site_is_refused() -> None:
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    answer = client.post("/sign-in/", {"login": "a@b.example", "password": "x"})
    assert answer.status_code == 403
    assert b"This form is out of date" in answer.content


ELSEWHERE = pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)


@ELSEWHERE
def test_signing_in_leads_nowhere_else(target: str) -> None:
    """No open redirect."""
    who = account(Role.OFFICER)
    who.set_password("otter-lantern-gravel")
    who.save()
    client = Client(SERVER_NAME="localhost")
    data = {"login": who.email, "password": "otter-lantern-gravel", "next": target}
    answer = client.post("/sign-in/", data)
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert "alert" not in answer["Location"]


@ELSEWHERE
def test_nor_does_showing_once_more_who_one_is_or_signing_out(target: str) -> None:
    client = signed_in(Role.OFFICER)
    who = Account.objects.get()
    who.set_password("otter-lantern-gravel")
    who.save()
    sign_in(client, who)
    for path, data in (("/sign-in/again/", {"password": "otter-lantern-gravel"}), ("/sign-in/out/", {})):
        answer = client.post(path, data | {"next": target})
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/"), (path, answer["Location"])
        assert not answer["Location"].startswith(("//", "/\\")), (path, answer["Location"])


def test_what_is_typed_makes_no_line_of_the_log_and_no_header(capsys: pytest.CaptureFixture[str]) -> None:
    """Not as an address, not as a query, not as a field, not as a header that a proxy would tell."""
    client = signed_in(Role.BREACH, Role.REVIEWER, Role.OFFICER)
    forged = "\r\nX-Forged: 1\r\n2026-11-30 [info] forged"
    answers = [
        client.get(f"/held/{quote(forged)}/"),
        client.get("/held/", {"officer": forged, "page": forged}),
        client.get("/search/", {"s": forged}),
        client.get(f"/incidents/{quote(forged)}/"),
        client.post("/search/", {"q": forged}),
        client.post("/register/", {"words": forged}),
        Client(SERVER_NAME="localhost").post("/sign-in/", {"login": forged, "password": forged, "next": forged}),
        client.get("/", headers={"X-Request-Id": forged, "X-Forwarded-For": forged}),
    ]
    assert all("X-Forged" not in answer.headers for answer in answers)
    assert all("\n" not in value for answer in answers for value in answer.headers.values())
    told = capsys.readouterr()
    assert "answered" in told.out, "it is the log that is looked at"
    assert "forged" not in (told.out + told.err).casefold()


def test_a_session_ends_when_nobody_clicks_and_after_a_days_work() -> None:
    from config.django import SETTINGS

    client = signed_in(Role.OFFICER)
    assert client.get("/").status_code == 200
    for key, age in (("seen", SETTINGS.console.idle), ("since", SETTINGS.console.longest)):
        sign_in(client, Account.objects.get())
        session = client.session
        session[key] = clock.now().timestamp() - age.total_seconds() - 1
        session.save()
        answer = client.get("/")
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/")


def test_a_disabled_account_is_out_with_the_next_click() -> None:
    client = signed_in(Role.OFFICER)
    assert client.get("/").status_code == 200
    making.disable(Account.objects.get(), "tests", clock.now())
    assert client.get("/").status_code == 302


def test_a_role_counts_while_it_stands() -> None:
    now = clock.now()
    who = account()
    making.give(who, Role.INSPECTOR, "cli:ola", now, now + timedelta(days=2))
    assert who.roles(now) == {Role.INSPECTOR}
    assert who.roles(now + timedelta(days=3)) == frozenset()
    making.give(who, Role.INSPECTOR, "cli:ola", now + timedelta(days=1))
    assert who.roles(now + timedelta(days=30)) == {Role.INSPECTOR}
    making.take(who, Role.INSPECTOR, "cli:ola", now + timedelta(days=5))
    assert who.roles(now + timedelta(days=6)) == frozenset()
    assert RoleGrant.objects.count() == 2, "what was is kept"
    with pytest.raises(making.CannotMake):
        making.take(who, Role.INSPECTOR, "cli:ola", now + timedelta(days=7))


def test_an_invitation_works_once() -> None:
    who = account(Role.OFFICER)
    path = making.invitation(who, "tests", clock.now())
    client = Client(SERVER_NAME="localhost")
    weak = client.post(path, {"password": "short", "again": "short"})
    assert weak.status_code == 422
    made = client.post(path, {"password": "otter-lantern-gravel", "again": "otter-lantern-gravel"})
    assert made.status_code == 302
    assert client.get(path).status_code == 410
    assert client.post(path, {"password": "another-long-one", "again": "another-long-one"}).status_code == 410
    who.refresh_from_db()
    assert who.check_password("otter-lantern-gravel")


def test_forgetting_what_somebody_signs_in_with_ends_their_sessions() -> None:
    client = signed_in(Role.OFFICER)
    making.forget_secrets(Account.objects.get(), "tests", clock.now())
    assert client.get("/").status_code == 302


def test_two_accounts_never_share_an_address() -> None:
    account(email="Rita@Council.example")
    with pytest.raises(making.CannotMake):
        account(email="rita@council.EXAMPLE")


def test_signing_in_and_failing_to_are_in_the_audit_trail_without_what_was_typed() -> None:
    who = account(Role.OFFICER)
    who.set_password("otter-lantern-gravel")
    who.save()
    client = Client(SERVER_NAME="localhost")
    client.post("/sign-in/", {"login": who.email, "password": "wrong-wrong-wrong"})
    client.post("/sign-in/", {"login": "my-password-by-mistake@council.example", "password": "x"})
    events = [(e.actor, e.action) for e in AuditEvent.objects.filter(action="sign-in refused")]
    assert events == [(who.actor, "sign-in refused"), ("console:unknown", "sign-in refused")]
    assert not any("my-password" in str(e.details) + e.actor for e in AuditEvent.objects.all())


def test_second_factors_are_sealed_in_the_database() -> None:
    from allauth.mfa.models import Authenticator

    account()
    (row,) = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    assert row.data["secret"].startswith("gAAAA")


def test_only_a_known_proxy_is_believed_about_tls() -> None:
    from web.doors import Doors

    seen: list[bool] = []
    from django.http import HttpResponse
    from django.test import RequestFactory

    def page(request: object) -> HttpResponse:
        seen.append(request.is_secure())  # type: ignore[attr-defined]
        return HttpResponse()

    doors = Doors(page)
    doors._settings = type(doors._settings)(proxies=("10.0.0.0/8",))
    for caller in ("192.0.2.7", "10.1.2.3", "nonsense"):
        doors(RequestFactory().get("/", headers={"X-Forwarded-Proto": "https"}, REMOTE_ADDR=caller))
    assert seen == [False, True, False]


def test_who_calls_is_what_a_known_proxy_added_and_nobody_elses_word() -> None:
    """Else the world shares one address, and anybody locks an account for its owner; or a caller picks a new one."""
    from django.http import HttpRequest, HttpResponse
    from django.test import RequestFactory

    from web.doors import Doors

    seen: list[str] = []

    def page(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    doors = Doors(page)
    doors._settings = doors._settings.model_copy(update={"proxies": (ip_network("10.0.0.0/8"),)})
    for caller, told in (
        ("192.0.2.7", "198.51.100.1"), ("10.1.2.3", "198.51.100.1, 203.0.113.9"), ("10.1.2.3", "nonsense"),
    ):  # fmt: skip
        doors(RequestFactory().get("/", headers={"X-Forwarded-For": told}, REMOTE_ADDR=caller))
    assert seen == ["192.0.2.7", "203.0.113.9", "10.1.2.3"]


def test_the_api_answers_as_the_api_does() -> None:
    answer = Client(SERVER_NAME="localhost").get("/api/nothing")
    assert answer["Content-Type"] == "application/problem+json"
    assert "Content-Security-Policy" not in answer
    assert Client(SERVER_NAME="localhost").get("/nothing")["Content-Type"].startswith("text/html")
