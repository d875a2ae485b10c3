"""Who runs a command: whoever logged in, whatever they call themselves since."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from cli import account as module
from cli.account import account


@pytest.mark.parametrize("login", ["4294967295", "", "no number", None], ids=["unset", "empty", "words", "no file"])
def test_where_nobody_logged_in_it_is_the_process_user(
    login: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service, a container, another system; names in the environment do not count."""
    if login is not None:
        (tmp_path / "loginuid").write_text(login)
    monkeypatch.setattr(module, "LOGIN", tmp_path / "loginuid")
    for name in ("USER", "LOGNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody")
    assert account() == f"cli:{pwd.getpwuid(os.getuid()).pw_name}"


def test_one_who_became_another_is_still_one_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By ``sudo -u``, say, to give the second approval too."""
    daemon = pwd.getpwnam("daemon")
    (tmp_path / "loginuid").write_text(f"{daemon.pw_uid}\n")
    monkeypatch.setattr(module, "LOGIN", tmp_path / "loginuid")
    assert account() == "cli:daemon"
    monkeypatch.setattr(os, "getuid", lambda: pwd.getpwnam("nobody").pw_uid)
    assert account() == "cli:daemon"


def test_an_account_without_a_name_is_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loginuid").write_text("3999999999")
    monkeypatch.setattr(module, "LOGIN", tmp_path / "loginuid")
    assert account() == "cli:uid-3999999999"
