"""The lifecycle of permission over real tables: recorded, changed, reviewed, withdrawn, each with a sentence if not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from domain.model import Address, Category
from domain.permission import Capacity, PermissionState, ReviewIntervals, state
from register import circle, recording
from register import models as m
from register.acting import acting
from register.importing.storing import import_file
from register.recording import BestInterests, Form, Impossible, Line
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")

REVIEWS = ReviewIntervals()
MEDICAL, LEGAL = Category.MEDICAL, Category.LEGAL
TODAY = NOW.date()
GP, MAY = Line("GP", frozenset({MEDICAL})), Line("F-1", frozenset({MEDICAL, LEGAL}))
FORM = Form("P-1", "SL-1", date(2026, 6, 1), (GP, MAY))
DECISION = BestInterests(
    *("BI-1", "SL-1", date(2026, 7, 1), (GP,), "whether the surgery may know", "cannot weigh it up"),
    *("talked over", "likes the surgery", "her sister", "Olu"),
)


@pytest.fixture(autouse=True)
def people(database) -> None:
    """One person, her surgery and her sister."""
    ann = m.Person.objects.create(council_id="SL-1")
    m.Organisation.objects.create(code="GP", name="Surgery", domain="gp.example")
    m.Party.objects.create(code="F-1", kind="family", name="May", email="may@home.example", person=ann)
    m.Party.objects.create(code="O-1", kind="officer", name="Olu", email="olu@council.example")
    m.Household.objects.create(code="H-1")


def stands(address: str, category: Category = MEDICAL, at=NOW) -> PermissionState:
    """As the relay would judge it."""
    ann, who = m.Person.objects.get(council_id="SL-1"), Address.of(address)
    read = circle.read([ann.ref], [who], at, frozenset())
    party = read.parties[who][0] if who in read.parties else None
    return state(who, party, read.people[ann.ref], category, at, REVIEWS)


def lacks(day: date = date(2026, 6, 30)) -> None:
    recording.assess_capacity("SL-1", Capacity.LACKS, day, NOW, assessor="Dr Gill")


def signed() -> m.Permission:
    return recording.record_permission(FORM, NOW, REVIEWS)


def basis(**more: object) -> m.SharingBasis:
    fields = {
        "code": "B-1",
        "council_id": "SL-1",
        "basis": "safeguarding",
        "concern": "risk",
        "reason": "bruises",
        "recipients": ("Police@Force.example",),
        "categories": frozenset({MEDICAL}),
        "decided_by": "Manager",
        "until": NOW + timedelta(days=30),
    } | more
    from domain.decision import Basis
    from domain.tags import Concern

    fields |= {"basis": Basis(fields["basis"]), "concern": Concern(fields["concern"]) if fields["concern"] else None}
    return recording.record_basis(recording.NewBasis(**fields), NOW, REVIEWS)


def test_a_form_lets_whom_it_names_know_what_it_names():
    """And is due for review when the policy says, if it names no date itself."""
    assert signed().review_due == date(2027, 6, 1)
    found = [stands("x@gp.example"), stands("x@gp.example", LEGAL), stands("may@home.example", LEGAL), stands("a@b.c")]
    assert [f.value for f in found] == ["granted", "category-not-covered", "granted", "not-named"]


def test_a_form_of_somebody_whose_capacity_fluctuates_is_due_earlier():
    recording.assess_capacity("sl-1", Capacity.FLUCTUATES, date(2026, 5, 1), NOW)
    assert signed().review_due == date(2026, 6, 1) + REVIEWS.fluctuating


def test_the_same_again_changes_nothing():
    """Retries are safe: every function, called twice, leaves the same history as called once."""
    m.ReviewRequest.objects.create(**request_fields())
    m.UrgentRelease.objects.create(**release_fields())
    request, release = m.ReviewRequest.objects.get().pk, m.UrgentRelease.objects.get().pk
    steps: list[Callable[[], object]] = [
        lambda: recording.record_permission(Form("P-0", "SL-1", date(2026, 6, 1), (GP,)), NOW, REVIEWS),
        lacks,
        lambda: recording.record_best_interests(DECISION, NOW, REVIEWS),
        lambda: recording.renew("BI-1", NOW, REVIEWS, outcome="kept"),
        lambda: recording.withdraw("BI-1", NOW, recipients=["GP"]),
        lambda: recording.withdraw("BI-1", NOW + timedelta(hours=1), by="her deputy"),
        basis,
        lambda: recording.review_basis("B-1", NOW, outcome="still needed"),
        lambda: recording.end_basis("B-1", NOW),
        lambda: recording.begin_placement("SL-1", "H-1", date(2026, 1, 1), NOW),
        lambda: recording.end_placement("SL-1", "H-1", date(2026, 11, 1), NOW),
        lambda: recording.record_training("F-1", m.Training.DATA_PROTECTION, TODAY, NOW),
        lambda: recording.record_death("SL-1", TODAY, NOW),
        lambda: recording.close_review_request(request, NOW, by="Olu", outcome="she said no"),
        lambda: recording.review_release(release, NOW, by="Manager", outcome="right"),
    ]
    for step in steps:
        step()
        before = m.Change.objects.count()
        step()
        assert m.Change.objects.count() == before


def test_what_is_recorded_is_known_from_now_and_says_who_and_why():
    """The history bears the name of who acts, and the time that was given."""
    with acting("olu", "review meeting"):
        signed()
    row = m.Permission.history.get()
    assert (row.history_user_id, row.history_change_reason, row.history_date) == ("olu", "review meeting", NOW)


def test_a_withdrawal_acts_at_once_and_only_where_it_is_meant():
    signed()
    recording.withdraw("P-1", NOW, recipients=["GP"])
    assert (stands("x@gp.example"), stands("may@home.example")) == (PermissionState.WITHDRAWN, PermissionState.GRANTED)
    recording.withdraw("P-1", NOW, by="Ann")
    assert stands("may@home.example") is PermissionState.WITHDRAWN
    assert stands("may@home.example", at=NOW - timedelta(seconds=1)) is PermissionState.GRANTED


def test_a_form_dated_ahead_can_be_withdrawn_and_never_counts():
    """A file may bring a form that is signed tomorrow."""
    ann = m.Person.objects.get(council_id="SL-1")
    tomorrow = TODAY + timedelta(days=1)
    form = m.Permission(code="P-9", person=ann, ground="permission-to-share form", signed_on=tomorrow)
    form.review_due = tomorrow + timedelta(days=300)
    with acting("import", at=NOW):
        form.save()
    m.Grant(permission=form, organisation=m.Organisation.objects.get(), categories=["medical"]).save()
    recording.withdraw("P-9", NOW)
    assert stands("x@gp.example", at=NOW + timedelta(days=1, hours=1)) is PermissionState.WITHDRAWN


def test_nothing_brings_a_withdrawn_permission_back():
    """Neither a stale copy that is saved, nor a change, nor a review."""
    stale = signed()
    recording.withdraw("P-1", NOW)
    for attempt in (
        stale.save,
        lambda: recording.change_grants("P-1", (GP, MAY), NOW),
        lambda: recording.renew("P-1", NOW, REVIEWS, outcome="kept"),
    ):
        with pytest.raises((Impossible, ValidationError)) as caught:
            attempt()
        assert "new form" in getattr(caught.value, "public", str(caught.value))
    assert stands("x@gp.example") is PermissionState.WITHDRAWN


def test_a_form_can_be_withdrawn_after_it_turns_out_that_capacity_was_lacking():
    """An assessment dated back to before the signing stands in no withdrawal's way."""
    signed()
    lacks(date(2026, 5, 1))
    recording.withdraw("P-1", NOW, recipients=["GP"])
    assert recording.withdraw("P-1", NOW).withdrawn_at == NOW


def test_a_changed_form_withdraws_whom_it_no_longer_names():
    """At once; who stays may know what the form says now."""
    signed()
    recording.change_grants("P-1", (Line("F-1", frozenset({MEDICAL})), Line("O-1", frozenset({LEGAL}))), NOW)
    assert stands("x@gp.example") is PermissionState.WITHDRAWN
    assert stands("may@home.example", LEGAL) is PermissionState.NOT_COVERED
    assert stands("olu@council.example", LEGAL) is PermissionState.GRANTED


def test_who_comes_onto_a_form_later_was_not_named_before():
    """Nor does the same change again, or a change of what they may know, move the time."""
    signed()
    who = Line("O-1", frozenset({LEGAL}))
    for days in range(2):
        recording.change_grants("P-1", (GP, who), NOW + timedelta(days=days))
    recording.change_grants("P-1", (GP, Line("O-1", frozenset({LEGAL, MEDICAL}))), NOW + timedelta(days=2))
    assert stands("olu@council.example", LEGAL) is PermissionState.GRANTED
    assert stands("olu@council.example", LEGAL, at=NOW - timedelta(seconds=1)) is PermissionState.NOT_NAMED
    assert stands("x@gp.example", at=NOW - timedelta(seconds=1)) is PermissionState.GRANTED
    assert m.Grant.objects.get(party__code="O-1").since == NOW


def test_a_review_carries_an_overdue_permission_on():
    signed()
    later = NOW + timedelta(days=400)
    assert stands("x@gp.example", at=later) is PermissionState.OVERDUE
    form = recording.renew("P-1", later, REVIEWS, outcome="She is content")
    assert (form.review_due, form.review_outcome) == (later.date() + REVIEWS.usual, "She is content")
    assert stands("x@gp.example", at=later) is PermissionState.GRANTED


def test_a_best_interests_decision_counts_while_capacity_is_lacking():
    lacks()
    assert stands("x@gp.example") is PermissionState.NO_DECISION
    recording.record_best_interests(DECISION, NOW, REVIEWS)
    assert stands("x@gp.example") is PermissionState.BEST_INTERESTS


def test_another_ground_counts_until_it_is_ended():
    """For the address that it names, in any case."""
    basis()
    assert stands("POLICE@force.example") is PermissionState.SAFEGUARDING
    recording.end_basis("B-1", NOW)
    assert stands("police@force.example") is PermissionState.MISSING


def test_a_reviewed_ground_is_due_again_only_when_that_is_asked_for():
    basis()
    assert recording.review_basis("B-1", NOW, outcome="go on").review_due == TODAY
    again = recording.review_basis("B-1", NOW, outcome="go on", next_due=TODAY + timedelta(days=7))
    assert again.review_due == TODAY + timedelta(days=7)


def test_a_person_lives_where_the_last_placement_says():
    recording.begin_placement("SL-1", "H-1", date(2026, 1, 1), NOW)
    assert recording.end_placement("SL-1", "H-1", TODAY, NOW).ends == TODAY


def request_fields(**more: object) -> dict[str, object]:
    person = m.Person.objects.get(council_id="SL-1")
    fields = {"person": person, "recipient": "a@b.example", "officer": "olu@council.example", "rule": "new-involvement"}
    return fields | {"opened_at": NOW} | more


def release_fields(**more: object) -> dict[str, object]:
    fields = {"digest": "d", "officer": "olu@council.example", "recipient": "a@b.example", "concern": "risk"}
    return fields | {"released_at": NOW, "review_due": NOW + timedelta(hours=72)} | more


def _again(outcome: str, how: str) -> None:
    """A review of a release, or of a request, that was held already with another outcome."""
    table = m.UrgentRelease if how == "release" else m.ReviewRequest
    row = table.objects.create(**(release_fields() if how == "release" else request_fields()))
    hold = recording.review_release if how == "release" else recording.close_review_request
    hold(row.pk, NOW, by="Manager", outcome="right")
    hold(row.pk, NOW, by="Manager", outcome=outcome)


def _form(**more: object) -> Form:
    fields = {"code": "P-1", "council_id": "SL-1", "signed_on": date(2026, 6, 1), "lines": (GP, MAY)}
    return Form(**(fields | more))


def _dies_first() -> None:
    ann = m.Person.objects.get(council_id="SL-1")
    ann.date_of_birth = date(2000, 1, 1)
    ann.save()
    recording.record_death("SL-1", date(1999, 1, 1), NOW)


DAY = timedelta(days=1)
NEVER: dict[str, tuple[Callable[[], object], str]] = {
    "a form of nobody": (lambda: recording.record_permission(_form(council_id="SL-9"), NOW, REVIEWS), "no person"),
    "for nobody": (lambda: recording.record_permission(_form(lines=(Line("X", GP.categories),)), NOW, REVIEWS), "'X'"),
    "of nothing": (lambda: recording.record_permission(_form(lines=(Line("GP", frozenset()),)), NOW, REVIEWS), "known"),
    "a line twice": (lambda: recording.record_permission(_form(lines=(GP, GP)), NOW, REVIEWS), "once"),
    "signed tomorrow": (lambda: recording.record_permission(_form(signed_on=TODAY + DAY), NOW, REVIEWS), "future"),
    "without an id": (lambda: recording.record_permission(_form(code=" "), NOW, REVIEWS), "id"),
    "twice, another": (lambda: recording.record_permission(_form(lines=(GP,)), NOW, REVIEWS), "something else"),
    "due before": (
        lambda: recording.record_permission(_form(code="P-2", review_due=date(2026, 5, 1)), NOW, REVIEWS),
        "before the signing",
    ),
    "without capacity": (
        lambda: (lacks(date(2026, 5, 1)), recording.record_permission(_form(code="P-2"), NOW, REVIEWS)),
        "best-interests",
    ),
    "decided with capacity": (
        lambda: recording.record_best_interests(DECISION, NOW, REVIEWS),
        "no assessment said that the person lacks capacity",
    ),
    "withdraw nothing": (lambda: recording.withdraw("P-404", NOW), "no permission"),
    "withdraw for a stranger": (lambda: recording.withdraw("P-1", NOW, recipients=["O-1"]), "names F-1, GP"),
    "let in again": (
        lambda: (recording.withdraw("P-1", NOW, recipients=["GP"]), recording.change_grants("P-1", (GP, MAY), NOW)),
        "new form",
    ),
    "reviewed tomorrow": (lambda: recording.renew("P-1", NOW, REVIEWS, outcome="x", held_on=TODAY + DAY), "future"),
    "reviewed without outcome": (lambda: recording.renew("P-1", NOW, REVIEWS, outcome=" "), "what came of"),
    "reviewed backwards": (
        lambda: (
            recording.renew("P-1", NOW, REVIEWS, outcome="x"),
            recording.renew("P-1", NOW, REVIEWS, outcome="x", held_on=TODAY - DAY),
        ),
        "later review",
    ),
    "reviewed before signing": (
        lambda: recording.renew("P-1", NOW, REVIEWS, outcome="x", held_on=date(2026, 1, 1)),
        "before the signing",
    ),
    "next due now": (lambda: recording.renew("P-1", NOW, REVIEWS, outcome="x", next_due=TODAY), "after this one"),
    "an old form": (
        lambda: (
            recording.record_permission(_form(code="P-2", signed_on=TODAY), NOW, REVIEWS),
            recording.renew("P-1", NOW, REVIEWS, outcome="x"),
        ),
        "later form",
    ),
    "of the dead": (
        lambda: (recording.record_death("SL-1", TODAY, NOW), recording.renew("P-1", NOW, REVIEWS, outcome="x")),
        "died",
    ),
    "review lost capacity": (lambda: (lacks(), recording.renew("P-1", NOW, REVIEWS, outcome="x")), "best-interests"),
    "review regained capacity": (
        lambda: (
            lacks(),
            recording.record_best_interests(DECISION, NOW, REVIEWS),
            recording.assess_capacity("SL-1", Capacity.HAS, TODAY, NOW),
            recording.renew("BI-1", NOW, REVIEWS, outcome="x"),
        ),
        "decide for themselves",
    ),
    "safeguarding for no concern": (lambda: basis(concern=""), "seven concerns"),
    "a basis for nobody": (lambda: basis(recipients=()), "at least one recipient"),
    "a basis for a stranger": (lambda: basis(recipients=("X-1",)), "'X-1'"),
    "a basis by nobody": (lambda: basis(decided_by=""), "who decided"),
    "a basis over before it began": (lambda: basis(until=NOW - DAY), "before it starts"),
    "a basis twice": (lambda: (basis(), basis(reason="other")), "something else"),
    "a basis reviewed before": (
        lambda: (basis(), recording.review_basis("B-1", NOW, outcome="x", held_on=TODAY - DAY)),
        "before the decision",
    ),
    "a release reviewed twice": (lambda: _again("wrong", "release"), "already"),
    "a request closed twice": (lambda: _again("no", "request"), "already"),
    "no such release": (lambda: recording.review_release(9, NOW, by="x", outcome="y"), "no urgent release"),
    "an end without a start": (lambda: recording.end_placement("SL-1", "H-1", TODAY, NOW), "not placed there"),
    "two homes in one": (
        lambda: (
            recording.begin_placement("SL-1", "H-1", TODAY - DAY, NOW),
            recording.begin_placement("SL-1", "H-1", TODAY, NOW),
        ),
        "already",
    ),
    "training of nobody": (lambda: recording.record_training("X", m.Training.APPRAISAL, TODAY, NOW), "no party"),
    "training tomorrow": (lambda: recording.record_training("F-1", "appraisal", TODAY + DAY, NOW), "future"),
    "two assessments a day": (
        lambda: (lacks(TODAY), recording.assess_capacity("SL-1", Capacity.HAS, TODAY, NOW)),
        "a day already",
    ),
    "an assessment tomorrow": (lambda: lacks(TODAY + DAY), "future"),
    "dead before born": (_dies_first, "before they are born"),
}


@pytest.mark.parametrize("name", NEVER)
def test_what_cannot_be_is_refused_with_a_sentence_and_stores_nothing_half(name):
    """One error type; its public text says why; a refused step leaves no trace."""
    attempt, says = NEVER[name]
    if name not in {"without capacity", "for nobody", "of nothing", "a line twice", "signed tomorrow"}:
        signed()
    with pytest.raises(Impossible) as caught:
        attempt()
    assert says in caught.value.public
    assert caught.value.public.lstrip("'")[:1].isupper()
    assert caught.value.public.endswith(".")
    if not m.Permission.objects.exists():
        assert not m.Grant.objects.exists()


FILE = "type,id,person,role,party,categories,signed_on,review_due,reviewed_on\n{}\ngrant,,,P-1,GP,medical,,,\n"


def test_an_older_file_takes_back_neither_a_withdrawal_nor_a_review(tmp_path):
    """The case system may not have heard of it yet; a newer review in the file counts."""
    signed()
    recording.renew("P-1", NOW, REVIEWS, outcome="kept")
    recording.withdraw("P-1", NOW, recipients=["GP"])
    stands_now = stands("x@gp.example"), m.Permission.objects.get().review_due
    file = tmp_path / "old.csv"
    for review in ("2027-06-01,", "2027-06-01,2026-07-01"):
        file.write_text(FILE.format(f"permission,P-1,SL-1,,,,2026-06-01,{review}"))
        assert import_file(file).problems == []
        form = m.Permission.objects.get()
        assert (stands("x@gp.example"), form.review_due, form.reviewed_on) == (*stands_now, TODAY)
    file.write_text(FILE.format(f"permission,P-1,SL-1,,,,2026-06-01,2027-01-01,{TODAY}"))
    assert import_file(file).problems == []
    assert m.Permission.objects.get().review_due == date(2027, 1, 1)
