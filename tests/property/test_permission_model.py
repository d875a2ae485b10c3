"""Permission over time against a model that anybody can read: at present, at any earlier time, and as known at one.

Random lives are recorded through ``register.recording`` over real SQLite; time moves by hours and by months. The model
keeps a list of what happened and when it was recorded, and answers each question by replaying it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.decision import Basis
from domain.model import Address, Category
from domain.permission import Capacity, Circle, PermissionState, Relation, ReviewIntervals, relation, state
from register import as_known, circle, recording
from register import models as m
from register.acting import acting
from register.recording import BestInterests, Form, Impossible, Line, NewBasis

REVIEWS = ReviewIntervals()
START = datetime(2025, 1, 6, 9, tzinfo=UTC)
CATEGORIES = (Category.MEDICAL, Category.FINANCIAL)
MAILBOXES = {
    "gill@gp.example": {"P", "GP"},
    "gill@new.example": set(),
    "may@home.example": {"R"},
    "cara@carers.example": {"C"},
    "sid@carers.example": {"S"},
    "police@else.example": set(),
}
"""Each recipient, and by which names a form or another ground may mean them, besides the address."""
MOVING = ("gill@gp.example", "gill@new.example")
"""One party's mailbox, which changes."""
NAMED = ("P", "GP", "R", "C")
HOMES = ("H-1", "H-2")
CARER_HOME, SUPPORTED = "H-1", "H-2"
"""Where the carer C lives at first, and where the support carer S stands in at times."""


Told = tuple[list[tuple[datetime, frozenset[Category]]], datetime | None, datetime | None]
ALWAYS = datetime.min.replace(tzinfo=UTC)


def turned(held: list[tuple[date, str | None]], day: date, value: str) -> list[tuple[date, str | None]]:
    """From that day on it is the value; the same value as last corrects since when."""
    *before, last = held
    if last[1] == value and not before:
        before = [(date.min, None)]
    elif last[1] != value:
        before.append(last)
    return [*(b for b in before if b[0] < day), (day, value)]


@dataclass
class Signed:
    """A form or a best-interests decision. ``lines``: whom it names, what from when on, until when, since when."""

    code: str
    best_interests: bool
    day: date
    due: date
    lines: dict[str, Told]
    reviewed: date | None = None
    withdrawn: datetime | None = None


@dataclass
class Ground:
    """A ground other than permission."""

    basis: Basis
    names: frozenset[str]
    categories: frozenset[Category]
    since: datetime
    until: datetime


@dataclass
class World:
    """All that is true of one person, as far as it has been recorded."""

    forms: dict[str, Signed] = field(default_factory=dict)
    grounds: dict[str, Ground] = field(default_factory=dict)
    assessed: dict[date, Capacity] = field(default_factory=dict)
    homes: list[list] = field(default_factory=list)
    stood_in: list[list] = field(default_factory=list)
    carers_home: list = field(default_factory=lambda: [(date.min, CARER_HOME)])
    mailbox: list = field(default_factory=lambda: [(date.min, MOVING[0])])
    died: date | None = None

    def capacity(self, day: date) -> Capacity:
        """The last assessment by then; presumed without one."""
        by_then = [d for d in self.assessed if d <= day]
        return self.assessed[max(by_then)] if by_then else Capacity.HAS

    def latest(self, form: Signed) -> bool:
        """Whether no later one of its kind was signed."""
        kin = [f for f in self.forms.values() if f.best_interests == form.best_interests]
        return form is max(kin, key=lambda f: (f.day, f.code))

    def carer_lives(self, day: date) -> str | None:
        return [home for since, home in self.carers_home if since <= day][-1]

    def names(self, mailbox: str, day: date) -> set[str]:
        if mailbox not in MOVING:
            return MAILBOXES[mailbox] | {mailbox}
        theirs = [held for since, held in self.mailbox if since <= day][-1] == mailbox
        return {mailbox} | (MAILBOXES[MOVING[0]] if theirs else set())

    def lives_at(self, home: str, day: date) -> bool:
        return any(h == home and s <= day and (e is None or day <= e) for h, s, e in self.homes)

    def stands_in(self, day: date) -> bool:
        return any(s <= day and (e is None or day <= e) for s, e in self.stood_in)

    def last_day(self, form: Signed, day: date) -> date:
        """On which the form counts without another review, for somebody of that day's capacity."""
        longest = 182 if self.capacity(day) is Capacity.FLUCTUATES else 365
        return min(form.due, (form.reviewed or form.day) + timedelta(days=longest))

    def states(self, mailbox: str, category: Category, at: datetime) -> set[PermissionState]:
        """What may be answered: one state, or any of several grounds that hold at once."""
        day = at.date()
        names = self.names(mailbox, day)
        stands = PermissionState.DIED if self.died and self.died <= day else self._form_says(names, category, at)
        if stands in {PermissionState.GRANTED, PermissionState.BEST_INTERESTS}:
            return {stands}
        letting = {
            PermissionState[g.basis.name if g.basis is not Basis.SELF else "OWN_REQUEST"]
            for g in self.grounds.values()
            if g.since <= at < g.until and category in g.categories and names & g.names
        }
        return letting or {stands}

    def _form_says(self, names: set[str], category: Category, at: datetime) -> PermissionState:
        day = at.date()
        capacity = self.capacity(day)
        lacks = capacity is Capacity.LACKS
        signed = [f for f in self.forms.values() if f.best_interests == lacks and f.day <= day]
        if not signed:
            return PermissionState.NO_DECISION if lacks else PermissionState.MISSING
        form = max(signed, key=lambda f: (f.day, f.code))
        named = [line for name, line in form.lines.items() if name in names and (line[2] is None or line[2] <= at)]
        still = [
            [categories for since, categories in told if since <= at][-1]
            for told, gone, _ in named
            if gone is None or gone > at
        ]
        answers = (
            (form.withdrawn is not None and form.withdrawn <= at, PermissionState.WITHDRAWN),
            (not named, PermissionState.NOT_NAMED),
            (not still, PermissionState.WITHDRAWN),
            (not any(category in c for c in still), PermissionState.NOT_COVERED),
            (day > self.last_day(form, day), PermissionState.OVERDUE),
            (lacks, PermissionState.BEST_INTERESTS),
        )
        return next((answer for holds, answer in answers if holds), PermissionState.GRANTED)


LINES = st.dictionaries(st.sampled_from(NAMED), st.sets(st.sampled_from(CATEGORIES), min_size=1).map(frozenset))
AGO = st.just(0) | st.integers(0, 40)


def days(number: int) -> timedelta:
    return timedelta(days=number)


class Lives(RuleBasedStateMachine):
    """One person's life, as the office records it."""

    @initialize()
    def begin(self) -> None:
        self.now, self.happened, self.number = START, [], 0
        self.moments: list[datetime] = [START]
        with acting("tests", at=START):
            self.person = m.Person.objects.create(council_id="SL-1")
            gp = m.Organisation.objects.create(code="GP", name="Surgery")
            homes = [m.Household.objects.create(code=home) for home in HOMES]
            for code, kind, email, more in (
                ("P", "professional", "gill@gp.example", {"organisation": gp}),
                ("R", "family", "may@home.example", {"person": self.person}),
                ("C", "carer", "cara@carers.example", {"household": homes[0]}),
                ("S", "carer", "sid@carers.example", {"household": m.Household.objects.create(code="H-3")}),
            ):
                m.Party.objects.create(code=code, kind=kind, name=code, email=email, **more)

    # ------------------------------------------------------------ the model's own record

    def world(self, known_at: datetime | None = None) -> World:
        world = World()
        for recorded_at, happen in self.happened:
            if known_at is None or recorded_at <= known_at:
                happen(world)
        return world

    def record(self, do: Callable[[], object], happen: Callable[[World], None], *, possible: bool) -> None:
        """Do it; the model changes where it is possible, and where it is not, nothing does."""
        if not possible:
            before = m.Change.objects.count()
            with pytest.raises(Impossible):
                do()
            assert m.Change.objects.count() == before
            return
        do()
        self.happened.append((self.now, happen))
        self.moments.append(self.now)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo("Europe/London")).date()

    def code(self) -> str:
        self.number += 1
        return f"X-{self.number:03}"

    # ------------------------------------------------------------ what happens

    @rule(hours=st.integers(1, 40))
    def hours_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(weeks=st.sampled_from([4, 20, 30, 53]))
    def months_pass(self, weeks: int) -> None:
        self.now += timedelta(weeks=weeks)

    @rule(lines=LINES, ago=AGO, early=st.booleans())
    def sign(self, lines: dict[str, frozenset[Category]], ago: int, early: bool) -> None:
        code, day, world = self.code(), self.today - days(ago), self.world()
        due = day + days(100) if early else None
        usual = 182 if world.capacity(day) is Capacity.FLUCTUATES else 365
        form = Form(code, "SL-1", day, _lines(lines), review_due=due)
        lacks = world.capacity(day) is Capacity.LACKS
        self.record(
            lambda: recording.record_permission(form, self.now, REVIEWS),
            lambda w: w.forms.update({code: Signed(code, False, day, due or day + days(usual), _fresh(lines))}),
            possible=not lacks and not (world.died and world.died < day),
        )

    @rule(lines=LINES, ago=AGO)
    def decide(self, lines: dict[str, frozenset[Category]], ago: int) -> None:
        code, day, world = self.code(), self.today - days(ago), self.world()
        texts = ("whether", "cannot weigh it", "talked over", "likes it", "sister", "Olu")
        decided = BestInterests(code, "SL-1", day, _lines(lines), *texts)
        lacks = world.capacity(day) is Capacity.LACKS
        self.record(
            lambda: recording.record_best_interests(decided, self.now, REVIEWS),
            lambda w: w.forms.update({code: Signed(code, True, day, day + days(365), _fresh(lines))}),
            possible=lacks and not (world.died and world.died < day),
        )

    @rule(data=st.data(), lines=LINES)
    def change(self, data: st.DataObject, lines: dict[str, frozenset[Category]]) -> None:
        world, now = self.world(), self.now
        if not world.forms:
            return
        form = world.forms[data.draw(st.sampled_from(sorted(world.forms)))]
        gone = {name for name, (_, when, _) in form.lines.items() if when is not None}
        begins = now if form.day <= now.date() else None

        def happen(w: World) -> None:
            before = w.forms[form.code].lines
            kept = {name: (told, when or now, since) for name, (told, when, since) in before.items()}
            new = {n: ([(ALWAYS, c)], None, begins) for n, c in lines.items() if n not in before}
            same = {n: ([*before[n][0], (now, c)], None, before[n][2]) for n, c in lines.items() if n in before}
            w.forms[form.code].lines = kept | new | same

        self.record(
            lambda: recording.change_grants(form.code, _lines(lines), now),
            happen,
            possible=form.withdrawn is None and not gone & set(lines),
        )

    @rule(data=st.data(), ahead=st.sampled_from([None, 10, 200]))
    def renew(self, data: st.DataObject, ahead: int | None) -> None:
        world, held = self.world(), self.today
        if not world.forms:
            return
        form = world.forms[data.draw(st.sampled_from(sorted(world.forms)))]
        due = held + days(ahead or (182 if world.capacity(held) is Capacity.FLUCTUATES else 365))
        lacks = world.capacity(held) is Capacity.LACKS
        again = (form.reviewed, form.due) == (held, due)
        counts = form.withdrawn is None and world.latest(form) and lacks == form.best_interests
        alive = not (world.died and world.died <= held)

        def happen(w: World) -> None:
            w.forms[form.code].reviewed, w.forms[form.code].due = held, due

        given = held + days(ahead) if ahead else None
        self.record(
            lambda: recording.renew(form.code, self.now, REVIEWS, outcome="kept", next_due=given),
            happen,
            possible=again or (counts and alive),
        )

    @rule(data=st.data(), whole=st.booleans(), name=st.sampled_from(NAMED))
    def withdraw(self, data: st.DataObject, whole: bool, name: str) -> None:
        world, now = self.world(), self.now
        if not world.forms:
            return
        form = world.forms[data.draw(st.sampled_from(sorted(world.forms)))]

        def happen(w: World) -> None:
            signed = w.forms[form.code]
            if whole and signed.withdrawn is None:
                signed.withdrawn = max(now, datetime.combine(signed.day, time.min, UTC))
            if not whole:
                told, when, since = signed.lines[name]
                signed.lines[name] = (told, when or now, since)

        self.record(
            lambda: recording.withdraw(form.code, now, recipients=() if whole else (name,)),
            happen,
            possible=whole or name in form.lines,
        )

    @rule(capacity=st.sampled_from(Capacity), ago=AGO)
    def assess(self, capacity: Capacity, ago: int) -> None:
        day = self.today - days(ago)
        self.record(
            lambda: recording.assess_capacity("SL-1", capacity, day, self.now),
            lambda w: w.assessed.update({day: capacity}),
            possible=self.world().assessed.get(day, capacity) is capacity,
        )

    @rule(ago=AGO, really=st.sampled_from([False, False, False, True]))
    def die(self, ago: int, really: bool) -> None:
        day = self.today - days(ago)
        if really:
            self.record(
                lambda: recording.record_death("SL-1", day, self.now), lambda w: _set_died(w, day), possible=True
            )

    @rule(
        basis=st.sampled_from([Basis.VITAL_INTERESTS, Basis.LEGAL_DUTY, Basis.SELF]),
        names=st.sets(st.sampled_from(["GP", "R", "police@else.example"]), min_size=1).map(frozenset),
        categories=st.sets(st.sampled_from(CATEGORIES), min_size=1).map(frozenset),
        ago=AGO,
        lasts=st.integers(-50, 90),
    )
    def ground(
        self, basis: Basis, names: frozenset[str], categories: frozenset[Category], ago: int, lasts: int
    ) -> None:
        code, since, until = self.code(), self.now - days(ago), self.now + days(lasts)
        new = NewBasis(code, "SL-1", basis, "why", tuple(sorted(names)), categories, "Manager", until, since)
        self.record(
            lambda: recording.record_basis(new, self.now, REVIEWS),
            lambda w: w.grounds.update({code: Ground(basis, names, categories, since, until)}),
            possible=until > since,
        )

    @rule(data=st.data())
    def end_ground(self, data: st.DataObject) -> None:
        world, now = self.world(), self.now
        if not world.grounds:
            return
        code = data.draw(st.sampled_from(sorted(world.grounds)))

        def happen(w: World) -> None:
            w.grounds[code].until = min(w.grounds[code].until, now)

        self.record(lambda: recording.end_basis(code, now), happen, possible=True)

    @rule(home=st.sampled_from(HOMES), ago=AGO)
    def move_in(self, home: str, ago: int) -> None:
        day, world = self.today - days(ago), self.world()
        there = sorted(s for h, s, e in world.homes if h == home and (e is None or e >= day))
        again = bool(there) and there[0] == day
        self.record(
            lambda: recording.begin_placement("SL-1", home, day, self.now),
            lambda w: None if again else w.homes.append([home, day, None]),
            possible=again or not there,
        )

    @rule(home=st.sampled_from(HOMES), ago=AGO)
    def move_out(self, home: str, ago: int) -> None:
        day = self.today - days(ago)
        begun = [s for h, s, _ in self.world().homes if h == home and s <= day]

        def happen(w: World) -> None:
            next(p for p in w.homes if p[:2] == [home, max(begun)])[2] = day

        self.record(
            lambda: recording.end_placement("SL-1", home, day, self.now),
            happen,
            possible=bool(begun),
        )

    @rule(ago=AGO)
    def stand_in(self, ago: int) -> None:
        day, world = self.today - days(ago), self.world()
        there = sorted(s for s, e in world.stood_in if e is None or e >= day)
        again = bool(there) and there[0] == day
        self.record(
            lambda: recording.begin_support("S", SUPPORTED, day, self.now),
            lambda w: None if again else w.stood_in.append([day, None]),
            possible=again or not there,
        )

    @rule(ago=AGO)
    def stand_down(self, ago: int) -> None:
        day = self.today - days(ago)
        begun = [s for s, _ in self.world().stood_in if s <= day]

        def happen(w: World) -> None:
            next(t for t in w.stood_in if t[0] == max(begun))[1] = day

        self.record(lambda: recording.end_support("S", SUPPORTED, day, self.now), happen, possible=bool(begun))

    @rule(home=st.sampled_from(HOMES), ago=AGO | st.integers(-40, 0))
    def carer_moves(self, home: str, ago: int) -> None:
        day = self.today - days(ago)

        def happen(w: World) -> None:
            w.carers_home = turned(w.carers_home, day, home)

        self.record(lambda: recording.move_carer("C", home, day, self.now), happen, possible=True)

    @rule(mailbox=st.sampled_from(MOVING), ago=AGO | st.integers(-40, 0))
    def mailbox_changes(self, mailbox: str, ago: int) -> None:
        day = self.today - days(ago)

        def happen(w: World) -> None:
            w.mailbox = turned(w.mailbox, day, mailbox)

        self.record(lambda: recording.change_mailbox("P", mailbox, day, self.now), happen, possible=True)

    # ------------------------------------------------------------ what must hold

    @invariant()
    def the_present_is_as_the_model_says(self) -> None:
        """Whether it is read from the rows or from their history."""
        asked = [self.person.ref], _recipients(), self.now, frozenset()
        self._agree(self.world(), self.now, circle.read(*asked))
        self._agree(self.world(), self.now, as_known.read(*asked, known_at=self.now))

    @rule(data=st.data())
    def earlier_and_later_times_are_as_the_model_says(self, data: st.DataObject) -> None:
        world = self.world()
        drawn = data.draw(st.lists(st.sampled_from(self._instants(world)), max_size=4, unique=True))
        for at in [*drawn, *self._turns(world)]:
            self._agree(world, at, circle.read([self.person.ref], _recipients(), at, frozenset()))

    @rule(data=st.data())
    def what_was_known_is_as_the_model_says(self, data: st.DataObject) -> None:
        known_at = data.draw(st.sampled_from(self.moments))
        world = self.world(known_at)
        for at in data.draw(st.lists(st.sampled_from(self._instants(world)), min_size=1, max_size=3, unique=True)):
            known = as_known.read([self.person.ref], _recipients(), at, frozenset(), known_at=known_at)
            self._agree(world, at, known)

    def _turns(self, world: World) -> list[datetime]:
        """The last day on which a form counts that none has followed, and the day after."""
        lasts = {world.last_day(f, f.due) for f in world.forms.values() if world.latest(f)}
        return [datetime.combine(day + days(more), time(12), UTC) for day in sorted(lasts) for more in (0, 1)]

    def _instants(self, world: World) -> list[datetime]:
        """Whenever something was recorded, and about every day on which an answer may change."""
        turning = {d for f in world.forms.values() for d in (f.day, f.due, world.last_day(f, f.due))}
        turning |= set(world.assessed) | {world.died} | {d for home in world.homes for d in home[1:]}
        turning |= {d for time in world.stood_in for d in time}
        turning |= {d for d, _ in (*world.carers_home, *world.mailbox) if d != date.min}
        noons = [datetime.combine(d, time(12), UTC) for d in turning if d is not None]
        ends = [moment for g in world.grounds.values() for moment in (g.since, g.until)]
        return sorted({*self.moments, *ends, *noons, *(n + days(1) for n in noons), *(n - days(1) for n in noons)})

    def _agree(self, world: World, at: datetime, read: Circle) -> None:
        facts = read.people[self.person.ref]
        for address in _recipients():
            party = next(iter(read.parties.get(address, ())), None)
            for category in CATEGORIES:
                found = state(address, party, facts, category, at, REVIEWS)
                assert found in world.states(address.key, category, at), (address.key, category, at)
        carer = read.parties[Address.of("cara@carers.example")][0]
        home = world.carer_lives(at.date())
        at_home = home is not None and world.lives_at(home, at.date())
        assert relation(carer, facts) is (Relation.CURRENT_CARER if at_home else Relation.OTHER_CARER)
        support = read.parties[Address.of("sid@carers.example")][0]
        helps = world.lives_at(SUPPORTED, at.date()) and world.stands_in(at.date())
        assert relation(support, facts) is (Relation.SUPPORT_CARER if helps else Relation.OTHER_CARER)


def _recipients() -> list[Address]:
    return [Address.of(a) for a in MAILBOXES]


def _lines(lines: dict[str, frozenset[Category]]) -> tuple[Line, ...]:
    return tuple(Line(name, categories) for name, categories in lines.items())


def _fresh(lines: dict[str, frozenset[Category]]) -> dict[str, Told]:
    return {name: ([(ALWAYS, categories)], None, None) for name, categories in lines.items()}


def _set_died(world: World, day: date) -> None:
    world.died = day


class InOneTransaction(Lives):
    """Each life in a transaction that is undone, so that the next begins with empty tables."""

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)


def test_permission_over_time_is_what_a_readable_model_says(database) -> None:
    """Present, past, and what was known: the register's answers are the model's, whatever was recorded when."""
    run_state_machine_as_test(
        InOneTransaction,
        settings=settings(
            max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
