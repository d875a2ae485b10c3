"""Delivery to a real aiosmtpd next hop: replies by recipient, TLS policy, kept connections, content on the wire."""

from __future__ import annotations

import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.decision import Action, Decision, Method, Reason
from domain.errors import ConfigurationError, NextHopUnavailable
from domain.model import NULL_SENDER, Address
from domain.outgoing import HopReply, Notice, ProtectedMessage, Relayed
from domain.reports import Asked, Notify, Reports
from gateway.deliver import Route, Security, SmtpNextHop
from gateway.smtp.content import Unsendable, stuffed
from gateway.smtp.hop import Hop
from gateway.smtp.tls import server_context
from tests.functional.test_smtp_smuggling import FALSE_ENDS
from tests.support.certificates import Files, make_certificate
from tests.support.sink import DROP, Sink

BODY = b"Subject: x\r\n\r\nHello\r\n"
NOTICE = Notice(Address.of("a@x.org"), BODY)


def relayed(*recipients: str, content: bytes = BODY, sender: str = "s@c.org", **kwargs: Any) -> Relayed:
    reason = Reason("test", Action.RELAY, "a test")
    decisions = tuple(Decision(Address.of(r), Action.RELAY, (reason,)) for r in recipients)
    return Relayed(Address.of(sender), decisions, content, **kwargs)


def hop_to(sink: Sink, security: Security = Security.OPPORTUNISTIC, **kwargs: Any) -> SmtpNextHop:
    options = {k: kwargs.pop(k) for k in ("max_idle", "max_uses", "timeout") if k in kwargs}
    return SmtpNextHop([Route(("*",), sink.host, sink.port, security, **kwargs)], "relay.test", **options)


def codes(replies: tuple[HopReply, ...]) -> dict[str, int]:
    return {r.recipient.text: r.code for r in replies}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("pipelining", [True, False])
def test_each_recipient_gets_the_hops_own_answer(pipelining: bool) -> None:
    """Some refused for good, some for now, the others served; with and without PIPELINING."""
    replies = {"no@x.org": "550 5.1.1 Unknown", "later@x.org": "450 4.2.1 Full"}
    with Sink(replies=replies, pipelining=pipelining) as sink:
        answers = hop_to(sink).deliver(relayed("ok@x.org", "no@x.org", "later@x.org", "two@x.org"))
        assert codes(answers) == {"ok@x.org": 250, "no@x.org": 550, "later@x.org": 450, "two@x.org": 250}
        assert answers[1].text == "5.1.1 Unknown"
        assert [r.recipients for r in sink.received] == [("ok@x.org", "two@x.org")]


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("replies", "code"),
    [
        ({"MAIL": "451 4.7.1 Greylisted"}, 451),
        ({"MAIL": "553 5.7.1 Not you"}, 553),
        ({"a@x.org": "550 5.1.1 No", "b@x.org": "550 5.1.1 No"}, 550),
        ({"DATA": "554 5.6.0 No"}, 554),
        ({"DATA": "452 4.3.1 Full"}, 452),
        ({"MAIL": DROP}, 0),
        ({"a@x.org": DROP}, 0),
        ({"DATA": DROP}, 0),
        ({"MAIL": "421 4.3.2 Stopping"}, 421),
    ],
)
def test_a_refusal_or_a_lost_line_at_any_stage_is_a_reply_and_the_next_mail_is_served(
    replies: dict[str, str], code: int, pipelining: bool
) -> None:
    """Never an exception once something was begun; never a false delivered."""
    with Sink(replies=replies, pipelining=pipelining) as sink:
        hop = hop_to(sink)
        assert set(codes(hop.deliver(relayed("a@x.org", "b@x.org"))).values()) == {code}
        assert sink.received == []
        sink.replies.clear()
        assert codes(hop.deliver(relayed("a@x.org", "b@x.org"))) == {"a@x.org": 250, "b@x.org": 250}


def test_a_line_lost_after_the_content_is_not_tried_again() -> None:
    """The hop may have taken it; a second copy must not leave from here."""
    with Sink() as sink:
        hop = hop_to(sink)
        assert hop.deliver(NOTICE)[0].delivered  # now a connection is kept
        sink.replies["DATA"] = DROP
        before = sink.connections
        assert hop.deliver(NOTICE)[0].code == 0
        assert sink.connections == before


def test_a_kept_connection_that_died_is_replaced_without_anybody_noticing() -> None:
    """Whether the end was seen before or only at MAIL."""
    with Sink() as sink:
        hop = hop_to(sink)
        assert hop.deliver(NOTICE)[0].delivered
        sink.drop_all()
        assert hop.deliver(NOTICE)[0].delivered
        sink.replies["MAIL"] = DROP
        undo = threading.Timer(0.0, sink.replies.clear)
        undo.start()
        undo.join()
        assert hop.deliver(NOTICE)[0].delivered
        assert len(sink.received) == 3


def test_a_kept_connection_that_drops_at_mail_is_tried_once_more_on_a_fresh_one() -> None:
    """Nothing had been sent, so nobody can be served twice."""
    with Sink() as sink:
        hop = hop_to(sink)
        assert hop.deliver(NOTICE)[0].delivered
        sink.replies["MAIL"] = DROP
        before = sink.connections
        assert hop.deliver(NOTICE)[0].code == 0
        assert sink.connections == before + 1


def test_connections_are_kept_and_have_an_age() -> None:
    """One for many mails; a new one after max_uses or when idle too long."""
    with Sink() as sink:
        hop = hop_to(sink)
        for _ in range(5):
            hop.deliver(NOTICE)
        assert sink.connections == 1
        hop.close()
        few = hop_to(sink, max_uses=2)
        for _ in range(4):
            few.deliver(NOTICE)
        assert sink.connections == 3
        old = hop_to(sink, max_idle=0)
        for _ in range(2):
            old.deliver(NOTICE)
        assert sink.connections == 5


def test_many_threads_share_the_pool() -> None:
    """Each mail once, whole."""
    with Sink() as sink:
        hop = hop_to(sink)
        mails = [Notice(Address.of(f"r{n}@x.org"), b"Subject: %d\r\n\r\n" % n + b"x\r\n" * n) for n in range(60)]
        threads = [threading.Thread(target=lambda part=mails[n::6]: [hop.deliver(m) for m in part]) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted((r.recipients[0], r.content) for r in sink.received) == sorted(
            (m.recipient.text, m.content) for m in mails
        )
        assert sink.connections <= 6


def test_nobody_there_is_unavailable_and_one_of_two_routes_there_serves_its_own() -> None:
    """The exception only if nothing was begun for anybody."""
    with Sink() as sink:
        dead = Sink().start()
        dead.stop()
        routes = [Route(("*",), dead.host, dead.port), Route(("x.org",), sink.host, sink.port)]
        hop = SmtpNextHop(routes, "relay.test")
        with pytest.raises(NextHopUnavailable):
            hop.deliver(relayed("a@dead.org"))
        assert codes(hop.deliver(relayed("a@dead.org", "b@x.org"))) == {"a@dead.org": 0, "b@x.org": 250}


def test_routes_go_by_the_longest_pattern_and_one_mail_a_route() -> None:
    """``.gov.uk`` is the domain and all below it, and nothing else."""
    with Sink() as rest, Sink() as gov, Sink() as one:
        hop = SmtpNextHop(
            [
                Route(("*",), rest.host, rest.port),
                Route((".gov.uk",), gov.host, gov.port),
                Route(("one.gov.uk", "One.Example"), one.host, one.port),
            ],
            "relay.test",
        )
        names = [
            "a@one.gov.uk",
            "b@two.gov.uk",
            "c@gov.uk",
            "d@notgov.uk",
            "e@x.one.gov.uk",
            "f@ONE.example",
            "Postmaster",
        ]
        replies = hop.deliver(relayed(*names))
        assert [r.recipient.text for r in replies] == names
        assert all(r.delivered for r in replies)
        assert [r.recipients for r in one.received] == [("a@one.gov.uk", "f@ONE.example")]
        assert [r.recipients for r in gov.received] == [("b@two.gov.uk", "c@gov.uk", "e@x.one.gov.uk")]
        assert [r.recipients for r in rest.received] == [("d@notgov.uk", "Postmaster")]


def test_what_leaves_is_trace_and_content_without_bcc() -> None:
    """Octet for octet; the null sender stays null."""
    content = b"From: a@b.c\r\nBcc: hidden@x.org\r\nTo: y\r\n\r\n.\r\n..\r\nBcc: body\r\nno end"
    with Sink() as sink:
        hop = hop_to(sink)
        assert hop.deliver(relayed("a@x.org", content=content, trace=b"Received: us\r\n"))[0].delivered
        assert sink.received[0].content == (
            b"Received: us\r\nFrom: a@b.c\r\nTo: y\r\n\r\n.\r\n..\r\nBcc: body\r\nno end\r\n"
        )
        hop.deliver(NOTICE)
        assert sink.received[1].sender in {"", "<>"}
        assert NULL_SENDER.text == ""
        sealed = ProtectedMessage(Address.of("s@c.org"), Address.of("a@x.org"), Method.SMIME, ("00",), BODY)
        assert hop.deliver(sealed)[0].delivered


@pytest.mark.parametrize(
    "content",
    [
        *(b"a" + end + b"MAIL FROM:<x@y.z>\r\n" for end in FALSE_ENDS),
        *(b"a\nb\r\n", b"a\rb\r\n", b"x" * 600_000 + b"\n.\n", b"a\r\n\r", b"a\0b\r\n"),
    ],
)
def test_bare_cr_lf_or_nul_never_leaves(content: bytes) -> None:
    """Smuggling outwards: refused here, and the hop keeps nothing."""
    with Sink() as sink:
        hop = hop_to(sink)
        assert hop.deliver(Notice(Address.of("a@x.org"), content))[0].code == 550
        assert hop.deliver(NOTICE)[0].delivered
        assert [r.content for r in sink.received] == [BODY]


@given(st.lists(st.sampled_from([b"\r\n", b".", b"..", b"a" * 100, b"\r\n.\r\n"]), max_size=20), st.integers(1, 7))
def test_dots_are_doubled_wherever_the_pieces_are_cut(words: list[bytes], cuts: int) -> None:
    """RFC 5321 section 4.5.2, however the content is sliced."""
    content = b"".join(words)
    lines = content.split(b"\r\n")
    expected = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
    expected += b".\r\n" if not content or content.endswith(b"\r\n") else b"\r\n.\r\n"
    view, size = memoryview(content), len(content) // cuts + 1
    assert b"".join(stuffed([view[n : n + size] for n in range(0, len(content), size)])) == expected


def test_dots_are_doubled_over_the_edges_of_pieces() -> None:
    """Line ends and dots on each side of the 256 KiB edge."""
    edge = 256 * 1024
    for shift in range(-4, 5):
        content = b"x" * (edge - 4 + shift) + b"\r\n.\r\n..\r\n" + b"y" * edge + b"\r\n"
        wire = b"".join(stuffed([memoryview(content)]))
        assert wire == content.replace(b"\r\n.", b"\r\n..") + b".\r\n"
    with pytest.raises(Unsendable):
        list(stuffed([memoryview(b"x\r"), memoryview(b"y\r\n")]))


def test_large_content_leaves_in_pieces() -> None:
    """46 MB cost far less than a copy."""
    content = b"Subject: x\r\n\r\n" + (b"y" * 76 + b"\r\n") * (46 * 2**20 // 78)
    with Sink(keep=False) as sink:
        route = Route(("*",), sink.host, sink.port)
        hop = Hop(route, "relay.test", 30)
        size = sum(len(piece) for piece in stuffed([memoryview(content)]))
        assert size == len(content) + 3
        tracemalloc.start()
        for piece in stuffed([memoryview(content)]):
            del piece
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        hop.quit()
    assert peak < 4 * 2**20


def test_8_bit_and_utf8_travel_only_where_they_are_understood() -> None:
    """RFC 6152, RFC 6531: parameters when offered, a permanent refusal as a value when not."""
    eight = relayed("a@x.org", content=b"Subject: x\r\n\r\n\xc3\xbc\r\n")
    header = relayed("a@x.org", content="Subject: ü\r\n\r\nx\r\n".encode(), options=("SMTPUTF8",))
    addresses = relayed("ü@x.org", "b@x.org")
    sender = relayed("a@x.org", sender="ü@c.org")
    claims = relayed("a@x.org", options=("SMTPUTF8", "BODY=8BITMIME"))  # and needs neither
    with Sink() as sink:
        hop = hop_to(sink)
        for mail in (eight, header, addresses, sender, claims):
            assert all(r.delivered for r in hop.deliver(mail))
        told = [{o for o in r.options if not o.startswith("SIZE")} for r in sink.received]
        assert told == [{"BODY=8BITMIME"}, {"BODY=8BITMIME", "SMTPUTF8"}, {"SMTPUTF8"}, {"SMTPUTF8"}, set()]
    with Sink(without={"SMTPUTF8", "8BITMIME"}) as sink:
        hop = hop_to(sink)
        assert codes(hop.deliver(eight)) == {"a@x.org": 554}
        assert codes(hop.deliver(header)) == {"a@x.org": 550}
        assert codes(hop.deliver(addresses)) == {"ü@x.org": 553, "b@x.org": 250}
        assert codes(hop.deliver(sender)) == {"a@x.org": 553}
        assert codes(hop.deliver(claims)) == {"a@x.org": 250}
        assert len(sink.received) == 2


def test_an_address_that_would_write_a_command_is_refused_here() -> None:
    """No injection into the dialogue, from either side."""
    with Sink() as sink:
        hop = hop_to(sink)
        for evil in ("a@x.org>\r\nRCPT TO:<b@x.org", "a@x.org> NOTIFY=NEVER", "a\0@x.org"):
            assert hop.deliver(relayed(evil))[0].code == 553
            assert hop.deliver(relayed("a@x.org", sender=evil))[0].code == 553
        assert sink.received == []


@pytest.mark.parametrize("security", [s for s in Security if s not in {Security.MTA_STS, Security.DANE}])
def test_tls_by_policy(files: Files, security: Security) -> None:
    """Off never; the others always when offered, and verified only by the right authority."""
    with Sink(tls=server_context(files.certificate, files.key)) as sink:
        assert hop_to(sink, security, ca_file=files.ca).deliver(NOTICE)[0].delivered
        assert sink.received[0].secure == (security is not Security.OFF)


@pytest.mark.parametrize("security", [Security.REQUIRED, Security.VERIFIED])
def test_where_tls_is_required_and_not_offered_nothing_is_sent(security: Security) -> None:
    """Never plaintext instead."""
    with Sink() as sink:
        with pytest.raises(NextHopUnavailable):
            hop_to(sink, security).deliver(NOTICE)
        assert sink.received == []


def test_a_wrong_authority_or_name_is_not_verified(files: Files, tmp_path: Path) -> None:
    """Nothing is sent; required without verification takes it."""
    other = make_certificate(tmp_path, "other.example")
    for served, trusted in ((files, other), (other, other)):
        with Sink(tls=server_context(served.certificate, served.key)) as sink:
            with pytest.raises(NextHopUnavailable):
                hop_to(sink, Security.VERIFIED, ca_file=trusted.ca).deliver(NOTICE)
            assert sink.received == []
            assert hop_to(sink, Security.REQUIRED).deliver(NOTICE)[0].delivered


def test_a_password_goes_over_verified_tls_alone(files: Files) -> None:
    """Accepted, refused; to whoever answers over TLS only where the settings say so, and never without TLS."""
    login = {"username": "relay", "password": "s3cret"}
    with Sink(tls=server_context(files.certificate, files.key), users={"relay": "s3cret"}) as sink:
        verified = {"ca_file": files.ca, "security": Security.VERIFIED}
        assert hop_to(sink, **verified, **login).deliver(NOTICE)[0].delivered
        assert hop_to(sink, Security.REQUIRED, unsafe_password_unverified=True, **login).deliver(NOTICE)[0].delivered
        with pytest.raises(NextHopUnavailable) as caught:
            hop_to(sink, **verified, username="relay", password="wrong").deliver(NOTICE)
        assert "wrong" not in str(caught.value)
    for security in (Security.OFF, Security.OPPORTUNISTIC, Security.REQUIRED):
        with pytest.raises(ConfigurationError):
            Route(("*",), "h", 25, security, **login)
    for security in (Security.OFF, Security.OPPORTUNISTIC):
        with pytest.raises(ConfigurationError):
            Route(("*",), "h", 25, security, unsafe_password_unverified=True, **login)
    assert "s3cret" not in repr(Route(("*",), "h", 25, Security.VERIFIED, **login))


def test_lmtp_answers_by_recipient_after_the_content() -> None:
    """RFC 2033."""
    replies = {"no@x.org": "550 5.1.1 No", "DATA full@x.org": "452 4.2.2 Full", "DATA bad@x.org": "554 5.6.0 No"}
    with Sink(lmtp=True, replies=replies) as sink:
        hop = hop_to(sink, lmtp=True)
        for _ in range(2):
            answers = hop.deliver(relayed("a@x.org", "no@x.org", "full@x.org", "bad@x.org"))
            assert codes(answers) == {"a@x.org": 250, "no@x.org": 550, "full@x.org": 452, "bad@x.org": 554}
        assert [r.recipients for r in sink.received] == [("a@x.org",)] * 2
        assert sink.connections == 1


def test_routes_without_a_default_and_unusable_files_are_refused_at_the_start(tmp_path: Path) -> None:
    """No domain without a route."""
    with pytest.raises(ConfigurationError):
        SmtpNextHop([Route(("x.org",), "h")], "relay.test")
    with pytest.raises(ConfigurationError):
        SmtpNextHop([Route(("*",), "h", 25, Security.VERIFIED, ca_file=tmp_path / "none")], "relay.test")


def test_a_hop_that_says_nothing_is_left_after_the_timeout() -> None:
    """A listening socket that never greets."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        route = Route(("*",), "127.0.0.1", silent.getsockname()[1])
        with pytest.raises(NextHopUnavailable):
            SmtpNextHop([route], "relay.test", timeout=0.3).deliver(NOTICE)


def test_what_the_sender_asked_about_reports_goes_to_a_hop_that_knows_them() -> None:
    """As it came (RFC 3461 section 5.2.1); to another nothing, and its replies say that it will be silent."""
    wishes = Reports("HDRS", "QQ1", (Asked("a@x.org", frozenset({Notify.FAILURE, Notify.SUCCESS}), "rfc822;o@x.org"),))
    with Sink(dsn=True) as knowing, Sink() as ignorant:
        answers = hop_to(knowing).deliver(relayed("A@x.org", "b@x.org", reports=wishes))
        assert [a.silent for a in answers] == [False, False]
        wanted = ("RET=HDRS", "ENVID=QQ1", "NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;o@x.org")
        assert knowing.received[0].reports == wanted
        answers = hop_to(ignorant).deliver(relayed("A@x.org", reports=wishes))
        assert [(a.code, a.silent) for a in answers] == [(250, True)]
        hop_to(knowing).deliver(NOTICE)
        assert knowing.received[1].reports == ("NOTIFY=NEVER",)


def test_an_original_recipient_beyond_ascii_stays_here() -> None:
    """It would need SMTPUTF8 of a hop that may not have it."""
    wishes = Reports(asked=(Asked("a@x.org", original="utf-8;jörg@x.org"),))
    with Sink(dsn=True) as sink:
        assert hop_to(sink).deliver(relayed("a@x.org", reports=wishes))[0].delivered
        assert sink.received[0].reports == ()
