"""The office's commands as their users run them: who may know what, withdrawals, reviews, and the weekly reminder."""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from PIL import Image

from cli.account import account
from cli.exits import Exit
from domain.model import Category
from gateway.clock import SystemClock
from gateway.protect.generate import make_openpgp_key
from tests.support.forked import Answer, Job, run_forked
from tests.support.house import CARER, OFFICER, SISTER, SOLICITOR, SURGERY, House, letter
from tests.support.sink import Sink

OFFICE, BOSS = "shared-lives@council.example", "boss@council.example"
URGENT = "new@else.example"


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Ann's officer is Olu; her form is due in five days; an urgent release and a request have been made by mail."""
    extra = {"SALLYPORT_SERVICE__MANAGEMENT": json.dumps([BOSS])}
    house = House(tmp_path_factory.mktemp("office"), sink.port, extra=extra).set_up(URGENT)
    with house.relay():
        assert house.submit(letter(), [SISTER]).startswith("250")
        assert house.submit(letter(Subject="[urgent: risk] Letter"), [URGENT]).startswith("250")
    soon = SystemClock().now().date() + timedelta(days=5)
    rows = (
        "type,id,name,date_of_birth,nhs_number,email,officer,person,signed_on,review_due",
        "person,SL-00001,Ann Lee,1980-02-29,9990000018,,O-1,,,",
        f"permission,F-1,,,,,,SL-00001,{soon - timedelta(days=300)},{soon}",
        f"permission,F-9,,,,,,SL-00002,{soon - timedelta(days=10)},{soon + timedelta(days=300)}",
    )
    (house.folder / "more.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    house.command("register", "import", "more.csv")
    return house


class Wrong(NamedTuple):
    """What is typed, and a word of the sentence; exit code 5 if nothing else is said."""

    words: str
    says: str
    code: Exit = Exit.INPUT


_GROUND = "--for P-1 --may-know medical --until 2099-12-31 --why x --decided-by x --id G-9"
WRONG = {
    "show: nobody": Wrong("permission show SL-404", "'SL-404'"),
    "show: not known yet": Wrong("permission show SL-00001 --known-at 2020-01-01", "recorded by then"),
    "show: no day": Wrong("permission show SL-00001 --at tomorrow", "2026-02-28"),
    "show: no time": Wrong("permission show SL-00001 --known-at noon", "2026-02-28T14:30"),
    "withdraw: nothing": Wrong("permission withdraw F-404", "no permission"),
    "withdraw: for whom": Wrong("permission withdraw F-1 --for R-1", "names P-1, P-2"),
    "withdraw: from nobody": Wrong("permission withdraw F-9 --for R-1", "it names nobody."),
    "line: nothing": Wrong("permission line add F-404 P-1 --may-know medical --why x", "no permission"),
    "line: nobody": Wrong("permission line add F-1 X-404 --may-know medical --why x", "'X-404'"),
    "line: no kind": Wrong("permission line add F-1 R-1 --may-know gossip --why x", "all-about-me"),
    "line: no why": Wrong("permission line add F-1 R-1 --may-know medical --why=", "--why"),
    "line: there already": Wrong("permission line add F-1 P-1 --may-know legal --why x", "change that line"),
    "line: not there": Wrong("permission line change F-1 R-1 --may-know legal --why x", "does not name 'R-1'"),
    "line: withdrawn form": Wrong("permission line change F-5 P-1 --may-know legal --why x", "new form"),
    "ground: no basis": Wrong(f"permission ground add SL-00001 --basis gossip {_GROUND}", "vital interests"),
    "ground: no concern": Wrong(f"permission ground add SL-00001 --basis safeguarding {_GROUND}", "seven concerns"),
    "ground: concern": Wrong(f"permission ground add SL-00001 --basis regulator --concern x {_GROUND}", "self-harm"),
    "ground: nobody": Wrong(f"permission ground add SL-404 --basis regulator {_GROUND}", "no person"),
    "ground: end nothing": Wrong("permission ground end G-404 --why x", "no ground"),
    "file: nothing": Wrong("permission file F-404 more.csv", "no permission with the id 'F-404'"),
    "file: no paper": Wrong("permission file F-1 none.pdf", "cannot be read"),
    "renew: withdrawn": Wrong("permission renew F-5 --outcome kept", "new form"),
    "renew: empty": Wrong("permission renew F-1 --outcome=", "what came of the review"),
    "renew: no outcome": Wrong("permission renew F-1", "--outcome", Exit.USAGE),
    "renew: tomorrow": Wrong("permission renew F-1 --outcome kept --held-on 2999-01-01", "future"),
    "close: nothing": Wrong("reviews close 404 --outcome done", "no review request"),
    "close: no number": Wrong("reviews close F-1 --outcome done", "'ID'", Exit.USAGE),
    "close: by nobody": Wrong("reviews close 1 --outcome done --by=", "who"),
    "release: nothing": Wrong("reviews release 404 --outcome done", "no urgent release"),
    "basis: nothing": Wrong("reviews basis B-404 --outcome done", "no ground"),
    "remind: hop away": Wrong("remind", "could not be", Exit.UNAVAILABLE),
}


@pytest.fixture(scope="module")
def answers(house: House) -> dict[str, Answer]:
    """What each mistake says; the next hop of these is away."""
    environment = house.environment() | {"SALLYPORT_NEXT_HOPS": json.dumps([{"host": "127.0.0.1", "port": 1}])}
    jobs = [Job(name, tuple(wrong.words.split()), environment, house.folder) for name, wrong in WRONG.items()]
    return {answer.name: answer for answer in run_forked(jobs)}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_sentence_and_an_exit_code(case: str, answers: dict[str, Answer]) -> None:
    done, wrong = answers[case], WRONG[case]
    assert done.code == wrong.code, done.errors[-1500:]
    [line] = done.errors.strip().splitlines()
    assert line.startswith("sallyport: ")
    assert line.endswith(".")
    assert wrong.says in line
    assert done.output == ""


def standing(house: House, *more: str) -> dict[str, str]:
    """How it stands with each recipient, for medical matters."""
    said = json.loads(house.command("permission", "show", "SL-00001", "--json", *more).stdout)
    return {r["id"]: r["states"]["medical"] for r in said["recipients"]}


def test_show_says_how_it_stands_today_on_a_day_and_as_known(house: House, answers: dict[str, Answer]) -> None:
    """The form's lines, the carers at home, the family; before and after the review is due; after a withdrawal."""
    assert answers
    before = SystemClock().now()
    assert standing(house) == {
        "C-1": "not-named", "C-2": "not-named", "P-1": "granted", "P-2": "category-not-covered", "R-1": "not-named",
    }  # fmt: skip
    later = str(before.date() + timedelta(days=7))
    assert standing(house, "--at", later)["P-1"] == "review-overdue"
    house.command("permission", "withdraw", "F-1", "--for", "P-1", "--by", "Ann")
    assert standing(house)["P-1"] == "withdrawn"
    assert standing(house, "--known-at", before.isoformat())["P-1"] == "granted"
    text = house.command("permission", "show", "sl-00001").stdout
    assert "P-1 Dr Gill (professional)\n  everything: held. The person has withdrawn" in text


def test_another_ground_lets_somebody_know_until_it_ends(house: House) -> None:
    """In the name of who decided, with the reason; recorded once; ended at once."""
    words = f"permission ground add SL-00001 --basis regulator {_GROUND}".replace("P-1", "R-1").split()
    for _ in range(2):
        assert "Recorded: G-9, until 31 December 2099" in house.command(*words).stdout
    assert standing(house)["R-1"] == "regulator"
    house.command("permission", "ground", "end", "G-9", "--why", "over")
    assert standing(house)["R-1"] == "not-named"
    [[who]] = house.rows("SELECT history_user_id FROM register_historicalperson ORDER BY history_id LIMIT 1")
    assert who == account(), "an import is somebody's"


def test_show_leaves_out_what_was_signed_later(house: House) -> None:
    """`--at` a day before the form: it is not there, as it does not count then."""
    shown = json.loads(house.command("permission", "show", "SL-00002", "--json").stdout)
    assert [(p["id"], p["lines"]) for p in shown["permissions"]] == [("F-9", [])]
    earlier = str(SystemClock().now().date() - timedelta(days=30))
    then = json.loads(house.command("permission", "show", "SL-00002", "--json", "--at", earlier).stdout)
    assert then["permissions"] == []


def test_a_line_is_added_changed_and_withdrawn_with_who_and_why(house: House) -> None:
    """At once; the same again changes nothing; what was, is kept; a line that was withdrawn stays so."""
    words = ["permission", "line", "add", "F-9", "P-2", "--may-know", "medical", "--purpose", "care", "--why"]
    for _ in range(2):
        said = house.command(*words, "she agreed").stdout
        assert said == "F-9: P-2 may know medical. The next mail is decided by it.\n"
    before = SystemClock().now()
    change = "permission line change F-9 P-2 --may-know all --why more --json"
    changed = json.loads(house.command(*change.split()).stdout)
    assert (len(changed["categories"]), changed["purposes"]) == (len(Category), ["care"])
    house.command(*["permission", "line", "withdraw", "F-9", "P-2", "--why", "enough", "--by", "Ben"])
    states = json.loads(house.command("permission", "show", "SL-00002", "--json").stdout)["recipients"]
    assert {r["states"]["legal"] for r in states if r["id"] == "P-2"} == {"withdrawn"}
    then = json.loads(
        house.command("permission", "show", "SL-00002", "--json", "--known-at", before.isoformat()).stdout
    )
    [line] = [line for form in then["permissions"] for line in form["lines"]]
    assert (line["id"], line["categories"]) == ("P-2", ["medical"])
    recorded = house.rows(
        "SELECT history_change_reason, history_user_id FROM register_historicalgrant ORDER BY history_id DESC LIMIT 3"
    )
    assert [reason for reason, _ in recorded] == ["enough", "more", "she agreed"]
    assert {who for _, who in recorded} == {account()}


def test_show_says_who_came_onto_a_form_later(house: House) -> None:
    """From that day on; the day before, the form does not name them."""
    today = SystemClock().now().date()
    line = f"type,role,party,categories,from\ngrant,F-9,P-2,medical,{today - timedelta(days=3)}\n"
    (house.folder / "line.csv").write_text(line, encoding="utf-8")
    house.command("register", "import", "line.csv")
    text = house.command("permission", "show", "SL-00002").stdout
    assert "Who came onto a form later" in text
    assert "P-2 " in text
    before = house.command("permission", "show", "SL-00002", "--at", str(today - timedelta(days=4))).stdout
    assert "P-2" not in before.split("Who may know what")[1]
    said = json.loads(house.command("permission", "show", "SL-00002", "--json").stdout)
    assert said["permissions"][0]["lines"][0]["since"].startswith(str(today - timedelta(days=3)))


def test_the_signed_paper_goes_into_the_vault_sealed_to_the_person(house: House) -> None:
    """Opened again with a master key it is the same file; once filed it is not filed as another."""
    paper = house.folder / "signed form.png"
    Image.new("L", (40, 60), 255).save(paper)
    said = house.command("permission", "file", "F-1", str(paper)).stdout
    record = said.rpartition("record ")[2].strip(" .\n")
    [(ref,)] = house.rows("select ref from register_person where council_id = 'SL-00001'")
    about = house.rows(f"select people from vault_vaultobject where record_id = '{record}'")
    assert {people for (people,) in about} == {json.dumps([ref])}
    assert house.rows(f"select classes from vault_vaultrecord where id = '{record}'") == [('["permission-form"]',)]
    out, master = house.folder / "opened", house.home / "masters" / "records.age-key"
    house.command("vault", "get", record, "-i", str(master), "--why", "to see", "--out", str(out))
    assert paper.read_bytes() in {file.read_bytes() for file in out.iterdir() if file.is_file()}
    assert "in the vault" in house.command("permission", "show", "SL-00001").stdout
    assert house.command("permission", "file", "F-1", str(paper)).stdout == said
    other = house.folder / "other.txt"
    other.write_text("another paper")
    refused = house.command("permission", "file", "F-1", str(other), check=False)
    assert (refused.returncode, record in refused.stderr) == (Exit.INPUT, True)


def test_renew_says_the_day_that_counts(house: House) -> None:
    """A later one than the policy's interval has no effect, and is not printed as if it had; an earlier one counts."""
    today = SystemClock().now().date()
    late, counts = today + timedelta(days=900), today + timedelta(days=365)
    words = ("permission", "renew", "F-9", "--outcome", "kept", "--held-on", str(today), "--next-due")
    said = house.command(*words, str(late)).stdout
    assert f"due by {counts:%d %B %Y}: the policy's interval counts, not {late:%d %B %Y}." in said
    assert json.loads(house.command(*words, str(late), "--json").stdout)["review_due"] == str(counts)
    soon = today + timedelta(days=100)
    assert house.command(*words, str(soon)).stdout.endswith(f"due by {soon:%d %B %Y}.\n")


def test_a_withdrawal_stands_after_last_weeks_file_is_imported_again(house: House) -> None:
    """Who imports an old file does not undo it."""
    house.command("permission", "withdraw", "F-1", "--for", "P-1")
    house.command("register", "import", "register.csv")
    assert standing(house)["P-1"] == "withdrawn"
    house.command("register", "import", "more.csv")


def test_reviews_lists_what_the_mails_have_left_to_do_and_it_can_be_done(house: House) -> None:
    """The release and the request that the relay recorded; each goes away with an outcome."""
    listed = json.loads(house.command("reviews", "list", "--json").stdout)
    ids = {item["matter"]: item["id"] for item in listed}
    assert {"urgent release", "request for a review", "permission to share"} <= set(ids)
    table = house.command("reviews").stdout
    assert "Urgent releases to look at: `sallyport reviews release ID --outcome ...`" in table
    house.command("reviews", "release", ids["urgent release"], "--outcome", "it was right", "--by", "Boss")
    for item in listed:
        if item["matter"] == "request for a review":
            house.command("reviews", "close", item["id"], "--outcome", "Ann said no")
    house.command("permission", "renew", "F-1", "--outcome", "She is content")
    left = {item["matter"] for item in json.loads(house.command("reviews", "list", "--json").stdout)}
    assert left == {"data-protection training"}
    assert house.rows("select review_outcome from register_permission where code = 'F-1'") == [("She is content",)]


def test_a_key_that_expires_soon_stands_among_what_is_due(house: House) -> None:
    """Before the week's reminder tells of it."""
    _, public = make_openpgp_key("Soon", "soon@else.example", SystemClock().now(), timedelta(days=20))
    (house.folder / "soon.pub").write_bytes(public)
    house.command("keys", "add", "soon.pub", "--for", "soon@else.example")
    (item,) = [
        i for i in json.loads(house.command("reviews", "list", "--json").stdout) if i["matter"] == "key or certificate"
    ]
    assert item["stage"] == "month"


def test_remind_sends_each_their_own_once(house: House, sink: Sink) -> None:
    """Over SMTP, from the null sender; the second run of the week sends nothing."""
    printed = house.command("remind", "--dry-run").stdout
    before = len(sink.received)
    assert "2 reminders were sent" in house.command("remind").stdout
    assert "0 reminders were sent; 2 had theirs" in house.command("remind").stdout
    sent = sink.received[before:]
    assert {r.recipients for r in sent} == {(OFFICER,), (OFFICE,)}
    for received in sent:
        mail = email.message_from_bytes(received.content, policy=email.policy.default)
        assert received.sender in {"", "<>", None}
        text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
        assert f"To: {received.recipients[0]}\nSubject: {mail['Subject']}\n\n{text.strip()}" in printed
        assert not re.search(f"Ann|Cara|{CARER}|{SURGERY}|{SOLICITOR}|{SISTER}", received.content.decode())


def test_held_mail_is_shown_as_it_would_be_decided_now(house: House) -> None:
    """Promise 5 for held mail: what was decided when it came counts no more, neither a permission since nor its end."""

    def now() -> tuple[str, list[str]]:
        listed = json.loads(house.command("held", "list", "--now", "--json").stdout)
        [mine] = [held for held in listed if held["to"] == SISTER]
        assert mine["rules"] == ["new-involvement"]
        return mine["now"]["action"], mine["now"]["rules"]

    assert now() == ("HOLD", ["new-involvement"])
    (house.folder / "line.csv").write_text("type,role,party,categories\ngrant,F-1,R-1,all\n", encoding="utf-8")
    house.command("register", "import", "line.csv")
    assert now() == ("HOLD", ["no-usable-key"])
    _, public = make_openpgp_key("Lena", SISTER, SystemClock().now(), timedelta(days=30))
    (house.folder / "lena.pub").write_bytes(public)
    house.command("keys", "add", "lena.pub", "--for", SISTER)
    assert now() == ("ENCRYPT", ["named"])
    assert "could leave now, encrypted" in house.command("held", "list", "--now").stdout
    house.command("permission", "withdraw", "F-1", "--for", "R-1", "--by", "Ann")
    assert now() == ("HOLD", ["withdrawn"])
