"""People who are signed in to the pages, through Django's own test client, with real tables behind it."""

from __future__ import annotations

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from web import clock
from web.accounts import making
from web.accounts.models import Account
from web.accounts.roles import Role


def account(*roles: Role, email: str = "", name: str = "Robin Test") -> Account:
    """One that is made and protected by an app."""
    address = email or f"{'-'.join(roles) or 'nobody'}@council.example"
    made = making.make(address, name, roles, "tests", clock.now())
    TOTP.activate(made, generate_totp_secret())
    return made


def signed_in(*roles: Role, email: str = "", sudo: bool = False) -> Client:
    """A browser of somebody with these roles; with ``sudo`` they have just shown once more who they are."""
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    sign_in(client, account(*roles, email=email), sudo=sudo)
    return client


def sign_in(client: Client, who: Account, *, sudo: bool = False) -> None:
    """As allauth leaves a session."""
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    now = clock.now().timestamp()
    session["since"] = now
    if sudo:
        session["account_authentication_methods"] = [{"method": "mfa", "at": now, "reauthenticated": True}]
        session["account_authentication_methods_user"] = str(who.pk)
    session.save()
