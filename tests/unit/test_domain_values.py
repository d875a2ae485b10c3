"""Small values: addresses, outgoing types, retention, identifiers, errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.retention import load
from domain.decision import Action, Decision, Method, Reason
from domain.errors import ConfigurationError, TryAgain, VaultUnavailable
from domain.identifiers import valid_nhs_number
from domain.model import NULL_SENDER, Address, Category
from domain.outgoing import HopReply, Notice, ProtectedMessage, Relayed
from domain.permission import PartyKind, Relation, relation
from tests.build import ANN, CARER, OFFICER, party, person

SCHEDULE = load(Path("config/retention.toml"))


def test_addresses_look_up_without_regard_to_case_and_are_written_as_they_came():
    """Zeyple's failure: Carer@Example.ORG was not found as carer@example.org."""
    address = Address.of("<Carer@Example.ORG>")
    assert address == Address.of("carer@example.org")
    assert (str(address), address.domain) == ("Carer@Example.ORG", "example.org")
    assert {address: 1}[Address.of("CARER@example.org")] == 1


def test_the_null_sender_has_no_domain():
    assert NULL_SENDER.domain == ""


@pytest.mark.parametrize("action", [Action.HOLD, Action.REJECT, Action.DEFER])
def test_nothing_but_an_explicit_relay_leaves_plain(action):
    """Promise 1, as a type."""
    decision = Decision(CARER, action, (Reason("r", action, "why"),))
    with pytest.raises(ValueError, match="explicit RELAY"):
        Relayed(OFFICER, (decision,), b"secret")
    with pytest.raises(ValueError, match="explicit RELAY"):
        Relayed(OFFICER, (), b"secret")


def test_an_encrypt_decision_never_leaves_plain():
    decision = Decision(CARER, Action.ENCRYPT, (Reason("r", Action.ENCRYPT, "why"),), Method.SMIME)
    with pytest.raises(ValueError, match="explicit RELAY"):
        Relayed(OFFICER, (decision,), b"secret")


def test_outgoing_types_know_their_recipients_and_never_print_content():
    relay = Decision(CARER, Action.RELAY, (Reason("r", Action.RELAY, "why"),))
    relayed = Relayed(OFFICER, (relay,), b"words")
    protected = ProtectedMessage(OFFICER, CARER, Method.OPENPGP, ("AA",), b"words")
    notice = Notice(OFFICER, b"words")
    assert [o.recipients for o in (relayed, protected, notice)] == [(CARER,), (CARER,), (OFFICER,)]
    assert notice.sender is NULL_SENDER
    assert all("words" not in repr(o) for o in (relayed, protected, notice))


@pytest.mark.parametrize(
    ("code", "delivered", "refused"), [(250, True, False), (451, False, False), (550, False, True), (0, False, False)]
)
def test_reply_codes_by_class(code, delivered, refused):
    reply = HopReply(CARER, code)
    assert (reply.delivered, reply.refused) == (delivered, refused)


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("9434765919", True),
        ("9434765918", False),
        ("943476591", False),
        ("94347659l9", False),
        ("4000000004", True),
        ("\u0669434765919", False),
    ],
)
def test_nhs_numbers_have_a_check_digit(digits, valid):
    """94347659191's published example, a wrong digit, too short, a letter, 11 counted as 0, a foreign digit."""
    assert valid_nhs_number(digits) is valid


def test_ten_is_never_a_check_digit():
    """A remainder of 10 makes the number invalid whatever its last digit."""
    nine = next(
        f"{n:09}"
        for n in range(100000000, 100000100)
        if (11 - sum(int(d) * w for d, w in zip(f"{n:09}", range(10, 1, -1), strict=True)) % 11) == 10
    )
    assert not any(valid_nhs_number(f"{nine}{d}") for d in range(10))


@pytest.mark.parametrize(
    ("text", "says"), [("", "no period"), ("[medical]\nyears=1", "needs years"), ("= 3", "not well formed")]
)
def test_a_schedule_with_a_gap_is_refused(tmp_path, text, says):
    path = tmp_path / "retention.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert says in caught.value.public


def test_a_missing_schedule_is_refused(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / "none")
    assert "cannot be read" in caught.value.public


def test_errors_have_two_texts():
    """What people are told leaks nothing of the private reason."""
    error = VaultUnavailable("disk /dev/sda1 full", bucket="b")
    assert isinstance(error, TryAgain)
    assert "sda1" not in error.public
    assert (error.private, error.fields) == ("disk /dev/sda1 full", {"bucket": "b"})
    assert str(VaultUnavailable()) == VaultUnavailable.public
    assert TryAgain("x", public="Say this.").public == "Say this."


def test_relations_of_a_carer_follow_the_household():
    """A carer of the person's home, of another home, and the person themselves."""
    assert relation(party(), person()) is Relation.CURRENT_CARER
    assert relation(party(household="elsewhere"), person()) is Relation.OTHER_CARER
    assert relation(party(PartyKind.PERSON, person=ANN), person()) is Relation.SELF


def test_categories_have_labels():
    assert all(c.label for c in Category)
    assert Category.ALL_ABOUT_ME.label == "All About Me"
