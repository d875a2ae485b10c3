"""The real register, over SQLite in a folder, with everybody of the made-up town in it."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.classify.townsfolk import Townsman
from domain.ports import Register


def registered(folder: Path, people: list[Townsman]) -> Register:
    """Filled in bulk and without history, which reading the present does not touch."""
    os.environ["SALLYPORT_DATABASE_URL"] = f"sqlite:///{folder}/people.sqlite3"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.django")
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - the same

    from register import models as m  # noqa: PLC0415 - the same
    from register.lookup import DatabaseRegister  # noqa: PLC0415 - the same

    call_command("migrate", verbosity=0)
    if not m.Person.objects.exists():
        rows = [
            m.Person(ref=p.ref, council_id=p.council_id, nhs_number=p.nhs_number, date_of_birth=p.born) for p in people
        ]
        m.Person._base_manager.bulk_create(rows, batch_size=2_000)  # noqa: SLF001 - Django's documented model API
        names = [m.PersonName(person=row, name=p.name, main=True) for row, p in zip(rows, people, strict=True)]
        names += [m.PersonName(person=row, name=p.former) for row, p in zip(rows, people, strict=True) if p.former]
        m.PersonName._base_manager.bulk_create(names, batch_size=2_000)  # noqa: SLF001 - Django's documented model API
        m.RegisterVersion.move()
    return DatabaseRegister(["council.example"])
