"""What reviewers ruled on held mails: releases are decided anew and leave if they may, the others go back to officers.

Every step can be repeated: a release leaves once, whatever breaks off (the journal sees to it); notices may repeat.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from config.settings import Settings
from domain.errors import ConfigurationError, SallyportError, TryAgain

if TYPE_CHECKING:
    from gateway.pipeline import Ports
    from vault.held.copy import Copy
    from vault.held.opening import Reader
    from vault.models import Settlement

_LOG = structlog.get_logger("worker")


def settle(settings: Settings, now: datetime) -> None:
    """All that is ordered. One that cannot be opened keeps no other from being settled."""
    from domain.errors import VaultUnavailable
    from vault.models import Settlement, SettlementState
    from vault.rows import reading

    with reading(VaultUnavailable):
        ordered = list(
            Settlement.objects.filter(state=SettlementState.ORDERED).select_related("held__record").order_by("at", "pk")
        )
    if ordered:
        _settle(settings, ordered, now)


def _settle(settings: Settings, ordered: Iterable[Settlement], now: datetime) -> None:
    from gateway.bootstrap import built
    from gateway.secrecy import seal_memory

    seal_memory()  # before the reviewers' key is read
    reader = build_reader(settings)
    with built(settings, reviewing=True) as ports:
        for row in ordered:
            try:
                _carry_out(row, reader.open(row.held.record_id), settings, ports, now)
            except TryAgain as error:
                _LOG.warning("not settled yet", settlement=row.pk, reason=error.private)
            except SallyportError as error:
                _stop(row, f"it could not be opened: {error.public}", now)
                _LOG.error("not settled", **error.fields | {"settlement": row.pk, "reason": error.private})


def build_reader(settings: Settings) -> Reader:
    """Opens held mails. Raises ``ConfigurationError`` where this machine has no key for it."""
    from gateway.bootstrap import build_waiting_store
    from vault.held.opening import Reader
    from vault.identities import read_identities

    if settings.review.identity is None:
        public = "This machine has no key that opens held mails (setting review.identity)."
        raise ConfigurationError("no review identity", public=public)
    return Reader(build_waiting_store(settings), read_identities(settings.at_home(settings.review.identity)))


def _carry_out(row: Settlement, copy: Copy, settings: Settings, ports: Ports, now: datetime) -> None:
    from gateway.settled import Settled
    from vault.held.settling import end
    from vault.models import HeldState, SettlementKind, SettlementState

    if row.kind in {SettlementKind.RELEASE, SettlementKind.CONFIRM}:
        _release(row, copy, settings, ports, now)
        return
    returned = row.kind == SettlementKind.RETURN
    _tell(row, copy, Settled.RETURNED if returned else Settled.REJECTED, settings, ports, now)
    state = HeldState.RETURNED if returned else HeldState.DISCARDED
    end(row, SettlementState.DONE, state, "the officer was told", now)


def _release(row: Settlement, copy: Copy, settings: Settings, ports: Ports, now: datetime) -> None:
    from gateway.reviewed import Result, release
    from gateway.settled import Settled
    from vault.held.history import waiting_for
    from vault.held.settling import end, no_entry_of_its_own, ruling_of
    from vault.models import HeldState, SettlementKind, SettlementState

    mine = row.kind == SettlementKind.CONFIRM
    elsewhere = bool(row.to) and not mine  # an address that its sender did not write, and need not put right
    beside = waiting_for(row.held.record_id, row.to) if row.to else 0  # its sender wrote to that address, too
    done = release(copy, replace(ruling_of(row), quiet=elsewhere), ports)
    if done.result is Result.SENT:
        instead = Settled.INSTEAD if mine else Settled.REDIRECTED
        how = instead if row.to else Settled.CONFIRMED if mine else Settled.SENT
        _tell(row, copy, how, settings, ports, now)
        end(row, SettlementState.DONE, HeldState.RELEASED, f"sent ({done.detail})", now)
    elif done.result is Result.NOT_TAKEN:
        end(row, SettlementState.DONE, HeldState.DISCARDED, f"{done.result.value} ({done.detail})", now)
    elif done.result is Result.HELD_AGAIN and mine and row.to:  # its sender has been told of the other one
        end(row, SettlementState.DONE, HeldState.SUPERSEDED, f"meant for {row.to}, for whom it is held", now)
    elif done.result is Result.HELD_AGAIN:
        if row.to and not beside:
            no_entry_of_its_own(row, now)
        _stop(row, f"{row.to} would not get it either: {_why(row)}" if row.to else _AGAIN, now)
    elif done.result is Result.FORBIDDEN and row.to:
        _stop(row, f"{row.to} may not have it: {_why(row)}", now)
    elif done.result is Result.FORBIDDEN:  # its sender has been told of it, as of every refusal
        end(row, SettlementState.DONE, HeldState.REFUSED, f"refused by the rules: {_why(row)}", now)


_AGAIN = "decided anew, and held again: see why it is held now"


def _why(row: Settlement) -> str:
    """Why it may not leave, for whom it was decided last."""
    from domain.model import Address
    from vault import records
    from vault.held.words import why
    from vault.models import HeldMail

    to = Address.of(row.to or row.held.recipient).key
    same = HeldMail.objects.filter(record__digest=row.held.record.digest, record__sender=row.held.record.sender)
    found = same.filter(recipient=to).order_by("-held_at", "-pk").first()
    return why(records.load(found.decision)) if found else "the rules say so"


def _stop(row: Settlement, outcome: str, now: datetime) -> None:
    from vault.held.settling import end
    from vault.models import SettlementState

    end(row, SettlementState.STOPPED, None, outcome, now)


def _tell(row: Settlement, copy: Copy, how: object, settings: Settings, ports: Ports, now: datetime) -> None:
    """The officer, if the sender is one. Raises ``NextHopUnavailable`` where that has to wait."""
    from domain.errors import NextHopUnavailable
    from gateway.letters import Told as Handed
    from gateway.letters import hand_over
    from gateway.settled import Settled, SettledNotices, Told

    sender = copy.envelope.sender
    if not ports.tellable(sender, now):
        return
    s = settings.service
    notices = SettledNotices(s.name, s.address, s.phone, settings.relay.hostname)
    told = Told(
        sender, row.to or row.held.recipient, copy.subject, copy.message_id, Settled(how), row.note, row.held.recipient
    )
    if hand_over(notices.compose(told, now), ports.next_hop) is Handed.LATER:
        raise NextHopUnavailable("the officer cannot be told yet")
