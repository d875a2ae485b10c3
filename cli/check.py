"""``sallyport check``: the configuration and every outside part, each with one clear line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

import typer
from rich.console import Console

from cli.exits import Exit
from cli.frame import command, framed
from config.settings import Settings
from domain.errors import SallyportError


class Line(NamedTuple):
    """One thing looked at."""

    what: str
    good: bool
    says: str


@command
def check() -> None:
    """Look at the configuration and at every part outside: database, vault, keys, readers, next hops."""
    settings = framed()
    console = Console(highlight=False)
    good = True
    for look in _LOOKS:
        for line in _safely(look, settings):
            good &= line.good
            mark = "[green]ok  [/]" if line.good else "[bold red]FAIL[/]"
            console.print(f"{mark} [bold]{line.what}[/]: ", end="")
            console.print(line.says, markup=False)
    if not good:
        raise typer.Exit(Exit.CHECK_FAILED)


def _safely(look: Callable[[Settings], Iterator[Line]], settings: Settings) -> Iterator[Line]:
    """A check that breaks is a failed line, not the end of the checks."""
    name = look.__name__.strip("_").replace("_", " ")
    try:
        yield from look(settings)
    except SallyportError as error:
        yield Line(name, False, f"{error.public} ({error.private})" if error.private else error.public)
    except Exception as error:  # noqa: BLE001 - whatever an outside part throws is its line here
        yield Line(name, False, f"it cannot be used ({type(error).__name__}: {error})")


def _configuration(settings: Settings) -> Iterator[Line]:
    from config import policy, retention
    from config.settings import config_file

    place = config_file() if config_file().is_file() else "defaults and environment"
    yield Line("settings", True, f"read from {place}")
    rules = policy.load(settings.policy_file)
    yield Line("policy", True, f"{len(rules.sharing)} rows answer every case; findings count from {rules.threshold}")
    schedule = retention.load(settings.retention_file)
    yield Line("retention", True, f"{len(schedule)} record classes")


def _database(_: Settings) -> Iterator[Line]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Line("database", False, f"{len(waiting)} schema changes are missing; run: sallyport setup")
        return
    from register.models import Party, Person

    yield Line(
        "database", True, f"{connection.vendor}; {Person.objects.count()} people, {Party.objects.count()} mailboxes"
    )


def _vault(settings: Settings) -> Iterator[Line]:
    from gateway.bootstrap import build_store
    from gateway.clock import SystemClock
    from vault.objects.probe import probe

    for result in probe(build_store(settings), SystemClock().now()):
        yield Line("vault", result.ok, result.text)
    if not settings.vault.records_mode:
        yield Line("vault", False, "vault.records_mode is off: the relay would file in a store that fails these lines")


def _escrow(settings: Settings) -> Iterator[Line]:
    from gateway.bootstrap import build_escrow
    from gateway.clock import SystemClock
    from vault.objects.probe import probe_unlocked

    for result in probe_unlocked(build_escrow(settings), SystemClock().now()):
        yield Line("escrow", result.ok, result.text)


def _housekeeping(settings: Settings) -> Iterator[Line]:
    from datetime import timedelta

    from gateway.clock import SystemClock
    from vault.retention.watching import watch

    for good, says in watch(SystemClock().now(), timedelta(days=settings.vault.lock_days)):
        yield Line("retention", good, says)


def _search_index(settings: Settings) -> Iterator[Line]:
    from gateway.bootstrap import build_keyed
    from vault.models import SearchEntry, SearchWaiting

    keyed = build_keyed(settings)
    foreign = SearchEntry.objects.exclude(key=keyed.id).count()
    waiting = SearchWaiting.objects.count()
    says = f"{SearchEntry.objects.count() - foreign} records can be found; {waiting} wait to be folded"
    if foreign:
        says = f"{foreign} records are not indexed with the present key; run: sallyport vault index rebuild"
    yield Line("search index", not foreign, says)


def _vault_keys(settings: Settings) -> Iterator[Line]:
    from gateway.bootstrap import build_public_halves
    from register.models import Person
    from vault.masters import Masters

    masters = Masters(settings.vault.masters)
    people = list(Person.objects.values_list("ref", flat=True))
    missing = len(people) - len(build_public_halves(settings).of(people))
    if missing:
        yield Line("vault keys", False, f"{missing} people have no key of their own yet; run: sallyport keys people")
    if others := _sealed_to_others(settings):
        says = f"secrets of {others} people are not sealed to the masters of the settings; run: sallyport keys rotate"
        yield Line("vault keys", False, says)
    says = f"{len(masters.recipients)} masters and the service's own recipient are good"
    if masters.missing:
        says += f"; people's keys are made elsewhere, for {' and '.join(masters.missing)} is not on the PATH here"
    yield Line("vault keys", True, says)


def _sealed_to_others(settings: Settings) -> int:
    from vault.masters import Masters
    from vault.models import SealingKey

    rows = SealingKey.objects.filter(destroyed_at=None).exclude(sealed_to=Masters(settings.vault.masters).tag)
    return rows.values("person").distinct().count()


def _recovery_drill(settings: Settings) -> Iterator[Line]:
    from gateway.clock import SystemClock
    from vault.keys.drill import due, last_passed
    from vault.masters import Masters

    now, interval = SystemClock().now(), timedelta(days=settings.vault.drill_days)
    held = last_passed(Masters(settings.vault.masters))
    for number, (master, last) in enumerate(held.items(), start=1):
        by = due(last, interval)
        says = f"the last one was on {last:%d %B %Y}, {_ago((now - last).days)}" if last else "none was held yet"
        if by:
            says += f"; the next is due by {by:%d %B %Y} (sallyport keys drill)"
        yield Line(f"recovery drill, master {number} ({master[:12]}...)", by is None or now <= by, says)


def _ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def _audit_log(settings: Settings) -> Iterator[Line]:
    from cli.audit.checking import lines

    for good, says in lines(settings):
        yield Line("audit log", good, says)


def _signing_keys(settings: Settings) -> Iterator[Line]:
    from gateway.bootstrap import build_protectors

    protectors = build_protectors(settings)
    methods = " and ".join(p.method for p in protectors)
    says = methods or "no signing key is set; every mail that needs protecting would be held"
    yield Line("ways of protecting", bool(protectors), says)


def _readers(settings: Settings) -> Iterator[Line]:
    from domain.model import Part, Place
    from gateway.bootstrap import build_classifiers

    classifiers = build_classifiers(settings)
    try:
        part = Part("1", Place.BODY, "text/plain", "", b"Hello", "utf-8")
        analysis = classifiers.analyse("check", [part])
        read = any("Hello" in t.text for t in analysis.texts)
        yield Line("document readers", read, str(classifiers.confinement))
    finally:
        classifiers.close()


def _next_hops(settings: Settings) -> Iterator[Line]:
    from gateway.bootstrap import try_hop

    for hop in settings.next_hops:
        name = f"next hop for {', '.join(hop.domains)}"
        try:
            yield Line(name, True, f"{hop.host}:{hop.port} answers; {try_hop(hop, settings)}")
        except (OSError, SallyportError) as error:
            says = f"{hop.host}:{hop.port} cannot be used ({error}); [[next_hops]] in the settings names it"
            yield Line(name, False, says)


def _urgent_releases(settings: Settings) -> Iterator[Line]:
    from gateway.bootstrap import build_rules

    concerns = build_rules(settings).urgency.bases
    yield Line(
        "urgent releases",
        True,
        f"for {len(concerns)} concerns; {len(settings.service.management)} of the management team are told first"
        if concerns
        else "off, because service.management names nobody who could be told",
    )


def _webhooks(_: Settings) -> Iterator[Line]:
    from web.api.hooks.sweeping import given_up

    silent = given_up()
    says = (
        f"given up: {', '.join(map(str, silent))}; put them right and set them again" if silent else "none is given up"
    )
    yield Line("webhooks", not silent, says)


def _holds_and_disposal(_: Settings) -> Iterator[Line]:
    from cli.watch_holds import holds_and_disposal
    from gateway.clock import SystemClock

    for good, says in holds_and_disposal(SystemClock().now()):
        yield Line("holds and disposal", good, says)


_LOOKS = (
    *(
        _configuration,
        _database,
        _vault,
        _search_index,
        _escrow,
        _vault_keys,
        _recovery_drill,
        _audit_log,
        _signing_keys,
    ),
    *(_holds_and_disposal, _search_index, _readers, _housekeeping, _next_hops, _urgent_releases, _webhooks),
)
