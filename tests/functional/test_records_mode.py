"""The relay refuses to start on a store that lets locks be shortened, and names what the store did wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import moto_server
from tests.support.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service whose vault is moto's server, which keeps no COMPLIANCE lock."""
    with moto_server.running() as server:
        extra = {
            "SALLYPORT_VAULT__STORE": "s3",
            "SALLYPORT_VAULT__ENDPOINT": server.endpoint,
            "SALLYPORT_VAULT__SECURE": "false",
            "SALLYPORT_VAULT__ACCESS_KEY": "moto",
            "SALLYPORT_VAULT__SECRET_KEY": "moto-secret",
        }
        house = House(tmp_path_factory.mktemp("lax"), 1, extra=extra)
        house.command("setup", str(house.home), "--domain", "council.example")
        house.command("migrate")
        yield house


def _relay(house: House, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "relay"],
        env=house.environment() | environment,
        cwd=house.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_relay_refuses_a_store_that_fails_the_probe(house: House) -> None:
    """Exit code 3, one sentence, the line that failed; no listener."""
    done = _relay(house)
    assert done.returncode == 3
    assert "NOT so: shortening its lock is refused" in done.stderr
    assert "docs/object-stores.md" in done.stderr
    assert "Traceback" not in done.stderr
    assert "moto-secret" not in done.stderr + done.stdout


def test_check_names_each_line_that_failed(house: House) -> None:
    """Those that hold are shown as well."""
    done = house.command("check", check=False)
    assert done.returncode == 6
    vault = [line for line in done.stdout.splitlines() if " vault: " in line]
    assert len(vault) == 14
    assert [line for line in vault if line.startswith("FAIL")] == [
        "FAIL vault: NOT so: shortening its lock is refused",
        "FAIL vault: NOT so: no bypass of lesser locks gets around it",
        "FAIL vault: NOT so: its lock is as long as before",
    ]
    assert "ok   escrow: it can be deleted, and nothing of it stays" in done.stdout


def test_out_of_records_mode_the_relay_starts_and_check_says_so(house: House) -> None:
    """For trying things out: nobody can forget that it is off."""
    off = {"SALLYPORT_VAULT__RECORDS_MODE": "false"}
    with house.relay(**off) as process:
        assert process.poll() is None
    house.extra |= off
    done = house.command("check", check=False)
    assert "FAIL vault: vault.records_mode is off" in done.stdout


def test_the_folder_of_a_first_start_passes(tmp_path: Path) -> None:
    """`sallyport setup` gives a relay that starts: the local folder keeps its own rules."""
    house = House(tmp_path, 1)
    house.command("setup", str(house.home), "--domain", "council.example")
    house.command("migrate")
    with house.relay() as process:
        assert process.poll() is None
    assert "not proven" not in house.log()
