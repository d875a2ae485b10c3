"""Mail that is made to be read differently by different programs, or to cost too much."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model import Message, UnreadableReason
from gateway.parse import Limits, parse, strip_bcc_and_mark
from tests.support.certificates import make_certificate

A = UnreadableReason.AMBIGUOUS
PART = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"


def reasons(raw: bytes, limits: Limits | None = None) -> set[UnreadableReason]:
    return {u.reason for u in (parse(raw, limits) if limits else parse(raw)).unreadable}


def multipart(body: str, kind: str = "multipart/mixed; boundary=b") -> bytes:
    return f"Content-Type: {kind}\r\n\r\n{body}".encode()


def text(message: Message) -> bytes:
    return b"|".join(p.content for p in message.parts)


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx",
        b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\nx",
        b"Content-Disposition: inline\r\nContent-Disposition: attachment\r\n\r\nx",
        b"Content-Type: text\r\n\r\nx",
        b"Content-Type: text/plain (comment\r\n\r\nx",
        b"Content-Type: text/plain; charset=utf-7\r\n\r\n+AGEAYg-",
        b"Content-Type: a/b; name=a.pdf; name=b.exe\r\n\r\nx",
        b"Content-Type: a/b; name=a.pdf\r\nContent-Disposition: attachment; filename=a.exe\r\n\r\nx",
        b"Content-Transfer-Encoding: base64 (really)\r\n\r\nQUJD\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\nQUI=\r\nQUJD\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\nQU!JD\r\n",
        b"From: a@b.c\r\nFrom: d@e.f\r\n\r\nx",
        b"Subject: x\r\nno field here\r\nContent-Type: text/plain\r\n\r\nx",
        b" folded first\r\nSubject: x\r\n\r\nx",
        b"Subject: x\r\n \r\nContent-Type: text/html\r\n\r\nx",
        b"Content-Type : text/html\r\n\r\nx",
        b"Subject: x\r\n\r\nhi\r\nbegin 644 plan.pdf\r\nM\r\nend\r\n",
        b"Subject: x\r\n\r\n=ybegin line=128 size=1 name=x\r\n",
        b"Subject: x\rContent-Type: text/html\r\n\r\nx",
        multipart("--b\r\n\r\nx\r--b\rContent-Transfer-Encoding: base64\r\rQUJD\r\n--b--\r\n"),
        multipart("--b c\r\n\r\nx\r\n--b c--\r\n", "multipart/mixed; boundary=b c"),
        b"Content-Disposition: attachment, filename=x\r\n\r\nx",
        b"Content-Type: message/http\r\n\r\nx",
        b"Content-Type: message/delivery-status\r\n\r\nA: b\r\ncontent-type: text/html\r\n\r\nx",
    ],
)
def test_what_programs_read_differently_is_ambiguous(raw: bytes) -> None:
    """One finding, no exception, and the content is still read."""
    assert reasons(raw) == {A}
    assert parse(raw).parts


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/mixed", PART),
        ("multipart/mixed; boundary=", PART),
        ("multipart/mixed; boundary=other", PART),
        ('multipart/mixed; boundary="b"; boundary="c"', PART + "--b--\r\n"),
        ("multipart/mixed; boundary*=us-ascii''b", PART + "--b--\r\n"),
        ("multipart/mixed; boundary=bücher", "--bücher\r\n\r\nx\r\n--bücher--\r\n"),
        ("multipart/mixed; boundary=b", PART + "--bb\r\n\r\ny\r\n--b--\r\n"),
        ("multipart/mixed; boundary=b", PART + "--b--\r\n\r\n--b\r\n\r\nafter the end\r\n"),
        (
            "multipart/mixed; boundary=b",
            "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + PART + "--b--\r\n",
        ),
        ("multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64", PART + "--b--\r\n"),
        ("multipart/mixed; boundary=b", PART + "--b--\r\n" + "epilogue " * 10_000),
    ],
)
def test_doubtful_boundaries_are_ambiguous_and_everything_is_still_read(kind: str, body: str) -> None:
    """Nothing can be hidden behind a boundary that another program sees otherwise."""
    raw = multipart(body, kind)
    assert A in reasons(raw)
    assert b"x" in text(parse(raw))
    if "after the end" in body:
        assert b"after the end" in text(parse(raw))


@pytest.mark.parametrize(
    "body",
    [
        PART,
        PART + PART,
        PART + "--b--",
        "\r\n" + PART + "--b--  \r\n\r\n",
        PART.replace("--b", "--b \t", 1) + "--b--\r\n",
    ],
)
def test_common_sloppiness_is_tolerated(body: str) -> None:
    """A missing last delimiter, white space after one, no last line end."""
    assert reasons(multipart(body)) == set()
    assert parse(multipart(body)).parts[0].content.strip() == b"x"


def test_text_outside_the_parts_is_read_unless_it_is_the_usual_sentence() -> None:
    """Some programs show preamble and epilogue."""
    usual = multipart("This is a multi-part message in MIME format.\r\n" + PART + "--b--\r\n")
    assert [p.path for p in parse(usual).parts] == ["1"]
    hidden = multipart("Dear Jane,\r\n" + PART + "--b--\r\nNHS 943 476 5919\r\n")
    assert [p.path for p in parse(hidden).parts] == ["OUTSIDE.1", "OUTSIDE.2", "1"]
    assert b"Dear Jane" in text(parse(hidden))
    assert b"943 476" in text(parse(hidden))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (multipart("--b\r\n\r\nx\r\n--b--\r\n", "multipart/encrypted; boundary=b"), UnreadableReason.ENCRYPTED),
        (b"Content-Type: message/partial; id=1; number=1\r\n\r\nx", UnreadableReason.UNSUPPORTED),
        (b"Content-Type: message/external-body; access-type=url\r\n\r\nx", UnreadableReason.UNSUPPORTED),
        (b"Content-Transfer-Encoding: x-uuencode\r\n\r\nx", UnreadableReason.UNSUPPORTED),
        (b"Content-Transfer-Encoding: base64\r\n\r\nQUJDR\r\n", UnreadableReason.CORRUPT),
        (b"Content-Type: application/pkcs7-mime\r\n\r\nrubbish", UnreadableReason.CORRUPT),
        (b"X: " + b"a" * 300_000 + b"\r\n\r\nx", UnreadableReason.TOO_LARGE),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, reason: UnreadableReason) -> None:
    """Each with its reason."""
    assert reason in reasons(raw)


def test_markers_in_a_text_are_not_encryption() -> None:
    """Structure, not strings: a quoted PGP block is text and is read."""
    message = parse(b"Subject: x\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nJane's address\r\n-----END PGP MESSAGE-----\r\n")
    assert message.unreadable == ()
    assert b"Jane's address" in message.parts[0].content


@pytest.fixture(scope="module")
def smime(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same mail by ``openssl cms``: enveloped, and signed in one blob."""
    folder: Path = tmp_path_factory.mktemp("smime")
    files = make_certificate(folder)
    content = b"Content-Type: text/plain\r\n\r\nabout Jane\r\n"

    def openssl(*words: str) -> bytes:
        command = ["openssl", "cms", *words]
        return subprocess.run(command, input=content, capture_output=True, check=True).stdout.replace(b"\n", b"\r\n")

    signer = ["-signer", str(files.certificate), "-inkey", str(files.key)]
    return {
        "enveloped": openssl("-encrypt", "-aes256", "-binary", str(files.certificate)),
        "signed": openssl("-sign", "-nodetach", "-binary", *signer),
    }


def test_an_enveloped_blob_is_encrypted_whatever_it_calls_itself(smime: dict[str, bytes]) -> None:
    """By the CMS structure, not by smime-type."""
    raw = smime["enveloped"].replace(b"smime-type=enveloped-data", b"smime-type=signed-data")
    assert reasons(raw) == {UnreadableReason.ENCRYPTED}
    assert parse(raw).parts == ()


def test_an_opaque_signature_is_opened_and_read(smime: dict[str, bytes]) -> None:
    """Whatever it calls itself."""
    raw = smime["signed"].replace(b"smime-type=signed-data", b"smime-type=enveloped-data")
    message = parse(raw)
    assert message.unreadable == ()
    assert [(p.path, p.place.name, p.content) for p in message.parts] == [("1.1", "BODY", b"about Jane\r\n")]


def nested(depth: int) -> bytes:
    layers = [f"Content-Type: multipart/mixed; boundary=x{n:05}x\r\n\r\n--x{n:05}x\r\n" for n in range(depth)]
    return "".join(layers).encode() + b"\r\nthe end\r\n"


@pytest.mark.parametrize("raw", [nested(100), nested(5000), b"Content-Type: message/rfc822\r\n\r\n" * 5000])
def test_nesting_beyond_the_limit_is_too_deep_and_quickly_found(raw: bytes) -> None:
    """No recursion, no time."""
    begun = time.monotonic()
    assert reasons(raw) == {UnreadableReason.TOO_DEEP}
    assert time.process_time() - begun < 20


def test_nesting_within_the_limit_is_read() -> None:
    """The limit is exact."""
    assert parse(nested(20)).parts[0].content == b"the end\r\n"
    assert reasons(nested(20)) == set()
    assert reasons(nested(21)) == {UnreadableReason.TOO_DEEP}


@pytest.mark.parametrize("count", [10_000, 100_000])
def test_parts_beyond_the_limit_are_too_many_and_quickly_found(count: int) -> None:
    """The first thousand are read."""
    raw = multipart(PART * count + "--b--\r\n")
    begun = time.monotonic()
    message = parse(raw)
    assert time.process_time() - begun < 20
    assert {u.reason for u in message.unreadable} == {UnreadableReason.TOO_MANY}
    assert len(message.parts) <= 1001


def test_the_limit_of_parts_holds_over_nested_multiparts_too() -> None:
    """Not a thousand in each."""
    inner = "--b\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n" + "--i\r\n\r\nx\r\n" * 600 + "--i--\r\n"
    message = parse(multipart(inner * 3 + "--b--\r\n"))
    assert UnreadableReason.TOO_MANY in {u.reason for u in message.unreadable}
    assert len(message.parts) <= 1003
    digest = multipart("--b\r\n\r\nSubject: x\r\n\r\nx\r\n" * 800, "multipart/digest; boundary=b")
    assert UnreadableReason.TOO_MANY in reasons(digest)


@pytest.mark.parametrize(
    "raw",
    [
        b"To: " + b"(" * 200_000 + b"\r\n\r\n",
        b"To: " + b"<" * 200_000 + b"\r\n\r\n",
        b"Subject: " + b"=?utf-8?q?a?= " * 15_000 + b"\r\n\r\n",
        b"Content-Type: a/b" + b";" * 200_000 + b"\r\n\r\n",
        b"Content-Type: a" + b" " * 200_000 + b"x\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + (b"--b" + b" " * 20_000 + b"x\r\n") * 200,
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUJD=!" * 1_000_000,
        multipart(("--b\r\nContent-Type: a/b" + ";" * 5000 + "\r\n\r\n") * 900),
        b"X: y\r\n" * 500_000,
    ],
    ids=range(9),
)
def test_fields_made_to_be_slow_are_not(raw: bytes) -> None:
    """Processor time, however busy the machine: each takes milliseconds, and would take minutes if it backtracked."""
    begun = time.process_time()
    parse(raw)
    strip_bcc_and_mark(raw, b"")
    assert time.process_time() - begun < 20


_PIECES = st.lists(
    st.sampled_from(
        [
            b"\r\n", b"\n", b"\r", b"--b", b"--b--", b"--", b"Content-Type: ", b"multipart/mixed; boundary=b",
            b"text/plain",
            b"message/rfc822", b"Content-Transfer-Encoding: base64", b"Content-Disposition: attachment; filename*0*=",
            b"=?utf-8?q?", b"?=", b";", b'"', b"\\", b"\0", b"\xff", b"Subject: ", b"To: a@b.c,", b"(",
            b"application/pkcs7-mime",
            b"multipart/digest; boundary=b", b"QUJD", b"=", b"Bcc: x@y.z", b" ", b"charset=", b"%f",
        ]
    ),
    max_size=40,
)  # fmt: skip


@given(_PIECES.map(b"".join))
def test_no_bytes_at_all_raise(raw: bytes) -> None:
    """Total, and every part has a path and a place."""
    message = parse(raw)
    assert all(p.path for p in message.parts)
    assert len({p.path for p in message.parts}) == len(message.parts)


@given(st.binary(max_size=400))
def test_no_random_bytes_raise(raw: bytes) -> None:
    """The same over any octets."""
    assert parse(raw).raw == raw


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"A: 1\r\nBcc: x@y.z\r\nB: 2\r\n\r\nBcc: body\r\n", b"T: t\r\nA: 1\r\nB: 2\r\n\r\nBcc: body\r\n"),
        (b"bcc : x,\r\n\ty\r\n z\r\nB: 2\r\n\r\n.", b"T: t\r\nB: 2\r\n\r\n."),
        (b"Resent-BCC: x\r\nBcc: y\r\n\r\n", b"T: t\r\n\r\n"),
        (b"odd line\r\nBcc: y\r\nX: Bcc: z\r\n\r\n", b"T: t\r\nodd line\r\nX: Bcc: z\r\n\r\n"),
        (b"Bcc: only", b"T: t\r\n"),
        (b"\r\nBcc: body", b"T: t\r\n\r\nBcc: body"),
        (b"Bccx: kept\r\nA: \xff\r\n\r\n\xff\0", b"T: t\r\nBccx: kept\r\nA: \xff\r\n\r\n\xff\0"),
    ],
)
def test_bcc_goes_trace_comes_and_no_other_octet_changes(raw: bytes, expected: bytes) -> None:
    """RFC 5322 section 3.6.3; signatures over the rest stay valid."""
    assert strip_bcc_and_mark(raw, b"T: t\r\n") == expected


@given(_PIECES.map(b"".join))
def test_without_a_bcc_field_relaying_only_adds_the_trace(raw: bytes) -> None:
    """Byte-identical."""
    kept = raw.replace(b"Bcc", b"Xcc")
    assert strip_bcc_and_mark(kept, b"T: t\r\n") == b"T: t\r\n" + kept
