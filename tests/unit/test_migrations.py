"""What a new version may do to the tables while programs of the one before still write to them (docs/upgrading.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

OURS = {"register", "vault", "accounts", "api"}
BEFORE_THE_RULE = {
    *(("register", name, "review_outcome") for name in ("historicalpermission", "permission")),
    ("vault", "sealingkey", "sealed_to"),
    *(("vault", name, "batch") for name in ("disposalcertificate", "disposalline")),
    *(("vault", name, "hold") for name in ("holdmatch", "holdtarget")),
    *(("vault", name, "record") for name in ("holdmatch", "incidentrecord")),
    ("vault", "disposalapproval", "line"),
    ("vault", "mirroredhold", "object"),
    ("vault", "releaserequest", "held"),
}
"""Columns that came before anything was in use."""


def _operations() -> Iterator[tuple[str, str, Any]]:
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        for operation in migration.operations if app in OURS else ():
            yield app, name, operation


def _columns() -> dict[str, Any]:
    """What columns are today that came to a table later, by name."""
    added = {(app, one.model_name, one.name) for app, _, one in _operations() if isinstance(one, migrations.AddField)}
    models = MigrationLoader(None).project_state().models
    fields = {(app, model, name): models[app, model].fields.get(name) for app, model, name in added - BEFORE_THE_RULE}
    return {".".join(column): field for column, field in sorted(fields.items()) if field is not None}


@pytest.mark.parametrize("column", _columns())
def test_a_new_column_may_be_left_out_by_the_version_before(column: str) -> None:
    """Its INSERT does not name it: the database has a value, or needs none."""
    field = _columns()[column]
    assert field.null or field.many_to_many or field.db_default is not NOT_PROVIDED


def test_nothing_is_renamed() -> None:
    """It is added, filled, read and taken away."""
    renaming = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)
    assert [(app, name) for app, name, one in _operations() if isinstance(one, renaming)] == []
