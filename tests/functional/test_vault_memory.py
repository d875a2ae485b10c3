"""A large attachment is filed without holding it many times over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ceph

ROOT = Path(__file__).parents[2]
SCRIPT = """
import base64, os, sys
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from pathlib import Path
from domain.ports import FiledPart
from tests.contract.conftest import RealClock
from tests.support.ceph import Ceph
from tests.support.vaults import ANN, House, filing, part

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])

house = House(Path(sys.argv[1]), RealClock())
if sys.argv[2]:
    house.store = Ceph(sys.argv[2]).store("memory-" + os.urandom(6).hex())
filer = house.filer()
filer.file(filing(raw=b"Subject: first\\r\\n\\r\\n"), house.clock.now())
content = os.urandom(25_000_000)
raw = b"Subject: scan\\r\\n\\r\\n" + base64.encodebytes(content)
mail = filing(FiledPart(part(content), frozenset({ANN}), frozenset()), raw=raw)
Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts again from here
before = kilobytes("VmRSS")
filer.file(mail, house.clock.now())
print((kilobytes("VmHWM") - before) // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("store", ["folder", "ceph"])
def test_25_megabytes_cost_less_than_80_more(tmp_path: Path, store: str) -> None:
    """The attachment and the 34 MB mail around it are sealed one after the other, each in memory sealed once."""
    if store == "folder":
        assert extra_megabytes(tmp_path, "") < 80
        return
    with ceph.running() as server:
        assert extra_megabytes(tmp_path, server.endpoint) < 80


def extra_megabytes(folder: Path, endpoint: str) -> int:
    """The peak while filing, over what the process had before."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), endpoint],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "SALLYPORT_DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout)
