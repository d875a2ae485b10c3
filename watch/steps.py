"""Steps of a message's way, timed, and as spans where traces are wanted.

The pipeline knows nothing of it: what it calls is wrapped (``gateway/watched.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from time import perf_counter
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from watch.metrics import FAILURES, STEPS

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Steps:
    """Times calls by step. With a ``tracer`` each is a span as well; without one that costs nothing."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer

    def timed(self, step: str, call: Callable[P, R]) -> Callable[P, R]:
        """The same call, with its time observed, and the kind of error that it ends with counted."""
        observe = STEPS.labels(step).observe

        @wraps(call)
        def watched(*args: P.args, **kwargs: P.kwargs) -> R:
            begun = perf_counter()
            try:
                with self.span(step):
                    return call(*args, **kwargs)
            except BaseException as error:
                FAILURES.labels(step, type(error).__name__).inc()
                raise
            finally:
                observe(perf_counter() - begun)

        return watched

    def port(self, inner: T, **steps: str) -> T:
        """The same port, with these methods timed as these steps; everything else is untouched."""
        calls = {method: self.timed(step, getattr(inner, method)) for method, step in steps.items()}
        return cast("T", _Watched(inner, calls))

    def span(self, name: str, **attributes: str | int) -> AbstractContextManager[Span | None]:
        """A span, if there is a tracer. An error's text may quote a mail, so none goes into it."""
        if self._tracer is None:
            return nullcontext()
        return self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        )


class _Watched:
    """A port whose methods are others' here and there."""

    def __init__(self, inner: object, calls: dict[str, Callable[..., object]]) -> None:
        self._inner = inner
        self.__dict__.update(calls)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)
