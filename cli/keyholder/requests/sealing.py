"""The answer, sealed to its receiver as ``sallyport sar finish`` does it; and the end of the working folder.

The case stays open: it ends on the pages, once somebody says that the answer was handed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.bundles import finishing_of
from cli.keyholder.packing import OUT
from cli.keyholder.requests.case import acting, case_of, folder_of, typed
from cli.keyholder.tools import NotDone, Tools

if TYPE_CHECKING:
    from vault.export.outgoing import Receiver
    from vault.models import Errand

PASSPHRASE = "passphrase"  # noqa: S105 - the name of a piece
"""The piece in which it comes back, sealed to whoever asked; it is nowhere else."""


def answer(row: Errand, tools: Tools) -> None:
    """Exactly what was looked at, and no other. Raises ``SallyportError``."""
    from gateway.bootstrap import build_classifiers
    from vault.errands import answering
    from vault.export.finishing import finish
    from vault.export.sheet import alone, code

    _agreed(row, tools)
    case, work, by = case_of(row), folder_of(row, tools), acting(row, tools)
    receiver, secret = _receiver(row)
    out = tools.settings.at_home(OUT)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = out / f"{case.code}-{row.pk}{receiver.suffix}"
    target.unlink(missing_ok=True)  # of a try that was broken off
    known = bool(typed(row, tools).get("closed"))
    with alone(work), build_classifiers(tools.settings, ocr=False) as readers:
        if code(work) != row.seen:
            raise NotDone("changed since", public="Something was decided since it was looked at. Look at it again.")
        packing = finishing_of(tools.settings, readers)
        sealed = finish(case, work, receiver, target, packing, by, by.today, closed_is_known=known, ends=False)
    says = f"{sealed.size:,} bytes. SHA-256 {sealed.sha256}"
    beside = [(PASSPHRASE, secret.encode())] if secret else []
    answering.hand_out(row, sealed.path, says, tools.clock.now(), beside)
    if sealed.size <= answering.LARGEST:
        sealed.path.unlink()


def drop(row: Errand, tools: Tools) -> None:
    """Overwritten and deleted. Raises ``SallyportError`` for a case that is still open."""
    from vault.errands import answering
    from vault.export import cases

    if cases.find(row.target).finished_on is None:
        raise NotDone("still open", public=f"{row.target} is not finished, so nothing is wiped.")
    number = folder_of(row, tools).wipe()
    answering.done(row, f"{number} files were overwritten and deleted.", tools.clock.now())


def _agreed(row: Errand, tools: Tools) -> None:
    from domain.disposal import may_be_one

    if not tools.settings.keyholder.answers_take_two:
        return
    if not row.agreed_by or may_be_one(row.agreed_by, row.asked_by):
        raise NotDone("one person", public="It takes two people, and there was one.")


def _receiver(row: Errand) -> tuple[Receiver, str]:
    """The key that was typed, else a passphrase that is made here."""
    from vault.export.outgoing import ToAgeKeys, ToPassphrase, new_passphrase

    if row.receiver:
        return ToAgeKeys([row.receiver]), ""
    secret = new_passphrase()
    return ToPassphrase(secret), secret
