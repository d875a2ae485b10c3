"""Disposal against a plain model: whatever people, the clock and crashes do, in whatever order.

Nothing is destroyed under a hold, before its time, without two valid approvals by two people who did not propose it, or
twice; what may go, goes; all that has gone has a certificate and its events; nobody's key goes before their records.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.support.disposals import ANNA, BERT, CARL, GRACE, LASTS, Office
from tests.support.vaults import House
from vault.disposal import approving
from vault.holds import setting
from vault.holds.mirror import Mirror
from vault.holds.setting import NewHold, NotAllowed
from vault.models import AuditEvent, DisposalCertificate, SealingKey, TargetKind, VaultRecord
from vault.objects.local import LocalStore
from vault.objects.port import Stored, Version
from vault.triggers import unsafe_remove

GONE: list[int] = []
"""How many records went in each history."""

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A history that fails is long enough to be read; making it shorter takes minutes."""
YEARS, PEOPLE, ACTORS = 20, (ANN, BEN), (ANNA, BERT, CARL)


class Crash(BaseException):
    """The process is gone."""


class Crashing(LocalStore):
    """Goes on for ``left`` more writes."""

    left = 1_000_000

    def _use(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Crash

    def delete(self, key: str, version: str) -> None:
        self._use()
        super().delete(key, version)

    def put(self, key: str, data: bytes, **more: Any) -> Stored:
        self._use()
        return super().put(key, data, **more)

    def versions(self, prefix: str) -> Iterator[Version]:
        self._use()
        return super().versions(prefix)


@dataclass
class Known:
    """What the model knows of a record. ``change`` goes up with all that makes earlier approvals void."""

    people: tuple[str, ...]
    filed: date
    until: date | None = None
    change: int = 0
    approvals: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    proposal: str = ""
    proposer: str = ""
    open: bool = False
    gone: bool = False


def plus_years(day: date) -> date:
    """The first day after so many years."""
    return day.replace(year=day.year + YEARS) + timedelta(days=1)


class Disposal(RuleBasedStateMachine):
    """The real thing and the model side by side."""

    records, holds, proposals, codes = Bundle("records"), Bundle("holds"), Bundle("proposals"), Bundle("codes")

    def __init__(self) -> None:
        super().__init__()
        connection.close()
        unsafe_remove(connection)
        call_command("flush", verbosity=0, interactive=False)
        self.folder = tempfile.TemporaryDirectory()
        house = House(Path(self.folder.name))
        self.store = house.store = Crashing(house.folder / "objects", house.clock)
        self.office, self.clock = Office(house), house.clock
        self.known: dict[str, Known] = {}
        self.placed = {ANN: False, BEN: False}
        self.on: dict[str, tuple[str, str]] = {}
        self.serial = 0

    def teardown(self) -> None:
        self.folder.cleanup()

    # what happens

    @rule(target=records, people=st.sampled_from([(ANN,), (BEN,), (ANN, BEN)]))
    def file(self, people: tuple[str, ...]) -> str:
        self.serial += 1
        record = self.office.file(self.serial, people)
        self.known[record] = Known(people, self.clock.now().date())
        self._reckon()
        return record

    @rule(person=st.sampled_from(PEOPLE))
    def care_begins_or_ends(self, person: str) -> None:
        self.placed[person] = not self.placed[person]
        self.office.placed(person) if self.placed[person] else self.office.left(person, NOW.date())
        self._reckon()

    @rule(days=st.sampled_from([1, 1, 10, 31, 365 * 21]))
    def time_goes_by(self, days: int) -> None:
        if days < 366 or self.clock.now().year < 2215:  # tar archives count their seconds until 2242
            self.clock.move(timedelta(days=days))

    @rule(target=holds, record=records)
    def hold_a_record(self, record: str) -> str:
        return self._hold(TargetKind.RECORD, record)

    @rule(target=holds, person=st.sampled_from(PEOPLE))
    def hold_a_person(self, person: str) -> str:
        return self._hold(TargetKind.PERSON, person)

    @rule(hold=consumes(holds))
    def lift(self, hold: str) -> None:
        if hold not in self.on:
            return
        now = self.clock.now()
        setting.ask_to_lift(hold, "over", ANNA, now)
        with pytest.raises(NotAllowed):
            setting.lift(hold, ANNA, now)
        setting.lift(hold, BERT, now)
        del self.on[hold]

    @rule()
    def the_store_is_told(self) -> None:
        Mirror(self.store, "worker:one").sweep(self.clock.now())

    @rule(target=proposals, actor=st.sampled_from([ANNA, "worker:one"]))
    def propose(self, actor: str) -> Any:
        self._close_what_is_kept()
        batch, today = self.office.propose(actor), self.clock.now().date()
        if not batch:
            return multiple()
        for known, row in self._of(batch):
            assert self._due(known, today), "proposed before its time"
            assert not self._held(row), "proposed under a hold"
            assert not known.open, "proposed twice"
            known.proposal, known.proposer, known.open, known.approvals = batch, actor, True, {}
        return batch

    @rule(target=codes, batch=proposals)
    def look(self, batch: str) -> tuple[str, str]:
        return batch, approving.look(batch, self.office.viewer, self.clock.now()).code

    @rule(seen=codes, actor=st.sampled_from([*ACTORS, "worker:one"]))
    def approve(self, seen: tuple[str, str], actor: str) -> None:
        """Perhaps by a code of long ago, which then is refused."""
        (batch, code), now = seen, self.clock.now()
        try:
            approving.approve(batch, code, self.office.viewer, actor, now, LASTS)
        except NotAllowed:
            return
        for known, row in self._of(batch):
            if known.open and self._due(known, now.date()) and not self._held(row):
                valid = self._valid(known, now)
                if actor not in valid and len(valid) < 2:
                    known.approvals[actor] = (known.change, now)

    @rule(record=records, actor=st.sampled_from(ACTORS))
    def refuse(self, record: str, actor: str) -> None:
        known = self.known[record]
        if known.open:
            day = self.clock.now().date() + timedelta(days=5)
            try:
                approving.refuse(known.proposal, record, "an inquiry", day, actor, self.clock.now())
            except NotAllowed:
                assert VaultRecord.objects.get(id=record).state == "disposing", "a crash left it begun"
                return
            known.open = False

    @rule(batch=proposals, writes=st.one_of(st.just(1_000_000), st.integers(0, 12)))
    def execute(self, batch: str, writes: int) -> None:
        """To its end, or to a crash after so many writes."""
        may = {row for known, row in self._of(batch) if self._may_go(known, row)}
        begun = set(VaultRecord.objects.filter(state="disposing").values_list("id", flat=True))
        self.store.left = writes
        try:
            self.office.execute(batch)
        except Crash:
            pass
        else:
            stuck = {r for r in may if self._files(r) and not self._held_in_store(r)}
            assert not stuck, "it may go, and stays"
        finally:
            self.store.left = 1_000_000
        for known, row in self._of(batch):
            if not self._files(row) and not known.gone:
                assert row in may | begun, "destroyed, and nobody may have"
                known.gone, known.open = True, False

    @rule(
        before=st.sampled_from(["nothing", "nothing", "crash", "crash", "hold", "care", "time", "mail"]),
        people=st.sampled_from([(ANN,), (BEN,), (ANN, BEN)]),
        second=st.sampled_from([CARL, CARL, CARL, BERT]),
    )
    def all_at_once(self, before: str, people: tuple[str, ...], second: str) -> None:
        """Filed long ago, proposed, approved; and then something happens before it is executed."""
        for hold in list(self.on):
            self.lift(hold)
        self.the_store_is_told()
        for person in people:
            if self.placed[person]:
                self.care_begins_or_ends(person)
        record, _, _ = (self.file(people) for _ in range(3))
        self.time_goes_by(365 * 21)
        batch = self.propose("worker:one")
        if not isinstance(batch, str):
            return
        if before == "hold first":
            self._hold(TargetKind.RECORD, record)
        for actor in (BERT, second):
            self.approve(self.look(batch), actor)
        self._meanwhile(before, record, people)
        self.execute(batch, 4 if before == "crash" else 1_000_000)

    def _meanwhile(self, what: str, record: str, people: tuple[str, ...]) -> None:
        match what:
            case "hold":
                self._hold(TargetKind.RECORD, record)
            case "hold gone":
                self.lift(self._hold(TargetKind.RECORD, record))
            case "care":
                self.care_begins_or_ends(people[0])
            case "time":
                self.time_goes_by(31)
            case "mail":
                self.file(people)

    again = rule(before=st.sampled_from(["nothing", "hold first", "hold gone"]))(
        lambda self, before: self.all_at_once(before, (ANN,), CARL)
    )

    @rule(batch=proposals)
    def keys_go_a_day_later(self, batch: str) -> None:
        self.clock.move(GRACE)
        self.execute(batch, 1_000_000)

    # what always holds

    @invariant()
    def what_is_kept_is_whole(self) -> None:
        """Every file of every record that is not on its way out."""
        for row in VaultRecord.objects.filter(state="filed"):
            files = {o.key for o in row.objects_filed.all()}
            if not AuditEvent.objects.filter(record=row.id, action="disposal stopped").exists():
                assert set(self._files(row.id)) == files
                assert files

    @invariant()
    def what_has_gone_has_its_events_and_once(self) -> None:
        for row in VaultRecord.objects.filter(state="disposed"):
            assert not self._files(row.id)
            assert AuditEvent.objects.filter(record=row.id, action="disposed").count() == 1

    @invariant()
    def no_key_goes_before_its_records(self) -> None:
        for key in SealingKey.objects.exclude(destroyed_at=None):
            filed = VaultRecord.objects.filter(subjects__person=key.person, filed_at__lte=key.retired_at + GRACE)
            assert not filed.exclude(state="disposed").exists()

    def certified(self) -> None:
        """At the end every proposal is executed once more, and everything that has gone stands on one certificate."""
        for batch in {k.proposal for k in self.known.values() if k.proposal}:
            self.execute(batch, 1_000_000)
        GONE.append(sum(known.gone for known in self.known.values()))
        contents = [json.loads(c.content) for c in DisposalCertificate.objects.all()]
        named = [r["record"] for c in contents for r in c["records"]]
        assert sorted(named) == sorted(VaultRecord.objects.filter(state="disposed").values_list("id", flat=True))
        assert not DisposalCertificate.objects.filter(version="").exists()

    # the model

    def _hold(self, kind: TargetKind, value: str) -> str:
        now = self.clock.now()
        new = NewHold("the court asks", "C-1", (now + LASTS).date(), {kind: [value]})
        hold = setting.set_hold(new, ANNA, now).hold
        self.on[hold] = (kind, value)
        for row, known in self.known.items():
            if value == row or value in known.people:
                known.change += 1
        return hold

    def _held(self, record: str) -> bool:
        return any(value == record or value in self.known[record].people for _, value in self.on.values())

    def _reckon(self) -> None:
        """Twenty years from the end of care or the last contact, whoever's is longest; open while anybody is placed."""
        for known in self.known.values():
            until = None
            if not any(self.placed[p] for p in known.people):
                contact = {p: max(k.filed for k in self.known.values() if p in k.people) for p in known.people}
                until = max(plus_years(day) for day in contact.values())
            if until != known.until:
                known.until, known.change = until, known.change + 1

    def _due(self, known: Known, today: date) -> bool:
        return known.until is not None and known.until <= today

    def _valid(self, known: Known, now: datetime) -> set[str]:
        return {a for a, (change, at) in known.approvals.items() if change == known.change and now < at + LASTS}

    def _may_go(self, known: Known, record: str) -> bool:
        now = self.clock.now()
        return (
            known.open and len(self._valid(known, now)) > 1 and self._due(known, now.date()) and not self._held(record)
        )

    def _close_what_is_kept(self) -> None:
        for known in self.known.values():
            if known.open and not self._due(known, self.clock.now().date()):
                known.open = False

    def _of(self, batch: str) -> list[tuple[Known, str]]:
        rows = VaultRecord.objects.filter(
            disposals__batch=batch, disposals__state__in=["open", "begun", "erased", "disposed"]
        )
        return [(self.known[r], r) for r in rows.values_list("id", flat=True)]

    def _files(self, record: str) -> list[str]:
        return [v.key for v in LocalStore.versions(self.store, "v1/") if f"/{record}/" in v.key]

    def _held_in_store(self, record: str) -> bool:
        return any(self.store.stat(key).legal_hold for key in self._files(record))


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_the_laws_of_disposal() -> None:
    """Fourteen histories of twenty events each."""

    class Ended(Disposal):
        def teardown(self) -> None:
            self.certified()
            super().teardown()

    run_state_machine_as_test(
        Ended,
        settings=settings(
            max_examples=14,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=PHASES,
        ),
    )
    assert sum(GONE) > 30, "hardly anything was destroyed: nothing was tested"
