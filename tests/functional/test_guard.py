"""A mistyped address, from the relay to the officer's one word and out: the real relay, worker, database and keys."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from tests.support.house import CARER, COLLEAGUE, OFFICER, SURGERY, House, letter
from tests.support.sink import Received, Sink

TYPED = "gp@surgrey.example"
SLIPS = (TYPED, "gp@srugery.example", "gp@surgeyr.example", "gp@surgerye.example", "gp@surgry.example")
"""One a test: what was confirmed once is known afterwards."""
ANSWERS = "answers@sallyport.council.example"


@pytest.fixture(scope="module")
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink):
    extra = {"SALLYPORT_SERVICE__ANSWERS": ANSWERS, "SALLYPORT_JOURNAL__LEASE_SECONDS": "60"}
    house = House(tmp_path_factory.mktemp("guard"), sink.port, extra=extra).set_up(TYPED)
    with house.relay():
        yield house


@pytest.fixture(autouse=True)
def _nothing_received(sink) -> None:
    sink.received.clear()


def secure(number: int, to: str) -> bytes:
    """Nothing in it is confidential, and its officer wants it protected: the address alone is to be doubted."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = OFFICER, to, f"[secure] Meeting {number}"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 +0000", f"<secure-{number}@council.example>"
    mail.set_content(f"Dear colleague,\n\nthe meeting is in room {number}.\n\nOlu\n")
    return mail.as_bytes()


def answer(to: str, words: str, sender: str = OFFICER, **headers: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Re: Not sent"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{words}\n\n> Your mail was not sent.\n")
    return mail.as_bytes()


def held(house: House, sink: Sink, number: int, to: str) -> tuple[str, str]:
    """Sent to the mistyped address and held: where the notice asks to be answered, and what it says."""
    sink.received.clear()
    assert house.submit(secure(number, to), [to]).startswith("250")
    (notice,) = sink.received
    mail = message_from_bytes(notice.content, policy=default)
    sink.received.clear()
    return str(mail["Reply-To"]), mail.get_body(("plain",)).get_content()


def carried_out(house: House, sink: Sink) -> list[Received]:
    """What leaves once the worker has been round, without the week's reminders."""
    house.command("worker", "--once")
    return [m for m in sink.received if b"Subject: To do this week" not in m.content]


def orders(house: House) -> int:
    return int(str(house.rows("select count(*) from vault_settlement")[0][0]))


def test_a_slip_is_held_and_named_and_the_word_other_sends_it_where_it_was_meant_to_go(house, sink) -> None:
    reply_to, text = held(house, sink, 1, SLIPS[1])
    assert re.fullmatch(r"answers\+[a-z2-7]{26}-[a-z2-7]{26}@sallyport\.council\.example", reply_to)
    assert len(reply_to.partition("@")[0]) <= 64
    assert "almost the same as one that is known here" in text
    assert f"{SLIPS[1]} (did you mean {SURGERY}?)" in text
    assert "YES: the address is right" in text
    assert house.submit(answer(reply_to, "OTHER"), [reply_to]).startswith("250")
    assert sink.received == []
    protected, told = sorted(carried_out(house, sink), key=lambda m: m.recipients != (SURGERY,))
    assert protected.recipients == (SURGERY,)
    assert b"smime-type=" in protected.content
    assert told.recipients == (OFFICER,)
    assert b"was sent to that address, as you asked" in told.content
    assert house.rows("select state from vault_heldmail order by id desc limit 1") == [("released",)]


def test_the_word_yes_sends_it_and_the_same_answer_again_sends_nothing(house, sink) -> None:
    reply_to, _ = held(house, sink, 2, TYPED)
    for _ in range(2):
        assert house.submit(answer(reply_to, " Yes. "), [reply_to]).startswith("250")
    assert sink.received == []
    protected, told = sorted(carried_out(house, sink), key=lambda m: m.recipients != (TYPED,))
    assert (protected.recipients, told.recipients) == ((TYPED,), (OFFICER,))
    assert b"multipart/encrypted" in protected.content
    sink.received.clear()
    assert house.submit(answer(reply_to, "YES"), [reply_to]).startswith("250")
    (refused,) = carried_out(house, sink)
    assert b"could not be used" in refused.content
    events = house.rows("select actor from vault_auditevent where action = 'held: confirm ordered'")
    assert ("mail:officer@council.example",) in events


def test_an_answer_that_is_not_the_officers_own_word_changes_nothing(house, sink) -> None:
    """Somebody else's, a forged author, another's mark, no word, a program's, none at all: each told as it may be."""
    reply_to, _ = held(house, sink, 3, SLIPS[2])
    before = orders(house)
    other = reply_to[:8] + ("a" if reply_to[8] != "a" else "b") + reply_to[9:]
    tries = [
        (answer(reply_to, "YES", COLLEAGUE), reply_to, COLLEAGUE, 1),
        (answer(reply_to, "YES", COLLEAGUE), reply_to, OFFICER, 1),
        (answer(reply_to, "YES"), reply_to, COLLEAGUE, 1),
        (answer(other, "YES"), other, OFFICER, 1),
        (answer(ANSWERS, "YES"), ANSWERS, OFFICER, 1),
        (answer(reply_to, "Yes, but not before Monday"), reply_to, OFFICER, 1),
        (answer(reply_to, "> YES"), reply_to, OFFICER, 1),
        (answer(reply_to, "YES", "thief@else.example"), reply_to, "thief@else.example", 0),
        (answer(reply_to, "YES", Auto_Submitted="auto-replied"), reply_to, OFFICER, 0),
        (answer(reply_to, "YES", Precedence="bulk"), reply_to, OFFICER, 0),
        (answer(reply_to, "YES"), reply_to, "", 0),
    ]
    for mail, to, sender, notices in tries:
        sink.received.clear()
        assert house.submit(mail, [to], sender).startswith("250")
        assert len(sink.received) == notices, (sender, mail[:200])
        for notice in sink.received:
            assert notice.recipients == (sender,)
            assert notice.sender in {"", "<>"}
            assert b"Reply-To" not in notice.content
            assert b"Auto-Submitted: auto-replied" in notice.content
    assert orders(house) == before


def test_what_is_held_for_more_than_its_address_takes_a_reviewer(house, sink) -> None:
    """The mark on the notice of a mail whose permission is missing, too: the word YES does not let it go."""
    sink.received.clear()
    mail = letter(To=SLIPS[4], Message_ID="<more@council.example>")
    assert house.submit(mail, [SLIPS[4]]).startswith("250")
    notice = message_from_bytes(sink.received[0].content, policy=default)
    text = notice.get_body(("plain",)).get_content()
    assert f"did you mean {SURGERY}?" in text
    assert "YES" not in text
    reply_to, before = str(notice["Reply-To"]), orders(house)
    assert house.submit(answer(reply_to, "YES"), [reply_to]).startswith("250")
    assert orders(house) == before
    assert house.submit(answer(reply_to, "OTHER"), [reply_to]).startswith("250")
    assert orders(house) == before + 1


def test_an_answer_sent_to_others_as_well_is_taken_and_goes_on_to_them(house, sink) -> None:
    reply_to, _ = held(house, sink, 5, SLIPS[3])
    assert house.submit(answer(reply_to, "OTHER"), [COLLEAGUE, reply_to]).startswith("250")
    (copy,) = sink.received
    assert copy.recipients == (COLLEAGUE,)


def test_who_is_written_to_is_new_once_and_then_known(house, sink) -> None:
    """It leaves all the same; the officer is to be told in a digest, once."""
    for number in (1, 2):
        mail = letter(Message_ID=f"<new-{number}@council.example>")
        assert house.submit(mail, [CARER]).startswith("250")
    assert [m.recipients for m in sink.received] == [(CARER,), (CARER,)]
    known = house.rows(f"select sender, times from vault_correspondence where recipient = '{CARER}'")
    assert known == [(OFFICER, 2)]
    warned = house.rows(f"select why from vault_addresswarning where recipient = '{CARER}'")
    assert warned == [("You have not sent this recipient anything about this person before",)]
    house.rows("update vault_addresswarning set at = datetime('now', '-5 hours')")
    sink.received.clear()
    (digest,) = [m for m in carried_out(house, sink) if b"Subject: Please check" in m.content]
    assert (digest.sender in {"", "<>"}, digest.recipients) == (True, (OFFICER,))
    assert CARER.encode() in digest.content
    assert house.rows("select count(*) from vault_addresswarning where told_at is null") == [(0,)]


def test_many_visible_addresses_are_held_whatever_the_mail_says_and_hidden_ones_are_not(house, sink) -> None:
    crowd = [f"person{n}@else{n}.example" for n in range(21)]
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = OFFICER, ", ".join(crowd), "Summer fair"
    mail.set_content("Come to the fair on Saturday.\n")
    assert house.submit(mail.as_bytes(), crowd).startswith("250")
    (notice,) = sink.received
    text = message_from_bytes(notice.content, policy=default).get_body(("plain",)).get_content()
    assert "Put the addresses into Bcc" in text
    assert all(address in text for address in crowd)
    sink.received.clear()
    del mail["To"]
    assert house.submit(mail.as_bytes(), crowd).startswith("250")
    assert {r for m in sink.received for r in m.recipients} == set(crowd)


def test_explain_says_what_may_be_meant(house, tmp_path) -> None:
    (tmp_path / "mail.eml").write_bytes(secure(9, SLIPS[4]))
    said = " ".join(house.command("explain", str(tmp_path / "mail.eml")).stdout.split())
    assert f"{SLIPS[4]}: HOLD" in said
    assert f"Perhaps meant: {SURGERY}." in said


def plain(number: int, to: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = OFFICER, to, f"Meeting {number}"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 +0000", f"<plain-{number}@council.example>"
    mail.set_content(f"Dear colleague,\n\nthe meeting is in room {number}.\n\nOlu\n")
    return mail.as_bytes()


def test_a_harmless_mail_with_a_slip_or_a_wrong_name_leaves_and_its_officer_is_warned_once(house, sink) -> None:
    """As it came, at once; a second one warns no more. A name that the register has elsewhere, and a right address."""
    (last,) = house.rows("select coalesce(max(id), 0) from vault_addresswarning")
    mails = (("gp@surgerry.example", ""), ("bob@clinic.example", "Cara Jones"), (SURGERY, ""), (COLLEAGUE, ""))
    for number, (to, name) in enumerate((*mails, *mails)):
        assert house.submit(plain(number, f"{name} <{to}>" if name else to), [to]).startswith("250")
    assert [r.recipients for r in sink.received] == [(to,) for to, _ in (*mails, *mails)]
    assert all(b"the meeting is in room" in r.content for r in sink.received)
    rows = house.rows(f"select recipient, instead from vault_addresswarning where id > {last[0]}")
    assert sorted(rows) == [("bob@clinic.example", CARER), ("gp@surgerry.example", SURGERY)]


def test_where_the_other_address_is_held_too_that_is_the_one_entry_that_waits(house, sink) -> None:
    """Its officer has said which is meant, and is told why that one waits; the mistyped one is done with."""
    assert house.submit(letter(To=SLIPS[2], Message_ID="<both@council.example>"), [SLIPS[2]]).startswith("250")
    reply_to = str(message_from_bytes(sink.received[0].content, policy=default)["Reply-To"])
    house.command("permission", "withdraw", "F-1")
    assert house.submit(answer(reply_to, "OTHER"), [reply_to]).startswith("250")
    sink.received.clear()
    (told,) = carried_out(house, sink)
    assert told.recipients == (OFFICER,)
    assert SURGERY.encode() in told.content
    newest = house.rows("select recipient, state from vault_heldmail order by id desc limit 2")
    assert newest == [(SURGERY, "held"), (SLIPS[2], "superseded")]
    ((state, outcome),) = house.rows("select state, outcome from vault_settlement order by id desc limit 1")
    assert (state, outcome) == ("done", f"meant for {SURGERY}, for whom it is held")
