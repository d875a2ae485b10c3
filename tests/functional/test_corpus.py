"""Every specimen of ``tests/corpus`` through one real relay: what is decided, what leaves, what is never seen."""

from __future__ import annotations

import base64
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path
from urllib.request import urlopen

import pysequoia
import pytest

from gateway.mime.fields import without_bcc
from tests.support.corpus import Expected, Specimen, seen_in, specimens
from tests.support.dkim_signing import holds, signed
from tests.support.house import INSPECTOR, SOLICITOR, House, free_port
from tests.support.sink import Received, Sink

SPECIMENS = specimens()


@dataclass
class Way:
    """The service and what stands after it."""

    house: House
    sink: Sink
    watched: int
    """The port of its numbers."""


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with Sink() as sink:
        house = House(tmp_path_factory.mktemp("corpus"), sink.port).set_up(SOLICITOR, INSPECTOR)
        port = free_port()
        with house.relay(SALLYPORT_WATCH__RELAY=str(port)):
            yield Way(house, sink, port)


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda s: s.name)
def test_specimen(specimen: Specimen, way: Way, tmp_path: Path) -> None:
    """Accepted; decided as the specimen says; only what may leave has left, and it opens to the octets that came.

    Each is signed by its author's mail system (DKIM), and what is relayed still verifies.
    """
    specimen = replace(specimen, raw=signed(specimen.raw))
    way.sink.received.clear()
    last = _last_event(way.house)
    answer = way.house.submit(specimen.raw, [r.address for r in specimen.to], specimen.sender)
    assert answer.startswith("250"), answer
    _decided(specimen, way.house, last)
    for expected in specimen.to:
        _left(specimen, expected, way, tmp_path)
    _sender_told(specimen, way.sink)


def _last_event(house: House) -> int:
    return int(str(house.rows("select coalesce(max(sequence), 0) from vault_auditevent")[0][0]))


def _decided(specimen: Specimen, house: House, last: int) -> None:
    """What the audit trail says was intended, and under which classes the mail was filed."""
    events = house.rows(
        "select json_extract(details, '$.recipient'), substr(action, 10), json_extract(details, '$.rules'), "
        f"json_extract(details, '$.method'), record from vault_auditevent "
        f"where sequence > {last} and action like 'intended %'"
    )
    assert len(events) == len(specimen.to)
    by_recipient = {e[0]: e[1:] for e in events}
    for expected in specimen.to:
        action, rules, method, record = by_recipient[expected.address.lower()]
        assert (action, method) == (expected.action, expected.method), (expected.address, action, rules)
        assert f'"{expected.rule}"' in str(rules), (expected.address, rules)
        _categories(house, expected, record, specimen.found)
    classes = house.rows(f"select classes from vault_vaultrecord where id = '{events[0][4]}'")[0][0]
    assert str(classes) == _as_classes(specimen.found)


def _as_classes(found: frozenset[str]) -> str:
    return "[" + ", ".join(f'"{c}"' for c in sorted(found or {"correspondence"})) + "]"


def _categories(house: House, expected: Expected, record: object, found: frozenset[str]) -> None:
    """The deciding reason names the category; where no category decided, the specimen names none."""
    decisions = json.loads(str(house.rows(f"select decisions from vault_vaultrecord where id = '{record}'")[0][0]))
    mine = next(d for d in decisions if d["recipient"] == expected.address)
    categories = {r["category"] or "" for r in mine["reasons"] if r["rule"] == expected.rule}
    assert expected.category in categories
    assert categories <= {expected.category, *found}


def _left(specimen: Specimen, expected: Expected, way: Way, folder: Path) -> None:
    copies = [m for m in way.sink.received if expected.address in m.recipients]
    assert len(copies) == (expected.action in {"RELAY", "ENCRYPT"}), Counter(r for m in copies for r in m.recipients)
    for copy in copies:
        assert copy.sender in ({"", "<>"} if not specimen.sender else {specimen.sender})
        assert seen_in(copy.content, specimen.never + expected.never) == []
        if expected.action == "RELAY":
            _unchanged(specimen, copy)
        else:
            _opens(specimen, expected, copy, way.house.folder, folder)


def _unchanged(specimen: Specimen, copy: Received) -> None:
    """Our trace fields on top, Bcc gone, every other octet as it came: the author's signature stays good."""
    trace, found, _ = copy.content.partition(b"DKIM-Signature:")
    assert found
    assert [line.partition(b":")[0] for line in trace.splitlines() if line[:1] not in b" \t"] == [
        b"Received", b"X-Sallyport-Trace",
    ]  # fmt: skip
    assert copy.content == trace + b"".join(without_bcc(specimen.raw))
    assert holds(copy.content)


def _opens(specimen: Specimen, expected: Expected, copy: Received, keys: Path, folder: Path) -> None:
    """For the recipient, and to exactly the body that the officer wrote."""
    assert copy.recipients == (expected.address,)
    secret = keys / f"{expected.address.lower()}.key"
    opened = _openpgp(copy, secret) if expected.method == "OpenPGP" else _smime(copy, secret, folder)
    assert opened.partition(b"\r\n\r\n")[2] == specimen.raw.partition(b"\r\n\r\n")[2]
    assert [w for w in expected.inside if w.encode() not in opened] == []


def _openpgp(copy: Received, secret: Path) -> bytes:
    armour = copy.content[copy.content.index(b"-----BEGIN PGP MESSAGE") :]
    return bytes(pysequoia.decrypt(armour, pysequoia.Tsk.from_bytes(secret.read_bytes()).decryptor()).bytes)


def _smime(copy: Received, secret: Path, folder: Path) -> bytes:
    (folder / "in").write_bytes(copy.content)
    for words in (["-decrypt", "-in", "in", "-inkey", str(secret)], ["-verify", "-noverify", "-in", "out1"]):
        out = "out1" if "-decrypt" in words else "out2"
        subprocess.run(["openssl", "cms", *words, "-out", out], cwd=folder, check=True, capture_output=True, timeout=60)
    return (folder / "out2").read_bytes()


def _sender_told(specimen: Specimen, sink: Sink) -> None:
    """One notice to the sender if anything was stopped, which repeats nothing of the mail but its subject line."""
    notices = [m for m in sink.received if m.sender in {"", "<>"} and m.recipients == (specimen.sender,)]
    stopped = [r.address for r in specimen.to if r.action in {"HOLD", "REJECT"}]
    assert len(notices) == (bool(stopped) and bool(specimen.sender))
    header = specimen.raw.partition(b"\r\n\r\n")[0]
    for notice in notices:
        text = message_from_bytes(notice.content, policy=policy.default).get_body(("plain",)).get_content()
        assert all(address in text for address in stopped)
        told = [w for w in specimen.never if w.encode().lower() not in header.lower()]
        assert seen_in(notice.content, told) == []


def test_the_specimens_can_fail() -> None:
    """The search that proves absence finds each word of every specimen in the mail itself, and in base64."""
    for specimen in SPECIMENS:
        for word in specimen.never:
            encoded = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(word.encode())
            assert len(word) < 8 or seen_in(encoded, [word]) == [word]
    everything = b"\r\n".join(s.raw for s in SPECIMENS)
    assert "levetiracetam" in seen_in(everything, ["levetiracetam"])


def test_the_log_holds_nothing_of_them(way: Way) -> None:
    """No word that must never be seen, no address, in the relay's log after all specimens."""
    words = {w for s in SPECIMENS for w in s.never} - {"Bcc:", "bcc:", "leaflet"}
    addresses = {r.address for s in SPECIMENS for r in s.to} | {s.sender for s in SPECIMENS if s.sender}
    log = way.house.log()
    assert log.count('"event": "message"') >= 1
    assert seen_in(log.encode(), words | addresses | _register_of(way.house)) == []


def test_the_numbers_hold_nothing_of_them(way: Way) -> None:
    """Nor in what the relay shows to whoever watches it, after the same day."""
    with urlopen(f"http://127.0.0.1:{way.watched}/metrics", timeout=30) as answer:
        numbers = answer.read()
    assert numbers.count(b'sallyport_decisions_total{action="hold"') >= 1
    addresses = {r.address for s in SPECIMENS for r in s.to} | {s.sender for s in SPECIMENS if s.sender}
    assert seen_in(numbers, addresses | _register_of(way.house)) == []


def _register_of(house: House) -> set[str]:
    """Every name, address and number of the register."""
    people = house.rows("select council_id, nhs_number from register_person")
    names = house.rows("select name from register_personname")
    others = house.rows("select name, email from register_party")
    found = {str(cell) for row in (*people, *names, *others) for cell in row if cell}
    assert {"Ann Lee", "SL-00001"} <= found
    return found
