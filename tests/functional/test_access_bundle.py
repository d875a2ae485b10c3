"""The sealed answer: real seals, real readers, real tools on the other side."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pyrage
import pytest
from PIL import Image

from classifiers.sandbox import Sandbox
from domain.access_request import Wanted
from domain.model import Part, Place
from gateway.clock import SystemClock
from gateway.protect.generate import make_openpgp_key
from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.functional.test_redaction import letter
from tests.support.access import ACTING, CARER, SERVICE, Desk, by_title, desk, filed, keys, mail, opened, readers, shell
from tests.support.vaults import House
from vault.export import cases, custody
from vault.export.cases import CaseError
from vault.export.finishing import preview
from vault.export.outgoing import ToAgeKeys, ToOpenPGP, ToPassphrase
from vault.export.review import judged
from vault.models import AccessDecision, AuditEvent, HandedOver, SealingKey

__all__ = ["desk", "keys", "readers"]
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def answered(desk: Desk, tmp_path: Path) -> tuple[Desk, Path]:
    """Everything redacted, one document withheld, one not hers; opened with the receiver's key."""
    ids = by_title(desk.collect())
    choices = {
        ids["Again"]: "withhold:HARM-SOCIAL",
        ids["Rota"]: "release",
        ids["notes.txt"]: "withhold-unlisted:OTHERS",
    }
    desk.decide(**choices)
    (place := tmp_path / "receiver").mkdir()
    receiver = House(place).escrow
    sealed = desk.finish(ToAgeKeys([receiver.public]), tmp_path / "answer.tar.age")
    return desk, opened(sealed.path, receiver.file, tmp_path / "opened")


def test_the_receiver_checks_everything_with_standard_tools(answered: tuple[Desk, Path], tmp_path: Path) -> None:
    """Every command of VERIFY.txt, as it stands there, and bagit.py."""
    _, bag = answered
    shell(f"{Path(sys.executable).parent / 'bagit.py'} --quiet --validate .", bag)
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    said = (bag / "VERIFY.txt").read_text()
    commands = re.findall(r"^     ((?:sha512sum|gpg|openssl)(?:.*\\\n)*.*)$", said, re.MULTILINE)
    assert len(commands) == 5
    printed = [shell(c, bag, GNUPGHOME=str(home)) for c in commands]
    assert "Good signature" in printed[3]
    fingerprint = re.search(r"OpenPGP: ([0-9A-F]{40})", said)
    assert fingerprint
    assert fingerprint[1] in shell("gpg --list-keys --with-colons", bag, GNUPGHOME=str(home))
    info = (bag / "bag-info.txt").read_text()
    assert "Contact-Phone: 01632 960100" in info
    assert "External-Identifier: SAR-" in info


@pytest.mark.parametrize("where", ["data/index.html", "custody.json", "manifest-sha512.txt"])
def test_a_changed_byte_is_found(answered: tuple[Desk, Path], where: str) -> None:
    _, bag = answered
    changed = bag / where
    changed.write_bytes(changed.read_bytes() + b" ")
    checks = "sha512sum --check --quiet manifest-sha512.txt && sha512sum --check --quiet tagmanifest-sha512.txt"
    assert subprocess.run(["bash", "-c", checks], cwd=bag, capture_output=True, check=False).returncode != 0


def test_no_byte_of_what_was_taken_out_is_in_the_bundle(answered: tuple[Desk, Path], readers: Sandbox) -> None:
    """In no file, by any reader; and of what is kept back only what the person is told."""
    _, bag = answered
    files = [p for p in bag.rglob("*") if p.is_file()]
    assert len(files) > 12
    for file in files:
        said = readers.analyse("", [Part("1", Place.ATTACHMENT, "", file.name, file.read_bytes())])
        text = "\n".join(t.text for t in said.texts)
        assert "Penhaligon" not in text
        assert b"Penhaligon" not in file.read_bytes()
        assert "notes" not in file.name
    page = (bag / "data" / "index.html").read_text()
    assert "Sharing it could seriously harm you or somebody else." in page
    assert "As I said" not in page
    assert "Again" not in page
    assert "notes.txt" not in page


def test_the_page_needs_nothing_of_ours_and_nothing_from_elsewhere(answered: tuple[Desk, Path]) -> None:
    """No script, no address of a server, every link a file of the bundle, a language, a title, a heading."""
    _, bag = answered
    page = (bag / "data" / "index.html").read_text()
    assert not re.search(r"<script|<iframe|<img|src=|https?://|@import|url\(", page)
    links = re.findall(r'href="([^"]+)"', page)
    assert len(links) == 3
    assert all((bag / "data" / unquote(link)).is_file() for link in links)
    assert 'lang="en-GB"' in page
    assert "<h1>The information we keep about you</h1>" in page
    assert "You asked us for it on 2 November 2026." in page
    assert "0303 123 1113" in page


def test_rows_and_trail_say_what_was_done(answered: tuple[Desk, Path]) -> None:
    """Decisions with grounds and reviewer, what was handed over, a finished case; and the trail names nobody."""
    desk, bag = answered
    decisions = {d.choice: d for d in AccessDecision.objects.all()}
    assert set(decisions) == {"redact", "withhold", "withhold-unlisted", "release"}
    assert decisions["withhold"].exemptions == ["HARM-SOCIAL"]
    assert decisions["redact"].passages > 0
    over = HandedOver.objects.get()
    assert (over.kind, over.authority, over.reference) == ("access", "UK GDPR Art. 15", desk.case.code)
    assert cases.find(desk.case.code).finished_on == ACTING.today
    events = custody.events_of(desk.case.code, "access")
    assert [e.action for e in events][-2:] == ["access-packed", "access-finished"]
    assert not [e for e in events if "Penhaligon" in f"{e.details}{e.why}" or "Rowan" in f"{e.details}"]
    log = json.loads((bag / "custody.json").read_text())
    assert log[0]["what"] == "opened the case"
    assert log[-1]["what"] == "packed the bundle"


def test_nothing_in_the_bundle_says_that_something_is_not_mentioned(answered: tuple[Desk, Path]) -> None:
    """No gap in the numbers, no count, no event of a document that was kept back without a word."""
    _, bag = answered
    assert AccessDecision.objects.filter(choice="withhold-unlisted").count() == 1
    numbers = [int(re.findall(r"\((\d+)\)", p.name)[-1]) for p in (bag / "data" / "documents").iterdir()]
    assert len(numbers) == 3
    assert set(numbers) < {1, 2, 3, 4}  # the fourth is withheld, and listed
    said = [p for p in bag.rglob("*") if p.suffix in {".txt", ".json", ".html"}]
    assert len(said) > 7
    assert not [p for p in said if re.search(rb"unlisted|D00\d", p.read_bytes())]
    log = json.loads((bag / "custody.json").read_text())
    assert {(step["times"], tuple(step["events"])) for step in log} == {(1, ())}


def test_a_preview_shows_what_would_leave_and_hands_nothing_over(desk: Desk) -> None:
    """The same documents as the answer, and what is left of names; no row, no event; it is wiped with the folder."""
    halves = ("Marjorie Penhaligon came.", "Marjorie: x", "Mrs. X, Penhaligon")
    pdf, text = letter(halves), b"Marjorie Penhaligon; the Penhaligon farm\n"
    files = ("halves.pdf", "application/pdf", pdf), ("halves.txt", "text/plain", text)
    desk.house.filer().file(filed(mail("Halves", "Rowan", 30, *files), ANN), NOW)
    ids = by_title(desk.collect())
    desk.decide(**{ids["Again"]: "withhold:CRIME", ids["Rota"]: "release", ids["Halves"]: "release"})
    rows = desk.table("passages.csv")
    halved = [r for r in rows if r["document"] in {ids["halves.pdf"], ids["halves.txt"]} and r["text"] != CARER]
    desk.fill("passages.csv", [r | {"take out": "no"} if r in halved else r for r in rows])
    before = AuditEvent.objects.count()
    page, released = preview(desk.case, desk.folder, SERVICE, desk.readers, ACTING.today)
    assert len(list(page.parent.glob("documents/*.pdf"))) == 7
    left = {r.entry.title: dict(r.left) for r in released if r.left}
    assert left == {"halves.pdf": {"Marjorie": 1, "Penhaligon": 1}, "halves.txt": {"Penhaligon": 1}}
    assert "We give you 7 documents. We keep 1 document back" in page.read_text()
    assert AuditEvent.objects.count() == before
    assert HandedOver.objects.count() == 0
    desk.folder.wipe()
    assert not page.exists()


def test_a_text_that_is_nowhere_stops_the_release(desk: Desk) -> None:
    """It was misspelt, or stands in a picture: somebody must look."""
    found = desk.collect()
    ids = by_title(found)
    desk.decide(**{ids["Again"]: "release", ids["Rota"]: "release"})
    rows = desk.table("passages.csv")
    own = dict.fromkeys(rows[0], "") | {
        "document": by_title(found)["plan.pdf"],
        "text": "Marjory Penhalligon",
        "take out": "yes",
        "exemption": "OTHERS",
    }
    desk.fill("passages.csv", [*rows, own])
    with pytest.raises(CaseError) as caught:
        desk.finish(ToPassphrase("x"), desk.folder.path.parent / "out.age")
    assert "'Marjory Penhalligon' is nowhere" in caught.value.public
    assert cases.find(desk.case.code).finished_on is None
    assert HandedOver.objects.count() == 0


def test_nothing_is_out_that_no_row_says(desk: Desk, tmp_path: Path) -> None:
    """Somebody else finishes the case while it is sealed: the sealed file goes again."""
    ids = by_title(desk.collect())
    desk.decide(**dict.fromkeys(ids.values(), "withhold:CRIME"))

    class Overtaken(ToPassphrase):
        def seal(self, clear, out) -> None:
            super().seal(clear, out)
            cases.finish(desk.case, ACTING.today, "withdrawn", ACTING)

    with pytest.raises(CaseError) as caught:
        desk.finish(Overtaken("x"), tmp_path / "out.tar.age")
    assert "was finished" in caught.value.public
    assert not list(tmp_path.glob("out*"))
    assert HandedOver.objects.count() == 0
    assert cases.find(desk.case.code).outcome == "withdrawn"


def test_nothing_is_handed_over_to_who_is_not_known(desk: Desk, tmp_path: Path) -> None:
    """While we wait to know who asks there is no bundle; once they have shown it, there is."""
    desk.collect()
    desk.decide()
    cases.ask(desk.case, Wanted.IDENTIFICATION, ACTING.today, ACTING)
    with pytest.raises(CaseError) as caught:
        desk.finish(ToPassphrase("x"), tmp_path / "out.tar.age")
    assert f"sallyport sar answer {desk.case.code} --what identification" in caught.value.public
    assert not list(tmp_path.glob("out*"))
    assert HandedOver.objects.count() == 0
    cases.answer(desk.case, ACTING.today, ACTING)
    desk.finish(ToPassphrase("x"), tmp_path / "out.tar.age")
    assert HandedOver.objects.count() == 1


def test_an_answer_is_not_written_over_anything(desk: Desk, tmp_path: Path) -> None:
    """Said before anything is decided or packed."""
    desk.collect()
    (tmp_path / "out.tar.age").write_bytes(b"kept")
    with pytest.raises(CaseError) as caught:
        desk.finish(ToPassphrase("x"), tmp_path / "out.tar.age")
    assert "there already" in caught.value.public
    assert (tmp_path / "out.tar.age").read_bytes() == b"kept"


def test_a_document_that_cannot_be_read_cannot_be_redacted(desk: Desk) -> None:
    scan = ("scan.png", "image/png", _png())
    desk.house.filer().file(filed(mail("A scan", "of Rowan Applegarth", 20, scan), ANN), NOW)
    found = desk.collect()
    desk.decide()
    (verdict,) = [v for v in judged(desk.folder, found) if v.document.title == "scan.png"]
    assert any("could not be read" in m for m in verdict.missing)


def _png() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((600, 800), 80).save(out, "PNG")
    return out.getvalue()


def test_sealed_by_openpgp_and_by_passphrase(desk: Desk, tmp_path: Path) -> None:
    """Gpg opens the one, age the other; what is in it is the same bag."""
    ids = by_title(desk.collect())
    desk.decide(**dict.fromkeys(ids.values(), "withhold:CRIME"))
    made = SystemClock().now() - timedelta(minutes=1)
    secret, public = make_openpgp_key("A Person", "person@post.example", made, timedelta(days=9))
    (tmp_path / "secret.asc").write_bytes(secret)
    sealed = desk.finish(ToOpenPGP(public), tmp_path / "answer.tar.pgp")
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    shell("gpg --batch --quiet --import secret.asc", tmp_path, GNUPGHOME=str(home))
    shell("mkdir out; gpg --batch --quiet --decrypt answer.tar.pgp | tar -x -C out", tmp_path, GNUPGHOME=str(home))
    assert (tmp_path / "out" / desk.case.code / "data" / "index.html").is_file()
    assert sealed.size == (tmp_path / "answer.tar.pgp").stat().st_size


def test_a_key_that_is_gone_is_told_to_the_person(desk: Desk, tmp_path: Path) -> None:
    """Crypto-shredded: how many records, and no more."""
    SealingKey.objects.filter(person=BEN).update(destroyed_at=NOW, sealed_secret=b"")
    SealingKey.objects.filter(person=ANN).update(destroyed_at=NOW, sealed_secret=b"")
    ids = by_title(desk.collect())
    desk.decide("no", **dict.fromkeys(ids.values(), "release"))
    sealed = desk.finish(ToPassphrase("a passphrase"), tmp_path / "answer.age", closed_is_known=True)
    tar = pyrage.passphrase.decrypt(sealed.path.read_bytes(), "a passphrase")
    assert b"3 of our records may be about you, but can no longer be opened by anybody" in tar
