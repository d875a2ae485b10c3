"""Every path of the pages, and every role: nothing is open that the table does not open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.people import signed_in
from web.accounts.roles import Role
from web.console.may import TABLE, Action, Mail, Who, allowed, may, refusal

pytestmark = pytest.mark.usefixtures("database")

SIGN_IN = {
    *("account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password"),
    *("welcome", "second-factor", "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp"),
    *("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
    *("mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_login_webauthn"),
    *("mfa_remove_webauthn", "mfa_edit_webauthn", "openid_connect_login", "openid_connect_callback"),
}
"""About oneself alone; each was looked at when it was listed here."""
OPEN_TO_NOBODY = {"account_login", "account_inactive", "welcome", "account_logout"}


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each, path)
        else:
            yield path, each


PAGES = [(path, p) for path, p in patterns(get_resolver()) if not path.startswith("api/")]
OURS = [(path, p) for path, p in PAGES if p.name not in SIGN_IN]


def example(path: str) -> str:
    """A path with something in the place of its parameters: 404 or 200, never 403 to who may."""
    import re

    return "/" + re.sub(r"<(\w+):\w+>", lambda m: "1" if m[1] == "int" else "none", path)


def is_unframed(answer: HttpResponse) -> bool:
    """No clickjacking: nobody lays a page of theirs over it, in an old browser or a new one."""
    policy = answer.headers.get("Content-Security-Policy", "")
    return answer.headers.get("X-Frame-Options") == "DENY" and "frame-ancestors 'none'" in policy


def test_every_page_says_what_it_does() -> None:
    """A view without a declared permission has no business in the URLs."""
    assert [path for path, p in OURS if not isinstance(getattr(p.callback, "permission", None), Action)] == []
    assert len(OURS) > 0


def test_nobody_sees_anything_without_signing_in() -> None:
    client = Client(SERVER_NAME="localhost")
    for path, pattern in PAGES:
        answer = client.get(example(path))
        assert is_unframed(answer), path
        if pattern.name not in OPEN_TO_NOBODY:
            assert answer.status_code in {302, 403, 405}, path
            if answer.status_code == 302:
                assert answer["Location"].startswith("/sign-in/"), path
        assert b"Robin" not in answer.content


@pytest.mark.parametrize("role", [*Role, None])
def test_a_role_opens_what_the_table_says_and_nothing_else(role: Role | None) -> None:
    client = signed_in(*([role] if role else []), sudo=True)
    for path, pattern in OURS:
        action = pattern.callback.permission  # type: ignore[attr-defined]
        for answer in (client.get(example(path)), client.post(example(path))):
            assert is_unframed(answer), path
            if role in TABLE[action]:
                assert answer.status_code != 403, (role, path)
            else:
                assert answer.status_code == 403, (role, path)


def test_without_a_second_factor_no_page_opens() -> None:
    from allauth.mfa.models import Authenticator

    client = signed_in(*Role, sudo=True)
    Authenticator.objects.all().delete()
    for path, pattern in PAGES:
        if pattern.name in {"second-factor", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate"}:
            continue
        if pattern.name in OPEN_TO_NOBODY:
            continue
        answer = client.get(example(path))
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/second-factor/"), path


def test_nobody_settles_their_own_mail_or_agrees_with_themselves() -> None:
    rita = Who("rita@council.example", frozenset({Role.REVIEWER}))
    own = Mail("Rita@Council.example")
    other = Mail("olu@council.example", proposed_by="console:rita@council.example")
    assert "You sent this mail" in refusal(rita, Action.HELD_SETTLE, own)
    assert "You sent this mail" in refusal(rita, Action.HELD_AGREE, own)
    assert refusal(rita, Action.HELD_OPEN, own) == ""
    assert refusal(rita, Action.HELD_SETTLE, other) == ""
    assert "You proposed" in refusal(rita, Action.HELD_AGREE, other)
    assert "role" in refusal(Who("x@council.example", frozenset()), Action.HELD_OPEN, other)


def test_every_action_is_somebodys() -> None:
    assert set(TABLE) == set(Action)
    for action in Action:
        assert TABLE[action]
        assert all(action in allowed({role}) for role in TABLE[action])
    assert not may(Who("x@council.example", frozenset()), Action.START)
