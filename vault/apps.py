"""Django's handle on the vault."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class VaultConfig(AppConfig):
    """The app.

    After each migration the append-only triggers are set anew (a rebuilt table loses them on SQLite), and the search's
    text index is made where it is not there, and what it counts of openings; PostgreSQL is told how often to look after
    which table.
    """

    name = "vault"
    verbose_name = "Vault"

    def ready(self) -> None:
        """Called once by Django."""
        from vault import upkeep  # noqa: PLC0415 - models exist only now
        from vault.search import schema, taken  # noqa: PLC0415 - the same
        from vault.triggers import install  # noqa: PLC0415 - the same

        post_migrate.connect(install, sender=self, dispatch_uid="vault-append-only")
        post_migrate.connect(schema.install, sender=self, dispatch_uid="vault-search")
        pre_migrate.connect(taken.step_aside, sender=self, dispatch_uid="vault-taken-aside")
        post_migrate.connect(taken.install, sender=self, dispatch_uid="vault-taken")
        post_migrate.connect(upkeep.install, sender=self, dispatch_uid="vault-upkeep")
