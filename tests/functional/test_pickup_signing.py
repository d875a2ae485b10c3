"""A form signed on the page: PAdES that other programs find good, the evidence in it, a copy for both, filed."""

from __future__ import annotations

import io
import re
import subprocess
from email import message_from_bytes
from email.policy import SMTP

import pypdfium2
import pytest
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.browser.support import inside
from tests.functional.test_pickup import grant_of
from tests.support.house import NO_KEY, OFFICER, letter
from tests.support.pickups import Visitor, link_in, with_a_form
from tests.support.sink import Sink

SIGN = "/document/2/sign"


_NUMBER = iter(range(100))


@pytest.fixture
def visitor(house, sink, relay, pages, unlimited) -> Visitor:
    sink.received.clear()
    mail = with_a_form(letter(Message_ID=f"<s{next(_NUMBER)}@council.example>", Subject="Please sign"))
    assert house.submit(mail, (NO_KEY,)).startswith("250")
    visitor = Visitor(pages, link_in(next(m.content for m in sink.received if m.recipients == (NO_KEY,))))
    visitor.come_in()
    sink.received.clear()
    return visitor


def _signed_mails(sink: Sink) -> list[bytes]:
    mails = [message_from_bytes(m.content, policy=SMTP) for m in sink.received if m.recipients == (OFFICER,)]
    return [next(mail.iter_attachments()).get_payload(decode=True) for mail in mails]


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return document[len(document) - 1].get_textpage().get_text_range()


def test_a_form_is_offered_to_be_signed_and_a_letter_is_not(visitor) -> None:
    assert "Sign this document" in visitor.get("/document/2").text
    assert "Sign this document" not in visitor.get("/document/1").text
    assert visitor.get("/document/1/sign").status == 404


def test_the_signature_is_good_to_two_other_programs_and_says_who_and_how(house, sink, visitor, tmp_path) -> None:
    reply = visitor.post(SIGN, name="Cara Jones", agree="yes", drawn="[[[0,0],[90,40],[200,10]]]")
    assert "You have signed it" in reply.text
    (pdf,) = _signed_mails(sink)
    assert visitor.get("/document/2/signed").body == pdf
    certificate = house.home / "pickup" / "signing.crt"
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[load_cert_from_pemder(str(certificate))]))
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert _by_openssl(pdf, certificate, tmp_path)
    changed = pdf.replace(b"/Name (Cara Jones)", b"/Name (Cora Jones)")
    assert changed != pdf
    assert not _by_openssl(changed, certificate, tmp_path)
    said = _text(pdf)
    for word in ("Signed by: Cara Jones", NO_KEY, "shown here", "SHA-256", grant_of(house)):
        assert word in said
    ((record,),) = house.rows("select id from vault_vaultrecord order by filed_at desc limit 1")
    assert house.rows(f"select count(*) from vault_vaultsubject where record_id = '{record}'") == [(1,)]
    assert "document 2: signed" in house.command("pickup", "show", grant_of(house)).stdout


def _by_openssl(pdf: bytes, certificate, folder) -> bool:
    (ranges,) = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)", pdf)
    first, length, second, rest = map(int, ranges)
    (folder / "content").write_bytes(pdf[first : first + length] + pdf[second : second + rest])
    (folder / "cms").write_bytes(bytes.fromhex(pdf[length + 1 : second - 1].decode()))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content"]
    command += ["-CAfile", str(certificate), "-out", "verified"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "", "agree": "yes"}, "first name and your last name"),
        ({"name": "Cara", "agree": "yes"}, "first name and your last name"),
        ({"name": "Cara Jones"}, "Please tick that you agree"),
    ],
)
def test_without_a_name_or_a_tick_nothing_is_signed(sink, visitor, fields, said) -> None:
    reply = visitor.post(SIGN, **fields)
    assert reply.status == 422
    assert said in reply.text
    assert sink.received == []
    assert visitor.get("/document/2/signed").status == 404


def test_signed_twice_it_is_one_signature_and_arrives_once(sink, visitor) -> None:
    visitor.post(SIGN, name="Cara Jones", agree="yes")
    first = visitor.get("/document/2/signed").body
    visitor.post(SIGN, name="Somebody Else", agree="yes")
    assert visitor.get("/document/2/signed").body == first
    assert _signed_mails(sink) == [first]


@pytest.mark.parametrize(
    "drawn", ["x", "[[[1]]]", '[["a","b"]]', "[[[-1,5]]]", "[" * 5000, "[[" + "[1,1]," * 4000 + "[1,1]]]"]
)
def test_what_is_no_drawing_is_left_out(sink, visitor, drawn) -> None:
    assert visitor.post(SIGN, name="Cara <b> (Jones)", agree="yes", drawn=drawn).status == 200
    (pdf,) = _signed_mails(sink)
    assert "Signed by: Cara <b> (Jones)" in _text(pdf)


def test_only_who_is_in_signs(pages, sink, visitor) -> None:
    outside = Visitor(pages, visitor.path[3:])
    assert outside.post(SIGN, name="Cara Jones", agree="yes").status == 303
    assert outside.get("/document/2/signed").status == 303
    assert sink.received == []


_NOTED = """
from datetime import UTC, datetime
from register import recording
from register.models import Permission, Person
from vault.pickup.signatures import about
ann = Person.objects.get(council_id="SL-00001")
found = [paper for paper in about([ann.ref]) if "permission-form" in paper.classes]
assert found[0].by == "{by}", found
form = Permission.objects.filter(person=ann).first()
recording.note_document(form.code, found[0].record, datetime.now(UTC), instead_of=form.document)
"""


def test_a_form_that_was_made_elsewhere_is_known_as_a_paper_of_the_person(house, visitor) -> None:
    """By what the page wrote down and the relay filed; the register takes it for the permission's paper."""
    assert "You have signed it" in visitor.post(SIGN, name="Cara Jones", agree="yes").text
    inside(house, _NOTED.format(by=NO_KEY))
    ((noted, newest),) = house.rows(
        "select p.document, (select id from vault_vaultrecord order by filed_at desc limit 1) "
        "from register_permission p where p.document != ''"
    )
    assert noted == newest


ANN = "ann@home.example"
_ASKED = f"""
from datetime import UTC, datetime
from register.models import Party, Person
from vault.pickup import asked
ann = Person.objects.get(council_id="SL-00001")
Party(code="A-1", kind="person", name="Ann Lee", email="{ANN}", person=ann).save()
lines = [{{"who": "P-1", "name": "Dr Gill", "categories": ["medical"], "purposes": []}}]
draft = {{"person": ann.ref, "code": "SL-00001-9", "answers": {{}}, "lines": lines, "checked": True}}
asked.ask("SL-00001-9", ann.ref, "A-1", draft, "console:officer@council.example", datetime.now(UTC))
"""


def test_a_form_made_of_what_was_said_is_sent_signed_and_found_in_the_vault(
    house, sink, relay, pages, unlimited
) -> None:
    """The person signs; the office gets the form, and the case knows where it is filed."""
    inside(house, _ASKED)
    sink.received.clear()
    house.command("worker", "--once")
    (notice,) = [m for m in sink.received if m.recipients == (ANN,)]
    visitor = Visitor(pages, link_in(notice.content))
    visitor.come_in()
    assert "A form for you to sign" in visitor.get("/message").text
    assert "Who may know: Dr Gill" in visitor.get("/document/1").text
    sink.received.clear()
    assert "You have signed it" in visitor.post("/document/1/sign", name="Ann Lee", agree="yes").text
    assert [m.recipients for m in sink.received] == [("shared-lives@council.example",)]  # Ann has no officer
    house.command("worker", "--once")
    ((record,),) = house.rows("select signed_record from vault_askedpermission where code = 'SL-00001-9'")
    subjects = house.rows(f"select person from vault_vaultsubject where record_id = '{record}'")
    assert subjects == house.rows("select ref from register_person where council_id = 'SL-00001'")
