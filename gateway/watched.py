"""The relay, watched: the pipeline's ports with each step timed, and what the relay tells of its mails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING

from domain.decision import Decision
from domain.model import Address, Envelope
from domain.outgoing import Outcome
from domain.ports import Claim, Journal, VaultReceipt
from gateway.pipeline import Ports
from watch import metrics
from watch.steps import Steps

if TYPE_CHECKING:
    from domain.policy import Facts


def watched(ports: Ports, steps: Steps) -> Ports:
    """The same ports. The numbers of the steps are those of ``gateway/pipeline.py``; 1 is :class:`Watched`'s."""
    return replace(
        ports,
        parse=steps.timed("parse", ports.parse),  # 2
        classifiers=steps.port(ports.classifiers, analyse="classify"),  # 3
        register=steps.port(
            ports.register,
            mentions="identify",
            named="identify",  # 4
            circle="permission",
            stopped="permission",
            keys="permission",  # 5
        ),
        decide=steps.timed("decide", ports.decide),  # 6
        protectors=tuple(steps.port(p, protect="protect") for p in ports.protectors),  # 7
        vault=steps.port(ports.vault, file="file"),  # 8
        waiting_room=steps.port(ports.waiting_room, keep="file"),
        pickups=steps.port(ports.pickups, keep="file"),
        next_hop=steps.port(ports.next_hop, deliver="deliver"),  # 9
        journal=Counted(steps.port(ports.journal, claim="record", intend="record", settle="record")),  # 10
    )


class Counted:
    """Implements ``Journal``: counts decisions once they are recorded, and outcomes as they are settled."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.claim: Callable[[str, Envelope, datetime], tuple[Claim, ...]] = journal.claim
        self.hold_on: Callable[[str, Envelope, datetime], None] = journal.hold_on
        self.release: Callable[[str, Envelope, Collection[Address]], None] = journal.release

    def intend(
        self,
        digest: str,
        envelope: Envelope,
        receipt: VaultReceipt,
        decisions: Sequence[Decision],
        now: datetime,
        facts: Facts | None = None,
    ) -> None:
        """See the port."""
        self._journal.intend(digest, envelope, receipt, decisions, now, facts)
        for decision in decisions:
            method = decision.method.value if decision.method else ""
            metrics.DECISIONS.labels(decision.action.name.lower(), method, decision.decisive[0].rule).inc()

    def settle(self, digest: str, envelope: Envelope, outcomes: Sequence[Outcome], now: datetime) -> None:
        """See the port."""
        self._journal.settle(digest, envelope, outcomes, now)
        for outcome in outcomes:
            metrics.OUTCOMES.labels(outcome.fate.name.lower()).inc()


class Watched:
    """Implements ``gateway.smtp.house.Watch``."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    @contextmanager
    def message(self, ident: str, octets: int, recipients: int) -> Iterator[Callable[[str], None]]:
        """See the protocol. The id is the one of the log and of our answer, so a trace is found by it."""
        begun = perf_counter()
        metrics.IN_FLIGHT.inc()
        try:
            with self._steps.span("accept", message_id=ident, octets=octets, recipients=recipients) as span:

                def answered(reply: str) -> None:
                    metrics.MESSAGES.labels(reply).observe(perf_counter() - begun)
                    metrics.OCTETS.observe(octets)
                    if span is not None:
                        span.set_attribute("reply", reply)

                yield answered
        finally:
            metrics.IN_FLIGHT.dec()

    def connections(self, count: int) -> None:
        """See the protocol."""
        metrics.CONNECTIONS.set(count)
