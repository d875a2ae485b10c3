"""Settings, policy, keys and files that cannot be used: one sentence, exit code 3, and nothing listens."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import HERE
from gateway.smtp.passwords import hash_password
from tests.support.forked import Answer, Job, run_forked
from tests.support.house import House

_POLICY = (HERE / "policy.toml").read_text(encoding="utf-8")
_RETENTION = (HERE / "retention.toml").read_text(encoding="utf-8")
_BAD_FILES = {
    "syntax.toml": '[relay\nport = "',
    "unknown.toml": "[relay]\nprot = 25\n",
    "binary.toml": b"\xff\xfe[relay]",
    "no-such-action.toml": _POLICY.replace('action = "encrypt"', 'action = "shout"', 1),
    "relays-in-the-clear.toml": _POLICY.replace('action = "encrypt"\nbasis', 'action = "relay"\nbasis', 1),
    "unreadable-may-leave.toml": _POLICY.replace(
        '[conditions.unreadable]\naction = "hold"', '[conditions.unreadable]\naction = "relay"'
    ),
    "open-case.toml": _POLICY.replace('permission = ["missing"]', 'permission = ["withdrawn"]'),
    "no-threshold.toml": _POLICY.replace("threshold = 0.5", "threshold = 0"),
    "policy-syntax.toml": _POLICY + "\n[[",
    "retention-gap.toml": _RETENTION.replace("[medical]", "[something]").replace('"medical"', '"something"'),
    "rubbish.key": b"\x00\x01 this is no key",
    "empty.key": b"",
    "users": f"olu:{hash_password('hunter2')}\n",
    "plain-users": "olu:hunter2\n",
    "a-file": "not a folder",
}
_HOP = '[{"domains": ["*"], "host": "127.0.0.1", "port": 25'

CASES: dict[str, tuple[dict[str, str], str]] = {
    "settings file missing": ({"SALLYPORT_CONFIG": "{bad}/none.toml"}, "none.toml"),
    "settings file not TOML": ({"SALLYPORT_CONFIG": "{bad}/syntax.toml"}, "not well formed"),
    "settings file not UTF-8": ({"SALLYPORT_CONFIG": "{bad}/binary.toml"}, "binary.toml"),
    "settings file a folder": ({"SALLYPORT_CONFIG": "{bad}"}, "does not exist"),
    "setting misspelt": ({"SALLYPORT_CONFIG": "{bad}/unknown.toml"}, "relay.prot"),
    "port not a number": ({"SALLYPORT_RELAY__PORT": "smtp"}, "relay.port"),
    "port out of range": ({"SALLYPORT_RELAY__PORT": "70000"}, "relay.port"),
    "port taken": ({"SALLYPORT_RELAY__PORT": "{taken}"}, "listen"),
    "address of nobody": ({"SALLYPORT_RELAY__HOST": "203.0.113.7"}, "203.0.113.7"),
    "size of nothing": ({"SALLYPORT_RELAY__MAX_SIZE": "0"}, "relay.max_size"),
    "size larger than memory": ({"SALLYPORT_RELAY__MAX_IN_FLIGHT_BYTES": "1000"}, "largest message"),
    "network not one": ({"SALLYPORT_RELAY__NETWORKS": '["10.0.0.0/99"]'}, "relay.networks"),
    "nobody may send": ({"SALLYPORT_RELAY__NETWORKS": "[]"}, "nobody could send"),
    "users without TLS": ({"SALLYPORT_RELAY__USERS_FILE": "{bad}/users"}, "TLS"),
    "users in plain text": ({"SALLYPORT_RELAY__USERS_FILE": "{bad}/plain-users"}, "plain-users"),
    "TLS certificate missing": ({"SALLYPORT_RELAY__TLS_CERTIFICATE": "{bad}/none.pem"}, "none.pem"),
    "TLS certificate of rubbish": ({"SALLYPORT_RELAY__TLS_CERTIFICATE": "{bad}/rubbish.key"}, "rubbish.key"),
    "TLS port without TLS": ({"SALLYPORT_RELAY__TLS_PORT": "4650"}, "TLS"),
    "loop key in no folder": ({"SALLYPORT_RELAY__LOOP_KEY": "{bad}/a-file/loop.key"}, "loop"),
    "loop key empty": ({"SALLYPORT_RELAY__LOOP_KEY": "{bad}/empty.key"}, "empty.key"),
    "loop key a folder": ({"SALLYPORT_RELAY__LOOP_KEY": "{bad}"}, "loop_key"),
    "no next hop": ({"SALLYPORT_NEXT_HOPS": "[]"}, "next_hops"),
    "next hops not JSON": ({"SALLYPORT_NEXT_HOPS": "[{"}, "next_hops"),
    "no next hop for the rest": ({"SALLYPORT_NEXT_HOPS": _HOP.replace("*", "a.example") + "}]"}, "next hop"),
    "password over no TLS": (
        {"SALLYPORT_NEXT_HOPS": _HOP + ', "tls": "off", "username": "u", "password": "hunter2"}]'},
        "TLS",
    ),
    "next hop's CA missing": ({"SALLYPORT_NEXT_HOPS": _HOP + ', "tls": "verified", "ca_file": "none.pem"}]'}, "CA"),
    "service recipient missing": ({"SALLYPORT_VAULT__SERVICE_RECIPIENT": ""}, "service"),
    "a secret as recipient": ({"SALLYPORT_VAULT__SERVICE_RECIPIENT": "AGE-SECRET-KEY-1QQQQ"}, "service"),
    "lock of no days": ({"SALLYPORT_VAULT__LOCK_DAYS": "0"}, "vault.lock_days"),
    "store unknown": ({"SALLYPORT_VAULT__STORE": "tape"}, "vault.store"),
    "S3 without an endpoint": ({"SALLYPORT_VAULT__STORE": "s3"}, "endpoint"),
    "S3 at no host": ({"SALLYPORT_VAULT__STORE": "s3", "SALLYPORT_VAULT__ENDPOINT": "http://x/y"}, "endpoint"),
    "objects below a file": ({"SALLYPORT_VAULT__PATH": "{bad}/a-file/objects"}, "a-file"),
    "signing key missing": ({"SALLYPORT_SERVICE__OPENPGP_KEY": "{bad}/none.key"}, "none.key"),
    "signing key of rubbish": ({"SALLYPORT_SERVICE__OPENPGP_KEY": "{bad}/rubbish.key"}, "OpenPGP"),
    "S/MIME key of rubbish": ({"SALLYPORT_SERVICE__SMIME_KEY": "{bad}/rubbish.key"}, "S/MIME"),
    "council ID not a pattern": ({"SALLYPORT_SANDBOX__COUNCIL_ID": "(["}, "council_id"),
    "no reader": ({"SALLYPORT_SANDBOX__WORKERS": "0"}, "sandbox.workers"),
    "policy missing": ({"SALLYPORT_POLICY_FILE": "{bad}/none.toml"}, "none.toml"),
    "policy not TOML": ({"SALLYPORT_POLICY_FILE": "{bad}/policy-syntax.toml"}, "policy"),
    "policy: unknown action": ({"SALLYPORT_POLICY_FILE": "{bad}/no-such-action.toml"}, "shout"),
    "policy: would relay": ({"SALLYPORT_POLICY_FILE": "{bad}/relays-in-the-clear.toml"}, "in the clear"),
    "policy: unreadable relayed": ({"SALLYPORT_POLICY_FILE": "{bad}/unreadable-may-leave.toml"}, "must hold"),
    "policy: a case left open": ({"SALLYPORT_POLICY_FILE": "{bad}/open-case.toml"}, "no rule"),
    "policy: no threshold": ({"SALLYPORT_POLICY_FILE": "{bad}/no-threshold.toml"}, "threshold"),
    "retention: a gap": ({"SALLYPORT_RETENTION_FILE": "{bad}/retention-gap.toml"}, "medical"),
    "database of no kind": ({"SALLYPORT_DATABASE_URL": "oracle-of-delphi://x"}, "database"),
    "database of another kind": ({"SALLYPORT_DATABASE_URL": "mysql://u:hunter2@h/x"}, "database"),
    "database URL of rubbish": ({"SALLYPORT_DATABASE_URL": "postgres://u:hunter2@h:port/x"}, "database"),
    "secret file missing": ({"SALLYPORT_DATABASE_URL_FILE": "{bad}/none"}, "SALLYPORT_DATABASE_URL_FILE"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Answer]]:
    """What ``sallyport relay`` does in each case, and whether it listened."""
    house = House(tmp_path_factory.mktemp("settings"), 9).set_up()
    bad = tmp_path_factory.mktemp("bad")
    for name, content in _BAD_FILES.items():
        (bad / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = {"{bad}": str(bad), "{taken}": str(taken.getsockname()[1])}
        yield {answer.name: answer for answer in run_forked([_job(house, name, words) for name in CASES])}


def _job(house: House, name: str, words: dict[str, str]) -> Job:
    changes = CASES[name][0]
    for word, meaning in words.items():
        changes = {k: v.replace(word, meaning) for k, v in changes.items()}
    return Job(name, ("relay",), house.environment() | changes, house.folder)


@pytest.mark.parametrize("case", CASES)
def test_refused_at_start(case: str, answers: dict[str, Answer]) -> None:
    """Exit code 3; one line that names what to look at; no traceback, no secret; it never listened."""
    done = answers[case]
    assert done.code == 3, done.errors[-1500:]
    lines = done.errors.strip().splitlines()
    assert len(lines) == 1, done.errors
    assert lines[0].startswith("sallyport: ")
    assert lines[0].endswith(".")
    assert CASES[case][1].lower() in lines[0].lower()
    assert not re.search(r"Traceback|Error\b|hunter2|AGE-SECRET|listening", done.output + done.errors)


def test_the_same_settings_without_the_fault_start(tmp_path: Path) -> None:
    """The cases above are refused for their fault alone."""
    house = House(tmp_path, 9).set_up()
    with house.relay() as relay:
        assert relay.poll() is None
        assert house.submit(b"", ["not an address"]).startswith("5")
