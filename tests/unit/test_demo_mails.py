"""The demo's mails: well formed, each with a promise that the register and the rules themselves keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast as typed

import pytest

from config.policy import load
from demo.cast import cast
from demo.desk import Expected
from demo.mails import DemoMail, mails
from demo.people import Carer, KeyKind, People, Professional
from demo.people import Permission as Form
from domain import policy
from domain.decision import Action, Method
from domain.model import Address, Analysis, Category, Evidence, Finding, Message, Place
from domain.permission import (
    Circle,
    Grant,
    Ground,
    Party,
    PartyKind,
    Permission,
    PersonFacts,
    of_organisation,
    of_party,
)
from domain.ports import KeyVerdict, StoredKey
from domain.rules import Rules
from domain.subjects import MatchedBy, Mention, match
from domain.tags import read_tags

TODAY = date(2026, 6, 10)
PEOPLE = cast(TODAY)
MAILS = mails(PEOPLE, TODAY)
RULES = replace(load(Path(__file__).parents[2] / "config" / "policy.toml"), pick_up=True)
FROM_READING = {
    "unreadable",
    "person-ambiguous",
    "places-disagree",
    "recipient-look-alike",
    "vault-away",
}  # needs the documents read, other addresses looked at, or a fault
PLAIN = [mail for mail in MAILS if not FROM_READING & {e.rule for e in mail.expects.values()}]


def parsed(mail: DemoMail) -> EmailMessage:
    return typed("EmailMessage", message_from_bytes(mail.message, policy=default))


def titled(title: str) -> DemoMail:
    return next(m for m in MAILS if m.title == title)


def every_expectation() -> Iterator[Expected]:
    return (e for mail in MAILS for e in mail.expects.values())


def test_every_action_is_shown() -> None:
    """RELAY, ENCRYPT, HOLD, REJECT and DEFER; ENCRYPT by every method, and to be picked up."""
    assert {e.action for e in every_expectation()} == {a.name for a in Action}
    encrypted = {r for m in MAILS for r, e in m.expects.items() if e.action == "ENCRYPT"}
    kinds = {PEOPLE.keys.get(r, KeyKind.NONE) for r in encrypted}
    assert kinds == {KeyKind.OPENPGP, KeyKind.SMIME, KeyKind.NONE, KeyKind.OPENPGP_EXPIRED, KeyKind.PDF}


def test_titles_are_unique_and_short() -> None:
    """They stand in the table's first column."""
    titles = [m.title for m in MAILS]
    assert len(set(titles)) == len(titles) >= 14
    assert max(map(len, titles)) <= 24


def test_rules_promised_exist() -> None:
    """Each reason is a row or a condition of the real policy."""
    known = {r.consequence.rule for r in RULES.sharing} | {c.rule for c in RULES.conditions.values()} | {"vault-away"}
    assert {e.rule for e in every_expectation()} <= known


@pytest.mark.parametrize("mail", MAILS, ids=lambda m: m.title)
def test_envelope_and_promises_agree(mail: DemoMail) -> None:
    """Something is promised for each recipient of the envelope and nobody else; each is there once."""
    assert len(set(mail.recipients)) == len(mail.recipients)
    assert set(mail.expects) == set(mail.recipients)
    assert mail.fault == ("vault-away" if "DEFER" in {e.action for e in mail.expects.values()} else "")


@pytest.mark.parametrize("mail", MAILS, ids=lambda m: m.title)
def test_message_is_well_formed(mail: DemoMail) -> None:
    """CRLF alone, seven bits, lines within RFC 5321's limit, and the headers a mail program writes."""
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", mail.message)
    assert mail.message.isascii()
    assert max(map(len, mail.message.split(b"\r\n"))) <= 998
    message = parsed(mail)
    assert message["From"].addresses[0].addr_spec == mail.sender
    assert message["Date"].datetime.date() == TODAY
    assert re.fullmatch(r"<[^<>@\s]+@hants\.example>", message["Message-ID"])
    assert message.defects == []


def test_bcc_recipient_is_in_the_envelope_alone() -> None:
    """The four-reader mail has one blind copy, and its bytes do not betray it."""
    mail = titled("Review, four readers")
    message = parsed(mail)
    visible = {a.addr_spec for name in ("To", "Cc") for a in message[name].addresses}
    assert set(mail.recipients) - visible == {"idris@post.example"}
    assert b"idris@post.example" not in mail.message
    assert message["Bcc"] is None


def test_other_mails_address_everybody_openly() -> None:
    """Only that one has a blind copy."""
    for mail in MAILS:
        message = parsed(mail)
        visible = {a.addr_spec for name in ("To", "Cc") if message[name] for a in message[name].addresses}
        assert mail.title == "Review, four readers" or visible == set(mail.recipients)


def test_two_runs_are_two_mails() -> None:
    """A second run of the demo must not be taken for a retry of the first."""
    again = mails(PEOPLE, TODAY)
    assert not {m.message for m in MAILS} & {m.message for m in again}
    ids = [parsed(m)["Message-ID"] for m in [*MAILS, *again]]
    assert len(set(ids)) == len(ids)


def test_attachments_are_what_they_claim() -> None:
    """Declared type, extension and first bytes agree in every mail; most mails carry a file."""
    magic = {"pdf": b"%PDF-", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04", "zip": b"PK\x03\x04"}
    attached = [list(parsed(mail).iter_attachments()) for mail in MAILS]
    assert sum(map(bool, attached)) > 20
    for files in attached:
        for part in files:
            extension = (part.get_filename() or "").rpartition(".")[2]
            assert part.get_content().startswith(magic[extension])
            assert part.get_content_type() != "application/octet-stream"


def test_some_have_an_html_alternative_with_the_same_words() -> None:
    """As the council's mail program writes it; apostrophes survive."""
    with_html = [m for m in MAILS if parsed(m).get_body(("html",))]
    assert 3 <= len(with_html) < len(MAILS)
    message = parsed(titled("All About Me"))
    html, plain = message.get_body(("html",)), message.get_body(("plain",))
    assert html is not None
    assert plain is not None
    assert "Rowan&#x27;s All About Me" in html.get_content()
    assert "Rowan's All About Me" in plain.get_content()


@pytest.mark.parametrize("mail", PLAIN, ids=lambda m: m.title)
def test_register_and_rules_keep_the_promise(mail: DemoMail) -> None:
    """The real policy, over the sample register and what the mail is said to show, decides as promised."""
    for decision in policy.decide(facts(PEOPLE, mail), RULES):
        promised = mail.expects[str(decision.recipient)]
        assert decision.action.name == promised.action
        assert promised.rule in {r.rule for r in decision.decisive}
        by_key = _METHODS.get(PEOPLE.keys.get(str(decision.recipient), KeyKind.NONE), Method.PICK_UP)
        assert decision.method in {by_key, None}


def test_expired_key_is_the_only_hindrance() -> None:
    """With a good key, the same mail would have gone: the demo shows the key, not something else."""
    good = {Address.of("lionel@carers.example"): (_verdict(KeyKind.OPENPGP),)}
    known = facts(PEOPLE, titled("Key expired"))
    decision = policy.decide(
        policy.Facts(**{n: getattr(known, n) for n in known.__dataclass_fields__} | {"keys": good}), RULES
    )[0]
    assert (decision.action, decision.method) == (Action.ENCRYPT, Method.OPENPGP)


_METHODS = {KeyKind.OPENPGP: Method.OPENPGP, KeyKind.SMIME: Method.SMIME, KeyKind.PDF: Method.PDF}


def facts(people: People, mail: DemoMail) -> policy.Facts:
    """What the pipeline would know, had it read the documents perfectly."""
    shown = sorted(mail.shows)
    seen = {p: Evidence(str(n), Place.ATTACHMENT, "test", p) for n, (p, _) in enumerate(shown, 1)}
    findings = tuple(Finding(seen[p].part, c, 0.99, (seen[p],)) for p, c in shown)
    recipients = tuple(Address.of(r) for r in mail.recipients)
    return policy.Facts(
        sender=Address.of(mail.sender),
        recipients=recipients,
        message=Message(mail.message, 0, "", "", mail.sender, ()),
        analysis=Analysis(findings=findings),
        subjects=match(Mention(frozenset({p}), MatchedBy.NHS_NUMBER, e) for p, e in seen.items()),
        circle=circle(people),
        keys={Address.of(a): (_verdict(kind),) for a, kind in people.keys.items()},
        tags=read_tags(str(message_from_bytes(mail.message, policy=default)["Subject"]), RULES.tags),
    )


def _verdict(kind: KeyKind) -> KeyVerdict:
    expired = kind is KeyKind.OPENPGP_EXPIRED
    return KeyVerdict(
        StoredKey(_METHODS.get(kind, Method.OPENPGP), "AA", b""), usable=not expired, reason="it expired" * expired
    )


def circle(people: People) -> Circle:
    """The sample register as the domain sees it."""
    return Circle(
        at=datetime.combine(TODAY, time(12), UTC),
        people={p.id: _facts(people, p.id) for p in people.persons},
        parties={Address.of(c.email): (_party(people, c),) for c in people.correspondents}
        | {Address.of(o.email): (Party(o.id, PartyKind.OFFICER),) for o in people.officers},
        staff=frozenset(Address.of(o.email) for o in people.officers),
    )


def _facts(people: People, ref: str) -> PersonFacts:
    homes = frozenset(h.id for h in people.homes(ref, TODAY))
    forms = tuple(_form(f) for f in people.permissions if f.person == ref)
    return PersonFacts(ref, people.person(ref).capacity, homes, forms)


def _form(form: Form) -> Permission:
    ground = Ground.BEST_INTERESTS if form.type == "best-interests" else Ground.FORM
    withdrawn = datetime.combine(form.withdrawn_on, time.min, UTC) if form.withdrawn_on else None
    grants = tuple(Grant(_named(g.party), frozenset(Category(c) for c in g.categories)) for g in form.grants)
    return Permission(form.id, ground, form.signed_on, form.review_due, grants, withdrawn)


def _named(code: str) -> str:
    return of_organisation(code) if code.startswith("ORG-") else of_party(code)


def _party(people: People, one: object) -> Party:
    if isinstance(one, Carer):
        return Party(
            one.id,
            PartyKind.CARER,
            one.status == "approved",
            household=one.household,
            trained_on=one.trained_on,
            supports=frozenset(s.household for s in people.supports if s.carer == one.id),
        )
    if isinstance(one, Professional):
        regulator = people.organisation(one.organisation).role == "regulator"
        return Party(
            one.id, PartyKind.REGULATOR if regulator else PartyKind.PROFESSIONAL, organisation=one.organisation
        )
    return Party(one.id, PartyKind(one.type))  # type: ignore[attr-defined]  # a Relative, the last that is left


def test_rules_type_is_real() -> None:
    """The policy under test is the shipped one, not a copy."""
    assert isinstance(RULES, Rules)
    assert RULES.sharing
