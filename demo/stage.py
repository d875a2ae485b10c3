"""Sets the demo's stage as an operator would: `sallyport setup`, a register by CSV, keys, a running relay."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from demo.documents import blank_week_sheet
from demo.people import KeyKind, People
from demo.register_file import write_register_csv
from domain.errors import ConfigurationError, TryAgain

_MARK = "made-by-sallyport-demo"
_LIFETIME = timedelta(days=365)
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo lives. ``port`` is the relay's; the next hop's is one more."""

    folder: Path
    port: int

    @property
    def home(self) -> Path:
        """Settings, keys, tables, objects."""
        return self.folder / "home"

    @property
    def objects(self) -> Path:
        """The local object store."""
        return self.home / "var" / "objects"

    @property
    def hop_port(self) -> int:
        """The next hop's."""
        return self.port + 1

    @property
    def pages_port(self) -> int:
        """Where mail is picked up."""
        return self.port + 2

    @property
    def console_port(self) -> int:
        """Where the office's pages are."""
        return self.port + 3

    @property
    def telephone_port(self) -> int:
        """Where the demo shows its people's codes."""
        return self.port + 4

    def environment(self) -> dict[str, str]:
        """For every command of the demo: its own settings and nothing of the shell's."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith("SALLYPORT_")}
        return (
            plain
            | self._pick_up()
            | {
                "SALLYPORT_CONFIG": str(self.home / "sallyport.toml"),
                "SALLYPORT_RELAY__PORT": str(self.port),
                "SALLYPORT_WEB__PORT": str(self.console_port),
                "SALLYPORT_CONSOLE__URL": f"http://127.0.0.1:{self.console_port}",
                "SALLYPORT_SERVICE__PHONE": "01962 555 0100",
                "SALLYPORT_SERVICE__ANSWERS": "answers@sallyport.hants.example",
                "SALLYPORT_SANDBOX__FORMS": "forms.json",
                "SALLYPORT_SERVICE__MANAGEMENT": '["management.team@sharedlives.hants.example"]',
                "SALLYPORT_PDF__KEY": "keys/pdf.key",
                "SALLYPORT_NEXT_HOPS": f'[{{"domains": ["*"], "host": "127.0.0.1", "port": {self.hop_port}}}]',
            }
        )

    def _pick_up(self) -> dict[str, str]:
        """Once `sallyport setup` has made its key: mail for whoever has none waits for them; codes are shown here."""
        key = self.home / "pickup" / "pickup.age-key"
        if not key.exists():
            return {}
        return {
            "SALLYPORT_PICKUP__RECIPIENT": key.read_text(encoding="ascii").split()[3],
            "SALLYPORT_PICKUP__ADDRESS": f"http://127.0.0.1:{self.pages_port}",
            "SALLYPORT_PICKUP__PORT": str(self.pages_port),
            "SALLYPORT_PICKUP__SHOW_CODES": "true",
        }


def check_folder(folder: Path) -> None:
    """Raises ``ConfigurationError`` for a folder with anything in it that the demo did not make."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise ConfigurationError(
            "demo folder", public=f"The folder {folder} is not empty and not the demo's; name another."
        )


def clear(folder: Path) -> None:
    """A fresh folder in the place of an earlier demo's."""
    check_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()


def check_ports(stage: Stage) -> None:
    """Raises ``ConfigurationError`` where something else listens already."""
    for port in (stage.port, stage.hop_port, stage.pages_port, stage.console_port, stage.telephone_port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                way = 'make demo ARGS="--port 2600"' if "MAKELEVEL" in os.environ else "--port"  # make says so itself
                public = f"Port {port} is taken on this machine; give the demo another with {way}."
                raise ConfigurationError("port taken", public=public) from None


def set_up(stage: Stage, people: People) -> None:
    """Settings, tables and keys by `sallyport setup`; the register from its CSV file; the service's own blank form."""
    domains = [word for domain in people.staff_domains for word in ("--domain", domain)]
    _command(stage, "setup", str(stage.home), *domains)
    register = stage.folder / "register.csv"
    write_register_csv(register, people)
    _command(stage, "register", "import", str(register))
    blank = stage.folder / "SL-W7.docx"
    blank.write_bytes(blank_week_sheet())
    _command(stage, "forms", "add", str(blank), "--class", "other-personal")


def _command(stage: Stage, *words: str) -> str:
    """What it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "cli", *words], env=stage.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ConfigurationError(
            "demo set-up", public=f"`sallyport {' '.join(words)}` failed: {done.stderr.strip()[-400:]}"
        )
    return done.stdout


def make_keys(stage: Stage, people: People, now: datetime) -> None:
    """A key or certificate for each mailbox that has one; secret halves go to ``recipients/``, to open mail with."""
    from register.models import RecipientKey

    folder = stage.folder / "recipients"
    folder.mkdir()
    for address, kind in people.keys.items():
        if kind is KeyKind.PDF:
            _make_password(stage, address, folder)
            continue
        secret, public, suffix = _key(address, kind, now)
        (folder / f"{address}.{suffix}").write_bytes(secret)
        found = _inspected(public)
        RecipientKey.objects.create(
            address=address.casefold(), method=found.method.value, fingerprint=found.fingerprint, data=found.data
        )
        if suffix == "pem":
            (folder / f"{address}.crt").write_bytes(public)


def _make_password(stage: Stage, address: str, folder: Path) -> None:
    """By `sallyport keys pdf`, whose text message the demo shows; the password is kept to open the PDF with."""
    told = _command(stage, "keys", "pdf", address, "--text", "07700 900461")
    (folder / f"{address}.password").write_text(told.split("code: ")[1].split()[0] + "\n", encoding="ascii")


def _key(address: str, kind: KeyKind, now: datetime) -> tuple[bytes, bytes, str]:
    from gateway.protect.generate import make_openpgp_key, make_smime_identity

    if kind is KeyKind.SMIME:
        return (*make_smime_identity(address, address, now, _LIFETIME), "pem")
    born = now - 2 * _LIFETIME if kind is KeyKind.OPENPGP_EXPIRED else now
    return (*make_openpgp_key(address, address, born, _LIFETIME), "asc")


def _inspected(public: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a StoredKey; typed where it is made
    from gateway.protect.inspection import inspect

    return inspect(public)[0].stored


@contextmanager
def running_relay(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """`sallyport relay` as its own process, ready to take mail; told to stop, and waited for, at the end."""
    log = stage.folder / "relay.log"
    with log.open("wb") as out:
        relay = subprocess.Popen(
            [sys.executable, "-m", "cli", "relay"], env=stage.environment(), stderr=out, stdout=out
        )
    try:
        _wait_until_listening(relay, stage.port, log)
        yield relay
    finally:
        relay.terminate()
        try:
            relay.wait(timeout=40)
        except subprocess.TimeoutExpired:
            relay.kill()


def _wait_until_listening(relay: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(_START_SECONDS * 10):
        if relay.poll() is not None:
            tail = log.read_text(errors="replace")[-400:]
            raise TryAgain("relay ended", public=f"The relay did not start. {log} ends with: {tail}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TryAgain("relay slow", public=f"The relay did not listen within {_START_SECONDS} seconds; see {log}.")
