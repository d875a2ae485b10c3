"""The digest of warnings: what an officer reads of mails that left."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

from gateway.letters import Letterhead
from gateway.warned import Warned, WarningDigest
from tests.build import NOW, OFFICER

DIGEST = WarningDigest(
    Letterhead("Shared Lives", "sl@council.example"), "01962 496 0000", "gw", "https://console.example"
)
ONE = Warned("gp@surgery.example", NOW, "You have not written to it before", "Check it.", "dr@surgery.example")


def read(*warnings: Warned):
    notice = DIGEST.compose(OFFICER, warnings, NOW)
    mail = message_from_bytes(notice.content, policy=default)
    return notice, mail, *(mail.get_body((kind,)).get_content() for kind in ("plain", "html"))


def test_it_says_which_mail_why_and_what_to_do():
    notice, mail, text, html = read(ONE)
    assert notice.sender.key == ""
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Reply-To"] is None
    assert mail["Subject"] == "Please check: 1 address that you wrote to"
    for words in (ONE.recipient, "23 November, 09:00", ONE.why, "Did you mean dr@surgery.example?", "Check it."):
        assert words in text
        assert words in html
    for words in ("It has been sent", "ring 01962 496 0000", "https://console.example", "72 hours"):
        assert words in text


def test_many_are_counted_and_the_same_is_the_same_mail():
    many = [ONE._replace(recipient=f"a{n}@x.example", instead="", why="<b>new</b>") for n in range(53)]
    _, mail, text, html = read(*many)
    assert "53 addresses" in mail["Subject"]
    assert text.count("@x.example") == 50
    assert "and 3 more" in text
    assert "Did you mean" not in text
    assert "<b>" not in html
    assert mail["Message-ID"] == read(*many)[1]["Message-ID"]
    assert mail["Message-ID"] != read(*many[1:])[1]["Message-ID"]
    plain = WarningDigest(Letterhead("S", "s@c.example"), "", "gw").compose(OFFICER, many[:1], NOW)
    assert b"console" not in plain.content
