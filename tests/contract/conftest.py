"""The stores that the suite runs over: a folder, and a real Ceph RGW."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import ceph
from vault.objects.local import LocalStore
from vault.objects.port import ObjectStore


class RealClock:
    """The servers' locks go by real time, so the folder's must too."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the edge, in a test


@pytest.fixture(scope="session")
def rgw() -> Iterator[ceph.Ceph]:
    """Started once for the session, on first use."""
    with ceph.running() as server:
        yield server


@pytest.fixture(params=["folder", "ceph"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return LocalStore(tmp_path / "objects", RealClock())
    server: ceph.Ceph = request.getfixturevalue("rgw")
    return server.store(f"t-{uuid.uuid4().hex}")
