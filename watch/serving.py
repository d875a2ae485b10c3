"""``/metrics``, ``/health/live`` and ``/health/ready``, on a port of their own, which is never a public one.

Several relay processes share the port (``SO_REUSEPORT``) and write their numbers into one folder, so whichever of them
answers, answers for all (Prometheus' "multiprocess mode").
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING, Any, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from domain.errors import ConfigurationError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from prometheus_client.registry import Collector

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = 5
Ready = Callable[[], str]
"""What keeps a program from doing its work, as a word or two for operators; empty when nothing does."""


def share_numbers() -> None:
    """From now on the processes that this one forks count together. Before ``prometheus_client`` is imported."""
    folder, mine = tempfile.mkdtemp(prefix="sallyport-numbers-"), os.getpid()
    os.environ[_FOLDER] = folder
    atexit.register(_forget, folder, mine)


def _forget(folder: str, mine: int) -> None:
    """The processes that were forked end, too; it is not theirs."""
    if os.getpid() == mine:
        shutil.rmtree(folder, ignore_errors=True)


def gone(process: int) -> None:
    """That process has ended; what it has open counts no more."""
    if _FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(process)  # type: ignore[no-untyped-call]


def serve(host: str, port: int, ready: Ready, collectors: Iterable[Collector] = ()) -> Callable[[], None]:
    """Answer in a thread, until the function that is returned is called. Raises ``ConfigurationError``."""
    try:
        server = make_server(host, port, _application(ready, collectors), _Server, _Handler)
    except OSError as error:
        public = f"Metrics cannot be served at {host} port {port}: it is in use, or not an address of this machine."
        raise ConfigurationError("watch", public=public) from error
    Thread(target=server.serve_forever, name="watch", daemon=True).start()
    return server.shutdown


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_port = True
    request_queue_size = 16

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up does; nothing of it belongs into our log."""


class _Handler(WSGIRequestHandler):
    timeout = _SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """No line for each look."""


def _application(ready: Ready, collectors: Iterable[Collector]) -> WSGIApplication:
    from prometheus_client import make_wsgi_app

    metrics = make_wsgi_app(_registry(collectors))

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return cast("Iterable[bytes]", metrics(environ, start))
        status, text = _health(path, ready)
        body = f"{text}\n".encode()
        start(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def _health(path: str, ready: Ready) -> tuple[str, str]:
    if path == "/health/live":
        return "200 OK", "alive"
    if path != "/health/ready":
        return "404 Not Found", "/metrics, /health/live and /health/ready are here"
    trouble = ready()
    return ("503 Service Unavailable", trouble) if trouble else ("200 OK", "ready")


def _registry(collectors: Iterable[Collector]) -> Any:
    from prometheus_client import REGISTRY, CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry() if _FOLDER in os.environ else REGISTRY
    if registry is not REGISTRY:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    for collector in collectors:
        registry.register(collector)
    return registry
