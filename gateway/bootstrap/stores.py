"""Where sealed copies go, and the keys that the vault files and seals with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import structlog

from config import retention
from config.sections.vault import StoreKind
from config.settings import Settings
from domain.errors import ConfigurationError, VaultUnavailable
from domain.ports import Pickups, WaitingRoom
from domain.rules import Rules
from gateway.clock import SystemClock
from gateway.keyfiles import random_key
from gateway.letters import Letterhead
from gateway.protect.pickup import PickUp, PickupPlace
from register.greeting import greeting, language_of
from vault.filing import Filer
from vault.held.room import NoRoom, Room
from vault.masters import checked_recipients
from vault.objects.local import LocalStore
from vault.objects.port import ObjectStore, StoreRefused
from vault.objects.proven import Proven
from vault.objects.s3 import S3Store
from vault.pickup.room import NoPickups, PickupRoom
from vault.sealing import PublicHalves, SealingKeys
from vault.search.tokens import Keyed


def build_store(settings: Settings) -> ObjectStore:
    """Where sealed copies go: under Object Lock."""
    return _store(settings, settings.vault.path, settings.vault.bucket)


def build_escrow(settings: Settings) -> ObjectStore:
    """Where people's sealed secrets are kept a second time: without lock, so that they can be destroyed."""
    return _store(settings, settings.vault.escrow_path, settings.vault.escrow_bucket)


def build_waiting_store(settings: Settings) -> ObjectStore:
    """Where held mails wait for reviewers: without lock, so that they go once they are settled."""
    return _store(settings, settings.review.path, settings.review.bucket)


def build_room(settings: Settings) -> WaitingRoom:
    """Where held mail waits for reviewers; nowhere without a recipient."""
    if not settings.review.recipient:
        return NoRoom()
    (recipient,) = checked_recipients([settings.review.recipient], "review.recipient")
    return Room(build_waiting_store(settings), recipient)


def build_pickup_store(settings: Settings) -> ObjectStore:
    """Where mail waits for recipients without keys: without lock, so that it goes once its time is over."""
    return _store(settings, settings.pickup.path, settings.pickup.bucket)


def build_pickups(settings: Settings, rules: Rules) -> Pickups:
    """What waits for those without a key; nothing does without a recipient."""
    if not settings.pickup.recipient:
        return NoPickups()
    (recipient,) = checked_recipients([settings.pickup.recipient], "pickup.recipient")
    return PickupRoom(build_pickup_store(settings), recipient, rules)


def build_pickup_protectors(settings: Settings) -> tuple[PickUp, ...]:
    """The way of protecting for those without a key, if there is one."""
    return (build_pickup_protector(settings),) if settings.pickup.recipient else ()


def build_pickup_protector(settings: Settings) -> PickUp:
    """Writes notices of pick-up."""
    s, p = settings.service, settings.pickup
    place = PickupPlace(p.address, p.recipient, p.lasts, p.language)
    return PickUp(place, Letterhead(s.name, s.address), s.phone, settings.relay.hostname, greeting, language_of)


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


def proven_store(settings: Settings) -> ObjectStore:
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
