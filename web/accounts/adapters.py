"""Where allauth asks what we want: nobody registers, the last second factor stays, providers sign in known accounts."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest

from domain.model import folded
from web import clock
from web.accounts import trail
from web.accounts.forms import passwords_count
from web.accounts.models import Account
from web.accounts.second_factor import has_factor
from web.pages.errors import error_page

_STATED = ("email", "preferred_username", "upn")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts of our own."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, then try again.",
        "incorrect_password": "That is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - the signature is allauth's
        """Never: an operator makes accounts."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The connection's other end; behind a known proxy, what that says (``web/doors.py``)."""
        return str(request.META.get("REMOTE_ADDR", ""))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """As allauth says; where the first second factor is set up, to have signed in a moment ago is enough.

        An old session is not: whoever took it over would give themselves a passkey that outlasts it.
        """
        request = context.request
        first = app == "allauth.mfa" and isinstance(request.user, Account) and not has_factor(request.user)
        if first or not get_reauthentication_flows(request.user):  # the provider alone can say again who they are
            return not _just_signed_in(request)
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """By a password, where passwords may be used at all."""
        return super().authenticate(request, **credentials) if passwords_count() else None

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """None of allauth's: the pages say what happened."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """None: changes are in the audit trail."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """None."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors. Their secrets are sealed in the database with the pages' key."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That code is not right. Codes change every 30 seconds: type the one that is shown now.",
        "cannot_delete_authenticator": "This is your only second factor. Set up another one first.",
    }

    def encrypt(self, text: str) -> str:
        """As the database keeps it."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was sealed. Raises ``InvalidToken`` where the key is another one: then it has to be set up anew."""
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether another one is left."""
        kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
        if authenticator.type not in kinds:
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=kinds).exclude(pk=authenticator.pk)
        return bool(others.exists())


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The council's own accounts. They sign in who was invited here; they make no accounts."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002 - allauth's
        """Never."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """The first time, the account with that address is joined to the provider's own number of the person."""
        if sociallogin.is_existing:
            if not sociallogin.user.is_active:
                raise ImmediateHttpResponse(_nobody(request))
            return
        account = _of(sociallogin.account.extra_data)
        if account is None or SocialAccount.objects.filter(user=account).exists():
            raise ImmediateHttpResponse(_nobody(request))
        sociallogin.connect(request, account)
        trail.note(request, account.actor, "account joined to the council's")

    def on_authentication_error(self, request: HttpRequest, *_: Any, **__: Any) -> None:
        """A page that helps."""
        said = "Your council account could not be reached, or the sign-in was broken off. Try again."
        raise ImmediateHttpResponse(error_page(request, 403, "You could not be signed in", said))


def _of(stated: dict[str, Any]) -> Account | None:
    """Where the provider says whether it has verified an address, names that people choose themselves count nothing."""
    told = (stated.get("id_token", {}), stated.get("userinfo", {}), stated)
    claims = {name: value for each in told for name, value in each.items()}
    verified = [str(each["email_verified"]).casefold() == "true" for each in told if "email_verified" in each]
    if not all(verified):
        return None
    believed = ("email",) if verified else _STATED
    addresses = {folded(str(claims[name]).strip()) for name in believed if claims.get(name)}
    found = list(Account.objects.filter(email__in=addresses, is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def _just_signed_in(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and clock.now().timestamp() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def _nobody(request: HttpRequest) -> Any:
    lines = ("Nobody has made an account here for you yet.", "Ask whoever looks after accounts in your service.")
    return error_page(request, 403, "You have no account here", *lines)


def _fernet() -> MultiFernet:
    """Of all keys that are believed; the first seals."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    digests = (hashlib.sha256(f"second factors\0{key}".encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
