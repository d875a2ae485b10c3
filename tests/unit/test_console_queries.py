"""Each page asks the database a bounded number of questions: four times as many rows, not one question more.

The register's pages have a test of their own (``test_console_register.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domain.decision import Action, Method
from domain.incident import Nature
from tests.support.bounds import MOST_QUESTIONS
from tests.support.breaches import ANN, placed, sent
from tests.support.filed import decided, filed
from tests.support.people import signed_in
from vault import inspection
from vault.acting import Acting
from vault.incidents import casebook
from vault.inspection import Wanted
from vault.models import VaultRecord
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
OLU = "officer@council.example"


@pytest.fixture(autouse=True)
def parts() -> Iterator[None]:
    with placed():
        yield


def more(times: int) -> None:
    """Mails of every kind, and an incident about each."""
    for number in range(times):
        at = clock.now() - timedelta(minutes=number)
        held = decided(f"gp{number}@surgery.example", Action.HOLD)
        waits = decided(f"nokey{number}@carers.example", method=Method.PICK_UP)
        filed(OLU, decided(f"carer{number}@carers.example"), held, waits, people=(ANN,), at=at)
        record = sent("she had a seizure", picked=("nokey@carers.example",))
        acting = Acting("console:breach-team@council.example", clock.now(), "tests")
        casebook.open_incident(Nature.LOST, acting.now, [record], acting)


def browsers() -> dict[Role, Client]:
    return {role: signed_in(role, sudo=True) for role in Role}


def pages(of: dict[Role, Client]) -> list[tuple[Role, str]]:
    """Who looks where."""
    search = of[Role.BREACH].post("/search/", {"q": "seizure"})["Location"]
    own = VaultRecord.objects.filter(sender=OLU).order_by("id").values_list("id", flat=True)[0]
    found = [(role, "/") for role in Role]
    found += [(Role.REVIEWER, "/held/"), (Role.OFFICER, "/sent/"), (Role.OFFICER, f"/sent/{own}/")]
    found += [(Role.BREACH, p) for p in (search, "/incidents/", "/incidents/?which=all", "/incidents/INC-2026-001/")]
    found += [(Role.BREACH, f"/search/mail/{own}/"), (Role.BREACH, "/search/kept/")]
    found += [(Role.RECORDS, f"/records/{p}") for p in ("", "requests/", "retention/", "holds/", "inspectors/")]
    found += [(Role.RECORDS, "/records/disposal/"), (Role.OPERATOR, "/operations/")]
    return found + [(Role.INSPECTOR, f"/inspection/{ANN}/{tab}") for tab in ("", "permissions/", "timeline/")]


def asked(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200, path
    return len(queries)


def test_no_page_asks_more_for_more_rows() -> None:
    more(3)
    granted = Wanted("console:inspector@council.example", "console:rita@council.example", (ANN,), "s.63", "yearly",
                     clock.now() + timedelta(days=7))  # fmt: skip
    inspection.grant(granted, clock.now())
    of = browsers()
    looked_at = [(role, path.replace("INC-2026", f"INC-{clock.now().year}")) for role, path in pages(of)]
    counted = []
    for times in (0, 9):
        more(times)
        for role, path in looked_at:
            of[role].get(path)  # what is kept in memory is there, what waited for the index is in it
        counted.append({(role, path): asked(of[role], path) for role, path in looked_at})
    before, after = counted
    assert {page: (before[page], times) for page, times in after.items() if times > before[page]} == {}
    assert max(after.values()) <= MOST_QUESTIONS, max(after.items(), key=lambda each: each[1])
