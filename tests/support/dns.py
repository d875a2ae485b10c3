"""A real resolver on the loopback: ``unbound``, with a signed zone of the test's own, and an unsigned one."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.dnssec
import dns.name
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

_SOA = "@ 300 IN SOA ns hostmaster 1 300 300 3000 300\n@ 300 IN NS ns\nns 300 IN A 127.0.0.1\n"
_CONFIG = """\
server:
  interface: 127.0.0.1@{port}
  port: {port}
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  logfile: ""
  use-syslog: no
  num-threads: 1
  do-not-query-localhost: no
  module-config: "validator iterator"
  access-control: 127.0.0.0/8 allow
{anchors}{zones}"""


@contextmanager
def unbound(folder: Path, signed: dict[str, str], plain: dict[str, str]) -> Iterator[int]:
    """The port of a resolver that validates. By zone name: records as in a zone file, without SOA and NS."""
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    anchors = "".join(f'  trust-anchor: "{_sign(folder, name, text)}"\n' for name, text in signed.items())
    for name, text in plain.items():
        (folder / f"{name}.zone").write_text(f"$ORIGIN {name}.\n{_SOA}{text}")
    zones = "".join(
        f'auth-zone:\n  name: "{name}"\n  zonefile: "{name}.zone"\n  for-downstream: no\n  for-upstream: yes\n'
        for name in (*signed, *plain)
    )
    (folder / "unbound.conf").write_text(_CONFIG.format(port=port, folder=folder, anchors=anchors, zones=zones))
    program = shutil.which("unbound", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "unbound"
    command = [program, "-d", "-v", "-c", str(folder / "unbound.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert process.stderr
        assert any(b"start of service" in line for line in process.stderr)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _sign(folder: Path, name: str, text: str) -> str:
    """Writes the signed zone, and gives its key's DS record as an anchor of trust."""
    zone = dns.zone.from_text(f"$ORIGIN {name}.\n{_SOA}{text}", origin=f"{name}.", relativize=False)
    key = ec.generate_private_key(ec.SECP256R1())
    dnskey = dns.dnssec.make_dnskey(key.public_key(), "ECDSAP256SHA256", flags=257)
    with zone.writer() as writer:
        dns.dnssec.sign_zone(zone, writer, keys=[(key, dnskey)], lifetime=86400)
    (folder / f"{name}.zone").write_text(zone.to_text(relativize=False))
    ds = dns.dnssec.make_ds(dns.name.from_text(name), dnskey, "SHA256")
    return f"{name}. 300 IN DS {ds.to_text()}"
