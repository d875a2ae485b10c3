"""What ``sallyport check`` looks at in the vault: stores, keys, drills, the audit log, the index, the clock's work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cli.looks.line import Line
from config.settings import Settings


def vault(settings: Settings) -> Iterator[Line]:
    """The probe of its store, line by line."""
    from gateway.bootstrap import build_store
    from gateway.clock import SystemClock
    from vault.objects.probe import probe

    for result in probe(build_store(settings), SystemClock().now()):
        yield Line("vault", result.ok, result.text)
    if not settings.vault.records_mode:
        yield Line("vault", False, "vault.records_mode is off: the relay would file in a store that fails these lines")


def escrow(settings: Settings) -> Iterator[Line]:
    """The store of sealed secrets must not lock."""
    from gateway.bootstrap import build_escrow
    from gateway.clock import SystemClock
    from vault.objects.probe import probe_unlocked

    for result in probe_unlocked(build_escrow(settings), SystemClock().now()):
        yield Line("escrow", result.ok, result.text)


def vault_keys(settings: Settings) -> Iterator[Line]:
    """Masters, the service's recipient, a key a person, all sealed to the masters of the settings."""
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


def recovery_drill(settings: Settings) -> Iterator[Line]:
    """When each master was last shown to open what it must."""
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


def audit_log(settings: Settings) -> Iterator[Line]:
    """Its alarms."""
    from cli.audit.checking import lines

    for good, says in lines(settings):
        yield Line("audit log", good, says)


def search_index(settings: Settings) -> Iterator[Line]:
    """Its key, and what it does not hold."""
    from gateway.bootstrap import build_keyed
    from vault.models import SearchEntry, SearchWaiting

    keyed = build_keyed(settings)
    foreign = SearchEntry.objects.exclude(key=keyed.id).count()
    waiting = SearchWaiting.objects.count()
    says = f"{SearchEntry.objects.count() - foreign} records can be found; {waiting} wait to be folded"
    if foreign:
        says = f"{foreign} records are not indexed with the present key; run: sallyport vault index rebuild"
    yield Line("search index", not foreign, says)


def housekeeping(settings: Settings) -> Iterator[Line]:
    """Locks that run out before they were extended."""
    from datetime import timedelta

    from gateway.clock import SystemClock
    from vault.retention.watching import watch

    for good, says in watch(SystemClock().now(), timedelta(days=settings.vault.lock_days)):
        yield Line("retention", good, says)


def holds_and_disposal(_: Settings) -> Iterator[Line]:
    """Late reviews of holds, and disposals that were broken off."""
    from cli.watch_holds import holds_and_disposal
    from gateway.clock import SystemClock

    for good, says in holds_and_disposal(SystemClock().now()):
        yield Line("holds and disposal", good, says)
