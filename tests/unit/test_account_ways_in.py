"""Ways in that have to stay shut: an unverified address, passwords that are off, an old session's first passkey."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory, override_settings

from config import django as settings
from tests.support.people import account, sign_in
from web import clock
from web.accounts import making
from web.accounts.adapters import ProviderAdapter
from web.accounts.models import Account
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
ROBIN = "robin@council.example"
PASSWORD = "otter-lantern-gravel"


def joined(**stated: Any) -> bool:
    """Whether somebody of whom the provider states this becomes Robin."""
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    request._messages = SessionStorage(request)  # type: ignore[attr-defined]
    stranger = SocialAccount(provider="council", uid="17", extra_data=stated)
    login = SocialLogin(user=Account(), account=stranger)
    app = {"provider_id": "council", "name": "Council", "client_id": "x", "secret": "x"}
    apps = {"openid_connect": {"APPS": [app | {"settings": {"server_url": "https://id.example"}}]}}
    with override_settings(SOCIALACCOUNT_PROVIDERS=apps), suppress(ImmediateHttpResponse):
        ProviderAdapter().pre_social_login(request, login)
    return SocialAccount.objects.filter(user__email=ROBIN).exists()


@pytest.mark.parametrize(
    "stated",
    [
        {"userinfo": {"email": ROBIN, "email_verified": False}},
        {"userinfo": {"email": ROBIN, "email_verified": "false"}},
        {"userinfo": {"email": ROBIN, "email_verified": True}, "id_token": {"email_verified": False}},
        {"userinfo": {"email": "mallory@x.example", "email_verified": True, "preferred_username": ROBIN}},
        {"id_token": {"email_verified": True, "upn": ROBIN}},
    ],
)
def test_who_types_anothers_address_at_the_provider_does_not_become_them(stated: Mapping[str, Any]) -> None:
    account(Role.OFFICER, email=ROBIN)
    assert not joined(**stated)


@pytest.mark.parametrize(
    "stated",
    [
        {"userinfo": {"email": ROBIN, "email_verified": True}},
        {"id_token": {"preferred_username": ROBIN}},  # Entra ID says nothing about it: the tenant's own people
    ],
)
def test_an_address_that_the_provider_stands_for_joins_the_account(stated: Mapping[str, Any]) -> None:
    account(Role.OFFICER, email=ROBIN)
    assert joined(**stated)


@pytest.fixture
def _without_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    off = settings.SETTINGS.sign_in.model_copy(update={"passwords": False, "oidc_issuer": "https://id.example"})
    monkeypatch.setattr(settings, "SETTINGS", settings.SETTINGS.model_copy(update={"sign_in": off}))


def ready() -> Account:
    who = account(Role.OFFICER, email=ROBIN)
    who.set_password(PASSWORD)
    who.save()
    return who


def test_a_right_password_leads_to_the_second_factor() -> None:
    answer = Client(SERVER_NAME="localhost").post("/sign-in/", {"login": ready().email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code/")


@pytest.mark.usefixtures("_without_passwords")
def test_where_passwords_are_off_the_right_one_opens_nothing_and_none_is_made() -> None:
    """Whoever was shut out at the council's provider is out here, too."""
    who, client = ready(), Client(SERVER_NAME="localhost")
    answer = client.post("/sign-in/", {"login": who.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert b'name="password"' not in client.get("/sign-in/").content
    assert client.get(making.invitation(who, "tests", clock.now())).status_code == 410


@pytest.mark.parametrize("minutes", [0, 600])
def test_the_first_second_factor_takes_a_fresh_sign_in(minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who took over an old session cannot give themselves a passkey that outlasts it."""
    who, client = ready(), Client(SERVER_NAME="localhost")
    Authenticator.objects.all().delete()
    sign_in(client, who)
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, who, method="password")
    for record in request.session["account_authentication_methods"]:
        record["at"] -= minutes * 60
    request.session.save()
    for path in ("/sign-in/app/", "/sign-in/passkeys/add/"):
        answer = client.get(path)
        assert answer.status_code == (302 if minutes else 200), path
        assert not minutes or answer["Location"].startswith("/sign-in/again/")


@pytest.mark.parametrize("minutes", [0, 600])
def test_who_signs_in_at_the_provider_alone_signs_in_again_for_the_dangerous(minutes: int) -> None:
    """They have neither password nor second factor here that they could show; a moment ago is enough."""
    who, client = account(Role.RECORDS, email=ROBIN), Client(SERVER_NAME="localhost")
    sign_in(client, who)
    request = RequestFactory().get("/")
    request.session = client.session
    record_authentication(request, who, method="socialaccount", provider="council", uid="17")
    for record in request.session["account_authentication_methods"]:
        record["at"] -= minutes * 60
    request.session.save()
    Authenticator.objects.all().delete()
    there = settings.SETTINGS.sign_in.model_copy(update={"oidc_second_factor": True})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SETTINGS", settings.SETTINGS.model_copy(update={"sign_in": there}))
        answer = client.get("/records/inspectors/grant/")
    assert answer.status_code == (302 if minutes else 200)
    assert ("sign-in" in answer.get("Location", "")) is bool(minutes)
    assert ("_auth_user_id" in client.session) is not bool(minutes)
