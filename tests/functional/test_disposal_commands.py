"""Holds and disposal by the command line, by different users of the operating system, over a service as set up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.users import Users, users

ROOT = Path(__file__).parents[2]
ANNA, BERT, CARL = "daemon", "games", "nobody"
FILED = """
import sys
import django; django.setup()
from datetime import UTC, datetime, timedelta
from pathlib import Path
import pyrage
from gateway.bootstrap import build_escrow, build_public_halves, build_store
from config.django import SETTINGS
from domain.model import Category
from domain.ports import FiledPart
from register.models import Person
from tests.support.vaults import SCHEDULE, filing, part
from vault.filing import Filer
from vault.sealing import SealingKeys
then = datetime(2000, 1, 3, 9, tzinfo=UTC)
person = Person.objects.create(council_id="SL-00001", left_on=then.date())
SealingKeys(SETTINGS.vault.masters, build_escrow(SETTINGS)).public_halves([person.ref], then)
filer = Filer(build_store(SETTINGS), build_public_halves(SETTINGS), SCHEDULE, lock=timedelta(days=30))
for number in range(int(sys.argv[1])):
    parts = [FiledPart(part(b"letter %d" % number), frozenset({person.ref}), frozenset({Category.MEDICAL}))]
    mail = filing(*parts, people=[person.ref], raw=b"Subject: %d\\r\\n\\r\\nx\\r\\n" % number)
    print(filer.file(mail, then).record)
print(person.ref)
"""


@dataclass
class Service:
    """A folder with everything in it, as `sallyport setup` makes it."""

    folder: Path
    users: Users

    def run(self, user: str, *words: str, code: int = 0, env: Mapping[str, str] | None = None) -> str:
        """What the command printed, as this user."""
        ended, said = self.users.run(user, words, self.environment | (env or {}))
        assert ended == code, said
        return said

    @property
    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SALLYPORT_")}
        config = {"SALLYPORT_CONFIG": str(self.folder / "sallyport.toml"), "DJANGO_SETTINGS_MODULE": "config.django"}
        return clean | config | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}

    def file(self, number: int) -> list[str]:
        """The records' ids, and the person's reference."""
        done = subprocess.run(
            [sys.executable, "-c", FILED, str(number)], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.split()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    if os.geteuid():
        warnings.warn("SEVERAL USERS WERE NOT TESTED: it takes root", stacklevel=2)
        pytest.skip("becoming other users takes root")
    with users() as several:
        made = Service(tmp_path / "service", several)
        set_up(made)
        yield made


def set_up(made: Service) -> None:
    environment = {k: v for k, v in made.environment.items() if k != "SALLYPORT_CONFIG"}
    subprocess.run(
        [sys.executable, "-m", "cli", "setup", str(made.folder), "--domain", "council.example"],
        cwd=ROOT, env=environment, check=True, capture_output=True,
    )  # fmt: skip


def code_of(shown: str) -> str:
    return shown.split("--seen ")[1].split(maxsplit=1)[0]


@pytest.mark.slow
def test_from_the_proposal_to_the_certificate(service: Service, tmp_path: Path) -> None:
    """As two people of the records service do it, and what each is told who may not."""
    first, second, ref = service.file(2)
    said = service.run(ANNA, "disposal", "propose")
    proposal = said.split("Proposal ")[1].split(":")[0]
    assert "2 records, 0 keys" in said
    shown = service.run(BERT, "disposal", "show", proposal)
    assert first in shown
    assert "medical: 20 years from end of care on 2000-01-03, so it may go from 2020-01-0" in shown
    code = code_of(shown)
    approve = ("disposal", "approve", proposal, "--seen")
    assert "who proposed it cannot approve it" in service.run(ANNA, *approve, code, code=5)
    assert "not what you saw" in service.run(BERT, *approve, "0" * 12, code=5)
    assert "2 lines, by cli:games" in service.run(BERT, *approve, code)
    lie = {"USER": CARL, "LOGNAME": CARL, "LNAME": CARL, "USERNAME": CARL}
    assert "you have approved it already" in service.run(BERT, *approve, code, code=5, env=lie)
    assert "it needs the approval of two people" in service.run(CARL, "disposal", "execute", proposal, code=6)
    refuse = ("disposal", "refuse", proposal, second, "--why", "an inquiry", "--until")
    assert "written as" in service.run(CARL, *refuse, "soon", code=5)
    service.run(CARL, *refuse, "2099-01-01")
    code = code_of(service.run(CARL, "disposal", "show", proposal))
    service.run(CARL, *approve, code)
    done = service.run(ANNA, "disposal", "execute", proposal)
    assert "1 destroyed, 0 kept" in done
    certificate = done.split("Certificate ")[1].split(":")[0]
    text = service.run(ANNA, "disposal", "certificate", certificate)
    assert "by cli:games" in text
    assert "by cli:nobody" in text
    assert "0 left below" in text
    assert "FAIL" not in service.run(BERT, "disposal", "verify", certificate)
    assert f"certificate {certificate}" in service.run(BERT, "disposal", "list", "--all")
    for suffix, start in (("json", b"{"), ("html", b"<!DOCTYPE"), ("pdf", b"%PDF-"), ("txt", b"Certificate")):
        out = tmp_path / f"certificate.{suffix}"
        service.run(BERT, "disposal", "certificate", certificate, "--out", str(out))
        assert out.read_bytes().startswith(start)
    service.run(BERT, "disposal", "certificate", certificate, "--out", str(tmp_path / "x.docx"), code=5)
    files = [p.name for p in (service.folder / "var" / "objects" / "v1").rglob("*") if p.is_file()]
    assert len(files) == 2 * 3
    assert json.loads((tmp_path / "certificate.json").read_text())["records"][0]["people"] == [ref]


@pytest.mark.slow
def test_a_hold_by_the_command_line(service: Service) -> None:
    """Set, shown, seen by the store, in the way of disposal, lifted by two."""
    record, _ = service.file(1)
    hold = ("hold", "set", "--why", "the court asks", "--reference", "C-17", "--review")
    assert "written as" in service.run(ANNA, *hold, "soon", code=5)
    assert "Say what the hold is on" in service.run(ANNA, *hold, "2099-01-01", code=5)
    assert "council ID" in service.run(ANNA, *hold, "2099-01-01", "--person", "SL-9", code=5)
    said = service.run(ANNA, *hold, "2099-01-01", "--person", "sl-00001")
    assert "covers 1 record" in said
    assert "3 files held" in said
    ident = said.split("Hold ")[1].split()[0]
    shown = service.run(BERT, "hold", "show", ident)
    assert "the store holds 3 of their 3 files" in shown
    assert "on person SL-00001" in shown
    assert "1 record; the court asks" in service.run(BERT, "hold", "list")
    assert "1 records have run out and are on hold" in service.run(BERT, "disposal", "propose")
    assert "0 put back" in service.run(BERT, "hold", "sweep", "--verify")
    assert "1 record added" in service.run(BERT, "hold", "incident", "INC-1", record)
    lift = ("hold", "lift", ident)
    assert "Either --why" in service.run(BERT, *lift, code=5)
    service.run(BERT, *lift, "--why", "settled")
    assert "second person" in service.run(BERT, *lift, "--confirm", code=5)
    assert "3 let go" in service.run(CARL, *lift, "--confirm")
    assert "0 holds" in service.run(CARL, "hold", "list")
    assert "lifted by cli:nobody" in service.run(CARL, "hold", "list", "--all")
    assert "1 records, 0 keys" in service.run(BERT, "disposal", "propose")


@pytest.mark.slow
def test_the_worker_proposes_and_only_once_in_a_while(service: Service) -> None:
    """It neither approves nor destroys."""
    service.file(1)
    for _ in range(2):
        service.run(ANNA, "worker", "--once")
    shown = service.run(ANNA, "disposal", "list")
    assert shown.count("1 open") == 1
    assert "worker:" in shown
