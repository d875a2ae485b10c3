"""One target under atheris: ``python -m tests.fuzz TARGET [libFuzzer's options and folders]``."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["classifiers", "gateway"]):
    from tests.fuzz.targets import TARGETS


def main(arguments: list[str]) -> None:
    """Run until the time is up or something is found."""
    target = TARGETS[arguments.pop(1)]
    atheris.Setup(arguments, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
