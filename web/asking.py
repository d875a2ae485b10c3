"""How many questions a request asks of the database: said in the log, and bounded by the tests in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Questions:
    """A wrapper as Django's ``connection.execute_wrapper`` takes it."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, execute: Callable[..., Any], *question: Any) -> Any:
        """One more."""
        self.asked += 1
        return execute(*question)
