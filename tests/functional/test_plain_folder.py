"""Where a bundle of whole records is made: nothing plain is left there, however the process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vault.export.plain import plain_folder

_WORK = """
import os, sys, time
from pathlib import Path
os.environ |= {"DJANGO_SETTINGS_MODULE": "config.django", "SALLYPORT_DATABASE_URL": "sqlite://:memory:"}
import django
django.setup()
from vault.export.plain import plain_folder
with plain_folder(Path(sys.argv[1])) as folder:
    (folder / "records").mkdir()
    (folder / "records" / "mail.eml").write_text("plain")
    print("made", flush=True)
    time.sleep(60)
"""


def at_work(place: Path) -> subprocess.Popen[str]:
    """Somebody who has written something plain, and goes on."""
    work = subprocess.Popen([sys.executable, "-c", _WORK, str(place)], stdout=subprocess.PIPE, text=True)
    assert work.stdout
    assert work.stdout.readline() == "made\n"
    return work


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_that_can_be_heard_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Also the terminal that is closed."""
    work = at_work(tmp_path)
    work.send_signal(number)
    assert work.wait(20) != 0
    assert not list(tmp_path.iterdir())


def test_what_a_kill_left_is_wiped_by_the_next_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    """Nobody hears a SIGKILL."""
    killed, busy = at_work(tmp_path), at_work(tmp_path)
    killed.kill()
    killed.wait(20)
    assert len(list(tmp_path.rglob("mail.eml"))) == 2
    with plain_folder(tmp_path) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(list(tmp_path.rglob("mail.eml"))) == 1
    busy.terminate()
    busy.wait(20)
    assert not list(tmp_path.iterdir())


def test_handlers_are_as_they_were(tmp_path: Path) -> None:
    """Whoever works in the same process afterwards hears signals as before."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), plain_folder(tmp_path):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    assert not list(tmp_path.iterdir())
