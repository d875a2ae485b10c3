"""Filing: what is sealed to whom, what the rows say, and what happens when something breaks on the way."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.apps import apps
from django.db import connection

from domain.decision import Action
from domain.errors import VaultUnavailable
from domain.model import Address, Category, Place
from domain.ports import FiledPart
from tests.build import ANN, BEN, SECRET
from tests.fakes import NOW
from tests.support.indexed import KEYED
from tests.support.vaults import LOCK, NAME, SCHEDULE, WORDS, House, decision, filing, part, plain
from vault import manifest
from vault.filing import Filer
from vault.models import AuditEvent, ObjectKind, SealingKey, SearchEntry, VaultObject, VaultRecord, VaultSubject
from vault.objects.local import LocalStore
from vault.objects.port import NoSuchObject, Stat, Stored
from vault.sealing import PublicHalves
from vault.search.document import opened as search_row

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def secret_of(house: House, person: str) -> pyrage.x25519.Identity:
    opened = pyrage.decrypt(bytes(SealingKey.objects.get(person=person).sealed_secret), [house.escrow.identity])
    return pyrage.x25519.Identity.from_str(opened.decode().split()[-1])


def sealed(house: House, row: VaultObject) -> bytes:
    return b"".join(house.store.get(row.key, row.version))


def opened(house: House, row: VaultObject, *identities: pyrage.x25519.Identity) -> bytes:
    plain_bytes: bytes = pyrage.decrypt(sealed(house, row), list(identities))
    return plain_bytes


def test_a_confidential_mail_leaves_mail_part_and_bundle(house: House) -> None:
    """Each opens with the person's key to exactly what was filed."""
    mail = filing()
    receipt = house.filer().file(mail, NOW)
    rows = {row.kind: row for row in VaultObject.objects.all()}
    ann = secret_of(house, ANN)
    assert set(receipt.objects) == {row.key for row in rows.values()}
    assert opened(house, rows["mail"], ann) == mail.message.raw
    assert opened(house, rows["part"], ann) == SECRET
    assert manifest.unpack(opened(house, rows["bundle"], ann)).keys() == {"manifest.json"}


def test_no_row_and_no_object_tells_the_digest_of_what_is_inside(house: House) -> None:
    """A letter whose only unknown is a date of birth could be tried out by whoever has the database or the bucket."""
    house.filer().file(filing(), NOW)
    row = VaultObject.objects.get(kind="part")
    digest = hashlib.sha256(SECRET).hexdigest()
    written = str([list(model.objects.values()) for model in apps.get_app_config("vault").get_models()])
    files = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    bundle = manifest.unpack(opened(house, VaultObject.objects.get(kind="bundle"), secret_of(house, ANN)))
    assert row.sealed_sha256 in written
    assert digest not in written
    assert digest.encode() not in files
    assert digest in {o["plain_sha256"] for o in json.loads(bundle["manifest.json"])["objects"]}


def test_the_manifest_says_what_rows_must_not(house: House) -> None:
    """File names, headers and the words that decided are inside the seal; the objects are named with their digests."""
    house.filer().file(filing(), NOW)
    bundle = VaultObject.objects.get(kind=ObjectKind.BUNDLE)
    said = json.loads(manifest.unpack(opened(house, bundle, secret_of(house, ANN)))["manifest.json"])
    assert said["subject"] == "Ann Lee's plan"
    assert said["headers"].startswith("Subject: Ann Lee's plan")
    assert said["parts"][0] | {"file_name": NAME, "number": 2} == said["parts"][0]
    assert said["decisions"][0]["reasons"][0]["evidence"][0]["text"] == WORDS
    filed = {row.key: row.sealed_sha256 for row in VaultObject.objects.exclude(kind=ObjectKind.BUNDLE)}
    assert {o["key"]: o["sealed_sha256"] for o in said["objects"]} == filed


def test_nothing_outside_the_seals_names_anybody(house: House) -> None:
    """Not the keys, not the side files, not a row: no subject line, no file name, no evidence, no document."""
    house.filer().file(filing(), NOW)
    outside = [path.as_posix().encode() + path.read_bytes() for path in house.folder.rglob("*@*") if path.is_file()]
    for model in (VaultRecord, VaultObject, VaultSubject, AuditEvent, SealingKey):
        outside += [str(values).encode() for values in model.objects.values_list()]
    assert len(outside) > 8
    for text in (b"Ann", b"seizure", b"levetiracetam", b"epilepsy", b"plan.pdf", b"See attached"):
        assert not [o for o in outside if text in o], text


def test_a_plain_mail_is_one_object_for_the_service(house: House) -> None:
    """Ordinary mail is filed too, in one file that only the service's own key opens."""
    mail = plain()
    receipt = house.filer().file(mail, NOW)
    row = VaultObject.objects.get()
    assert receipt.objects == (row.key,)
    assert row.key.startswith("v1/service/2026/11/")
    assert manifest.unpack(opened(house, row, house.service.identity))["mail.eml"] == mail.message.raw
    assert SealingKey.objects.count() == 2  # Ann's and Ben's from before: filing makes none


@pytest.mark.parametrize("size", [0, 1, 511, 512, 123_456])
def test_a_bundle_is_what_tarfile_would_write(size: int) -> None:
    """Octet by octet, so that any tar reads it."""
    content, whole = b"x" * size, io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in ("manifest.json", "mail.eml"):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = size, int(NOW.timestamp()), 0o600
            archive.addfile(entry, io.BytesIO(content))
    assert manifest.pack(content, NOW, content) == whole.getvalue()


@pytest.mark.parametrize("change", ["attachment", "category", "large", "person"])
def test_only_plain_mail_is_bundled(house: House, change: str) -> None:
    """Whatever is more than small text about nobody is filed part by part."""
    mail = plain()
    body = mail.parts[0]
    changed = {
        "attachment": replace(mail, parts=(replace(body, part=replace(body.part, place=Place.ATTACHMENT)),)),
        "category": replace(mail, categories=frozenset({Category.LEGAL})),
        "large": plain(b"Subject: x\r\n\r\n" + b"y" * 300_000),
        "person": replace(mail, people=frozenset({ANN})),
    }[change]
    house.filer().file(changed, NOW)
    assert {row.kind for row in VaultObject.objects.all()} == {"bundle", "mail", "part"}


def test_a_part_is_sealed_to_those_whom_it_concerns(house: House) -> None:
    """Two people in one mail: each part to its own, the whole mail to both, a bundle for each."""
    mail = filing(
        FiledPart(part(b"about Ann"), frozenset({ANN}), frozenset({Category.MEDICAL})),
        FiledPart(part(b"about Ben", "3"), frozenset({BEN}), frozenset({Category.LEGAL})),
        FiledPart(part(b"covering note", "1"), frozenset(), frozenset()),
        people=(ANN, BEN),
    )
    house.filer().file(mail, NOW)
    ann, ben = secret_of(house, ANN), secret_of(house, BEN)
    of_ann, of_ben, note = VaultObject.objects.filter(kind=ObjectKind.PART).order_by("number")
    assert opened(house, of_ann, ann) == b"about Ann"
    with pytest.raises(pyrage.DecryptError):
        opened(house, of_ann, ben, house.service.identity)
    with pytest.raises(pyrage.DecryptError):
        opened(house, of_ben, ann)
    whole = VaultObject.objects.get(kind=ObjectKind.MAIL)
    for identity in (ann, ben):
        assert opened(house, note, identity) == b"covering note"
        assert opened(house, whole, identity) == mail.message.raw
    bundles = {row.key.split("/")[1]: row for row in VaultObject.objects.filter(kind=ObjectKind.BUNDLE)}
    assert bundles.keys() == {ANN, BEN}
    with pytest.raises(pyrage.DecryptError):
        opened(house, bundles[ANN], ben)
    assert whole.key.split("/")[1] == "several"


def test_confidential_about_nobody_known_is_sealed_to_the_service(house: House) -> None:
    house.filer().file(filing(people=()), NOW)
    for row in VaultObject.objects.all():
        assert row.key.startswith("v1/service/")
        assert opened(house, row, house.service.identity)


def test_a_person_without_a_key_is_sealed_to_the_service_in_their_place(house: House) -> None:
    """The relay makes no key, and leaves nobody's copy out: Ann's key opens it, and so does the service's."""
    mail = filing(FiledPart(part(), frozenset({ANN, "p-new"}), frozenset({Category.MEDICAL})), people=(ANN, "p-new"))
    house.filer().file(mail, NOW)
    assert SealingKey.objects.count() == 2
    row = VaultObject.objects.get(kind="part")
    for identity in (house.service.identity, secret_of(house, ANN)):
        assert opened(house, row, identity) == mail.parts[0].part.content


def test_rows_tell_what_when_and_how_long(house: House) -> None:
    """Retention goes by the longest class; the lock is short at first."""
    receipt = house.filer().file(filing(categories=(Category.MEDICAL, Category.FINANCIAL)), NOW)
    record = VaultRecord.objects.get(id=receipt.record)
    assert record.classes == ["financial", "medical"]
    assert record.retain_until == NOW.replace(year=2046, day=24, hour=0)
    assert [s.person for s in record.subjects.all()] == [ANN]
    for row in record.objects_filed.all():
        stat = house.store.stat(row.key, row.version)
        assert stat.locked_until == row.locked_until == NOW + LOCK
        assert stat.metadata["record"] == record.id
        tags = house.store.tags(row.key, row.version)
        assert (tags["subject"], tags["decision"], tags["retain-until"]) == (ANN, "ENCRYPT", "2046-11-24")
    assert AuditEvent.objects.get().action == "filed"


def test_a_name_inside_a_container_is_not_in_the_row(house: House) -> None:
    """``2/minutes about Ann.docx`` becomes ``2``."""
    house.filer().file(filing(FiledPart(part(path="2/Ann.docx"), frozenset({ANN}), frozenset())), NOW)
    assert VaultObject.objects.get(kind=ObjectKind.PART).part == "2"


def test_filing_again_changes_nothing_but_the_decisions(house: House) -> None:
    """A retry gets the same receipt, and no second copy is written."""
    first = house.filer().file(filing(), NOW)
    before = list(house.store.list("v1/"))
    again = house.filer().file(filing(decisions=(decision(Action.HOLD),)), NOW)
    assert again == first
    assert list(house.store.list("v1/")) == before
    assert VaultRecord.objects.get().decisions[0]["action"] == "HOLD"


def test_the_search_finds_a_mail_by_a_recipient_of_its_second_transaction(house: House) -> None:
    """A sender's server may give each recipient the mail by itself; it is filed once."""
    filer = Filer(house.store, PublicHalves(house.service.public), SCHEDULE, lock=LOCK, keyed=KEYED)
    second = Address.of("dr@surgery.example")
    filer.file(filing(people=(), decisions=(decision(),)), NOW)
    filer.file(filing(people=(), decisions=(decision(recipient=second),)), NOW)
    keys = search_row(bytes(SearchEntry.objects.get().body)).keys
    assert KEYED.of("to", second.key).hex() in keys


def test_understood_anew_is_filed_anew(house: House) -> None:
    """The person was registered meanwhile: what was sealed to the service is now sealed to the person, too."""
    first = house.filer().file(filing(people=()), NOW)
    second = house.filer().file(filing(), NOW)
    assert first.record != second.record
    assert VaultRecord.objects.count() == 2


def test_another_sender_is_another_record(house: House) -> None:
    mail = filing()
    other = replace(
        mail, envelope=replace(mail.envelope, sender=replace(mail.envelope.sender, key="b@council.example"))
    )
    assert house.filer().file(mail, NOW).record != house.filer().file(other, NOW).record


def test_an_earlier_filing_whose_object_is_gone_is_not_trusted(house: House) -> None:
    house.filer().file(filing(), NOW)
    row = VaultObject.objects.first()
    assert row
    (house.folder / "objects" / f"{row.key}@{row.version}").unlink()
    with pytest.raises(VaultUnavailable):
        house.filer().file(filing(), NOW)


class Faulty(LocalStore):
    """A folder that breaks in one way, from the ``after``-th use of it on."""

    fault = ""
    after = 0

    def _now(self, fault: str) -> bool:
        if fault != self.fault:
            return False
        self.after -= 1
        return self.after < 0

    def put(self, key: str, data: bytes, **more: Any) -> Stored:
        if self._now("full"):
            raise VaultUnavailable("disk full")
        if self._now("flips a bit"):
            data = data[:-1] + bytes([data[-1] ^ 1])
        if self._now("drops the lock"):
            more["locked_until"] = None
        return super().put(key, data, **more)

    def get(self, key: str, version: str = "") -> Iterator[bytes]:
        if self._now("loses it"):
            raise NoSuchObject("gone")
        if self._now("reads short"):
            return iter([b""])
        return super().get(key, version)

    def stat(self, key: str, version: str = "") -> Stat:
        if self._now("no answer"):
            raise VaultUnavailable("time-out")
        return super().stat(key, version)


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("fault", ["full", "flips a bit", "drops the lock", "loses it", "reads short", "no answer"])
def test_a_store_that_fails_leaves_no_record_and_a_retry_succeeds(house: House, fault: str, after: int) -> None:
    """Fail closed at each object; what was stored before is an orphan, sealed and locked, and no row names it."""
    good = house.store
    faulty = Faulty(house.folder / "objects", house.clock)
    faulty.fault, faulty.after = fault, after
    house.store = faulty
    with pytest.raises(VaultUnavailable):
        house.filer().file(filing(), NOW)
    assert not VaultRecord.objects.exists()
    assert not AuditEvent.objects.exists()
    house.store = good
    receipt = house.filer().file(filing(), NOW)
    assert {o.key for o in VaultObject.objects.all()} == set(receipt.objects)


def test_rows_that_cannot_be_written_are_no_receipt(house: House) -> None:
    """The objects are there, the database is not: try again."""
    filer = house.filer()
    filer.file(filing(), NOW)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE vault_vaultsubject RENAME TO away")
    try:
        with pytest.raises(VaultUnavailable):
            filer.file(filing(raw=b"Subject: two\r\n\r\nx\r\n"), NOW)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO vault_vaultsubject")
    assert VaultRecord.objects.count() == 1


@pytest.mark.parametrize("ref", ["../other", "service", "several", "a/b", "", "p ann", "p@1"])
def test_a_reference_that_could_mix_up_folders_is_refused(house: House, ref: str) -> None:
    with pytest.raises(VaultUnavailable):
        house.filer().file(filing(people=(ref,)), NOW)
    assert not VaultRecord.objects.exists()


def test_two_at_once_make_one_record(house: House) -> None:
    """The journal should prevent it; the constraint does."""
    barrier, ends = threading.Barrier(3), []

    def work() -> None:
        barrier.wait()
        try:
            ends.append(house.filer().file(filing(), NOW).record)
        except VaultUnavailable:
            ends.append("")
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 3
    assert {e for e in ends if e} == {VaultRecord.objects.get().id}


def test_a_store_that_takes_too_long_over_a_mail_is_given_up(house: House) -> None:
    """Each answer comes, but the mail has many parts: 451 in time, no row, and the next try is served."""

    class Slow(LocalStore):
        def stat(self, key: str, version: str = "") -> Stat:
            time.sleep(0.05)
            return super().stat(key, version)

    mail, keys = filing(), PublicHalves(house.service.public)
    house.filer()
    slow = Filer(Slow(house.folder / "objects", house.clock), keys, SCHEDULE, lock=LOCK, patience_seconds=0.08)
    with pytest.raises(VaultUnavailable, match="too slow"):
        slow.file(mail, NOW)
    assert not VaultRecord.objects.exists()
    assert house.filer().file(mail, NOW).record == VaultRecord.objects.get().id
