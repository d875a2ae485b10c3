"""``sallyport retention explain``: why a record is kept and until when, in plain words."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.frame import InputError, command, framed
from cli.looking import looked
from cli.office import print_json, shown
from domain.retention import day_of
from domain.retention_reckoning import Kept
from domain.retention_words import headline, label, reason, said


@command
def explain(
    record: Annotated[str, typer.Argument(help="The record's id, as `sallyport vault list` shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Why a record is kept until when: the rule, its source and the events. Reckoned now; opens and changes nothing."""
    settings = framed()
    from cli.jobs.retention import build_retention
    from gateway.clock import SystemClock
    from vault.retention import NoSuchRecord

    looked("retention explained", record=record)

    today = day_of(SystemClock().now())
    try:
        found = build_retention(settings).explain(record)
    except NoSuchRecord as error:
        raise InputError(error.private, public=f"There is no record {record}.") from error
    if as_json:
        print_json(
            {
                "record": record,
                "run_out": found[0].run_out(today),
                "held": _held(record),
                "reasons": [_plain(k) for k in found],
            }
        )
        return
    _print(record, found, headline(found[0], today))


def _print(record: str, found: tuple[Kept, ...], first: str) -> None:
    print(f"{record}\n{first}")
    names = _council_ids({k.person for k in found} - {""})
    for number, kept in enumerate(found):
        print(f"{'What counts' if not number else 'Besides'}: {reason(kept, lambda ref: names.get(ref, ref))}")
        if kept.source:
            print(f"  Rule: {kept.source}.")
    if _held(record):
        print("A hold keeps it, whatever its retention says; `sallyport hold list` shows the holds.")
    for line in _said(record):
        print(line)


def _council_ids(refs: set[str]) -> dict[str, str]:
    from register.models import Person

    return dict(Person.objects.filter(ref__in=refs).values_list("ref", "council_id"))


def _held(record: str) -> bool:
    from vault.holds import coverage

    return coverage.held_records().filter(pk=record).exists()


def _said(record: str) -> list[str]:
    """What people said of it, the latest last."""
    from vault.models import RetentionMark

    lines = []
    for mark in RetentionMark.objects.filter(record_id=record).order_by("id"):
        closed = f", closed on {said(mark.closed_on)}" if mark.closed_on else ""
        as_variant = f" ({mark.variant.replace('-', ' ')})" if mark.variant else ""
        that = f"{label(mark.record_class)}{as_variant}{closed}" if mark.counts else f"no {label(mark.record_class)}"
        lines.append(f"Said by {mark.actor} on {shown(mark.at)}: {that}. Because: {mark.why}")
    return lines


def _plain(kept: Kept) -> dict[str, Any]:
    return {
        "class": kept.record_class,
        "variant": kept.variant,
        "person": kept.person,
        "event": str(kept.event),
        "day": kept.day and kept.day.isoformat(),
        "years": kept.years,
        "source": kept.source,
        "until": kept.until and kept.until.isoformat(),
    }
