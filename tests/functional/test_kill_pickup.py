"""kill -9 of the relay while mail is put aside to be picked up: one link opens, and it is the one that left last."""

from __future__ import annotations

import hashlib
import re
import time
from uuid import NAMESPACE_OID, uuid5

import pytest

from tests.support.house import NO_KEY, SECRET, House, letter

MOMENTS = [
    f"{step}:{side}"
    for step in ("protector.protect", "vault.file", "pickups.keep", "journal.intend", "hop.deliver", "journal.settle")
    for side in ("before", "after")
]
SMTP_WINDOW = {"hop.deliver:after", "journal.settle:before"}
LINK = re.compile(rb"/p/([\w-]{43})")


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at(moment, house, sink):
    mail = letter(Message_ID=f"<{uuid5(NAMESPACE_OID, moment)}@council.example>", Subject=moment)
    sink.received.clear()
    with house.relay("tests.support.killable", KILL_AT=moment) as relay:
        answer = house.submit(mail, (NO_KEY,))
        assert relay.wait(20) == -9, f"{moment} was never reached"
    if not answer.startswith("250"):
        with house.relay():
            answer = _until_accepted(house, mail)
    assert answer.startswith("250"), answer
    notices = [m for m in sink.received if NO_KEY in m.recipients]
    assert len(notices) == (2 if moment in SMTP_WINDOW else 1)
    assert all(SECRET.encode() not in m.content for m in notices)
    digest = hashlib.sha256(mail).hexdigest()
    opens = house.rows(f"select link_sha256 from vault_pickupgrant where digest = '{digest}' and ended = ''")
    newest = LINK.search(notices[-1].content)[1]
    assert opens == [(hashlib.sha256(newest).hexdigest(),)]


def _until_accepted(house: House, mail: bytes) -> str:
    for _ in range(20):
        answer = house.submit(mail, (NO_KEY,))
        if answer.startswith("250"):
            return answer
        time.sleep(0.5)
    return answer
