"""Makers for the tests of holds and disposal: a house with filed records whose time has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.model import Category
from domain.ports import FiledPart
from domain.retention_reckoning import Life, Stay
from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.support.vaults import SCHEDULE, House, filing, part
from vault.disposal import approving, executing, proposing, shredding
from vault.disposal.certificates import Registrar
from vault.disposal.standing import Viewer
from vault.retention import Retention

ANNA, BERT, CARL = "cli:anna", "cli:bert", "cli:carl"
LASTS, GRACE = timedelta(days=30), timedelta(days=1)
DECADES = timedelta(days=365 * 21)
"""After which every class of the schedule has run out."""


@dataclass
class Office:
    """The people of the records service, and what they do, over a house."""

    house: House
    lives: dict[str, Life] = field(default_factory=lambda: dict.fromkeys((ANN, BEN), Life(left_on=NOW.date())))

    def of(self, people: Collection[str]) -> Mapping[str, Life]:
        """What the register says of them: both have left the service."""
        return {p: self.lives[p] for p in people if p in self.lives}

    @property
    def viewer(self) -> Viewer:
        return Viewer(Retention(self, SCHEDULE), GRACE)

    def placed(self, person: str) -> None:
        """They live with a carer again, and nobody knows until when."""
        self.lives[person] = Life(stays=(Stay(date(2026, 1, 1), None),))

    def left(self, person: str, day: date) -> None:
        self.lives[person] = Life(left_on=day)

    def file(self, number: int = 0, people: Collection[str] = (ANN,)) -> str:
        """A record with a mail, a part and a bundle; its id."""
        parts = [FiledPart(part(b"letter %d" % number), frozenset(people), frozenset({Category.MEDICAL}))]
        mail = filing(*parts, people=people, raw=b"Subject: %d\r\n\r\nx\r\n" % number)
        return self.house.filer().file(mail, self.house.clock.now()).record

    def propose(self, actor: str = "worker:one") -> str:
        """The new proposal's id, or nothing."""
        return proposing.propose(self.viewer, actor, self.house.clock.now(), 1000).batch

    def approve(self, batch: str, *actors: str) -> None:
        """Each has seen it as it is now."""
        for actor in actors:
            now = self.house.clock.now()
            seen = approving.look(batch, self.viewer, now).code
            approving.approve(batch, seen, self.viewer, actor, now, LASTS)

    def records(self) -> executing.Records:
        return executing.Records(self.house.store, self.viewer, self.house.clock, ANNA)

    def keys(self) -> shredding.Keys:
        return shredding.Keys(self.house.escrow_store, self.viewer, self.house.clock, ANNA, GRACE)

    def execute(self, batch: str) -> executing.Executed:
        """As the command does it."""
        done = self.records().run(batch)
        keys = self.keys().run(batch)
        self.certify(batch)
        return executing.Executed(done.disposed + keys.disposed, done.kept | keys.kept)

    def certify(self, batch: str) -> list[str]:
        return Registrar(self.house.store, ANNA, timedelta(days=365)).issue(batch, self.house.clock.now())

    def dispose(self) -> str:
        """Everything that is due, approved and gone; the proposal."""
        batch = self.propose()
        self.approve(batch, BERT, CARL)
        self.execute(batch)
        return batch
