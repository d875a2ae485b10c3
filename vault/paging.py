"""Lists too long to be read at once, in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db.models import Model, QuerySet

_T = TypeVar("_T")
_M = TypeVar("_M", bound=Model)


def in_pieces(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Lists of at most ``size``."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece


def pages(rows: QuerySet[_M], size: int) -> Iterator[list[_M]]:
    """By primary key, each read when the one before is done with, so what is done drops out and nothing repeats."""
    page = list(rows.order_by("pk")[:size])
    while page:
        yield page
        page = list(rows.filter(pk__gt=page[-1].pk).order_by("pk")[:size])
