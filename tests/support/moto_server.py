"""moto's S3 server on loopback: a hint, never a proof, for it is no store and keeps no COMPLIANCE lock."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from moto.server import ThreadedMotoServer

from vault.objects.s3 import S3Store


@dataclass(frozen=True, slots=True)
class Moto:
    """Where it listens."""

    endpoint: str

    def store(self, bucket: str) -> S3Store:
        """A store over a bucket of this name, which is made with Object Lock."""
        store = S3Store(self.endpoint, bucket, access_key="moto", secret_key="moto", secure=False)
        store.create_bucket()
        return store


@contextmanager
def running() -> Iterator[Moto]:
    """Started in a thread, and stopped at the end."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield Moto(f"{host}:{port}")
    finally:
        server.stop()
