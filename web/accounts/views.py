"""The pages of sign-in that allauth has none for: the invitation, and setting up the second factor."""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from web.accounts import trail
from web.accounts.forms import WelcomeForm, passwords_count
from web.accounts.models import Account
from web.accounts.second_factor import has_factor
from web.pages.errors import error_page
from web.pages.forms import posted


@sensitive_post_parameters()
@never_cache
def welcome(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Whoever has the link of an invitation chooses a password, once."""
    account = _invited(number, token) if passwords_count() else None
    if account is None:
        lines = ("Each link works once, and for some days.", "Ask whoever looks after accounts for a new one.")
        return error_page(request, 410, "This link does not work any more", *lines)
    form = WelcomeForm(account, posted(request))
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/welcome.html", {"form": form, "account": account}, status=_status(request))
    if request.user.is_authenticated:
        logout(request)
    account.set_password(form.cleaned_data["password"])
    account.save(update_fields=["password"])
    trail.note(request, account.actor, "password made")
    return HttpResponseRedirect(reverse("account_login") + "?made=1")


@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """Which kind it shall be."""
    if not isinstance(request.user, Account):
        return HttpResponseRedirect(reverse("account_login"))
    if has_factor(request.user):
        return HttpResponseRedirect(reverse("mfa_index"))
    return render(request, "accounts/second_factor.html", {"title": "Protect your account"})


def _invited(number: str, token: str) -> Account | None:
    try:
        account = Account.objects.filter(pk=int(force_str(urlsafe_base64_decode(number))), is_active=True).first()
    except (ValueError, OverflowError):
        return None
    return account if account and default_token_generator.check_token(account, token) else None


def _status(request: HttpRequest) -> int:
    """A form that came back is no success, to programs too."""
    return 422 if request.method == "POST" else 200
