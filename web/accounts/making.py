"""Accounts are made, changed and disabled here: by an operator, with an audit event each, and by nobody for themselves.

Raises :class:`CannotMake` with a sentence.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from domain.errors import SallyportError, VaultUnavailable
from domain.model import folded
from vault import audit
from vault.rows import writing
from web.accounts.models import Account, RoleGrant
from web.accounts.roles import Role


class CannotMake(SallyportError):
    """The account cannot be made or changed like this; ``public`` says why."""


def make(email: str, name: str, roles: Collection[Role], by: str, now: datetime, officer: str = "") -> Account:
    """A new account without a password: :func:`invitation` lets its owner make one."""
    address = folded(email.strip())
    try:
        validate_email(address)
    except ValidationError:
        raise CannotMake(
            "address", public=f"'{email}' is not an e-mail address; write it as name@example.org."
        ) from None
    if Account.objects.filter(email=address).exists():
        raise CannotMake("twice", public="There is an account with this address already; see `sallyport account list`.")
    account = Account(email=address, name=name.strip() or address, officer=officer, made_at=now, made_by=by)
    account.set_unusable_password()
    _fits(account)
    with writing(VaultUnavailable), transaction.atomic():
        account.save()
        EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
        _note("account made", account, by, now, name=account.name, officer=officer)
        for role in sorted(roles):
            _grant(account, role, by, now, None)
    return account


def give(account: Account, role: Role, by: str, now: datetime, until: datetime | None = None) -> None:
    """A role from now on; another end, where they have it already."""
    with writing(VaultUnavailable), transaction.atomic():
        _end(account, role, by, now)
        _grant(account, role, by, now, until)


def take(account: Account, role: Role, by: str, now: datetime) -> None:
    """The role ends now."""
    with writing(VaultUnavailable), transaction.atomic():
        if not _end(account, role, by, now):
            raise CannotMake("no such role", public=f"This account does not have the role {role}.")
        _note("role taken", account, by, now, role=role)


def disable(account: Account, by: str, now: datetime) -> None:
    """Nobody signs in with it any more; whoever is signed in is out with their next click."""
    with writing(VaultUnavailable), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(is_active=False)
        _note("account disabled", account, by, now)


def enable(account: Account, by: str, now: datetime) -> None:
    """It may sign in again."""
    with writing(VaultUnavailable), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(is_active=True)
        _note("account enabled", account, by, now)


def forget_secrets(account: Account, by: str, now: datetime) -> None:
    """Password, second factors and sessions go: for somebody who lost their telephone, or whose account was misused."""
    with writing(VaultUnavailable), transaction.atomic():
        account.set_unusable_password()  # sessions are bound to the password
        account.save(update_fields=["password"])
        Authenticator.objects.filter(user=account).delete()
        _note("sign-in reset", account, by, now)


def invitation(account: Account, by: str, now: datetime) -> str:
    """The path of a page on which the owner makes a password; it works once, and for some days."""
    with writing(VaultUnavailable):
        _note("invited", account, by, now)
    number = urlsafe_base64_encode(force_bytes(account.pk))
    return reverse("welcome", args=[number, default_token_generator.make_token(account)])


def forget_old_sessions(now: datetime) -> None:
    """Rows of sessions that are over."""
    Session.objects.filter(expire_date__lt=now).delete()


def _fits(account: Account) -> None:
    try:
        account.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise CannotMake("fields", public=f"This cannot be: {' '.join(error.messages)}") from None


def _grant(account: Account, role: Role, by: str, now: datetime, until: datetime | None) -> None:
    if until is not None and until <= now:
        raise CannotMake("past", public="A role cannot end before it starts.")
    RoleGrant.objects.create(account=account, role=role, since=now, until=until, given_by=by)
    _note("role given", account, by, now, role=role, until=until.isoformat() if until else None)


def _end(account: Account, role: Role, by: str, now: datetime) -> int:
    open_ = account.grants.filter(Q(until=None) | Q(until__gt=now), role=role)
    return open_.update(until=now, ended_by=by)


def _note(action: str, account: Account, by: str, now: datetime, **details: object) -> None:
    audit.append([audit.Event(now, by, action, details={"account": account.email} | details)])
