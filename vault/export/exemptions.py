"""Grounds for keeping something back, by code (Data Protection Act 2018), each with what the person is told.

``says`` is for the person, in plain words. Where saying that something is kept back would itself do the harm, the
document is decided ``withhold-unlisted``, and the index does not name it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vault.export.cases import CaseError


@dataclass(frozen=True, slots=True)
class Exemption:
    """``code`` as reviewers write it; ``source`` is the law; ``asks`` is what must be true."""

    code: str
    source: str
    asks: str
    says: str


EXEMPTIONS: tuple[Exemption, ...] = (
    Exemption(
        "OTHERS",
        "DPA 2018 Sch. 2 Pt 3 para. 16",
        "It is about somebody else too, who has not agreed, and it is not reasonable to share it without that",
        "It is private information about somebody else.",
    ),
    Exemption(
        "HARM-SOCIAL",
        "DPA 2018 Sch. 3 Pt 3 para. 11",
        "Social work data; sharing it would be likely to prejudice social work, because it would be likely to cause "
        "serious harm to the physical or mental health of the person or another",
        "Sharing it could seriously harm you or somebody else.",
    ),
    Exemption(
        "HARM-HEALTH",
        "DPA 2018 Sch. 3 Pt 2 paras. 5 and 6",
        "Health data; a health professional was asked, and says that sharing it would be likely to cause serious harm",
        "It is about health, and a health professional says that sharing it could seriously harm you or somebody else.",
    ),
    Exemption(
        "WISHES",
        "DPA 2018 Sch. 3 Pt 2 para. 4, Pt 3 para. 10",
        "Somebody asks on the person's behalf, and the person gave or agreed to it expecting that it is not passed on",
        "It was said in trust, and was not to be passed on.",
    ),
    Exemption(
        "COURT",
        "DPA 2018 Sch. 3 Pt 2 para. 3, Pt 3 para. 9",
        "It was given to a court in proceedings whose rules let the court keep it back",
        "It was given to a court, and the court's rules keep it private.",
    ),
    Exemption(
        "CHILD-ABUSE",
        "DPA 2018 Sch. 3 Pt 5 para. 21",
        "The person is or may be a child at risk, and somebody asks on their behalf against their interest",
        "Sharing it would not be in the interest of the person whom it is about.",
    ),
    Exemption(
        "PRIVILEGE",
        "DPA 2018 Sch. 2 Pt 4 para. 19",
        "Legal professional privilege: advice of our lawyers, or made for court proceedings",
        "It is private advice between us and our lawyers.",
    ),
    Exemption(
        "CRIME",
        "DPA 2018 Sch. 2 Pt 1 para. 2",
        "Sharing it would be likely to prejudice the prevention or detection of crime",
        "Sharing it could make it harder to stop or find out about a crime.",
    ),
    Exemption(
        "LEGAL-CLAIM",
        "DPA 2018 Sch. 2 Pt 1 para. 5",
        "A law or a court forbids to share it, or it is needed for legal proceedings",
        "The law or a court does not let us share it.",
    ),
    Exemption(
        "REGULATOR",
        "DPA 2018 Sch. 2 Pt 2 paras. 7 to 12",
        "Sharing it would be likely to prejudice a regulator's or an ombudsman's work",
        "Sharing it could get in the way of those who check on services.",
    ),
    Exemption(
        "REFERENCE",
        "DPA 2018 Sch. 2 Pt 4 para. 24",
        "A reference given in confidence, for work, training, volunteering or an appointment",
        "It is a reference that was given in confidence.",
    ),
    Exemption(
        "NEGOTIATION",
        "DPA 2018 Sch. 2 Pt 4 para. 23",
        "It shows our intentions in negotiations with the person, which sharing would be likely to prejudice",
        "It is about talks between us and you that are still going on.",
    ),
)
_BY_CODE = {e.code: e for e in EXEMPTIONS}


def of_codes(text: str) -> tuple[Exemption, ...]:
    """As typed: codes with blanks, commas or plus signs between them. Raises ``CaseError`` for an unknown one."""
    codes = text.replace(",", " ").replace("+", " ").upper().split()
    unknown = [c for c in codes if c not in _BY_CODE]
    if unknown:
        raise CaseError(f"'{unknown[0]}' is no exemption code; they are {', '.join(_BY_CODE)}.")
    return tuple(_BY_CODE[c] for c in dict.fromkeys(codes))


def by_code(codes: Iterable[str]) -> tuple[Exemption, ...]:
    """Of codes that were accepted before."""
    return tuple(_BY_CODE[c] for c in codes)
