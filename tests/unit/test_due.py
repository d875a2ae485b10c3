"""What is due when: over real tables, by the rules that decide mails; and whom it is told to, once a week."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

import pytest

from config import policy
from config.settings import HERE, Settings
from domain.due import Due, Matter, Stage, after, digests, in_order, week_of
from domain.errors import NextHopUnavailable
from domain.model import Address, Category
from domain.outgoing import HopReply, Outgoing
from domain.permission import PermissionState, state
from gateway.digest import Digest, send
from gateway.expiring import own_keys, recipients_keys
from gateway.protect.generate import make_openpgp_key, make_smime_identity
from register import circle, due, recording
from register import models as m
from register.recording import Form, Line
from tests.fakes import NOW

RULES = policy.load(HERE / "policy.toml")
TODAY = NOW.date()
OFFICE, BOSS, OLU = "office@council.example", "boss@council.example", "olu@council.example"
DIGEST = Digest("Shared Lives", OFFICE, "020 7946 0000", "sallyport.council.example")


def item(until: datetime | None, matter: Matter = Matter.PERMISSION, *officers: str, about: str = "SL-1") -> Due:
    return Due(matter, about, "F-1", until, officers)


# ------------------------------------------------------------------ when


@pytest.mark.parametrize(
    ("days", "matter", "stage"),
    [
        (-1, Matter.PERMISSION, Stage.OVERDUE),
        (0, Matter.PERMISSION, Stage.WEEK),
        (7, Matter.PERMISSION, Stage.WEEK),
        (8, Matter.PERMISSION, Stage.MONTH),
        (30, Matter.TRAINING, Stage.MONTH),
        (31, Matter.TRAINING, None),
        (31, Matter.KEY, Stage.TWO_MONTHS),
        (60, Matter.KEY, Stage.TWO_MONTHS),
        (61, Matter.KEY, None),
    ],
)
def test_what_is_near_depends_on_the_days_that_are_left(days, matter, stage):
    """30 and 7 days for reviews and training; 60, 30 and 7 for keys; the last day itself is in time."""
    assert item(after(TODAY + timedelta(days=days)), matter).stage(NOW) is stage


def test_a_release_is_overdue_by_the_hour():
    """72 hours are not three days."""
    assert item(NOW + timedelta(seconds=1), Matter.RELEASE).stage(NOW) is Stage.WEEK
    assert item(NOW, Matter.RELEASE).stage(NOW) is Stage.OVERDUE


def test_the_overdue_come_first_and_the_longest_overdue_before_them_all():
    dues = [item(None, Matter.REQUEST), item(NOW + timedelta(days=3)), item(NOW - timedelta(days=1)), item(NOW)]
    late = item(NOW - timedelta(days=9), about="SL-2")
    assert [d for _, d in in_order([*dues, late], NOW)] == [late, dues[2], dues[3], dues[0], dues[1]]


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        (datetime(2026, 11, 23, 0, 0, tzinfo=UTC), "2026-W48"),
        (datetime(2026, 7, 5, 22, 59, tzinfo=UTC), "2026-W27"),
        (datetime(2026, 7, 5, 23, 0, tzinfo=UTC), "2026-W28"),
        (datetime(2027, 1, 1, tzinfo=UTC), "2026-W53"),
    ],
)
def test_a_week_begins_on_monday_here(moment, week):
    """ISO 8601 weeks, by the clock on the wall; the first of January may belong to the year before."""
    assert week_of(moment) == week


# ------------------------------------------------------------------ to whom


def test_everybody_is_told_of_their_own_and_the_office_of_what_is_overdue_or_nobodys():
    """No absence hides anything; urgent releases go to the management team."""
    far, near, late = NOW + timedelta(days=300), NOW + timedelta(days=3), NOW - timedelta(days=3)
    dues = {
        "far": item(far, Matter.PERMISSION, OLU),
        "near": item(near, Matter.PERMISSION, OLU),
        "late": item(late, Matter.PERMISSION, OLU),
        "nobody's": item(near),
        "release": item(near, Matter.RELEASE, OLU),
    }
    names = {id(d): name for name, d in dues.items()}
    told = digests(dues.values(), NOW, OFFICE, [BOSS])
    assert {to: {names[id(d)] for _, d in what} for to, what in told.items()} == {
        OLU: {"near", "late"},
        OFFICE: {"late", "nobody's"},
        BOSS: {"release"},
    }


# ------------------------------------------------------------------ out of the register


@pytest.fixture
def service(database) -> m.Person:
    """A person with an officer, a form, and a carer."""
    olu = m.Party.objects.create(code="O-1", kind="officer", name="Olu Ade", email=OLU)
    ann = m.Person.objects.create(council_id="SL-00001", officer=olu)
    m.PersonName.objects.create(person=ann, name="Ann Lee", main=True)
    home = m.Household.objects.create(code="H-1")
    m.Placement.objects.create(person=ann, household=home, starts=date(2020, 1, 1))
    m.Party.objects.create(code="C-1", kind="carer", name="Cara Jones", email="cara@carers.example", household=home)
    m.Organisation.objects.create(code="GP", name="Surgery", domain="gp.example")
    return ann


def signed(day: date, code: str = "F-1") -> m.Permission:
    form = Form(code, "SL-00001", day, (Line("GP", frozenset({Category.MEDICAL})),))
    return recording.record_permission(form, NOW, RULES.reviews)


def found(*matters: Matter, now: datetime = NOW) -> list[Due]:
    return [d for d in due.read(now, RULES) if d.matter in matters]


def test_a_permission_is_due_on_the_last_day_on_which_it_counts(service):
    """Told by the same rules as mails: the day after, the state is overdue."""
    signed(date(2026, 1, 10))
    [one] = found(Matter.PERMISSION)
    assert (one.about, one.ref, one.officers) == ("SL-00001", "F-1", (OLU,))
    last = one.last_day(one.until)
    states = []
    for day in (last, last + timedelta(days=1)):
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        read = circle.read([service.ref], [Address.of("x@gp.example")], at, frozenset())
        [(who, [party])] = read.parties.items()
        states.append(state(who, party, read.people[service.ref], Category.MEDICAL, at, RULES.reviews))
    assert states == [PermissionState.GRANTED, PermissionState.OVERDUE]


def test_only_the_form_that_counts_is_to_be_reviewed(service):
    """Not an older one, nor one that was withdrawn, nor one of somebody who has died or left."""
    signed(date(2026, 1, 10))
    signed(date(2026, 2, 10), "F-2")
    assert [d.ref for d in found(Matter.PERMISSION)] == ["F-2"]
    recording.withdraw("F-2", NOW, recipients=["GP"])
    assert found(Matter.PERMISSION) == []
    signed(date(2026, 3, 10), "F-3")
    assert len(found(Matter.PERMISSION)) == 1
    service.left_on = TODAY - timedelta(days=1)
    service.save()
    assert found(Matter.PERMISSION) == []
    service.left_on, service.died_on = None, TODAY
    service.save()
    assert found(Matter.PERMISSION) == []


def test_training_is_due_a_year_after_the_last_and_at_once_where_there_was_none(service):
    """Told to the officer of whoever lives with the carer; a carer who has left is not asked."""
    [never] = found(Matter.TRAINING)
    assert (never.stage(NOW), never.note, never.officers) == (Stage.OVERDUE, "none is recorded", (OLU,))
    recording.record_training("C-1", m.Training.DATA_PROTECTION, date(2026, 1, 10), NOW)
    recording.record_training("C-1", m.Training.APPRAISAL, date(2026, 11, 1), NOW)
    [trained] = found(Matter.TRAINING)
    assert trained.until == after(date(2027, 1, 10))
    carer = m.Party.objects.get(code="C-1")
    carer.approved_to = TODAY - timedelta(days=1)
    carer.save()
    assert found(Matter.TRAINING, Matter.APPRAISAL) == []


def test_an_appraisal_is_due_a_year_after_the_last_where_any_is_recorded(service):
    """The last of them counts, and one that is still to come does not; nobody is reminded who does not record them."""
    assert found(Matter.APPRAISAL) == []
    for held in (date(2025, 12, 1), date(2025, 6, 1)):
        recording.record_training("C-1", m.Training.APPRAISAL, held, NOW)
    m.Training.objects.create(party=m.Party.objects.get(code="C-1"), kind="appraisal", done_on=date(2027, 1, 1))
    [appraisal] = found(Matter.APPRAISAL)
    assert (appraisal.until, appraisal.officers) == (after(date(2026, 12, 1)), (OLU,))
    assert appraisal.stage(NOW) is Stage.MONTH


def test_the_officers_where_a_support_carer_stands_in_are_told_of_their_training(service):
    """While they stand in there, and not after."""
    own = m.Household.objects.create(code="H-2")
    sid = m.Party.objects.create(code="C-2", kind="carer", name="Sid", email="sid@carers.example", household=own)
    home = m.Household.objects.get(code="H-1")
    there = m.Support.objects.create(party=sid, household=home, starts=TODAY, ends=TODAY)
    assert {d.about: d.officers for d in found(Matter.TRAINING)} == {"C-1": (OLU,), "C-2": (OLU,)}
    there.starts = there.ends = TODAY - timedelta(days=1)
    there.save()
    assert {d.about: d.officers for d in found(Matter.TRAINING)} == {"C-1": (OLU,), "C-2": ()}


def test_requests_wait_and_releases_and_grounds_are_due_until_they_are_looked_at(service):
    request = m.ReviewRequest.objects.create(
        person=service, recipient="new@gp.example", officer=OLU, rule="new-involvement", opened_at=NOW
    )
    release = m.UrgentRelease.objects.create(
        digest="d", officer=OLU, recipient="a@b.example", concern="risk", people=[service.ref],
        released_at=NOW, review_due=NOW + timedelta(hours=72),
    )  # fmt: skip
    fields = {"person": service, "basis": "legal duty", "reason": "an order", "decided_by": "Manager"}
    m.SharingBasis.objects.create(
        code="B-1", recipients=["GP"], categories=["legal"], since=NOW, until=NOW + timedelta(days=9),
        review_due=TODAY, **fields,
    )  # fmt: skip
    three = (Matter.RELEASE, Matter.REQUEST, Matter.BASIS)
    assert {(d.matter, d.about, d.stage(NOW)) for d in found(*three)} == {
        (Matter.RELEASE, "SL-00001", Stage.WEEK),
        (Matter.REQUEST, "SL-00001", Stage.WAITING),
        (Matter.BASIS, "SL-00001", Stage.WEEK),
    }
    recording.close_review_request(request.pk, NOW, by="Olu", outcome="she said no")
    recording.review_release(release.pk, NOW, by="Boss", outcome="right")
    recording.review_basis("B-1", NOW, outcome="needed")
    assert found(*three) == []


def test_an_officer_who_has_left_is_not_told(service):
    """Their people are the office's until they have another."""
    signed(date(2026, 1, 10))
    olu = m.Party.objects.get(code="O-1")
    olu.ends = TODAY - timedelta(days=1)
    olu.save()
    assert [d.officers for d in found(Matter.PERMISSION)] == [()]


# ------------------------------------------------------------------ keys


def key(address: str, lasts: timedelta) -> None:
    _, public = make_openpgp_key("X", address, NOW - timedelta(days=1), lasts)
    m.RecipientKey.objects.create(address=address, method="OpenPGP", fingerprint=f"{lasts.days:040}", data=public)


def test_a_key_is_due_unless_a_newer_one_is_there(service):
    """Real keys; named by whose they are, never by the address."""
    key("cara@carers.example", timedelta(days=20))
    key("who@else.example", timedelta(days=20))
    [cara, who] = sorted(recipients_keys(NOW), key=lambda d: d.about, reverse=False)
    assert (cara.about, cara.officers, cara.stage(NOW)) == ("C-1", (OLU,), Stage.MONTH)
    assert (who.about, who.officers) == ("a recipient who is not in the register", ())
    key("cara@carers.example", timedelta(days=400))
    assert [d.stage(NOW) for d in recipients_keys(NOW) if d.about == "C-1"] == [None]


def test_our_own_keys_are_due_as_well(tmp_path):
    """The signing key and the certificate that the settings name."""
    secret, _ = make_openpgp_key("S", OFFICE, NOW - timedelta(days=1), timedelta(days=5))
    _, certificate = make_smime_identity("S", OFFICE, NOW - timedelta(days=100), timedelta(days=50))
    (tmp_path / "o").write_bytes(secret)
    (tmp_path / "s").write_bytes(certificate)
    settings = Settings(home=tmp_path, service={"openpgp_key": "o", "smime_certificate": "s"})
    assert {d.ref: d.stage(NOW) for d in own_keys(settings)} == {
        "service.openpgp_key": Stage.WEEK,
        "service.smime_certificate": Stage.OVERDUE,
    }


def test_certificates_of_other_programs_are_due_where_they_lie(tmp_path):
    """Of the pages, of the pick-up, of who we are for a next hop; what lies on another machine is not missed here."""
    key, certificate = make_smime_identity("S", OFFICE, NOW - timedelta(days=1), timedelta(days=5))
    (tmp_path / "c").write_bytes(certificate)
    (tmp_path / "k").write_bytes(key)
    settings = Settings(
        home=tmp_path,
        web={"tls_certificate": "c", "tls_key": "k"},
        pickup={"tls_certificate": "on-another-machine", "tls_key": "k"},
        next_hops=({"domains": ("nhs.example",), "host": "h", "client_certificate": "c", "client_key": "k"},),
    )
    assert {d.ref: d.stage(NOW) for d in own_keys(settings)} == {
        "web.tls_certificate": Stage.WEEK,
        "client_certificate for nhs.example": Stage.WEEK,
    }


# ------------------------------------------------------------------ the mail


@dataclass
class Hop:
    """A next hop that takes or refuses, and remembers."""

    refused: Collection[str] = ()
    away: bool = False
    taken: list[Outgoing] = field(default_factory=list)

    def deliver(self, outgoing: Outgoing) -> tuple[HopReply, ...]:
        if self.away:
            raise NextHopUnavailable("refused connection")
        [recipient] = outgoing.recipients
        if recipient.key in self.refused:
            return (HopReply(recipient, 451, "later"),)
        self.taken.append(outgoing)
        return (HopReply(recipient, 250, "ok"),)


def plan() -> dict[str, list[tuple[Stage, Due]]]:
    dues = [
        Due(Matter.PERMISSION, "SL-00001", "F-1", after(TODAY - timedelta(days=2)), (OLU,)),
        Due(Matter.REQUEST, "SL-00002", "7", None, (OLU,), "asked for on 01 November 2026"),
        Due(Matter.TRAINING, "C-1", "C-1", NOW, (OLU,), "none is recorded"),
        Due(Matter.KEY, "P-1", "OpenPGP 0123456789ABCDEF", NOW + timedelta(days=50), (OLU,)),
    ]
    return dict(digests(dues, NOW, OFFICE, []))


def parts(content: bytes) -> tuple[EmailMessage, str, str]:
    mail = email.message_from_bytes(content, policy=email.policy.default)
    return mail, mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()


def test_one_mail_a_week_whatever_happens(database):
    """Daily runs, and two at once, send nobody the same week's mail twice; the next week sends again."""
    hop = Hop()
    assert send(plan(), DIGEST, hop, NOW) == (2, 0)
    for hours in (0, 1, 24, 6 * 24):
        assert send(plan(), DIGEST, hop, NOW + timedelta(hours=hours)) == (0, 0)
    assert send(plan(), DIGEST, hop, NOW + timedelta(days=7)) == (2, 0)
    assert len(hop.taken) == 4


def test_what_could_not_be_sent_is_tried_again_and_nobody_else_is_told_twice(database):
    assert send(plan(), DIGEST, Hop(refused={OLU}), NOW) == (1, 1)
    assert send(plan(), DIGEST, Hop(away=True), NOW) == (0, 1)
    later = Hop()
    assert send(plan(), DIGEST, later, NOW) == (1, 0)
    assert [o.recipients[0].key for o in later.taken] == [OLU]


def test_a_run_that_died_between_claim_and_sending_is_taken_over_after_an_hour(database):
    """Rather a second reminder than none."""
    m.Digest.objects.create(recipient=OLU, week=week_of(NOW), claimed_at=NOW)
    planned = {OLU: plan()[OLU]}
    assert send(planned, DIGEST, Hop(), NOW + timedelta(minutes=59)) == (0, 0)
    assert send(planned, DIGEST, Hop(), NOW + timedelta(minutes=60)) == (1, 0)


def test_the_mail_says_what_to_do_in_plain_words_and_is_never_answered():
    """Text and HTML say the same; it is automatic (RFC 3834), from the null sender, the same for the same week."""
    notice = DIGEST.compose(Address.of(OLU), plan()[OLU], NOW)
    mail, text, html = parts(notice.content)
    assert mail["Subject"] == "To do this week: 4 things, 2 overdue"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert notice.sender.key == ""
    for said in (
        "Hello. 2 things are overdue. Could you see to them this week?",
        "Review the permission or best-interests decision about SL-00001 (F-1): was due 21 November 2026",
        "Ask SL-00002 whether a recipient may know (request 7), asked for on 01 November 2026",
        "Arrange the data-protection training of carer C-1, none is recorded",
        "Get a new key or certificate for P-1 (OpenPGP 0123456789ABCDEF): expires on 12 January 2027",
        "020 7946 0000",
    ):
        assert said in text
        assert said in html
    again, _, _ = parts(DIGEST.compose(Address.of(OLU), plan()[OLU], NOW + timedelta(days=2)).content)
    assert again["Message-ID"] == mail["Message-ID"]


def test_the_mail_holds_no_name_and_no_address_but_the_readers_and_ours(service):
    """All kinds of things due, about people whose names the register knows."""
    m.ReviewRequest.objects.create(person=service, recipient="a@gp.example", officer=OLU, rule="x", opened_at=NOW)
    m.SharingBasis.objects.create(
        code="B-1", person=service, basis="safeguarding", concern="risk", reason="bruises", decided_by="Manager",
        recipients=["GP"], categories=["incident"], since=NOW, until=NOW + timedelta(days=9), review_due=TODAY,
    )  # fmt: skip
    signed(date(2025, 12, 1))
    key("cara@carers.example", timedelta(days=20))
    told = digests([*due.read(NOW, RULES), *recipients_keys(NOW)], NOW, OFFICE, [])
    assert len(told[OLU]) == 5
    for to, what in told.items():
        whole = " ".join(map(str, parts(DIGEST.compose(Address.of(to), what, NOW).content)))
        assert "SL-00001" in whole or to == OFFICE
        for private in (
            "Ann",
            "Lee",
            "Cara",
            "Jones",
            "Olu Ade",
            "carers.example",
            "gp.example",
            "medical",
            "safeguard",
        ):
            assert private not in whole
