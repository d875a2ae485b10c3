"""What the words beside a name say of its bearer."""

from __future__ import annotations

import pytest

from domain.subjects import Role
from register.roles import Stated, stated

ABOUT, MENTIONED = Stated(Role.ABOUT), Stated(Role.MENTIONED)
CARER, WORKER = Stated(Role.CARER), Stated(Role.PROFESSIONAL)
PERHAPS_CARER, PERHAPS_WORKER = Stated(Role.CARER, sure=False), Stated(Role.PROFESSIONAL, sure=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Carer: Ann Lee", CARER),
        ("Name of carer: Ann Lee", CARER),
        ("Carer's name - Mrs Ann Lee", CARER),
        ("with Ann Lee (her former carer) and", CARER),
        ("Dr Ann Lee", WORKER),
        ("Social worker: Ann Lee", WORKER),
        ("seen by Ann Lee (Social Worker)", WORKER),
        ("Kind regards\n\nAnn Lee\nSenior Social Worker\nAdult Services", WORKER),
        ("her carer Ann Lee said", PERHAPS_CARER),
        ("told the officer Ann Lee had fallen", PERHAPS_WORKER),
        ("Role\tName\nCarer\tAnn Lee", PERHAPS_CARER),
        ("Present: Ann Lee, Social Worker\n", PERHAPS_WORKER),
        ("Re: Ann Lee, DOB", ABOUT),
        ("Name: Ann Lee\nCarer: Cara Jones", ABOUT),
        ("Patient: Mrs Ann Lee", ABOUT),
        ("My name is Ann Lee", ABOUT),
        ("Service user\tAnn Lee", ABOUT),
        ("Risk management plan - Ann Lee\n\nTriggers", ABOUT),
        ("Dear Ann Lee,\n", MENTIONED),
        ("We went to see Ann Lee.", MENTIONED),
        ("Ann Lee\nSocial Worker\nJo Smith", MENTIONED),  # a column of labels: nobody can tell
        ("They met.\n\nPresent: the nurse, Ann Lee and others were there.", MENTIONED),  # or two people
        ("Completed by Ann Lee.", MENTIONED),  # people fill in their own forms
        ("The meeting was on Monday. A carer for Ann Lee is sought.", MENTIONED),
        ("They spoke to the carer. Ann Lee was upset by it.", MENTIONED),
        ("He went with Ann Lee, social worker Jo Smith and a nurse to the bank.", MENTIONED),
    ],
)
def test_what_is_said_of_somebody(text: str, said: Stated) -> None:
    """Only what stands right beside the name; what can be read in two ways is not sure, or says nothing."""
    start = text.index("Ann Lee")
    assert stated(text, start, start + 7) == said
