"""Reviews held: of an urgent release, and of what a request for new involvement asked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from register.recording import close_review_request, review_release
from web import clock
from web.api.access import BearerToken
from web.api.changing import once
from web.api.replies import one
from web.api.resources.listed import RELEASES, REQUESTS
from web.api.resources.routes import Again, Key, Why, back, problems
from web.api.shapes import Outcome
from web.api.tokens import Scope

router = Router(tags=["reviews"])
_AUTH = BearerToken(Scope.REVIEWS_WRITE)
_SCOPE = "Scope: `reviews:write`. 409 where it was reviewed otherwise already."
_MORE = problems(404, 409, 413, 415)


@router.post(
    "/urgent-releases/{key}/review", auth=_AUTH, response={200: back(RELEASES)} | _MORE,
    summary="Record the review of an urgent release", description=_SCOPE, operation_id="review_urgent_release",
)  # fmt: skip
def review(
    request: HttpRequest, key: Key, body: Outcome, idempotency_key: Again = None, reason: Why = None
) -> HttpResponse:
    """Once; the same again changes nothing."""

    def do() -> HttpResponse:
        RELEASES.get(key, for_change=True)
        row = review_release(key, clock.now(), by=body.by, outcome=body.outcome)
        return one(request, RELEASES.show([row])[0])

    return once(request, do)


@router.post(
    "/review-requests/{key}/close", auth=_AUTH, response={200: back(REQUESTS)} | _MORE,
    summary="Close a review request", description=_SCOPE, operation_id="close_review_request",
)  # fmt: skip
def close(
    request: HttpRequest, key: Key, body: Outcome, idempotency_key: Again = None, reason: Why = None
) -> HttpResponse:
    """With what came of it. What the person permitted is recorded as a permission."""

    def do() -> HttpResponse:
        REQUESTS.get(key, for_change=True)
        row = close_review_request(key, clock.now(), by=body.by, outcome=body.outcome)
        return one(request, REQUESTS.show([row])[0])

    return once(request, do)
