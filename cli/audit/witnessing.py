"""The other party's commands: make a witness's key, countersign a checkpoint from a file, or answer by HTTP.

They need no settings, no database and nothing of the service but its log's public key.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exits import Exit
from cli.frame import InputError, command, say_error
from domain.errors import SallyportError

if TYPE_CHECKING:
    from vault.merkle.witness import Witness

_Key = Annotated[Path, typer.Option(help="The witness's private key, as `sallyport audit witness-key` makes it.")]
_Log = Annotated[list[str], typer.Option(help="The log's public key: its line, or a file with it (repeat).")]
_Memory = Annotated[Path, typer.Option(help="The file that remembers what was signed last. Never lose it.")]
_SECONDS = 30


@command
def witness_key(
    file: Annotated[Path, typer.Argument(help="Where to write the private key; it must not exist yet.")],
    name: Annotated[str, typer.Option(help="The witness's name: an address of yours, as inspector.example/witness.")],
) -> None:
    """Make a witness's key. The witness keeps the file; the service gets the public line."""
    from cli.setting_up import write_secret
    from vault.merkle.note import Kind, Signer

    signer = Signer.new(name, Kind.WITNESS)
    try:
        write_secret(file, f"{signer.line()}\n".encode())
    except OSError as error:
        raise InputError("key file", public=f"The file {file} cannot be written, or exists already.") from error
    print(f"The private key is in {file}. The service adds this to its settings:")
    print(f'[[audit.witnesses]]\nkey = "{signer.verifier}"')


@command
def witness(
    file: Annotated[Path, typer.Argument(help="A request, as `sallyport audit request` makes it.")],
    key: _Key,
    log: _Log,
    memory: _Memory = Path("witness.json"),
    out: Annotated[Path | None, typer.Option(help="Where the signature goes; else it is printed.")] = None,
) -> None:
    """Countersign a checkpoint, if the log still holds all that was countersigned before. For another party."""
    from gateway.clock import SystemClock
    from vault.merkle.witness import Refusal

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("request", public=f"The file {file} cannot be read.") from error
    try:
        line = str(_witness(key, log, memory).add_checkpoint(text, SystemClock().now()))
    except Refusal as refusal:
        say_error(refusal.public)
        raise typer.Exit(Exit.CHECK_FAILED) from None
    if out is None:
        print(line)
        return
    try:
        out.write_text(f"{line}\n", encoding="utf-8")
    except OSError as error:
        print(line)  # it is remembered as signed
        raise InputError("out", public=f"The file {out} cannot be written; the signature is above.") from error
    print(f"Signed. Send {out} back; there: sallyport audit accept {out}")


@command
def witness_serve(
    key: _Key,
    log: _Log,
    memory: _Memory = Path("witness.json"),
    host: Annotated[
        str, typer.Option(help="Where to listen; beyond this machine only behind a TLS proxy.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8026,
) -> None:
    """Countersign by HTTP (c2sp.org/tlog-witness, POST /add-checkpoint), until Ctrl-C. For another party."""
    try:
        server = server_for(_witness(key, log, memory), host, port)
    except OSError as error:
        raise InputError("port", public=f"{host}:{port} cannot be listened on.") from error
    print(f"Listening at http://{server.server_address[0]!s}:{server.server_address[1]}", flush=True)
    with server:
        server.serve_forever()


def _witness(key: Path, log: list[str], memory: Path) -> Witness:
    from cli.audit.built import given, read_signer
    from vault.merkle.note import Kind, NotAKey
    from vault.merkle.witness import Memory, Witness

    signer, logs = read_signer(key), given(log)
    if signer.kind is not Kind.WITNESS or any(k.kind is not Kind.LOG for k in logs):
        raise NotAKey("kinds", public="--key must be a witness's private key, and --log a log's public one.")
    return Witness(signer, logs, Memory(memory))


def server_for(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """A server around a witness; it listens already."""
    from gateway.clock import SystemClock
    from vault.merkle.witness import LARGEST_REQUEST, Refusal

    class Handler(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_POST(self) -> None:
            """One request. The checks are the witness's own."""
            length = self.headers.get("Content-Length", "")
            if (
                self.path != "/add-checkpoint"
                or not re.fullmatch("[0-9]{1,9}", length)
                or int(length) > LARGEST_REQUEST
            ):
                self._answer(HTTPStatus.NOT_FOUND if self.path != "/add-checkpoint" else HTTPStatus.BAD_REQUEST, "")
                return
            try:
                text = self.rfile.read(int(length)).decode()
                self._answer(HTTPStatus.OK, f"{witness.add_checkpoint(text, SystemClock().now())}\n")
            except Refusal as refusal:
                stale = refusal.status == HTTPStatus.CONFLICT and refusal.size is not None
                kind = "text/x.tlog.size" if stale else "text/plain; charset=utf-8"
                self._answer(refusal.status, f"{refusal.size}\n" if stale else f"{refusal.public}\n", kind)
            except UnicodeDecodeError:
                self._answer(HTTPStatus.BAD_REQUEST, "")
            except SallyportError as error:
                say_error(error.public)
                self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, "")

        def _answer(self, status: HTTPStatus, body: str, kind: str = "text/plain; charset=utf-8") -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing: what was signed is in the memory."""

    return ThreadingHTTPServer((host, port), Handler)
