"""The evidence of an incident, that two people asked for: packed as ``sallyport export incident`` does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.bundles import prover_of, service_of, signing_keys
from cli.keyholder.tools import NotDone, Tools

if TYPE_CHECKING:
    from vault.export.wholes import Packing
    from vault.models import Errand

_AUTHORITY = "UK GDPR Art. 33: investigation of a suspected breach"
OUT = Path("var/handed-over")
"""Below the settings' home: bundles that are too large for a page stay here, sealed."""


def pack(row: Errand, tools: Tools) -> None:
    """Made, sealed to its receiver, and given to the page. Raises ``SallyportError``."""
    from domain.disposal import may_be_one
    from gateway.parse import parse
    from vault.acting import Acting
    from vault.errands import answering
    from vault.export.collecting import Tools as Opening
    from vault.export.outgoing import ToAgeKeys
    from vault.export.plain import plain_folder
    from vault.export.whole_page import Order
    from vault.export.wholes import Packing, export, records_of_incident
    from vault.models import BundleKind

    if not row.agreed_by or may_be_one(row.agreed_by, row.asked_by):
        raise NotDone("one person", public="It takes two people, and there was one.")
    records, receiver = records_of_incident(row.target), ToAgeKeys([row.receiver])
    order = Order(BundleKind.INCIDENT, row.target, row.why, _AUTHORITY, records, f"Incident {row.target}")
    acting = Acting(row.asked_by, tools.clock.now(), row.why)
    out = tools.settings.at_home(OUT)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = out / f"incident-{row.target}-{row.pk}{receiver.suffix}"
    target.unlink(missing_ok=True)  # of a try that was broken off

    def far(done: int, found: int) -> None:  # noqa: ARG001 - the port's
        answering.far(row, done, len(records), tools.clock.now())

    with plain_folder(tools.settings.at_home(Path("var/access"))) as work:
        s = tools.settings
        opening = Opening(tools.opener, tools.readers, parse)
        packing: Packing = Packing(service_of(s), signing_keys(s), opening, work, prover_of(s))
        sealed = export(order, packing, receiver, target, acting, far)
    says = f"{len(records)} {'mail' if len(records) == 1 else 'mails'}, {sealed.size:,} bytes. SHA-256 {sealed.sha256}"
    answering.hand_out(row, sealed.path, says, tools.clock.now())
    if sealed.size <= answering.LARGEST:
        sealed.path.unlink()
