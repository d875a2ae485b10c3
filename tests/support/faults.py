"""Faults of the world outside that a test can bring about and take away again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

MIB = 2**20


def peak_memory(pid: int) -> int:
    """The most memory that a process ever had, in octets."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) * 1024


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that is ours, and on which nobody answers."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing can be written below ``folder``, not by root either."""
    if os.geteuid():
        with _without_write_permission(folder):
            yield
        return
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,bind,ro", str(folder))
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _without_write_permission(folder: Path) -> Iterator[None]:
    folders = [folder, *(p for p in folder.rglob("*") if p.is_dir())]
    modes = {p: p.stat().st_mode for p in folders}
    for path in folders:
        path.chmod(0o500)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """``folder`` on a disk of its own of ``size`` octets; what is in it comes along and back. Needs root."""
    if os.geteuid():
        warnings.warn("A FULL DISK WAS NOT TESTED: mounting needs root", stacklevel=2)
        pytest.skip("a full disk was not tested: mounting needs root")
    with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
        shutil.copytree(folder, aside, dirs_exist_ok=True)
        _mount("-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(folder))
        try:
            shutil.copytree(aside, folder, dirs_exist_ok=True)
            yield
            shutil.copytree(folder, aside, dirs_exist_ok=True)
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.copytree(aside, folder, dirs_exist_ok=True)


def fill(folder: Path) -> Path:
    """Write until there is no room; the file that took it."""
    filler = folder / "filler"
    with filler.open("wb", 0) as out:
        for size in (MIB, 4096, 1):
            try:
                while True:
                    out.write(b"\0" * size)
            except OSError:
                continue
    return filler


def kill_children(pid: int, having: str) -> int:
    """SIGKILL to a process's own children whose command line holds ``having``; how many."""
    killed = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            words = (status.parent / "cmdline").read_bytes().decode(errors="replace")
            if f"\nPPid:\t{pid}\n" in status.read_text(encoding="ascii", errors="replace") and having in words:
                os.kill(int(status.parent.name), signal.SIGKILL)
                killed += 1
    return killed


def _mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        warnings.warn(f"A FAULT WAS NOT TESTED: mounting failed: {done.stderr}", stacklevel=3)
        pytest.skip("mounting is not possible here: " + done.stderr)
