"""``sallyport setup``: everything a first start needs, made where it is missing; safe to run again.

Makes a settings file, the tables, the loop key, the signing keys (mail and audit log), the keys of the
search index and of webhooks, and the vault's public keys. The three secrets that open the vault are written where
the settings never point: move them away.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli.frame import InputError, command, framed
from cli.keys.masters import new_identity
from cli.migrating import make_tables

_KEY_LIFETIME = timedelta(days=3 * 365)
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")

_SETTINGS = """\
# Sallyport's settings; docs/settings.md describes each. Paths are relative to this file.

[relay]
host = "127.0.0.1"
port = 2525
hostname = "{hostname}"
networks = ["127.0.0.0/8", "::1/128"]
loop_key = "keys/loop.key"

[[next_hops]]
domains = ["*"]
host = "127.0.0.1"
port = 2526
tls = "opportunistic"

[service]
name = "Shared Lives"
address = "{address}"
domains = [{domains}]
phone = ""  # stands in mails to officers; empty: none
management = []  # addresses that are told before an urgent release; without any there is no such release
openpgp_key = "keys/openpgp.key"
smime_certificate = "keys/smime.crt"
smime_key = "keys/smime.key"

[vault]
store = "local"
path = "var/objects"
masters = ["{records}", "{escrow}"]
service_recipient = "{service}"

[review]
recipient = "{review}"  # held mails are sealed to it for reviewers
identity = "office/review.age-key"  # opens them; nothing in office/ is for the relay

[pickup]  # mail for whoever has no key waits for them; take both # away once the pages can be reached (docs/pickup.md)
# recipient = "{pickup}"
# address = "https://pickup.{domain}"
identity = "pickup/pickup.age-key"  # opens what waits; nothing in pickup/ is for the relay
sign_key = "pickup/signing.key"  # signs what people sign on the pages; a certificate of your own is better
sign_certificate = "pickup/signing.crt"

[audit]
origin = "{origin}"  # the log's name; never change it
key = "keys/audit.key"  # signs checkpoints; the worker's alone
public_keys = ["{log}"]

[sandbox]
council_id = '\\bSL-\\d{{5}}\\b'  # how your council IDs look (a regular expression)
forms = "forms.json"  # your own blank forms; `sallyport forms add` registers one
"""
_MASTERS = """\
Move {folder} away from this machine: whoever has those files can open the vault.
  records.age-key, escrow.age-key: each alone opens what concerns people in the register
  service.age-key: opens what concerns nobody in the register, or people who had no key of their own yet"""


@command
def setup(
    folder: Annotated[Path, typer.Argument(help="Where settings, keys and data go.")] = Path(),
    domain: Annotated[
        list[str] | None, typer.Option(help="A mail domain of the council (repeat; the first is ours).")
    ] = None,
) -> None:
    """Make settings, keys and tables for a first start. What is there already stays as it is."""
    domains = domain or ["council.example"]
    if wrong := [d for d in domains if not _DOMAIN.fullmatch(d)]:
        raise InputError("domain", public=f"'{wrong[0]}' is not a mail domain; write it as council.example.")
    again = (folder / "sallyport.toml").exists()
    config = make_settings(folder, domains)
    os.environ["SALLYPORT_CONFIG"] = str(config)
    make_tables()
    make_signing_keys(folder, domains[0])
    make_shared_keys()
    print(f"Settings: {config}" + (" was there already, unchanged" if again else ""))
    if again and domain:
        print("--domain was not applied; [service] domains in that file says which are the council's.")
    print(f"Start the gateway with: SALLYPORT_CONFIG={shlex.quote(str(config))} {shlex.quote(_program())} relay")
    if (folder / "masters").exists():
        print(_MASTERS.format(folder=folder / "masters"))


def _program() -> str:
    """This program as it can be called from any folder; it is seldom on the path."""
    called, beside = Path(sys.argv[0]), Path(sys.executable).with_name("sallyport")
    return str(next((p.absolute() for p in (called, beside) if p.name == "sallyport" and p.is_file()), "sallyport"))


@command
def migrate(
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would be changed.")] = False,
) -> None:
    """Bring the database to the schema of this version, and make the vault's buckets. Safe to run again."""
    if plan:
        _say_plan()
        return
    make_tables()
    from gateway.bootstrap import make_stores

    make_stores(framed())
    print("The database has the present schema, and the vault is there.")


def make_settings(folder: Path, domains: Sequence[str]) -> Path:
    """The settings file, with new vault keys beside it; an existing file is left alone."""
    config = folder / "sallyport.toml"
    if config.exists():
        return config.absolute()
    try:
        _make_folders(folder)
    except OSError as error:
        raise InputError("folder", public=f"The folder {folder} cannot be written.") from error
    public = {}
    for name in ("records", "escrow", "service"):
        secret, public[name] = new_identity()
        write_secret(folder / "masters" / f"{name}.age-key", f"# public key: {public[name]}\n{secret}\n".encode())
    write_secret(folder / "keys" / "loop.key", secrets.token_bytes(32))
    _make_forms(folder / "forms.json")
    secret, review = new_identity()
    write_secret(folder / "office" / "review.age-key", f"# public key: {review}\n{secret}\n".encode())
    secret, pickup = new_identity()
    write_secret(folder / "pickup" / "pickup.age-key", f"# public key: {pickup}\n{secret}\n".encode())
    origin = f"sallyport.{domains[0]}/audit"
    text = _SETTINGS.format(
        hostname=f"sallyport.{domains[0]}",
        address=f"shared-lives@{domains[0]}",
        domains=", ".join(f'"{d}"' for d in domains),
        origin=origin,
        review=review,
        pickup=pickup,
        domain=domains[0],
        log=make_log_key(folder / "keys" / "audit.key", origin),
        **public,
    )
    write_secret(config, text.encode())  # passwords of next hops and of the object store may come to stand in it
    return config.absolute()


def _make_forms(path: Path) -> None:
    """The file of registered forms, with none in it: one that is missing would be an error at start-up."""
    from classifiers.forms.form import dump

    if not path.exists():
        path.write_bytes(dump(()))


def _make_folders(folder: Path) -> None:
    """What is made here is kept out of git: secrets and personal data come to lie in it."""
    parts = [folder / name for name in ("keys", "office", "pickup", "masters", "var")]
    made = [folder] if not folder.exists() else [part for part in parts if not part.exists()]
    for part in parts:
        part.mkdir(parents=True, exist_ok=True, mode=0o700)
    for each in made:
        (each / ".gitignore").write_text("*\n", encoding="ascii")


def _say_plan() -> None:
    """What this version would change in the tables, a line each; nothing is changed."""
    framed(pages=True)
    from django.db import DEFAULT_DB_ALIAS, connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    steps = [step for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    print("\n".join(f"{step.app_label} {step.name}" for step in steps) or "The tables are those of this version.")


def make_signing_keys(folder: Path, domain: str) -> None:
    """The service's own OpenPGP and S/MIME keys, which sign what leaves; existing ones are left alone."""
    from gateway.clock import SystemClock
    from gateway.protect.generate import make_openpgp_key, make_smime_identity

    now, keys, address = SystemClock().now(), folder / "keys", f"shared-lives@{domain}"
    if not (keys / "openpgp.key").exists():
        secret, public = make_openpgp_key("Shared Lives", address, now, _KEY_LIFETIME)
        write_secret(keys / "openpgp.key", secret)
        (keys / "openpgp.pub").write_bytes(public)
    if not (keys / "smime.key").exists():
        key, certificate = make_smime_identity("Shared Lives", address, now, _KEY_LIFETIME)
        write_secret(keys / "smime.key", key)
        (keys / "smime.crt").write_bytes(certificate)
    pages = folder / "pickup"
    if pages.exists() and not (pages / "signing.key").exists():
        key, certificate = make_smime_identity("Shared Lives", address, now, _KEY_LIFETIME)
        write_secret(pages / "signing.key", key)
        (pages / "signing.crt").write_bytes(certificate)


def make_shared_keys() -> None:
    """What relays, API and worker of one service share; in a container they could not make it themselves."""
    settings = framed()
    from cli.pickup.asgi import code_key
    from gateway.bootstrap import build_keyed
    from web.api.hooks.kept import key_in

    build_keyed(settings)
    code_key(settings)
    key_in(settings.at_home(settings.web.webhook_key))


def make_log_key(path: Path, origin: str) -> str:
    """The key that signs the audit log's checkpoints, in a new file (else ``OSError``); its public line."""
    from vault.merkle.note import Kind, Signer

    signer = Signer.new(origin, Kind.LOG)
    write_secret(path, f"{signer.line()}\n".encode())
    return str(signer.verifier)


def write_secret(path: Path, data: bytes) -> None:
    """A new file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
