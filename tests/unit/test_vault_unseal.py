"""The opener that exports and highlights use: bundle and files of a record, checked, and nothing of another's."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest

from domain.errors import SealBroken
from domain.model import Category
from domain.ports import FiledPart
from tests.build import ANN, BEN, SECRET
from tests.fakes import NOW
from tests.support.vaults import LOCK, NAME, SCHEDULE, House, filing, part, plain
from vault.filing import Filer
from vault.identities import identities_in, read_identities
from vault.models import AuditEvent, SealingKey, VaultObject, VaultRecord
from vault.sealing import PublicHalves, SealingKeys, seal
from vault.unseal import CannotOpen, Opener

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def opener(house: House) -> Opener:
    return Opener(house.store, read_identities(house.escrow.file))


def test_bundle_and_files_are_what_was_filed(house: House) -> None:
    """The manifest names each file, and each comes out under a safe name, byte for byte."""
    mail = filing()
    record = VaultRecord.objects.get(pk=house.filer().file(mail, NOW).record)
    bundle = opener(house).bundle(record)
    assert bundle.manifest["digest"] == mail.digest
    assert set(bundle.files) == {"manifest.json"}
    files = {o.name: o.content for o in opener(house).files(record, bundle)}
    assert files == {"mail.eml": mail.message.raw, f"02-{NAME}": SECRET}


def test_plain_mail_lies_in_its_bundle(house: House) -> None:
    """It is about nobody, so the service's key opens it; the masters do not."""
    mail = plain()
    record = VaultRecord.objects.get(pk=house.filer().file(mail, NOW).record)
    assert Opener(house.store, [house.service.identity]).bundle(record).files["mail.eml"] == mail.message.raw
    with pytest.raises(CannotOpen):
        opener(house).bundle(record)


def test_a_file_that_no_key_opens_is_named_without_content(house: House) -> None:
    """What is also about somebody whose key lives stays readable; the destroyed person's own part is not."""
    parts = (
        FiledPart(part(b"about Ann", "2", "Ann.pdf"), frozenset({ANN}), frozenset({Category.MEDICAL})),
        FiledPart(part(b"about Ben", "3", "Ben.pdf"), frozenset({BEN}), frozenset({Category.LEGAL})),
    )
    record = VaultRecord.objects.get(pk=house.filer().file(filing(*parts, people=(ANN, BEN)), NOW).record)
    SealingKey.objects.filter(person=ANN).update(destroyed_at=NOW, sealed_secret=b"")
    opened = opener(house)
    found = {o.name: o.content for o in opened.files(record, opened.bundle(record))}
    assert found["02-Ann.pdf"] is None
    assert found["03-Ben.pdf"] == b"about Ben"


def test_what_opens_to_something_else_is_refused(house: House) -> None:
    """Somebody who has the person's public half sealed another text and changed the row to fit: the manifest tells."""
    record = VaultRecord.objects.get(pk=house.filer().file(filing(), NOW).record)
    row = VaultObject.objects.get(record=record, kind="part")
    forged = seal(b"another text", [SealingKey.objects.get(person=ANN).public])
    stored = house.store.put(row.key, forged.content, tags={}, metadata={}, locked_until=None)
    VaultObject.objects.filter(pk=row.pk).update(version=stored.version, sealed_sha256=forged.sha256)
    opened = opener(house)
    with pytest.raises(SealBroken):
        list(opened.files(record, opened.bundle(record)))


def test_what_was_filed_before_a_person_had_a_key_opens_with_the_services_key_later_too(house: House) -> None:
    """They have one by now, which the service's key does not open; that is no reason to give up."""
    filer = Filer(house.store, PublicHalves(house.service.public), SCHEDULE, lock=LOCK)
    mail = filing()
    record = VaultRecord.objects.get(pk=filer.file(mail, NOW).record)
    SealingKeys(house.masters, house.escrow_store).public_halves([ANN], NOW)
    assert Opener(house.store, [house.service.identity]).bundle(record).manifest["digest"] == mail.digest
    with pytest.raises(CannotOpen):
        opener(house).bundle(record)


def test_a_renewed_key_is_used_from_then_on_and_both_open(house: House) -> None:
    """After a compromise: what is filed from now on is sealed to a new pair."""
    filer = house.filer()
    before = VaultRecord.objects.get(pk=filer.file(filing(), NOW).record)
    keys = SealingKeys(house.masters, house.escrow_store)
    assert keys.renew(ANN, NOW, actor="cli:clerk", why="a laptop was lost") == 2
    event = AuditEvent.objects.get(action="key renewed")
    assert (event.actor, event.why) == ("cli:clerk", "a laptop was lost")
    assert event.details == {"person": ANN, "generation": 2}
    after = VaultRecord.objects.get(pk=filer.file(filing(raw=b"Subject: b\r\n\r\nb\r\n"), NOW).record)
    for record in (before, after):
        assert opener(house).bundle(record).manifest["record"] == record.pk
    newest = SealingKey.objects.get(person=ANN, generation=2)
    (row,) = VaultObject.objects.filter(record=after, kind="bundle")
    sealed = b"".join(house.store.get(row.key, row.version))
    (secret,) = identities_in(pyrage.decrypt(bytes(newest.sealed_secret), [house.escrow.identity]))
    assert pyrage.decrypt(sealed, [secret])
