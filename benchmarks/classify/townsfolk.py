"""A register of 5,000 people who do not exist, of whom 304 share their full name with somebody."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.classify.names_of_britain import FIRST, LAST
from domain.identifiers import valid_nhs_number

PEOPLE, SHARING = 5_000, 304
_OLDEST = date(1930, 1, 1)
_DAYS = (date(2007, 1, 1) - _OLDEST).days
_TEST_RANGE = 9_990_000_000
"""NHS numbers that the NHS keeps for tests."""


@dataclass(frozen=True, slots=True)
class Townsman:
    """``former`` is an earlier name, or empty; ``shared`` whether somebody else has the same name."""

    ref: str
    name: str
    born: date
    nhs_number: str
    former: str = ""
    shared: bool = False

    @property
    def council_id(self) -> str:
        """As the service writes it."""
        return f"SL-{int(self.ref[2:]):05}"


def register(seed: int = 1) -> list[Townsman]:
    """The same for the same seed."""
    chance = random.Random(seed)
    names = [f"{first} {last}" for first in FIRST for last in LAST]
    chance.shuffle(names)
    single = names[: PEOPLE - SHARING // 2]
    shared = set(single[: SHARING // 2])
    former = iter(names[PEOPLE:])
    people = []
    for number, name in enumerate([*single, *sorted(shared)]):
        born = _OLDEST + timedelta(days=chance.randrange(_DAYS))
        earlier = f"{name.split()[0]} {next(former).split()[-1]}" if number % 9 == 0 and name not in shared else ""
        people.append(Townsman(f"p-{number}", name, born, _NHS[number], earlier, name in shared))
    taken = {p.name for p in people}
    return [p if p.former not in taken else Townsman(p.ref, p.name, p.born, p.nhs_number) for p in people]


def strangers(people: list[Townsman], count: int, seed: int) -> list[str]:
    """Names from the same lists that nobody of the register has, now or before."""
    chance, taken = random.Random(seed), {p.name for p in people} | {p.former for p in people}
    found: list[str] = []
    while len(found) < count:
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
        if name not in taken:
            found.append(name)
    return found


_NHS = [str(n) for n in range(_TEST_RANGE, _TEST_RANGE + 60_000) if valid_nhs_number(str(n))]
