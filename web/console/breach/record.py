"""One filed mail, as far as the rows tell: no seal is opened. The look is in the audit trail first."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from vault.holds.coverage import is_held
from vault.ids import is_id
from vault.incidents.reach import reach_of_record
from vault.models import AuditEvent, IncidentRecord, RecordState, VaultRecord
from web.console.breach.forms import CLASSES, DECIDED
from web.console.breach.noting import looked
from web.console.breach.reaching import table_of
from web.console.breach.shown import command
from web.console.doors import permits
from web.console.may import Action
from web.console.templatetags.saying import did
from web.pages.templatetags.pages import by
from web.searching import called

_EVENTS = 50
_ACTIONS = {"RELAY": "plain", "ENCRYPT": "encrypt", "HOLD": "hold", "REJECT": "reject", "DEFER": "defer"}


@permits(Action.RECORD_LOOK)
def record(request: HttpRequest, ident: str) -> HttpResponse:
    """Who sent it to whom, about whom, what was decided and why, who opened it, who looked at it."""
    row = _row(ident.upper())
    now = looked(request, "record looked at", row.id).now
    refs = [s.person for s in row.subjects.all()]
    known = called(refs)
    said = {
        "title": "A filed mail",
        "row": row,
        "people": sorted(known.get(r, r) for r in refs),
        "classes": [CLASSES.get(c, c) for c in row.classes],
        "disposed": row.state == RecordState.DISPOSED,
        "reach": table_of(reach_of_record(row.id), now),
        "decisions": [_decision(d) for d in row.decisions],
        "incidents": list(IncidentRecord.objects.filter(record=row).values_list("incident", flat=True)),
        "held": VaultRecord.objects.filter(is_held(), pk=row.id).exists(),
        "events": _events(row.id),
        "command": command("vault", "get", row.id),
    }
    return render(request, "console/breach/record.html", said)


def _row(ident: str) -> VaultRecord:
    """Raises ``Http404``; what is no number of a mail is not even asked for."""
    found = VaultRecord.objects.prefetch_related("subjects").filter(pk=ident).first() if is_id(ident) else None
    if found is None:
        raise Http404
    return found


def _events(ident: str) -> list[dict[str, Any]]:
    """What was done with it, the newest first."""
    rows = AuditEvent.objects.filter(record=ident).order_by("-sequence")[:_EVENTS]
    return [{"at": e.at, "by": by(e.actor), "action": did(e), "why": _why(e)} for e in rows]


def _why(event: AuditEvent) -> str:
    """What only says that all went its way is left out."""
    return "" if event.action.startswith("outcome") else event.why


def _decision(data: dict[str, Any]) -> dict[str, Any]:
    """With its reasons, each once."""
    reasons = dict.fromkeys(r["why"] for r in data["reasons"] if r["why"])
    return {"recipient": data["recipient"], "action": DECIDED[_ACTIONS[data["action"]]], "reasons": list(reasons)}
