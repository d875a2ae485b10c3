"""A file given on the command line, read by a contained reader as the relay's would read it."""

from __future__ import annotations

from pathlib import Path

from cli.frame import InputError
from config.sections.programs import SandboxSettings
from domain.model import Analysis, Part, Place


def contained(settings: SandboxSettings, file: Path) -> Analysis:
    """What is in it, without its name. Raises ``InputError`` where any of it cannot be read."""
    from classifiers.sandbox import Sandbox

    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError("file", public=f"The file {file} cannot be read.") from error
    with Sandbox(
        1,
        seconds=settings.seconds,
        memory=settings.memory_mb * 2**20,
        council_id=settings.council_id,
        walls=settings.walls,
    ) as reader:
        analysis = reader.analyse("", [Part("1", Place.ATTACHMENT, "application/octet-stream", "", content)])
    if analysis.unreadable:
        reason = analysis.unreadable[0].reason
        raise InputError("unreadable", public=f"The file {file} cannot be used: {reason}.")
    return analysis
