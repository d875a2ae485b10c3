"""The register's tables, by what they are about."""

from register.models.keys import RecipientKey
from register.models.parties import Household, Organisation, Party
from register.models.people import Person, PersonName, Placement
from register.models.permissions import Grant, Permission
from register.models.version import RegisterVersion

__all__ = [
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
]
