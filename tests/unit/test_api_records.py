"""The API's records: made, read, changed, never overwritten unseen, as they were known at a time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from register import models as m
from tests.support.api import CARER, HOME, PERSON, SURGERY, Caller, form, one_of_each
from tests.support.vaults import a_record
from web import clock

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def call(database) -> Caller:
    return Caller()


def test_a_person_comes_back_as_they_were_sent(call):
    """With names, an opaque reference, an address and an ETag."""
    answer = call("POST", "/people", PERSON)
    body = answer.json()
    assert (answer.status_code, answer["Location"], answer["ETag"]) == (201, f"/api/people/{body['id']}", body["etag"])
    assert body["ref"].startswith("p-")
    assert [n["name"] for n in body["names"]] == ["Ann Hill", "Ann Lee"]
    assert call("GET", f"/people/{body['id']}").json() == body


def test_what_is_saved_is_recorded_in_the_token_s_name(call):
    """Who and why are in the history of every row."""
    call("POST", "/people", PERSON, sallyport_reason="moved h\u00e9re".encode().decode("latin-1"))
    states = m.Person.history.all()
    assert [(s.history_user_id, s.history_change_reason) for s in states] == [(f"api:{call.name}", "moved h\u00e9re")]
    assert {c.who for c in m.Change.objects.all()} == {f"api:{call.name}"}


def test_one_of_each_can_be_made_and_listed(call):
    """References are by code or reference; every list shows what was made."""
    made = one_of_each(call)
    person = made["person"]["ref"]
    call.made("/placements", {"person": person, "household": "H-1", "starts": "2020-01-01"})
    call.made("/capacity-assessments", {"person": person, "capacity": "fluctuating", "starts": "2026-01-01"})
    call.made("/teams", {"code": "T-1", "name": "North"})
    call.made("/households", {"code": "H-2"})
    call.made("/supports", {"party": "C-1", "household": "H-2", "starts": "2026-01-01", "ends": "2026-12-31"})
    call.made("/trainings", {"party": "C-1", "kind": "data-protection", "done_on": "2026-02-02"})
    basis = {
        "code": "B-1", "person": person, "basis": "safeguarding", "concern": "risk", "reason": "was hurt",
        "recipients": ["ORG-1"], "categories": ["medical"], "decided_by": "Olu Ade", "review_due": "2026-12-01",
        "since": "2026-11-20T10:00:00+00:00", "until": "2026-11-27T10:00:00Z",
    }  # fmt: skip
    assert call.made("/sharing-bases", basis)["since"].startswith("2026-11-20T10:00:00")
    assert len(call("GET", "/households").json()["items"]) == 2
    for path in ("people", "supports", "parties", "placements", "capacity-assessments", "teams", "trainings",
                 "organisations", "permissions", "sharing-bases"):  # fmt: skip
        assert len(call("GET", f"/{path}").json()["items"]) == 1, path
    assert made["carer"]["email"] == "cara@carers.example"


def test_a_list_goes_by_pages(call):
    """Each row once, in order, and the last page says so."""
    for n in range(5):
        call.made("/households", {"code": f"H-{n}"})
    seen, cursor = [], ""
    while cursor is not None:
        page = call("GET", f"/households?limit=2&cursor={cursor}").json()
        seen += [h["code"] for h in page["items"]]
        cursor = page["next"]
    assert seen == [f"H-{n}" for n in range(5)]


@pytest.mark.parametrize("cursor", ["bjE=x", "____", "bng", "9"])
def test_a_cursor_that_was_not_given_out_is_refused(call, cursor):
    assert call("GET", f"/households?cursor={cursor}").status_code == 422


def test_filters_find_by_code_and_person(call):
    made = one_of_each(call)
    assert [p["code"] for p in call("GET", "/parties?code=C-1").json()["items"]] == ["C-1"]
    assert call("GET", "/parties?code=C-2").json()["items"] == []
    assert len(call("GET", f"/permissions?person={made['person']['ref']}").json()["items"]) == 1
    assert call("GET", "/permissions?person=p-none").json()["items"] == []


def test_an_unchanged_record_is_not_sent_again(call):
    """If-None-Match gives 304, and 200 once something changed, also in a part."""
    made = call.made("/people", PERSON)
    where = f"/people/{made['id']}"
    again = call("GET", where, if_none_match=f'"x", W/{made["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    names = [{"name": "Ann Lee", "main": True}]
    assert call("PATCH", where, {"names": names}, if_match=made["etag"]).status_code == 200
    assert call("GET", where, if_none_match=made["etag"]).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_says_which_state_it_means(call, method):
    """428 without If-Match, 412 with an old or weak one, and nothing is changed."""
    made = call.made("/households", HOME)
    where = f"/households/{made['id']}"
    assert call(method, where, HOME | {"name": "x"}).status_code == 428
    stale = call(method, where, HOME | {"name": "x"}, if_match='"900", "0"')
    assert (stale.status_code, stale["ETag"]) == (412, made["etag"])
    assert call(method, where, HOME | {"name": "x"}, if_match=f"W/{made['etag']}").status_code == 412
    assert call("GET", where).json() == made
    assert call(method, where, HOME | {"name": "x"}, if_match=made["etag"]).status_code in {200, 204}


def test_of_two_writers_one_is_told(call):
    """Both read the same state; one wins, the other gets 412 and their change is not lost unseen."""
    made = call.made("/households", HOME)
    answers: list[int] = []
    start = threading.Barrier(2)

    def write(name: str) -> None:
        start.wait()
        answers.append(call("PATCH", f"/households/{made['id']}", {"name": name}, if_match=made["etag"]).status_code)

    threads = [threading.Thread(target=write, args=(n,)) for n in ("The Oaks", "The Firs")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(answers) == [200, 412]
    assert m.Household.history.count() == 2


def test_replacing_forgets_what_is_left_out_and_amending_keeps_it(call):
    made = call.made("/organisations", SURGERY)
    where = f"/organisations/{made['id']}"
    amended = call("PATCH", where, {"name": "Clinic"}, if_match=made["etag"]).json()
    assert (amended["name"], amended["domain"]) == ("Clinic", "surgery.example")
    put = call("PUT", where, {"code": "ORG-1", "name": "Clinic"}, if_match=amended["etag"]).json()
    assert put["domain"] == ""


def test_a_change_that_changes_nothing_leaves_no_state(call):
    """Idempotent: no new ETag, no line in the feed."""
    made = call.made("/people", PERSON)
    before = m.Change.objects.count()
    again = call("PUT", f"/people/{made['id']}", PERSON, if_match=made["etag"]).json()
    assert (again["etag"], m.Change.objects.count()) == (made["etag"], before)


def test_the_main_name_can_become_a_former_one(call):
    """In one request, whatever the order."""
    made = call.made("/people", PERSON)
    names = [{"name": "Ann Hill", "main": True}, {"name": "Ann Lee", "ends": "2026-01-01"}]
    changed = call("PATCH", f"/people/{made['id']}", {"names": names}, if_match=made["etag"])
    assert {n["name"]: n["main"] for n in changed.json()["names"]} == {"Ann Lee": False, "Ann Hill": True}


def test_a_withdrawn_line_is_not_taken_out(call):
    """Nor a permission deleted: a withdrawal would be forgotten with it (promise 5)."""
    made = one_of_each(call)["form"]
    where = f"/permissions/{made['id']}"
    fewer = call("PATCH", where, {"grants": made["grants"][:1]}, if_match=made["etag"])
    assert (fewer.status_code, "not taken out" in fewer.json()["detail"]) == (422, True)
    assert call("DELETE", where, if_match=made["etag"]).status_code == 405
    withdrawn = [g | {"withdrawn_at": "2026-11-01T00:00:00Z"} for g in made["grants"]]
    assert call("PATCH", where, {"grants": withdrawn}, if_match=made["etag"]).status_code == 200
    carer = call("GET", "/parties?code=C-1").json()["items"][0]
    gone = call("DELETE", f"/parties/{carer['id']}", if_match=carer["etag"])
    assert (gone.status_code, m.Grant.objects.count()) == (409, 2)


def test_who_is_named_by_a_ground_cannot_go_and_the_ground_does_not_come_back(call):
    """A body that leaves out its end does not take it up again; with whom it names, its code would pass on."""
    made = one_of_each(call)
    other = call.made("/parties", {"code": "P-7", "kind": "professional", "name": "Desk", "email": "desk@x.example"})
    body = {
        "code": "B-1", "person": made["person"]["ref"], "basis": "legal duty", "reason": "an order",
        "recipients": ["P-7"], "categories": ["medical"], "decided_by": "Olu Ade", "review_due": "2026-12-01",
        "since": "2026-11-01T10:00:00Z", "until": "2026-12-27T10:00:00Z",
    }  # fmt: skip
    basis = call.made("/sharing-bases", body)
    where, end = f"/sharing-bases/{basis['id']}", {"ended_at": "2026-11-20T00:00:00Z"}
    assert call("PATCH", where, end, if_match=basis["etag"]).status_code == 200
    again = call("PUT", where, body, if_match="*")
    assert (again.status_code, "not taken up again" in again.json()["detail"]) == (422, True)
    gone = call("DELETE", f"/parties/{other['id']}", if_match=other["etag"])
    assert (gone.status_code, m.Party.objects.filter(code="P-7").exists()) == (409, True)


def test_a_household_with_a_carer_cannot_go(call):
    made = one_of_each(call)["household"]
    assert call("DELETE", f"/households/{made['id']}", if_match=made["etag"]).status_code == 409


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/people", PERSON | {"nhs_number": "9990000019"}, 422, "check digit"),
        ("/people", PERSON | {"names": []}, 422, "names"),
        ("/people", PERSON | {"names": [{"name": "A"}]}, 422, "main one"),
        ("/people", PERSON | {"died_on": "1970-01-01"}, 422, "before they are born"),
        ("/people", PERSON | {"colour": "blue"}, 422, "colour"),
        ("/people", PERSON | {"date_of_birth": 0}, 422, "text"),
        ("/people", PERSON | {"council_id": "a\x00b"}, 422, "pattern"),
        ("/people", PERSON | {"names": [{"name": "A", "main": True}, {"name": "A"}]}, 422, "twice"),
        ("/parties", CARER | {"household": "H-9"}, 422, "no household"),
        ("/parties", CARER | {"household": None}, 422, "a carer has a household"),
        ("/parties", CARER | {"email": "cara"}, 422, "email"),
        ("/permissions", form("p-none"), 422, "no person"),
    ],
)
def test_what_cannot_be_is_a_sentence(call, path, body, status, says):
    """RFC 9457, and nothing is stored."""
    before = m.Change.objects.count()
    answer = call("POST", path, body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert says in answer.content.decode()
    assert m.Change.objects.count() == before


def test_the_mental_capacity_act_is_asked_for(call):
    """The sentence of the rule that was broken comes through."""
    person = one_of_each(call)["person"]["ref"]
    answer = call("POST", "/permissions", form(person, code="BI-1", ground="best-interests decision", grants=[]))
    assert answer.status_code == 422
    assert "Mental Capacity Act 2005" in answer.json()["detail"]


def test_an_identifier_twice_is_a_conflict(call):
    call.made("/people", PERSON)
    assert call("POST", "/people", PERSON | {"council_id": "SL-2"}).status_code == 409
    made = call.made("/households", HOME)
    moved = call("PUT", f"/households/{made['id']}", {"code": "H-2"}, if_match=made["etag"])
    assert (moved.status_code, "never changes" in moved.content.decode()) == (422, True)


def test_the_past_as_it_was_known(call):
    """A permission withdrawn since is seen as it stood when the mail was sent; a later one is not seen."""
    made = one_of_each(call)
    then = clock.now()
    where, ref = f"/permissions/{made['form']['id']}", made["person"]["ref"]
    after = {"withdrawn_at": (then + timedelta(seconds=1)).isoformat(), "withdrawn_by": "Ann Lee"}
    assert call("PATCH", where, after, if_match=made["form"]["etag"]).status_code == 200
    at = then.isoformat().replace("+", "%2B")
    assert call("GET", f"{where}?known_at={at}").json() == made["form"] | {"etag": None}
    listed = call("GET", f"/permissions?person={ref}&known_at={at}").json()["items"]
    assert [p["withdrawn_at"] for p in listed] == [None]
    assert call("GET", where).json()["withdrawn_at"] is not None
    person = call("GET", f"/people/{made['person']['id']}?known_at={at}").json()
    assert person == made["person"] | {"etag": None}
    before = (then - timedelta(hours=1)).astimezone(UTC).isoformat().replace("+", "%2B")
    assert call("GET", f"{where}?known_at={before}").status_code == 404
    assert call("GET", f"/permissions?known_at={at}").status_code == 422


@pytest.mark.parametrize("moment", ["2026-11-01", "2026-11-01T10:00:00", "0001-01-01T00:00:00%2B14:00", "soon", "12"])
def test_a_moment_has_its_offset(call, moment):
    """Nothing is guessed, and no year overflows."""
    assert call("GET", f"/people/1?known_at={moment}").status_code == 422


def test_reviews_are_recorded_once(call):
    """The same again changes nothing; another outcome is refused."""
    person = m.Person.objects.get(ref=one_of_each(call)["person"]["ref"])
    now = datetime(2026, 11, 20, tzinfo=UTC)
    release = m.UrgentRelease.objects.create(
        digest="0" * 64, officer="o@council.example", recipient="r@x.example", concern="risk", released_at=now,
        review_due=now + timedelta(days=3),
    )  # fmt: skip
    request = m.ReviewRequest.objects.create(
        person=person, recipient="r@x.example", officer="o@council.example", rule="not-named", opened_at=now
    )
    held = {"by": "Mo Khan", "outcome": "was right"}
    for where, field in (
        (f"/urgent-releases/{release.pk}/review", "reviewed_at"),
        (f"/review-requests/{request.pk}/close", "closed_at"),
    ):
        first = call("POST", where, held)
        assert (first.status_code, first.json()[field] is not None) == (200, True)
        assert call("POST", where, held).json() == first.json()
        assert call("POST", where, held | {"outcome": "was wrong"}).status_code == 409
        assert call("POST", where, {"by": " ", "outcome": "x"}).status_code == 422
    assert call("POST", "/urgent-releases/99/review", held).status_code == 404


def test_keys_are_read_only(call):
    m.RecipientKey.objects.create(address="a@b.example", method="OpenPGP", fingerprint="AA", data=b"\x00key")
    assert call("GET", "/keys?fingerprint=AA").json()["items"][0]["data"] == "AGtleQ=="
    assert call("POST", "/keys", {}).status_code == 405


def test_since_when_is_said_or_it_is_from_now(call):
    """A case system that reads a record, changes it and sends it back whole, says nothing of when that began."""
    made = one_of_each(call)
    call.made("/households", {"code": "H-2"})
    where = f"/parties/{made['carer']['id']}"
    body = call("GET", where).json()
    tag, sent = body.pop("etag"), body | {"household": "H-2"}
    del sent["id"]
    moved = call("PUT", where, sent, if_match=tag).json()
    assert moved["household_from"] == clock.now().date().isoformat()
    back = call("PATCH", where, {"household": "H-1", "household_from": "2030-01-01"}, if_match=moved["etag"]).json()
    assert (back["household"], back["household_from"]) == ("H-1", "2030-01-01")
    earlier = call("GET", "/earlier-households?party=C-1").json()["items"]
    assert [(e["household"], e["ends"]) for e in earlier][1:] == [("H-2", "2029-12-31")]
    assert earlier[0]["household"] == "H-1"
    kept = call("PATCH", where, {"household_from": None}, if_match=back["etag"]).json()
    assert (kept["household_from"], kept["etag"]) == ("2030-01-01", back["etag"])
    assert m.EarlierHousehold.history.count() == 2


def test_a_paper_that_is_not_in_the_vault_is_refused(call):
    """With the field at fault, and what to do."""
    made = one_of_each(call)
    answer = call("POST", "/permissions", form(made["person"]["ref"], code="X-1", document="cabinet 4"))
    assert answer.status_code == 422
    assert "no record of the vault" in answer.json()["detail"]
    paper = a_record("0SGF3G392SM1XRX4C4DW1WVR70", made["person"]["ref"])
    assert call("POST", "/permissions", form(made["person"]["ref"], code="X-1", document=paper)).status_code == 201
