"""``sallyport keys list``, ``add``, ``remove``: recipients' OpenPGP keys and X.509 certificates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.frame import InputError, command, framed, mailbox, say_error
from cli.looking import looked
from cli.office import in_the_office
from domain.decision import Method
from domain.errors import UnusableKey
from domain.model import Address, folded
from domain.ports import KeyVerdict, Protector, StoredKey


@command
def list_() -> None:
    """Every key in the register, and whether mail can be protected with it today."""
    settings = framed()
    from gateway.bootstrap import build_protectors
    from gateway.clock import SystemClock
    from gateway.protecting import examine_keys
    from register.lookup import DatabaseRegister
    from register.models import RecipientKey

    now = SystemClock().now()
    addresses = [
        Address.of(a) for a in RecipientKey.objects.values_list("address", flat=True).distinct().order_by("address")
    ]
    verdicts = examine_keys(DatabaseRegister(()).keys(addresses), build_protectors(settings), now)
    table = Table(title="1 address with keys" if len(addresses) == 1 else f"{len(addresses)} addresses with keys")
    for name in ("address", "kind", "fingerprint", "usable", "until"):
        table.add_column(name, overflow="fold")
    for address in addresses:
        for v in verdicts[address]:
            until = f"{v.expires_at:%d %B %Y}" if v.expires_at else ""
            table.add_row(
                str(address), v.key.method, v.key.fingerprint, "yes" if v.usable else f"no: {v.reason}", until
            )
    Console().print(table)


@command
def add(
    file: Annotated[Path, typer.Argument(help="An OpenPGP public key, or an X.509 certificate (PEM or DER).")],
    address: Annotated[str, typer.Option("--for", help="The recipient's address.")],
) -> None:
    """Record a recipient's key, after the same gate that every use passes."""
    settings = framed()
    from gateway.bootstrap import build_protectors
    from gateway.clock import SystemClock
    from gateway.protect.inspection import inspect
    from register.models import RecipientKey

    try:
        found = inspect(file.read_bytes())
    except OSError as error:
        raise InputError("key file", public=f"The file {file} cannot be read.") from error
    if not found:
        raise InputError("no key", public=f"The file {file} holds no OpenPGP key and no certificate.")
    protectors: dict[Method, Protector] = {p.method: p for p in build_protectors(settings)}
    who = mailbox(address)
    for seen in found:
        verdict = _judged(seen.stored, protectors, SystemClock().now())
        if not verdict.usable:
            raise UnusableKey("gate", public=f"This key cannot be used: {verdict.reason}.")
        if seen.addresses and who.key not in {folded(a) for a in seen.addresses}:
            public = (
                f"This key belongs to {', '.join(seen.addresses)}, not to {who.key}; mail protected with it is theirs."
            )
            raise UnusableKey("somebody else's", public=public)
        looked("recipient key added", address=who.key, fingerprint=seen.stored.fingerprint)
        with in_the_office("key added"):
            _, created = RecipientKey.objects.get_or_create(
                address=who.key,
                fingerprint=seen.stored.fingerprint,
                defaults={"method": seen.stored.method.value, "data": seen.stored.data},
            )
        print(
            f"{'Added' if created else 'Known already'}: {seen.stored.method} {seen.stored.fingerprint} for {who.key}"
        )
        if seen.had_secret:
            say_error(
                "the file holds a private key too. It was not stored; its owner should be told, and make a new one."
            )


def _judged(key: StoredKey, protectors: Mapping[Method, Protector], now: datetime) -> KeyVerdict:
    if key.method not in protectors:
        public = f"There is no signing key for {key.method} in the settings, so such keys cannot be used."
        raise UnusableKey("no protector", public=public)
    return protectors[key.method].examine(key, now)


@command
def remove(
    fingerprint: Annotated[str, typer.Argument(help="As `sallyport keys list` shows it.")],
    address: Annotated[str, typer.Option("--for", help="The recipient's address.")],
) -> None:
    """Forget a key from now on; what was sent with it stays readable to its owner."""
    framed()
    from register.models import RecipientKey

    row = RecipientKey.objects.filter(address=mailbox(address).key, fingerprint__iexact=fingerprint).first()
    if row is None:
        raise InputError("no such key", public="There is no such key for that address; see `sallyport keys list`.")
    looked("recipient key removed", address=mailbox(address).key, fingerprint=fingerprint)
    with in_the_office("key taken out"):
        row.delete()
    print("Removed.")
