"""``sallyport keys harvest`` as a mail server runs it: the mail by a pipe, its lines ended by LF alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from gateway.clock import SystemClock
from gateway.protect import generate
from tests.support import inbound
from tests.support.house import ROOT, House

_PEOPLE = "type,id,name,email\nprofessional,P-1,Mr Tallow,solicitor@law.example\n"
ADDRESS = "solicitor@law.example"


def test_a_mail_by_a_pipe_brings_a_key_that_is_seen_and_not_used(tmp_path: Path) -> None:
    """By the real program and its database."""
    house = House(tmp_path, 9, extra={"SALLYPORT_KEYS__HARVEST": '["openpgp"]'})
    house.command("setup", str(house.home), "--domain", "council.example")
    (tmp_path / "people.csv").write_text(_PEOPLE)
    house.command("register", "import", str(tmp_path / "people.csv"))
    secret, public = generate.make_openpgp_key("Sol", ADDRESS, SystemClock().now(), timedelta(days=365))
    mail = inbound.openpgp(secret, public, ADDRESS).replace(b"\r\n", b"\n")
    words = [sys.executable, "-m", "cli", "keys", "harvest", "-"]
    done = subprocess.run(
        words, input=mail, env=house.environment(), cwd=ROOT, capture_output=True, check=True, timeout=240
    )
    assert b"seen for the first time" in done.stdout
    assert house.rows("select address, source, changed from register_seenkey") == [(ADDRESS, "openpgp", 0)]
    assert house.rows("select count(*) from register_recipientkey") == [(0,)]
