"""Inspectors see the people that an access names, while it stands, and nothing else; each look is on the trail."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domain.decision import Action
from domain.errors import VaultUnavailable
from domain.inspection import Wanted
from register.models import Person, PersonName
from tests.support.filed import decided, filed
from tests.support.people import account, sign_in, signed_in
from vault import audit, inspection, looks
from vault.models import AuditEvent, InspectorAccess
from web import clock
from web.accounts import making
from web.accounts.models import Account
from web.accounts.roles import Role

pytestmark = pytest.mark.usefixtures("database")
INA, IAN, RITA = "ina@cqc.example", "ian@cqc.example", "rita@council.example"
TABS = ("", "permissions/", "timeline/")


@pytest.fixture(autouse=True)
def people() -> None:
    for ref, name in (("p-ann", "Ann Lee"), ("p-ben", "Ben Okoro")):
        person = Person.objects.create(ref=ref, council_id=f"SL-{name[:3].upper()}")
        PersonName.objects.create(person=person, name=name, main=True)


def granted(*refs: str, to: str = INA, until: datetime | None = None) -> InspectorAccess:
    now = clock.now()
    wanted = Wanted(f"console:{to}", f"console:{RITA}", refs, "s.63", "yearly", until or now + timedelta(days=7))
    return inspection.grant(wanted, now)


@pytest.fixture
def ina() -> Client:
    return signed_in(Role.INSPECTOR, email=INA)


def text(answer: object) -> str:
    """Without the token of its forms, in whose letters any short name may stand by chance."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def test_the_named_people_are_there_and_nobody_else_is(ina: Client) -> None:
    filed("olu@council.example", decided("carer@carers.example"), people=("p-ann",))
    other = filed("olu@council.example", decided("gp@surgery.example", Action.HOLD), people=("p-ben",))
    granted("p-ann")
    granted("p-ben", to=IAN)
    front = text(ina.get("/inspection/"))
    assert "Ann Lee (SL-ANN)" in front
    assert "Ben" not in front
    for tab in TABS:
        page = ina.get(f"/inspection/p-ann/{tab}")
        assert page.status_code == 200, tab
        assert "Ann Lee (SL-ANN)" in text(page)
        assert other.id not in text(page)
        assert "gp@surgery.example" not in text(page)
        for nobody in ("p-ben", "p-nobody"):
            assert ina.get(f"/inspection/{nobody}/{tab}").status_code == 404
    assert "carer@carers.example: <strong>sent protected (OpenPGP)</strong>" in text(ina.get("/inspection/p-ann/"))
    assert "Taken by the next mail server: carer@carers.example" in text(ina.get("/inspection/p-ann/timeline/"))


def test_a_record_about_two_does_not_say_who_the_other_is(ina: Client) -> None:
    """Nor why it was decided because of them."""
    filed("olu@council.example", decided("carer@carers.example", Action.HOLD), people=("p-ann", "p-ben"))
    granted("p-ben")
    page = text(ina.get("/inspection/p-ben/"))
    assert "also about 1 other" in page
    assert "Ann" not in page
    assert "no permission covers it" not in page
    assert "because of somebody else" in page


def test_every_page_bears_who_looks_and_when_and_is_recorded_first(
    ina: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = granted("p-ann")
    for tab, what in (("", "records"), ("permissions/", "permissions"), ("timeline/", "timeline")):
        page = text(ina.get(f"/inspection/p-ann/{tab}"))
        assert page.count(f"Robin Test, {INA}") == 1, "across the page"
        assert f"Shown to Robin Test ({INA})" in page
        assert "style=" not in page
        event = AuditEvent.objects.get(action=f"inspector saw {what}")
        assert event.actor == f"console:{INA}"
        assert (event.details["access"], event.details["person"]) == (access.pk, "p-ann")
    assert [e.action for e in looks.of_person("p-ann")][-1] == "inspector saw timeline"

    def broken(_: object) -> None:
        raise VaultUnavailable("down")

    monkeypatch.setattr(looks, "note", broken)
    for path in ("/inspection/", "/inspection/p-ann/"):
        unseen = ina.get(path)
        assert unseen.status_code == 503
        assert "Ann" not in text(unseen)


def test_from_its_last_second_on_it_shows_nothing(ina: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    until = clock.now() + timedelta(minutes=5)
    granted("p-ann", until=until)
    last = until - timedelta(microseconds=1)
    monkeypatch.setattr(clock, "now", lambda: last)
    assert ina.get("/inspection/p-ann/").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: until)
    for tab in TABS:
        assert ina.get(f"/inspection/p-ann/{tab}").status_code == 404
    assert "No access stands for you now" in text(ina.get("/inspection/"))


def test_an_end_a_lost_role_and_a_disabled_account_close_it_at_once(ina: Client) -> None:
    access = granted("p-ann")
    who = Account.objects.get(email=INA)
    assert ina.get("/inspection/p-ann/").status_code == 200
    inspection.end(access.pk, f"console:{RITA}", "the inspection is over", clock.now())
    assert ina.get("/inspection/p-ann/").status_code == 404
    granted("p-ann")
    assert ina.get("/inspection/p-ann/").status_code == 200
    making.take(who, Role.INSPECTOR, "cli:ola", clock.now())
    assert ina.get("/inspection/p-ann/").status_code == 403
    making.give(who, Role.INSPECTOR, "cli:ola", clock.now())
    making.disable(who, "cli:ola", clock.now())
    assert ina.get("/inspection/p-ann/").status_code == 302


def test_an_inspector_sees_no_other_page(ina: Client) -> None:
    granted("p-ann")
    for path in ("/records/", "/held/", "/register/", "/sent/", "/records/inspectors/"):
        assert ina.get(path).status_code == 403, path
    assert ina.post("/inspection/p-ann/").status_code in {200, 405}, "there is nothing to change"


def test_a_records_officer_grants_sees_what_was_looked_at_and_ends_it(ina: Client) -> None:
    rita = signed_in(Role.RECORDS, email=RITA, sudo=True)
    account(Role.OFFICER, email="olu@council.example")
    last = (clock.now() + timedelta(days=7)).date().isoformat()
    form = {"inspector": f"console:{INA}", "people": "SL-ANN", "authority": "s.63", "purpose": "yearly", "until": last}
    grant = "/records/inspectors/grant/"
    assert "Health and Social Care Act 2008 s.63" in text(rita.get(grant))
    no_inspector = rita.post(grant, form | {"inspector": "console:olu@council.example"})
    assert no_inspector.status_code == 422
    assert rita.post(grant, form | {"people": "SL-9"}).status_code == 422
    long = rita.post(grant, form | {"until": (clock.now() + timedelta(days=200)).date().isoformat()})
    assert (long.status_code, "three months at most" in text(long)) == (422, True)
    assert not InspectorAccess.objects.exists()
    assert rita.post(grant, form).status_code == 302
    access = InspectorAccess.objects.get()
    assert access.granted_by == f"console:{RITA}"
    assert AuditEvent.objects.get(action="inspection granted").details["people"] == ["p-ann"]
    assert "Open" in text(rita.get("/records/inspectors/"))
    ina.get("/inspection/p-ann/")
    page = text(rita.get(f"/records/inspectors/{access.pk}/"))
    assert "Records</td>" in page
    assert "Ann Lee (SL-ANN)" in page
    end = f"/records/inspectors/{access.pk}/end/"
    assert rita.post(end, {"why": ""}).status_code == 422
    assert rita.post(end, {"why": "over"}).status_code == 302
    assert ina.get("/inspection/p-ann/").status_code == 404
    again = rita.post(end, {"why": "over"})
    assert (again.status_code, "over already" in text(again)) == (422, True)
    with pytest.raises(inspection.CannotGrant):
        inspection.end(access.pk, "x", " ", clock.now())
    assert rita.get("/records/inspectors/99/").status_code == 404


def test_granting_asks_once_more_who_they_are_and_takes_no_form_of_another_site() -> None:
    client = signed_in(Role.RECORDS, email=RITA)
    assert client.get("/records/inspectors/grant/")["Location"].startswith("/sign-in/code/again/")
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    sign_in(strict, Account.objects.get(email=RITA), sudo=True)
    assert strict.post("/records/inspectors/grant/", {}).status_code == 403


def test_long_lists_come_a_page_at_a_time_with_as_many_questions(ina: Client) -> None:
    import re

    granted("p-ann")
    now = clock.now()

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert ina.get(path).status_code == 200
        return len(seen)

    filed("olu@council.example", decided("carer@carers.example"), people=("p-ann",), at=now)
    few = [asked(f"/inspection/p-ann/{tab}") for tab in TABS]
    for n in range(1, 60):
        filed("olu@council.example", decided("carer@carers.example"), people=("p-ann",), at=now - timedelta(minutes=n))
    assert all(asked(f"/inspection/p-ann/{tab}") <= f for tab, f in zip(TABS, few, strict=True))
    assert max(few) <= 40
    for tab, row in (("", r"sp-wrap\">(\w{26})<"), ("timeline/", r"sp-wrap\">(\w{26})<")):
        seen, path = [], f"/inspection/p-ann/{tab}"
        for _ in range(4):
            page = text(ina.get(path))
            seen += re.findall(row, page)
            older = re.search(r'href="(\?[^"]*)" rel="next"', page)
            if older is None:
                break
            path = f"/inspection/p-ann/{tab}{older[1]}"
        assert len(seen) == len(set(seen)) == 60, tab
    assert ina.get("/inspection/p-ann/timeline/?before=x").status_code == 200
    assert ina.get("/inspection/p-ann/timeline/?before=" + "9" * 40).status_code == 200


def test_what_somebody_typed_about_a_mail_of_two_people_is_kept_back(ina: Client) -> None:
    """A reason may name the other one; that something was done, and by whom, is told."""
    both = filed("olu@council.example", decided("carer@carers.example"), people=("p-ann", "p-ben"))
    alone = filed("olu@council.example", decided("carer@carers.example"), people=("p-ann",))
    for record, why in ((both.id, "Ben rang about it"), (alone.id, "Ann rang about it")):
        looks.note(audit.Event(clock.now(), "console:rita@council.example", "record looked at", record, why))
    granted("p-ann")
    page = text(ina.get("/inspection/p-ann/timeline/"))
    assert "Ann rang about it" in page
    assert "Ben rang" not in page
    assert "kept back: this mail is about somebody else as well" in page
    assert page.count("Record looked at") == 2


def test_the_end_is_the_day_that_was_chosen() -> None:
    from datetime import UTC, datetime

    from web.pages.templatetags.pages import end

    assert end(datetime(2026, 12, 6, tzinfo=UTC)) == "the end of 5 December 2026"
    assert end(datetime(2026, 6, 30, 23, tzinfo=UTC)) == "the end of 30 June 2026", "midnight here, in summer"
    assert end(datetime(2026, 12, 6, 14, 5, tzinfo=UTC)) == "6 December 2026, 2:05pm"
    assert end(None) == ""
