"""The lines of docs/keys.md in a running Postfix: a mail from outside goes in as ever, and brings its author's key."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.protect import generate
from tests.functional.test_postfix import eventually
from tests.support import inbound
from tests.support.house import ROOT, House
from tests.support.postfix import Postfix, need_postfix
from tests.support.sink import Sink

pytestmark = pytest.mark.slow

_PAGE = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
_PEOPLE = "type,id,name,email\nprofessional,P-1,Mr Tallow,solicitor@law.example\n"
_DATED = b"Date: Tue, 01 Dec 2026 09:00:00 +0000\r\nMessage-ID: <%d@law.example>\r\n"
ADDRESS, OFFICER = "solicitor@law.example", "officer@council.example"
_HANDED_OVER = """#!/usr/bin/python3
import socket, sys
with socket.create_connection(("127.0.0.1", {port}), timeout=240) as line:
    line.sendall(" ".join(sys.argv[1:]).encode() + b"\\0" + sys.stdin.buffer.read())
    line.shutdown(socket.SHUT_WR)
    sys.exit(int(line.recv(4) or b"99"))
"""
"""Postfix starts programs as an account that may not read this Python; so the words and the mail are handed to us."""


def block(name: str) -> str:
    """What the page says stands in that file."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```\n(.*?)```", _PAGE, re.DOTALL)
    assert found
    return found[1]


class Harvester:
    """Runs the real command for whoever hands it over. ``down``: as where the database is away."""

    def __init__(self, house: House) -> None:
        self.house, self.down, self.runs = house, False, list[tuple[str, int]]()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            with line:
                given = line.makefile("rb").read()
                words, _, mail = given.partition(b"\0")
                line.sendall(str(self._run(words.decode().split(), mail)).encode())

    def _run(self, words: list[str], mail: bytes) -> int:
        environment = self.house.environment()
        if self.down:
            environment["SALLYPORT_DATABASE_URL"] = "sqlite:////dev/null/all.sqlite3"  # no folder, not even for root
        command = [sys.executable, "-m", "cli", *words]
        done = subprocess.run(
            command, input=mail, env=environment, cwd=ROOT, capture_output=True, timeout=240, check=False
        )
        self.runs.append((" ".join(words), done.returncode))
        return done.returncode

    def close(self) -> None:
        self._server.close()


@contextmanager
def way_in(house: House, to: Sink) -> Iterator[tuple[Postfix, Harvester]]:
    """A Postfix in the way in, with the page's lines; it hands mail on to the mailboxes."""
    harvester = Harvester(house)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        program = Path(folder) / "sallyport"
        program.write_text(_HANDED_OVER.format(port=harvester.port))
        program.chmod(0o755)
        lines = block("harvest master.cf")
        master = lines.replace("/opt/sallyport/bin/sallyport", str(program)).replace("user=sallyport", "user=nobody")
        assert master != lines
        with Postfix((to.host, to.port), main=block("harvest main.cf"), master=master) as postfix:
            yield postfix, harvester
    harvester.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A service that knows the solicitor."""
    need_postfix()
    made = House(tmp_path, 9, extra={"SALLYPORT_KEYS__HARVEST": '["openpgp"]'})
    made.command("setup", str(made.home), "--domain", "council.example")
    (tmp_path / "people.csv").write_text(_PEOPLE)
    made.command("register", "import", str(tmp_path / "people.csv"))
    return made


def below_the_trace(content: bytes) -> bytes:
    """Without the fields that each mail system puts on top."""
    return re.sub(
        rb"\A(?:(?:Received|Return-Path|Delivered-To|X-Peer|X-MailFrom|X-RcptTo):[^\n]*\n(?:[ \t][^\n]*\n)*)+",
        b"",
        content,
    )


def test_a_signed_mail_arrives_to_the_octet_and_its_key_is_seen(house: House) -> None:
    """And not used; where the command fails the mail arrives all the same, and the copy waits and is tried again."""
    secret, public = generate.make_openpgp_key("Sol", ADDRESS, SystemClock().now(), timedelta(days=365))
    mail = _DATED % 1 + inbound.openpgp(secret, public, ADDRESS)
    plain = _DATED % 2 + inbound.plain(author=ADDRESS).replace(
        b"Good morning.", base64.encodebytes(b"x" * 3000).replace(b"\n", b"\r\n") + b".dot"
    )
    with Sink() as mailboxes, way_in(house, mailboxes) as (postfix, harvester):
        harvester.down = True
        send(postfix, mail)
        eventually(lambda: mailboxes.received and harvester.runs, postfix, 120)
        assert [code == 0 for _, code in harvester.runs] == [False]
        eventually(lambda: "status=deferred" in postfix.log(), postfix)
        assert house.rows("select count(*) from register_seenkey") == [(0,)]
        harvester.down = False
        postfix.flush()
        eventually(lambda: harvester.runs[-1][1] == 0, postfix, 120)
        send(postfix, plain)
        eventually(lambda: len(mailboxes.received) == 2, postfix, 60)
        eventually(lambda: len([code for _, code in harvester.runs if code == 0]) == 2, postfix, 120)
        eventually(lambda: "is empty" in postfix.queue(), postfix)
    assert {words for words, _ in harvester.runs} == {"keys harvest -"}
    assert [r.recipients for r in mailboxes.received] == [(OFFICER,)] * 2, (
        "the copy goes nowhere else, and nobody outside hears of it"
    )
    assert [below_the_trace(r.content) for r in mailboxes.received] == [mail, plain]
    assert house.rows("select address, source, changed from register_seenkey") == [(ADDRESS, "openpgp", 0)]
    assert house.rows("select count(*) from register_recipientkey") == [(0,)]


def send(postfix: Postfix, mail: bytes) -> None:
    with smtplib.SMTP(postfix.host, postfix.port, timeout=60) as client:
        client.sendmail(ADDRESS, [OFFICER], mail)
