"""An access request for tests: a house with mails in its vault, an open case, and somebody who fills in the tables."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from classifiers.sandbox import Sandbox
from domain.model import Category
from domain.ports import FiledPart, Filing
from gateway.clock import SystemClock
from gateway.parse import parse
from gateway.protect.generate import make_openpgp_key, make_smime_identity
from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.functional.test_redaction import letter
from tests.support.vaults import House, filing
from vault.acting import Acting
from vault.export import cases
from vault.export.collecting import Tools, collect
from vault.export.documents import Collected
from vault.export.finishing import Finishing, finish
from vault.export.folder import WorkFolder
from vault.export.outgoing import Receiver, Sealed
from vault.export.page import Service
from vault.export.review import prepare
from vault.export.signing import SigningKeys
from vault.export.sought import Sought
from vault.export.third_parties import Known, ThirdParties
from vault.identities import read_identities
from vault.models import AccessRequest
from vault.unseal import Opener

CARER = "Marjorie Penhaligon"
ACTING = Acting("cli:clerk", datetime(2026, 11, 23, 10, tzinfo=UTC), "request of Monday")
PERSON = Sought(
    ANN, ("Rowan Applegarth", "Ro Hill"), "9993395633", date(1986, 3, 14), "SL-20417", ("rowan@post.example",)
)
SERVICE = Service("Shared Lives", "shared-lives@council.example", "01632 960100")
OTHERS = (Known(CARER, "carer"), Known("Marjorie", "first name of a carer", capital=True))


@pytest.fixture(scope="module")
def readers() -> Iterator[Sandbox]:
    with Sandbox(1, seconds=20) as pool:
        yield pool


@pytest.fixture(scope="module")
def keys() -> SigningKeys:
    made = SystemClock().now() - timedelta(minutes=1)
    openpgp, _ = make_openpgp_key("Shared Lives", "shared-lives@council.example", made, timedelta(days=9))
    private, certificate = make_smime_identity("Shared Lives", "shared-lives@council.example", made, timedelta(days=9))
    return SigningKeys(openpgp, certificate, private)


def mail(
    subject: str, text: str, number: int, *files: tuple[str, str, bytes], to: str = "carer@carers.example"
) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "officer@council.example", "carer@carers.example", subject
    made["Message-ID"] = f"<{number}@council.example>"
    made.set_content(text)
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


def filed(raw: bytes, *people: str) -> Filing:
    """As the relay would file it: all parts about these people."""
    message = parse(raw)
    parts = [FiledPart(p, frozenset(people), frozenset({Category.MEDICAL} if people else ())) for p in message.parts]
    made = filing(*parts, people=people, categories={Category.MEDICAL} if people else set(), raw=raw)
    return replace(made, message=message)


PLAN = ("plan.pdf", "application/pdf", letter())
NOTES = ("notes.txt", "text/plain", b"Rowan gets on with Marjorie Penhaligon.\nRing 07700 900142.\n")


@dataclass
class Desk:
    """A house with mails in its vault, and an open case."""

    house: House
    readers: Sandbox
    keys: SigningKeys
    case: AccessRequest
    folder: WorkFolder

    def tools(self, *owners: str) -> Tools:
        owned = [getattr(self.house, name).file for name in owners or ("records_service", "service")]
        opener = Opener(self.house.store, [i for file in owned for i in read_identities(file)])
        return Tools(opener, self.readers, parse)

    def collect(self, *owners: str) -> Collected:
        found = collect(self.folder, PERSON, self.tools(*owners), ACTING)
        prepare(self.folder, found, ThirdParties(OTHERS, PERSON), ANN)
        return found

    def table(self, name: str) -> list[dict[str, str]]:
        """As it was written, or as :meth:`fill` saved it."""
        text = (self.folder.path / name).read_text("utf-8-sig")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))

    def fill(self, name: str, rows: list[dict[str, str]]) -> None:
        """As LibreOffice saves it in Germany, or Excel anywhere."""
        out = io.StringIO(newline="")
        table = csv.DictWriter(out, rows[0].keys(), delimiter=";")
        table.writeheader()
        table.writerows(rows)
        (self.folder.path / name).write_text(out.getvalue(), "utf-8")

    def decide(self, take_out: str = "yes", **decisions: str) -> None:
        """By document; redacted unless it is said otherwise. ``WITHHOLD:CODE`` has its ground."""
        rows = self.table("documents.csv")
        for row in rows:
            choice, _, code = decisions.get(row["document"], "redact").partition(":")
            row |= {"decision": choice, "exemption": code}
        self.fill("documents.csv", rows)
        whole = {row["document"] for row in rows if row["decision"] == "release"}
        answered = [p | {"take out": "no" if p["document"] in whole else take_out} for p in self.table("passages.csv")]
        self.fill("passages.csv", answered)

    def finish(self, receiver: Receiver, out: Path, **more: bool) -> Sealed:
        work = Finishing(SERVICE, self.keys, self.readers)
        return finish(self.case, self.folder, receiver, out, work, ACTING, ACTING.today, **more)


@pytest.fixture
def desk(tmp_path: Path, readers: Sandbox, keys: SigningKeys) -> Desk:
    """Three mails about Ann (one plan in two, the first filed twice), one about Ben, two about nobody known."""
    house = House(tmp_path)
    filer = house.filer()
    first = mail("Rowan's plan", "Dear Marjorie,\nthe plan is attached.\n", 1, PLAN)
    filer.file(filed(first, ANN), NOW)
    filer.file(filed(first, ANN, BEN), NOW)  # understood anew: filed again
    filer.file(filed(mail("Again", "As I said.", 2, PLAN, NOTES), ANN), NOW)
    filer.file(filed(mail("Ben", "About Ben alone.", 3), BEN), NOW)
    filer.file(filed(mail("Rota", "Applegarth, Rowan moves in on Monday.", 4)), NOW)
    filer.file(filed(mail("Lunch", "Nobody is in this one.", 5)), NOW)
    case = cases.open_case(ANN, date(2026, 11, 2), ACTING, scope="everything")
    folder = WorkFolder.make(tmp_path / "work", case.code)
    return Desk(house, readers, keys, case, folder)


def by_title(collected: Collected) -> dict[str, str]:
    return {d.title: d.id for d in collected}


def opened(sealed: Path, identity: Path, into: Path) -> Path:
    """As the receiver does it: age, tar."""
    into.mkdir()
    tar = subprocess.run(["age", "-d", "-i", identity, sealed], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", into], input=tar, check=True)
    (bag,) = into.iterdir()
    return bag


def shell(command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        ["bash", "-euc", command], cwd=cwd, capture_output=True, text=True, env=os.environ | environment, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout + done.stderr
