"""Webhooks: who is told of changes, and where. ``hooks`` tells them; this is how they ask to be told."""

from __future__ import annotations

import base64
import secrets
from typing import Annotated, Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import AfterValidator, Field

from register.models import Change
from web import clock
from web.api.access import BearerToken
from web.api.changing import changing, once, token_of
from web.api.hooks.address import usable
from web.api.hooks.kept import seal_secret
from web.api.models import Webhook
from web.api.problems import Problem
from web.api.replies import reply
from web.api.resources.routes import Again, problems
from web.api.tokens import Scope
from web.api.values import LAST_ID, Id, Moment, Shape

router = Router(tags=["webhooks"])
_AUTH = BearerToken(Scope.WEBHOOKS_WRITE)
_SHORTEST, _LONGEST = 24, 64
_SAID = "Scope: `webhooks:write`. A token sees and changes its own."


def _usable(url: str) -> str:
    from config.django import SETTINGS  # noqa: PLC0415 - read once; here so that the shapes need no settings

    if not usable(urlsplit(url), SETTINGS.web.webhook_networks):
        raise ValueError("the address must be https, in a network that may be told, without a name or password in it")
    return url


def _secret(text: str) -> str:
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not text.startswith("whsec_") or not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError("a secret is whsec_ and 24 to 64 bytes in Base64")
    return text


_Secret = Annotated[str, Field(max_length=100, pattern=r"^whsec_[A-Za-z0-9+/]+=*$"), AfterValidator(_secret)]


class NewWebhook(Shape):
    """``kinds`` are those of the change feed; none is all. Without ``secret`` one is made."""

    url: Annotated[str, Field(max_length=500, pattern=r"^https?://[\x21-\x7e]+$"), AfterValidator(_usable)]
    kinds: list[Annotated[str, Field(max_length=32, pattern=r"^[a-z]+$")]] = Field(default_factory=list, max_length=50)
    secret: _Secret | None = None


class WebhookKept(Shape):
    """``cursor`` is the number of the last change that was taken. ``secret`` is shown once, when it is made.

    ``last_said`` is the last status where all went well, else ``failed``: why stands in the worker's log.
    """

    id: Id
    url: str
    kinds: list[str]
    cursor: int
    attempts: int
    failing_since: Moment | None
    next_at: Moment | None
    last_said: str
    gave_up_at: Moment | None
    secret: str | None = None


class Webhooks(Shape):
    """All of a token's."""

    items: list[WebhookKept]


_SHOWN = [n for n in WebhookKept.model_fields if n != "secret"]


def _shown(row: Webhook) -> dict[str, Any]:
    return {n: getattr(row, n) for n in _SHOWN}


@router.get("", auth=_AUTH, response={200: Webhooks} | problems(), summary="List webhooks", description=_SAID,
            operation_id="list_webhooks")  # fmt: skip
def list_(request: HttpRequest) -> HttpResponse:
    """With how they fare."""
    rows = Webhook.objects.filter(token=token_of(request)).order_by("pk")
    return reply({"items": [_shown(r) for r in rows]})


@router.post("", auth=_AUTH, response={201: WebhookKept} | problems(413, 415), summary="Ask to be told of changes",
             description=f"{_SAID} Begins with the next change.", operation_id="create_webhook")  # fmt: skip
def create(request: HttpRequest, body: NewWebhook, idempotency_key: Again = None) -> HttpResponse:
    """From the next change on."""

    def do() -> HttpResponse:
        secret = body.secret or "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        row = Webhook(token=token_of(request), url=body.url, kinds=body.kinds, created_at=clock.now())
        row.secret = seal_secret(secret)
        row.cursor = Change.objects.order_by("-number").values_list("number", flat=True).first() or 0
        row.save()
        return reply(_shown(row) | {"secret": secret}, 201, {"Location": f"/api/webhooks/{row.pk}"})

    return once(request, do, shown_once={"secret"})


@router.delete("/{key}", auth=_AUTH, response={204: None} | problems(404), summary="Tell no more", description=_SAID,
               operation_id="delete_webhook")  # fmt: skip
def delete(request: HttpRequest, key: Annotated[int, Path(ge=1, le=LAST_ID)]) -> HttpResponse:
    """At once."""
    _own(request, key).delete()
    return HttpResponse(status=204)


@router.post("/{key}/retry", auth=_AUTH, response={200: WebhookKept} | problems(404), summary="Try again now",
             description=f"{_SAID} Also after it was given up.", operation_id="retry_webhook")  # fmt: skip
def retry(request: HttpRequest, key: Annotated[int, Path(ge=1, le=LAST_ID)]) -> HttpResponse:
    """With the next sweep, from where it stopped."""
    with changing(request):
        row = _own(request, key)
        row.attempts, row.failing_since, row.next_at, row.gave_up_at, row.last_said = 0, None, None, None, ""
        row.save()
    return reply(_shown(row))


def _own(request: HttpRequest, key: int) -> Webhook:
    row = Webhook.objects.filter(pk=key, token=token_of(request)).first()
    if row is None:
        raise Problem(404, "There is no webhook of yours with that id.")
    return row
