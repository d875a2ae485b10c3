"""Within a service's settings: filled, then each page is asked for; prints JSON."""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

_ROUNDS = 9


def main() -> None:
    """Prints how long each page takes."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.pages.filling import fill
    from gateway.clock import SystemClock
    from vault.models import AuditEvent, VaultRecord

    now = SystemClock().now()
    call_command("migrate", verbosity=0)
    if not VaultRecord.objects.exists():  # a database that is kept is measured as it is
        fill(int(os.environ.get("PAGES_MAILS", "100000")), now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does in a real house
    found = dict(_measured())
    print(json.dumps({
        "mails": VaultRecord.objects.count(), "events": AuditEvent.objects.count(), "pages": found,
    }))  # fmt: skip


def _measured() -> Iterator[tuple[str, tuple[float, float, int]]]:
    from tests.support.people import signed_in
    from web.accounts.models import Account, RoleGrant
    from web.accounts.roles import Role
    from web.console.urls import urlpatterns

    urlpatterns.append(_bare())
    RoleGrant.objects.all().delete()
    Account.objects.all().delete()
    browsers = {role: signed_in(role, sudo=True) for role in Role}
    Account.objects.filter(email="officer@council.example").update(email="officer0@council.example", officer="O-90")
    for name, role, path in _pages(browsers):
        clock, work, queries = _asked(browsers[role], path)
        print(f"  {name}: {clock:.0f} ms, {work:.0f} of the processor, {queries} queries", file=sys.stderr)
        yield name, (clock, work, queries)


def _bare() -> object:
    from django.shortcuts import render
    from django.urls import path

    from web.console.doors import permits
    from web.console.may import Action

    @permits(Action.START)
    def bare(request: object) -> object:
        return render(request, "pages/error.html", {"title": "Bare", "lines": ()})

    return path("bare/", bare)


def _pages(browsers: dict[object, object]) -> Iterator[tuple[str, object, str]]:
    """Name, who, where. Some are found by what others link to."""
    from benchmarks.search.corpus import PEOPLE, VOCABULARY
    from vault.models import HeldMail, Incident, VaultRecord
    from web.accounts.roles import Role

    record = VaultRecord.objects.order_by("-id")[100].pk
    incident = Incident.objects.order_by("-aware_at").values_list("reference", flat=True)[3]
    held = HeldMail.objects.filter(state="held").order_by("pk").values_list("pk", flat=True)[3]
    yield "bare", Role.REVIEWER, "/bare/"
    for role in Role:
        yield f"start, {role.value}", role, "/"
    yield "held mail", Role.REVIEWER, "/held/"
    yield "one held mail", Role.REVIEWER, f"/held/{held}/"
    yield "my sent mail", Role.OFFICER, "/sent/"
    own = re.search(r"/sent/\w{26}/", browsers[Role.OFFICER].get("/sent/").content.decode())  # type: ignore[attr-defined]
    yield "one sent mail", Role.OFFICER, own[0] if own else "/sent/"
    yield "register", Role.OFFICER, "/register/"
    yield "one person", Role.RECORDS, f"/register/people/{PEOPLE[0]}/"
    yield "history of one person", Role.RECORDS, f"/register/people/{PEOPLE[0]}/history/"
    yield "permissions to be signed", Role.RECORDS, "/register/to-sign/"
    yield "when placements end", Role.RECORDS, "/leaving/"
    yield "reviews due", Role.RECORDS, "/register/reviews/"
    searches = {"half of all": "decided:encrypted", "one of ten people": " OR ".join(f"about:{p}" for p in PEOPLE[:10]),
                "common words": " ".join(VOCABULARY[:2]), "one word": VOCABULARY[2000]}  # fmt: skip
    for name, query in searches.items():
        where = browsers[Role.BREACH].post("/search/", {"q": query})["Location"]  # type: ignore[attr-defined]
        yield f"search, {name}", Role.BREACH, where
    search = _kept(browsers[Role.BREACH], where)
    yield "kept searches", Role.BREACH, "/search/kept/"
    yield "what a kept search finds", Role.BREACH, f"/search/kept/{search}/"
    yield "a filed mail", Role.BREACH, f"/search/mail/{record}/"
    yield "incidents", Role.BREACH, "/incidents/?which=all"
    yield "one incident", Role.BREACH, f"/incidents/{incident}/"
    yield "records", Role.RECORDS, "/records/"
    yield "requests for access", Role.RECORDS, "/records/requests/"
    yield "disposal", Role.RECORDS, "/records/disposal/"
    yield "what falls due", Role.RECORDS, "/records/retention/"
    yield "legal holds", Role.RECORDS, "/records/holds/"
    yield "inspectors", Role.RECORDS, "/records/inspectors/"
    _granted(PEOPLE[0])
    for tab in ("", "permissions/", "timeline/"):
        yield f"inspection, {tab or 'records'}", Role.INSPECTOR, f"/inspection/{PEOPLE[0]}/{tab}"
    yield "operations", Role.OPERATOR, "/operations/"


def _kept(browser: object, where: str) -> str:
    """A search that is kept, the one of that link; its id."""
    from vault.models import SavedSearch

    told = {"to": "breach-team@council.example", "why": "a bench"}
    browser.post(where.replace("/search/", "/search/keep/"), told)  # type: ignore[attr-defined]
    return str(SavedSearch.objects.latest("made_at").pk)


def _granted(person: str) -> None:
    """The inspector may look at that person's records."""
    from vault import inspection
    from web import clock

    now = clock.now()
    by, whom = "console:records-officer@council.example", "console:inspector@council.example"
    inspection.grant(inspection.Wanted(whom, by, (person,), "s.63", "a bench", now + timedelta(days=7)), now)


def _asked(browser: object, path: str) -> tuple[float, float, int]:
    """Median milliseconds, of them the processor's, and how many questions to the database the last one took."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, works = [], []
    for number in range(_ROUNDS + 1):
        begun, worked = time.perf_counter_ns(), time.process_time_ns()
        answer = browser.get(path)  # type: ignore[attr-defined]
        if number:
            times.append(time.perf_counter_ns() - begun)
            works.append(time.process_time_ns() - worked)
        assert answer.status_code == 200, (path, answer.status_code)
    with CaptureQueriesContext(connection) as asked, _past_django() as straight:
        browser.get(path)  # type: ignore[attr-defined]
    if os.environ.get("PAGES_SLOW"):
        told = [(float(each["time"]) * 1000, each["sql"]) for each in asked.captured_queries] + straight
        for ms, text in sorted(told, reverse=True)[:3]:
            print(f"    {ms:.0f} ms {text[:300]}", file=sys.stderr)
    return statistics.median(times) / 1e6, statistics.median(works) / 1e6, len(asked)


@contextmanager
def _past_django() -> Iterator[list[tuple[float, str]]]:
    """What is asked of the driver itself meanwhile: milliseconds and text."""
    from unittest.mock import patch

    from vault import sql

    told: list[tuple[float, str]] = []
    run = sql._run  # noqa: SLF001 - where all of them pass

    def timed(text: str, *more: Any) -> Any:
        begun = time.perf_counter_ns()
        try:
            return run(text, *more)
        finally:
            told.append(((time.perf_counter_ns() - begun) / 1e6, text))

    with patch.object(sql, "_run", timed):
        yield told


if __name__ == "__main__":
    main()
