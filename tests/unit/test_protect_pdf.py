"""The protected PDF: other programs open it with the password alone, and it holds everything; nothing outside tells."""

from __future__ import annotations

import email
import email.policy
import io
import re
import subprocess
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from unittest import mock

import pikepdf
import pytest

from domain.decision import Method
from domain.errors import ProtectionFailed, UnusableKey
from domain.model import Address
from domain.outgoing import ProtectedMessage
from domain.ports import StoredKey
from gateway.parse import parse
from gateway.protect import passphrases
from gateway.protect.offload import Offloaded
from gateway.protect.pdf import ProtectedPdf, require_sealed
from tests.support import protect_specimens as s
from tests.support.protect_specimens import CARER, NOW

KEY = b"k" * 32
PASSWORD = "plum-otter-seven-kite"
PLAN = bytes(range(256)) * 50


def mail(body: str = "See the plan.\nWith an \u00fc and \u4e2d.\n", **more: bytes) -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = "Olive <officer@council.example>", CARER.text, s.SUBJECT
    message["Message-ID"] = "<one@council.example>"
    message.set_content(body)
    for name, data in {"plan.bin": PLAN, **more}.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def row(password: str = PASSWORD, address: Address = CARER) -> StoredKey:
    return StoredKey(Method.PDF, "AB12", passphrases.sealed(password, address.key, KEY), address.key)


def protect(raw: bytes, *rows: StoredKey) -> ProtectedMessage:
    protector = ProtectedPdf(KEY, "Shared Lives", "01234 567890")
    return protector.protect(parse(raw), s.ENVELOPE, CARER, rows or (row(),), s.SUBJECT, NOW)


def container(protected: ProtectedMessage) -> bytes:
    """The file, as a mail program saves it."""
    (attached,) = email.message_from_bytes(protected.content, policy=email.policy.default).iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("message.pdf", "application/pdf")
    return bytes(attached.get_content())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "message.pdf"
    made.write_bytes(container(protect(mail())))
    return made


def run(*command: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(c) for c in command], capture_output=True, check=False, timeout=60)


def test_other_programs_open_it_with_the_password(file: Path, tmp_path: Path) -> None:
    """Poppler reads the pages and takes the documents out, qpdf says AES-256 for all of it."""
    text = run("pdftotext", "-upw", PASSWORD, file, "-").stdout.decode()
    assert s.SUBJECT in text
    assert "See the plan." in text
    assert "With an \u00fc and ?." in text
    assert "plan.bin" in text
    assert run("pdfdetach", "-upw", PASSWORD, "-saveall", "-o", tmp_path, file).returncode == 0
    assert (tmp_path / "plan.bin").read_bytes() == PLAN
    inner = email.message_from_bytes((tmp_path / "message.eml").read_bytes(), policy=email.policy.default)
    assert inner["Subject"] == s.SUBJECT
    assert "\u4e2d" in inner.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    said = run("qpdf", "--show-encryption", f"--password={PASSWORD}", file).stdout
    assert b"R = 6" in said
    assert said.count(b"AESv3") == 3
    assert run("qpdf", "--check", f"--password={PASSWORD}", file).returncode == 0


@pytest.mark.parametrize("password", ["", "wrong-wrong-wrong", PASSWORD.upper()])
def test_nothing_opens_it_without(file: Path, password: str) -> None:
    """Two programs refuse, and show nothing."""
    poppler = run("pdftotext", "-upw", password, file, "-")
    assert poppler.returncode
    assert poppler.stdout == b""
    assert run("qpdf", "--check", f"--password={password}", file).returncode
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(file, password=password)


def test_nothing_outside_the_encryption_tells(file: Path) -> None:
    """No name, subject, address or title is in the octets; nor is the password in the mail."""
    octets = file.read_bytes()
    for word in (s.SUBJECT, "Ann Lee", "plan.bin", "message.eml", "Olive", "officer@", "Shared Lives", "See the plan"):
        assert word.encode() not in octets
        assert word.encode("utf-16-be") not in octets
    assert b"/EncryptMetadata false" not in octets
    protected = protect(mail())
    assert PASSWORD.encode() not in protected.content
    outer = email.message_from_bytes(protected.content, policy=email.policy.default)
    assert outer["Subject"] == "A protected message from Shared Lives"
    assert outer["From"] == "officer@council.example"
    words = outer.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "It asks for a password" in words
    assert "01234 567890" in words
    assert not any(word in words for word in ("Ann", "plan", "Olive"))
    assert (protected.method, protected.key_ids) == (Method.PDF, ("AB12",))
    assert protected.content.isascii()


def test_a_letter_in_html_is_shown_as_words_and_nothing_of_it_runs(tmp_path: Path) -> None:
    """No script, style, link or picture; reportlab's own marks in it are words."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["Subject"] = "officer@council.example", s.SUBJECT
    html = "<head><title>no</title></head><style>no</style><p>Dear <b>Cara</b></p><script>no()</script>"
    message.set_content(html + '<p>1 &lt; 2 &amp; <a href="http://evil.example">here</a><img src="x"></p>', "html")
    (tmp_path / "m.pdf").write_bytes(container(protect(message.as_bytes())))
    text = run("pdftotext", "-upw", PASSWORD, tmp_path / "m.pdf", "-").stdout.decode()
    assert "Dear Cara" in text
    assert "1 < 2 & here" in text
    assert "no" not in text.replace("Shared Lives", "").replace("\n", " ").split()
    with pikepdf.open(tmp_path / "m.pdf", password=PASSWORD) as pdf:
        assert not any("/Annots" in page for page in pdf.pages)


def test_documents_get_plain_names_of_their_own(tmp_path: Path) -> None:
    """No way out of a folder, none twice; a large mail has its words besides and not itself twice."""
    odd = {"../../etc/passwd": b"1", "C:\\x\\plan.bin": b"2", "message.txt": b"3" * 1_100_000, " .": b"4"}
    raw = mail(**odd)
    with pikepdf.open(_saved(tmp_path, raw), password=PASSWORD) as pdf:
        names = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    assert sorted(names) == ["document", "message (2).txt", "message.txt", "passwd", "plan (2).bin", "plan.bin"]
    assert names["plan (2).bin"] == b"2"
    assert "\u4e2d" in names["message (2).txt"].decode()


def _saved(folder: Path, raw: bytes) -> Path:
    (folder / "m.pdf").write_bytes(container(protect(raw)))
    return folder / "m.pdf"


def test_a_mail_from_the_other_process_has_its_documents(tmp_path: Path) -> None:
    """Large ones are protected elsewhere, where the message comes without its parts."""
    from functools import partial

    protector = Offloaded(partial(ProtectedPdf, KEY, "Shared Lives"), threshold_bytes=1000)
    try:
        done = protector.protect(parse(mail()), s.ENVELOPE, CARER, [row()], s.SUBJECT, NOW)
    finally:
        protector.close()
    (tmp_path / "m.pdf").write_bytes(container(done))
    with pikepdf.open(tmp_path / "m.pdf", password=PASSWORD) as pdf:
        assert sorted(pdf.attachments) == ["message.eml", "plan.bin"]


def test_a_passphrase_is_the_address_s_own_and_long_enough() -> None:
    """A row that was moved, a key that was changed, a password that is too short: not used, and said why."""
    protector = ProtectedPdf(KEY, "Shared Lives")
    assert protector.examine(row(), NOW).usable
    moved = StoredKey(Method.PDF, "AB12", row().data, "other@carers.example")
    short = StoredKey(Method.PDF, "AB12", passphrases.sealed("short", CARER.key, KEY), CARER.key)
    assert protector.examine(moved, NOW).reason == "its passphrase cannot be read here"
    assert protector.examine(short, NOW).reason == "its passphrase is too short to be safe"
    assert not ProtectedPdf(b"x" * 32, "S").examine(row(), NOW).usable
    for rows in ((moved,), (short,)):
        with pytest.raises(UnusableKey):
            protect(mail(), *rows)
    with pytest.raises(UnusableKey):
        ProtectedPdf(KEY, "S").protect(parse(mail()), s.ENVELOPE, CARER, (), s.SUBJECT, NOW)


def test_made_passphrases_are_fit_and_differ() -> None:
    made = {passphrases.made() for _ in range(50)}
    assert len(made) == 50
    assert all(passphrases.fit(p) and len(p) == 19 for p in made)
    assert not any(passphrases.fit(p) for p in ("elevenchars", "with a \u00fcmlaut here", " twelve chars", "x" * 128))


def test_what_is_not_sealed_as_was_meant_does_not_leave() -> None:
    """Open to anybody, of another cipher, or failed on the way: tried again, and nothing is sent."""
    with pikepdf.new() as pdf:
        import io

        for how in (None, pikepdf.Encryption(user=PASSWORD, owner="o", R=4, aes=True)):
            out = io.BytesIO()
            pdf.save(out, encryption=how) if how else pdf.save(out)
            with pytest.raises(ProtectionFailed):
                require_sealed(out.getvalue(), PASSWORD)
    with mock.patch("gateway.protect.pdf.pages_of", side_effect=RuntimeError), pytest.raises(ProtectionFailed):
        protect(mail())


def numbered(address: Address = CARER) -> StoredKey:
    return StoredKey(Method.PDF, "CD34", passphrases.sealed_number("+447700900123", address.key, KEY), address.key)


def test_each_mail_may_have_a_password_of_its_own() -> None:
    """Which opens it, and neither another mail nor the next recipient's; a second try of the same mail has the same."""
    once = mail()
    first, again, other = (protect(raw, numbered()) for raw in (once, once, mail("Another.\n")))
    assert first.text
    assert other.text
    assert first.text == again.text
    assert first.text.mobile == "+447700900123"
    assert re.fullmatch(r"[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}", first.text.passphrase)
    assert first.text.passphrase != other.text.passphrase
    require_sealed(container(first), first.text.passphrase)
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(container(other)), password=first.text.passphrase)
    assert passphrases.of_mail("ab", "a@x.example", KEY) != passphrases.of_mail("ab", "b@x.example", KEY)
    assert first.text.passphrase.encode() not in first.content
    assert b"opens this message only" in first.content.replace(b"=\r\n", b"")
    assert protect(mail()).text is None


def test_a_number_is_used_for_its_own_address_alone() -> None:
    """A row that was moved, and one of another key, is unusable; a passphrase is never taken for a number."""
    protector = ProtectedPdf(KEY, "Shared Lives")
    assert protector.examine(numbered(), NOW).usable
    assert not protector.examine(replace(numbered(), address="other@carers.example"), NOW).usable
    assert passphrases.number_in(row("+447700900123").data, CARER.key, KEY) == ""
    data = passphrases.sealed_text("+447700900123", PASSWORD, CARER.key, KEY)
    assert passphrases.opened_text(data, CARER.key, KEY) == ("+447700900123", PASSWORD)
    with pytest.raises(UnusableKey):
        passphrases.opened_text(data, "other@carers.example", KEY)
