"""What reading the register costs a mail: 5,000 people, 20,000 permissions, 40,000 lines. Target: under 2 ms.

Timed is everything that the relay asks of the register for a mail about one person to one carer: whom it is about
(an NHS number, a name), the circle, the keys. On SQLite, and on PostgreSQL where it is installed. The baseline is
one ``SELECT 1`` over the same connection, so that the machine's own slowness can be seen.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks.report import Row
from domain.identifiers import valid_nhs_number
from domain.model import Address, Analysis, Category, Evidence, Identifier, IdentifierKind, PageText, Place
from gateway.clock import SystemClock
from tests.support import postgres

_PEOPLE, _FORMS, _ROUNDS = 5_000, 4, 300
_TARGET_MS = 2.0


def measure(folder: Path) -> Iterator[Row]:
    """One row a database."""
    yield _row("SQLite", f"sqlite:///{folder}/register.sqlite3")
    if list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        with postgres.running() as url:
            yield _row("PostgreSQL", url)


def _row(name: str, url: str) -> Row:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.register"],
        env=os.environ | {"SALLYPORT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.django"},
        check=True,
        stdout=subprocess.PIPE,
    )
    ours, one = json.loads(done.stdout)
    what = f"register reads a mail, {_PEOPLE:,} people, {_PEOPLE * _FORMS:,} permissions, {name}"
    return Row(what, f"{ours:.2f} ms ({ours / one:.0f} SELECT 1)", f"{_TARGET_MS:g} ms", ours / _TARGET_MS, -1)


def _measure() -> tuple[float, float]:
    """Medians in milliseconds: all reads of a mail, and one ``SELECT 1``."""
    from django.core.management import call_command  # noqa: PLC0415 - after the environment is set
    from django.db import connection  # noqa: PLC0415 - the same

    from register.lookup import DatabaseRegister  # noqa: PLC0415 - the same

    call_command("migrate", verbosity=0)
    _fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does in a real house
    register, at = DatabaseRegister(["council.example"]), SystemClock().now()

    def mail(number: int) -> None:
        person = number * 16 % _PEOPLE
        found = register.mentions(_analysis(person))
        people = frozenset[str]().union(*(m.people for m in found))
        to = [Address.of(f"carer{person // 2}@carers.example")]
        circle = register.circle(people, to, at)
        register.keys(to)
        assert len(circle.people) == 1
        assert circle.parties

    def ask(_number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()

    mail(0)  # builds the index of names
    return _median(mail), _median(ask)


def _median(call: Callable[[int], None]) -> float:
    times = []
    for number in range(_ROUNDS):
        begun = time.perf_counter_ns()
        call(number)
        times.append(time.perf_counter_ns() - begun)
    return statistics.median(times) / 1e6


def _analysis(person: int) -> Analysis:
    text = f"Dear colleague, re: {_name(person)}, NHS number {_nhs(person)}. " + "He was seen in clinic today. " * 60
    evidence = Evidence("2", Place.ATTACHMENT, "nhs", _nhs(person))
    identifier = Identifier(IdentifierKind.NHS_NUMBER, _nhs(person), evidence)
    return Analysis(texts=(PageText("2", Place.ATTACHMENT, 1, text),), identifiers=(identifier,))


def _name(number: int) -> str:
    return f"Person{number} Family{number % 700}"


_NHS = [n for n in (f"{999_000_0000 + i}" for i in range(60_000)) if valid_nhs_number(n)]


def _nhs(number: int) -> str:
    return _NHS[number]


def _fill() -> None:
    """In bulk and without history, which reading the present does not touch."""
    from register import models as m  # noqa: PLC0415 - after the environment is set

    today = date(2026, 1, 1)
    every = [c.value for c in Category][:6]
    homes = _bulk(m.Household(code=f"H-{n}") for n in range(_PEOPLE // 2))
    carers = _bulk(
        m.Party(code=f"C-{n}", kind="carer", name=f"Carer {n}", email=f"carer{n}@carers.example", household=home)
        for n, home in enumerate(homes)
    )
    surgeries = _bulk(
        m.Organisation(code=f"O-{n}", name=f"Surgery {n}", domain=f"surgery{n}.example") for n in range(200)
    )
    people = _bulk(m.Person(council_id=f"SL-{n:05}", nhs_number=_nhs(n)) for n in range(_PEOPLE))
    _bulk(m.PersonName(person=p, name=_name(n), main=True) for n, p in enumerate(people))
    _bulk(m.Placement(person=p, household=homes[n // 2], starts=today) for n, p in enumerate(people))
    forms = _bulk(
        m.Permission(
            code=f"F-{n}-{year}",
            person=p,
            ground="permission-to-share form",
            signed_on=today - timedelta(days=365 * year),
            review_due=today + timedelta(days=365 - 365 * year),
        )
        for n, p in enumerate(people)
        for year in range(_FORMS)
    )
    _bulk(m.Grant(permission=f, party=carers[n // _FORMS // 2], categories=every) for n, f in enumerate(forms))
    _bulk(m.Grant(permission=f, organisation=surgeries[n % 200], categories=every) for n, f in enumerate(forms))
    _bulk(
        m.RecipientKey(address=c.email, method="OpenPGP", fingerprint=f"{n:040X}", data=b"k" * 600)
        for n, c in enumerate(carers)
    )
    m.RegisterVersion.move()


def _bulk(rows: Iterator) -> list:  # type: ignore[type-arg]  # any table
    made = list(rows)
    type(made[0])._base_manager.bulk_create(made, batch_size=2_000)  # noqa: SLF001 - Django's documented model API
    return made


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(json.dumps(_measure()))
