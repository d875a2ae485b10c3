"""The incident workbench: each step of it, who may not, what is refused, and what a name could smuggle in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pyrage import x25519

from domain.here import HERE
from register.recording.stops import stopped_for
from tests.support.breaches import ANN, CARER, COUNCIL_ID, PICKER, placed, sent
from tests.support.indexed import say
from tests.support.people import account, sign_in, signed_in
from tests.support.picked import waits
from vault.models import (
    AuditEvent,
    Errand,
    HeldMail,
    Incident,
    IncidentRecord,
    JournalEntry,
    LegalHold,
    PickupGrant,
    Settlement,
    VaultRecord,
)
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
ACTOR = "console:breach-team@council.example"
ONE = "/incidents/INC-2026-001/"
SUDO = ("let-go", "no-report", "no-tell", "close", "reopen")
STEPS = ("hold", "stop", "revoke", "add", "judge", "report", "tell", "write", *SUDO)


@pytest.fixture
def client(database: None) -> Iterator[Client]:
    with placed():
        yield signed_in(Role.BREACH, sudo=True)


def opened(client: Client, *records: str, hours: float = 1, **more: str) -> str:
    """A new incident of which we became aware so many hours ago; its page."""
    aware = (clock.now() - timedelta(hours=hours)).astimezone(HERE)
    given = {"kind": "wrong-recipient", "aware": f"{aware:%d/%m/%Y %H:%M}", "records": "\n".join(records), **more}
    answer = client.post("/incidents/open/", given)
    assert answer.status_code == 302, unescape(answer.content.decode())
    return str(answer["Location"])


def does(client: Client, page: str, step: str, **given: object) -> str:
    """A step that goes well: its page is read, its form sent; what the incident's page says then."""
    assert client.get(f"{page}{step}/").status_code == 200
    answer = client.post(f"{page}{step}/", given)
    assert answer.status_code == 302, unescape(answer.content.decode())
    return unescape(client.get(page).content.decode())


def refused(client: Client, page: str, step: str, **given: object) -> str:
    answer = client.post(f"{page}{step}/", given)
    assert answer.status_code == 422
    return unescape(answer.content.decode())


def test_from_the_discovery_to_the_register(client: Client) -> None:
    record = sent("epilepsy", picked=(PICKER,))
    page = opened(client, record, nature="a letter went to another carer")
    assert "2 recipients have received a copy, about 1 person." in client.get(page).content.decode()
    assert "The notice has not left yet" in client.get(page).content.decode()
    assert "The legal hold is on. It covers 1 mail by now." in does(client, page, "hold")
    assert LegalHold.objects.get().set_by == ACTOR
    assert "A legal hold is on already." in does(client, page, "hold")
    history = client.get(page).content.decode().partition("What was done")[2]
    assert history.count("hold set, by breach-team@council.example") == 1
    assert history.count("incident opened, by breach-team@council.example") == 1
    does(client, page, "stop", chosen=[CARER], other="else@x.example")
    assert stopped_for("INC-2026-001") == [CARER, "else@x.example"]
    (grant,) = PickupGrant.objects.all()
    assert "1 mail can no longer be picked up." in does(client, page, "revoke", chosen=[grant.pk], why="breach")
    grant.refresh_from_db()
    assert grant.ended
    assert "It cannot be closed yet" in refused(client, page, "close")
    does(client, page, "judge", risk="high")
    assert "Tell the people" in does(client, page, "report", number="IC-1")
    does(client, page, "tell")
    does(client, page, "write", nature="a letter went astray", consequences="distress", measures="deleted")
    assert Incident.objects.get().nature == "a letter went astray"
    assert "is closed" in does(client, page, "close")
    assert "open it again first" in refused(client, page, "judge", risk="unlikely")
    assert "is open again" in does(client, page, "reopen", because="another mail")
    does(client, page, "let-go", chosen=[CARER, "else@x.example"], because="they deleted it")
    assert stopped_for("INC-2026-001") == []
    assert {e.actor for e in AuditEvent.objects.filter(action__startswith="incident")} == {ACTOR}


def test_what_became_of_a_held_copy_since_is_said(client: Client) -> None:
    """A mistyped address was held; its sender meant another one, and there the mail went."""
    record = sent("epilepsy")
    row = VaultRecord.objects.get(pk=record)
    row.decisions.append(row.decisions[0] | {"recipient": "caerr@carers.example", "action": "HOLD", "method": None})
    row.save()
    JournalEntry.objects.create(
        digest=row.digest, sender=row.sender, recipient="caerr@carers.example", state="done", fate="held",
        record=record, changed_at=clock.now(),
    )  # fmt: skip
    held = HeldMail.objects.create(
        record=row, recipient="caerr@carers.example", decision=row.decisions[-1], held_at=clock.now()
    )
    page = opened(client, record)
    assert "Held: it waits for a reviewer" in client.get(page).content.decode()
    now = clock.now()
    ended = {"kind": "confirm", "state": "done", "why": "meant", "by": "mail:o@x.example", "at": now, "ended_at": now}
    Settlement.objects.create(held=held, to=CARER, **ended)
    HeldMail.objects.update(state="released")
    said = client.get(page).content.decode()
    assert f"Sent to {CARER} instead, and not to caerr@carers.example" in said
    assert "Held" not in said.partition("Who received what")[2].partition("What the Commissioner asks")[0]
    Settlement.objects.update(kind="reject", to="")
    HeldMail.objects.update(state="discarded")
    assert "Rejected, and not sent" in client.get(page).content.decode()


def test_what_was_only_put_aside_to_be_picked_up_has_its_recipient(client: Client) -> None:
    """The page that a leaver signs is no mail of anybody's, and somebody could open it all the same."""
    record = say("leaver", people=(ANN,), classes=("correspondence",))
    waits(record, PICKER)
    page = client.get(f"/search/mail/{record}/").content.decode()
    assert "1 recipient has received a copy, about 1 person." in page
    assert PICKER in page
    assert "Kept to be picked up" in page


def test_whom_to_tell_and_what_is_said(client: Client) -> None:
    page = opened(client, sent("epilepsy"))
    told = client.get(f"{page}tell/").content.decode()
    assert f'href="/register/people/{ANN}/"' in told
    assert COUNCIL_ID in told
    assert "whom they can ask" in told


def test_a_stop_that_was_lifted_stands_in_the_history(client: Client) -> None:
    page = opened(client, sent("epilepsy"))
    does(client, page, "stop", chosen=[CARER])
    form = client.get(f"{page}let-go/").content.decode()
    assert re.search(rf'value="{CARER}"[^>]*checked', form), "one alone is chosen already"
    assert "Choose one at least." in refused(client, page, "let-go", because="")
    said = does(client, page, "let-go", chosen=[CARER], because="it was the right one")
    history = said.partition("What was done")[2]
    assert f"mail stopped: {CARER}, by breach-team@council.example" in history
    assert f"mail let go again: {CARER}, by breach-team@council.example" in history


def test_a_breach_that_is_not_reported_has_its_reason(client: Client) -> None:
    page = opened(client)
    assert "Only where a risk is judged unlikely" in refused(client, page, "no-report", because="no risk")
    assert "Write the reason." in refused(client, page, "no-report", because="")
    does(client, page, "judge", risk="unlikely")
    told = does(client, page, "no-report", because="it came back unread")
    assert "it came back unread" in told
    assert "it came back unread" in client.get("/incidents/?which=unreported").content.decode()
    does(client, page, "judge", risk="high")
    assert "the people are not told" in does(client, page, "no-tell", because="it was encrypted")


def test_a_late_report_says_why(client: Client) -> None:
    page = opened(client, hours=80)
    shown = client.get(page).content.decode()
    assert "sp-dial--late" in shown
    assert "Report it now, and say why it is late." in shown
    assert "say why" in refused(client, page, "report", number="IC-2")
    does(client, page, "report", number="IC-2", late_because="it was found on Monday")
    assert Incident.objects.get().late_because == "it was found on Monday"


def test_what_is_dangerous_asks_once_more_who_it_is(client: Client) -> None:
    client = signed_in(Role.BREACH, email="bree@council.example")
    page = opened(client)
    for step in STEPS:
        answer = client.get(f"{page}{step}/")
        if step in SUDO:
            assert answer.status_code == 302, step
            assert "/again/" in answer["Location"]
            assert client.post(f"{page}{step}/", {"because": "x"}).status_code == 302
        else:
            assert answer.status_code == 200, step
    assert Incident.objects.get().not_reported_because == ""


def test_only_what_belongs_to_this_incident_can_be_closed_here(client: Client) -> None:
    """Object-level: a pick-up of another mail, an address stopped for another incident, an incident that is none."""
    mine, other = sent("seizure"), sent("another", picked=(PICKER,))
    page, second = opened(client, mine), opened(client, other)
    foreign = PickupGrant.objects.get()
    refused(client, page, "revoke", chosen=[foreign.pk], why="x")
    foreign.refresh_from_db()
    assert foreign.ended == ""
    does(client, second, "stop", chosen=[PICKER])
    refused(client, page, "let-go", chosen=[PICKER], because="x")
    assert stopped_for("INC-2026-002") == [PICKER]
    for step in ("", "evidence/", *(f"{s}/" for s in STEPS)):
        assert client.get(f"/incidents/INC-2026-999/{step}").status_code == 404


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.BREACH])
def test_nobody_else_sees_or_does_any_of_it(client: Client, role: Role) -> None:
    page = opened(client, sent("epilepsy"))
    stranger = Client(SERVER_NAME="localhost", raise_request_exception=False)
    sign_in(stranger, account(role), sudo=True)
    for path in (page, "/incidents/", "/incidents/register.csv", "/search/", *(f"{page}{s}/" for s in STEPS)):
        for answer in (stranger.get(path), stranger.post(path, {"risk": "high", "because": "x"})):
            assert answer.status_code == 403, path
            assert CARER.encode() not in answer.content
    assert Incident.objects.get().risk == "open"


def test_a_form_of_another_site_does_nothing(client: Client) -> None:
    page = opened(client)
    client.handler.enforce_csrf_checks = True
    for path in ("/search/", "/incidents/open/", f"{page}evidence/", *(f"{page}{s}/" for s in STEPS)):
        answer = client.post(path, {"risk": "high", "because": "x", "kind": "lost", "q": "x"})
        assert answer.status_code == 403, path
        assert b"This form is out of date" in answer.content
    assert (Incident.objects.count(), Incident.objects.get().risk) == (1, "open")


def test_what_people_write_runs_nowhere_and_adds_no_header(client: Client) -> None:
    evil = "<script>alert(1)</script>\r\nSet-Cookie: a=b"
    page = opened(client, nature=evil)
    answer = client.get(page)
    assert b"<script>alert" not in answer.content
    assert "a=b" not in str(answer.headers)
    does(client, page, "write", nature='=HYPERLINK("http://evil.example")')
    table = client.get("/incidents/register.csv")
    assert table["Content-Disposition"].startswith('attachment; filename="register-of-breaches-2')
    (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert row["nature"].startswith("'=")
    assert AuditEvent.objects.filter(action="register of breaches downloaded", actor=ACTOR).exists()
    for reference in ("INC%0d%0aX:y", "%00"):
        assert client.get(f"/incidents/{reference}/").status_code == 404


def test_the_evidence_is_a_line_to_run_in_which_what_was_typed_is_one_word(client: Client) -> None:
    page = opened(client, sent("epilepsy"))
    assert client.get(f"{page}evidence/").status_code == 200
    assert "age1" in refused(client, page, "evidence", purpose="x", key="no key")
    key = str(x25519.Identity.generate().to_public())
    answer = client.post(f"{page}evidence/", {"purpose": "'; rm -rf / #", "key": key})
    row = Errand.objects.get(kind="evidence")
    assert (row.state, row.receiver, row.agreed_by) == ("proposed", key, "")
    shown = unescape(client.get(answer["Location"]).content.decode())
    assert "sallyport export" not in shown, "one person alone is not told how to do without the second"
    Errand.objects.update(state="asked", agreed_by="console:una@council.example")
    shown = unescape(client.get(answer["Location"]).content.decode())
    assert f"sallyport export incident --reference INC-2026-001 --purpose ''\"'\"'; rm -rf / #' --to {key}" in shown


def test_mails_are_added_by_their_numbers(client: Client) -> None:
    one, two = sent("seizure"), sent("night")
    page = opened(client, one)
    assert "is not a mail's number" in refused(client, page, "add", records="nonsense")
    assert "There is no record" in refused(client, page, "add", records="0" * 26)
    assert "1 mail was added." in does(client, page, "add", records=f"{one.lower()},\n{two}")
    assert IncidentRecord.objects.count() == 2
    assert client.get(f"/incidents/open/?record={one}&record={two}").status_code == 200


def test_what_cannot_be_opened_says_why(client: Client) -> None:
    answer = client.post("/incidents/open/", {"kind": "lost", "aware": "01/01/2100 10:00"})
    assert answer.status_code == 422
    assert "lies in the future" in answer.content.decode()
    answer = client.post("/incidents/open/", {"kind": "", "aware": "yesterday", "records": "x"})
    for says in ("Choose what went wrong.", "Write the time as 28/02/2026 14:30.", "is not a mail"):
        assert says in unescape(answer.content.decode())
    assert client.get("/incidents/open/?record=nonsense").status_code == 200
    assert Incident.objects.count() == 0


def test_many_mails_cost_no_more_questions(client: Client) -> None:
    """Of the database, on the page of one incident and on the register."""
    page = opened(client, sent("a", picked=(PICKER,)))
    times: dict[str, list[int]] = {page: [], "/incidents/?which=all": []}
    for more in range(2):
        for path, numbers in times.items():
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200
            numbers.append(len(asked))
        if not more:
            does(client, page, "add", records=" ".join(sent("b", picked=(PICKER,)) for _ in range(10)))
            for _ in range(5):
                opened(client)
    for few, many in times.values():
        assert many <= few < 60


def test_the_register_of_breaches_is_shown_page_by_page(client: Client) -> None:
    for _ in range(27):
        client.post("/incidents/open/", {"kind": "lost"})
    first, second = (client.get(f"/incidents/?which=all&page={n}").content.decode() for n in (1, 2))
    assert "Page 1 of 2" in first
    assert "which=all&amp;page=2" in first
    seen = [re.findall(r"/incidents/(INC-\d+-\d+)/", page) for page in (first, second)]
    assert [len(s) for s in seen] == [25, 2]
    assert len({*seen[0], *seen[1]}) == 27
    assert client.get("/incidents/?which=nonsense&page=x").status_code == 200
