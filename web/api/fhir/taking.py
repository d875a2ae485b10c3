"""Reading a resource so that nothing in it is lost unsaid: what is taken is taken out, and what is left is refused.

What is known to be harmless, and what FHIR itself lets a receiver ignore, for it modifies nothing, is passed over and
noted for the sender (R4, "Conformance Rules": isModifier). Trust: from outside. Its form has been checked by
``fhir.resources``; whether the register has a place for each element is checked here. Sentences name elements, never
their values.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.here import HERE
from web.api.fhir.words import Json, extension_url
from web.api.problems import Problem

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def refused(sentence: str) -> Problem:
    """422."""
    return Problem(422, sentence)


@dataclass(frozen=True, slots=True)
class Note:
    """An element that was not stored. ``foreign``: an extension, of which only its author knows what it says."""

    where: str
    foreign: bool = False


class Taking:
    """One element. ``where`` is its path, for sentences; ``notes`` gathers for the whole resource."""

    def __init__(self, element: Any, where: str, notes: list[Note] | None = None) -> None:
        if not isinstance(element, dict):
            raise refused(f"{where} is not an element.")
        self._left: Json = dict(element)
        self.where = where
        self.notes: list[Note] = [] if notes is None else notes

    def take(self, name: str) -> Any:
        """The value, or None; gone from what is left."""
        return self._left.pop(name, None)

    def peek(self, name: str) -> Any:
        """The value, or None; it stays."""
        return self._left.get(name)

    def skip(self, *names: str) -> None:
        """What says nothing about anybody."""
        for name in names:
            self.take(name)

    def pass_over(self, *names: str) -> None:
        """What the register has no place for, and what is true without it. The sender is told."""
        for name in names:
            if self.take(name) is not None:
                self.notes.append(Note(f"{self.where}.{name}"))

    def pass_over_extensions(self) -> None:
        """Whatever is left of them, also of plain values (``_birthDate``): none may change what the rest means."""
        for name in [n for n in self._left if n == "extension" or n.startswith("_")]:
            del self._left[name]
            self.notes.append(Note(f"{self.where}.{name}", foreign=True))

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

    def day_of(self, name: str) -> str | None:
        """A whole day, also of a moment: the day here."""
        value = self.peek(name)
        if isinstance(value, str) and "T" in value:
            with suppress(ValueError):
                self._left[name] = datetime.fromisoformat(value).astimezone(HERE).date().isoformat()
                self.notes.append(Note(f"{self.where}.{name}"))
        return self.day(name)

    def moment(self, name: str) -> str | None:
        """A moment, or the start of a whole day (UTC, as the register's other days)."""
        value = self.text(name)
        return f"{value}T00:00:00Z" if _DAY.fullmatch(value) else value or None

    def inside(self, name: str) -> Taking:
        """An element within, empty where there is none."""
        value = self.take(name)
        return Taking({} if value is None else value, f"{self.where}.{name}", self.notes)

    def each(self, name: str) -> list[Taking]:
        """Elements within."""
        value = self.take(name) or []
        if not isinstance(value, list):
            raise refused(f"{self.where}.{name} is not a list.")
        return [Taking(v, f"{self.where}.{name}", self.notes) for v in value]

    def must_be(self, name: str, wanted: Any) -> None:
        """Another value would mean something that the register cannot say."""
        if (value := self.take(name)) is not None and _bare(value) != wanted:
            raise refused(f"{self.where}.{name} can only be what docs/api.md says; the register has no other kind.")

    def extensions(self, kinds: dict[str, str], *, foreign: bool = False) -> Json:
        """The values of our own extensions, by field. Others are refused, or with ``foreign`` passed over."""
        fields = {extension_url(name): name for name in kinds}
        found: Json = {}
        for item in self.each("extension"):
            url = item.text("url")
            if foreign and not url.startswith(extension_url("")):
                self.notes.append(Note(f"{self.where}.extension", foreign=True))
                continue
            name = fields.get(url)
            if name is None or name in found:
                raise refused(f"{self.where} has an extension that has no place in the register; leave it out.")
            found[name] = item.text(f"value{kinds[name]}")
            item.done()
        return found

    def done(self) -> None:
        """Raises :class:`Problem` where anything is left; ``id`` only says where an element is."""
        self.skip("id")
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


def start(element: Any, kind: str, notes: list[Note]) -> Taking:
    """A whole resource: what belongs to the sender's own server is not kept, and a narrative only repeats."""
    resource = Taking(element, kind, notes)
    resource.skip("resourceType", "id", "meta", "language")
    narrative = resource.inside("text")
    if narrative.text("status") not in {"", "generated", "extensions", "empty"}:
        raise refused(f"{kind}.text.status must be generated: what stands only in words cannot be kept.")
    narrative.skip("div")
    narrative.done()
    return resource
