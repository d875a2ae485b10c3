"""A held mail, from the relay to a reviewer and out: released, sent back; by the command line and the worker."""

from __future__ import annotations

import json
import subprocess
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest

from tests.support.house import CARER, NO_KEY, OFFICER, OTHER_CARER, SECRET, SISTER, House, letter
from tests.support.sink import Sink
from tests.support.specimens import named_by_name_alone


@pytest.fixture(scope="module")
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def house(tmp_path_factory, sink) -> House:
    return House(tmp_path_factory.mktemp("held"), sink.port).set_up()


@pytest.fixture(autouse=True)
def _nothing_received(sink) -> None:
    sink.received.clear()


def doubtful(number: int) -> bytes:
    """A letter that names Ann by her name alone: held, because nothing says for sure whom it is about."""
    mail = letter(Message_ID=f"<doubt-{number}@council.example>", Subject=f"Clinic letter {number}")
    return named_by_name_alone(mail)


def hold(house: House, mail: bytes, to: str) -> int:
    """Sent through the relay, and held; its number for reviewers."""
    with house.relay():
        assert house.submit(mail, (to,)).startswith("250")
    return int(next(row["number"] for row in reversed(waiting(house)) if row["to"] == to))


def waiting(house: House) -> list[dict[str, Any]]:
    """What a reviewer is shown, oldest first."""
    rows: list[dict[str, Any]] = json.loads(house.command("held", "list", "--json").stdout)
    return rows


def _attached(mail: bytes) -> bytes:
    """The letter's own bytes."""
    parts = message_from_bytes(mail, policy=SMTP).walk()
    return next(p.get_payload(decode=True) for p in parts if p.get_filename() == "letter.txt")


def _opened(house: House, protected: bytes) -> bytes:
    """What the carer finds once their own program has opened it."""
    parts = message_from_bytes(protected, policy=SMTP).walk()
    sealed = next(p.get_payload(decode=True) for p in parts if p.get_content_type() == "application/octet-stream")
    key, signer = house.folder / f"{CARER}.key", house.home / "keys" / "openpgp.pub"
    command = ["sq", "decrypt", "--recipient-key", str(key), "--signer-cert", str(signer)]
    return subprocess.run(command, input=sealed, capture_output=True, check=True).stdout


def _body(mail: bytes) -> bytes:
    """All below the header, byte by byte; the last line break belongs to the dialogue."""
    return mail.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


def mails(sink) -> list:
    """What arrived, without the weekly reminders that the worker sends in office hours."""
    return [m for m in sink.received if b"Subject: To do this week" not in m.content]


def states(house: House, number: int) -> tuple[object, ...]:
    (row,) = house.rows(f"select state from vault_heldmail where id = {number}")
    return row


def test_a_doubt_is_accepted_and_the_mail_leaves_protected_once(house, sink) -> None:
    """The reviewer looks, names the person, releases; the officer is told; a second sweep sends nothing."""
    mail = doubtful(1)
    number = hold(house, mail, CARER)
    sink.received.clear()
    said = house.command("held", "show", str(number), "--why", "to settle it").stdout
    assert "[person-unsure]" in said
    assert SECRET in said
    assert "letter.txt" in said
    done = house.command(
        "held", "release", str(number), "--about", "SL-00001", "--why", "it is Ann's, I rang the clinic"
    )
    assert "Ordered" in done.stdout
    house.command("worker", "--once")
    assert states(house, number) == ("released",)
    protected, told = mails(sink)
    assert protected.recipients == (CARER,)
    assert b"multipart/encrypted" in protected.content
    assert SECRET.encode() not in protected.content
    assert told.recipients == (OFFICER,)
    assert b"Sent after review: Clinic letter 1" in told.content
    house.command("worker", "--once")
    assert len(mails(sink)) == 2
    opened = _opened(house, protected.content)
    assert _attached(opened) == _attached(mail)
    assert _body(opened) == _body(mail), "byte by byte what was written, but for protection"


def test_no_reviewer_overrules_the_register(house) -> None:
    number = hold(house, letter(Message_ID="<sister@council.example>"), SISTER)
    refused = house.command(
        "held", "release", str(number), "--accept", "new-involvement", "--why", "she is her sister", check=False
    )
    assert refused.returncode == 5
    assert "Put it right in the register" in refused.stderr
    assert states(house, number) == ("held",)


def test_what_takes_two_people_takes_two(house, sink) -> None:
    """One who proposed cannot agree; and what would leave in the clear needs two, too."""
    number = hold(house, doubtful(3), OTHER_CARER)
    said = house.command("held", "release", str(number), "--is-not", "medical", "--why", "a made-up example").stdout
    assert "A second reviewer has to agree" in said
    alone = house.command("held", "agree", str(number), check=False)
    assert alone.returncode == 5
    assert "must be somebody else" in alone.stderr
    house.command("held", "disagree", str(number), "--why", "it is a real letter")
    assert states(house, number) == ("held",)
    again = house.command("held", "agree", str(number), check=False)
    assert "Nothing is proposed" in again.stderr


def kinds(house: House) -> list[dict]:
    """Rulings on a kind that wait to teach; those on whom a mail is about are listed, too."""
    return [r for r in json.loads(house.command("classifier", "rulings", "--json").stdout) if r["is_not"]]


def test_a_ruling_on_a_kind_becomes_a_label_when_a_person_says_so(house, tmp_path) -> None:
    """Listed only once two agreed; opened with the reviewers' key, later with a master's; each look is recorded."""
    number, into = hold(house, doubtful(5), OTHER_CARER), tmp_path / "labelled"
    house.command("held", "release", str(number), "--is-not", "medical", "--why", "a made-up example")
    assert kinds(house) == []
    house.rows("update vault_settlement set state = 'done', second = 'bea' where state = 'proposed'")
    (ruling,) = kinds(house)
    assert (ruling["is_not"], ruling["reviewers_copy"], ruling["by"][1]) == (["medical"], True, "bea")

    learn = ("classifier", "learn", str(ruling["number"]), "--into", str(into), "--why", "an example in a letter")
    wrong = house.command(*learn, "--class", "medical", check=False)
    assert "ruled that it is not medical" in wrong.stderr
    assert "says that it is not confidential" in house.command(*learn).stdout
    label = next((into / "corrections").glob("*.txt")).read_text()
    assert label.startswith("Classes: \nKind: correction\nTitle: an example in a letter\n")
    assert SECRET in label
    assert kinds(house) == []

    house.rows("update vault_heldcopy set destroyed_at = kept_at")
    gone = house.command(*learn, check=False)
    house.rows("update vault_heldcopy set destroyed_at = null")
    assert "give a master's key file" in gone.stderr
    again = house.command(*learn, "--class", "other-personal", "-i", str(house.home / "masters" / "service.age-key"))
    assert "says that it is other-personal" in again.stdout
    events = house.rows("select action from vault_auditevent order by sequence desc limit 2")
    assert [a for (a,) in events] == ["document labelled", "record opened to label it"]


def test_a_ruling_on_whom_a_mail_is_about_becomes_a_label_that_is_measured(house, tmp_path) -> None:
    """Kept with its words and the register's reference; what today's register would say of it is told, and changes."""
    number, into = hold(house, doubtful(6), OTHER_CARER), tmp_path / "labelled"
    house.command("held", "release", str(number), "--about", "SL-00001", "--accept", "person-unsure", "--why", "hers")
    listed = json.loads(house.command("classifier", "rulings", "--json").stdout)
    ruling = max(r["number"] for r in listed if r["about"] and not r["is_not"])
    said = house.command("classifier", "learn", str(ruling), "--into", str(into), "--why", "Ann, by her clinic").stdout
    assert "says whom it is about" in said
    assert ruling not in {r["number"] for r in json.loads(house.command("classifier", "rulings", "--json").stdout)}
    (kept,) = (into / "people").glob("*.json")
    label = json.loads(kept.read_text())
    assert (len(label["about"]), label["near"], kept.stat().st_mode & 0o777) == (1, [OFFICER, OTHER_CARER], 0o600)
    assert any(SECRET in text["text"] for text in label["texts"])
    assert (kept.parent / ".gitignore").read_text() == "*\n"

    measured = house.command("classifier", "people", str(into))
    assert "right: 1, among others: 0, somebody else: 0, nobody: 0 (of 1)" in measured.stdout
    label["about"] = ["somebody-else"]
    kept.write_text(json.dumps(label))
    assert json.loads(house.command("classifier", "people", str(into), "--json").stdout) == {kept.name: "somebody else"}
    kept.write_text("{}")
    damaged = house.command("classifier", "people", str(into), check=False)
    assert "is no label of whom a mail is about" in damaged.stderr
    nothing = house.command("classifier", "people", str(tmp_path), check=False)
    assert "No label of whom a mail is about lies in" in nothing.stderr
    events = house.rows("select action from vault_auditevent order by sequence desc limit 20")
    assert {"document labelled", "held mail opened", "labels of people measured"} <= {a for (a,) in events}
    house.command("worker", "--once")  # what was released leaves, before another test counts what came


def test_it_goes_back_to_the_officer_with_a_note_and_is_settled_once(house, sink) -> None:
    number = hold(house, doubtful(4), CARER)
    sink.received.clear()
    note = "This names nobody. Please add the council ID."
    house.command("held", "return", str(number), "--why", "nobody named", "--note", note)
    twice = house.command("held", "reject", str(number), "--why", "x", "--note", "y", check=False)
    assert twice.returncode == 5
    assert "Somebody is settling this mail already." in twice.stderr
    house.command("worker", "--once")
    (told,) = mails(sink)
    assert told.recipients == (OFFICER,)
    assert note.encode() in told.content
    assert b"Sent back to you" in told.content
    assert SECRET.encode() not in told.content
    assert states(house, number) == ("returned",)
    late = house.command("held", "release", str(number), "--why", "x", check=False)
    assert "No held mail has the number" in late.stderr


def agreed_elsewhere(house: House, sink, number: int, to: str) -> None:
    """A reviewer sends it to another address, a second one agrees, and the worker carries it out."""
    said = house.command("held", "release", str(number), "--to", to, "--why", "she is meant").stdout
    assert "A second reviewer has to agree" in said
    house.rows("update vault_settlement set state = 'ordered', second = 'bea' where state = 'proposed'")
    sink.received.clear()
    house.command("worker", "--once")


def test_it_goes_to_another_address_protected_and_its_officer_is_told_so(house, sink) -> None:
    number = hold(house, letter(Message_ID="<elsewhere@council.example>"), SISTER)
    agreed_elsewhere(house, sink, number, CARER)
    protected, told = mails(sink)
    assert protected.recipients == (CARER,)
    assert b"multipart/encrypted" in protected.content
    assert SECRET.encode() not in protected.content
    assert told.recipients == (OFFICER,)
    words = message_from_bytes(told.content, policy=SMTP).get_body(("plain",)).get_content()
    assert "had it sent there in place of sister@family.example" in " ".join(words.split())
    assert states(house, number) == ("released",)


def test_another_address_that_may_not_have_it_gets_nothing_and_its_officer_hears_of_no_stranger(house, sink) -> None:
    """The officer never wrote to them: the reviewer sees why, and the mail waits as before."""
    mail = letter(Message_ID="<elsewhere-2@council.example>")
    number = hold(house, mail, SISTER)
    agreed_elsewhere(house, sink, number, OTHER_CARER)
    assert mails(sink) == []
    assert states(house, number) == ("held",)
    ((state, outcome),) = house.rows("select state, outcome from vault_settlement order by id desc limit 1")
    assert state == "stopped"
    assert outcome.startswith(f"{OTHER_CARER} may not have it: ")


def test_another_address_for_which_it_is_held_too_leaves_one_entry_the_first(house, sink) -> None:
    """Beside it a second one would wait, and once settled tell the officer of somebody they never wrote to."""
    number = hold(house, doubtful(4), NO_KEY)
    agreed_elsewhere(house, sink, number, SISTER)
    assert mails(sink) == []
    assert states(house, number) == ("held",)
    ((outcome,),) = house.rows("select outcome from vault_settlement order by id desc limit 1")
    assert outcome.startswith(f"{SISTER} would not get it either: ")
    assert [row["to"] for row in waiting(house) if row["number"] >= number] == [NO_KEY]
    newest = "select details from vault_auditevent where action = 'superseded' order by sequence desc limit 1"
    ((event,),) = house.rows(newest)
    assert SISTER in event
    house.command("held", "reject", str(number), "--why", "for nobody", "--note", "Neither may have it.")
    house.command("worker", "--once")
    assert mails(sink)[0].recipients == (OFFICER,)
    assert SISTER.encode() not in mails(sink)[0].content


def test_an_address_to_which_the_mail_was_sent_as_well_keeps_its_own_entry(house, sink) -> None:
    """A copy that its officer did send there must not go from the queue because another one was redirected in vain."""
    others = {row["number"] for row in waiting(house)}
    with house.relay():
        assert house.submit(doubtful(5), (SISTER,)).startswith("250")
    agreed_elsewhere(house, sink, hold(house, doubtful(5), NO_KEY), SISTER)
    mine = [row for row in waiting(house) if row["number"] not in others]
    assert sorted(row["to"] for row in mine) == sorted([NO_KEY, SISTER])
    for row in mine:
        house.command("held", "reject", str(row["number"]), "--why", "for nobody", "--note", "Neither may have it.")
    house.command("worker", "--once")


def test_a_withdrawal_since_holds_it_again_whatever_was_accepted(house, sink) -> None:
    """Promise 5, for held mail: decided anew by what the register says now."""
    number = hold(house, doubtful(2), NO_KEY)
    sink.received.clear()
    house.command("held", "release", str(number), "--about", "SL-00001", "--accept", "person-unsure", "--why", "seen")
    house.command("permission", "withdraw", "F-1")
    house.command("worker", "--once")
    assert states(house, number) == ("superseded",)  # understood anew, it is another record
    assert mails(sink)
    assert all(m.recipients == (OFFICER,) for m in mails(sink))
    rows = house.rows("select state, outcome from vault_settlement order by id desc limit 1")
    assert rows == [("stopped", "decided anew, and held again: see why it is held now")]
    (listed,) = [row for row in waiting(house) if row["to"] == NO_KEY]
    assert "withdrawn" in listed["rules"]


def test_the_copy_is_sealed_and_goes_when_everything_is_settled(house) -> None:
    """No word of the mail lies in the clear, and the relay's settings hold the public half alone."""
    kept = [p for p in (house.home / "var" / "held").rglob("*.age@*") if not p.name.endswith(".json")]
    assert kept
    assert all(p.read_bytes().startswith(b"age-encryption.org/v1") for p in kept)
    assert all(SECRET.encode() not in p.read_bytes() for p in kept)
    house.rows("update vault_heldcopy set kept_at = datetime(kept_at, '-2 hours')")
    house.rows("update vault_heldmail set state = 'returned' where state = 'held'")
    house.command("worker", "--once")
    assert list((house.home / "var" / "held").rglob("*.age@*")) == []


def test_every_look_and_ruling_is_in_the_audit_trail(house) -> None:
    actions = {a for (a,) in house.rows("select distinct action from vault_auditevent")}
    assert {"held mail opened", "held: release ordered", "held: release done", "held: return ordered"} <= actions
    assert {"held: release not agreed to", "held: release stopped"} <= actions
