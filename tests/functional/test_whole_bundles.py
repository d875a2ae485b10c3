"""Bundles of whole records, for an incident and for an inspector: purpose, trail, proofs of inclusion, seals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest

from classifiers.sandbox import Sandbox
from domain.incident import Nature
from gateway.parse import parse
from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.support.access import SERVICE, filed, keys, mail, opened, readers, shell
from tests.support.vaults import House
from vault.acting import Acting
from vault.export.cases import CaseError
from vault.export.collecting import Tools
from vault.export.inclusion import prover
from vault.export.outgoing import NotSealed, ToAgeKeys
from vault.export.signing import SigningKeys
from vault.export.whole_page import Order
from vault.export.wholes import Packing, export, records_of, records_of_incident
from vault.identities import read_identities
from vault.incidents import casebook
from vault.merkle.note import Kind, Signer
from vault.merkle.proof import Proof
from vault.merkle.publishing import Publisher
from vault.merkle.sequencing import integrate
from vault.models import AuditEvent, BundleKind, HandedOver, SealingKey
from vault.unseal import Opener

__all__ = ["keys", "readers"]
pytestmark = pytest.mark.usefixtures("database")
ACTING = Acting("cli:lead", datetime(2026, 11, 23, 10, tzinfo=UTC), "mail to the wrong carer")
ORIGIN = "council.example/audit"


@dataclass
class Archive:
    """A vault with two records about Ann (one with Ben), one about Ben alone."""

    house: House
    keys: SigningKeys
    readers: Sandbox
    signer: Signer

    def packing(self) -> Packing:
        tools = Tools(Opener(self.house.store, read_identities(self.house.escrow.file)), self.readers, parse)
        work = self.house.folder / "work"
        work.mkdir(exist_ok=True)
        return Packing(SERVICE, self.keys, tools, work, prover([str(self.signer.verifier)]))

    def export(self, order: Order, receiver=None) -> Path:
        to = receiver or ToAgeKeys([self.house.service.public])
        return export(order, self.packing(), to, self.house.folder / "out.tar.age", ACTING).path


@pytest.fixture
def archive(tmp_path: Path, keys: SigningKeys, readers: Sandbox) -> Archive:
    house = House(tmp_path)
    filer = house.filer()
    filer.file(
        filed(mail("Plan", "Ann's <script>alert(1)</script> plan", 1, ("a.txt", "text/plain", b"seizures")), ANN), NOW
    )
    filer.file(filed(mail("Both", "Ann and Ben", 2), ANN, BEN), NOW)
    filer.file(filed(mail("Ben", "Ben alone", 3), BEN), NOW)
    return Archive(house, keys, readers, Signer.new(ORIGIN, Kind.LOG))


def order(kind: BundleKind = BundleKind.INCIDENT, **changes: object) -> Order:
    values = {
        "reference": "INC-12", "purpose": "mail to the wrong carer", "authority": "UK GDPR Art. 33",
        "records": records_of(ANN), "title": "Incident INC-12",
    } | changes  # fmt: skip
    return Order(kind, **values)  # type: ignore[arg-type]


def test_an_incident_has_its_records_decisions_timeline_and_what_the_regulator_asks(archive: Archive) -> None:
    """The mail byte for byte, and a page that can be read without us and runs nothing."""
    bag = opened(archive.export(order()), archive.house.service.file, archive.house.folder / "opened")
    folders = sorted((bag / "data" / "records").iterdir())
    assert tuple(f.name for f in folders) == records_of(ANN)
    (first,) = [f for f in folders if b"Subject: Plan" in (f / "mail.eml").read_bytes()]
    assert {p.name for p in first.iterdir()} == {"mail.eml", "mail.pdf", "manifest.json", "02-part.txt", "03-a.txt"}
    with pypdfium2.PdfDocument(first / "mail.pdf") as readable:
        assert "Subject: Plan" in readable[0].get_textpage().get_text_range()
    page = (bag / "data" / "index.html").read_text()
    for said in (
        "mail to the wrong carer",
        "UK GDPR Art. 33",
        "approved-carer",
        "export-opened",
        "Likely consequences",
    ):
        assert said in page
    assert "<script" not in page
    assert "Ben alone" not in page
    shell("sha512sum --check --quiet manifest-sha512.txt tagmanifest-sha512.txt", bag)


def test_what_was_written_about_the_incident_is_in_its_bundle(archive: Archive) -> None:
    """The Commissioner's fields are the incident's own, and its records are those that belong to it."""
    case = casebook.open_incident(Nature.WRONG_RECIPIENT, NOW, records_of(ANN)[:1], ACTING, "a plan went astray")
    casebook.write(case, {"people_number": 1, "people_kinds": "adults supported", "measures": "deleted again"}, ACTING)
    assert records_of_incident(case.reference) == records_of(ANN)[:1]
    made = order(reference=case.reference, records=records_of_incident(case.reference))
    bag = opened(archive.export(made), archive.house.service.file, archive.house.folder / "opened")
    page = (bag / "data" / "index.html").read_text()
    for said in (
        "a plan went astray",
        "1 adults supported",
        "deleted again",
        "to be written by the Data Protection Team",
    ):
        assert said in page


def test_each_event_is_proven_to_be_in_the_signed_log(archive: Archive) -> None:
    """As far as a checkpoint covers it; what is newer is named. The proof is of this very event."""
    export(
        order(), archive.packing(), ToAgeKeys([archive.house.service.public]), archive.house.folder / "1.age", ACTING
    )
    integrate(NOW)
    publisher = Publisher(archive.house.store, archive.signer, ORIGIN, timedelta(days=1), timedelta(0))
    assert publisher.publish(NOW) is not None
    bag = opened(archive.export(order()), archive.house.service.file, archive.house.folder / "opened")
    proofs = sorted((bag / "proofs").glob("*.tlog-proof"))
    assert len(proofs) == 4
    for file in proofs:
        proof = Proof.of(file.read_text())
        proof.check([archive.signer.verifier])
        event = AuditEvent.objects.get(sequence=int(re.findall(r"\d+", file.name)[0]))
        assert proof.event()["action"] == event.action
        assert proof.event()["details"]["case"] == "INC-12"
    said = (bag / "proofs" / "README.txt").read_text()
    assert str(archive.signer.verifier) in said
    assert "Too new for a checkpoint when this was packed: " in said


def test_purpose_and_authority_are_on_the_trail_before_anything_is_opened(archive: Archive) -> None:
    """Also where opening then fails; and what was handed over is a row."""
    archive.export(order(BundleKind.INSPECTOR, reference="CQC-5", authority="Health and Social Care Act 2008 s.63"))
    looks = AuditEvent.objects.filter(action="export-opened")
    assert {e.record for e in looks} == set(records_of(ANN))
    assert {(e.details["authority"], e.why) for e in looks} == {
        ("Health and Social Care Act 2008 s.63", "mail to the wrong carer")
    }
    over = HandedOver.objects.get()
    assert (over.kind, over.reference, set(over.records)) == ("inspector", "CQC-5", set(records_of(ANN)))
    actions = list(
        AuditEvent.objects.filter(details__case="CQC-5").order_by("sequence").values_list("action", flat=True)
    )
    assert actions == ["export-opened", "export-opened", "export-packed", "export-sealed"]


@pytest.mark.parametrize("lacking", ["reference", "purpose", "authority"])
def test_nothing_is_opened_without(archive: Archive, lacking: str) -> None:
    with pytest.raises(CaseError):
        archive.export(order(**{lacking: " "}))
    assert not AuditEvent.objects.filter(action="export-opened").exists()


@pytest.mark.parametrize("records", [(), ("01ZZZ",)])
def test_records_that_are_not_there_are_said_so(archive: Archive, records: tuple[str, ...]) -> None:
    with pytest.raises(CaseError):
        archive.export(order(records=records))


def test_what_stays_closed_is_said(archive: Archive) -> None:
    """A destroyed key: its record is listed, and that nobody opens it."""
    SealingKey.objects.filter(person=ANN).update(destroyed_at=NOW, sealed_secret=b"")
    bag = opened(archive.export(order()), archive.house.service.file, archive.house.folder / "opened")
    assert "What could not be opened" in (bag / "data" / "index.html").read_text()


def test_nothing_is_left_behind_when_sealing_fails(archive: Archive) -> None:
    """No clear folder, no half of a file, no row of something handed over."""

    class Full:
        name, suffix = "a full disk", ".tar.age"

        def seal(self, clear, out) -> None:
            out.write(clear.read(1000))
            raise OSError

    with pytest.raises(NotSealed):
        archive.export(order(), Full())
    assert list((archive.house.folder / "work").iterdir()) == []
    assert not list(archive.house.folder.glob("out*"))
    assert HandedOver.objects.count() == 0


def test_an_existing_file_is_not_written_over(archive: Archive) -> None:
    path = archive.export(order())
    before = path.read_bytes()
    with pytest.raises(CaseError):
        archive.export(order())
    assert path.read_bytes() == before
