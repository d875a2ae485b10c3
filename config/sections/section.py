"""What all sections of the settings have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

LAST_PORT = 65535


class Section(BaseModel):
    """A table of the settings file: fixed once read, and a name that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
