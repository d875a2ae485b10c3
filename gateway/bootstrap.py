"""The only module that builds adapters: settings in, ports and the relay out.

Everything that could never work is refused here, at start-up, with a sentence
(``ConfigurationError``), and never met later with a mail in hand.
"""

from __future__ import annotations

import gc
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
import uvloop

from classifiers import knowledge
from classifiers.limits import Limits
from classifiers.sandbox import Sandbox
from config import policy, retention
from config.sections.mail import NextHopSettings
from config.sections.vault import StoreKind
from config.settings import Settings
from domain.errors import ConfigurationError, VaultUnavailable
from domain.model import folded
from domain.ports import Pickups, Protector, WaitingRoom
from domain.rules import Rules, Urgency
from gateway.clock import SystemClock
from gateway.deliver import Route, Security, SmtpNextHop
from gateway.keyfiles import RANDOM_KEY_BYTES, key_file, random_key
from gateway.letters import Letterhead
from gateway.loop import LoopGuard
from gateway.notices import PlainNotices
from gateway.parse import parse
from gateway.pipeline import Ports, process
from gateway.processes import announce, supervised
from gateway.protect.offload import Offloaded
from gateway.protect.openpgp import OpenPGP
from gateway.protect.pickup import PickUp, PickupPlace
from gateway.protect.smime import SMIME
from gateway.secrecy import seal_memory
from gateway.server import Relay
from gateway.smtp.hop import Hop
from gateway.smtp.house import Capacity, Dialogue, Listener, Speaks
from gateway.smtp.passwords import PasswordFile
from gateway.smtp.sharing import Child
from gateway.smtp.tls import server_context
from gateway.telling import Insiders
from register.greeting import greeting
from register.lookup import DatabaseRegister
from register.obligations import DatabaseObligations
from vault import wal
from vault.filing import Filer
from vault.held.room import NoRoom, Room
from vault.journal import HELD_FOR_SURE, RowJournal
from vault.masters import checked_recipients
from vault.objects.local import LocalStore
from vault.objects.port import ObjectStore, StoreRefused
from vault.objects.proven import Proven
from vault.objects.s3 import S3Store
from vault.pickup.room import NoPickups, PickupRoom
from vault.sealing import PublicHalves, SealingKeys
from vault.search.tokens import Keyed

_OFFLOAD_BYTES = 1024 * 1024
"""The OpenPGP engine stops all other threads while it works: about 10 ms for a message of this size."""
_OWN_KEY = secrets.token_bytes(RANDOM_KEY_BYTES)
"""Where no file is set: one for all that these processes make, and for nobody else."""
_MOST_PROCESSES = 4
"""That a relay starts unasked."""


@contextmanager
def built(settings: Settings, store: ObjectStore | None = None, *, reviewing: bool = False) -> Iterator[Ports]:
    """All ports, open; closed again at the end. ``store`` is the vault's, if it is there. ``ConfigurationError``.

    ``reviewing``: for carrying out what reviewers ruled, when what was held is decided anew at once.
    """
    clock = SystemClock()
    vault = build_filer(settings, store or build_relay_store(settings))
    rules, guard = build_rules(settings), build_loop_guard(settings)
    next_hop = build_next_hop(settings)
    register = DatabaseRegister(settings.service.domains)
    protectors = build_protectors(settings)
    pickups = _build_pickups(settings, rules)
    classifiers = build_classifiers(settings)  # last: it starts processes
    try:
        yield Ports(
            clock=clock,
            parse=parse,
            classifiers=classifiers,
            register=register,
            rules=rules,
            protectors=(*protectors, *_build_pickup_protectors(settings)),
            vault=vault,
            waiting_room=_build_room(settings),
            pickups=pickups,
            obligations=DatabaseObligations(rules.urgency.review),
            journal=_build_journal(settings, reviewing=reviewing),
            next_hop=next_hop,
            notices=_build_notices(settings),
            tellable=Insiders(frozenset(folded(d) for d in settings.service.domains), register),
            trace=guard.trace,
        )
    finally:
        classifiers.close()
        next_hop.close()
        for protector in protectors:
            protector.close()


def build_rules(settings: Settings) -> Rules:
    """The policy. Without a management team to tell, nobody may ask for an urgent release.

    Without a place for waiting mail, what goes to somebody without a key is held.
    """
    rules = replace(policy.load(settings.policy_file), pick_up=bool(settings.pickup.recipient))
    return rules if settings.service.management else replace(rules, urgency=Urgency())


def run_relay(settings: Settings) -> None:
    """Build and serve until SIGTERM or SIGINT, in as many processes as are set."""
    seal_memory()  # before any key is read
    processes = settings.relay.processes or min(len(os.sched_getaffinity(0)), _MOST_PROCESSES)
    wal.share_failures()
    child = supervised(build_listeners(settings), processes) if processes > 1 else None
    if processes == 1 or child:
        _serve(settings, child)


def _serve(settings: Settings, child: Child | None) -> None:
    with built(settings, _proven_store(settings)) as ports:
        relay = build_relay(settings, ports, child)
        gc.freeze()  # what is there now stays, and need not be looked through again and again
        relay.run_forever(
            settings.relay.grace_seconds, ready=child.ready if child else lambda: announce(relay.addresses, 1)
        )


def build_listeners(settings: Settings) -> tuple[Listener, ...]:
    """Where the relay listens."""
    s = settings.relay
    plain = Listener(s.host, s.port, Speaks(s.speaks))
    if s.tls_port is None:
        return (plain,)
    return plain, Listener(s.host, s.tls_port, Speaks(s.speaks), implicit_tls=True)


def build_relay(settings: Settings, ports: Ports, child: Child | None = None) -> Relay:
    """The listener around the pipeline."""
    s = settings.relay
    tls = None
    if s.tls_certificate:
        tls = server_context(settings.at_home(s.tls_certificate), settings.at_home(s.tls_key) if s.tls_key else None)
    dialogue = Dialogue(
        hostname=s.hostname,
        networks=s.networks,
        authenticator=PasswordFile(settings.at_home(s.users_file)) if s.users_file else None,
        tls=tls,
        max_size=s.max_size,
        max_recipients=s.max_recipients,
        idle=s.idle_seconds,
    )
    capacity = Capacity(
        connections=s.max_connections, messages=s.max_in_flight, octets=s.max_in_flight_bytes, threads=s.threads
    )
    return Relay(
        lambda envelope, raw: process(envelope, raw, ports),
        SystemClock(),
        dialogue,
        child.listeners if child else build_listeners(settings),
        capacity,
        guard=build_loop_guard(settings).check,
        loop_factory=uvloop.new_event_loop,
        child=child,
    )


def build_classifiers(settings: Settings, *, ocr: bool = True) -> Sandbox:
    """Starts the readers' processes. ``ocr`` False is for those who look for text in files, not on pages."""
    s = settings.sandbox
    return Sandbox(
        s.workers,
        seconds=s.seconds,
        memory=s.memory_mb * 2**20,
        council_id=s.council_id,
        known_pictures=s.known_pictures,
        limits=Limits(ocr_seconds=s.ocr_seconds),
        ocr=ocr and s.ocr,
        walls=s.walls,
        knowledge=knowledge.load(
            settings.at_home(s.forms) if s.forms else None, settings.at_home(s.model) if s.model else None
        ),
    )


def build_protectors(settings: Settings) -> tuple[Offloaded, ...]:
    """Every way of protecting for which a signing key is set."""
    s = settings.service
    found: list[Callable[[], Protector]] = []
    if s.openpgp_key:
        found.append(partial(OpenPGP, key_file(settings, s.openpgp_key, "service.openpgp_key")))
    if s.smime_certificate and s.smime_key:
        certificate = key_file(settings, s.smime_certificate, "service.smime_certificate")
        found.append(partial(SMIME, certificate, key_file(settings, s.smime_key, "service.smime_key")))
    return tuple(Offloaded(factory, _OFFLOAD_BYTES) for factory in found)


def build_store(settings: Settings) -> ObjectStore:
    """Where sealed copies go: under Object Lock."""
    return _store(settings, settings.vault.path, settings.vault.bucket)


def build_escrow(settings: Settings) -> ObjectStore:
    """Where people's sealed secrets are kept a second time: without lock, so that they can be destroyed."""
    return _store(settings, settings.vault.escrow_path, settings.vault.escrow_bucket)


def build_waiting_store(settings: Settings) -> ObjectStore:
    """Where held mails wait for reviewers: without lock, so that they go once they are settled."""
    return _store(settings, settings.review.path, settings.review.bucket)


def _build_room(settings: Settings) -> WaitingRoom:
    if not settings.review.recipient:
        return NoRoom()
    (recipient,) = checked_recipients([settings.review.recipient], "review.recipient")
    return Room(build_waiting_store(settings), recipient)


def build_pickup_store(settings: Settings) -> ObjectStore:
    """Where mail waits for recipients without keys: without lock, so that it goes once its time is over."""
    return _store(settings, settings.pickup.path, settings.pickup.bucket)


def _build_pickups(settings: Settings, rules: Rules) -> Pickups:
    if not settings.pickup.recipient:
        return NoPickups()
    (recipient,) = checked_recipients([settings.pickup.recipient], "pickup.recipient")
    return PickupRoom(build_pickup_store(settings), recipient, rules)


def _build_pickup_protectors(settings: Settings) -> tuple[PickUp, ...]:
    return (build_pickup_protector(settings),) if settings.pickup.recipient else ()


def build_pickup_protector(settings: Settings) -> PickUp:
    """Writes notices of pick-up."""
    s, p = settings.service, settings.pickup
    place = PickupPlace(p.address, p.recipient, p.lasts, p.language)
    return PickUp(place, Letterhead(s.name, s.address), s.phone, settings.relay.hostname, greeting)


def make_stores(settings: Settings) -> None:
    """The four buckets, the vault's with Object Lock, where S3 is used and they are not there yet."""
    stores = (build_store(settings), build_escrow(settings), build_waiting_store(settings))
    for store in (*stores, build_pickup_store(settings)):
        if isinstance(store, S3Store):
            store.create_bucket()


def _store(settings: Settings, path: Path, bucket: str) -> ObjectStore:
    v = settings.vault
    if v.store is StoreKind.LOCAL:
        return _local_store(settings.at_home(path))
    return S3Store(
        v.endpoint,
        bucket,
        access_key=v.access_key.get_secret_value(),
        secret_key=v.secret_key.get_secret_value(),
        region=v.region,
        secure=v.secure,
        ca_file=settings.at_home(v.ca_file) if v.ca_file else None,
    )


def _local_store(path: Path) -> LocalStore:
    try:
        return LocalStore(path, SystemClock())
    except VaultUnavailable as error:
        raise ConfigurationError("vault folder", public=f"The vault's folder {path} cannot be used.") from error


def build_sealing_keys(settings: Settings) -> SealingKeys:
    """For those who keep the register, not for the relay. Raises ``ConfigurationError`` below two masters."""
    return SealingKeys(settings.vault.masters, build_escrow(settings))


def build_public_halves(settings: Settings) -> PublicHalves:
    """For the relay. Raises ``ConfigurationError`` for a recipient that is none."""
    return PublicHalves(settings.vault.service_recipient)


def build_relay_store(settings: Settings) -> ObjectStore:
    """Where the relay files: in records mode nothing before the store has shown that it keeps what it is told to."""
    store = build_store(settings)
    return Proven(store, SystemClock()) if settings.vault.records_mode else store


def _proven_store(settings: Settings) -> ObjectStore:
    """Asked at start-up; one that is away then is asked by the first mail. ``ConfigurationError`` if it fails."""
    store = build_relay_store(settings)
    if isinstance(store, Proven):
        try:
            store.prove()
        except StoreRefused as error:
            public = f"The vault's store must not be used ({error.private}); docs/object-stores.md says what to do."
            raise ConfigurationError("store", public=public) from error
        except VaultUnavailable as error:
            structlog.get_logger(__name__).warning("the store is not proven yet", reason=error.private)
    return store


def build_filer(settings: Settings, store: ObjectStore, by: Mapping[str, str] | None = None) -> Filer:
    """Files in ``store``; ``by`` says who else than the relay files (``actor``), and ``why``."""
    lock = timedelta(days=settings.vault.lock_days)
    schedule = retention.load(settings.retention_file)
    keyed = build_keyed(settings)
    said = by or {"actor": "relay", "why": "every mail is filed before it leaves"}
    return Filer(
        store, build_public_halves(settings), schedule, lock=lock, keyed=keyed, actor=said["actor"], why=said["why"]
    )


def build_keyed(settings: Settings) -> Keyed:
    """The search's key, made at first start; all relays of a service, and who searches, share the file."""
    return Keyed(random_key(settings.at_home(settings.vault.index_key), "vault.index_key"))


def build_next_hop(settings: Settings) -> SmtpNextHop:
    """Routes to the mail systems after us."""
    timeout = max(hop.timeout_seconds for hop in settings.next_hops)
    routes = [_route(hop, settings) for hop in settings.next_hops]
    patience = settings.journal.lease_seconds * HELD_FOR_SURE
    return SmtpNextHop(routes, settings.relay.hostname, timeout=timeout, patience=patience)


def _route(hop: NextHopSettings, settings: Settings) -> Route:
    return Route(
        domains=hop.domains,
        host=hop.host,
        port=hop.port,
        security=Security(hop.tls),
        ca_file=settings.at_home(hop.ca_file) if hop.ca_file else None,
        username=hop.username,
        password=hop.password.get_secret_value(),
        unsafe_password_unverified=hop.unsafe_password_unverified,
    )


def try_hop(hop: NextHopSettings, settings: Settings) -> str:
    """Greet a next hop and hang up; what it offers. Raises ``NextHopUnavailable``."""
    connection = Hop(_route(hop, settings), settings.relay.hostname, min(hop.timeout_seconds, 10))
    try:
        offered = [e.upper() for e in ("pipelining", "8bitmime", "smtputf8") if connection.offers(e)]
        return f"TLS is {hop.tls}; it offers {', '.join(offered) or 'no extension'}"
    finally:
        connection.quit()


def build_loop_guard(settings: Settings) -> LoopGuard:
    """Signs and knows our own mark. The key is made at first start; all relays of a service share the file."""
    path = settings.relay.loop_key
    key = _OWN_KEY if path is None else random_key(settings.at_home(path), "relay.loop_key")
    return LoopGuard(key, settings.relay.hostname, max_hops=settings.relay.max_hops)


def _build_journal(settings: Settings, *, reviewing: bool) -> RowJournal:
    times = settings.journal
    journal = RowJournal(lease=times.lease, remember=times.remember, resend=times.resend, owner=_owner())
    return journal.for_reviewers() if reviewing else journal


def _build_notices(settings: Settings) -> PlainNotices:
    s, resend = settings.service, settings.journal.resend
    return PlainNotices(s.name, s.address, s.phone, settings.relay.hostname, s.management, resend=resend)


def _owner() -> str:
    """This process, and no other that ever runs."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(8)}"
