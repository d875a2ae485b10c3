"""What ``sallyport check`` says of the readers of documents: that they read, and whether they read pictures."""

from __future__ import annotations

import pytest
import structlog

from classifiers.confinement import Confinement
from classifiers.ocr import presence
from classifiers.sandbox import Sandbox
from cli.looks import mail
from config.sections.programs import SandboxSettings
from config.settings import Settings

needs_ocr = pytest.mark.skipif(not presence.available(), reason="Tesseract is not here")


def lines(**sandbox: object) -> dict[str, tuple[bool, str]]:
    settings = Settings.model_construct(sandbox=SandboxSettings(workers=1, **sandbox))  # type: ignore[arg-type]
    return {line.what: (line.good, line.says) for line in mail.readers(settings)}


@needs_ocr
def test_pictures_are_tried_with_a_picture() -> None:
    """Not by asking whether a program is there."""
    good, says = lines()["reading pictures"]
    assert good
    assert says.startswith("by OCR")


def test_what_is_switched_off_is_said_and_is_no_failure() -> None:
    """The operator wants it so; a mail with a scan is then held."""
    good, says = lines(ocr=False)["reading pictures"]
    assert good
    assert "held" in says


class Blind:
    """A reader that greets without OCR, as one does where Tesseract's data is missing."""

    reads_pictures = False
    served = 0

    def end(self) -> None:
        """Nothing to end."""


def test_missing_data_is_said_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where OCR is asked for and cannot be had, pictures are unreadable, and the log says so."""
    monkeypatch.setattr(Sandbox, "_probe", lambda self, _: (Confinement.LIMITS, Blind()))
    with structlog.testing.capture_logs() as logs, Sandbox(1) as pool:
        assert not pool.reads_pictures
    assert [(e["event"], e["log_level"]) for e in logs] == [("readers.no_ocr", "warning")]
    with structlog.testing.capture_logs() as logs, Sandbox(1, ocr=False):
        assert logs == []


def test_missing_data_fails_the_check() -> None:
    """Who asks for OCR and has none is told what is missing."""
    line = mail._pictures(Blind(), asked_for=True)  # type: ignore[arg-type]
    assert not line.good
    assert "missing" in line.says
