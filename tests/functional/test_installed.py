"""As it is installed for real: the wheel has all that programs load, the units give each key to its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.house import ROOT, House

UNITS = ROOT / "deploy" / "systemd"
PACKAGES = ("cli", "config", "classifiers", "demo", "domain", "gateway", "register", "vault", "watch", "web")
_LEFT_OUT = {".made-of", ".npmrc", "package.json", "package-lock.json", ".gitkeep"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of a copy, as a build leaves folders behind."""
    source = tmp_path_factory.mktemp("source")
    for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        here = ROOT / name
        if here.is_dir():
            shutil.copytree(here, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, source)
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out), "."]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_has_every_file_of_every_package(wheel: Path) -> None:
    """Templates, tables, styles, the model: what is only in the checkout is missing in a container."""
    there = set(zipfile.ZipFile(wheel).namelist())
    here = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name not in _LEFT_OUT
    }
    assert "config/policy.toml" in here
    assert sorted(here - there) == []


def test_what_is_installed_runs_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """A service is set up and its policy read, by the installed files alone."""
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SALLYPORT_", "COV", "DJANGO"))}
    environment |= {"PYTHONPATH": str(tmp_path / "site"), "SALLYPORT_CONFIG": str(tmp_path / "s" / "sallyport.toml")}
    show = "import config, sys; sys.exit(config.__file__)"
    for words in (["-c", show], ["-m", "cli", "setup", str(tmp_path / "s"), "--domain", "c.example"],
                  ["-m", "cli", "policy", "check"]):  # fmt: skip
        done = subprocess.run([sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True,
                              timeout=120, check=False)  # fmt: skip
        if words[0] == "-c":
            assert done.stderr.startswith(str(tmp_path / "site"))
        else:
            assert done.returncode == 0, done.stderr


def _users(root: Path) -> dict[str, tuple[int, set[int]]]:
    """Each program's user: its number, and its groups'."""
    groups = [line.split(":") for line in (root / "etc" / "group").read_text().splitlines()]
    users = [line.split(":") for line in (root / "etc" / "passwd").read_text().splitlines()]
    return {
        u[0].removeprefix("sallyport-"): (
            int(u[2]), {int(u[3])} | {int(g[2]) for g in groups if u[0] in g[3].split(",")}
        )
        for u in users
    }  # fmt: skip


def _may_read(path: Path, root: Path, user: tuple[int, set[int]]) -> bool:
    """By the modes of the file and of the folders above it, as the kernel would say."""
    number, groups = user
    for place in (path, *(p for p in path.parents if p.is_relative_to(root / "etc" / "sallyport"))):
        status = place.stat()
        shift = 6 if status.st_uid == number else 3 if status.st_gid in groups else 0
        if not status.st_mode >> shift & (1 if place.is_dir() else 4):
            return False
    return True


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("systemd-tmpfiles"), reason="needs root and systemd's tools")
def test_each_key_is_its_programs_alone(tmp_path: Path) -> None:
    """The promise that the relay cannot read, by the operating system: who may read which file that setup made."""
    (tmp_path / "service").mkdir()
    House(tmp_path / "service", 9).set_up()
    root = tmp_path / "root"
    shutil.copytree(tmp_path / "service" / "home", root / "etc" / "sallyport")
    (root / "etc" / "sallyport-keys").mkdir()
    shutil.move(root / "etc" / "sallyport" / "masters" / "records.age-key", root / "etc" / "sallyport-keys")
    for tool, file in (("sysusers", "sallyport.sysusers"), ("tmpfiles", "sallyport.tmpfiles")):
        create = ["--create"] if tool == "tmpfiles" else []
        command = [f"systemd-{tool}", f"--root={root}", *create, str(UNITS / file)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    users = _users(root)
    assert set(users) == {"relay", "web", "worker", "pickup", "keyholder"}
    etc = root / "etc" / "sallyport"

    def readers(name: str) -> set[str]:
        return {who for who, user in users.items() if _may_read(etc / name, root, user)}

    assert readers("sallyport.toml") == set(users)
    assert readers("keys/openpgp.key") == {"relay", "web", "worker", "keyholder"}
    assert readers("keys/audit.key") == {"worker"}
    assert readers("office/review.age-key") == {"web", "worker"}
    assert readers("office/pages.key") == {"web"}
    assert readers("pickup/pickup.age-key") == {"pickup"}
    assert readers("pickup/codes.key") == {"pickup", "web", "worker"}
    assert readers("masters/escrow.age-key") == set()
    assert readers("../sallyport-keys/records.age-key") == {"keyholder"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", sorted(p.name for p in UNITS.glob("*.service")))
def test_a_unit_exposes_no_more_than_the_page_says(unit: str) -> None:
    """The score of systemd, from 0 to 10, less is better; and it finds nothing in the unit that it does not know."""
    page = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    said = float(re.search(r"`systemd-analyze security` gives them ([0-9.]+)", page)[1])
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNITS / unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    score = float(re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)[1])
    assert score <= said
    command = ["systemd-analyze", "verify", str(UNITS / unit)]
    verify = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    complaints = [line for line in verify.stderr.splitlines() if unit in line and "is not executable" not in line]
    assert complaints == []
