"""What officers read."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

from domain.decision import Action, Decision, Reason
from domain.model import Address
from domain.outgoing import HopReply
from domain.ports import Release
from domain.tags import Concern
from gateway.notices import PlainNotices
from gateway.offers import Offers
from tests import build
from tests.build import CARER, OFFICER, RULES, SECRET
from tests.fakes import NOW

NOTICES = PlainNotices("Shared Lives", "shared-lives@council.example", "01962 496 0000", "gw.council.example")
GP = Address.of("gp@surgery.example")


def stopped(recipient: Address, action: Action, *rules: str) -> Decision:
    reasons = tuple(Reason(r, action, f"Because of {r}", f"Mend {r}.") for r in rules)
    return Decision(recipient, action, (Reason("fine", Action.ENCRYPT, "All fine"), *reasons))


def compose(*decisions, refusals=(), **message):
    notice = NOTICES.compose(build.message(**message), build.envelope(), decisions, refusals, NOW)
    assert notice.recipient == OFFICER
    return message_from_bytes(notice.content, policy=default), notice


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def test_says_what_for_whom_why_and_what_to_do():
    mail, _ = compose(stopped(CARER, Action.HOLD, "a"), stopped(GP, Action.REJECT, "b"))
    text = text_of(mail)
    for words in (CARER.text, GP.text, "Because of a.", "Mend a.", "Because of b.", "Kept back", "will not be sent"):
        assert words in text
    assert "All fine" not in text
    assert text.index("Kept back") < text.index("will not be sent")


def test_says_that_it_may_be_sent_again_and_when():
    """As text and as HTML, with the setting's time; a notice of a release has nothing to be sent again."""
    mail, _ = compose(stopped(CARER, Action.HOLD, "a"))
    html = mail.get_body(("html",)).get_content()
    for body in (text_of(mail), html):
        assert "you may send the mail again: 15 minutes from now or later" in " ".join(body.split())
    (told,) = PlainNotices("S", "s@c.example", "", "gw", ["boss@c.example"]).compose_releases(
        build.message(), build.envelope(), [Release(CARER, Concern.RISK, NOW)], NOW
    )
    assert b"send the mail again" not in told.content


def test_recipients_with_the_same_reasons_share_a_block():
    mail, _ = compose(stopped(CARER, Action.HOLD, "a"), stopped(GP, Action.HOLD, "a"))
    assert text_of(mail).count("Because of a.") == 1


def test_a_refusal_of_the_next_system_is_told():
    mail, _ = compose(refusals=[HopReply(GP, 550, "5.1.1 secret banner")])
    assert "refused this address" in text_of(mail)
    assert "banner" not in text_of(mail)


def test_nothing_answers_it():
    """Null sender, and marked as automatic (RFC 3834)."""
    mail, notice = compose(stopped(CARER, Action.HOLD, "a"))
    assert notice.sender.key == ""
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == "<1@council.example>"


def test_the_html_says_the_same_and_escapes():
    mail, _ = compose(stopped(CARER, Action.HOLD, "a"), subject="<script>alert(1)</script>")
    html = mail.get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "Mend a." in html


def test_no_word_of_the_mail_is_in_it():
    """No personal data beyond the recipient's address and the mail's own subject."""
    _, notice = compose(stopped(CARER, Action.HOLD, "a"))
    assert SECRET not in notice.content
    assert b"Ann Lee" not in notice.content


def test_a_subject_cannot_add_header_fields():
    """Header injection, control characters, endless subjects."""
    mail, _ = compose(stopped(CARER, Action.HOLD, "a"), subject="Hi\r\nBcc: thief@else.example\x07" + "x" * 500)
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) < 130
    mail, _ = compose(stopped(CARER, Action.HOLD, "a"), subject="")
    assert "(no subject)" in mail["Subject"]


def test_an_officer_with_an_international_address():
    sender = Address.of("müller@council.example")
    notice = NOTICES.compose(
        build.message(), build.envelope(sender=sender), [stopped(CARER, Action.HOLD, "a")], [], NOW
    )
    assert notice.options == ("SMTPUTF8",)
    assert "müller@council.example".encode() in notice.content


def test_without_a_phone_number_none_is_named():
    notice = PlainNotices("S", "s@council.example", "", "gw").compose(build.message(), build.envelope(), [], [], NOW)
    assert b"or ring" not in notice.content


GUARD = RULES.guard
LIKE = Decision(
    CARER, Action.HOLD, (Reason("recipient-look-alike", Action.HOLD, "A letter may be wrong", instead=GP.text),)
)


def offering(*decisions: Decision, address: bool = True, console: str = ""):
    to = (lambda raw, sender: f"answers+{len(raw)}@{sender.domain}") if address else None
    notices = PlainNotices("S", "s@c.example", "", "gw", offers=Offers(GUARD, to, console))
    mail = message_from_bytes(
        notices.compose(build.message(), build.envelope(), decisions, [], NOW).content, policy=default
    )
    return mail, text_of(mail)


def test_a_doubt_about_an_address_can_be_answered_with_a_word():
    """As an ordinary mail: some mail programs offer no answer to a delivery report."""
    mail, text = offering(LIKE, console="https://console.example")
    assert mail["Reply-To"].startswith("answers+")
    assert mail.get_content_type() == "multipart/alternative"
    assert f"{CARER.text} (did you mean {GP.text}?)" in text
    assert "YES: the address is right" in text
    assert "OTHER: send it to the address that I meant" in text
    assert "under My sent mail: https://console.example" in text


def test_what_takes_a_reviewer_is_not_offered():
    also = Reason("no-permission", Action.HOLD, "No form")
    mail, text = offering(Decision(CARER, Action.HOLD, (*LIKE.reasons, also)))
    assert "YES" not in text
    assert "OTHER" in text
    mail, text = offering(stopped(CARER, Action.HOLD, "a"), console="https://console.example")
    assert mail["Reply-To"] is None
    assert mail.get_content_type() == "multipart/report"
    assert "console" not in text
    mail, text = offering(LIKE, address=False)
    assert mail["Reply-To"] is None
    assert "Answer this message" not in text
