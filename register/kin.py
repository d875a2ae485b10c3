"""Which first names mean the same person: Bill is William, Peggy is Margaret.

A table of our own, of British use: the ``nicknames`` package is American, has no Gaz, Shaz or Wilf, and pairs Bill with
Fred. A pair only ever makes a candidate: the surname has to fit, and who several could be is nobody for sure.
"""

from __future__ import annotations

from importlib.resources import files

_SHORT_FORMS = files(__package__).joinpath("short_forms.txt").read_text(encoding="ascii")


def _pairs() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _SHORT_FORMS.split("\n"):
        if line:
            formal, *short = line.split()
            for one in short:
                found.setdefault(formal, set()).add(one)
                found.setdefault(one, set()).add(formal)
    return {name: frozenset(others) for name, others in found.items()}


SHORT_FORMS = _pairs()
"""Each first name with all that may stand for it, whichever of them the register has."""
_NONE = frozenset[str]()


def kin(name: str) -> frozenset[str]:
    """The other first names by which somebody of this one may be called, folded; empty for most."""
    return SHORT_FORMS.get(name, _NONE)
