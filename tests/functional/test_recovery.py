"""The runbook of docs/recovery.md, command by command, where there is no Python, no database and none of our code.

The commands run with an empty environment and a PATH of the programs that the page names and the shell's usual small
ones. The copies come from a folder, and from a real Ceph RGW by the S3 client that the page names.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import boto3
import pytest

from domain.model import Category
from domain.ports import FiledPart
from tests.build import ANN, BEN
from tests.contract.conftest import RealClock
from tests.fakes import FakeClock
from tests.support import ceph
from tests.support.vaults import LOCK, SCHEDULE, SECRET, House, Owner, filing, part, plain
from vault import manifest
from vault.escrow import Escrow
from vault.filing import Filer
from vault.keys.rotation import Order, Rotator
from vault.masters import Masters
from vault.models import SealingKey, VaultObject
from vault.sealing import PublicHalves, SealingKeys, seal

pytestmark = pytest.mark.usefixtures("database")
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "recovery.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```sh ([a-z0-9-]+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
PROGRAMS = "sh age jq tar find sha256sum"  # what the page says is needed
SMALL = "cut sed grep sort head tail basename dirname mkdir cp mv rm mktemp tr cat ls"  # what every shell has beside it


@pytest.fixture(scope="module")
def rgw() -> Iterator[ceph.Ceph]:
    with ceph.running() as server:
        yield server


@dataclass
class Place:
    """A service that is lost but for its two stores; and the machine on which its people's files are restored."""

    house: House
    machine: Path
    server: ceph.Ceph | None = None
    buckets: tuple[str, str] = ("", "")

    def copy(self) -> None:
        """Step 2 of the runbook."""
        for name in ("vault", "escrow"):
            shutil.rmtree(self.machine / name, ignore_errors=True)
        if self.server is None:
            service = self.house.folder / "service"
            (service / "var").mkdir(parents=True, exist_ok=True)
            for name, here in (("objects", "objects"), ("escrow", "escrow-store")):
                link = service / "var" / name
                if not link.exists():
                    link.symlink_to(self.house.folder / here)
            self.run("copy-folder", SERVICE=str(service))
        elif shutil.which("aws"):
            self._by_the_page()
        else:
            self._by_boto3()

    def _by_the_page(self) -> None:
        assert self.server
        there = {
            "VAULT_BUCKET": self.buckets[0],
            "ESCROW_BUCKET": self.buckets[1],
            "AWS_ENDPOINT_URL": f"http://{self.server.endpoint}",
            "AWS_ACCESS_KEY_ID": self.server.access_key,
            "AWS_SECRET_ACCESS_KEY": self.server.secret_key,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **there}
        subprocess.run(["sh", "-eu", "-c", BLOCKS["copy-s3"]], env=environment, cwd=self.machine, check=True)

    def _by_boto3(self) -> None:
        assert self.server
        client = boto3.client(
            "s3",
            endpoint_url=f"http://{self.server.endpoint}",
            aws_access_key_id=self.server.access_key,
            aws_secret_access_key=self.server.secret_key,
            region_name="us-east-1",
        )
        for bucket, folder in zip(self.buckets, ("vault", "escrow"), strict=True):
            for item in client.list_objects_v2(Bucket=bucket).get("Contents", []):
                path = self.machine / folder / item["Key"]
                path.parent.mkdir(parents=True, exist_ok=True)
                client.download_file(bucket, item["Key"], str(path))

    def run(self, block: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A block of the page, as it stands there, in an environment with nothing else."""
        return self.shell(BLOCKS[block], **environment)

    def shell(self, commands: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.machine / "bin" / "sh", "-c", commands],
            env={"PATH": str(self.machine / "bin"), **environment},
            cwd=self.machine, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def restore(self, owner: Owner, person: str = ANN) -> subprocess.CompletedProcess[str]:
        """Steps 2 and 4, anew."""
        self.copy()
        shutil.rmtree(self.machine / "restored", ignore_errors=True)
        done = self.run("restore", MASTER=str(owner.file), PERSON=person)
        restoring = self.shell(
            'sh recover.sh --vault vault --escrow escrow --identity "$MASTER" --person "$PERSON" --out again; echo $?',
            MASTER=str(owner.file), PERSON=person,
        )  # fmt: skip
        shutil.rmtree(self.machine / "again", ignore_errors=True)
        done.returncode = int(restoring.stdout.splitlines()[-1])
        return done

    def files(self) -> dict[str, bytes]:
        """What was restored, without the list: by file name."""
        return {p.name: p.read_bytes() for p in (self.machine / "restored").glob("*/*")}

    def results(self) -> dict[str, str]:
        """The list: by file name, or by record where nothing of it opens."""
        lines = [line.split("\t") for line in (self.machine / "restored" / "LIST.tsv").read_text().splitlines()[1:]]
        return {name: result for _, _, name, result in lines}


@pytest.fixture(params=["folder", "ceph"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A vault over each kind of store; Ceph's locks go by real time."""
    made = _folder_place(tmp_path)
    if request.param == "ceph":
        made.server = request.getfixturevalue("rgw")
        made.buckets = (f"v-{uuid.uuid4().hex}", f"e-{uuid.uuid4().hex}")
        made.house.store, made.house.escrow_store = (made.server.store(b) for b in made.buckets)
        made.house.clock.time = RealClock().now()
    return made


def about_two() -> tuple[FiledPart, ...]:
    return (
        FiledPart(part(b"about Ann", "2", "Ann's plan.pdf"), frozenset({ANN}), frozenset({Category.MEDICAL})),
        FiledPart(part(b"about Ben", "3", "Ben.pdf"), frozenset({BEN}), frozenset({Category.LEGAL})),
    )


MAIL = b"Subject: both\r\n\r\nAnn and Ben.\r\n"


def file_two(place: Place) -> None:
    """A mail about two people, and one about Ann alone."""
    filer, now = place.house.filer(), place.house.clock.now()
    filer.file(filing(*about_two(), people=(ANN, BEN), raw=MAIL), now)
    filer.file(filing(FiledPart(part(name="Ann only.pdf"), frozenset({ANN}), frozenset({Category.MEDICAL}))), now)


def test_the_page_has_the_commands_that_are_run_here() -> None:
    """None is left out, and the script is named as it lies in the repository."""
    assert set(BLOCKS) == {"copy-s3", "copy-folder", "find", "restore"}
    assert "scripts/recover.sh" in PAGE


def test_a_persons_file_comes_back_with_either_master_alone(place: Place) -> None:
    """The other is destroyed. Whole mails, parts under their names, manifests; what is Ben's alone stays sealed."""
    file_two(place)
    for kept, destroyed in (
        (place.house.escrow, place.house.records_service),
        (place.house.records_service, place.house.escrow),
    ):
        text = destroyed.file.read_bytes()
        destroyed.file.unlink()
        done = place.restore(kept)
        destroyed.file.write_bytes(text)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 records; 6 files restored, 1 of others left sealed, 0 failed" in done.stdout
        folders = sorted(p.name for p in (place.machine / "restored").iterdir() if p.is_dir())
        assert len(folders) == 2
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d_[0-9A-Z]{26}", name) for name in folders)
        found = place.files()
        assert found["02-Ann_s plan.pdf"] == b"about Ann"
        assert "03-Ben.pdf" not in found
        assert place.results()["03-Ben.pdf"].startswith("of others")
        mails = {p.read_bytes() for p in (place.machine / "restored").glob("*/mail.eml")}
        assert MAIL in mails
        assert len(mails) == 2
        assert not (place.machine / "restored" / "FAILED.txt").exists()


def test_who_it_is_can_be_found_by_words(place: Place) -> None:
    """A name in a file name or a subject; and nobody where there is none."""
    file_two(place)
    place.copy()
    master = str(place.house.escrow.file)
    assert place.run("find", MASTER=master, NAME="ann only").stdout.split() == [ANN]
    assert sorted(place.run("find", MASTER=master, NAME="ben.PDF").stdout.split()) == sorted([ANN, BEN])
    assert place.run("find", MASTER=master, NAME="Zebedee").stdout == ""


def test_after_a_rotation_and_a_renewal_the_new_masters_restore_all_and_the_old_none(place: Place) -> None:
    """Two generations of Ann's key, both sealed to the new masters."""
    house = place.house
    file_two(place)
    keys = SealingKeys(house.masters, house.escrow_store)
    keys.renew(ANN, house.clock.now(), actor="cli:clerk", why="test")
    house.filer().file(filing(raw=b"Subject: later\r\n\r\nlater\r\n"), house.clock.now())
    new = [Owner(house.folder / "new1.key"), Owner(house.folder / "new2.key")]
    given = [house.escrow.identity, new[0].identity]
    rotator = Rotator(Masters([o.public for o in new]), Escrow(house.escrow_store), given)
    assert rotator.run(Order("cli:clerk", "test"), FakeClock(), lambda: None).resealed == 3
    for owner in new:
        done = place.restore(owner)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "3 records; 9 files restored" in done.stdout
    done = place.restore(house.escrow)
    assert done.returncode == 3
    assert place.files() == {}


def test_a_destroyed_key_is_named_and_nothing_comes_back(place: Place) -> None:
    """Crypto-shredding holds against every master; Ben's file is whole, with the mail that was about both."""
    house = place.house
    file_two(place)
    row = SealingKey.objects.get(person=ANN)
    Escrow(house.escrow_store).destroy(row, house.clock.now())
    SealingKey.objects.filter(pk=row.pk).update(
        destroyed_at=house.clock.now(), retired_at=house.clock.now(), sealed_secret=b""
    )
    for owner in (house.escrow, house.records_service):
        done = place.restore(owner)
        assert done.returncode == 3
        assert f"Key number 1 of {ANN} was destroyed on {house.clock.now():%Y-%m-%d}" in done.stdout
        assert place.files() == {}
        assert set(place.results().values()) == {"not opened: sealed to a key that was destroyed"}
    assert place.restore(house.escrow, BEN).returncode == 0
    assert set(place.files()) == {"manifest.json", "mail.eml", "03-Ben.pdf"}


def test_what_is_changed_or_missing_is_said_and_the_rest_restored(place: Place) -> None:
    """Another file in an object's place, and one that is gone: each named, exit code 1, nothing false restored."""
    file_two(place)
    place.copy()
    about_ann = VaultObject.objects.get(people=[ANN], plain_size=len(b"about Ann"))
    (sealed,) = _copies(place, about_ann)
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    (whole,) = _copies(place, VaultObject.objects.get(record=about_ann.record, kind="mail"))
    whole.unlink()
    done = place.shell(
        f'sh recover.sh --vault vault --escrow escrow --identity "$MASTER" --person {ANN} --out restored',
        MASTER=str(place.house.escrow.file),
    )
    assert done.returncode == 1
    failed = (place.machine / "restored" / "FAILED.txt").read_text()
    assert "02-Ann_s plan.pdf\tnot the file that was filed (SHA-256)" in failed
    assert "mail.eml\tmissing in the copy of the vault" in failed
    assert "4 files restored, 1 of others left sealed, 2 failed" in done.stdout


def _copies(place: Place, row: VaultObject) -> list[Path]:
    """Where the object lies in the copy of the vault, without what a folder keeps beside it."""
    path = place.machine / "vault" / row.key
    return [p for p in path.parent.glob(f"{path.name}*") if not p.name.endswith(".json")]


def test_what_concerns_nobody_opens_with_the_services_identity(place: Place) -> None:
    """Step 5; and what was filed before Ann had a key needs it too."""
    house = place.house
    house.filer().file(plain(), house.clock.now())
    SealingKey.objects.all().delete()
    Filer(house.store, PublicHalves(house.service.public), SCHEDULE, lock=LOCK).file(filing(), house.clock.now())
    place.copy()
    done = place.shell(
        'sh recover.sh --vault vault --person service --service "$SERVICE" --out restored',
        SERVICE=str(house.service.file),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert place.files()["mail.eml"] == plain().message.raw
    done = place.shell(
        f'sh recover.sh --vault vault --escrow escrow --identity "$M" --person {ANN} --service "$S" --out more',
        M=str(house.escrow.file), S=str(house.service.file),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 records; 3 files restored" in done.stdout


@pytest.mark.parametrize(
    "name", ["../../evil.sh", "/etc/passwd", "..", "", "a\tb\nc", "\u202egpj.exe", "文" * 200, "-rf"]
)
def test_hostile_file_names_stay_in_the_folder(tmp_path: Path, name: str, request: pytest.FixtureRequest) -> None:
    """The sender chose the name; the script chooses where it is written. Long names are cut, not lost."""
    place = _folder_place(tmp_path)
    place.house.filer().file(filing(FiledPart(part(name=name), frozenset({ANN}), frozenset())), place.house.clock.now())
    before = {p for p in tmp_path.rglob("*") if "restored" not in p.parts}
    done = place.restore(place.house.escrow)
    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = place.files().keys() - {"manifest.json", "mail.eml"}
    assert re.fullmatch(r"02-[\w .()-]+", written)
    made = {p for p in tmp_path.rglob("*") if "restored" not in p.parts} - before
    assert all({"vault", "escrow", "service"} & set(p.parts) for p in made)


def test_a_record_whose_manifest_is_gone_is_not_called_all(place: Place) -> None:
    """Its other files cannot be named, but they are there: exit code 1, and each of them in the list of failures."""
    file_two(place)
    place.copy()
    record = VaultObject.objects.get(people=[ANN], plain_size=len(b"about Ann")).record_id
    bundles = list((place.machine / "vault" / "v1" / ANN).rglob(f"{record}/0.age*"))
    assert bundles
    for bundle in bundles:
        bundle.unlink()
    done = place.shell(
        f'sh recover.sh --vault vault --escrow escrow --identity "$M" --person {ANN} --out restored',
        M=str(place.house.escrow.file),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    failed = (place.machine / "restored" / "FAILED.txt").read_text().splitlines()
    assert failed
    assert all(line.startswith(record) and "no manifest in the copy" in line for line in failed)


def test_what_somebody_put_into_escrow_starts_no_program(tmp_path: Path) -> None:
    """Masters' public halves are no secret: who may write in escrow can seal to them what names a plug-in of theirs."""
    place = _folder_place(tmp_path)
    place.house.filer().file(filing(), place.house.clock.now())
    place.copy()
    plugin = place.machine / "bin" / "age-plugin-xyz"
    plugin.write_text("#!/bin/sh\n: >started\n")
    plugin.chmod(0o755)
    (sealed,) = (place.machine / "escrow" / "keys" / ANN).glob("*.age@*[0-9A-Z]")
    sealed.write_bytes(seal(b"AGE-PLUGIN-XYZ-1QQ37V5PN\n", [place.house.escrow.public]).content)
    done = place.shell(
        f'sh recover.sh --vault vault --escrow escrow --identity "$M" --person {ANN} --out restored',
        M=str(place.house.escrow.file),
    )
    assert done.returncode == 3
    assert not (place.machine / "started").exists()


def test_a_manifest_that_names_what_is_no_key_is_not_followed(tmp_path: Path) -> None:
    """Anybody who has Ann's public half can seal a bundle to her."""
    place = _folder_place(tmp_path)
    receipt = place.house.filer().file(filing(), place.house.clock.now())
    place.copy()
    (bundle,) = (place.machine / "vault" / "v1" / ANN).rglob("0.age@*[0-9A-Z]")
    said = {
        "format": "sallyport-v1", "record": receipt.record, "filed_at": "../../../x", "digest": "",
        "objects": [
            {"number": 2, "kind": "part", "key": key, "version": version, "people": [ANN], "sealed_sha256": "0" * 64,
             "plain_sha256": "0" * 64}
            for key, version in (("../../etc/passwd", "1"), ("v1/../../x", "1"), ("v1/x", "$(touch evil)"), ("", ""))
        ],
        "parts": [],
    }  # fmt: skip
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        text = json.dumps(said).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
        tar.addfile(tarfile.TarInfo("../evil"), io.BytesIO())
    bundle.write_bytes(seal(archive.getvalue(), [SealingKey.objects.get(person=ANN).public]).content)
    done = place.shell(
        f'sh recover.sh --vault vault --escrow escrow --identity "$M" --person {ANN} --out restored',
        M=str(place.house.escrow.file),
    )
    assert done.returncode == 1
    failed = (place.machine / "restored" / "FAILED.txt").read_text()
    assert failed.count("the manifest names no key of the vault") == 4
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("number", ["../../evil", "/tmp/evil", "1 2", "", "1234567", None, "1\n2", {"a": 1}])
def test_a_number_that_is_none_names_no_file(tmp_path: Path, number: object) -> None:
    """The number begins the name of the file: a manifest that anybody sealed must not choose where that is written."""
    place = _folder_place(tmp_path)
    receipt = place.house.filer().file(filing(), place.house.clock.now())
    place.copy()
    (bundle,) = (place.machine / "vault" / "v1" / ANN).rglob("0.age@*[0-9A-Z]")
    row = VaultObject.objects.get(people=[ANN], kind="part")
    thing = {"number": number, "kind": "part", "key": row.key, "version": row.version, "people": [ANN],
             "sealed_sha256": row.sealed_sha256, "plain_sha256": sha256(SECRET).hexdigest()}  # fmt: skip
    done = _with_manifest(place, bundle, receipt.record, thing)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the manifest numbers no part" in (place.machine / "restored" / "FAILED.txt").read_text()
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and p.read_bytes() == SECRET]


def _with_manifest(
    place: Place, bundle: Path, record: str, thing: dict[str, object]
) -> subprocess.CompletedProcess[str]:
    """What the script does with a manifest that names this one object."""
    said = {"format": "sallyport-v1", "record": record, "filed_at": "2026-01-01", "objects": [thing], "parts": []}
    packed = manifest.pack(json.dumps(said).encode(), place.house.clock.now())
    bundle.write_bytes(seal(packed, [SealingKey.objects.get(person=ANN).public]).content)
    return place.shell(
        f'sh recover.sh --vault vault --escrow escrow --identity "$M" --person {ANN} --out restored',
        M=str(place.house.escrow.file),
    )


@pytest.mark.parametrize(("version", "restored"), [("aB..c-D.", True), ("..", True), ("../x", False), ("a/b", False)])
def test_a_version_is_one_name_whatever_dots_the_store_put_into_it(
    tmp_path: Path, version: str, *, restored: bool
) -> None:
    """Ceph draws the letters of a version from 64, among them a dot: two dots together are no way upwards there."""
    place = _folder_place(tmp_path)
    receipt = place.house.filer().file(filing(), place.house.clock.now())
    place.copy()
    (bundle,) = (place.machine / "vault" / "v1" / ANN).rglob("0.age@*[0-9A-Z]")
    row = VaultObject.objects.get(people=[ANN], kind="part")
    sealed = place.machine / "vault" / f"{row.key}@{row.version}"
    sealed.rename(sealed.with_name(f"{Path(row.key).name}@{version.replace('/', '_')}"))
    thing: dict[str, object] = {
        "number": 2, "kind": "part", "key": row.key, "version": version, "people": [ANN],
        "sealed_sha256": row.sealed_sha256, "plain_sha256": sha256(SECRET).hexdigest(),
    }  # fmt: skip
    done = _with_manifest(place, bundle, receipt.record, thing)
    assert (done.returncode == 0) is restored, done.stdout + done.stderr
    assert bool(list((place.machine / "restored").rglob("02-part"))) is restored
    listed = (place.machine / "restored" / "LIST.tsv").read_text()
    assert ("the manifest names no key" in listed) is not restored


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("", 2, "--vault"),
        ("--vault", 2, "needs a value"),
        ("--vault vault --escrow escrow --identity nobody --person p-1 --out x", 2, "--identity"),
        ('--vault vault --escrow escrow --identity "$M" --person ../x --out x', 2, "--person"),
        ('--vault vault --escrow escrow --identity "$M" --person p-1', 2, "--out"),
        ('--vault vault --escrow escrow --identity "$M" --person p-1 --out vault', 2, "must not be there"),
        ('--vault vault --escrow escrow --identity "$M" --person p-nobody --out x', 1, "nothing below v1/p-nobody"),
        ("--help", 0, "recover.sh"),
    ],
)
def test_what_is_called_wrongly_is_said_in_a_sentence(tmp_path: Path, words: str, code: int, says: str) -> None:
    place = _folder_place(tmp_path)
    place.house.filer().file(filing(), place.house.clock.now())
    place.copy()
    done = place.shell(f"sh recover.sh {words}", M=str(place.house.escrow.file))
    assert done.returncode == code
    assert says in done.stdout + done.stderr


def test_no_key_in_the_clear_is_written_and_no_work_is_left(tmp_path: Path) -> None:
    """The person's secret is in the shell's memory alone."""
    place = _folder_place(tmp_path)
    file_two(place)
    place.restore(place.house.escrow)
    files = [p for p in place.machine.rglob("*") if p.is_file() and p.parent.name != "bin"]
    assert len(files) > 10
    assert [p for p in files if p.name != "recover.sh" and b"AGE-SECRET-KEY-1" in p.read_bytes()] == []
    assert not (place.machine / "restored" / ".work").exists()


def _folder_place(folder: Path) -> Place:
    machine = folder / "machine"
    (machine / "bin").mkdir(parents=True)
    for program in f"{PROGRAMS} {SMALL}".split():
        found = shutil.which(program)
        assert found, program
        (machine / "bin" / program).symlink_to(found)
    shutil.copy(ROOT / "scripts" / "recover.sh", machine)
    (folder / "house").mkdir()
    return Place(House(folder / "house"), machine)
