"""Remember this device: a passkey in the place of the next code (W3C Web Authentication). For whoever wishes it.

It needs a script and a browser that can; without, there are codes. The device asks its owner for a finger, a face or a
number each time (user verification), so that a telephone on the table opens nothing.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.pickup import Doing
from vault.ids import new_id
from vault.pickup.devices import (
    Purpose,
    challenge,
    count_on,
    credentials,
    remember,
    remembered,
    use_challenge,
)
from vault.pickup.trying import Way, may
from web.pickup.door import Door, inside, let_in, with_link
from web.pickup.parts import parts

LASTS = timedelta(days=30)
_REQUIRED = UserVerificationRequirement.REQUIRED


@require_POST
@inside
def begin(_request: HttpRequest, door: Door) -> HttpResponse:
    """What the browser needs to make a passkey."""
    user = PublicKeyCredentialUserEntity(
        id=new_id(door.now).encode(), name=door.grant.recipient, display_name=door.grant.recipient
    )
    known = [AttestedCredentialData(data) for data in credentials(remembered(door.grant.recipient, door.now))]
    options, _ = _server().register_begin(
        user,
        known,
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=_REQUIRED,
        challenge=challenge(door.grant.id, Purpose.REMEMBER, door.now),
    )
    return JsonResponse(dict(options))


@require_POST
@inside
def complete(request: HttpRequest, door: Door) -> HttpResponse:
    """The new passkey is kept."""
    given = use_challenge(door.grant.id, Purpose.REMEMBER, door.now)
    try:
        made = _server().register_complete(_state(given), _answer(request)).credential_data if given else None
    except (ValueError, KeyError, TypeError):
        made = None
    if made is None:
        return JsonResponse({"problem": "not kept"}, status=422)
    door.note("device remembered", days=LASTS.days)
    remember(door.grant.recipient, made.credential_id, bytes(made), 0, door.now, LASTS)
    return JsonResponse({"ok": True})


@require_POST
@with_link
def ask(_request: HttpRequest, door: Door) -> HttpResponse:
    """What the browser needs to use one."""
    known = [AttestedCredentialData(data) for data in credentials(remembered(door.grant.recipient, door.now))]
    if not known:
        return JsonResponse({"problem": "none"}, status=422)
    made = challenge(door.grant.id, Purpose.OPEN, door.now)
    options, _ = _server().authenticate_begin(known, user_verification=_REQUIRED, challenge=made)
    return JsonResponse(dict(options))


@require_POST
@with_link
def prove(request: HttpRequest, door: Door) -> HttpResponse:
    """The device signed the challenge: its owner is in."""
    if not may(door.caller, Doing.TRIED, door.now):
        door.note("try refused: too many")
        return JsonResponse({"problem": "too many"}, status=429)
    given = use_challenge(door.grant.id, Purpose.OPEN, door.now)
    if given is None or not _proven(request, door, given):
        door.note("wrong device")
        return JsonResponse({"problem": "not known"}, status=422)
    door.note("opened", way=Way.DEVICE.value)
    return let_in(JsonResponse({"ok": True}), door, Way.DEVICE)


def _proven(request: HttpRequest, door: Door, given: bytes) -> bool:
    devices = remembered(door.grant.recipient, door.now)
    known = [AttestedCredentialData(data) for data in credentials(devices)]
    try:
        answer = _answer(request)
        used = _server().authenticate_complete(_state(given), known, answer)
        count = AuthenticationResponse.from_dict(answer).response.authenticator_data.counter
    except (ValueError, KeyError, TypeError):
        return False
    return count_on(next(d for d in devices if d.credential == used.credential_id.hex()), count)


def _server() -> Fido2Server:
    """Our name is the host alone; the origin is the whole address, and no other page of the host."""
    address = parts().address
    host = address.partition("://")[2].partition(":")[0]
    entity = PublicKeyCredentialRpEntity(name=parts().service, id=host)
    return Fido2Server(entity, verify_origin=lambda origin: origin == address)


def _state(given: bytes) -> dict[str, object]:
    """As the library keeps it between asking and checking."""
    return {"challenge": websafe_encode(given), "user_verification": _REQUIRED}


def _answer(request: HttpRequest) -> dict[str, Any]:
    told = json.loads(request.body)
    if not isinstance(told, dict):
        raise TypeError("no answer of a browser")
    return told
