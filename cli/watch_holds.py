"""What ``sallyport check`` says of holds and disposal: what is late, and what was begun and never ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.disposal import UNDER_WAY
from domain.here import HERE

_SOON = timedelta(hours=1)
"""An execution that has begun a record ends it within seconds, unless it was broken off."""


def holds_and_disposal(now: datetime) -> Iterator[tuple[bool, str]]:
    """Whether each is as it should be, and a sentence."""
    yield _reviews(now)
    yield from _broken_off(now)


def _reviews(now: datetime) -> tuple[bool, str]:
    from vault.models import LegalHold

    active = LegalHold.objects.filter(lifted_at=None)
    late = active.filter(review_on__lte=now.astimezone(HERE).date()).count()
    if late:
        return False, f"{late} holds are late to be looked at; see: sallyport hold list"
    return True, f"{active.count()} holds are on, none is late to be looked at"


def _broken_off(now: datetime) -> Iterator[tuple[bool, str]]:
    """Keys wait for their second step by themselves; records do not."""
    from vault.models import DisposalCertificate, DisposalLine

    begun = DisposalLine.objects.filter(state__in=UNDER_WAY, record__isnull=False, begun_at__lt=now - _SOON)
    for batch in sorted(set(begun.values_list("batch", flat=True))):
        yield False, f"a disposal was broken off; run: sallyport disposal execute {batch}"
    unfiled = DisposalCertificate.objects.filter(version="", issued_at__lt=now - _SOON)
    for batch in sorted(set(unfiled.values_list("batch", flat=True))):
        yield False, f"a certificate is not filed; run: sallyport disposal execute {batch}"
