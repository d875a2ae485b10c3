"""The register's tables, by what they are about."""

from register.models.bases import ReviewRequest, SharingBasis, UrgentRelease
from register.models.dated import EarlierHousehold, EarlierLine, EarlierMailbox, EarlierOfficer
from register.models.digests import Digest
from register.models.keys import RecipientKey
from register.models.parties import Household, Organisation, Party, Support, Team, Training
from register.models.people import CapacityAssessment, Person, PersonName, Placement
from register.models.permissions import Grant, Permission
from register.models.seen import SeenKey
from register.models.stopped import StoppedRecipient
from register.models.version import Change, RegisterVersion

__all__ = [
    "CapacityAssessment",
    "Change",
    "Digest",
    "EarlierHousehold",
    "EarlierLine",
    "EarlierMailbox",
    "EarlierOfficer",
    "Grant",
    "Household",
    "Organisation",
    "Party",
    "Permission",
    "Person",
    "PersonName",
    "Placement",
    "RecipientKey",
    "RegisterVersion",
    "ReviewRequest",
    "SeenKey",
    "SharingBasis",
    "StoppedRecipient",
    "Support",
    "Team",
    "Training",
    "UrgentRelease",
]
