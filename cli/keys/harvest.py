"""``sallyport keys harvest``, ``seen``, ``accept``, ``dismiss``: keys that mail from outside brings with it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.frame import InputError, command, framed, mailbox
from cli.looking import looked
from cli.office import in_the_office
from config.settings import Settings
from domain.decision import Method
from domain.errors import ConfigurationError, UnusableKey
from domain.ports import StoredKey
from domain.seen_keys import KeySource, Standing

if TYPE_CHECKING:
    from gateway.harvest.gathering import Gathered

_MOST_OCTETS = 10_000_000
_SAID = {
    Standing.RECORDED: "recorded already",
    Standing.AGAIN: "seen before",
    Standing.NEW: "seen for the first time",
    Standing.CHANGED: "ANOTHER KEY THAN BEFORE: ask its owner before anybody accepts it",
}


@command
def harvest(
    file: Annotated[str, typer.Argument(help="A mail that came in, as a file; - reads it from standard input.")],
) -> None:
    """Keep the keys that a mail from somebody known brings with it, as seen. Nothing is encrypted to them yet."""
    settings = framed()
    if not settings.keys.harvest:
        raise ConfigurationError("harvest is off", public="Keys are not taken from mail: keys.harvest is not set.")
    from gateway.clock import SystemClock
    from gateway.harvest.gathering import gather
    from register import seeing

    now = SystemClock().now()
    found = gather(_read(file), frozenset(settings.keys.harvest), now)
    if found.keys and not seeing.knows(found.author):
        print("The register knows nobody at the author's address: nothing was kept.")
        return
    if not found.keys:
        print(found.why)
    _keep(found, settings, now)


def _keep(found: Gathered, settings: Settings, now: datetime) -> None:
    from register import seeing

    for source, key in found.keys:
        stands = seeing.see(found.author, key.stored, source, now)
        if stands in {Standing.NEW, Standing.CHANGED}:
            about = {"fingerprint": key.stored.fingerprint, "source": source.value, "standing": stands.value}
            looked("recipient key seen in mail", address=found.author, **about)
        print(f"{key.stored.method} {key.stored.fingerprint} of {found.author}: {_SAID[stands]}")
        if stands is Standing.NEW and _is_vouched(key.stored, source, settings, now):
            _accept(found.author, key.stored.fingerprint)


def _is_vouched(key: StoredKey, source: KeySource, settings: Settings, now: datetime) -> bool:
    """By an authority of the settings, for the first key of an address; the protector's gate asks the chain."""
    if not (settings.keys.accept_vouched and source is KeySource.SMIME and settings.smime.authorities):
        return False
    return _usable(key, settings, now) == ""


def _usable(key: StoredKey, settings: Settings, now: datetime) -> str:
    """Why not; empty where it can be used now."""
    from gateway.bootstrap import build_protectors

    protector = next((p for p in build_protectors(settings) if p.method is key.method), None)
    if protector is None:
        return f"there is no signing key for {key.method} in the settings"
    verdict = protector.examine(key, now)
    return "" if verdict.usable else verdict.reason


def _read(file: str) -> bytes:
    try:
        if file == "-":
            data = sys.stdin.buffer.read(_MOST_OCTETS + 1)
        else:
            with Path(file).open("rb") as opened:
                data = opened.read(_MOST_OCTETS + 1)
    except OSError as error:
        raise InputError("mail", public=f"The file {file} cannot be read.") from error
    if len(data) > _MOST_OCTETS:
        raise InputError("mail", public="The mail is larger than 10 MB: no keys are looked for in it.")
    return data


@command
def seen() -> None:
    """Keys that came by mail and wait for somebody to accept them; changed ones first."""
    framed()
    from register import seeing

    rows = seeing.waiting()
    looked("seen keys listed", rows=len(rows))
    table = Table(
        title="1 key seen in mail, not used" if len(rows) == 1 else f"{len(rows)} keys seen in mail, not used"
    )
    for name in ("address", "kind", "fingerprint", "from", "last seen", "finding"):
        table.add_column(name, overflow="fold")
    for row in rows:
        finding = "another key than before" if row.changed else ""
        table.add_row(row.address, row.method, row.fingerprint, row.source, f"{row.last_at:%d %B %Y}", finding)
    Console().print(table)


_Fingerprint = Annotated[str, typer.Argument(help="As `sallyport keys seen` shows it.")]
_Address = Annotated[str, typer.Option("--for", help="The recipient's address.")]


@command
def accept(fingerprint: _Fingerprint, address: _Address) -> None:
    """Record a key that was seen, once its owner has confirmed the fingerprint on a number that you know."""
    settings = framed()
    from gateway.clock import SystemClock
    from register.models import SeenKey

    who = mailbox(address).key
    row = SeenKey.objects.filter(address=who, fingerprint__iexact=fingerprint).first()
    if row is None:
        raise InputError("no such key", public="No such key was seen for that address; look at `sallyport keys seen`.")
    key = StoredKey(Method(row.method), row.fingerprint, bytes(row.data), who)
    if reason := _usable(key, settings, SystemClock().now()):
        raise UnusableKey("gate", public=f"This key cannot be used: {reason}.")
    _accept(who, row.fingerprint)


def _accept(address: str, fingerprint: str) -> None:
    from register import seeing

    looked("recipient key added", address=address, fingerprint=fingerprint)
    with in_the_office("key seen in mail accepted"):
        accepted = seeing.accept(address, fingerprint)
    if accepted is not None:
        print(f"Added: {fingerprint} for {address}")


@command
def dismiss(fingerprint: _Fingerprint, address: _Address) -> None:
    """Forget a key that was seen. Another mail may bring it again."""
    framed()
    from register import seeing

    who = mailbox(address).key
    if not seeing.dismiss(who, fingerprint):
        raise InputError("no such key", public="No such key was seen for that address; look at `sallyport keys seen`.")
    looked("seen key dismissed", address=who, fingerprint=fingerprint)
    print("Forgotten.")
