"""From the relay to the reader: a mail for somebody without a key, its notice, the code, the message; who gets none."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.settings import HERE
from tests.support.house import CARER, NO_KEY, OFFICER, SECRET, House, letter
from tests.support.pickups import Visitor, link_in
from tests.support.sink import Sink

_NUMBER = iter(range(1000))


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module's own, as a test breaks it."""
    return Path(shutil.copy(HERE / "policy.toml", tmp_path_factory.mktemp("policy")))


@pytest.fixture(scope="module")
def set_otherwise(policy: Path) -> dict[str, str]:
    return {"SALLYPORT_POLICY_FILE": str(policy)}


@pytest.fixture
def link(house, sink, relay) -> str:
    """Of a new mail."""
    return send(house, sink)


def send(house: House, sink: Sink) -> str:
    sink.received.clear()
    mail = letter(Message_ID=f"<p{next(_NUMBER)}@council.example>", Subject="[secure] About Ann")
    assert house.submit(mail, (NO_KEY, CARER)).startswith("250")
    (notice,) = [m for m in sink.received if m.recipients == (NO_KEY,)]
    assert SECRET.encode() not in notice.content
    assert b"About Ann" not in notice.content
    return link_in(notice.content)


def cookie_name(link: str) -> str:
    return f"visit-{hashlib.sha256(link.encode()).hexdigest()[:12]}"


def grant_of(house: House) -> str:
    (row,) = house.rows("select id from vault_pickupgrant order by made_at desc limit 1")
    return str(row[0])


def test_who_has_a_key_gets_mail_by_it_and_who_has_none_reads_it_here(house, pages, link) -> None:
    visitor = Visitor(pages, link)
    start = visitor.get()
    assert start.status == 200
    assert "You have a message" in start.text
    for hidden in ("Ann", OFFICER, NO_KEY, "letter.txt"):
        assert hidden not in start.text
    visitor.come_in()
    message = visitor.get("/message")
    for shown in ("About Ann", "please find the letter attached", "letter.txt", OFFICER):
        assert shown in message.text
    assert SECRET in visitor.get("/document/1").text
    saved = visitor.get("/document/1/file")
    assert SECRET.encode() in saved.body
    assert 'attachment; filename="letter.txt"' in saved.headers["Content-Disposition"]


def test_the_officer_sees_what_was_done_with_it_and_that_a_copy_is_out(house, pages, link) -> None:
    grant = grant_of(house)
    assert _so_far(house, grant) == "not opened yet"
    visitor = Visitor(pages, link)
    visitor.post("/code", code="000000")
    visitor.come_in()
    visitor.get("/message")
    visitor.get("/document/1")
    visitor.get("/document/1/file")
    shown = house.command("pickup", "show", grant).stdout
    steps = [line.split("  ", 1)[1] for line in shown.splitlines() if re.match(r"\d\d \w+ \d{4}", line)]
    assert steps == [
        "put aside to be picked up",
        "the notice left",
        "a wrong code was given",
        "a code was sent (shown here)",
        "opened (shown here)",
        "the message was shown",
        "document 1: shown",
        "document 1: a copy was downloaded",
    ]
    assert _so_far(house, grant) == "a copy of document 1 was downloaded"


def test_a_page_is_not_seen_unrecorded_by_going_past_the_documents_own(house, pages, link) -> None:
    visitor = Visitor(pages, link)
    visitor.come_in()
    visitor.get("/document/1/page/1")
    (row,) = house.rows("select details from vault_auditevent where action = 'pick-up page shown'")
    assert json.loads(row[0])["document"] == 1
    assert "sandbox" in visitor.get("/document/1/file").headers["Content-Security-Policy"]


def _so_far(house: House, grant: str) -> str:
    listed = json.loads(house.command("pickup", "list", "--json").stdout)
    return str(next(r for r in listed if r["grant"] == grant)["so_far"])


def _everything(house: House) -> list[object]:
    tables = ("vault_pickupgrant", "vault_pickupcode", "vault_pickupvisit", "vault_pickupattempt", "vault_auditevent")
    return [house.rows(f"select * from {table} order by 1") for table in tables]


def test_what_a_mail_scanner_does_with_the_link_uses_nothing_up(house, pages, link) -> None:
    """GET and HEAD of every path, without cookies and with those it was given."""
    before = _everything(house)
    visitor = Visitor(pages, link)
    for _ in range(2):
        for path in ("", "/code", "/message", "/document/1", "/document/1/file", "/document/1/page/1"):
            assert visitor.get(path).status in {200, 303, 302}
            assert visitor.get(path, "HEAD").status in {200, 303, 302}
        assert visitor.get("/send").status == 405
        assert visitor.get("/leave").status == 405
    assert _everything(house) == before
    visitor.come_in()


def test_a_post_without_the_pages_own_secret_does_nothing(house, pages, link) -> None:
    """Another site's form, or a scanner that submits what it finds."""
    before = _everything(house)
    for path in ("/send", "/code"):
        for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            kind = "application/x-www-form-urlencoded"
            reply = pages.get(f"/p/{link}{path}", "POST", "code=123456", Content_Type=kind, **headers)
            assert reply.status == 403
            assert "Please start again" in reply.text
    assert _everything(house) == before


def test_nothing_is_to_be_had_before_the_code(pages, link) -> None:
    visitor = Visitor(pages, link)
    for path in ("/message", "/document/1", "/document/1/file", "/document/1/page/1"):
        reply = visitor.get(path)
        assert reply.status == 303
        assert reply.headers["Location"] == f"/p/{link}"
        assert SECRET.encode() not in reply.body


def test_a_code_opens_once_and_a_newer_one_ends_it(pages, link) -> None:
    first, second = Visitor(pages, link), Visitor(pages, link)
    first.come_in()
    assert second.post("/code", code=pages.codes[-1]).status == 422
    second.post("/send")
    older = pages.codes[-1]
    second.post("/send")
    assert second.post("/code", code=older).status == 422
    assert second.post("/code", code=pages.codes[-1]).status == 303


def test_one_code_given_by_many_at_the_same_moment_lets_one_in(pages, link) -> None:
    visitors = [Visitor(pages, link) for _ in range(8)]
    for visitor in visitors:
        visitor.get()
    visitors[0].post("/send")
    code = pages.codes[-1]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda v: v.post("/code", code=code).status, visitors))
    assert sorted(replies) == [303] + [422] * 7 or sorted(replies).count(303) == 1


def test_a_code_of_one_link_opens_no_other(house, sink, pages, link) -> None:
    other = Visitor(pages, send(house, sink))
    mine = Visitor(pages, link)
    mine.post("/send")
    assert other.post("/code", code=pages.codes[-1]).status == 422
    mine.post("/code", code=pages.codes[-1])
    stolen = next(value for name, value in mine.cookies.items() if name.startswith("visit-"))
    other.cookies[cookie_name(other.path.removeprefix("/p/"))] = stolen
    assert other.get("/message").status == 303


def test_guessing_ends_after_five_of_a_code_and_twenty_of_a_day(house, pages, link) -> None:
    """Also for the right code, and from whatever place."""
    visitor = Visitor(pages, link)
    visitor.post("/send")
    code = pages.codes[-1]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert visitor.post("/code", code=wrong).status == 422
    assert visitor.post("/code", code=code).status == 422
    answers = [visitor.post("/code", code=wrong).status for _ in range(15)]
    assert answers == [422] * 14 + [429]
    visitor.post("/send")
    assert visitor.post("/code", code=pages.codes[-1]).status == 429
    house.rows("delete from vault_pickupattempt")


def test_codes_are_not_sent_without_end(house, pages, link) -> None:
    visitor = Visitor(pages, link)
    assert [visitor.post("/send").status for _ in range(5)] == [303] * 4 + [429]
    house.rows("delete from vault_pickupattempt")


def test_nobody_gets_a_session_that_somebody_else_chose(pages, link) -> None:
    """Fixation: the secret is new with each opening, and one that was planted is worth nothing."""
    visitor = Visitor(pages, link)
    visitor.come_in()
    (name,) = [n for n in visitor.cookies if n.startswith("visit-")]
    planted = Visitor(pages, link)
    planted.cookies[name] = "planted-by-somebody"
    planted.come_in()
    assert planted.cookies[name] not in {"planted-by-somebody", visitor.cookies[name]}
    thief = Visitor(pages, link)
    thief.cookies[name] = "planted-by-somebody"
    assert thief.get("/message").status == 303


def test_who_has_finished_is_out_everywhere(pages, link) -> None:
    visitor, copied = Visitor(pages, link), Visitor(pages, link)
    visitor.come_in()
    copied.cookies = dict(visitor.cookies)
    assert visitor.post("/leave").status == 303
    assert copied.get("/message").status == 303


def test_links_that_are_none_and_links_that_are_over_look_the_same(house, pages, link, sink) -> None:
    """Same status, same page, same headers, and no measurable difference in time."""
    revoked = link
    house.command("pickup", "revoke", grant_of(house), "--why", "sent by mistake")
    unknown = "A" * 43
    answers = {}
    for name, path in (("revoked", revoked), ("unknown", unknown)):
        for sub in ("", "/code", "/message", "/document/1"):
            reply = pages.get(f"/p/{path}{sub}")
            headers = {k: v for k, v in reply.headers.items() if k.lower() != "date"}
            answers.setdefault(sub, set()).add(
                (reply.status, reply.text.replace(path, ""), str(sorted(headers.items())))
            )
        assert pages.get(f"/p/{path}").status == 404, name
    assert all(len(found) == 1 for found in answers.values())
    times = {revoked: [], unknown: []}
    for _ in range(60):
        for path, taken in times.items():
            began = time.perf_counter()
            pages.get(f"/p/{path}")
            taken.append(time.perf_counter() - began)
    medians = [sorted(taken)[30] for taken in times.values()]
    assert max(medians) < 1.5 * min(medians)


def test_a_revoked_link_closes_for_whoever_is_looking(house, pages, link) -> None:
    visitor = Visitor(pages, link)
    visitor.come_in()
    assert visitor.get("/message").status == 200
    said = house.command("pickup", "revoke", grant_of(house), "--why", "sent by mistake").stdout
    assert "Closed. So far: opened." in said
    reply = visitor.get("/document/1")
    assert (reply.status, "This link is closed" in reply.text) == (404, True)
    again = house.command("pickup", "revoke", grant_of(house), "--why", "again", check=False)
    assert again.returncode == 5


def test_a_policy_that_is_being_edited_opens_nothing_until_it_is_whole(pages, link, policy) -> None:
    """Read anew when its file changes: a slip in it closes doors, and opens none; nothing has to be restarted."""
    visitor = Visitor(pages, link)
    visitor.come_in()
    whole = policy.read_bytes()
    policy.write_bytes(whole + b"\n[[sharing")
    try:
        away = visitor.get("/message")
    finally:
        policy.write_bytes(whole)
    assert (away.status, "try again in a few minutes" in away.text) == (503, True)
    assert visitor.get("/message").status == 200


def test_a_new_link_closes_the_old_one_and_opens_the_same(house, sink, pages, link) -> None:
    sink.received.clear()
    said = house.command("pickup", "resend", grant_of(house), "--why", "she lost the mail").stdout
    assert "Sent." in said
    (notice,) = sink.received
    assert pages.get(f"/p/{link}").status == 404
    anew = Visitor(pages, link_in(notice.content))
    anew.come_in()
    assert SECRET in anew.get("/document/1").text


def test_a_code_read_out_by_an_officer_opens_it(house, pages, link) -> None:
    grant = grant_of(house)
    nothing = house.command("pickup", "code", grant, "--why", " ", check=False)
    assert nothing.returncode == 5
    said = house.command("pickup", "code", grant, "--why", "rang back the number in the register").stdout.strip()
    assert re.fullmatch(r"\d{3} \d{3}", said)
    assert Visitor(pages, link).post("/code", code=said).status == 303
    shown = house.command("pickup", "show", grant).stdout
    assert re.search(r"a code was read out on the telephone, by [a-z][\w-]*: rang back", shown)
    assert "opened (an officer rang)" in shown


def test_nothing_of_links_codes_or_people_is_in_the_log(house, pages, link) -> None:
    log = re.sub(r"Pick-up code: \d{6}", "", pages.log())
    for word in (link, NO_KEY, OFFICER, "Ann", "/p/", *pages.codes):
        assert word not in log


def test_who_reads_welsh_gets_it_all_in_welsh_and_may_choose_without_a_script(
    house, pages, sink, relay, unlimited
) -> None:
    """Notice and pages by the register; a link on each page chooses otherwise, and changes nothing else."""
    house.rows(f"update register_party set language = 'cy' where email = '{NO_KEY}'")
    try:
        link = send(house, sink)
        (notice,) = [m.content for m in sink.received if m.recipients == (NO_KEY,)]
        assert b"Mae gennych neges" in notice
        visitor = Visitor(pages, link)
        start = visitor.get()
        assert '<html lang="cy">' in start.text
        assert "Anfonwch god ataf" in start.text
        assert start.headers["Content-Language"] == "cy"
        before = house.rows("select count(*) from vault_auditevent")
        chosen = visitor.get("?language=en")
        assert (chosen.status, chosen.headers["Location"]) == (303, visitor.path)
        assert '<html lang="en">' in visitor.get().text
        visitor.get("?language=cy")
        visitor.get("?language=xx")
        assert house.rows("select count(*) from vault_auditevent") == before
        assert visitor.post("/send").status == 303
        page = visitor.get("/code").text
        assert f'href="{visitor.path}/code?language=en" lang="en"' in page
        wrong = visitor.post("/code", code="000000")
        assert "Ni weithiodd hynny" in wrong.text
        visitor.post("/code", code=pages.codes[-1])
        assert "Darllen dogfen 1" in visitor.get("/message").text
        assert '<html lang="en">' in Visitor(pages, "x" * 43).get().text  # a closed link says nothing of its reader
    finally:
        house.rows(f"update register_party set language = '' where email = '{NO_KEY}'")


def test_permission_withdrawn_closes_it_at_once(house, pages, link, sink) -> None:
    """Promise 5: for a link that was sent, and for somebody who is looking at it. Last: Ann's placement ends."""
    visitor = Visitor(pages, link)
    visitor.come_in()
    assert visitor.get("/message").status == 200
    house.rows("update register_placement set ends = date('now', '-1 day')")
    assert visitor.get("/message").status == 404
    assert visitor.get("/document/1/file").status == 404
    listed = json.loads(house.command("pickup", "list", "--all", "--json").stdout)
    assert next(r for r in listed if r["grant"] == grant_of(house))["rules"] == ["other-carer"]
    house.rows("update register_placement set ends = null")
    assert visitor.get("/message").status == 200
    house.command("permission", "withdraw", "F-1")
    assert visitor.get("/message").status == 404
