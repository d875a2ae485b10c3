"""Every resource of the register, as data."""

from __future__ import annotations

from register import models as m
from web.api import shapes
from web.api.resources.resource import Part, Ref, Resource

_PERSON = Ref(m.Person, "ref")
_HOUSEHOLD, _TEAM = Ref(m.Household), Ref(m.Team)
_ORGANISATION, _PARTY = Ref(m.Organisation), Ref(m.Party)

PEOPLE = Resource(
    "people", "person", m.Person, shapes.Person,
    refs={"officer": _PARTY}, shown=("ref",), filters={"ref": "ref", "council_id": "council_id"},
    part=Part("names", m.PersonName, shapes.PersonName, "person", ("name",), order="main"),
)  # fmt: skip
HOUSEHOLDS = Resource(
    "households", "household", m.Household, shapes.Coded,
    filters={"code": "code"}, fixed=("code",), may_go=True,
)  # fmt: skip
TEAMS = Resource("teams", "team", m.Team, shapes.Coded, filters={"code": "code"}, fixed=("code",), may_go=True)
ORGANISATIONS = Resource(
    "organisations", "organisation", m.Organisation, shapes.Organisation,
    filters={"code": "code", "domain": "domain"}, fixed=("code",), may_go=True, blocked_by=("grants", "grounds"),
)  # fmt: skip
PARTIES = Resource(
    "parties", "party", m.Party, shapes.Party,
    refs={"household": _HOUSEHOLD, "team": _TEAM, "organisation": _ORGANISATION, "person": _PERSON},
    filters={"code": "code", "kind": "kind", "household": "household__code", "person": "person__ref"},
    fixed=("code",), may_go=True, blocked_by=("grants", "grounds"),
)  # fmt: skip
SUPPORTS = Resource(
    "supports", "support carer", m.Support, shapes.Support,
    refs={"party": _PARTY, "household": _HOUSEHOLD},
    filters={"party": "party__code", "household": "household__code"}, may_go=True,
)  # fmt: skip
TRAININGS = Resource(
    "trainings", "training", m.Training, shapes.Training,
    refs={"party": _PARTY}, filters={"party": "party__code"}, may_go=True,
)  # fmt: skip
EARLIER_MAILBOXES = Resource(
    "earlier-mailboxes", "earlier mailbox", m.EarlierMailbox, shapes.EarlierMailbox,
    refs={"party": _PARTY}, filters={"party": "party__code"}, may_go=True,
)  # fmt: skip
EARLIER_HOUSEHOLDS = Resource(
    "earlier-households", "earlier household", m.EarlierHousehold, shapes.EarlierHousehold,
    refs={"party": _PARTY, "household": _HOUSEHOLD},
    filters={"party": "party__code", "household": "household__code"}, may_go=True,
)  # fmt: skip
EARLIER_OFFICERS = Resource(
    "earlier-officers", "earlier officer", m.EarlierOfficer, shapes.EarlierOfficer,
    refs={"person": _PERSON, "officer": _PARTY},
    filters={"person": "person__ref", "officer": "officer__code"}, may_go=True,
)  # fmt: skip
PLACEMENTS = Resource(
    "placements", "placement", m.Placement, shapes.Placement,
    refs={"person": _PERSON, "household": _HOUSEHOLD},
    filters={"person": "person__ref", "household": "household__code"}, may_go=True,
)  # fmt: skip
ASSESSMENTS = Resource(
    "capacity-assessments", "capacity assessment", m.CapacityAssessment, shapes.Assessment,
    refs={"person": _PERSON}, filters={"person": "person__ref"}, may_go=True,
)  # fmt: skip
PERMISSIONS = Resource(
    "permissions", "permission", m.Permission, shapes.Permission,
    refs={"person": _PERSON}, filters={"person": "person__ref", "code": "code"}, fixed=("code", "person"),
    part=Part(
        "grants", m.Grant, shapes.Grant, "permission", ("party", "organisation"),
        refs={"party": _PARTY, "organisation": _ORGANISATION}, may_go=False,
    ),
)  # fmt: skip
BASES = Resource(
    "sharing-bases", "ground for sharing", m.SharingBasis, shapes.SharingBasis,
    refs={"person": _PERSON}, filters={"person": "person__ref", "code": "code"}, fixed=("code", "person"),
)  # fmt: skip
KEYS = Resource("keys", "key", m.RecipientKey, shapes.Key, filters={"fingerprint": "fingerprint"}, may_change=False)
RELEASES = Resource("urgent-releases", "urgent release", m.UrgentRelease, shapes.UrgentRelease, may_change=False)
REQUESTS = Resource(
    "review-requests", "review request", m.ReviewRequest, shapes.ReviewRequest,
    refs={"person": _PERSON}, filters={"person": "person__ref"}, may_change=False,
)  # fmt: skip

ALL = (
    *(PEOPLE, HOUSEHOLDS, TEAMS, ORGANISATIONS, PARTIES, SUPPORTS, TRAININGS),
    *(EARLIER_MAILBOXES, EARLIER_HOUSEHOLDS, EARLIER_OFFICERS, PLACEMENTS, ASSESSMENTS),
    *(PERMISSIONS, BASES, KEYS, RELEASES, REQUESTS),
)
"""In the order of the documentation."""

KINDS = {r.table._meta.model_name: r.path for r in ALL}  # noqa: SLF001 - Django's documented model API
"""Under which path the rows of a kind in the change feed are found."""
PARTS = {r.part.table._meta.model_name: r for r in ALL if r.part}  # noqa: SLF001 - the same
"""Kinds whose rows are found inside another's."""
