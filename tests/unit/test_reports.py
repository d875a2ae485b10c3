"""What a sender asked about reports, what is told then, and how programs read it (RFC 3461, RFC 3464)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes
from email.policy import compat32, default

import pytest
from flufl.bounce import all_failures
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Action, Decision
from domain.model import NULL_SENDER, Address, Analysis, Envelope
from domain.outgoing import Fate, HopReply, Notice
from domain.reports import Asked, Notify, Reports, written
from gateway.pipeline import process
from gateway.smtp import asked
from gateway.smtp.arguments import Rejected
from tests import build
from tests.build import CARER, OFFICER
from tests.fakes import NOW, Faults
from tests.property.test_promises import COLLEAGUE, NO_KEY, OTHER_CARER, RAW, ports
from tests.unit.test_notices import NOTICES, stopped
from vault.held import copy as held_copy

GP = Address.of("gp@surgery.example")
JORG = Address.of("jörg@x.example")


def reports(recipient: Address, *notify: Notify, original: str = "", **of_mail: str) -> Reports:
    return Reports(asked=(Asked(recipient.key, frozenset(notify), original),), **of_mail)


@pytest.mark.parametrize(
    ("notify", "failure", "delay", "success"),
    [
        ((), True, True, False),
        ((Notify.NEVER,), False, False, False),
        ((Notify.SUCCESS,), False, False, True),
        ((Notify.FAILURE,), True, True, False),
        ((Notify.DELAY,), False, True, False),
        ((Notify.SUCCESS, Notify.FAILURE), True, True, True),
    ],
)
def test_of_what_the_sender_hears(notify: Sequence[Notify], *, failure: bool, delay: bool, success: bool) -> None:
    """By NOTIFY; who was asked nothing about is told of failure and delay."""
    wishes = reports(GP, *notify)
    assert (wishes.on_failure(GP.key), wishes.on_delay(GP.key), wishes.on_success(GP.key)) == (failure, delay, success)
    assert wishes.on_failure(CARER.key)
    assert not wishes.on_success(CARER.key)
    assert written(notify) == ",".join(n for n in ("NEVER", "SUCCESS", "FAILURE", "DELAY") if n in notify)


def fields(notice: Notice) -> list[dict[str, str]]:
    """The blocks of the delivery status, the mail's first."""
    mail = message_from_bytes(notice.content, policy=compat32)
    assert mail.get_content_type() == "multipart/report"
    assert mail.get_param("report-type") == "delivery-status"
    letter, status, header = mail.get_payload()
    assert letter.get_content_type() in {"multipart/alternative", "text/plain"}
    assert status.get_content_type() == "message/delivery-status"
    assert header.get_content_type() in {"text/rfc822-headers", "message/rfc822"}
    assert not status.defects
    return [{name: re.sub(r"\r?\n(?=[ \t])", "", value) for name, value in b.items()} for b in status.get_payload()]


def notice(*decisions: Decision, refusals: Sequence[HopReply] = (), relayed: Sequence[HopReply] = (), **more) -> Notice:
    to = [d.recipient for d in decisions] + [r.recipient for r in (*refusals, *relayed)]
    envelope = replace(build.envelope(*to), reports=more.pop("wishes", Reports()))
    return NOTICES.compose(build.message(**more), envelope, decisions, refusals, NOW, relayed)


def test_programs_read_in_it_what_became_of_each_recipient() -> None:
    """One report for all; original recipients and the envelope's name as they were given; the hop's own status."""
    told = notice(
        stopped(CARER, Action.HOLD, "a"),
        stopped(JORG, Action.REJECT, "b"),
        refusals=[HopReply(GP, 550, "5.1.1 Unknown")],
        relayed=[HopReply(OTHER_CARER, 250, "Ok", silent=True)],
        wishes=reports(GP, original="rfc822;GP+2Bpost@surgery.example", envid="QQ314+2B159"),
    )
    mail, *each = fields(told)
    assert mail["Original-Envelope-Id"] == "QQ314+159"
    assert mail["Reporting-MTA"] == "dns; gw.council.example"
    assert [(b["Final-Recipient"], b["Action"], b["Status"]) for b in each] == [
        ("rfc822; carer@carers.example", "delayed", "4.7.1"),
        (r"utf-8; j\x{F6}rg@x.example", "failed", "5.7.1"),
        ("rfc822; gp@surgery.example", "failed", "5.1.1"),
        ("rfc822; other@carers.example", "relayed", "2.0.0"),
    ]
    assert each[2]["Original-Recipient"] == "rfc822; GP+post@surgery.example"
    assert each[2]["Diagnostic-Code"] == "smtp; 550 5.1.1 Unknown"
    assert all("Diagnostic-Code" not in block for block in (each[0], each[1], each[3]))
    assert (told.sender, told.recipient) == (NULL_SENDER, OFFICER)


def test_mailman_reads_it_as_a_bounce() -> None:
    """A program of somebody else's knows who failed and who only waits."""
    told = notice(stopped(CARER, Action.HOLD, "a"), refusals=[HopReply(GP, 550, "No")])
    waiting, failed = all_failures(message_from_bytes(told.content))
    assert (waiting, failed) == ({CARER.text.encode()}, {GP.text.encode()})


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("5.1.1 Unknown", "5.1.1"),
        ("4.7.1 odd", "5.0.0"),
        ("No", "5.0.0"),
        ("5.1.1.1 x", "5.0.0"),
        ("5.22.333", "5.22.333"),
    ],
)
def test_the_status_is_the_hops_where_it_fits_its_code(text: str, status: str) -> None:
    """RFC 2034: the classes agree."""
    assert fields(notice(refusals=[HopReply(GP, 550, text)]))[1]["Status"] == status


def test_the_header_tells_which_mail_it_was_and_nothing_more() -> None:
    """No recipient but those it is about, none of the text, whatever RET says."""
    told = notice(refusals=[HopReply(GP, 550, "No")], wishes=reports(GP, ret="FULL"), subject="Plan\r\nX: y")
    header = message_from_bytes(told.content, policy=default).get_payload()[2].get_payload(decode=True)
    assert header.decode().splitlines() == [
        f"From: {OFFICER.text}", "Subject: Plan X: y", "Message-ID: <1@council.example>",
    ]  # fmt: skip
    assert build.SECRET not in told.content


def test_who_asked_only_for_success_hears_that_it_was_passed_on() -> None:
    """RFC 3461 section 5.2.2: the next system makes no reports."""
    told = notice(relayed=[HopReply(GP, 250, "Ok", silent=True)])
    mail = message_from_bytes(told.content, policy=default)
    assert mail["Subject"] == "Passed on: Plan"
    text = mail.get_body(("plain",)).get_content()
    assert "Passed on, and no more is known" in text
    assert "again" not in text


_PRINTABLE = st.text(st.characters(codec="utf-8", min_codepoint=32), max_size=30)


@given(
    envid=_PRINTABLE | st.from_regex(r"(\+[0-9A-F]{2}|[a-z]){1,9}", fullmatch=True),
    original=_PRINTABLE,
    words=st.text(),
)
def test_no_wish_and_no_word_of_the_hop_writes_a_field_of_its_own(envid: str, original: str, words: str) -> None:
    """Whatever the dialogue lets through, and whatever the next hop says."""
    wishes = []
    for kind in ("rfc822", "utf-8"):
        try:
            name = asked.of_mail({"ENVID": envid})[1]
            wishes.append(Reports(envid=name, asked=(asked.of_recipient(GP.key, {"ORCPT": f"{kind};{original}"}),)))
        except Rejected:
            continue
    for each in (*wishes, Reports()):
        mail, recipient = fields(notice(refusals=[HopReply(GP, 550, words)], wishes=each))
        assert mail.keys() <= {"Original-Envelope-Id", "Reporting-MTA", "Arrival-Date"}
        assert recipient.keys() <= {"Original-Recipient", "Final-Recipient", "Action", "Status", "Diagnostic-Code"}
        assert all(value.isascii() and value.isprintable() for value in (*mail.values(), *recipient.values()))


FOUND = Analysis(findings=(build.finding(),))


def sent(to: Sequence[Address], wishes: Reports, codes: dict[str, int] | None = None, analysis: Analysis = FOUND):
    p = ports(analysis, Faults(), codes or {})
    outcomes = process(Envelope(OFFICER, tuple(to), NOW, reports=wishes), RAW, p)
    told = [o for o, recipient in p.next_hop.taken if isinstance(o, Notice) and recipient == OFFICER]
    return {o.recipient: (o.fate, o.detail) for o in outcomes}, told


def test_one_notice_a_mail_for_those_whom_the_sender_wants_to_hear_of() -> None:
    """Held and refused for good; the one of whom nothing is to be said is settled without a word."""
    fates, told = sent((OTHER_CARER, COLLEAGUE), reports(COLLEAGUE, Notify.NEVER), {COLLEAGUE.key: 550})
    assert fates[OTHER_CARER] == (Fate.TOLD, "")
    assert fates[COLLEAGUE] == (Fate.TOLD, "refused 550, the sender wants no report")
    assert [n.content for n in told] == [b"1 stopped, 0 refused"]


def test_where_no_report_is_wanted_none_is_made() -> None:
    """Stopped by the policy; the durable outcome stays."""
    fates, told = sent((OTHER_CARER,), reports(OTHER_CARER, Notify.NEVER))
    assert fates == {OTHER_CARER: (Fate.TOLD, "the sender wants no report")}
    assert told == []


def test_a_success_is_told_where_nobody_after_us_will() -> None:
    """And only where it was asked for."""
    wishes = reports(COLLEAGUE, Notify.SUCCESS)
    fates, told = sent((COLLEAGUE,), wishes)
    assert fates[COLLEAGUE][0] is Fate.DELIVERED
    assert told == []  # the hop makes its own
    p = ports(Analysis(), Faults(), {})
    p.next_hop.silent = True
    process(Envelope(OFFICER, (COLLEAGUE, GP), NOW, reports=wishes), RAW, p)
    assert [o.content for o, to in p.next_hop.taken if to == OFFICER] == [b"0 stopped, 0 refused, 1 relayed"]


@pytest.mark.parametrize(("pick_up", "ret"), [(True, "HDRS"), (False, "FULL")])
def test_a_notice_of_pick_up_comes_back_in_no_report(ret: str, *, pick_up: bool) -> None:
    """Its link is for its reader alone; what is sealed by a key may come back whole."""
    p = ports(FOUND, Faults(), {}, pick_up=pick_up)
    to = NO_KEY if pick_up else CARER
    process(Envelope(OFFICER, (to,), NOW, reports=Reports("FULL", "QQ1")), RAW, p)
    assert [(o.reports.ret, o.reports.envid) for o, who in p.next_hop.taken if who == to] == [(ret, "QQ1")]


def test_a_held_mail_keeps_the_wishes_until_it_is_released() -> None:
    """And a copy from before there were any has none."""
    envelope = Envelope(OFFICER, (GP,), NOW, reports=reports(GP, Notify.NEVER, original="rfc822;x@y.z", envid="QQ1"))
    told = held_copy._envelope(envelope)
    assert held_copy._read_envelope(told) == envelope
    del told["reports"]
    assert held_copy._read_envelope(told) == replace(envelope, reports=Reports())
