"""No page opens before the second factor is set up.

Who signs in with the council's own account has one there, if the operator says so (``sign_in.oidc_second_factor``).
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from web.accounts.models import Account
from web.doors import API

_OPEN = frozenset(
    {"second-factor", "mfa_activate_totp", "mfa_add_webauthn", "account_logout", "account_reauthenticate", "welcome"}
)
"""What opens before: setting it up, and the way out."""
_TYPES = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactor:
    """Django middleware, after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """The page that sets it up, in place of any other."""
        match = request.resolver_match
        if request.path_info.startswith(API) or not request.user.is_authenticated:
            return None
        if (match and match.url_name in _OPEN) or is_complete(request):
            return None
        return HttpResponseRedirect(reverse("second-factor"))


def is_complete(request: HttpRequest) -> bool:
    """Whether whoever is signed in has a second factor, here or at the council's provider."""
    account = request.user
    if not isinstance(account, Account):
        return False
    if not hasattr(request, "second_factor"):  # asked twice for each page: by the middleware and by the page's door
        request.second_factor = has_factor(account) or _elsewhere(request, account)  # type: ignore[attr-defined]
    return bool(getattr(request, "second_factor"))  # noqa: B009 - no field that Django knows


def has_factor(account: Account) -> bool:
    """A one-time code or a passkey; recovery codes alone are none."""
    found: bool = Authenticator.objects.filter(user=account, type__in=_TYPES).exists()
    return found


def _elsewhere(request: HttpRequest, account: Account) -> bool:
    from config.django import SETTINGS  # noqa: PLC0415 - read once; here so that tests may set others

    by = {record["method"] for record in get_authentication_records(request, account)}
    enough: bool = SETTINGS.sign_in.oidc_second_factor
    return enough and "socialaccount" in by
