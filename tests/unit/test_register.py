"""The register over real tables: import, names, mentions, circles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from domain.decision import Method
from domain.errors import ConfigurationError, RegisterUnavailable
from domain.model import Address, Analysis, Category, Evidence, Identifier, IdentifierKind, PageText, Place
from domain.permission import Capacity, Circle, PartyKind, PermissionState, Relation, ReviewIntervals, relation, state
from domain.subjects import MatchedBy
from register import models as m
from register.importing.columns import COLUMNS
from register.importing.storing import import_file
from register.lookup import DatabaseRegister
from register.names import Names
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")

HEADER = ",".join(COLUMNS)
PEOPLE = [
    {
        "type": "person",
        "id": "SL-00001",
        "name": "Ann Lee",
        "aliases": "Annie Lee;Ann Hill",
        "date_of_birth": "1980-02-29",
        "nhs_number": "999 000 0018",
        "email": "ann@home.example",
    },
    {"type": "person", "id": "SL-00002", "name": "Ben Moss", "date_of_birth": "1975-05-01", "capacity": "lacks"},
    {"type": "person", "id": "SL-00003", "name": "Ben Moss", "date_of_birth": "1990-06-01"},
    {"type": "household", "id": "H-1", "name": "The Elms"},
    {"type": "placement", "person": "SL-00001", "household": "H-1", "from": "2020-01-01"},
    {"type": "placement", "person": "SL-00002", "household": "H-1", "from": "2020-01-01", "to": "2026-11-22"},
    {"type": "carer", "id": "C-1", "name": "Cara Jones", "email": "Cara@Carers.example", "household": "H-1"},
    {"type": "officer", "id": "O-1", "name": "Olu Ade", "email": "olu@agency.example"},
    {"type": "organisation", "id": "ORG-1", "name": "Surgery", "domain": "surgery.example"},
    {"type": "organisation", "id": "ORG-2", "name": "Regulator", "domain": "cqc.example", "role": "regulator"},
    {"type": "professional", "id": "P-1", "name": "Dr Gill", "email": "gill@surgery.example", "organisation": "ORG-1"},
    {"type": "professional", "id": "P-2", "name": "Inspector", "email": "i@cqc.example", "organisation": "ORG-2"},
    {"type": "family", "id": "F-1", "name": "May Lee", "email": "may@home.example", "person": "SL-00001"},
    {"type": "permission", "id": "F-2026", "person": "SL-00001", "signed_on": "2026-06-01", "review_due": "2027-06-01"},
    {"type": "grant", "role": "F-2026", "party": "ORG-1", "categories": "medical;professional-report"},
    {"type": "grant", "role": "F-2026", "party": "F-1", "categories": "all", "withdrawn_on": "2026-11-01"},
    {
        "type": "best-interests",
        "id": "BI-1",
        "person": "SL-00002",
        "signed_on": "2026-06-01",
        "review_due": "2027-06-01",
        "decision": "Whether the surgery may know",
        "circumstances": "Cannot weigh it up",
        "participation": "Talked over twice",
        "wishes": "Likes the surgery",
        "consulted": "His sister",
        "decision_maker": "Olu Ade",
    },
]


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    lines = [HEADER, *(",".join(row.get(c, "") for c in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def register(tmp_path) -> DatabaseRegister:
    report = import_file(write(tmp_path / "register.csv", PEOPLE))
    assert report.problems == []
    return DatabaseRegister(["Council.example"])


def ref(council_id: str) -> str:
    return m.Person.objects.get(council_id=council_id).ref


def stands(circle: Circle, recipient: Address, person: str) -> PermissionState:
    """How permission stands for medical matters."""
    party = circle.parties[recipient][0]
    return state(recipient, party, circle.people[person], Category.MEDICAL, circle.at, ReviewIntervals())


def page(text: str, part: str = "2") -> PageText:
    return PageText(part, Place.ATTACHMENT, 1, text)


def identifier(kind: IdentifierKind, value: str, part: str = "2") -> Identifier:
    return Identifier(kind, value, Evidence(part, Place.ATTACHMENT, "test", value))


def test_a_fresh_import_creates_and_a_second_changes_nothing(register, tmp_path):
    """Idempotent."""
    again = import_file(write(tmp_path / "again.csv", PEOPLE))
    assert sum(again.created.values()) == sum(again.updated.values()) == 0
    assert again.unchanged["person"] == 3


def test_a_changed_line_changes_one_row_and_keeps_the_reference(register, tmp_path):
    """The opaque reference outlives a change of name."""
    before = ref("SL-00001")
    changed = [{**PEOPLE[0], "name": "Ann Hill", "aliases": "Ann Lee"}, *PEOPLE[1:]]
    report = import_file(write(tmp_path / "again.csv", changed))
    assert report.updated == {"person": 1}
    assert ref("SL-00001") == before
    assert m.PersonName.objects.get(person__ref=before, main=True).name == "Ann Hill"


def test_a_dry_run_stores_nothing(tmp_path):
    report = import_file(write(tmp_path / "r.csv", PEOPLE), dry_run=True)
    assert report.created["person"] == 3
    assert m.Person.objects.count() == 0


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"type": "person", "id": "SL-9", "name": "X Y", "nhs_number": "9434765918"}, "check digit"),
        ({"type": "person", "id": "SL-9", "name": "X Y", "date_of_birth": "01/02/1980"}, "2026-02-28"),
        ({"type": "person", "id": "SL-9"}, "needs the name"),
        ({"type": "persn"}, "type is not known"),
        ({"type": "placement", "person": "SL-404", "household": "H-1", "from": "2020-01-01"}, "no person"),
        (
            {"type": "placement", "person": "SL-00001", "household": "H-1", "from": "2020-01-01", "to": "2019-01-01"},
            "cannot end before it starts",
        ),
        ({"type": "carer", "id": "C-9", "name": "X", "email": "nobody", "household": "H-1"}, "not complete"),
        ({"type": "grant", "role": "F-2026", "party": "P-1", "categories": "medicine"}, "category is not known"),
        ({"type": "grant", "role": "F-2026", "party": "P-404", "categories": "all"}, "no party or organisation"),
        (
            {
                "type": "permission",
                "id": "F-9",
                "person": "SL-00001",
                "signed_on": "2026-06-01",
                "review_due": "2025-06-01",
            },
            "a review cannot be due before the signing",
        ),
        ({"type": "person", "id": "SL-9", "name": "X Y", "capacity": "some"}, "capacity must be"),
        ({"type": "person", "id": "SL-9", "name": "X Y", "nhs_number": "9990000018"}, "same id or NHS number"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_stored(tmp_path, row, says):
    """All or nothing: a line number and a sentence."""
    report = import_file(write(tmp_path / "r.csv", [*PEOPLE, row]))
    assert [(line, says in text) for line, text in report.problems] == [(len(PEOPLE) + 2, True)]
    assert m.Person.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name,colour\nx,y\n", "unknown columns"),
        (b"id\nx\n", "no column 'type'"),
        (b"", "no column 'type'"),
        (b"type,id,name\nperson,1,J\xf6rg X\n", "not UTF-8"),
        (b'type,id\nperson,"1\n', "well-formed"),
    ],
)
def test_a_file_that_is_no_register_is_refused(tmp_path, content, says):
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        import_file(path)
    assert says in caught.value.public


def test_a_line_with_too_many_cells_is_named(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("type,id,name\nhousehold,H-1,A,B,C\n")
    assert "more cells" in import_file(path).problems[0][1]


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        import_file(tmp_path / "none.csv")
    assert "cannot be read" in caught.value.public


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Re: LEE, Ann", "LEE, Ann"),
        ("Ann\u2019s and ann LEE\u2019s plan", "ann LEE\u2019s"),
        ("plan_Ann_Lee_2026.pdf", "Ann_Lee"),
        ("Ann-Lee", "Ann-Lee"),
        ("Annie Lee", "Annie Lee"),
        ("Joann Leeson", None),
        ("Ann and Lee Valley", None),
    ],
)
def test_names_are_found_as_people_write_them(text, found):
    """Folded, both orders, possessives, whole words; the span is that of the original text."""
    hits = [text[h.start : h.end] for h in Names([("a", "Ann Lee"), ("a", "Annie Lee")]).find(text)]
    assert hits == ([found] if found else [])


def test_neighbouring_names_are_both_found():
    names = Names([("a", "Ann Lee"), ("b", "Ben Moss"), ("c", "Cher")])
    assert [h.people for h in names.find("Ann Lee Ben Moss Cher")] == [{"a"}, {"b"}]


def test_mentions_by_number_by_name_and_birth_and_by_name(register):
    """Strong where the register knows the number, or the date of birth stands beside the name."""
    analysis = Analysis(
        texts=(page("Ann Lee"), page("Ben Moss, born 1 May 1975", "3"), page("Ben Moss", "4")),
        identifiers=(
            identifier(IdentifierKind.NHS_NUMBER, "9990000018", "1"),
            identifier(IdentifierKind.NHS_NUMBER, "9434765919", "6"),
            identifier(IdentifierKind.COUNCIL_ID, "SL-00001", "5"),
            identifier(IdentifierKind.DATE_OF_BIRTH, "1975-05-01", "3"),
        ),
    )
    found = {(mention.by, mention.evidence.part): mention.people for mention in register.mentions(analysis)}
    assert found == {
        (MatchedBy.NHS_NUMBER, "1"): {ref("SL-00001")},
        (MatchedBy.COUNCIL_ID, "5"): {ref("SL-00001")},
        (MatchedBy.NAME, "2"): {ref("SL-00001")},
        (MatchedBy.NAME_AND_BIRTH, "3"): {ref("SL-00002")},
        (MatchedBy.NAME, "4"): {ref("SL-00002"), ref("SL-00003")},
        (MatchedBy.NHS_NUMBER, "6"): frozenset(),
    }


def test_a_new_name_is_found_at_once(register, tmp_path):
    """The index of names is never stale."""
    analysis = Analysis(texts=(page("Zoe Park"),))
    assert register.mentions(analysis) == ()
    import_file(write(tmp_path / "more.csv", [{"type": "person", "id": "SL-00009", "name": "Zoe Park"}]))
    assert len(register.mentions(analysis)) == 1


def test_a_line_that_came_later_says_so_and_an_older_file_does_not_forget_it(register, tmp_path):
    """Until that day the form named nobody by it; a day before the signing cannot be."""
    ann, new = ref("SL-00001"), Address.of("new@surgery.example")
    line = {"type": "grant", "role": "F-2026", "party": "ORG-1", "categories": "medical;professional-report"}
    report = import_file(write(tmp_path / "later.csv", [line | {"from": "2026-11-01"}]))
    assert (report.problems, report.updated) == ([], {"grant": 1})
    assert import_file(write(tmp_path / "older.csv", [line])).unchanged["grant"] == 1
    begins = datetime(2026, 11, 1, tzinfo=UTC)
    assert stands(register.circle([ann], [new], begins), new, ann) is PermissionState.GRANTED
    before = register.circle([ann], [new], begins - timedelta(seconds=1))
    assert stands(before, new, ann) is PermissionState.NOT_NAMED
    early = import_file(write(tmp_path / "early.csv", [line | {"from": "2026-05-31"}]))
    assert "before its form is signed" in early.problems[0][1]


def test_the_circle_at_the_time_of_the_mail(register):
    """Placements, permissions, parties and staff, as they are true then."""
    ann, ben = ref("SL-00001"), ref("SL-00002")
    addresses = [
        Address.of(a)
        for a in (
            "CARA@carers.example",
            "x@council.example",
            "olu@agency.example",
            "gill@surgery.example",
            "new@surgery.example",
            "i@cqc.example",
            "may@home.example",
            "ann@home.example",
            "who@else.example",
        )
    ]
    circle = register.circle([ann, ben], addresses, NOW)
    cara, staff, olu, gill, new, inspector, may, self_, who = addresses
    assert circle.staff == {staff}
    assert {r: [p.kind for p in ps] for r, ps in circle.parties.items()} == {
        cara: [PartyKind.CARER],
        olu: [PartyKind.OFFICER],
        gill: [PartyKind.PROFESSIONAL],
        new: [PartyKind.ORGANISATION],
        inspector: [PartyKind.REGULATOR],
        may: [PartyKind.FAMILY],
        self_: [PartyKind.PERSON],
    }
    assert who not in circle.parties
    assert relation(circle.parties[cara][0], circle.people[ann]) is Relation.CURRENT_CARER
    assert (
        relation(circle.parties[cara][0], circle.people[ben]) is Relation.OTHER_CARER
    )  # the placement ended yesterday
    assert relation(circle.parties[self_][0], circle.people[ann]) is Relation.SELF
    assert circle.people[ben].capacity is Capacity.LACKS
    states = {r: stands(circle, r, ann) for r in (gill, new, may, cara)}
    assert states == {
        gill: PermissionState.GRANTED,
        new: PermissionState.GRANTED,
        may: PermissionState.WITHDRAWN,
        cara: PermissionState.NOT_NAMED,
    }


def test_a_support_carer_counts_while_they_stand_in(register, tmp_path):
    """From and to, both included; imported, and idempotent."""
    rows = [
        {"type": "household", "id": "H-2"},
        {"type": "carer", "id": "C-2", "name": "Sid Ray", "email": "sid@carers.example", "household": "H-2"},
        {"type": "support", "party": "C-2", "household": "H-1", "from": "2026-11-01", "to": "2026-11-23"},
    ]
    assert import_file(write(tmp_path / "support.csv", rows)).created["support"] == 1
    assert import_file(write(tmp_path / "support.csv", rows)).unchanged["support"] == 1
    ann, sid = ref("SL-00001"), Address.of("sid@carers.example")

    def related(at: datetime) -> Relation:
        circle = register.circle([ann], [sid], at)
        return relation(circle.parties[sid][0], circle.people[ann])

    noons = [datetime(2026, 10, 31, 12, tzinfo=UTC) + timedelta(days=n) for n in (0, 1, 23, 24)]
    assert [related(at) for at in noons] == [
        Relation.OTHER_CARER, Relation.SUPPORT_CARER, Relation.SUPPORT_CARER, Relation.OTHER_CARER,
    ]  # fmt: skip


def test_a_withdrawal_counts_for_the_next_question(register):
    """Promise 5: nothing is cached."""
    ann, gill = ref("SL-00001"), Address.of("gill@surgery.example")

    def now_state(at: datetime) -> PermissionState:
        circle = register.circle([ann], [gill], at)
        return stands(circle, gill, ann)

    assert now_state(NOW) is PermissionState.GRANTED
    form = m.Permission.objects.get(code="F-2026")
    form.withdrawn_at = NOW
    form.save()
    assert now_state(NOW) is PermissionState.WITHDRAWN
    assert now_state(NOW - timedelta(seconds=1)) is PermissionState.GRANTED


def test_a_party_that_has_left_is_nobody(register):
    """An officer whose time ended is a stranger."""
    officer = m.Party.objects.get(code="O-1")
    officer.ends = date(2026, 1, 1)
    officer.save()
    assert register.circle([], [Address.of("olu@agency.example")], NOW).parties == {}


def test_keys_are_found_in_any_case(register):
    m.RecipientKey.objects.create(address="cara@carers.example", method=Method.OPENPGP, fingerprint="AA", data=b"x")
    found = register.keys([Address.of("Cara@CARERS.example"), Address.of("who@else.example")])
    assert [len(k) for k in found.values()] == [1, 0]


def test_a_subaddress_is_the_mailbox_where_the_settings_say_so(register):
    """RFC 5233: keys, permission and a stop are the mailbox's; at other domains, and with nothing before it, not."""
    m.RecipientKey.objects.create(address="cara@carers.example", method=Method.OPENPGP, fingerprint="AA", data=b"x")
    m.RecipientKey.objects.create(address="cara+b@carers.example", method=Method.OPENPGP, fingerprint="BB", data=b"y")
    m.RecipientKey.objects.create(address="one@other.example", method=Method.OPENPGP, fingerprint="AA", data=b"x")
    knowing = DatabaseRegister(["council.example"], ["Carers.example"])
    sub, own, other = (
        Address.of("Cara+News@Carers.example"),
        Address.of("cara+b@carers.example"),
        Address.of("one+x@other.example"),
    )
    found = knowing.keys([sub, own, other, Address.of("+x@carers.example")])
    assert [[(k.fingerprint, k.address) for k in keys] for keys in found.values()] == [
        [("AA", "cara@carers.example")],
        [("BB", "cara+b@carers.example"), ("AA", "cara@carers.example")],
        [],
        [],
    ]
    assert register.keys([sub])[sub] == ()
    plain = knowing.circle([], [Address.of("cara@carers.example")], NOW).parties
    assert knowing.circle([], [sub], NOW).parties == {sub: next(iter(plain.values()))}
    assert register.circle([], [sub], NOW).parties == {}


def test_a_broken_database_is_unavailable_not_empty(register):
    """No permission is ever assumed."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE register_personname RENAME TO gone")
    try:
        m.RegisterVersion.move()
        with pytest.raises(RegisterUnavailable):
            register.mentions(Analysis(texts=(page("Ann Lee"),)))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE gone RENAME TO register_personname")
