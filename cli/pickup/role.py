"""``sallyport pickup role NAME``: what the pick-up process's role on PostgreSQL may do, as SQL for the owner.

Of the register it reads the columns by which a permission is judged, and no name, no date of birth, no number of
anybody. It reads grants and cannot change them; a mobile number and a passphrase's hash it gets by a function alone,
for a link that it was given. To the audit trail it adds, and reads nothing there. Of the vault's records, the journal,
the searches and the console's tables it can read nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

import typer

from cli.frame import InputError, command

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
READS = {
    "register_party": "id code kind email email_from approved approved_from approved_to household_id household_from "
    "organisation_id person_id language starts ends",
    "register_earliermailbox": "party_id email starts ends",
    "register_earlierhousehold": "party_id household_id starts ends",
    "register_earlierline": "grant_id categories starts ends",
    "register_household": "id code",
    "register_organisation": "id code domain regulator",
    "register_person": "id ref died_on",
    "register_training": "party_id kind done_on",
    "register_support": "party_id household_id starts ends",
    "register_placement": "person_id household_id starts ends",
    "register_capacityassessment": "person_id capacity starts",
    "register_permission": "id person_id code ground signed_on review_due reviewed_on withdrawn_at given_by",
    "register_grant": "id permission_id party_id organisation_id categories withdrawn_at since changed_at",
    "register_sharingbasis": "person_id code basis recipients categories since until ended_at",
    "register_stoppedrecipient": "address ends",
    "vault_pickupgrant": "",
}
"""Tables, and which columns of them; without any, all."""
OWN = (
    *("vault_pickupcode", "vault_pickupvisit", "vault_pickupattempt"),
    *("vault_pickupdevice", "vault_pickupchallenge"),
)
"""What it has to itself."""
CONTACT = "pickup_contact(text)"
"""Gives the number and the passphrase's hash of the recipient of a link, to who has the link (a migration makes it)."""
_SEQUENCES = (*(f"{table}_id_seq" for table in OWN), "vault_auditevent_sequence_seq")


@command
def role(
    name: Annotated[str, typer.Argument(help="The role, which must be there: CREATE ROLE pickup LOGIN ...")],
) -> None:
    """Print the rights of the pick-up process's database role, as SQL: pipe it into psql as the database's owner."""
    if not _NAME.fullmatch(name):
        raise InputError("role", public=f"'{name}' is no plain name of a role; write it in small letters.")
    print("\n".join(statements(name)))


def statements(name: str) -> Iterator[str]:
    """All of its rights; safe to run again, also after an update. ``name`` is a plain one."""
    yield "BEGIN;"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name};"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {name};"
    yield f"REVOKE CREATE ON SCHEMA public FROM {name};"
    yield f"GRANT USAGE ON SCHEMA public TO {name};"
    for table, columns in READS.items():
        what = f" ({', '.join(columns.split())})" if columns else ""
        yield f"GRANT SELECT{what} ON {table} TO {name};"
    for table in OWN:
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {name};"
    yield f"GRANT INSERT ON vault_auditevent TO {name};"
    yield f"REVOKE ALL ON FUNCTION {CONTACT} FROM {name};"
    yield f"GRANT EXECUTE ON FUNCTION {CONTACT} TO {name};"
    for sequence in _SEQUENCES:
        yield f"GRANT USAGE ON SEQUENCE {sequence} TO {name};"
    yield "COMMIT;"
