"""Signing in and out, and what changes how somebody signs in, in the audit trail."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from domain.model import folded
from vault import audit, looks
from web import clock
from web.accounts.making import forget_old_sessions
from web.accounts.models import Account

_UNKNOWN = "console:unknown"


def listen() -> None:
    """Called once, when the app is ready."""
    user_logged_in.connect(_in, dispatch_uid="trail")
    user_logged_out.connect(_out, dispatch_uid="trail")
    user_login_failed.connect(_failed, dispatch_uid="trail")
    user_locked_out.connect(_locked, dispatch_uid="trail")
    password_changed.connect(_password, dispatch_uid="trail")
    for signal in (authenticator_added, authenticator_removed, authenticator_reset):
        signal.connect(_factor, dispatch_uid="trail")


def note(request: HttpRequest | None, actor: str, action: str, **details: object) -> None:
    """An event, durable on return, with where the browser was. Raises ``VaultUnavailable``."""
    if request is not None:
        details["from"] = request.META.get("REMOTE_ADDR", "")
    looks.note(audit.Event(clock.now(), actor, action, details=details))


def _in(request: HttpRequest, user: Account, **_: Any) -> None:
    request.session["since"] = clock.now().timestamp()
    forget_old_sessions(clock.now())
    note(request, user.actor, "signed in")


def _out(request: HttpRequest, user: Account | None, **_: Any) -> None:
    if isinstance(user, Account):
        note(request, user.actor, "signed out")


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Without the address that was typed, where it is nobody's: it may be a password in the wrong field."""
    note(request, _actor(str(credentials.get("email") or "")), "sign-in refused")


def _locked(username: str | None, **_: Any) -> None:
    note(None, _actor(username or ""), "sign-in locked")


def _password(request: HttpRequest, user: Account, **_: Any) -> None:
    note(request, user.actor, "password changed")


def _factor(request: HttpRequest, user: Account, authenticator: Any, signal: Any, **_: Any) -> None:
    if signal is authenticator_added:  # they have just shown who they are: their recovery codes come next
        record_authentication(request, user, method="mfa", reauthenticated=True)
    done = "added" if signal is authenticator_added else "removed" if signal is authenticator_removed else "reset"
    note(request, user.actor, f"second factor {done}", kind=str(authenticator.type))


def _actor(address: str) -> str:
    known = Account.objects.filter(email=folded(address.strip())).first() if address else None
    return known.actor if known else _UNKNOWN
