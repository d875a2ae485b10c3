"""Who is in the sample register: one of each situation that the policy speaks about. Everybody is invented.

Dates are counted back from ``today``, so that a review which is overdue stays overdue however old this file is.
"""

from __future__ import annotations

from datetime import date, timedelta

from demo.people import (
    Carer,
    Grant,
    Household,
    KeyKind,
    Officer,
    Organisation,
    People,
    Permission,
    Person,
    Placement,
    Professional,
    Relative,
    Support,
)
from domain.model import Category
from domain.permission import Capacity

EVERYTHING = frozenset(Category)
EVERYDAY = EVERYTHING - {Category.FINANCIAL, Category.LEGAL, Category.COMPLAINT}
HEALTH = EVERYDAY - {Category.PLACEMENT_AGREEMENT, Category.INCIDENT, Category.PERMISSION_FORM}
MONEY = frozenset({Category.FINANCIAL, Category.LEGAL, Category.OTHER_PERSONAL})

ROWAN, OLIVE, TOBIAS, BERNICE, PERCIVAL = "SL-20417", "SL-20433", "SL-20458", "SL-20461", "SL-20475"
MAGDA, GWEN, OTHER_GWEN, EDWIN = "SL-20489", "SL-20502", "SL-20518", "SL-20526"


def cast(today: date) -> People:
    """The sample register as it stands on that day."""
    return People(
        persons=_PERSONS,
        households=_HOUSEHOLDS,
        placements=_placements(today),
        carers=_carers(today),
        supports=(Support("C-306", "H-101", today - timedelta(days=400)),),
        officers=_OFFICERS,
        organisations=_ORGANISATIONS,
        professionals=_PROFESSIONALS,
        relatives=_RELATIVES,
        permissions=_permissions(today),
    )


_PERSONS = (
    Person(
        ROWAN,
        "Rowan Applegarth",
        date(1986, 3, 14),
        "9993395633",
        aliases=("Ro Applegarth",),
        email="rowan@post.example",
    ),
    Person(OLIVE, "Olive Thistlewood", date(1959, 11, 2), "9999939082"),
    Person(
        TOBIAS,
        "Tobias Fernley",
        date(1994, 7, 23),
        "9991581766",
        aliases=("Toby Fernley",),
        email="toby.fernley@post.example",
    ),
    Person(BERNICE, "Bernice Hollowell", date(1971, 1, 30), "9994140027"),
    Person(PERCIVAL, "Percival Dunmow", date(1948, 9, 9), "9990506310", Capacity.LACKS, aliases=("Percy Dunmow",)),
    Person(MAGDA, "Magda Ostrowick", date(1963, 5, 18), "9990759545", Capacity.LACKS),
    Person(GWEN, "Gwen Larkspur", date(1979, 12, 6), "9998611687"),
    Person(OTHER_GWEN, "Gwen Larkspur", date(1990, 4, 27), "9990987025", Capacity.FLUCTUATES),
    Person(EDWIN, "Edwin Marlpit", date(1955, 8, 11), "9993834521"),
)

_HOUSEHOLDS = (
    Household("H-101", "Beech Cottage", ("Beech Cottage", "4 Cressbed Lane", "Itchen Parva", "SO98 4QX")),
    Household("H-102", "14 Harrier Close", ("14 Harrier Close", "Meonbourne", "SO98 7BD")),
    Household("H-103", "The Old Forge", ("The Old Forge", "Smithy Green", "Wealdmere", "GU98 2RT")),
    Household("H-104", "27 Saltern Road", ("27 Saltern Road", "Langbury-on-Sea", "PO98 1HW")),
    Household("H-105", "3 Chapel Row", ("3 Chapel Row", "Itchen Parva", "SO98 4RF")),
)


def _placements(today: date) -> tuple[Placement, ...]:
    def ago(days: int) -> date:
        return today - timedelta(days=days)

    return (
        Placement(ROWAN, "H-101", ago(2190)),
        Placement(ROWAN, "H-102", ago(210)),  # short breaks, one weekend a month
        Placement(OLIVE, "H-101", ago(1460)),
        Placement(TOBIAS, "H-104", ago(1100), ago(41)),  # moved house six weeks ago
        Placement(TOBIAS, "H-102", ago(40)),
        Placement(BERNICE, "H-102", ago(900)),
        Placement(PERCIVAL, "H-103", ago(600)),
        Placement(MAGDA, "H-103", ago(3000)),
        Placement(GWEN, "H-104", ago(800)),
        Placement(OTHER_GWEN, "H-103", ago(95)),
        Placement(EDWIN, "H-104", ago(1700)),
    )


def _carers(today: date) -> tuple[Carer, ...]:
    def ago(days: int) -> date:
        return today - timedelta(days=days)

    return (
        Carer(
            "C-301",
            "Marjorie Penhaligon",
            "marjorie.penhaligon@carers.example",
            "H-101",
            ago(3650),
            "07700 900142",
            KeyKind.OPENPGP,
            trained_on=ago(120),
        ),
        Carer(
            "C-302",
            "Idris Penhaligon",
            "idris@post.example",
            "H-101",
            ago(3650),
            "07700 900143",
            KeyKind.OPENPGP,
            trained_on=ago(160),
        ),
        Carer(
            "C-303",
            "Samuel Birchall",
            "samuel.birchall@carers.example",
            "H-102",
            ago(1300),
            "07700 900188",
            KeyKind.SMIME,
            trained_on=ago(210),
        ),
        Carer(
            "C-304",
            "Anwen Tredgold",
            "anwen.tredgold@post.example",
            "H-103",
            ago(4100),
            "07700 900207",
            trained_on=ago(430),
        ),
        Carer(
            "C-305",
            "Lionel Brackenbury",
            "lionel@carers.example",
            "H-104",
            ago(2400),
            "07700 900261",
            KeyKind.OPENPGP_EXPIRED,
            trained_on=ago(90),
        ),
        Carer(
            "C-306",
            "Petra Longmead",  # stands in for the Penhaligons
            "petra.longmead@carers.example",
            "H-105",
            ago(420),
            "07700 900319",
            KeyKind.PDF,
            trained_on=ago(60),
        ),
    )


_OFFICERS = (
    Officer("O-501", "Priya Hazelwood", "priya.hazelwood@hants.example", "Shared Lives Officer", "01632 960114"),
    Officer("O-502", "Martin Castellan", "martin.castellan@hants.example", "Shared Lives Officer", "01632 960117"),
    Officer("O-503", "Jo Winterbourne", "jo.winterbourne@hants.example", "Shared Lives Team Manager", "01632 960102"),
)

_ORGANISATIONS = (
    Organisation(
        "ORG-701",
        "Cressbed Lane Surgery",
        "cressbedlane.nhs.example",
        "GP surgery",
        ("Cressbed Lane Surgery", "61 Cressbed Lane", "Itchen Parva", "SO98 4QZ"),
        "01632 960321",
    ),
    Organisation(
        "ORG-702",
        "Wealdmere Community NHS Trust",
        "wealdmere.nhs.example",
        "NHS trust",
        ("Community Learning Disability Team", "Wealdmere Community NHS Trust", "Tannery House, Wealdmere", "GU98 1AB"),
        "01632 960455",
    ),
    Organisation(
        "ORG-703",
        "Tallow & Finch Solicitors",
        "tallowfinch.example",
        "solicitors",
        ("Tallow & Finch Solicitors", "2 Corn Exchange Yard", "Wealdmere", "GU98 1DD"),
        "01632 960580",
    ),
    Organisation(
        "ORG-704",
        "Adult Care Regulator (sample)",
        "regulator.example",
        "regulator",
        ("Adult Care Regulator", "PO Box 9999", "London", "EC98 9ZZ"),
        "03069 990410",
    ),
)

_PROFESSIONALS = (
    Professional(
        "PR-801", "Cressbed Lane Surgery", "reception@cressbedlane.nhs.example", "ORG-701", "GP surgery", KeyKind.SMIME
    ),
    Professional(
        "PR-802",
        "Nadia Perrin",
        "nadia.perrin@wealdmere.nhs.example",
        "ORG-702",
        "occupational therapist",
        KeyKind.SMIME,
    ),
    Professional("PR-803", "Julian Tallow", "j.tallow@tallowfinch.example", "ORG-703", "solicitor", KeyKind.OPENPGP),
    Professional("PR-804", "Inspections team", "inspections@regulator.example", "ORG-704", "inspector", KeyKind.SMIME),
)

_RELATIVES = (
    Relative("F-901", "family", "Fern Applegarth", "fern.applegarth@post.example", ROWAN, "sister"),
    Relative(
        "F-902",
        "representative",
        "Conrad Ostrowick",
        "conrad@post.example",
        MAGDA,
        "deputy, property and affairs",
        KeyKind.OPENPGP,
    ),
)


def _permissions(today: date) -> tuple[Permission, ...]:
    """One form or decision a person; nobody has yet decided for Percival Dunmow."""

    def form(number: int, person: str, days_ago: int, *grants: Grant, withdrawn: int | None = None) -> Permission:
        signed = today - timedelta(days=days_ago)
        gone = None if withdrawn is None else today - timedelta(days=withdrawn)
        return Permission(f"PTS-{number}", "permission", person, signed, signed + timedelta(days=365), grants, gone)

    best_interests = Permission(
        "BI-6106",
        "best-interests",
        MAGDA,
        today - timedelta(days=120),
        today + timedelta(days=245),
        (Grant("C-304", EVERYDAY), Grant("ORG-701", HEALTH), Grant("ORG-702", HEALTH), Grant("F-902", MONEY)),
    )
    return (
        form(
            6101,
            ROWAN,
            140,
            Grant("C-301", EVERYDAY),
            Grant("C-302", EVERYDAY),
            Grant("ORG-701", HEALTH),
            Grant("ORG-702", HEALTH),
            Grant("F-901", frozenset({Category.ALL_ABOUT_ME})),
        ),
        form(6102, OLIVE, 75, Grant("C-301", EVERYTHING), Grant("C-302", EVERYTHING), Grant("ORG-701", HEALTH)),
        form(6103, TOBIAS, 38, Grant("C-303", EVERYDAY), Grant("ORG-701", HEALTH)),
        form(6104, BERNICE, 250, Grant("C-303", EVERYDAY), Grant("ORG-701", HEALTH), withdrawn=3),
        best_interests,
        form(6107, GWEN, 60, Grant("ORG-701", EVERYDAY)),
        form(6108, OTHER_GWEN, 90, Grant("ORG-701", EVERYDAY)),
        form(6109, EDWIN, 410, Grant("C-305", EVERYDAY), Grant("ORG-701", HEALTH)),
    )
