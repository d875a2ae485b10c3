"""Texts as a council writes them, with identifiers planted in many spellings, and with numbers that only look alike.

Every value is made up for this set: NHS numbers of the range for tests, telephone numbers of the plan,
example domains. The finder was tuned on other sentences; after a first run on these it learnt that
a claim is no number's owner, and to look further back for a policy's.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from classifiers.identifiers.money import luhn_valid
from domain.identifiers import valid_nhs_number
from domain.model import IdentifierKind as Kind


@dataclass(frozen=True, slots=True)
class Planted:
    """``values`` are what has to be found, normalised; nothing else is to be found of these kinds."""

    text: str
    values: frozenset[tuple[Kind, str]]


EACH = 60
"""Texts for each kind."""


def texts(seed: int = 5) -> Iterator[Planted]:
    """All of them, the same for the same seed."""
    chance = random.Random(seed)
    for kind, (make, spell, sentences) in _PLANTS.items():
        for number in range(EACH):
            value = make(chance)
            written = spell(value, chance)
            sentence = sentences[number % len(sentences)].format(written)
            yield Planted(
                f"{chance.choice(_OPENINGS)}\n\n{sentence}\n\n{chance.choice(_ENDINGS)}", frozenset({(kind, value)})
            )
    for sentence in _ALIKE * 4:
        yield Planted(
            f"{chance.choice(_OPENINGS)}\n\n{_filled(sentence, chance)}\n\n{chance.choice(_ENDINGS)}", frozenset()
        )


_OPENINGS = (
    "Good morning,",
    "Dear all,\n\nThank you for coming to the meeting last Thursday.",
    "Hi Sam, further to our chat this morning.",
    "To whom it may concern",
    "Shared Lives team - weekly note",
)
_ENDINGS = (
    "Many thanks\nShared Lives Team",
    "Kind regards,\n\nDuty desk",
    "Please let me know if anything is missing.",
    "We will look at this again in the new year.",
)


def _nhs(chance: random.Random) -> str:
    while not valid_nhs_number(number := str(chance.randrange(9_990_000_000, 10_000_000_000))):
        pass
    return number


def _nino(chance: random.Random) -> str:
    first, second = chance.choice("ABCEHJKLMPRSTWXY"), chance.choice("ABCEHJKLMPRSTWXYZ")
    pair = first + second
    if pair in {"KN", "TN", "NK", "BG", "NT", "ZZ", "GB"}:
        return _nino(chance)
    return f"{pair}{chance.randrange(10**6):06}{chance.choice('ABCD')}"


def _account(chance: random.Random) -> str:
    return f"{chance.randrange(10, 99)}{chance.randrange(10**4):04}{chance.randrange(10**7, 10**8)}"


def _card(chance: random.Random) -> str:
    first, length = chance.choice([("4", 16), ("51", 16), ("54", 16), ("2231", 16), ("37", 15), ("6759", 16)])
    while True:
        number = first + "".join(chance.choice("0123456789") for _ in range(length - len(first)))
        if luhn_valid(number):
            return number


def _born(chance: random.Random) -> str:
    return (date(1935, 1, 1) + timedelta(days=chance.randrange(26_000))).isoformat()


def _postcode(chance: random.Random) -> str:
    outward = chance.choice(["SO23", "GU34", "RG21", "PO1", "B1", "LS11", "M4", "EC1A", "W1T", "CF10", "EH6", "BT7"])
    return f"{outward} {chance.randrange(10)}{chance.choice('ABDEFGHJLN')}{chance.choice('PQRSTUWXYZ')}"


def _phone(chance: random.Random) -> str:
    area = chance.choice(["1962", "1256", "1420", "2380", "2392", "1179", "7911", "7400", "7808", "8081", "3001"])
    return f"+44{area}{chance.randrange(200_000, 999_999)}"


def _email(chance: random.Random) -> str:
    who = chance.choice(["rota", "j.okafor", "mary-ann.lee", "d'souza", "shared_lives", "duty+east"])
    return f"{who}@{chance.choice(['example.org', 'mail.surgery.example.com', 'a-b.example.net', 'example.com'])}"


def _uprn(chance: random.Random) -> str:
    return str(chance.randrange(10**10, 10**11))


def _grouped(value: str, sizes: tuple[int, ...], between: str) -> str:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(value[at : at + size])
        at += size
    return between.join(pieces)


def _spell_nhs(value: str, chance: random.Random) -> str:
    return chance.choice(
        [
            value,
            _grouped(value, (3, 3, 4), " "),
            _grouped(value, (3, 3, 4), "-"),
            _grouped(value, (3, 3, 4), "\u2013"),
            _grouped(value, (3, 3, 4), "."),
            " ".join(value),
        ]
    )


def _spell_nino(value: str, chance: random.Random) -> str:
    return chance.choice(
        [
            value,
            _grouped(value, (2, 2, 2, 2, 1), " "),
            _grouped(value, (2, 6, 1), " "),
            _grouped(value, (2, 2, 2, 2, 1), "-"),
        ]
    )


def _spell_account(value: str, chance: random.Random) -> str:
    sort, account = value[:6], value[6:]
    spelt = chance.choice([_grouped(sort, (2, 2, 2), "-"), sort, _grouped(sort, (2, 2, 2), " ")])
    return chance.choice(
        [
            f"sort code {spelt}, account {account}",
            f"Sort Code: {spelt}\nAccount No: {account}",
            f"a/c {account} sort code {spelt}",
        ]
    )


def _spell_card(value: str, chance: random.Random) -> str:
    groups = (4, 6, 5) if len(value) == 15 else (4, 4, 4, 4)
    return chance.choice([value, _grouped(value, groups, " "), _grouped(value, groups, "-")])


def _spell_born(value: str, chance: random.Random) -> str:
    day = date.fromisoformat(value)
    forms = [
        f"{day:%d/%m/%Y}",
        f"{day.day}.{day.month}.{day:%y}",
        f"{day.day} {day:%B %Y}",
        f"{day:%d-%m-%Y}",
        f"{day:%d %b %Y}",
        value,
    ]
    return chance.choice(forms)


def _spell_postcode(value: str, chance: random.Random) -> str:
    return chance.choice([value, value, value.replace(" ", "")])


def _spell_phone(value: str, chance: random.Random) -> str:
    national = value.removeprefix("+44")
    return chance.choice(
        [f"0{national}", f"0{national[:4]} {national[4:]}", f"(0{national[:4]}) {national[4:7]} {national[7:]}",
         f"+44 {national[:4]} {national[4:]}", f"+44 (0){national[:4]} {national[4:7]} {national[7:]}"]
    )  # fmt: skip


def _as_it_is(value: str, _chance: random.Random) -> str:
    return value


_Plant = tuple[Callable[[random.Random], str], Callable[[str, random.Random], str], tuple[str, ...]]
_PLANTS: dict[Kind, _Plant] = {
    Kind.NHS_NUMBER: (
        _nhs,
        _spell_nhs,
        (
            "Her NHS number is {0} and she is known to the surgery.",
            "NHS No.: {0}",
            "Hospital passport\nNHS no\t{0}\nWard\tB4",
            "He has an NHS card with the number {0} on it.",
            "{0} (NHS number) was written on the wrong chart.",
            "The patient was discharged from hospital. Identifier {0}, see the care plan.",
        ),
    ),
    Kind.NATIONAL_INSURANCE: (
        _nino,
        _spell_nino,
        (
            "National Insurance number: {0}",
            "NI no {0}, as on the award letter",
            "For the claim please use {0}; it is on her payslip.",
            "NINO\t{0}",
        ),
    ),
    Kind.BANK_ACCOUNT: (
        _account,
        _spell_account,
        (
            "Carer payments from May go to {0}.",
            "Please pay the refund into her own bank: {0}",
            "Bank details\n{0}\nName on it: the person's own",
        ),
    ),
    Kind.PAYMENT_CARD: (
        _card,
        _spell_card,
        (
            "He read his card number out over the phone: {0}, expiry 09/28.",
            "Debit card\t{0}",
            "The Visa or Mastercard to use for the holiday is {0}",
            "Shopping was paid with {0} (card kept by the carer).",
        ),
    ),
    Kind.DATE_OF_BIRTH: (
        _born,
        _spell_born,
        (
            "Date of birth: {0}",
            "DOB {0}, lives in the annexe",
            "d.o.b. {0}",
            "Name and date of birth\nsee list, {0}",
            "She was born on {0} in Alton.",
        ),
    ),
    Kind.POSTCODE: (
        _postcode,
        _spell_postcode,
        ("The hall is at 3 Mill Lane, {0}.", "Postcode: {0}", "Venue\tThe Oaks, High Street, {0}", "Sat nav: {0}"),
    ),
    Kind.PHONE: (
        _phone,
        _spell_phone,
        ("Tel: {0}", "You can ring the desk on {0} until five.", "Mobile {0}", "Out of hours\t{0}"),
    ),
    Kind.EMAIL: (_email, _as_it_is, ("Write to {0}.", "Contact: <{0}>", "e-mail\t{0}", "({0}) answers within a day")),
    Kind.UPRN: (_uprn, _as_it_is, ("UPRN: {0}", "Property (UPRN {0}) was inspected.", "UPRN\t{0}")),
}
_ALIKE = (
    "Purchase order 45{8} was raised for the stairlift.",
    "Invoice number {10} is still unpaid; invoice {8} was credited.",
    "The gas meter's MPRN is {10} and the reading was 04{3}.",
    "Parcel tracking {16}: left with a neighbour at 12:05.",
    "Library card {L} has expired.",
    "Please quote booking ref {10} at the desk.",
    "The next meetings are on 03/04/2026, 01/05/2026 and 05.06.2026 at 10:30-12:00.",
    "Room B12 is free from 2 to 4, room C{2} is not.",
    "The policy number for the minibus is AB{6}C.",
    "Serial no. JX{6}D is on the back of the hoist.",
    "We used {3},{3} minutes of calls and {4} texts last year.",
    "ISBN 978{10} is on the reading list for carers.",
    "Company number {8}, VAT registration {9}.",
    "The budget code is {4}-{4}-{4}-{4} for training.",
    "Version 2.{2}.{4} was installed on 14-03-2026.",
    "Charity number {7}; grant reference {10}.",
    "The group was born out of a workshop on 12/05/2022.",
    "Birthday tea for the club is on 21/06/2026 at three.",
    "Bus 64 leaves at 08:15, 09:15, 10:15 and 11:15; the fare is 2.{2}.",
    "NHS invoice {N} was sent to the trust by mistake.",
    "Gift card {C} can be used in the canteen.",
    "Ticket {10} was closed; ticket {6} is open.",
    "Her job reference is SO{2}/{4}/B and the advert closes on 1 May 2026.",
    "Vehicle licence {16} and permit {8} are due.",
    "Asset {8} (laptop) was returned with charger {12}.",
    "Case 2026/{6} in the county court was settled for 12-34-56 pounds in all.",
    "Ask for @sharedlives on the channel, not the old at sign.",
    "The survey had {4} answers, {2} per cent more than in 2025.",
    "Licence key {4}-{4}-{4}-{4} was renewed.",
    "Delivery {10} comes between 12 and 14 on the 9th.",
)


def _filled(sentence: str, chance: random.Random) -> str:
    """With digits for each place-holder: a number of them, or a valid NHS number, card, or library card (Luhn)."""
    made = {"{N}": _nhs, "{C}": _card, "{L}": _card}
    for holder, make in made.items():
        while holder in sentence:
            sentence = sentence.replace(holder, make(chance), 1)
    for size in range(16, 1, -1):
        while f"{{{size}}}" in sentence:
            number = "".join(chance.choice("0123456789") for _ in range(size))
            sentence = sentence.replace(f"{{{size}}}", number, 1)
    return sentence
