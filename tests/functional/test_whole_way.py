"""The whole way as a council would run it: two relays, one PostgreSQL, one Ceph, real mails; no fakes."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from email import message_from_bytes

import pytest

from tests.support import ceph, postgres
from tests.support.house import CARER, COLLEAGUE, NO_KEY, OFFICER, SECRET, SURGERY, House, free_port, letter
from tests.support.sink import Sink


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink) -> Iterator[House]:
    """A service over PostgreSQL and Ceph, with two relays running; ``other`` is the second one's handle."""
    with ExitStack() as stack:
        url, s3 = stack.enter_context(postgres.running()), stack.enter_context(ceph.running())
        extra = {
            "SALLYPORT_VAULT__STORE": "s3",
            "SALLYPORT_VAULT__ENDPOINT": s3.endpoint,
            "SALLYPORT_VAULT__SECURE": "false",
            "SALLYPORT_VAULT__ACCESS_KEY": s3.access_key,
            "SALLYPORT_VAULT__SECRET_KEY": s3.secret_key,
        }
        house = House(tmp_path_factory.mktemp("whole"), sink.port, url, extra).set_up()
        other = replace(house, port=free_port())
        stack.enter_context(house.relay())
        stack.enter_context(other.relay())
        house.other = other
        yield house


def test_every_part_outside_is_good(house):
    """`sallyport check` over PostgreSQL and Ceph, with the lock probe."""
    said = house.command("check").stdout
    assert "postgresql" in said
    assert "deleting it is refused" in said
    assert "FAIL" not in said


def test_a_mail_goes_protected_and_its_sealed_copy_opens_with_a_master(house, sink, tmp_path):
    """In by SMTP, out by OpenPGP and S/MIME; filed in Ceph under lock; opened again by `vault get`."""
    sink.received.clear()
    assert house.submit(letter(Message_ID="<whole-1@c>"), (CARER, SURGERY, NO_KEY, COLLEAGUE)).startswith("250")
    kinds = {r: message_from_bytes(m.content).get_content_type() for m in sink.received for r in m.recipients}
    assert kinds[CARER] == "multipart/encrypted"
    assert kinds[SURGERY] == "application/pkcs7-mime"
    assert kinds[COLLEAGUE] == "multipart/mixed"
    assert NO_KEY not in kinds
    assert kinds[OFFICER] == "multipart/report"  # told of the one that was held
    record = re.findall(r"\b[0-9A-Z]{26}\b", house.command("vault", "list").stdout)[0]
    out = tmp_path / "opened"
    key = str(house.home / "masters" / "records.age-key")
    house.command("vault", "get", record, "-i", key, "--why", "test", "--out", str(out))
    assert any(SECRET.encode() in p.read_bytes() for p in out.rglob("*") if p.is_file())


def test_what_left_opens_with_gpg_and_openssl(house, sink, tmp_path):
    """The recipients read it with what they have: the letter, the real subject, the service's signature."""
    sink.received.clear()
    assert house.submit(letter(Message_ID="<whole-2@c>"), (CARER, SURGERY)).startswith("250")
    by = {m.recipients[0]: m.content for m in sink.received}
    (tmp_path / "pgp.eml").write_bytes(by[CARER])
    gpg = ["gpg", "--batch", "--quiet", "--homedir", str(tmp_path)]
    tmp_path.chmod(0o700)
    subprocess.run([*gpg, "--import", str(house.folder / f"{CARER}.key")], check=True, capture_output=True)
    subprocess.run([*gpg, "--import", str(house.home / "keys" / "openpgp.pub")], check=True, capture_output=True)
    opened = subprocess.run([*gpg, "--decrypt", str(tmp_path / "pgp.eml")], check=True, capture_output=True)
    assert b"Good signature" in opened.stderr
    assert b"Subject: Clinic letter" in opened.stdout
    assert b"Clinic letter" not in by[CARER]
    (tmp_path / "smime.eml").write_bytes(by[SURGERY])
    certificate, key = (str(house.folder / f"{SURGERY}.{s}") for s in ("pub", "key"))
    decrypt = ["openssl", "cms", "-decrypt", "-in", str(tmp_path / "smime.eml"), "-recip", certificate, "-inkey", key]
    inner = subprocess.run(decrypt, check=True, capture_output=True).stdout
    own = str(house.home / "keys" / "smime.crt")
    verify = ["openssl", "cms", "-verify", "-CAfile", own, "-purpose", "any"]
    verified = subprocess.run(verify, input=inner, check=True, capture_output=True)
    assert b"Subject: Clinic letter" in verified.stdout
    assert SECRET.encode() in _text_of(verified.stdout)


def _text_of(mail: bytes) -> bytes:
    return b"".join(p.get_payload(decode=True) or b"" for p in message_from_bytes(mail).walk())


def test_two_relays_with_the_same_mail_serve_everybody_once(house, sink):
    """As when a sending server loses the line and tries at the other node: one copy each, whoever wins."""
    sink.received.clear()
    mail = letter(Message_ID="<whole-3@c>")
    to = (CARER, SURGERY, NO_KEY, COLLEAGUE)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda h: h.submit(mail, to), [house, house.other] * 3))
    assert any(a.startswith("250") for a in answers), answers
    assert all(a.startswith(("250", "451")) for a in answers), answers
    assert house.other.submit(mail, to).startswith("250")
    copies = Counter(r for m in sink.received if m.sender == OFFICER for r in m.recipients)
    assert copies == {CARER: 1, SURGERY: 1, COLLEAGUE: 1}
    notices = [m for m in sink.received if m.recipients == (OFFICER,)]
    assert len(notices) == 1


def test_a_withdrawal_counts_for_the_next_mail_at_both_relays(house, sink, tmp_path):
    """Promise 5, on two nodes over one database."""
    register = (house.folder / "register.csv").read_text(encoding="utf-8")
    lines = register.splitlines()
    columns = lines[0].split(",")
    form = next(line for line in lines if line.startswith("permission,F-1,")).split(",")
    form += [""] * (len(columns) - len(form))
    cells = dict(zip(columns, form, strict=True))
    cells["withdrawn_on"] = cells["signed_on"]
    header = columns if "withdrawn_on" in columns else [*columns, "withdrawn_on"]
    path = tmp_path / "withdrawn.csv"
    path.write_text(f"{','.join(header)}\n{','.join(cells[c] for c in header)}\n", encoding="utf-8")
    house.command("register", "import", str(path))
    sink.received.clear()
    for number, relay in enumerate((house, house.other)):
        assert relay.submit(letter(Message_ID=f"<whole-4-{number}@c>"), (SURGERY,)).startswith("250")
    assert [m.recipients for m in sink.received] == [(OFFICER,), (OFFICER,)]
    assert all(b"withdrawn" in m.content for m in sink.received)
