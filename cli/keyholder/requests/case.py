"""What each errand about a request begins with: the case, its working folder, who acts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli.access.edge import work_folder
from cli.keyholder.tools import NotDone, Tools
from domain.errors import VaultUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.acting import Acting
    from vault.export.folder import WorkFolder
    from vault.models import AccessRequest, Errand

MOST_PICTURES = 400
"""Of all documents of an answer together. More are looked at on the machine itself."""


def case_of(row: Errand) -> AccessRequest:
    """Raises ``CaseError`` for one that is not there, or finished."""
    from vault.export import cases

    return cases.must_be_open(cases.find(row.target))


def folder_of(row: Errand, tools: Tools, *, make: bool = False) -> WorkFolder:
    """Raises :class:`NotDone` where nothing was collected on this machine."""
    from vault.export.cases import CaseError

    try:
        return work_folder(tools.settings, row.target, None, make=make)
    except CaseError as error:
        raise NotDone("no folder", public=f"Nothing is opened for {row.target} here. Collect it first.") from error


def acting(row: Errand, tools: Tools) -> Acting:
    """Whoever asked, now."""
    from vault.acting import Acting

    return Acting(row.asked_by, tools.clock.now(), row.why)


def typed(row: Errand, tools: Tools) -> dict[str, Any]:
    """What came sealed with the question. Raises :class:`NotDone`."""
    from vault.unseal import CannotOpen, decrypt

    if not row.query:
        return {}
    try:
        said: dict[str, Any] = json.loads(decrypt(bytes(row.query), tools.identities, "a question"))
    except (CannotOpen, ValueError) as error:
        raise NotDone("sealed to others", public="The keys given to the key holder do not open this.") from error
    return said


def note(row: Errand, tools: Tools, action: str) -> None:
    """In the key holder's name; what is done in the asker's is recorded where it is done."""
    from vault import audit
    from vault.rows import writing

    said = {"asked_by": row.asked_by, "errand": row.pk, "request": row.target}
    with writing(VaultUnavailable):
        audit.append([audit.Event(tools.clock.now(), tools.holder, action, "", row.why, said)])


def pages_of(content: bytes, tools: Tools, most: int) -> Iterator[bytes]:
    """Pictures of its pages, drawn by contained processes; none where it cannot be drawn."""
    from classifiers.drawing import CannotDraw, Drawer

    s = tools.settings.sandbox
    drawer, number, pages = Drawer(walls=s.walls, memory=s.memory_mb * 2**20, seconds=s.seconds), 1, 1
    while number <= min(pages, most):
        try:
            picture = drawer.draw(content, number)
        except CannotDraw:
            return
        yield picture.png
        pages, number = picture.pages, number + 1
