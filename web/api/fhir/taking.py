"""Reading a resource so that nothing in it is passed over: what is taken is taken out, and what is left is refused.

Trust: from outside. Its form has been checked by ``fhir.resources``; whether the register has a place for each element
is checked here. Sentences name elements, never their values.
"""

from __future__ import annotations

import re
from typing import Any

from web.api.fhir.words import Json, extension_url
from web.api.problems import Problem

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def refused(sentence: str) -> Problem:
    """422."""
    return Problem(422, sentence)


class Taking:
    """One element. ``where`` is its path, for sentences."""

    def __init__(self, element: Any, where: str) -> None:
        if not isinstance(element, dict):
            raise refused(f"{where} is not an element.")
        self._left: Json = dict(element)
        self.where = where

    def take(self, name: str) -> Any:
        """The value, or None; gone from what is left."""
        return self._left.pop(name, None)

    def skip(self, *names: str) -> None:
        """What says nothing about anybody."""
        for name in names:
            self.take(name)

    def text(self, name: str) -> str:
        """A string, or nothing."""
        value = self.take(name)
        if value is not None and not isinstance(value, str):
            raise refused(f"{self.where}.{name} is not text.")
        return value or ""

    def day(self, name: str) -> str | None:
        """A whole day; half a date cannot be kept."""
        value = self.text(name)
        if value and not _DAY.fullmatch(value):
            raise refused(f"{self.where}.{name} must be a whole day, as 2026-02-28; nothing else has a place here.")
        return value or None

    def moment(self, name: str) -> str | None:
        """A moment, or the start of a whole day (UTC, as the register's other days)."""
        value = self.text(name)
        return f"{value}T00:00:00Z" if _DAY.fullmatch(value) else value or None

    def inside(self, name: str) -> Taking:
        """An element within, empty where there is none."""
        value = self.take(name)
        return Taking({} if value is None else value, f"{self.where}.{name}")

    def each(self, name: str) -> list[Taking]:
        """Elements within."""
        value = self.take(name) or []
        if not isinstance(value, list):
            raise refused(f"{self.where}.{name} is not a list.")
        return [Taking(v, f"{self.where}.{name}") for v in value]

    def must_be(self, name: str, wanted: Any) -> None:
        """Another value would mean something that the register cannot say."""
        if (value := self.take(name)) is not None and _bare(value) != wanted:
            raise refused(f"{self.where}.{name} can only be what docs/api.md says; the register has no other kind.")

    def extensions(self, kinds: dict[str, str]) -> Json:
        """The values of our own extensions, by field; any other extension is refused."""
        fields = {extension_url(name): name for name in kinds}
        found: Json = {}
        for item in self.each("extension"):
            name = fields.get(item.text("url"))
            if name is None or name in found:
                raise refused(f"{self.where} has an extension that has no place in the register; leave it out.")
            found[name] = item.text(f"value{kinds[name]}")
            item.done()
        return found

    def done(self) -> None:
        """Raises :class:`Problem` where anything is left."""
        if self._left:
            names = ", ".join(sorted(f"{self.where}.{name}" for name in self._left))
            raise refused(f"{names}: the register has no place for it. Nothing was stored; leave it out.")


def _bare(value: Any) -> Any:
    """Without ``display`` and ``text``, which only repeat a coding in words."""
    if isinstance(value, list):
        return [_bare(v) for v in value]
    if isinstance(value, dict):
        return {n: _bare(v) for n, v in value.items() if n not in {"display", "text", "userSelected", "version"}}
    return value


def start(element: Any, kind: str) -> Taking:
    """A whole resource: what belongs to the sender's own server is not kept, and a narrative only repeats."""
    resource = Taking(element, kind)
    resource.skip("resourceType", "id", "meta")
    narrative = resource.inside("text")
    narrative.must_be("status", "generated")
    narrative.skip("div")
    narrative.done()
    return resource
