"""The records officer's pages: requests with their clock, retention, holds and disposal by two people."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domain.access_request import Wanted
from register.models import Household, Person, PersonName, Placement
from tests.support.filed import decided, filed
from tests.support.people import account, sign_in, signed_in
from vault.acting import Acting
from vault.export import cases
from vault.holds.setting import NewHold, set_hold
from vault.models import (
    AccessRequest,
    AuditEvent,
    DisposalApproval,
    DisposalBatch,
    DisposalLine,
    LegalHold,
    RetentionState,
    TargetKind,
    VaultSubject,
)
from web import clock
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
RITA, SAM, TOM = "rita@council.example", "sam@council.example", "tom@council.example"


@pytest.fixture(autouse=True)
def ann() -> None:
    person = Person.objects.create(ref="p-ann", council_id="SL-00001")
    PersonName.objects.create(person=person, name="Ann Lee", main=True)


@pytest.fixture
def rita() -> Client:
    return signed_in(Role.RECORDS, email=RITA, sudo=True)


def text(answer: object) -> str:
    return answer.content.decode()


def today() -> str:
    return f"{Acting('x', clock.now()).today}"


def opened(days_ago: int = 1) -> AccessRequest:
    acting = Acting("cli:jo", clock.now())
    return cases.open_case("p-ann", acting.today - timedelta(days=days_ago), acting)


# Requests


def test_a_request_from_its_day_to_its_end(rita: Client) -> None:
    wrong = rita.post("/records/requests/open/", {"person": "SL-9", "received": today(), "asker": "person"})
    assert wrong.status_code == 422
    assert "Nobody in the register has the council ID SL-9" in text(wrong)
    form = {"person": "sl-00001", "received": today(), "asker": "solicitor", "scope": "letters of 2025"}
    assert rita.post("/records/requests/open/", form).status_code == 302
    case = AccessRequest.objects.get()
    assert (case.person, case.opened_by) == ("p-ann", f"console:{RITA}")
    listed = text(rita.get("/records/requests/"))
    assert "Ann Lee (SL-00001)" in listed
    assert "days left" in listed
    base = f"/records/requests/{case.pk}"
    assert f"sallyport sar collect {case.code}" in text(rita.get(f"{base}/"))
    assert rita.post(f"{base}/question/", {"wanted": "clarification", "on": today()}).status_code == 302
    assert "The clock stands still" in text(rita.get(f"{base}/"))
    twice = rita.post(f"{base}/question/", {"wanted": "clarification", "on": today()})
    assert (twice.status_code, "awaited already" in text(twice)) == (422, True)
    assert rita.post(f"{base}/answer/", {"wanted": "clarification", "on": today()}).status_code == 302
    assert rita.post(f"{base}/extend/", {"reason": "two thousand mails", "on": today()}).status_code == 302
    assert "extended by two months" in text(rita.get(f"{base}/"))
    assert rita.post(f"{base}/close/", {"outcome": "", "on": today()}).status_code == 422
    assert rita.post(f"{base}/close/", {"outcome": "withdrawn", "on": today()}).status_code == 302
    page = text(rita.get(f"{base}/"))
    assert "withdrawn" in page
    assert "sar collect" not in page
    assert case.code in text(rita.get("/records/requests/?finished=1"))
    assert case.code not in text(rita.get("/records/requests/"))
    assert rita.get("/records/requests/99/").status_code == 404


def test_what_is_late_stands_first_and_on_the_front_page(rita: Client) -> None:
    fresh, late = opened(1), opened(60)
    listed = text(rita.get("/records/requests/"))
    assert listed.index(late.code) < listed.index(fresh.code)
    assert "OVERDUE by" in listed
    front = text(rita.get("/records/"))
    assert "2 open" in front
    assert "1 overdue" in front
    assert AuditEvent.objects.filter(actor=f"console:{RITA}", action="access-listed").exists()


def test_finished_requests_come_a_page_at_a_time(rita: Client) -> None:
    acting = Acting("cli:jo", clock.now())
    for n in range(60):
        cases.close(opened(n + 1), acting.today, "answered", acting)
    first = text(rita.get("/records/requests/?finished=1"))
    (older,) = re.findall(r'href="(\?[^"]*)" rel="next"', first)
    second = text(rita.get("/records/requests/" + older.replace("&amp;", "&")))
    codes = re.findall(r">(SAR-\d+)<", first) + re.findall(r">(SAR-\d+)<", second)
    assert len(codes) == len(set(codes)) == 60


# Retention


def test_the_plan_is_a_picture_and_the_same_in_a_table(rita: Client) -> None:
    assert "No record has been reckoned yet" in text(rita.get("/records/retention/?anew"))
    now = clock.now()
    for n, days in enumerate((-5, 30, 30)):
        row = filed("olu@council.example", decided("carer@carers.example"), at=now - timedelta(days=n))
        RetentionState.objects.create(
            record=row,
            until=(now + timedelta(days=days)).date(),
            record_class="medical",
            event="from the end of care",
            reckoned_at=now,
        )
    assert "<svg" not in text(rita.get("/records/retention/")), "counted a moment ago"
    page = text(rita.get("/records/retention/?anew"))
    assert "<svg" in page
    assert "<title" in page[page.index("<svg") :]
    assert "style=" not in page
    table = page[page.index("The same in numbers") :]
    assert re.search(r"Overdue</th>\s*<td[^>]*>1</td>\s*<td[^>]*>1 medical", table)
    assert sum(map(int, re.findall(r"--numeric\">(\d+)</td>", table))) == 3


# Holds


def test_a_hold_is_set_and_lifted_by_two_people(rita: Client) -> None:
    record = filed("olu@council.example", decided("carer@carers.example"), people=("p-ann",))
    review = (clock.now() + timedelta(days=90)).date().isoformat()
    form = {"reason": "court", "reference": "C-1", "review": review}
    nothing = rita.post("/records/holds/new/", form)
    assert (nothing.status_code, "Say what the hold is on" in text(nothing)) == (422, True)
    unknown = rita.post("/records/holds/new/", form | {"record": "0" * 26})
    assert (unknown.status_code, "There is no record" in text(unknown)) == (422, True)
    done = rita.post("/records/holds/new/", form | {"person": "SL-00001"}, follow=True)
    assert "It covers 1 record by now" in text(done)
    hold = LegalHold.objects.get()
    page = text(rita.get(f"/records/holds/{hold.pk}/"))
    assert "Ann Lee (SL-00001)" in page
    assert record.id in page
    lift, ask = f"/records/holds/{hold.pk}/lift/", f"/records/holds/{hold.pk}/ask/"
    early = rita.post(lift)
    assert (early.status_code, "nobody has asked" in text(early)) == (422, True)
    assert rita.post(ask, {"why": "the case is over"}).status_code == 302
    own = rita.post(lift, {"seen": ""})
    assert "second person" in text(own)
    sam = signed_in(Role.RECORDS, email=SAM, sudo=True)
    assert "the case is over" in text(sam.get(lift))
    assert LegalHold.objects.get().lifted_at is None
    assert sam.post(lift, {"seen": ""}).status_code == 302
    assert LegalHold.objects.get().lifted_by == f"console:{SAM}"
    assert "C-1" in text(sam.get("/records/holds/?lifted=1"))
    assert rita.get("/records/holds/nothing/").status_code == 404


def test_the_breach_team_sees_holds_and_changes_none() -> None:
    set_hold(
        NewHold("court", "C-1", (clock.now() + timedelta(days=9)).date(), {TargetKind.PERSON: ["p-ann"]}),
        "cli:jo",
        clock.now(),
    )
    client = signed_in(Role.BREACH, sudo=True)
    hold = LegalHold.objects.get()
    assert client.get("/records/holds/").status_code == 200
    assert "lifted</a>" not in text(client.get(f"/records/holds/{hold.pk}/"))
    for path in ("new/", f"{hold.pk}/ask/", f"{hold.pk}/lift/"):
        assert client.post(f"/records/holds/{path}", {"why": "x"}).status_code == 403


# Disposal


@pytest.fixture
def run_out(tmp_path: Path) -> DisposalBatch:
    """A proposal by the worker of one record about nobody, whose time has come."""
    from vault.disposal import proposing
    from web.console.outside import outside

    old = clock.now() - timedelta(days=365 * 40)
    row = filed("olu@council.example", decided("carer@carers.example"), at=old)
    done = proposing.propose(outside().viewer(), "worker:one", clock.now(), proposing.MOST)
    assert (done.records, row.id) == (1, DisposalLine.objects.get().record_id)
    return DisposalBatch.objects.get()


def approve(client: Client, batch: DisposalBatch) -> object:
    page = text(client.get(f"/records/disposal/{batch.pk}/"))
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    return client.post(f"/records/disposal/{batch.pk}/approve/", {"seen": seen}, follow=True)


def test_what_counts_from_a_day_that_has_not_come_says_so(rita: Client, run_out: DisposalBatch) -> None:
    """It is about somebody after all, who is in care: the page of the proposal still opens."""
    VaultSubject.objects.create(record=DisposalLine.objects.get().record, person="p-ann")
    home = Household.objects.create(code="H-1")
    Placement.objects.create(person=Person.objects.get(), household=home, starts=clock.now().date())
    answer = rita.get(f"/records/disposal/{run_out.pk}/")
    assert answer.status_code == 200
    assert "which has no day yet" in text(answer)


def test_two_records_officers_approve_what_they_saw(rita: Client, run_out: DisposalBatch) -> None:
    assert "1 open" in text(rita.get("/records/disposal/"))
    assert "You approved 1 line." in text(approve(rita, run_out))
    page = text(rita.get(f"/records/disposal/{run_out.pk}/"))
    assert "You have approved. It takes a second person." in page
    (code,) = re.findall(r"[0-9a-f]{12}", "".join(DisposalApproval.objects.values_list("digest", flat=True))[:12])
    again = rita.post(f"/records/disposal/{run_out.pk}/approve/", {"seen": code})
    assert again.status_code == 409
    sam = signed_in(Role.RECORDS, email=SAM, sudo=True)
    page = text(approve(sam, run_out))
    assert f"sallyport disposal execute {run_out.pk}" in page
    assert f"{RITA}, {SAM}" in page
    assert "console:" not in page
    assert re.search(r"years from [a-z, ]+ on \d+ [A-Z][a-z]+ \d{4}: may go from \d+ [A-Z][a-z]+ \d{4} on", page)
    assert sorted(DisposalApproval.objects.values_list("by", flat=True)) == [f"console:{RITA}", f"console:{SAM}"]


def test_what_changed_since_it_was_seen_is_not_approved(rita: Client, run_out: DisposalBatch) -> None:
    page = text(rita.get(f"/records/disposal/{run_out.pk}/"))
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    line = DisposalLine.objects.get()
    review = (clock.now() + timedelta(days=9)).date()
    set_hold(NewHold("court", "C-1", review, {TargetKind.RECORD: [line.record_id]}), "cli:jo", clock.now())
    answer = rita.post(f"/records/disposal/{run_out.pk}/approve/", {"seen": seen})
    assert answer.status_code == 409
    assert "not what you saw" in text(answer)
    page = text(rita.get(f"/records/disposal/{run_out.pk}/"))
    assert "A legal hold is on it" in page
    assert "I have looked at it" not in page
    assert not DisposalApproval.objects.exists()


def test_who_proposes_cannot_approve_and_anybody_can_keep(rita: Client) -> None:
    filed("olu@council.example", decided("carer@carers.example"), at=clock.now() - timedelta(days=365 * 40))
    done = rita.post("/records/disposal/propose/", {"seen": ""}, follow=True)
    assert "Proposed: 1 record and" in text(done)
    batch = DisposalBatch.objects.get()
    assert batch.proposed_by == f"console:{RITA}"
    page = text(rita.get(f"/records/disposal/{batch.pk}/"))
    assert "You proposed it" in page
    assert "I have looked at it" not in page
    line = DisposalLine.objects.get()
    path = f"/records/disposal/{batch.pk}/{line.pk}/keep/"
    past = rita.post(path, {"why": "an inquiry", "until": "2020-01-01"})
    assert (past.status_code, "later than today" in text(past)) == (422, True)
    later = (clock.now() + timedelta(days=90)).date().isoformat()
    assert rita.post(path, {"why": "an inquiry", "until": later}).status_code == 302
    assert DisposalLine.objects.get().refused_by == f"console:{RITA}"
    for nothing in (
        "/records/disposal/nothing/",
        "/records/disposal/certificates/nothing/",
        path.replace(batch.pk, "x"),
    ):
        assert rita.get(nothing).status_code == 404


def test_approving_asks_once_more_who_they_are(run_out: DisposalBatch) -> None:
    client = signed_in(Role.RECORDS, email=TOM)
    answer = client.post(f"/records/disposal/{run_out.pk}/approve/", {"seen": "x"})
    assert answer["Location"].startswith("/sign-in/code/again/")
    assert not DisposalApproval.objects.exists()


def test_a_form_of_another_site_approves_nothing(run_out: DisposalBatch) -> None:
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    sign_in(client, account(Role.RECORDS, email=TOM), sudo=True)
    for path in (f"disposal/{run_out.pk}/approve/", "holds/new/", "requests/open/"):
        assert client.post(f"/records/{path}", {"seen": "x"}).status_code == 403


def test_the_number_of_questions_does_not_grow(rita: Client) -> None:
    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert rita.get(path).status_code == 200, path
        return len(seen)

    paths = ("/records/", "/records/requests/", "/records/holds/", "/records/disposal/")
    case = opened()
    cases.ask(case, Wanted.CLARIFICATION, case.received, Acting("cli:jo", clock.now()))
    few = [asked(path) for path in paths]
    for n in range(2, 22):
        other = opened(n)
        cases.ask(other, Wanted.CLARIFICATION, other.received, Acting("cli:jo", clock.now()))
        review = (clock.now() + timedelta(days=n)).date()
        set_hold(NewHold("court", f"C-{n}", review, {TargetKind.PERSON: ["p-ann"]}), "cli:jo", clock.now())
        DisposalBatch.objects.create(id=f"{n:026}", proposed_by="worker:one", proposed_at=clock.now())
    many = [asked(path) for path in paths]
    assert all(m <= f + 2 for m, f in zip(many, few, strict=True)), (few, many)
    assert max(many) <= 30
