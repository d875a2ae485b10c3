"""A real Postfix of the test's own: private configuration, queue and log, on loopback, gone afterwards.

``Postfix(relay_to=(host, port))`` takes mail on ``.port`` and hands it to that address, by SMTP or
LMTP. It retries within seconds. Needs root and the Debian package; see :func:`need_postfix`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import pytest

_MASTER = """\
{listen} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = {name}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_transport = {transport}:[{host}]:{port}
relay_transport = {transport}:[{host}]:{port}
smtpd_relay_restrictions = permit_mynetworks, reject
local_recipient_maps =
alias_maps =
smtputf8_enable = yes
message_size_limit = 67108864
mailbox_size_limit = 0
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 2s
smtp_connection_reuse_time_limit = 10s
smtp_destination_rate_delay = 0s
default_destination_recipient_limit = 50
smtp_tls_security_level = may
smtpd_tls_security_level = {smtpd_tls}
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
biff = no
"""


def need_postfix() -> None:
    """Skip loudly where there is no Postfix or no root; in CI that is a failure."""
    missing = "Postfix is not installed" if shutil.which("postfix") is None else ""
    missing = missing or ("Postfix needs root" if os.geteuid() != 0 else "")
    if missing:
        message = f"NOT TESTED against a real Postfix: {missing}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


class Postfix:
    """Use as a context manager."""

    def __init__(
        self,
        relay_to: tuple[str, int],
        *,
        name: str = "postfix.test",
        lmtp: bool = False,
        certificate: Path | None = None,
        key: Path | None = None,
        main: str = "",
        master: str = "",
    ) -> None:
        """``main`` and ``master`` are put behind what stands in those files already."""
        self.home = Path(tempfile.mkdtemp(prefix="sallyport-postfix-"))
        self.home.chmod(0o755)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self.host = "127.0.0.1"
        host, port = relay_to
        self._etc = self.home / "etc"
        self._etc.mkdir()
        (self._etc / "master.cf").write_text(_MASTER.format(listen=f"127.0.0.1:{self.port}") + master)
        (self._etc / "main.cf").write_text(
            _MAIN.format(
                home=self.home,
                name=name,
                host=host,
                port=port,
                transport="lmtp:inet" if lmtp else "smtp",
                smtpd_tls="may" if certificate else "none",
                certificate=certificate or "",
                key=key or "",
            )
            + main
        )
        for folder in ("queue", "data"):
            (self.home / folder).mkdir()
        account = pwd.getpwnam("postfix")
        os.chown(self.home / "data", account.pw_uid, account.pw_gid)

    def __enter__(self) -> Self:
        self._postfix("start")
        end = time.monotonic() + 15
        while time.monotonic() < end:
            try:
                socket.create_connection((self.host, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise AssertionError(self.log())

    def __exit__(self, *_: object) -> None:
        self._postfix("abort", check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        """All that it has logged."""
        path = self.home / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def queue(self) -> str:
        """What waits, as ``postqueue -p`` tells it."""
        command = ["postqueue", "-c", str(self._etc), "-p"]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout

    def flush(self) -> None:
        """Try everything again now."""
        subprocess.run(["postqueue", "-c", str(self._etc), "-f"], timeout=30, check=False)

    def main(self, name: str) -> str:
        """What is set."""
        command = ["postconf", "-c", str(self._etc), "-h", name]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()

    def change(self, name: str, value: str) -> None:
        """Set it, and have it taken up."""
        subprocess.run(["postconf", "-c", str(self._etc), f"{name}={value}"], timeout=30, check=True)
        self._postfix("reload")

    def _postfix(self, command: str, *, check: bool = True) -> None:
        done = subprocess.run(
            ["postfix", "-c", str(self._etc), command], capture_output=True, text=True, timeout=60, check=False
        )
        assert not check or done.returncode == 0, done.stderr + self.log()
