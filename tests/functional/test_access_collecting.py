"""Collecting and reviewing: everything about a person, each once; a person decides, and nothing is forgotten."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.support.access import ACTING, CARER, PERSON, Desk, by_title, desk, filed, keys, mail, readers
from vault.export.cases import CaseError
from vault.export.collecting import collect
from vault.export.folder import WorkFolder
from vault.export.outgoing import ToPassphrase
from vault.export.review import judged
from vault.models import AccessDecision, AuditEvent, VaultRecord

__all__ = ["desk", "keys", "readers"]
pytestmark = pytest.mark.usefixtures("database")


def test_everything_about_the_person_once_and_nothing_else(desk: Desk) -> None:
    """Filed under her, and found by her name in what was filed under nobody; each look is on the trail first."""
    found = desk.collect()
    assert sorted(d.title for d in found) == ["Again", "Rota", "Rowan's plan", "notes.txt", "plan.pdf"]
    times = {d.title: len(d.occurrences) for d in found}
    assert times == {"Rowan's plan": 2, "plan.pdf": 3, "Again": 1, "notes.txt": 1, "Rota": 1}
    assert {d.title: d.found_by for d in found if d.found_by} == {"Rota": "name"}
    looks = AuditEvent.objects.filter(action__in=["access-collected", "access-searched"])
    assert looks.filter(action="access-collected").count() == 3
    assert looks.filter(action="access-searched").count() == 2
    assert {e.details["case"] for e in looks} == {desk.case.code}


def test_a_former_name_a_number_and_a_birthday_find_her_too(desk: Desk) -> None:
    """In what nobody is known to be concerned by; somebody of a like name is not her."""
    filer = desk.house.filer()
    words = ["Ro Hill called.", "NHS 999 339 5633", "born 14.3.1986", "Rowan Appleton called.", "born 14 March 1987"]
    for number, text in enumerate(words, 10):
        filer.file(filed(mail(f"Note {number}", text, number)), NOW)
    found = {d.title: d.found_by for d in desk.collect() if d.title.startswith("Note")}
    assert found == {"Note 10": "name", "Note 11": "NHS number", "Note 12": "date of birth"}


def test_a_record_filed_under_others_is_collected_where_somebody_names_it(desk: Desk) -> None:
    """It was not looked into before; one that is not there is said so."""
    desk.collect()
    (bens,) = (
        VaultRecord.objects.filter(subjects__person=BEN).exclude(subjects__person=ANN).values_list("id", flat=True)
    )
    assert not AuditEvent.objects.filter(action="access-collected", record=bens).exists()
    found = collect(desk.folder, PERSON, desk.tools(), ACTING, also=[bens])
    assert "Ben" in {d.title for d in found}
    assert AuditEvent.objects.filter(action="access-collected", record=bens).count() == 1
    with pytest.raises(CaseError) as caught:
        collect(desk.folder, PERSON, desk.tools(), ACTING, also=["01ZZZ"])
    assert "01ZZZ" in caught.value.public


def test_an_interrupted_collection_goes_on(desk: Desk) -> None:
    """A record that is done is not opened again; a line cut by a crash is done again."""

    class Stops(Exception):
        pass

    def stop(done: int, found: int) -> None:
        if done == 3:
            raise Stops

    with pytest.raises(Stops):
        collect(desk.folder, PERSON, desk.tools(), ACTING, stop)
    with (desk.folder.path / "collected.jsonl").open("ab") as log:
        log.write(b'{"record": "cut')
    found = desk.collect()
    assert len(found.documents) == 5
    opened = list(
        AuditEvent.objects.filter(action__startswith="access-").exclude(record="").values_list("record", flat=True)
    )
    assert len(opened) == len(set(opened)) == 5
    again = desk.collect()
    assert {d.id: len(d.occurrences) for d in again} == {d.id: len(d.occurrences) for d in found}


def test_more_keys_open_what_stayed_closed(desk: Desk) -> None:
    """And until then nothing is finished without saying so."""
    found = desk.collect("records_service")
    assert sum(bool(outcome) for outcome in found.done.values()) == 2
    desk.decide(**dict.fromkeys(by_title(found).values(), "release"))
    with pytest.raises(CaseError) as caught:
        desk.finish(ToPassphrase("x"), desk.folder.path.parent / "out.age")
    assert "2 records" in caught.value.public
    assert not any(desk.collect().done.values())


def test_the_folder_is_nobody_elses(desk: Desk) -> None:
    desk.collect()
    modes = {stat.S_IMODE(p.stat().st_mode) for p in desk.folder.path.rglob("*") if p.is_file() and p.name != "case"}
    assert modes == {0o600}
    desk.folder.path.chmod(0o755)
    with pytest.raises(CaseError) as caught:
        WorkFolder.existing(desk.folder.path, desk.case.code)
    assert "chmod 700" in caught.value.public
    with pytest.raises(CaseError):
        WorkFolder.existing(desk.house.folder, desk.case.code)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """In a place that all share, another may have made it first: its owner can open it again at any time."""
    folder = WorkFolder.make(tmp_path / "sar-7", "SAR-7")
    os.chown(folder.path, 65534, 65534)
    with pytest.raises(CaseError) as caught:
        WorkFolder.make(tmp_path / "sar-7", "SAR-7")
    assert "belongs to somebody else" in caught.value.public


def test_wiping_overwrites_before_it_deletes(tmp_path: Path) -> None:
    """A second name of the same file shows what is left on the disk; a link out of the folder is not followed."""
    folder = WorkFolder.make(tmp_path / "w", "SAR-1")
    secret = folder.write(b"secret" * 1000, "documents", "x")
    outside, kept = tmp_path / "outside", tmp_path / "kept"
    outside.write_text("stays")
    (folder.path / "link").symlink_to(outside)
    os.link(secret, kept)
    assert folder.wipe() == 3
    assert not folder.path.exists()
    assert set(kept.read_bytes()) == {0}
    assert outside.read_text() == "stays"


def test_suggestions_are_only_suggestions(desk: Desk) -> None:
    """Others are suggested, never the person; nothing is filled in; nothing finishes until somebody has."""
    found = desk.collect()
    passages = desk.table("passages.csv")
    assert {CARER, "Marjorie", "07700 900142"} <= {p["text"].lstrip("'") for p in passages}
    assert not [p for p in passages if "Rowan" in p["text"] or "Applegarth" in p["text"]]
    assert {p["take out"] for p in passages} == {""}
    assert {d["decision"] for d in desk.table("documents.csv")} == {""}
    assert all(v.missing == ["no decision yet"] for v in judged(desk.folder, found))
    with pytest.raises(CaseError) as caught:
        desk.finish(ToPassphrase("x"), desk.folder.path.parent / "out.age")
    assert "D001: no decision yet" in caught.value.public
    assert not (desk.folder.path.parent / "out.age").exists()
    assert AccessDecision.objects.count() == 0


@pytest.mark.parametrize(
    ("decision", "take_out", "says"),
    [
        ("relase", "yes", "is none of release, redact"),
        ("redact", "", "without yes or no"),
        ("redact", "perhaps", "without yes or no"),
        ("redact", "no", "decide 'release'"),
        ("withhold", "no", "needs an exemption"),
        ("withhold-unlisted", "no", "needs an exemption"),
    ],
)
def test_what_is_not_decided_is_named(desk: Desk, decision: str, take_out: str, says: str) -> None:
    found = desk.collect()
    plan = by_title(found)["plan.pdf"]
    desk.decide(take_out, **{plan: decision})
    (verdict,) = [v for v in judged(desk.folder, found) if v.document.id == plan]
    assert any(says in m for m in verdict.missing)


def test_released_whole_and_taken_out_is_a_contradiction(desk: Desk) -> None:
    found = desk.collect()
    desk.decide()
    desk.fill("documents.csv", [row | {"decision": "release"} for row in desk.table("documents.csv")])
    verdicts = {v.document.title: v.missing for v in judged(desk.folder, found)}
    assert "Take texts out ('redact')" in verdicts["plan.pdf"][0]


def test_an_unknown_code_or_document_is_said_so(desk: Desk) -> None:
    found = desk.collect()
    desk.decide(D001="withhold:NONSENSE")
    assert "NONSENSE" in " ".join(said for verdict in judged(desk.folder, found) for said in verdict.missing)
    desk.fill("documents.csv", [row | {"document": "D999"} for row in desk.table("documents.csv")[:1]] or [])
    with pytest.raises(CaseError) as document:
        judged(desk.folder, found)
    assert "D999" in document.value.public


def test_collecting_again_keeps_what_was_filled_in(desk: Desk) -> None:
    """Also what a spreadsheet made of a telephone number, and lines of the reviewer's own."""
    desk.collect()
    desk.decide(D001="release")
    rows = desk.table("passages.csv")
    for row in rows:
        row["text"] = re.sub(r"^'?0(\d+) (\d+)$", r"\1\2", row["text"])
    own = dict.fromkeys(rows[0], "") | {
        "document": "D002",
        "text": "gets on with",
        "take out": "yes",
        "exemption": "HARM-SOCIAL",
    }
    desk.fill("passages.csv", [*rows, own])
    found = desk.collect()
    assert {p["take out"] for p in desk.table("passages.csv") if p["document"] != "D001"} == {"yes"}
    assert [p for p in desk.table("passages.csv") if p["text"] == "gets on with"]
    taken = {p.text for v in judged(desk.folder, found) for p in v.passages}
    assert {"07700 900142", "gets on with"} <= taken


def test_a_line_for_all_documents_answers_where_nobody_did(desk: Desk) -> None:
    found = desk.collect()
    desk.decide("")
    rows = desk.table("passages.csv")
    blank = dict.fromkeys(rows[0], "")
    texts = dict.fromkeys(r["text"] for r in rows)
    everywhere = [blank | {"document": "*", "text": t, "take out": "yes", "exemption": "OTHERS"} for t in texts]
    desk.fill("passages.csv", [*rows, *everywhere])
    verdicts = {v.document.title: v for v in judged(desk.folder, found)}
    assert {p.text for p in verdicts["plan.pdf"].passages} >= {CARER}
    assert verdicts["plan.pdf"].missing == []
