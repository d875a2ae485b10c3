"""Finding filed mail by the command line: a real relay, both databases; and the database gives no word away."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.forked import Job, run_forked
from tests.support.house import CARER, COLLEAGUE, OFFICER, SURGERY, House, letter
from tests.support.sink import Sink
from vault.search.tokens import stem
from vault.search.words import words

pytestmark = pytest.mark.slow
WHY = ("--why", "complaint 12")
MADE_UP = "quorbling vextrimates zanthorpe plimbering wexomats drelling frobnitzes skavelling yomberly"


def made_up() -> bytes:
    """A mail of words that nothing else says: in the subject, the body, a file, its name, and a file inside a file."""
    one, two, three, four, five, six, seven, eight, nine = MADE_UP.split()
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"{nine.title()} <{OFFICER}>", COLLEAGUE, f"{one} {two}"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 09:00:00 +0000", "<made-up@council.example>"
    mail.set_content(f"Dear all,\n\nthe {three} was {four}, NHS number 943 476 5919.\n")
    mail.add_attachment(f"{five} {six}".encode(), maintype="text", subtype="plain", filename=f"{seven}.txt")
    inside = EmailMessage(policy=SMTP)
    inside["From"], inside["To"], inside["Subject"] = OFFICER, COLLEAGUE, eight
    inside.set_content("hello\n")
    mail.add_attachment(inside)
    return mail.as_bytes()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Three mails went through: a letter about Ann, one of made-up words, and a plain one."""
    with ExitStack() as stack:
        sink = stack.enter_context(Sink())
        url = stack.enter_context(postgres.running()) if request.param == "postgresql" else ""
        house = House(tmp_path_factory.mktemp("search"), sink.port, url).set_up()
        stack.enter_context(house.relay())
        assert house.submit(letter(), (CARER, SURGERY)).startswith("250")
        assert house.submit(made_up(), (COLLEAGUE,)).startswith("250")
        plain = b"From: officer@council.example\r\nSubject: Rota\r\n\r\nThe new rota starts on Monday.\r\n"
        assert house.submit(plain, (COLLEAGUE,)).startswith("250")
        house.sink = sink  # type: ignore[attr-defined]
        yield house


def ask(house: House, query: str, *more: str) -> dict[str, object]:
    return json.loads(house.command("vault", "search", query, "--json", *more).stdout)


def totals(house: House, *queries: str) -> list[int]:
    """Many at once."""
    words_of = (("vault", "search", query, "--json") for query in queries)
    jobs = [Job(w[2], w, house.environment(), house.folder) for w in words_of]
    answers = {a.name: a for a in run_forked(jobs)}
    return [json.loads(answers[q].output)["total"] for q in queries]


def keys(house: House, *names: str) -> list[str]:
    return [w for n in names for w in ("-i", str(house.home / "masters" / f"{n}.age-key"))]


def raw(house: House) -> bytes:
    """All that the database holds, as somebody who took it would see it."""
    if not house.database_url:
        return b"".join(p.read_bytes() for p in (house.home / "var").glob("*.sqlite3*"))
    (dump,) = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1:]
    return subprocess.run([str(dump), house.database_url], check=True, capture_output=True).stdout


def test_the_database_alone_reveals_no_word(house: House) -> None:
    """Not in rows, not in the text index, not in the log of changes: no word of a mail, no stem, no file name."""
    ask(house, "frobnitzes OR " + " OR ".join(MADE_UP.split()))  # folded, and the search itself is recorded
    seen = raw(house).lower()
    assert b"vault_searchentry" in seen
    looked_for = {*MADE_UP.split(), *(stem(w) for w in MADE_UP.split()), "9434765919", "943 476 5919"}
    assert [w for w in looked_for if w.encode() in seen or w.encode().hex().encode() in seen] == []


def test_words_in_files_names_and_subjects_are_found(house: House) -> None:
    """In any form, by phrase, nearness, field, and exactly counted."""
    once = (
        "vextrimate", '"zanthorpe was plimbering"', "NEAR(zanthorpe plimbers, 2)", "wexomat drelled", "skavelling",
        "name:frob*", "subject:quorbled", "9434765919", '"943 476 5919"', "yomberly", "levetiracetam -rota",
    )  # fmt: skip
    assert totals(house, *once, '"plimbering zanthorpe"') == [1] * len(once) + [0]
    assert ask(house, "sent:2020..2099")["coverage"] == {"records": 3, "partial": 0, "unindexed": 0}


def test_people_are_found_by_reference_council_id_and_name(house: House) -> None:
    """The register says who that is; nobody is an error that points."""
    answers = [ask(house, f"about:{who}") for who in ("SL-00001", '"Ann Lee"')]
    assert [a["total"] for a in answers] == [1, 1]
    (person,) = answers[0]["hits"][0]["people"]
    assert ask(house, f"about:{person}", "--facets")["facets"]["person"] == {person: 1}
    said = house.command("vault", "search", "rota about:SL-99999", check=False)
    assert said.returncode == 5
    assert said.stderr.splitlines()[-1].index("^") == said.stderr.splitlines()[-2].index("SL-99999")


def test_what_cannot_be_understood_is_pointed_at(house: House) -> None:
    """Three lines, exit code 5."""
    said = house.command("vault", "search", "rota AND medic*", check=False)
    assert said.returncode == 5
    sentence, query, caret = said.stderr.splitlines()
    assert "Only names and references" in sentence
    assert query[caret.index("^") : caret.rindex("^") + 1] == "medic*"


def test_a_master_key_shows_what_the_hits_say_and_leaves_a_trace(house: House) -> None:
    """Snippets with marks; who looked at which record is in the audit trail, and `seen:` knows."""
    assert ask(house, "levetiracetam seen:no")["total"] == 1
    said = house.command("vault", "search", "epilepsy", *keys(house, "records"), *WHY).stdout
    assert "\u00bbepilepsy\u00ab" in said
    assert ask(house, "levetiracetam seen:yes")["total"] == 1
    said = house.command("vault", "search", "rota OR epilepsy", *keys(house, "escrow"), *WHY).stdout
    assert "not opened: the keys given do not open it" in said  # plain mail is the service key's
    assert house.command("vault", "search", "rota", *keys(house, "records"), check=False).returncode == 5  # no reason


def test_who_searched_what_is_told_to_a_master_alone(house: House) -> None:
    """The trail holds the words sealed."""
    house.command("vault", "search", "zanthorpe", "--why", "request 7")
    said = house.command("vault", "searches", "asked", *keys(house, "escrow")).stdout
    assert "request 7" in said
    assert "zanthorpe" in said
    assert house.command("vault", "searches", "asked", *keys(house, "service"), check=False).returncode == 7


def test_a_saved_search_tells_its_owner_of_new_records(house: House) -> None:
    """A short mail without words; once."""
    sink = house.sink  # type: ignore[attr-defined]
    ident = house.command("vault", "searches", "save", "zanthorpe", "--to", OFFICER, *WHY).stdout.strip()
    outside = house.command("vault", "searches", "save", "x", "--to", "a@else.example", *WHY, check=False)
    assert outside.returncode == 5
    sink.received.clear()
    house.command("worker", "--once")
    assert [m for m in sink.received if ident.encode() in m.content] == []
    mail = made_up().replace(b"<made-up@", b"<made-up-2@")
    assert house.submit(mail, (COLLEAGUE,)).startswith("250")
    for _ in range(2):
        house.command("worker", "--once")
    (told,) = [m for m in sink.received if ident.encode() in m.content]
    assert told.recipients == (OFFICER,)
    assert message_from_bytes(told.content)["Subject"] == "1 new record in a saved search"
    assert not set(words(told.content.decode())) & set(MADE_UP.split())
    newest = ask(house, "zanthorpe")["hits"][0]["record"]
    assert newest.encode() in told.content
    listed = house.command("vault", "searches", "list", *keys(house, "records")).stdout
    assert ident in listed
    assert "zanthorpe" in listed
    house.command("vault", "searches", "forget", ident, *WHY)
    assert ident not in house.command("vault", "searches", "list").stdout


def test_another_index_key_and_the_index_made_anew(house: House) -> None:
    """Until it is, every search says that records are missing; then saved searches work, too."""
    house.command("vault", "searches", "save", "zanthorpe", "--to", OFFICER, *WHY)
    before, filed = totals(house, "zanthorpe", "sent:2020..2099")
    key = house.home / "keys" / "index.key"
    key.rename(key.with_suffix(".old"))
    answer = ask(house, "zanthorpe")
    assert answer["total"] == 0
    assert answer["coverage"] == {"records": 0, "partial": 0, "unindexed": filed}
    said = house.command("vault", "index", "rebuild", *keys(house, "records", "service"), *WHY).stdout
    assert said == f"{filed} records were indexed, 0 could not be opened; 1 saved searches were made anew.\n"
    queries = ("zanthorpe", "zanthorpe -rota about:SL-00001", "levetiracetam about:SL-00001", "sent:2020..2099")
    assert totals(house, *queries) == [before, 0, 1, filed]
    again = house.command("vault", "index", "rebuild", *keys(house, "records"), *WHY).stdout
    assert again.startswith("0 records were indexed")
    house.command("vault", "index", "purge")
    assert totals(house, *queries) == [before, 0, 1, filed]
