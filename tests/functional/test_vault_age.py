"""What is filed opens with the standard ``age`` and ``tar`` alone; and the relay's side cannot open it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from domain.errors import ConfigurationError, SealBroken
from domain.model import Category
from domain.ports import FiledPart
from tests.build import ANN, BEN, SECRET
from tests.contract.conftest import RealClock
from tests.fakes import NOW
from tests.support import ceph
from tests.support.vaults import NAME, House, filing, part, plain
from vault.identities import read_identities
from vault.models import AuditEvent, SealingKey, VaultObject
from vault.objects.port import ObjectStore
from vault.restoring import NoSuchRecord, Request, restore
from vault.unseal import CannotOpen

pytestmark = pytest.mark.usefixtures("database")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rgw() -> Iterator[ceph.Ceph]:
    with ceph.running() as server:
        yield server


@pytest.fixture(params=["folder", "ceph"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """A vault over each kind of store. Ceph's locks go by real time, so its mails are filed by real time."""
    built = House(tmp_path)
    if request.param == "ceph":
        server: ceph.Ceph = request.getfixturevalue("rgw")
        built.store = server.store(f"t-{uuid.uuid4().hex}")
        built.escrow_store = server.store(f"e-{uuid.uuid4().hex}")
        built.clock.time = RealClock().now()
    return built


def age(identity: Path, sealed: bytes) -> bytes:
    """``age --decrypt -i identity``; raises when it does not open."""
    return subprocess.run(["age", "-d", "-i", identity], input=sealed, capture_output=True, check=True).stdout


def whole(store: ObjectStore, key: str) -> bytes:
    return b"".join(store.get(key))


def two_people() -> tuple[FiledPart, ...]:
    return (
        FiledPart(part(b"about Ann", "2", "Ann.pdf"), frozenset({ANN}), frozenset({Category.MEDICAL})),
        FiledPart(part(b"about Ben", "3", "Ben.pdf"), frozenset({BEN}), frozenset({Category.LEGAL})),
    )


def test_a_persons_file_is_restored_from_the_bucket_and_the_escrow_key_alone(house: House) -> None:
    """As docs/vault-format.md says, with no row of the database and none of our code: list, age, tar, sha256sum."""
    mail = filing(*two_people(), people=(ANN, BEN))
    house.filer().file(mail, house.clock.now())
    (secret,) = [v.key for v in house.escrow_store.list(f"keys/{ANN}/")]
    person = house.folder / "ann.key"
    person.write_bytes(age(house.escrow.file, whole(house.escrow_store, secret)))
    (bundle,) = [v.key for v in house.store.list(f"v1/{ANN}/") if v.key.endswith("/0.age")]
    tar = age(person, whole(house.store, bundle))
    folder = house.folder / "restored"
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", folder], input=tar, check=True)
    said = json.loads((folder / "manifest.json").read_text())
    opened = {}
    for filed in said["objects"]:
        if ANN in filed["people"]:
            plain_bytes = age(person, whole(house.store, filed["key"]))
            assert hashlib.sha256(plain_bytes).hexdigest() == filed["plain_sha256"]
            opened[filed["kind"]] = plain_bytes
    assert opened == {"mail": mail.message.raw, "part": b"about Ann"}
    (of_ben,) = [o["key"] for o in said["objects"] if o["people"] == [BEN]]
    with pytest.raises(subprocess.CalledProcessError):
        age(person, whole(house.store, of_ben))


def test_plain_mail_opens_with_the_services_key(house: House) -> None:
    mail = plain()
    (key,) = house.filer().file(mail, house.clock.now()).objects
    tar = age(house.service.file, whole(house.store, key))
    shown = subprocess.run(["tar", "-x", "-O", "mail.eml"], input=tar, capture_output=True, check=True).stdout
    assert shown == mail.message.raw


def test_vault_get_writes_mail_parts_and_manifest(house: House) -> None:
    """Under their names, readable by nobody else; and the opening is in the audit trail before."""
    receipt = house.filer().file(filing(), house.clock.now())
    out = house.folder / "out"
    done = restore(
        Request(receipt.record, "cli:clerk", "subject access"),
        read_identities(house.records_service.file),
        house.store,
        out,
        NOW,
    )
    assert done.unopened == ()
    assert {p.name for p in done.files} == {"manifest.json", "mail.eml", f"02-{NAME}"}
    assert (out / f"02-{NAME}").read_bytes() == SECRET
    assert {stat.S_IMODE(p.stat().st_mode) for p in done.files} == {0o600}
    event = AuditEvent.objects.get(action="opened")
    assert (event.actor, event.why, event.record) == ("cli:clerk", "subject access", receipt.record)


def opening(house: House, record: str, *identities: Path) -> Path:
    out = house.folder / "out"
    opened = [i for path in identities for i in read_identities(path)]
    restore(Request(record, "cli:clerk", "test"), opened, house.store, out, NOW)
    return out


def test_a_destroyed_key_closes_that_persons_parts_only(house: House) -> None:
    """Crypto-shredding: what is only about Ann is gone, what is about Ben opens."""
    receipt = house.filer().file(filing(*two_people(), people=(ANN, BEN)), house.clock.now())
    SealingKey.objects.filter(person=ANN).update(destroyed_at=NOW, sealed_secret=b"")
    identities = read_identities(house.escrow.file)
    done = restore(Request(receipt.record, "cli", "x"), identities, house.store, house.folder / "out", NOW)
    assert done.unopened == (2,)
    assert {p.name for p in done.files} == {"manifest.json", "mail.eml", "03-Ben.pdf"}


def test_the_wrong_key_writes_nothing(house: House) -> None:
    receipt = house.filer().file(filing(), house.clock.now())
    with pytest.raises(CannotOpen):
        opening(house, receipt.record, house.service.file)
    assert not (house.folder / "out").exists()


def test_a_row_that_does_not_match_its_object_is_refused(house: House) -> None:
    """Somebody changed the bucket, or the row."""
    receipt = house.filer().file(filing(), house.clock.now())
    row = VaultObject.objects.get(kind="part")
    house.store.put(row.key, b"something else", tags={}, metadata={}, locked_until=None)
    newest = house.store.stat(row.key).version
    VaultObject.objects.filter(pk=row.pk).update(version=newest)
    with pytest.raises(SealBroken):
        opening(house, receipt.record, house.escrow.file)
    assert not [p for p in (house.folder / "out").iterdir() if p.name.startswith("02")]


def test_an_unknown_record_is_said_so(house: House) -> None:
    with pytest.raises(NoSuchRecord):
        opening(house, "01ZZZ", house.escrow.file)
    assert not (house.folder / "out").exists()


@pytest.mark.parametrize("content", [None, "", "AGE-SECRET-KEY-1NONSENSE\n"])
def test_a_file_that_is_no_identity_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "identity"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError):
        read_identities(path)


@pytest.mark.parametrize(
    "name", ["../../evil.sh", "/etc/passwd", "..", "", "a\0b", "\u202egpj.exe", "x" * 500, "文" * 300, "mail.eml"]
)
def test_hostile_file_names_stay_in_the_folder(tmp_path: Path, name: str) -> None:
    """The sender chose the name; where it is written we choose."""
    house = House(tmp_path)
    receipt = house.filer().file(filing(FiledPart(part(name=name), frozenset({ANN}), frozenset())), NOW)
    out = opening(house, receipt.record, house.escrow.file)
    names = {p.name for p in out.iterdir()}
    assert len(names) == 3
    (written,) = names - {"manifest.json", "mail.eml"}
    assert re.fullmatch(r"02-[\w .()-]{1,200}", written)
    assert {p.name for p in tmp_path.iterdir()} <= {
        "out", "objects", "escrow-store", "records.key", "escrow.key", "service.key"
    }  # fmt: skip


def test_all_that_the_relay_holds_opens_nothing(house: House) -> None:
    """Promise 4: every byte of both stores, every row and the settings hold no identity that opens an object."""
    filer = house.filer()
    receipt = filer.file(filing(), house.clock.now())
    filer.file(plain(), house.clock.now())
    held = [m.encode() for m in [*house.masters, house.service.public]]
    for store in (house.store, house.escrow_store):
        held += [b"".join(store.get(v.key, v.version)) for v in store.list("")]
    held += [bytes(k.sealed_secret) + k.public.encode() for k in SealingKey.objects.all()]
    held += [repr(sorted(vars(part).items())).encode() for part in (filer, filer._keys)]
    assert len(held) > 7
    assert not [h for h in held if b"AGE-SECRET-KEY" in h.upper()]
    for key in receipt.objects:
        for public in house.masters:
            with pytest.raises(pyrage.IdentityError):
                pyrage.x25519.Identity.from_str(public)
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(whole(house.store, key), [pyrage.x25519.Identity.generate()])


def test_the_secret_half_is_gone_from_the_process_that_made_it(tmp_path: Path) -> None:
    """Python does not wipe memory; but nothing that is still reachable holds a secret key. A control shows it."""
    script = f"""
import gc, re, sys
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from pathlib import Path
import pyrage
from tests.fakes import NOW
from tests.support.vaults import House, filing
def secrets():
    texts = [o for holder in gc.get_objects() for o in gc.get_referents(holder) if type(o) in (str, bytes)]
    texts = {{t if isinstance(t, str) else t.decode("latin-1") for t in texts if len(t) > 60}}
    return len([t for t in texts if re.search("AGE-SECRET-KEY-1[0-9A-Z]{{50}}", t)])
house = House(Path({str(tmp_path)!r}))
filer = house.filer()
filer.file(filing(), NOW)
gc.collect()
print(secrets())
kept = [str(pyrage.x25519.Identity.generate())]
print(secrets())
print("vault.unseal" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "SALLYPORT_DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"},
    )  # fmt: skip
    assert done.stdout.split() == ["0", "1", "False"], done.stdout + done.stderr[-2000:]
