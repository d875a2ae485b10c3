"""What is done at once so that nothing is lost: whatever belongs to an incident is kept."""

from __future__ import annotations

from datetime import date

from vault.acting import Acting
from vault.holds.setting import HoldIsSet, NewHold, NotAllowed, set_hold
from vault.incidents.casebook import IncidentError
from vault.models import HoldTarget, Incident, TargetKind
from vault.turns import taking_turns


def hold_records(incident: Incident, review_on: date, acting: Acting) -> HoldIsSet | None:
    """A legal hold on whatever belongs to the incident, now or later. None where one is on already."""
    with taking_turns():
        if is_held(incident):
            return None
        new = NewHold("suspected breach", incident.reference, review_on, {TargetKind.INCIDENT: [incident.reference]})
        try:
            return set_hold(new, acting.actor, acting.now)
        except NotAllowed as error:
            raise IncidentError(error.public) from error


def is_held(incident: Incident) -> bool:
    """Whether a hold that was not lifted is on it."""
    on = HoldTarget.objects.filter(kind=TargetKind.INCIDENT, value=incident.reference)
    return on.filter(hold__lifted_at=None).exists()
