"""A whole service of the tests' own in a folder: set up by the command line, a real relay process, real everything."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path

from gateway.clock import SystemClock
from gateway.protect.generate import make_openpgp_key, make_smime_identity
from tests.support.forked import UNFINISHED, Job, run

ROOT = Path(__file__).parent.parent.parent
OFFICER = "officer@council.example"
CARER = "carer@carers.example"  # OpenPGP, of Ann's current placement
SURGERY = "gp@surgery.example"  # S/MIME, named on Ann's form for medical information
NO_KEY = "nokey@carers.example"  # of Ann's placement, without a key
OTHER_CARER = "other@carers.example"  # of somebody else
COLLEAGUE = "colleague@council.example"
SOLICITOR = "solicitor@law.example"  # named on Ann's form for legal and financial matters
SISTER = "sister@family.example"  # Ann's family, not named on her form
INSPECTOR = "inspector@regulator.example"
SECRET = "Ann Lee has epilepsy and takes levetiracetam twice daily"

_COLUMNS = (
    "type,id,name,date_of_birth,nhs_number,email,person,household,organisation,domain,categories,party,role,"
    "signed_on,review_due,from,withdrawn_on"
)
_REGISTER = """\
person,SL-00001,Ann Lee,1980-02-29,9990000018,,,,,,,,,,,,
person,SL-00002,Ben Okoro,1975-06-14,9990000026,,,,,,,,,,,,
person,SL-00003,Joan Hill,1961-03-03,,,,,,,,,,,,,
person,SL-00004,Joan Hill,1990-10-10,,,,,,,,,,,,,
person,SL-00005,Cora Finch,1955-12-01,9990000034,,,,,,,,,,,,
household,H-1,The Elms,,,,,,,,,,,,,,
household,H-2,The Oaks,,,,,,,,,,,,,,
placement,,,,,,SL-00001,H-1,,,,,,,,2020-01-01,
placement,,,,,,SL-00002,H-2,,,,,,,,2020-01-01,
placement,,,,,,SL-00005,H-1,,,,,,,,2020-01-01,
officer,O-1,Olu Ade,,,officer@council.example,,,,,,,,,,,
carer,C-1,Cara Jones,,,carer@carers.example,,H-1,,,,,,,,,
carer,C-2,Cy Jones,,,nokey@carers.example,,H-1,,,,,,,,,
carer,C-3,Oda Wren,,,other@carers.example,,H-2,,,,,,,,,
organisation,ORG-1,Surgery,,,,,,,surgery.example,,,,,,,
organisation,ORG-2,Inspectorate,,,,,,,regulator.example,,,regulator,,,,
professional,P-1,Dr Gill,,,gp@surgery.example,,,ORG-1,,,,,,,,
professional,P-2,Mr Tallow,,,solicitor@law.example,,,,,,,,,,,
family,R-1,Lena Lee,,,sister@family.example,SL-00001,,,,,,,,,,
permission,F-1,,,,,SL-00001,,,,,,,{signed},{due},,
permission,F-5,,,,,SL-00005,,,,,,,{signed},{due},,{withdrawn}
grant,,,,,,,,,,medical,P-1,F-1,,,,
grant,,,,,,,,,,legal;financial,P-2,F-1,,,,
grant,,,,,,,,,,medical,C-1,F-5,,,,
"""


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def letter(**headers: str) -> bytes:
    """A hospital letter about Ann in the text of a mail, as an officer would send it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = OFFICER, CARER, "Clinic letter"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 +0000", "<letter-1@council.example>"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content("Dear Cara,\n\nplease find the letter attached.\n\nOlu\n")
    text = (
        "Neurology outpatient clinic\n\nDear Dr Gill\n\nRe: Ann Lee, date of birth: 29/02/1980, "
        "NHS number: 999 000 0018\n\n"
        f"Diagnosis: epilepsy\nMedication: levetiracetam 500 mg\n\n{SECRET}. Follow-up appointment in six months.\n\n"
        "Yours sincerely\n\nDr P. Marsh, Consultant Neurologist\n"
    )
    mail.add_attachment(text.encode(), maintype="text", subtype="plain", filename="letter.txt")
    return mail.as_bytes()


@cache
def _made_once() -> Path:
    """A service's folder, gone with the tests' other files (``tests/conftest.py``)."""
    folder = Path(os.environ["SALLYPORT_HOME"]) / "house"
    folder.mkdir()
    House(folder, hop_port=9)._make()
    return folder


@dataclass
class House:
    """One service. ``hop_port`` is where it hands mail to."""

    folder: Path
    hop_port: int
    database_url: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    other: House | None = None

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def environment(self) -> dict[str, str]:
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("SALLYPORT_", "COV"))}
        ours = {
            "SALLYPORT_CONFIG": str(self.home / "sallyport.toml"),
            "SALLYPORT_RELAY__PORT": str(self.port),
            "SALLYPORT_NEXT_HOPS": json.dumps([{"domains": ["*"], "host": "127.0.0.1", "port": self.hop_port}]),
            "SALLYPORT_JOURNAL__LEASE_SECONDS": "2",
            "SALLYPORT_RELAY__PROCESSES": "1",
            "SALLYPORT_SANDBOX__WORKERS": "1",
            "SALLYPORT_SERVICE__NOTICES_AN_HOUR": "1000",  # a test's hour is a second
            "PYTHONPATH": str(ROOT),
        }
        if self.database_url:
            ours["SALLYPORT_DATABASE_URL"] = self.database_url
        return plain | ours | self.extra

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """``sallyport`` as its user runs it, in a process of its own."""
        job = Job(" ".join(words), words, self.environment(), self.folder, seconds=120)
        done = run(job)
        assert done.code != UNFINISHED, done
        assert not check or done.code == 0, done.errors + done.output
        return subprocess.CompletedProcess(["sallyport", *words], done.code, done.output, done.errors)

    def set_up(self, *more: str) -> House:
        """Settings, tables, register and keys; OpenPGP keys for ``more`` addresses too.

        By the commands that a user types. Where neither database nor store is another's, a service that was made once
        in this process is copied: nothing in it knows its folder.
        """
        if self.database_url or any(name.startswith(("SALLYPORT_VAULT", "SALLYPORT_DATABASE")) for name in self.extra):
            self._make()
        else:
            shutil.copytree(_made_once(), self.folder, dirs_exist_ok=True)
        for address in more:
            self._key(address, make_openpgp_key)
        return self

    def _make(self) -> None:
        now = SystemClock().now()
        self.command("setup", str(self.home), "--domain", "council.example")
        self.command("migrate")
        dates = {"signed": (now - timedelta(days=30)).date(), "due": (now + timedelta(days=335)).date()}
        dates["withdrawn"] = (now - timedelta(days=1)).date()
        (self.folder / "register.csv").write_text(_COLUMNS + "\n" + _REGISTER.format(**dates), encoding="utf-8")
        self.command("register", "import", str(self.folder / "register.csv"))
        self._key(CARER, make_openpgp_key)
        self._key(SURGERY, make_smime_identity)
        self._key(OTHER_CARER, make_openpgp_key)

    def _key(self, address: str, make: Callable[..., tuple[bytes, bytes]]) -> None:
        secret, public = make("Test", address, SystemClock().now(), timedelta(days=365))
        (self.folder / f"{address}.key").write_bytes(secret)
        (self.folder / f"{address}.pub").write_bytes(public)
        self.command("keys", "add", str(self.folder / f"{address}.pub"), "--for", address)

    @contextmanager
    def relay(self, *module: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """The relay as its own process; another ``module`` than the command line's for kill tests."""
        words = module or ("cli", "relay")
        log = (self.folder / "relay.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            env=self.environment() | environment,
            cwd=self.folder,
            stdout=log,
            stderr=log,
        )
        try:
            self._wait(process)
            yield process
        finally:
            log.close()
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(1200):
            assert process.poll() is None, self.log()[-2000:]
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the relay did not listen: " + self.log()[-2000:])

    def log(self) -> str:
        return (self.folder / "relay.log").read_text(errors="replace")

    def submit(self, message: bytes, to: Sequence[str], sender: str = OFFICER) -> str:
        """Send by SMTP; the reply after the body, or why there was none."""
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=60, local_hostname="exchange.council.example") as client:
                client.ehlo()
                client.mail(sender)
                for recipient in to:
                    code, words = client.rcpt(recipient)
                    if code != 250:
                        return f"{code} {words.decode()}"
                code, words = client.data(message)
                return f"{code} {words.decode()}"
        except (smtplib.SMTPServerDisconnected, ConnectionError) as error:
            return f"000 {type(error).__name__}"

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Look into the tables (SQLite only)."""
        with sqlite3.connect(self.home / "var" / "sallyport.sqlite3") as database:
            return database.execute(sql).fetchall()
