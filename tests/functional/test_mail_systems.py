"""The set-up of Postfix in docs/mail-systems.md, as it stands there, around a running relay."""

from __future__ import annotations

import re
import smtplib
import socket
from pathlib import Path

import pytest

from gateway.deliver import Route, Security, SmtpNextHop
from tests.functional.test_postfix import Through, eventually, guard
from tests.support.postfix import Postfix, need_postfix
from tests.support.relay import running
from tests.support.sink import Sink

pytestmark = pytest.mark.slow

_PAGE = (Path(__file__).parent.parent.parent / "docs" / "mail-systems.md").read_text(encoding="utf-8")
MAIL = b"From: o@council.example\r\nTo: c@carers.example\r\nSubject: x\r\nMessage-ID: <1@c.example>\r\n\r\nHello\r\n"


def block(name: str) -> str:
    """What the page says stands in that file."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```\n(.*?)```", _PAGE, re.DOTALL)
    assert found
    return found[1]


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_the_set_up_of_the_page_sends_mail_round_once_and_keeps_it_while_the_relay_is_away() -> None:
    """In at the first port, through the relay with its loop guard, back at the second, out to the world."""
    need_postfix()
    back, to_relay = free(), free()
    with Sink() as world:
        main = block("main.cf").replace(":2525", f":{to_relay}")
        master = block("master.cf").replace(":10026", f":{back}")
        with Postfix((world.host, world.port), main=main, master=master) as postfix:
            send(postfix)  # the relay is away
            eventually(lambda: "Connection refused" in postfix.log(), postfix)
            assert world.received == []
            hop = SmtpNextHop([Route(("*",), "127.0.0.1", back, Security.OFF)], "relay.test")
            through = Through(hop, guard())
            with running(through, port=to_relay, guard=guard().check):
                postfix.flush()
                eventually(lambda: world.received, postfix)
                send(postfix)
                eventually(lambda: len(world.received) == 2, postfix)
                eventually(lambda: "Mail queue is empty" in postfix.queue(), postfix)
            hop.close()
    assert len(through.envelopes) == 2
    for mail in world.received:
        assert mail.content.count(b"X-Sallyport-Trace:") == 1
        assert mail.recipients == ("c@carers.example",)


def send(postfix: Postfix) -> None:
    with smtplib.SMTP(postfix.host, postfix.port, timeout=20) as client:
        client.sendmail("o@council.example", ["c@carers.example"], MAIL)
