"""Files and numbers in text: calendars, contacts, web pages, mails, base64, uuencode, signatures, odd charsets."""

from __future__ import annotations

import base64
import binascii
import quopri
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from classifiers.analysis import analyse_document
from classifiers.extract.charsets import doubtful
from classifiers.extract.text import html_text
from domain.model import Analysis, Category, UnreadableReason

NUMBER = "NHS number 943 476 5919"
LETTER = (
    f"Please keep this to yourself, all of you who read it. {NUMBER}. It must not be passed on to anybody else.\r\n" * 3
)
PACKED = base64.b64encode(LETTER.encode()).decode()
UNKNOWN = base64.encodebytes(bytes(range(256)) * 6).decode()
EVENT = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Review\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n"
CARD = "BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Rowan\r\n{}END:VCARD\r\n"
PAGE = f"MIME-Version: 1.0\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n{PACKED}\r\n"


def fold(line: str) -> str:
    return "\r\n ".join(line[i : i + 70] for i in range(0, len(line), 70)) + "\r\n"


def confidential(analysis: Analysis) -> bool:
    return any(f.category is Category.OTHER_PERSONAL and f.likelihood >= 0.5 for f in analysis.findings)


def uuencoded(content: bytes) -> str:
    lines = "".join(binascii.b2a_uu(content[i : i + 45]).decode() for i in range(0, len(content), 45))
    return f"begin 644 a.txt\n{lines}`\nend\n"


@pytest.mark.parametrize(
    "text",
    [
        EVENT.format("DESCRIPTION:Please come to the cottage. NHS number is 943 47\r\n 6 5919\r\n"),
        EVENT.format(f"DESCRIPTION:Hello\\n{NUMBER}\r\n"),
        EVENT.format(fold(f"ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:{PACKED}")),
        EVENT.format("X-ALT-DESC;FMTTYPE=text/html:<p>NHS number 943<b>476</b>5919</p>\r\n"),
        CARD.format(f"NOTE;ENCODING=BASE64:{PACKED}\r\n\r\n"),
        CARD.format("NOTE;ENCODING=QUOTED-PRINTABLE:NHS=20number=20943=\r\n=20476=205919\r\n"),
        CARD.format(f"PHOTO:data:text/plain;base64,{PACKED}\r\n"),
        uuencoded(LETTER.encode()),
        f"Hello\r\n\r\n{uuencoded(LETTER.encode())}\r\nRegards",
        PACKED,
        "Hello\r\n\r\n" + base64.encodebytes(LETTER.encode()).decode() + "\r\nRegards",
        base64.urlsafe_b64encode(LETTER.encode()).decode().rstrip("="),
        f"-----BEGIN CERTIFICATE-----\r\n{PACKED}\r\n-----END CERTIFICATE-----",
        PAGE,
        f"From a@b.example Mon Nov 23 2026\r\n{PAGE}\r\nFrom a@b.example Mon Nov 23 2026\r\nSubject: x\r\n\r\nx",
        '{"a":"' + "".join(f"\\u{ord(c):04x}" for c in NUMBER) + '"}',
        '{"a":"Hello\\nNHS number 943 476 5919"}',
        '<?xml version="1.0"?><r>' + "".join(f"&#{ord(c)};" for c in NUMBER) + "</r>",
        f'<?xml version="1.0"?><r a="{NUMBER}"><![CDATA[x]]></r>',
        f'<?xml version="1.0"?><r><![CDATA[{NUMBER}]]></r>',
    ],
)
def test_text_with_something_written_into_it_is_read(text: str) -> None:
    """Folded, escaped, packed or quoted: the words come out."""
    assert confidential(analyse_document(text.encode(), declared_type="text/plain", charset="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "Read https://a.example/r?t=" + "Zm9vYmFyMTIzNDU2Nzg5MA" * 9,
        f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{UNKNOWN}-----END PGP PUBLIC KEY BLOCK-----",
        "=" * 70 + "\n" + "-" * 70 + "\n" + "_" * 70 + "\nMinutes of the meeting\n",
        "begin 644 is how uuencoded files begin, and they have an end",
        "From: the manager\nTo: everybody\nMIME-Version: is a header field",
    ],
)
def test_what_only_looks_packed_is_left_alone(text: str) -> None:
    """Links, keys and rulers hold nobody's mail up."""
    assert analyse_document(text.encode(), declared_type="text/plain").unreadable == ()


@pytest.mark.parametrize("text", ["=ybegin line=128 size=3 name=a.bin\n\x01\n=yend", UNKNOWN])
def test_packed_file_of_unknown_kind_is_unsupported(text: str) -> None:
    """What is long and cannot be named cannot be vouched for."""
    unreadable = analyse_document(text.encode(), declared_type="text/plain").unreadable
    assert [u.reason for u in unreadable] == [UnreadableReason.UNSUPPORTED]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>NHS number 94347<!-- -->65919</p>",
        "<p>NHS number 94347<!-- a comment -->65919</p>",
        "<p>NHS number <div style='display:inline'>94347</div><p style='display:inline'>65919</p>",
        "<p>NHS number 943<a name='a'><table><tr><td>4765919</table>",
        f'<iframe srcdoc="&lt;p>{NUMBER}&lt;/p>"></iframe>',
        f"<iframe srcdoc='<p>{NUMBER}</p>'></iframe>",
        f'<a href="data:text/plain,{quote(LETTER)}">x</a>',
        f'<a href="data:,{quote(LETTER)}">x</a>',
        f"<a href='data:text/plain;base64,{quote(PACKED)}'>x</a>",
        "<form>NHS number <input name=nhs value=9434765919></form>",
        '<a href="https://a.example/?q=NHS+number+943%20476%205919">x</a>',
        f"<p data-note='{NUMBER}'>x</p>",
        f"<p {NUMBER}>x</p>",
        f"<!-- {NUMBER} --><p>x</p>",
        f"<!-- {NUMBER}",
        f"<!doctype html {NUMBER}><p>x</p>",
        f"<script>say('{NUMBER}')</script>",
        "<script>say('NHS number \\u0039434765919')</script>",
    ],
)
def test_page_shows_every_word_that_is_in_it(markup: str) -> None:
    """Comments in numbers, attributes quoted or not, pages in pages, links, declarations, scripts."""
    assert confidential(analyse_document(markup.encode(), declared_type="text/html", charset="utf-8"))


def test_number_that_a_tag_cuts_is_said_once_with_its_context() -> None:
    """The second reading, without gaps, adds only what the first has not."""
    assert html_text("<p>NHS 943 476 5919</p>").count("943 476 5919") == 1
    assert "NHS 9434765919" in html_text("<p>NHS 94347<div>65919</div>")


def test_entities_of_one_s_own_are_ambiguous() -> None:
    """They may stand for anything, and only some programs put it in."""
    text = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "943 476 5919">]><r>NHS &a;</r>'
    assert [u.reason for u in analyse_document(text, "a.xml").unreadable] == [UnreadableReason.AMBIGUOUS]


@pytest.mark.parametrize(
    ("content", "charset", "expected"),
    [
        (LETTER.encode(), "cp037", True),
        (LETTER.encode(), "cp500", True),
        (LETTER.encode(), "utf-7", True),
        (LETTER.encode(), "iso-2022-jp", True),
        (LETTER.encode(), "hz-gb-2312", True),
        (LETTER.encode(), "utf-16le", True),
        (b"\xff\xfe" + LETTER.encode(), "iso-8859-1", True),
        (b"\xff\xfe" + LETTER.encode(), "", True),
        (LETTER.encode("utf-16"), "", False),
        (LETTER.encode("utf-16"), "iso-8859-1", False),
        (LETTER.encode("utf-16le"), "utf-16le", False),
        (b"\xef\xbb\xbf" + LETTER.encode(), "windows-1252", False),
        (LETTER.encode(), "koi8-r", False),
        (LETTER.encode(), "no-such", False),
        (b"", "utf-16", False),
    ],
)
def test_charset_on_which_programs_differ_is_ambiguous(content: bytes, charset: str, expected: bool) -> None:
    """EBCDIC, shifting codes, and a mark or a label that the octets contradict."""
    assert doubtful(content, charset) is expected
    unreadable = analyse_document(content, declared_type="text/plain", charset=charset).unreadable
    assert bool(unreadable) is expected


def test_mail_inside_gives_every_header_and_what_stands_around_its_parts() -> None:
    """A comment, a display name, text before the first part and after the last."""
    for field, before, after in ((NUMBER, "", ""), ("x", NUMBER, ""), ("x", "", NUMBER)):
        mail = (
            f"Subject: x\r\nComments: {field}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        )
        mail += f"{before}\r\n--b\r\n\r\nhello\r\n--b--\r\n{after}\r\n"
        assert confidential(analyse_document(mail.encode(), "a.eml"))


def signed(folder: Path, *how: str) -> bytes:
    """Signed data by OpenSSL, DER."""
    (folder / "in.txt").write_text(LETTER, encoding="ascii")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem", "-out", "c.pem"]
    signing = ["-sign", "-binary", *how, "-in", "in.txt", "-signer", "c.pem", "-inkey", "k.pem", "-outform", "DER"]
    for words in (["req", "-x509", *key, "-subj", "/CN=x", "-days", "3"], ["cms", *signing, "-out", "out.p7s"]):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)
    return (folder / "out.p7s").read_bytes()


def test_signature_passes_and_what_it_encloses_is_read(tmp_path: Path) -> None:
    """``smime.p7s`` beside its text hides nothing; signed data with the text inside is read under any label."""
    detached, opaque = signed(tmp_path), signed(tmp_path, "-nodetach")
    kind = "application/pkcs7-signature"
    assert analyse_document(detached, "smime.p7s", kind).unreadable == ()
    for declared in (kind, "application/pkcs7-mime", "application/octet-stream"):
        assert confidential(analyse_document(opaque, "smime.p7s", declared))
    for broken in (detached + b"x", detached[:-9]):
        assert [u.reason for u in analyse_document(broken, "smime.p7s", kind).unreadable] == [UnreadableReason.CORRUPT]


def test_armour_of_a_signature_is_read() -> None:
    """A comment in the armour, and text around it, are words; a signature alone passes."""
    block = "-----BEGIN PGP SIGNATURE-----\n{}\n\niQEzBAABCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
    kind = "application/pgp-signature"
    assert analyse_document(block.format("").encode(), "signature.asc", kind).unreadable == ()
    assert confidential(analyse_document(block.format(f"Comment: {NUMBER}").encode(), "signature.asc", kind))
    assert confidential(analyse_document((block.format("") + NUMBER).encode(), "signature.asc", kind))
    assert analyse_document(b"-----BEGIN PGP SIGNATURE-----\nrubbish", "signature.asc", kind).unreadable


def test_quoted_printable_value_of_a_contact_keeps_its_letters() -> None:
    """Accents in contacts of version 2.1."""
    quoted = quopri.encodestring("Zoë Élan".encode()).decode().strip()
    text = CARD.format(f"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{quoted}\r\n")
    assert "Zoë Élan" in analyse_document(text.encode(), "a.vcf").texts[-1].text
