"""Every change through the API: in the token's name, all or nothing, and once only for one ``Idempotency-Key``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from register.acting import acting
from web import clock
from web.api.models import ApiToken, KeptAnswer
from web.api.problems import Problem

KEPT = timedelta(hours=24)
_LONGEST_KEY = 255
_KEPT_HEADERS = ("Content-Type", "ETag", "Location")


def token_of(request: HttpRequest) -> ApiToken:
    """Whose request it is; access.py has put it there."""
    row: ApiToken = request.auth  # type: ignore[attr-defined]
    return row


@contextmanager
def changing(request: HttpRequest) -> Iterator[None]:
    """What is saved inside is recorded as the token's, for the caller's reason, and only if all of it is."""
    with acting(f"api:{token_of(request).name}", _why(request)), transaction.atomic():
        yield


def _why(request: HttpRequest) -> str:
    """A header comes as Latin-1, whatever was meant (PEP 3333); UTF-8 is what programs send."""
    sent = request.headers.get("Sallyport-Reason", "").encode("latin-1", "replace").decode("utf-8", "replace")
    said = "".join(c for c in sent if c.isprintable()).strip()
    return (said or f"{request.method} {request.path}")[:100]


def once(request: HttpRequest, do: Callable[[], HttpResponse], shown_once: Collection[str] = ()) -> HttpResponse:
    """Do it, or answer as the first time where the key is known, without the fields that are ``shown_once``.

    The answer is kept in the transaction of the change: both are there, or neither. Of two that come together the
    second waits for the first, and then gets its answer. Raises :class:`Problem` 422 for another request, same key.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        with changing(request):
            return do()
    if len(key) > _LONGEST_KEY or not key.isprintable():
        raise Problem(422, f"An Idempotency-Key has at most {_LONGEST_KEY} printable characters.")
    with changing(request):
        kept, is_new = _kept(request, key)
        if not is_new:
            return _again(kept, _hash(request))
        response = do()
        kept.status, kept.body = response.status_code, _without(shown_once, response.content.decode())
        kept.headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
        kept.save()
        return response


def _without(names: Collection[str], body: str) -> str:
    """A secret that is kept for a day can be read for a day, by whoever gets hold of the table or of a copy of it."""
    if not names:
        return body
    return json.dumps({name: value for name, value in json.loads(body).items() if name not in names})


def _kept(request: HttpRequest, key: str) -> tuple[KeptAnswer, bool]:
    """The kept answer, or a new row that holds the key; and which of the two."""
    now, token = clock.now(), token_of(request)
    KeptAnswer.objects.filter(token=token, key=key, at__lte=now - KEPT).delete()
    row = KeptAnswer(token=token, key=key, request=_hash(request), status=0, at=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return KeptAnswer.objects.get(token=token, key=key), False
    return row, True


def forget(now: datetime) -> int:
    """Removes answers that are older than a day; how many there were. The worker's; a key is free by itself then."""
    return KeptAnswer.objects.filter(at__lte=now - KEPT).delete()[0]


def _again(kept: KeptAnswer, request: str) -> HttpResponse:
    if kept.request != request:
        raise Problem(422, "This Idempotency-Key was used for another request; take a new one.")
    headers = kept.headers | {"Idempotent-Replayed": "true"}
    return HttpResponse(kept.body, status=kept.status, headers=headers)


def _hash(request: HttpRequest) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(said).hexdigest()
