"""What the parser finds in ordinary mail."""

from __future__ import annotations

import tracemalloc
from base64 import encodebytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from domain.model import Address, Message, Place, UnreadableReason
from gateway.mime.fields import read_header
from gateway.mime.words import addresses
from gateway.parse import parse


def mail(*lines: str, body: str = "Hello\r\n") -> bytes:
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body.encode()


def paths(message: Message) -> list[tuple[str, str, str]]:
    return [(p.path, p.place.name, p.declared_type) for p in message.parts]


def ordinary() -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"] = "Anna Officer <anna@council.test>"
    made["To"] = "carer@example.org"
    made["Subject"] = "Überprüfung der Unterlagen"
    made["Message-ID"] = "<1@council.test>"
    made.set_content("Liebe Grüße\n")
    made.add_alternative("<p>Liebe Grüße</p>\n", subtype="html")
    made.add_attachment(b"%PDF-1.4 \x00\xff", maintype="application", subtype="pdf", filename="Überblick 2026.pdf")
    return made


def visible(message: Message) -> set[Address]:
    """Whom To and Cc name."""
    header = read_header(message.raw, 0, len(message.raw), 1 << 20)
    return set(addresses(header.values("to") + header.values("cc")))


def test_an_ordinary_mail_is_read_whole_and_kept_as_it_came() -> None:
    """Subject, author, parts with IMAP's numbers, decoded content, original bytes."""
    raw = ordinary().as_bytes()
    message = parse(raw)
    assert message.raw is raw
    assert raw[: message.body_offset].endswith(b"\r\n\r\n")
    assert message.subject == "Überprüfung der Unterlagen"
    assert message.message_id == "<1@council.test>"
    assert message.author == "anna@council.test"
    assert visible(message) == {Address.of("carer@example.org")}
    assert paths(message) == [
        ("1.1", "BODY", "text/plain"),
        ("1.2", "BODY", "text/html"),
        ("2", "ATTACHMENT", "application/pdf"),
    ]
    assert message.parts[0].content.decode(message.parts[0].charset) == "Liebe Grüße\r\n"
    assert message.parts[2].content == b"%PDF-1.4 \x00\xff"
    assert message.parts[2].filename == "Überblick 2026.pdf"
    assert message.unreadable == ()


def test_an_invitation_that_is_another_form_of_the_body_is_body() -> None:
    """Whoever writes it writes the summary too; as a file of its own, or beside the text, it is an attachment."""
    made = EmailMessage(policy=SMTP)
    made.set_content("Invitation\n")
    made.add_alternative("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar")
    assert [place for _, place, _ in paths(parse(made.as_bytes()))] == ["BODY", "BODY"]
    named = made.as_bytes().replace(b"text/calendar;", b'text/calendar; name="x.ics";')
    assert [place for _, place, _ in paths(parse(named))] == ["BODY", "ATTACHMENT"]
    mixed = made.as_bytes().replace(b"multipart/alternative", b"multipart/mixed")
    assert [place for _, place, _ in paths(parse(mixed))] == ["BODY", "ATTACHMENT"]


def test_a_plain_mail_without_mime_is_one_body_part() -> None:
    """RFC 2045 section 5.2."""
    message = parse(mail("From: a@b.c", "Subject: x"))
    assert paths(message) == [("1", "BODY", "text/plain")]
    assert message.parts[0].content == b"Hello\r\n"


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"no header at all", b"Subject: only"])
def test_almost_nothing_is_still_a_message(raw: bytes) -> None:
    """Total."""
    assert parse(raw).raw == raw


def test_visible_are_all_addresses_in_to_and_cc_and_no_others() -> None:
    """Several fields, groups, comments, names with commas, any case; not Bcc, not From."""
    message = parse(
        mail(
            "From: me@x.org",
            'To: "Last, First" <One@X.org>, two@x.org (comment)',
            "Cc: team: three@x.org, <four@x.org>;",
            "Cc: five@x.org", "Bcc: secret@x.org", "To: undisclosed-recipients:;",
        )
    )  # fmt: skip
    assert {a.key for a in visible(message)} == {f"{n}@x.org" for n in ("one", "two", "three", "four", "five")}


@pytest.mark.parametrize(
    ("field", "subject", "sure"),
    [
        ("Subject: =?utf-8?B?w5xiZXI=?= =?utf-8?Q?_uns?= x", "Über uns x", True),
        ("Subject: folded\r\n\tline", "folded line", True),
        ("Subject: rät", "rät", True),
        ("Subject: =?klingon?q?abc?=", "abc", False),
        ("Subject: =?utf-8?b?a?=", None, False),
        ("Subject: =?utf-8?q?=ff?=", None, False),
        ("Subject: one\r\nSubject: two", "one / two", False),
        ("subject : odd", "odd", True),
        ("X: none", "", True),
    ],
)
def test_the_subject_is_decoded_and_what_is_not_certain_is_said(field: str, subject: str | None, sure: bool) -> None:
    """RFC 2047; a doubt holds the mail."""
    message = parse(mail(field))
    if subject is not None:
        assert message.subject == subject
    doubts = [u for u in message.unreadable if u.part == "subject"]
    assert [u.reason for u in doubts] == ([] if sure else [UnreadableReason.AMBIGUOUS])


def test_raw_8_bit_in_a_header_is_read_as_windows_wrote_it_and_doubted() -> None:
    """8-bit rubbish: no crash."""
    message = parse(b"Subject: r\xe4t\r\nFrom: \xff\xfe@\x80\r\nTo: \xff<a@b.c>\r\n\r\nx")
    assert message.subject == "rät"
    assert message.unreadable[0].part == "subject"
    assert visible(message) == {Address.of("a@b.c")}


@pytest.mark.parametrize(
    ("lines", "filename"),
    [
        ("Content-Disposition: attachment; filename*=utf-8''Pl%C3%A4ne.pdf", "Pläne.pdf"),
        ('Content-Disposition: attachment; filename*0="long "; filename*1="name.pdf"', "long name.pdf"),
        ('Content-Disposition: attachment; filename="=?utf-8?q?Pl=C3=A4ne.pdf?="', "Pläne.pdf"),
        ('Content-Type: application/pdf; name="C:\\\\docs\\\\plan.pdf"', "plan.pdf"),
        ("Content-Disposition: attachment; filename=../../etc/passwd", "passwd"),
        ("Content-Disposition: attachment; filename=plan.pdf\x07\u202e.exe", "plan.pdf.exe"),
        ('Content-Type: a/b; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"', "a.pdf"),
    ],
)
def test_file_names_are_decoded_and_made_harmless(lines: str, filename: str) -> None:
    """RFC 2231, RFC 2047 where it should not be; no path, no control characters."""
    message = parse(mail(lines))
    assert [p.filename for p in message.parts] == [filename]
    assert message.parts[0].place is Place.ATTACHMENT
    assert message.unreadable == ()


def test_a_forwarded_message_is_walked_with_its_header() -> None:
    """message/rfc822: inside parts count on; what its header says is text to be read."""
    inner = ordinary()
    inner["Comments"] = "about Jane"
    outer = EmailMessage(policy=SMTP)
    outer.set_content("see below\n")
    outer.add_attachment(inner)
    message = parse(outer.as_bytes())
    assert paths(message) == [
        ("1", "BODY", "text/plain"),
        ("2.HEADER", "ATTACHMENT", "text/plain"),
        ("2.1.1", "ATTACHMENT", "text/plain"),
        ("2.1.2", "ATTACHMENT", "text/html"),
        ("2.2", "ATTACHMENT", "application/pdf"),
    ]
    header = message.parts[1].content.decode()
    assert "subject: Überprüfung der Unterlagen" in header
    assert "comments: about Jane" in header
    assert message.unreadable == ()


def test_a_single_part_inside_a_forwarded_message_is_dot_one() -> None:
    """As IMAP counts; also when the message was encoded, which it should not be."""
    inner = mail("Subject: inner", body="text\r\n")
    plain = mail("Content-Type: message/rfc822") + b""
    message = parse(plain.removesuffix(b"Hello\r\n") + inner)
    assert [p.path for p in message.parts] == ["1.HEADER", "1.1"]
    encoded = mail(
        "Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", body=encodebytes(inner).decode()
    )
    assert [(p.path, p.content) for p in parse(encoded).parts][1] == ("1.1", b"text\r\n")


def test_a_signed_mail_is_walked() -> None:
    """multipart/signed: content and signature are parts."""
    signature = 'Content-Type: application/pgp-signature; name="s.asc"\r\n\r\n--\r\n'
    body = f"--s\r\nSubject: inside\r\n\r\ntext\r\n--s\r\n{signature}--s--\r\n"
    message = parse(mail("Content-Type: multipart/signed; boundary=s", body=body))
    assert paths(message)[1:] == [("1", "BODY", "text/plain"), ("2", "ATTACHMENT", "application/pgp-signature")]
    assert message.parts[0].content == b"subject: inside"  # a protected subject is shown by some programs


def test_a_digest_holds_messages() -> None:
    """RFC 2046 section 5.1.5: the default type is message/rfc822."""
    body = "--d\r\n\r\nSubject: one\r\n\r\nfirst\r\n--d\r\n\r\nSubject: two\r\n\r\nsecond\r\n--d--\r\n"
    message = parse(mail("Content-Type: multipart/digest; boundary=d", body=body))
    assert [p.path for p in message.parts] == ["1.HEADER", "1.1", "2.HEADER", "2.1"]


def test_quoted_printable_and_unpadded_base64_are_decoded() -> None:
    """RFC 2045 section 6; a missing padding at the end is common and clear."""
    quoted = parse(mail("Content-Transfer-Encoding: Quoted-Printable", body="a=3Db=\r\nc\r\n"))
    assert quoted.parts[0].content == b"a=bc\r\n"
    based = parse(mail("Content-Transfer-Encoding: base64", body="SGVs\r\nbG8\r\n"))
    assert based.parts[0].content == b"Hello"
    assert based.unreadable == quoted.unreadable == ()


def test_white_space_behind_a_soft_line_break_is_taken_away() -> None:
    """RFC 2045 section 6.7 rule 3: it came on the way, and the word goes on."""
    qp = mail("Content-Transfer-Encoding: quoted-printable", body="leve= \t\r\ntira=\r\ncetam =\r\n x = \r\n=  ")
    assert parse(qp).parts[0].content == b"levetiracetam  x "


def test_a_file_with_lf_alone_reads_the_same() -> None:
    """``sallyport explain`` is given files from disk."""
    raw = ordinary().as_bytes()
    wire, file = parse(raw), parse(raw.replace(b"\r\n", b"\n"))
    assert paths(file) == paths(wire)
    assert (file.subject, visible(file), file.unreadable) == (wire.subject, visible(wire), ())
    assert file.parts[2].content == wire.parts[2].content


def test_25_megabytes_cost_little_more_than_their_content() -> None:
    """Under 60 MB above the raw message, 25 of which are the result."""
    data = bytes(range(256)) * (25 * 2**12)
    head = mail("Content-Type: application/pdf; name=x.pdf", "Content-Transfer-Encoding: base64", body="")
    raw = head + encodebytes(data).replace(b"\n", b"\r\n")
    tracemalloc.start()
    message = parse(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message.parts[0].content == data
    assert peak < 60 * 2**20


@pytest.mark.parametrize(
    ("label", "calendar", "agree"),
    [
        ("; method=REQUEST", "METHOD:REQUEST", True),
        ("; method=request", "method:Request", True),
        ("; METHOD=REQUEST", "METHOD:CANCEL", False),
        ("; method=REQUEST", "MET\r\n HOD:REQ\r\n\tUEST", True),
        ("; method=REQUEST", "METHOD;X-A=b:CANCEL", False),
        ("; method=REQUEST", "METHOD:REQUEST\r\nMETHOD:CANCEL", False),
        ("", "METHOD:REQUEST\r\nMETHOD:CANCEL", False),
        ("; method=REQUEST", "X-METHOD:CANCEL", True),
        ("", "METHOD:PUBLISH", True),
        ("", "VERSION:2.0", True),
    ],
)
def test_what_an_invitation_does_is_said_alike(label: str, calendar: str, *, agree: bool) -> None:
    """RFC 6047 section 2.4; a calendar that says nothing is a file to look at."""
    raw = f"Content-Type: text/calendar{label}\r\n\r\nBEGIN:VCALENDAR\r\n{calendar}\r\nEND:VCALENDAR\r\n".encode()
    reasons = {u.reason for u in parse(raw).unreadable}
    assert reasons == (set() if agree else {UnreadableReason.AMBIGUOUS})
