"""Documents about the people of the made-up register, with the name written in the ways that people write names.

Each says whom it is about and what must come out. Carers, doctors and officers in them have names from the same lists,
some of them the very names of people of the register; other residents are people of the register. The code was tuned on
letters of another seed.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from benchmarks.classify.townsfolk import Townsman, strangers
from domain.model import Part, Place
from register.kin import kin


@dataclass(frozen=True, slots=True)
class Letter:
    """``about`` None: about nobody of the register. ``also`` are other residents of the register in it.

    ``anchored``: a date of birth, a number or an ID stands in it. ``workers`` are people of the register whose name a
    carer or doctor in it has.
    """

    kind: str
    text: str
    about: Townsman | None
    anchored: bool
    also: tuple[Townsman, ...] = ()
    workers: tuple[Townsman, ...] = ()
    subject: str = "Letter"

    @property
    def parts(self) -> list[Part]:
        """As a mail with one attachment."""
        body = Part("1", Place.BODY, "text/plain", "", b"Dear colleague,\n\nplease see attached.\n")
        return [body, Part("2", Place.ATTACHMENT, "text/plain", "letter.txt", self.text.encode())]


def letters(people: list[Townsman], count: int, seed: int = 11) -> Iterator[Letter]:
    """So many, over all kinds in turn."""
    chance = random.Random(seed)
    outsiders = iter(strangers(people, count * 6, seed))
    single = [p for p in people if not p.shared]
    kinds = list(_KINDS.items())
    for number in range(count):
        kind, write = kinds[number % len(kinds)]
        yield write(kind, _Desk(chance, people, single, outsiders))


@dataclass(slots=True)
class _Desk:
    chance: random.Random
    people: list[Townsman]
    single: list[Townsman]
    outsiders: Iterator[str]

    def somebody(self, fits: Callable[[Townsman], bool] = lambda _: True) -> Townsman:
        """Whose name is theirs alone."""
        while not fits(found := self.chance.choice(self.single)):
            pass
        return found

    def letter(self, name: str, anchor: str) -> str:
        """A whole document about ``name``."""
        carer, doctor, officer = (next(self.outsiders) for _ in range(3))
        template = self.chance.choice(_TEMPLATES)
        first = name.replace(",", " ").split()[0]
        return template.format(name=name, anchor=anchor, carer=carer, doctor=doctor, officer=officer, first=first)

    def born(self, day: date) -> str:
        """As people write dates of birth."""
        form = self.chance.choice(
            ["DOB: {:%d/%m/%Y}", "D.O.B. {:%d.%m.%y}", "Date of birth: {:%d %B %Y}", "dob {:%d-%m-%Y}"]
        )
        return form.format(day) if day.year > 1930 else f"DOB: {day:%d/%m/%Y}"


_TEMPLATES = (
    """Neurology outpatient clinic

Dear Dr {doctor}

Re: {name}, {anchor}

Diagnosis: epilepsy
Medication: levetiracetam

Thank you for referring this patient. The carer, {carer}, came too.

Yours sincerely

{officer}
Consultant
""",
    """RISK MANAGEMENT PLAN

Name:\t{name}
{anchor}
Carer:\t{carer}
Social worker:\t{officer}
GP:\tDr {doctor}

Triggers: noise and crowds.
Risk rating: medium
Must be supervised near roads.
""",
    """Yearly review

This is the review of {name} ({anchor}).
Present: {carer} (carer), {officer} (social worker)

Eligible needs and outcomes were looked at. Goals for next year: travel alone.
Apologies: Dr {doctor}
""",
    """Incident report

Service user: {name}
{anchor}
Reported to: {officer}
Carer's name: {carer}

Was found on the floor at 07:40. Seen by Dr {doctor}. Action taken: ambulance called.
""",
    """Title | Forename and surname | Details
Mx | {name} | {anchor}
Worker | {officer} | review in May

Assessment of needs. Support with washing and dressing; carer is {carer}; surgery Dr {doctor}.
""",
    """Page 1 of 3                                   {name}  {anchor}

Speech and language therapy report

Reason for referral: coughing at meals. Recommendations: soft diet.
Seen with {carer} (carer).
cc Dr {doctor}, {officer}
""",
)


def _exact(name: str, chance: random.Random) -> str:
    return name if chance.random() < 0.7 else name.upper()


def _turned(name: str, chance: random.Random) -> str:
    first, last = name.split()
    return f"{last.upper() if chance.random() < 0.5 else last}, {first}"


def _nickname(name: str, chance: random.Random) -> str:
    first, last = name.split()
    return f"{chance.choice(sorted(kin(first.lower()))).title()} {last}"


def _initial(name: str, chance: random.Random) -> str:
    first, last = name.split()
    return chance.choice([f"{first[0]}. {last}", f"{first[0]} {last}", f"{last}, {first[0]}."])


def _middle(name: str, chance: random.Random) -> str:
    first, last = name.split()
    return f"{first} {chance.choice(['James', 'M.', 'Anne Louise', 'J. P.'])} {last}"


def _slip(name: str, chance: random.Random) -> str:
    """One letter dropped, doubled, changed or swapped, in the surname or the first name."""
    words = name.split()
    which = 1 if len(words[0]) < 5 or (len(words[1]) > 4 and chance.random() < 0.6) else 0
    word = words[which]
    at = chance.randrange(1, len(word) - 1)
    changed = chance.choice("aeiorst")
    slips = [
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + changed + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ]
    words[which] = chance.choice(slips)
    return " ".join(words)


_NOISE = (("m", "rn"), ("w", "vv"), ("l", "1"), ("o", "0"), ("d", "cl"), ("s", "5"), ("i", "l"))


def _scanned(name: str, chance: random.Random) -> str:
    """As a scanner misreads letters."""
    fits = [(a, b) for a, b in _NOISE if a in name]
    for a, b in chance.sample(fits, min(len(fits), chance.choice([1, 1, 2]))):
        at = chance.choice([n for n, c in enumerate(name) if c == a] or [-1])
        name = name[:at] + b + name[at + 1 :] if at > 0 else name
    return name


def _initials_alone(name: str, _chance: random.Random) -> str:
    first, last = name.split()
    return first[0] + last[0]


def _possessive(name: str, chance: random.Random) -> str:
    return name + chance.choice(["'s", "\u2019s"])


def _plain(name: str, _chance: random.Random) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)).replace("'", "\u2019")


_Write = Callable[[str, _Desk], Letter]


def _anchored(spell: Callable[[str, random.Random], str], fits: Callable[[Townsman], bool] = lambda _: True) -> _Write:
    def write(kind: str, desk: _Desk) -> Letter:
        person = desk.somebody(fits)
        return Letter(kind, desk.letter(spell(person.name, desk.chance), desk.born(person.born)), person, anchored=True)

    return write


def _by_name(spell: Callable[[str, random.Random], str], fits: Callable[[Townsman], bool] = lambda _: True) -> _Write:
    def write(kind: str, desk: _Desk) -> Letter:
        person = desk.somebody(fits)
        return Letter(kind, desk.letter(spell(person.name, desk.chance), "Ref 12/26"), person, anchored=False)

    return write


def _numbered(kind: str, desk: _Desk) -> Letter:
    person = desk.chance.choice(desk.people)
    number = person.nhs_number
    anchor = desk.chance.choice([f"NHS No: {number[:3]} {number[3:6]} {number[6:]}", f"Our ref: {person.council_id}"])
    return Letter(kind, desk.letter(person.name, anchor), person, anchored=True)


def _former(kind: str, desk: _Desk) -> Letter:
    person = desk.somebody(lambda p: bool(p.former))
    return Letter(kind, desk.letter(person.former, desk.born(person.born)), person, anchored=True)


def _namesake(kind: str, desk: _Desk) -> Letter:
    person = desk.chance.choice([p for p in desk.people if p.shared])
    return Letter(kind, desk.letter(person.name, "Ref 12/26"), person, anchored=False)


def _namesake_born(kind: str, desk: _Desk) -> Letter:
    person = desk.chance.choice([p for p in desk.people if p.shared])
    return Letter(kind, desk.letter(person.name, desk.born(person.born)), person, anchored=True)


def _other_resident(kind: str, desk: _Desk) -> Letter:
    person, other = desk.somebody(), desk.somebody()
    text = (
        desk.letter(person.name, desk.born(person.born)) + f"\nAt weekends {other.name} stays in the house as well.\n"
    )
    return Letter(kind, text, person, anchored=True, also=(other,))


def _worker(kind: str, desk: _Desk) -> Letter:
    person, same = desk.somebody(), desk.somebody()
    ways = ["Carer: {}", "Seen by Dr {}", "Present: {} (carer)", "Social worker: {}", "Name of carer: {}"]
    marked = desk.chance.choice(ways)
    text = desk.letter(person.name, desk.born(person.born)) + "\n" + marked.format(same.name) + "\n"
    return Letter(kind, text, person, anchored=True, workers=(same,))


def _of_a_stranger(kind: str, desk: _Desk) -> Letter:
    return Letter(kind, desk.letter(next(desk.outsiders), desk.born(date(1951, 3, 1))), None, anchored=False)


def _by_kin(person: Townsman) -> bool:
    return bool(kin(person.name.split()[0].lower()))


def _long(person: Townsman) -> bool:
    return len(person.name.split()[1]) > 4


def _marked(person: Townsman) -> bool:
    return not person.name.isascii() or "'" in person.name or "-" in person.name


_KINDS: dict[str, _Write] = {
    "NHS number or council ID": _numbered,
    "whole name, date of birth": _anchored(_exact),
    "Surname, First, date of birth": _anchored(_turned),
    "nickname, date of birth": _anchored(_nickname, _by_kin),
    "initial and surname, date of birth": _anchored(_initial),
    "middle names, date of birth": _anchored(_middle),
    "slip of the pen, date of birth": _anchored(_slip, _long),
    "scanner's noise, date of birth": _anchored(_scanned),
    "initials alone, date of birth": _anchored(_initials_alone),
    "accents, apostrophes, hyphens, date of birth": _anchored(_plain, _marked),
    "former name, date of birth": _former,
    "shared name, date of birth": _namesake_born,
    "possessive, no anchor": _by_name(_possessive),
    "whole name, no anchor": _by_name(_exact),
    "nickname, no anchor": _by_name(_nickname, _by_kin),
    "shared name, no anchor": _namesake,
    "another resident is named": _other_resident,
    "a worker has a person's name": _worker,
    "about a stranger": _of_a_stranger,
}
