"""Each view says what it does; here it is asked whether they may. No view is reached without.

``@permits(Action.X)`` asks for an account that is signed in with a second factor and has a role that may. Rules about
one thing are asked in the view, with :func:`insist`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

import structlog
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from domain.errors import SallyportError, TryAgain
from web import clock
from web.accounts.models import Account
from web.accounts.second_factor import is_complete
from web.console.mailboxes import with_mailboxes
from web.console.may import Action, Mail, Who, may, refusal
from web.pages.errors import refused, unavailable

_log = structlog.get_logger("web")
_P = ParamSpec("_P")


_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def permits(action: Action, *, sudo: bool = False) -> Callable[[_View[_P]], _View[_P]]:
    """A view that does this. With ``sudo`` they must have shown a moment ago who they are."""

    def guard(view: _View[_P]) -> _View[_P]:
        inner: Any = _shown_again(view) if sudo else view

        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            account = request.user
            if not isinstance(account, Account):
                return redirect_to_login(request.get_full_path())
            if not is_complete(request):
                raise PermissionDenied
            who = who_is(account)
            if not may(who, action):
                raise PermissionDenied
            request.who = who  # type: ignore[attr-defined]
            try:
                answer: HttpResponse = inner(request, *args, **kwargs)
            except (TryAgain, DatabaseError) as error:
                _log.warning("page unavailable", action=action.name, error=type(error).__name__)
                return unavailable(request)
            except SallyportError as error:
                _log.warning("page refused", **error.fields | {"action": action.name, "reason": error.private})
                return refused(request, error.public)
            return answer

        guarded.permission = action  # type: ignore[attr-defined]
        done: Any = guarded
        return cast("_View[_P]", done)

    return guard


def _shown_again(view: Any) -> Any:
    """Who has neither password nor second factor here signs in once more, where they did."""
    asked = reauthentication_required(view)

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = asked(request, *args, **kwargs)
        except ReauthenticationRequired:
            if get_reauthentication_flows(request.user):
                raise
            logout(request)
            return redirect_to_login(request.get_full_path())
        return answer

    return inner


def who_is(account: Account) -> Who:
    """With the roles of this moment."""
    return Who(account.email, account.roles(clock.now()), account.officer)


def who(request: HttpRequest) -> Who:
    """Who asks. Only within a view that :func:`permits` guards."""
    found: Who = request.who  # type: ignore[attr-defined]
    return found


def insist(request: HttpRequest, action: Action, mail: Mail) -> None:
    """Raises ``PermissionDenied`` where a rule refuses this one thing to them."""
    if refusal(with_mailboxes(who(request)), action, mail):
        raise PermissionDenied
