"""What ``sallyport check`` looks at first: settings, policy, schedule, database."""

from __future__ import annotations

from collections.abc import Iterator

from cli.looks.line import Line
from config.settings import Settings


def configuration(settings: Settings) -> Iterator[Line]:
    """The files of settings, policy and schedule."""
    from classifiers import knowledge
    from config import policy, retention
    from config.settings import config_file

    place = config_file() if config_file().is_file() else "defaults and environment"
    yield Line("settings", True, f"read from {place}")
    rules = policy.load(settings.policy_file)
    yield Line("policy", True, f"{len(rules.sharing)} rows answer every case; findings count from {rules.threshold}")
    schedule = retention.load(settings.retention_file)
    yield Line("retention", True, f"{len(schedule)} record classes")
    forms, model = settings.sandbox.forms, settings.sandbox.model
    known = knowledge.load(settings.at_home(forms) if forms else None, settings.at_home(model) if model else None)
    registered, learned = known.registered(), known.learned()
    yield Line("classifier", True, f"model {learned.name}, the council's own blank forms: {len(registered)}")


def database(_: Settings) -> Iterator[Line]:
    """It answers, and has the schema of this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Line("database", False, f"the schema is not this version's, {len(waiting)} to go; run: sallyport setup")
        return
    from register.models import Party, Person

    yield Line(
        "database", True, f"{connection.vendor}; {Person.objects.count()} people, {Party.objects.count()} mailboxes"
    )
