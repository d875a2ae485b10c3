"""Which pages a test has really looked at, so that none is forgotten.

A test names the URLs that it looks at for everybody: ``@looks_at("held", "held-mail")``. A fixture holds it to that
(``conftest.py``): each must have been shown, with nothing for axe-core to find and nothing to scroll sideways at 320
pixels. ``tests/unit/test_every_page_is_looked_at.py`` compares what all tests name with all URLs that there are.

URLs of the console go by their names, those of the pick-up process by ``pickup:`` and their names. Where one URL has
several pages (``add/<kind>/<name>/``), each goes by the name and what tells it apart: ``register-add-step carer home``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

CONSOLE, PICKUP = "web.urls", "web.pickup.urls"
looks_at = pytest.mark.looks_at
SEVERAL = {
    "register-add-check": ("kind",),
    "register-add-step": ("kind", "name"),
    "register-asking-step": ("name",),
    "register-party-change": ("what",),
    "register-permission-change": ("what",),
    "register-person-change": ("what",),
    "reviews-settle": ("kind",),
}
"""URLs of several pages, and which parts of the address tell these apart."""
_SEEN: set[str] = set()


def name_of(address: str, urlconf: str = CONSOLE) -> str:
    """Of the page that is there."""
    found = resolve(urlsplit(address).path, urlconf)
    if urlconf == PICKUP:
        return f"pickup:{found.url_name}"
    return " ".join([str(found.url_name), *(found.kwargs[part] for part in SEVERAL.get(str(found.url_name), ()))])


def saw(address: str, urlconf: str = CONSOLE) -> None:
    """The page there was looked at, and nothing was wrong with it."""
    _SEEN.add(name_of(address, urlconf))


def each(paths: Any, **examples: object) -> pytest.MarkDecorator:
    """One test a ``path``, which looks at that page. ``examples`` stand for what is known only while it runs."""
    params = [pytest.param(p, marks=looks_at(name_of(p.format(**examples))), id=p) for p in paths]
    return pytest.mark.parametrize("path", params)


def held_to(promised: set[str]) -> Iterator[None]:
    """Around a test: whether it looked at what it names."""
    _SEEN.clear()
    yield
    missing = sorted(promised - _SEEN)
    assert missing == [], f"named by looks_at, and not looked at; looked at: {sorted(_SEEN)}"


def named_by(test: Callable[..., object]) -> set[str]:
    """What a test says it looks at, by its own marks and by those of its parameters."""
    marks = list(getattr(test, "pytestmark", []))
    marks += [m for mark in marks if mark.name == "parametrize" for case in mark.args[1] for m in _marks(case)]
    return {name for mark in marks if mark.name == "looks_at" for name in mark.args}


def _marks(case: object) -> Any:
    return getattr(case, "marks", ())
