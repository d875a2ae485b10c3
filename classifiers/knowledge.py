"""What readers must know besides their code: the operator's blank forms, and the model.

Purpose: the files, read once by the relay, checked, and handed to each reader as bytes, so that all readers of one
relay know the same. Trust: the operator's files. Failure: ``ConfigurationError`` at start-up for one that is missing
or damaged: a reader that knows less than it should is a leak that nobody sees.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from classifiers import wire
from classifiers.forms import form
from classifiers.learned import model as models
from domain.errors import ConfigurationError

MOST = 16_000_000
"""Bytes of one file; a reader takes no more."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The files' contents. ``forms`` empty: none are registered. ``model`` empty: the one that comes with Sallyport."""

    forms: bytes = field(default=b"", repr=False)
    model: bytes = field(default=b"", repr=False)

    def registered(self) -> tuple[form.Form, ...]:
        """The registered forms. Raises ``ConfigurationError``."""
        return form.parse(self.forms) if self.forms else ()

    def learned(self) -> models.Model:
        """The model. Raises ``ConfigurationError``."""
        return models.parse(self.model or models.shipped())

    def frame(self) -> bytes:
        """As it goes to a reader: sizes as JSON, then the contents."""
        header = json.dumps({"forms": len(self.forms), "model": len(self.model)}).encode()
        return b"".join((wire.prefix(header, len(self.forms) + len(self.model)), header, self.forms, self.model))

    @classmethod
    def of_frame(cls, header: bytes, body: bytes) -> Knowledge:
        """What ``frame`` said. Raises ``ValueError`` when it is cut off."""
        said = json.loads(header)
        if said["forms"] + said["model"] != len(body):
            raise ValueError("cut off")
        return cls(body[: said["forms"]], body[said["forms"] :])


def load(forms: Path | None, trained: Path | None = None) -> Knowledge:
    """The operator's files, checked. Raises ``ConfigurationError``."""
    known = Knowledge(
        _read(forms, "registered forms") if forms else b"", _read(trained, "the classifier's model") if trained else b""
    )
    known.registered()
    known.learned()
    return known


def _read(path: Path, what: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        public = f"The file of {what} {path} cannot be read; put it back, or correct the setting that names it."
        raise ConfigurationError(f"{what} unreadable", public=public) from error
    if not 0 < len(content) <= MOST:
        raise ConfigurationError(f"{what} size", public=f"The file of {what} {path} is empty or too large.")
    return content
