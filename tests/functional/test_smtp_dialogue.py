"""The dialogue with raw sockets, smtplib and swaks against the real relay."""

from __future__ import annotations

import shutil
import smtplib
import subprocess

import pytest
import uvloop

from domain.model import NULL_SENDER
from domain.reports import Asked, Notify, Reports
from gateway.smtp import protocol
from gateway.smtp.house import Capacity
from tests.support.relay import NOON, NOWHERE, Pipeline, Wire, running

BODY = b"Subject: x\r\n\r\nHello\r\n"


def test_ehlo_offers_what_is_kept_and_nothing_else() -> None:
    """PIPELINING and DSN yes, CHUNKING no."""
    with running(Pipeline()) as relay:
        wire = Wire(relay)
        offers = {line[4:] for line in wire.hello.splitlines()[1:]}
        assert offers == {"PIPELINING", f"SIZE {2**20}", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "DSN"}
        assert wire.greeting.startswith("220 relay.test ESMTP")


def test_a_mail_arrives_as_it_was_sent_with_its_envelope() -> None:
    """Octet by octet, dots and all; the envelope in the order of RCPT, without duplicates."""
    pipeline = Pipeline()
    with running(pipeline) as relay, smtplib.SMTP(*relay.addresses[0]) as client:
        content = b"Subject: x\r\n\r\n.dot\r\n..dots\r\n.\r\n\r\n\xff\xfe\r\n"
        client.sendmail("<>", ["B@x.org", "c@x.org", "b@x.org"], content, mail_options=["BODY=8BITMIME"])
    envelope, raw = pipeline.seen[0]
    assert raw == content
    assert [r.text for r in envelope.recipients] == ["B@x.org", "c@x.org"]
    assert envelope.sender == NULL_SENDER
    assert (envelope.received_at, envelope.peer, envelope.protocol) == (NOON, "127.0.0.1", "ESMTP")
    assert envelope.options == ("BODY=8BITMIME",)


def test_what_is_asked_about_reports_is_in_the_envelope() -> None:
    """RFC 3461; what cannot be read is refused, and the recipient is not taken."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        wire = Wire(relay)
        assert wire.ask("MAIL FROM:<a@b.c> RET=ALL")[:3] == "501"
        assert wire.ask("MAIL FROM:<a@b.c> RET=HDRS ENVID=QQ1")[:3] == "250"
        assert wire.ask("RCPT TO:<X@y.z> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;old@y.z")[:3] == "250"
        assert wire.ask("RCPT TO:<no@y.z> NOTIFY=NEVER,DELAY")[:3] == "501"
        assert wire.ask("RCPT TO:<plain@y.z>")[:3] == "250"
        assert wire.ask("DATA")[:3] == "354"
        wire.send(BODY + b".\r\n")
        assert wire.reply()[:3] == "250"
    envelope = pipeline.seen[0][0]
    assert [r.text for r in envelope.recipients] == ["X@y.z", "plain@y.z"]
    asked = (Asked("x@y.z", frozenset({Notify.SUCCESS, Notify.FAILURE}), "rfc822;old@y.z"), Asked("plain@y.z"))
    assert envelope.reports == Reports("HDRS", "QQ1", asked)


def test_pipelined_commands_are_answered_in_order_and_what_follows_a_body_is_the_next_command() -> None:
    """RFC 2920: two whole transactions in one segment."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        wire = Wire(relay)
        once = b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n%s\r\n.\r\n"
        wire.send(once % b"first" + once % b"second" + b"QUIT\r\n")
        assert wire.replies(9) == ["250", "250", "354", "250", "250", "250", "354", "250", "221"]
        assert wire.closed()
    assert pipeline.bodies == [b"first\r\n", b"second\r\n"]


def test_octet_by_octet_is_the_same() -> None:
    """However slowly and finely it is cut."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        wire = Wire(relay)
        for octet in b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n..a\r\n.\r\n":
            wire.send(bytes([octet]))
        assert wire.replies(4) == ["250", "250", "354", "250"]
    assert pipeline.bodies == [b".a\r\n"]


@pytest.mark.parametrize(
    ("commands", "codes"),
    [
        (["MAIL FROM:<a@b.c>", "MAIL FROM:<a@b.c>"], ["250", "503"]),
        (["RCPT TO:<a@b.c>"], ["503"]),
        (["DATA"], ["503"]),
        (["MAIL FROM:<a@b.c>", "DATA"], ["250", "503"]),
        (["MAIL FROM:<a@b.c>", "RCPT TO:<root>", "DATA"], ["250", "553", "554"]),
        (["MAIL FROM:<a@b.c>", "RCPT TO:<a@b.c>", "DATA now"], ["250", "250", "501"]),
        (["MAIL FROM:<a@b.c>", "RSET", "RCPT TO:<a@b.c>"], ["250", "250", "503"]),
        (["MAIL FROM:<a@b.c> SIZE=99999999"], ["552"]),
        (["MAIL FROM:<\N{LATIN SMALL LETTER U WITH DIAERESIS}@b.c>"], ["553"]),
        (
            ["NOOP x", "VRFY a", "EXPN a", "HELP", "TURN", "AUTH PLAIN x", "STARTTLS"],
            ["250", "252", "502", "214", "500", "502", "502"],
        ),
        (["EHLO", "HELO"], ["501", "501"]),
        (["x" * 5000, "NOOP"], ["500", "250"]),
        (["NOOP \x00", "NOOP \x7f", "NO\rOP", "NOOP"], ["500", "500", "500", "250"]),
        (["QUIT"], ["221"]),
    ],
)
def test_each_command_out_of_place_has_its_code(commands: list[str], codes: list[str]) -> None:
    """And the dialogue goes on."""
    with running(Pipeline()) as relay:
        wire = Wire(relay)
        assert [wire.ask(command)[:3] for command in commands] == codes


def test_mail_needs_a_hello_and_parameters_need_ehlo() -> None:
    """RFC 5321 section 4.1.4."""
    with running(Pipeline()) as relay:
        wire = Wire(relay, hello="")
        assert wire.ask("MAIL FROM:<a@b.c>")[:3] == "503"
        assert wire.ask("HELO old.test")[:3] == "250"
        assert wire.ask("MAIL FROM:<a@b.c> BODY=8BITMIME")[:3] == "555"
        assert wire.mail(BODY)[:3] == "250"


def test_addresses_beyond_ascii_travel_with_smtputf8() -> None:
    """RFC 6531."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        wire = Wire(relay)
        assert wire.ask("MAIL FROM:<jörg@b.c> SMTPUTF8")[:3] == "250"
        assert wire.ask("RCPT TO:<bücher@münchen.example>")[:3] == "250"
        assert wire.ask("DATA")[:3] == "354"
        wire.send(BODY + b".\r\n")
        assert wire.reply()[:3] == "250"
    envelope = pipeline.seen[0][0]
    assert (envelope.sender.text, envelope.protocol, envelope.options) == ("jörg@b.c", "UTF8SMTP", ("SMTPUTF8",))


def test_too_many_recipients_are_left_for_another_transaction() -> None:
    """452, and those taken stay taken (RFC 5321 section 4.5.3.1.10)."""
    pipeline = Pipeline()
    with running(pipeline, max_recipients=2) as relay:
        wire = Wire(relay)
        assert wire.ask("MAIL FROM:<a@b.c>")[:3] == "250"
        assert [wire.ask(f"RCPT TO:<r{n}@b.c>")[:3] for n in range(3)] == ["250", "250", "452"]
        assert wire.ask("DATA")[:3] == "354"
        wire.send(b"x\r\n.\r\n")
        assert wire.reply()[:3] == "250"
    assert len(pipeline.seen[0][0].recipients) == 2


def test_strangers_are_refused_before_they_send_content() -> None:
    """Neither network nor log-in: 550 at RCPT, 554 at DATA."""
    with running(Pipeline(), networks=NOWHERE) as relay:
        wire = Wire(relay)
        assert wire.ask("MAIL FROM:<a@b.c>")[:3] == "250"
        assert wire.ask("RCPT TO:<d@e.f>").startswith("550 5.7.1")
        assert wire.ask("DATA")[:3] == "554"


def test_bdat_payload_is_never_a_command() -> None:
    """The line ends; nothing of the payload is carried out (RFC 3030 is not offered)."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        wire = Wire(relay)
        payload = b"MAIL FROM:<evil@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nx\r\n.\r\n"
        wire.send(b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nBDAT %d LAST\r\n%s" % (len(payload), payload))
        assert wire.replies(3) == ["250", "250", "503"]
        assert wire.closed()
    assert pipeline.seen == []


def test_a_body_over_the_limit_is_read_to_its_end_and_refused() -> None:
    """552, and the next mail is taken on the same line."""
    pipeline = Pipeline()
    with running(pipeline, max_size=1000) as relay:
        wire = Wire(relay)
        assert wire.mail(b"x" * 70 + b"\r\n" + b"y" * 1500).startswith("552 5.3.4")
        assert wire.mail(BODY)[:3] == "250"
        assert wire.begin()[:3] == "354"
        wire.send(b"z" * 10_000)  # and never ends
        assert wire.reply().startswith("552")
        assert wire.closed()
    assert pipeline.bodies == [BODY + b"\r\n"]


def test_many_errors_and_many_idle_commands_end_the_connection() -> None:
    """RFC 5321 section 7.8."""
    with running(Pipeline(), max_errors=3, max_junk=5) as relay:
        wire = Wire(relay)
        assert [wire.ask("XYZZY")[:3] for _ in range(4)] == ["500", "500", "500", "421"]
        assert wire.closed()
        wire = Wire(relay)
        assert [wire.ask("NOOP")[:3] for _ in range(5)] == ["250", "250", "250", "250", "421"]
        assert wire.closed()


def test_silence_is_cut_off_and_each_chunk_counts_as_a_sign_of_life() -> None:
    """A slow upload goes on for longer than the time-out; a dead one does not."""
    pipeline = Pipeline()
    with running(pipeline, idle=0.4) as relay:
        wire = Wire(relay)
        assert wire.begin()[:3] == "354"
        for _ in range(8):
            pause(0.12)
            wire.send(b"slow\r\n")
        wire.send(b".\r\n")
        assert wire.reply()[:3] == "250"
        assert wire.begin()[:3] == "354"
        assert wire.reply().startswith("421 4.4.2")
        assert wire.closed()
    assert pipeline.bodies == [b"slow\r\n" * 8]


def test_a_body_that_drips_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """However alive it looks, it gives its place up; what had come is no mail."""
    monkeypatch.setattr(protocol, "_LONGEST", 0.1)
    pipeline = Pipeline()
    with running(pipeline, idle=5) as relay:
        wire = Wire(relay)
        assert wire.begin()[:3] == "354"
        for _ in range(12):
            pause(0.05)
            wire.send(b"x")
        assert wire.reply() == "421 4.4.2 The message took too long"
        assert wire.closed()
    assert pipeline.seen == []


def test_ten_thousand_recipients_are_a_thousand() -> None:
    """The others are for another transaction, the reply to each is as it should be, and the mail is taken."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        wire = Wire(relay)
        assert wire.ask("MAIL FROM:<a@b.c>")[:3] == "250"
        taken = 0
        for start in range(0, 10_000, 500):
            wire.send(b"".join(b"RCPT TO:<r%d@b.c>\r\n" % n for n in range(start, start + 500)))
            codes = wire.replies(500)
            assert set(codes) <= {"250", "452"}
            taken += codes.count("250")
        assert taken == 1000
        assert wire.ask("DATA")[:3] == "354"
        wire.send(b"x\r\n.\r\n")
        assert wire.reply()[:3] == "250"
    assert len(pipeline.seen[0][0].recipients) == 1000


def pause(seconds: float) -> None:
    """A client that waits."""
    import threading

    threading.Event().wait(seconds)


def test_time_stands_still_while_the_pipeline_works() -> None:
    """The idle time-out does not cut a client that waits for us."""
    pipeline = Pipeline()
    pipeline.gate.clear()
    with running(pipeline, idle=0.3) as relay:
        wire = Wire(relay)
        assert wire.begin()[:3] == "354"
        wire.send(b"x\r\n.\r\n")
        assert pipeline.entered.acquire(timeout=5)
        pause(0.8)
        pipeline.gate.set()
        assert wire.reply()[:3] == "250"


@pytest.mark.parametrize("loop_factory", [None, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_25_megabytes_arrive_whole_on_both_loops(loop_factory: object) -> None:
    """A large mail, its every octet."""
    pipeline = Pipeline()
    capacity = Capacity(octets=2**27)
    with running(pipeline, loop_factory=loop_factory, max_size=2**26, capacity=capacity) as relay:
        wire = Wire(relay)
        content = b"".join(b"%073d\r\n" % n for n in range(25 * 2**20 // 75)) + b"end"
        assert wire.mail(content)[:3] == "250"
    assert pipeline.bodies == [content + b"\r\n"]


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed")
def test_swaks_is_served() -> None:
    """The client that the README shows."""
    pipeline = Pipeline()
    with running(pipeline) as relay:
        host, port = relay.addresses[0]
        command = ["swaks", "--server", f"{host}:{port}", "-f", "a@council.test", "-t", "b@example.org", "--pipeline"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stdout
    assert pipeline.seen[0][0].sender.text == "a@council.test"
