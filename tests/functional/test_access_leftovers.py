"""What an answer leaves behind or lets through beside its documents: earlier tries, names of files, names too long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.db import transaction

from cli.access.finishing import _wipe
from domain.errors import VaultUnavailable
from tests.build import ANN
from tests.fakes import NOW
from tests.functional.test_redaction import letter
from tests.support.access import ACTING, CARER, SERVICE, Desk, by_title, desk, filed, keys, mail, opened, readers
from tests.support.vaults import House
from vault import audit
from vault.export.finishing import Finishing, finish, preview
from vault.export.folder import WorkFolder
from vault.export.outgoing import ToAgeKeys
from vault.models import AuditEvent

__all__ = ["desk", "keys", "readers"]
pytestmark = pytest.mark.usefixtures("database")


def test_what_was_previewed_and_is_decided_otherwise_is_overwritten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next preview or answer begins with a folder that is empty, and leaves nothing of the last one on the disk."""
    ids = by_title(desk.collect())
    desk.decide(**dict.fromkeys(ids.values(), "release"))
    page, _ = preview(desk.case, desk.folder, SERVICE, desk.readers, ACTING.today)
    shown = {page, *page.parent.glob("documents/*")}
    wiped: set[Path] = set()
    monkeypatch.setattr("vault.export.folder._overwrite", wiped.add)
    desk.decide(**dict.fromkeys(ids.values(), "withhold:CRIME"))
    preview(desk.case, desk.folder, SERVICE, desk.readers, ACTING.today)
    assert len(shown) > len(ids)
    assert wiped == shown
    assert not list(page.parent.glob("documents/*"))


def test_a_name_in_a_files_name_goes_with_the_rest(desk: Desk) -> None:
    """Also half of it, and where only the file's name has it: it would be on the page, in the folder, in the lists."""
    plain = letter(("Nobody is named here, but a number: 07700 900142.",))
    files = ("Penhaligon plan.pdf", "application/pdf", letter()), (f"{CARER}.pdf", "application/pdf", plain)
    desk.house.filer().file(filed(mail("Named", "Rowan", 31, *files), ANN), NOW)
    ids = by_title(desk.collect())
    others = {ids[t]: "withhold:CRIME" for t in ids if not t.endswith(".pdf")}
    desk.decide(**others)
    page, released = preview(desk.case, desk.folder, SERVICE, desk.readers, ACTING.today)
    assert len([r for r in released if r.proven]) == len(ids) - len(others)
    assert not re.search("penhaligon", page.read_text() + str([*page.parent.rglob("*")]), re.IGNORECASE)


@pytest.mark.parametrize("sign", ["\N{MATHEMATICAL BOLD CAPITAL A}", "\u6587"])
def test_a_long_name_of_large_letters_stops_nobody(desk: Desk, sign: str) -> None:
    """File systems count bytes, and senders choose names: a request must not fail for one."""
    file = (f"{sign * 200}.txt", "text/plain", b"Rowan came.")
    desk.house.filer().file(filed(mail(sign * 200, "Rowan", 32, file), ANN), NOW)
    ids = by_title(desk.collect())
    desk.decide(**dict.fromkeys(ids.values(), "release"))
    page, released = preview(desk.case, desk.folder, SERVICE, desk.readers, ACTING.today)
    assert len(list(page.parent.glob("documents/*"))) == len(released) == len(ids)


def test_a_folder_that_is_not_gone_is_said_so_after_the_answer_is_out(tmp_path: Path) -> None:
    """Never that nothing was handed over: that would be done a second time."""
    folder = WorkFolder.make(tmp_path / "sar-7", "SAR-7")
    folder.wipe()  # by somebody else, at the same moment
    with pytest.raises(VaultUnavailable) as caught:
        _wipe(folder)
    assert caught.value.public.startswith("The answer is handed over, but")
    assert "sar drop SAR-7" in caught.value.public


def test_an_inspection_that_is_called_as_the_case_is_not_told_of(desk: Desk, tmp_path: Path) -> None:
    """Whoever makes another bundle chooses its reference; the person's custody log is about their request alone."""
    ids = by_title(desk.collect())
    desk.decide(**dict.fromkeys(ids.values(), "withhold:CRIME"))
    said = {"case": desk.case.code, "kind": "inspector", "authority": "CQC"}
    with transaction.atomic():
        audit.append([audit.Event(NOW, "cli:inspector-clerk", "export-opened", "r-1", "a covert look", said)])
    told = list[str]()

    def proofs(events: Sequence[AuditEvent]) -> dict[str, bytes]:
        told.extend(event.action for event in events)
        return {}

    (place := tmp_path / "receiver").mkdir()
    receiver = House(place).escrow
    work = Finishing(SERVICE, desk.keys, desk.readers, proofs)
    out = tmp_path / "answer.tar.age"
    sealed = finish(desk.case, desk.folder, ToAgeKeys([receiver.public]), out, work, ACTING, ACTING.today)
    bag = opened(sealed.path, receiver.file, tmp_path / "opened")
    assert "inspector-clerk" not in "".join((bag / name).read_text() for name in ("custody.txt", "custody.json"))
    assert told
    assert all(action.startswith("access-") for action in told)
