"""An answer from the pages: through the same pipeline to the officer, filed; photographs without their position."""

from __future__ import annotations

import io
import json
import os
import signal
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from email.utils import parsedate_to_datetime

import pytest
from PIL import Image

from tests.functional.test_pickup import grant_of, send
from tests.support.house import NO_KEY, OFFICER, ROOT, free_port
from tests.support.pickups import Pages, Visitor, photograph
from tests.support.sink import Sink
from vault.ids import new_id
from vault.pickup.uploads import PIECE
from web import clock


@pytest.fixture(scope="module")
def set_otherwise() -> dict[str, str]:
    return {"SALLYPORT_PICKUP__MAX_UPLOAD": str(2 * 2**20)}


@pytest.fixture
def visitor(house, sink, relay, pages, unlimited) -> Visitor:
    visitor = Visitor(pages, send(house, sink))
    visitor.come_in()
    sink.received.clear()
    return visitor


def _mail(sink: Sink):
    (arrived,) = [m for m in sink.received if m.recipients == (OFFICER,)]
    return arrived, message_from_bytes(arrived.content, policy=SMTP)


def test_words_and_photographs_reach_the_officer_and_are_filed(house, sink, visitor) -> None:
    files = [("me at Ann's.JPG", photograph()), ("note.txt", b"Tablets at eight.")]
    reply = visitor.upload("/answer", files, answer=_ident(), text="Ann Lee was well today. NHS number 999 000 0018")
    assert "We have your answer" in reply.text
    arrived, mail = _mail(sink)
    assert arrived.sender == "shared-lives@council.example"
    assert mail["Subject"] == "Answer: About Ann"
    assert NO_KEY in mail.get_body(("plain",)).get_content()
    assert "Ann Lee was well today" in mail.get_body(("plain",)).get_content()
    picture, note = mail.iter_attachments()
    assert picture.get_filename() == "me at Ann's.jpg"
    drawn = Image.open(io.BytesIO(picture.get_payload(decode=True)))
    assert dict(drawn.getexif()) == {}
    assert b"GPS" not in picture.get_payload(decode=True)
    assert note.get_payload(decode=True) == b"Tablets at eight."
    ((record,),) = house.rows("select id from vault_vaultrecord order by filed_at desc limit 1")
    people = house.rows(f"select count(*) from vault_vaultsubject where record_id = '{record}'")
    assert people == [(1,)]
    assert "an answer was sent" in house.command("pickup", "show", grant_of(house)).stdout


def test_a_telephones_heic_becomes_a_jpeg_that_everybody_can_open(sink, visitor) -> None:
    reply = visitor.upload("/answer", [("IMG_0001.HEIC", _heic())], answer=_ident(), text="x")
    assert reply.status == 200, reply.text
    (picture,) = _mail(sink)[1].iter_attachments()
    assert picture.get_filename() == "IMG_0001.jpg"
    assert Image.open(io.BytesIO(picture.get_payload(decode=True))).format == "JPEG"


def test_the_same_answer_sent_twice_arrives_once(sink, visitor) -> None:
    ident = _ident()
    for _ in range(2):
        reply = visitor.upload("/answer", [("a.txt", b"one")], answer=ident, text="once")
        assert "We have your answer" in reply.text
    assert len([m for m in sink.received if m.recipients == (OFFICER,)]) == 1


def _bomb() -> bytes:
    """A picture of 25,000 by 25,000 in a few kilobytes."""
    out = io.BytesIO()
    Image.new("1", (25_000, 25_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("game.exe", b"MZ\x90\x00"),
        ("page.html", b"<script>alert(1)</script>"),
        ("picture.jpg", b"\xff\xd8\xff\xe0 not a picture"),
        ("bomb.png", _bomb()),
        ("things.zip", b"PK\x03\x04xxxx"),
        ("letter.txt", b"\xff\xfe\x00"),
        ("run.svg", b"<svg onload='alert(1)'/>"),
        ("<img src=x onerror=alert(1)>.exe", b"MZ"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence_and_nothing_leaves(sink, visitor, name, content) -> None:
    reply = visitor.upload("/answer", [(name, content)], answer=_ident(), text="look")
    assert reply.status == 422
    assert "We cannot take the file" in reply.text
    assert "<img" not in reply.text
    assert ">look</textarea>" in reply.text  # what was written is not lost
    assert sink.received == []


def test_names_are_no_paths_and_no_headers(sink, visitor) -> None:
    name = "../../etc/pass\r\nBcc: x@evil.example\r\nwd.txt"
    visitor.upload("/answer", [(name, b"x")], answer=_ident(), text="x\r\n.\r\nMAIL FROM:<evil>")
    _, mail = _mail(sink)
    (file,) = mail.iter_attachments()
    assert "/" not in file.get_filename()
    assert mail["Bcc"] is None
    assert "MAIL FROM:<evil>" in mail.get_body(("plain",)).get_content()


def test_nothing_and_too_much_are_said_to_be(sink, visitor) -> None:
    assert "There is nothing in your answer yet" in visitor.upload("/answer", [], answer=_ident(), text=" ").text
    two = [("a.txt", b"x" * (1_100_000)), ("b.txt", b"x" * 1_100_000)]
    assert "too big" in visitor.upload("/answer", two, answer=_ident(), text="x").text
    assert sink.received == []


def test_a_form_far_too_large_is_not_read(sink, pages, visitor) -> None:
    """Whoever says that they send so much is answered before they do."""
    head = {"Content_Type": "text/plain", "Content_Length": str(10 * 2**20), "Origin": pages.address}
    reply = pages.get(f"{visitor.path}/answer", "POST", None, **head)
    assert reply.status == 413
    assert "too big" in reply.text


def test_only_who_is_in_can_answer(house, sink, pages, visitor) -> None:
    outside = Visitor(pages, visitor.path[3:])
    assert outside.upload("/answer", [("a.txt", b"x")], answer=_ident(), text="x").status == 303
    assert outside.get("/answer").status == 303
    assert outside.piece(_ident(), 0, b"x").status == 303
    house.command("pickup", "revoke", grant_of(house), "--why", "over")
    assert visitor.upload("/answer", [("a.txt", b"x")], answer=_ident(), text="x").status == 404
    assert visitor.piece(_ident(), 0, b"x").status == 404
    assert sink.received == []


def test_a_file_that_goes_up_in_pieces_goes_on_where_the_line_broke(house, sink, visitor) -> None:
    content, ident = os.urandom(PIECE + 1000).hex().encode(), _ident()
    pieces = [content[n : n + PIECE] for n in range(0, len(content), PIECE)]
    assert visitor.piece(ident, 1, pieces[1]).status == 400  # the first is missing
    assert json.loads(visitor.piece(ident, 0, pieces[0]).text) == {"pieces": 1}
    assert json.loads(visitor.get(f"/upload/{ident}").text) == {"pieces": 1}
    assert visitor.piece(ident, 0, pieces[0]).status == 200  # its answer was lost: once more
    for number, piece in enumerate(pieces[1:], start=1):
        assert json.loads(visitor.piece(ident, number, piece).text) == {"pieces": number + 1}
    kept = [p for p in (house.home / "var" / "pickup" / "uploads").rglob("*.age@*") if p.suffix != ".json"]
    assert kept
    assert all(p.read_bytes().startswith(b"age-encryption.org/v1") for p in kept)
    reply = visitor.upload("/answer", [], answer=_ident(), text="here", upload=ident, name="numbers.txt")
    assert "We have your answer" in reply.text
    (file,) = _mail(sink)[1].iter_attachments()
    assert file.get_payload(decode=True) == content
    assert not [p for p in (house.home / "var" / "pickup" / "uploads").rglob("*.age@*") if p.suffix != ".json"]


@pytest.mark.parametrize(
    ("ident", "number", "piece"),
    [("../../x", "0", b"x"), ("a" * 26, "0", b"x"), (None, "-1", b"x"), (None, "x", b"x"), (None, "0", b"")],
)
def test_pieces_that_fit_nothing_are_refused(visitor, ident, number, piece) -> None:
    assert visitor.piece(ident or _ident(), number, piece).status in {400, 404}


def test_nobody_reads_another_links_pieces(house, sink, pages, visitor) -> None:
    ident = _ident()
    visitor.piece(ident, 0, b"mine")
    other = Visitor(pages, send(house, sink))
    other.come_in()
    assert json.loads(other.get(f"/upload/{ident}").text) == {"pieces": 0}
    reply = other.upload("/answer", [], answer=_ident(), text="x", upload=ident, name="a.txt")
    assert "did not arrive whole" in reply.text


def test_a_relay_that_is_away_loses_no_word(house, sink, tmp_path_factory, visitor) -> None:
    with Pages(house, free_port()).serving(SALLYPORT_PICKUP__RELAY_PORT="9") as elsewhere:
        away = Visitor(elsewhere, visitor.path[3:])
        away.cookies = dict(visitor.cookies)
        reply = away.upload("/answer", [], answer=_ident(), text="please keep this")
    assert reply.status == 503
    assert "please keep this" in reply.text
    assert "an answer was sent" not in house.command("pickup", "show", grant_of(house)).stdout


def test_killed_in_an_upload_it_goes_on_at_another_node(house, sink, visitor) -> None:
    """Two nodes: the one dies between two pieces; the other has the first, and takes the rest."""
    ident, content = _ident(), b"x" * (PIECE + 10)
    first = Pages(house, free_port())
    with first.serving():
        here = Visitor(first, visitor.path[3:])
        here.cookies = dict(visitor.cookies)
        assert here.piece(ident, 0, content[:PIECE]).status == 200
        os.killpg(first.process.pid, signal.SIGKILL)
        first.process.wait()
        with pytest.raises(OSError):
            here.piece(ident, 1, content[PIECE:])
    assert json.loads(visitor.get(f"/upload/{ident}").text) == {"pieces": 1}
    assert json.loads(visitor.piece(ident, 1, content[PIECE:]).text) == {"pieces": 2}
    visitor.upload("/answer", [], answer=_ident(), text="x", upload=ident, name="a.txt")
    (file,) = _mail(sink)[1].iter_attachments()
    assert file.get_payload(decode=True) == content


@pytest.mark.parametrize("days", [-400, 3])
def test_an_answer_is_dated_by_us(sink, visitor, days) -> None:
    """Its page's number gives the date, and comes back from a browser."""
    visitor.upload("/answer", [], answer=new_id(clock.now() + timedelta(days=days)), text=f"of another day {days}")
    mail = _mail(sink)[1]
    assert f"of another day {days}" in mail.get_body().get_content()
    assert abs(parsedate_to_datetime(mail["Date"]) - clock.now()) < timedelta(hours=1)


def _ident() -> str:
    return new_id(clock.now())


def _heic() -> bytes:
    """A picture as telephones write it."""
    return (ROOT / "tests" / "specimens" / "formats" / "telephone.heic").read_bytes()
