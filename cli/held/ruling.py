"""``sallyport held release``, ``return``, ``reject``, ``agree``, ``disagree``: what reviewers rule.

The worker carries it out. A release is decided anew by the register as it is then; what may not leave is held again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.frame import InputError, command, framed, mailbox
from cli.held.looking import Number, one
from cli.looking import who
from cli.whom import person_of
from domain.model import Category

if TYPE_CHECKING:
    from vault.models import Settlement

Why = Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")]
Note = Annotated[str, typer.Option(help="To the officer: what is wrong, and what they can do.")]


@command
def release(
    number: Number,
    why: Why,
    accept: Annotated[
        list[str] | None, typer.Option(help="A doubt that you looked into, by its rule; repeat it.")
    ] = None,
    about: Annotated[list[str] | None, typer.Option(help="The council ID of whom it is about; repeat it.")] = None,
    is_not: Annotated[list[str] | None, typer.Option(help="A kind of document that it is not; repeat it.")] = None,
    to: Annotated[str, typer.Option(help="Send it to this address instead.")] = "",
) -> None:
    """Let it leave, protected, if the register permits: it is decided anew, without what you accept or correct."""
    settings = framed()
    from vault.models import SettlementKind, SettlementState

    more: dict[str, Any] = {
        "accepts": frozenset(accept or ()),
        "about": _people(about or []),
        "is_not": _kinds(is_not or []),
    }
    more["to"] = mailbox(to).text if to else ""
    row = _settle(settings, number, SettlementKind.RELEASE, why=why, **more)
    if row.state == SettlementState.PROPOSED:
        print(f"Proposed. A second reviewer has to agree: sallyport held agree {number}")
    else:
        print("Ordered. The worker decides it anew and, if it may, sends it; `sallyport held list` shows what waits.")


@command
def return_(number: Number, why: Why, note: Note) -> None:
    """Give it back to the officer with a note."""
    settings = framed()
    from vault.models import SettlementKind

    _settle(settings, number, SettlementKind.RETURN, why=why, note=note)
    print("Ordered. The officer is told by mail.")


@command
def reject(number: Number, why: Why, note: Note) -> None:
    """It is not sent, and the officer is told why."""
    settings = framed()
    from vault.models import SettlementKind

    _settle(settings, number, SettlementKind.REJECT, why=why, note=note)
    print("Ordered. The officer is told by mail.")


@command
def agree(number: Number) -> None:
    """As the second reviewer: let it leave."""
    framed()
    from gateway.clock import SystemClock
    from vault.held import settling

    with _sentences():
        settling.agree(_proposed(number), who(), SystemClock().now())
    print("Agreed. The worker decides it anew and, if it may, sends it.")


@command
def disagree(number: Number, why: Why) -> None:
    """What was proposed is not done; the mail waits again."""
    framed()
    from gateway.clock import SystemClock
    from vault.held import settling

    with _sentences():
        settling.disagree(_proposed(number), who(), why, SystemClock().now())
    print("Not agreed. The mail waits for a reviewer again.")


def _settle(settings: Any, number: int, kind: Any, **fields: Any) -> Settlement:
    from gateway.bootstrap import build_rules
    from gateway.clock import SystemClock
    from vault.held.settling import Order, settle
    from vault.models import HeldMail

    row, order = one(number), Order(kind, by=who(), **fields)
    with _sentences():
        return settle(HeldMail.objects.get(pk=row.pk), order, build_rules(settings).held, SystemClock().now())


def _proposed(number: int) -> Settlement:
    settlement = one(number).settlement
    if settlement is None:
        raise InputError("not proposed", public="Nothing is proposed for this mail; see `sallyport held list`.")
    return settlement


@contextmanager
def _sentences() -> Iterator[None]:
    """What cannot be settled like this is a sentence and exit code 5."""
    from vault.held.settling import CannotSettle

    try:
        yield
    except CannotSettle as error:
        raise InputError(error.private, public=error.public) from error


def _people(council_ids: list[str]) -> frozenset[str]:
    return frozenset(person_of(council_id).ref for council_id in council_ids)


def _kinds(names: list[str]) -> frozenset[Category]:
    try:
        return frozenset(Category(name) for name in names)
    except ValueError:
        known = ", ".join(Category)
        raise InputError("kind", public=f"--is-not must name one of these kinds: {known}.") from None
