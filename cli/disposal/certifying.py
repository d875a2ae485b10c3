"""``sallyport disposal certificate`` and ``verify``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.disposal.proposing import plain_console
from cli.exits import Exit
from cli.frame import InputError, command, framed
from cli.holds import told
from cli.looking import looked

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.models import DisposalCertificate

_ID = Annotated[str, typer.Argument(help="A certificate's id, or a proposal's for all of its certificates.")]


@command
def certificate(
    ident: _ID,
    out: Annotated[Path | None, typer.Option(help="A new file instead: .json, .html, .pdf or .txt.")] = None,
) -> None:
    """Show a certificate of destruction, or write it to a file. The one that counts is filed under certificates/."""
    framed()
    looked("certificate shown", certificate=ident)
    rows = _certificates(ident)
    if out is None:
        from vault.disposal.rendering import text

        for row in rows:
            print(text(json.loads(row.content)))
        return
    if len(rows) != 1:
        numbers = ", ".join(r.id for r in rows)
        raise InputError("several", public=f"The proposal has several certificates; name one of them: {numbers}.")
    _write(out, rows[0].content)
    print(out)


@command
def verify(ident: _ID) -> None:
    """Whether a certificate is true: its filed copy, the audit trail, the rows and the stores, each asked by itself."""
    settings = framed()
    from gateway.bootstrap import build_escrow, build_store
    from gateway.clock import SystemClock
    from vault.disposal import verifying

    console, bad = plain_console(), 0
    store, escrow = build_store(settings), build_escrow(settings)
    for row in _certificates(ident):
        with told():
            for finding in verifying.verify(row.id, store, escrow, SystemClock().now()):
                console.print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.text}")
                bad += not finding.ok
    if bad:
        raise typer.Exit(Exit.CHECK_FAILED)


def _certificates(ident: str) -> list[DisposalCertificate]:
    from vault.models import DisposalCertificate

    name = ident.upper()
    rows = list(DisposalCertificate.objects.filter(id=name) or DisposalCertificate.objects.filter(batch=name))
    if not rows:
        raise InputError("certificate", public=f"There is no certificate {ident}; see `sallyport disposal list --all`.")
    return rows


def _write(out: Path, content: str) -> None:
    from cli.disposal.pdf import pdf
    from vault.disposal.rendering import html, text

    forms: dict[str, Callable[[], bytes]] = {
        ".json": content.encode,
        ".html": lambda: html(json.loads(content)).encode(),
        ".txt": lambda: text(json.loads(content)).encode(),
        ".pdf": lambda: pdf(json.loads(content)),
    }
    form = forms.get(out.suffix.lower())
    if form is None:
        raise InputError("form", public=f"The file {out} must end with .json, .html, .pdf or .txt.")
    try:
        with out.open("xb") as file:
            file.write(form())
    except OSError as error:
        raise InputError("out", public=f"The file {out} cannot be written, or exists already.") from error
