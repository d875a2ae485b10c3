"""Writes docs/settings.md from the settings' own models, so that the two cannot disagree. ``make check`` compares."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from config.sections.console import ConsoleSettings, KeyholderSettings, SignInSettings
from config.sections.keys import KeysSettings, PdfSettings, SmimeSettings
from config.sections.mail import JournalSettings, NextHopSettings, RelaySettings, ServiceSettings
from config.sections.partners import ArcSettings, DkimSettings, DnsSettings, PartnersSettings
from config.sections.pickup import PickupSettings
from config.sections.programs import SandboxSettings, WebSettings
from config.sections.vault import AuditSettings, DisposalSettings, ReviewSettings, VaultSettings, WitnessSettings
from config.sections.watch import WatchSettings
from config.settings import HERE, Settings

OUT = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = """\
# Settings

Read once at start from the TOML file that `SALLYPORT_CONFIG` names (else `./sallyport.toml`), and from the
environment, which wins: `SALLYPORT_RELAY__PORT=2525`. Paths are relative to the file. A misspelt name is refused.
Secrets can come from files:
`SALLYPORT_DATABASE_URL_FILE`, `SALLYPORT_VAULT__ACCESS_KEY_FILE`, `SALLYPORT_VAULT__SECRET_KEY_FILE`,
`SALLYPORT_PICKUP__DATABASE_URL_FILE`, `SALLYPORT_PICKUP__NOTIFY_KEY_FILE`,
`SALLYPORT_SIGN_IN__OIDC_CLIENT_SECRET_FILE`, `SALLYPORT_SECRET_KEY_FILE` (in place of `console.secret_key`).

This page is written by `scripts/settings_doc.py` from `config/settings.py` and `config/sections/`.
"""
SECTIONS: dict[type[BaseModel], str] = {
    Settings: "top level",
    RelaySettings: "[relay]",
    NextHopSettings: "[[next_hops]]",
    ServiceSettings: "[service]",
    KeysSettings: "[keys]",
    SmimeSettings: "[smime]",
    PdfSettings: "[pdf]",
    DnsSettings: "[dns]",
    PartnersSettings: "[partners]",
    DkimSettings: "[dkim]",
    ArcSettings: "[arc]",
    VaultSettings: "[vault]",
    AuditSettings: "[audit]",
    WitnessSettings: "[[audit.witnesses]]",
    DisposalSettings: "[disposal]",
    ReviewSettings: "[review]",
    PickupSettings: "[pickup]",
    JournalSettings: "[journal]",
    SandboxSettings: "[sandbox]",
    WebSettings: "[web]",
    ConsoleSettings: "[console]",
    KeyholderSettings: "[keyholder]",
    SignInSettings: "[sign_in]",
    WatchSettings: "[watch]",
}
KINDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    SecretStr: "secret",
    IPv4Network: "network",
    IPv6Network: "network",
}


def page() -> str:
    """The whole page."""
    return HEAD + "".join("\n".join(_section(model, title)) + "\n" for model, title in SECTIONS.items())


def _section(model: type[BaseModel], title: str) -> Iterator[str]:
    yield from (f"\n## {title}\n", _line(inspect.getdoc(model) or ""), "")
    yield from ("| setting | without it | kind | what it is |", "|---|---|---|---|")
    for name, field in model.model_fields.items():
        if not _is_table(field.annotation):
            words = _line(field.description or "").replace("|", "or")
            yield f"| `{name}` | {_default(field)} | {_kind(field.annotation)}{_limits(field)} | {words} |"


def _line(words: str) -> str:
    return " ".join(words.replace("``", "`").split())


def _is_table(kind: Any) -> bool:
    """It has a section of its own."""
    return kind in SECTIONS or any(map(_is_table, get_args(kind)))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    return f"`{written}`" if (written := _toml(field.default)) not in {"None", '""', "[]", ""} else ""


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | frozenset):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Path) and value.is_absolute():
        return f'"{value.relative_to(HERE.parent)}" of the program'
    return str(value) if isinstance(value, int | float | None) else f'"{value}"'


def _kind(kind: Any) -> str:
    """In words: a list of networks."""
    inner = [k for k in get_args(kind) if k not in (type(None), Ellipsis)]
    if get_origin(kind) in (Union, UnionType):
        return " or ".join(dict.fromkeys(map(_kind, inner)))
    if get_origin(kind) in (tuple, frozenset):
        return f"list: {_kind(inner[0])}"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return ", ".join(f"`{choice}`" for choice in kind)
    return KINDS[kind]


def _limits(field: FieldInfo) -> str:
    """``, 1 to 100``."""
    least = next((str(m.ge) for m in field.metadata if hasattr(m, "ge")), "")
    over = next((f"over {m.gt}" for m in field.metadata if hasattr(m, "gt")), "")
    most = next((f"to {m.le}" for m in field.metadata if hasattr(m, "le")), "")
    words = " ".join(w for w in (least or over, most or ("or more" if least else "")) if w)
    return f", {words}" if words else ""


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        stale = OUT.read_text(encoding="utf-8") != page()
        sys.exit("docs/settings.md is out of date: run scripts/settings_doc.py" if stale else 0)
    OUT.write_text(page(), encoding="utf-8")
