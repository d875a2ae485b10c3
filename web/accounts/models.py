"""Accounts and their roles. One account is one person's; its name is their e-mail address."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from domain.model import folded
from web.accounts.roles import Role

_EMAIL = 140  # with "console:" before it, it is an actor in the audit trail (150)


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by the folded address."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """As Django's sign-in asks."""
        return self.get(email=folded((username or "").strip()))


class Account(AbstractBaseUser):
    """Somebody who may sign in. ``email`` is folded. ``officer`` is the register's code of the officer they are.

    Disabled accounts stay: the audit trail names them.
    """

    email = models.EmailField(max_length=_EMAIL, unique=True)
    name = models.CharField(max_length=200)
    officer = models.CharField(max_length=64, blank=True)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Folds the address, as mail addresses compare everywhere here."""
        self.email = folded(self.email.strip())
        super().save(*args, **kwargs)

    @property
    def actor(self) -> str:
        """As the audit trail and the register's history name them."""
        return f"console:{self.email}"

    def roles(self, now: datetime) -> frozenset[Role]:
        """Those that stand at that moment."""
        standing = self.grants.filter(since__lte=now).filter(Q(until=None) | Q(until__gt=now))
        return frozenset(Role(r) for r in standing.values_list("role", flat=True))


class RoleGrant(models.Model):
    """A role, from when to when, and who gave it. Rows are ended, never deleted. ``why`` says what for."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32, choices=[(r.value, r.label) for r in Role])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    given_by = models.CharField(max_length=150)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="a_role_ends_after_it_starts",
                violation_error_message="a role cannot end before it starts",
            ),
            models.UniqueConstraint(
                fields=["account", "role"], condition=Q(until__isnull=True), name="an_open_role_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.role}"


class SharedValue(models.Model):
    """What processes share for a while (``shared_cache.py``). ``value`` is JSON."""

    key = models.CharField(primary_key=True, max_length=300)
    value = models.TextField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
