"""The seal on what came signed and is changed here: dkimpy verifies the chain on arrival."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from domain.decision import Action, Decision, Method, Reason
from domain.errors import ConfigurationError, NextHopUnavailable
from domain.model import Address
from domain.outgoing import Outgoing, ProtectedMessage, Relayed
from gateway.arc import ArcSealer
from gateway.deliver import Route, Security, SmtpNextHop
from gateway.protect.generate import make_smime_authority
from gateway.signing import DkimSigner
from tests.support import dkim_signing
from tests.support.protect_specimens import NOW
from tests.support.sink import Sink

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
OURS, THEIRS = "sallyport.council.example", "mx.council.example"
MAIL = (
    b"From: o@council.example\r\nTo: c@x.example\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
    b"Message-ID: <1@council.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
)
SIGNED = dkim_signing.signed(MAIL)
CHANGED = SIGNED.replace(b"Subject: x\r\n", b"Subject: y\r\n")
TO, OFFICER = Address.of("c@x.example"), Address.of("o@council.example")
DECISIONS = (Decision(TO, Action.RELAY, (Reason("t", Action.RELAY, "t"),)),)


def texts(name: str) -> Sequence[str]:
    """What stands in the DNS: the author's key, ours, and another sealer's."""
    records = {
        "corpus._domainkey.council.example": dkim_signing.record(),
        "arc._domainkey.council.example": f"v=DKIM1; k=rsa; p={PUBLIC}",
        "arc._domainkey.list.example": f"v=DKIM1; k=rsa; p={PUBLIC}",
    }
    return (records[name],) if name in records else ()


def away(_name: str) -> Sequence[str]:
    raise NextHopUnavailable("dns")


SEALER = ArcSealer("council.example", "arc", PEM, OURS, texts)
LIST = ArcSealer("list.example", "arc", PEM, "lists.example", texts)


def verified(mail: bytes) -> tuple[str | None, int]:
    """What dkimpy's verifier says of the chain, and how many sets there are."""
    status, results, _ = dkim.ARC(mail).verify(dnsfunc=lambda name, timeout=5: _answer(name))
    return (status.decode() if status else None), len(results)


def _answer(name: bytes) -> bytes:
    return texts(name.decode().rstrip("."))[0].encode()


def sealed(mail: bytes, changed: bytes, sealer: ArcSealer = SEALER) -> bytes:
    """As it would leave."""
    arrived = sealer.arrived(mail)
    return sealer.seal(changed, arrived) + arrived + changed


def delivered(outgoing: Outgoing) -> bytes:
    sign = DkimSigner("council.example", "arc", PEM).sign
    with Sink() as sink:
        hop = SmtpNextHop([Route(("*",), sink.host, sink.port, Security.OFF)], "relay.test", sign=sign, sealer=SEALER)
        assert hop.deliver(outgoing)[0].delivered
        hop.close()
        return sink.received[0].content


def test_what_came_signed_and_is_changed_is_sealed_and_verifies_on_arrival() -> None:
    """The author's signature holds no more; the seal says that it did, and signs what left, our own signature too."""
    arrived = SEALER.arrived(SIGNED)
    assert arrived == (
        b"Authentication-Results: sallyport.council.example;\r\n"
        b"\tdkim=pass header.d=council.example header.s=corpus\r\n"
    )
    mail = delivered(Relayed(OFFICER, DECISIONS, CHANGED, trace=b"X-T: 1\r\n", changed=True, arrived=arrived))
    assert not dkim_signing.holds(mail[mail.index(b"DKIM-Signature: v=1; a=rsa-sha256; c=simple") :])
    assert mail.startswith(b"X-T: 1\r\nARC-Seal: i=1; cv=none;")
    assert b"ARC-Authentication-Results: i=1; sallyport.council.example;\r\n dkim=pass header.d=council.example" in mail
    assert verified(mail) == ("pass", 1)
    assert verified(mail.replace(b"Hello", b"Hallo")) == ("fail", 1)
    assert verified(mail.replace(b"dkim=pass", b"dkim=fail", 1)) == ("fail", 1)


def test_what_is_protected_begins_a_chain_of_its_own() -> None:
    """The old one stays behind: what it signs would tell whoever guesses the words whether they guessed right."""
    listed = sealed(SIGNED, SIGNED, LIST)
    arrived = SEALER.arrived(listed)
    assert b"arc=pass" in arrived
    mail = delivered(ProtectedMessage(OFFICER, TO, Method.OPENPGP, ("AB",), MAIL, arrived=arrived))
    assert verified(mail) == ("pass", 1)
    assert b"ARC-Seal: i=1; cv=none;" in mail
    assert b"list.example" not in mail


def test_a_chain_that_holds_is_gone_on_with() -> None:
    """Section 5.1: the next instance, whose seal covers those before; a third sealer goes on with both."""
    listed = sealed(SIGNED, SIGNED, LIST)
    assert verified(listed) == ("pass", 1)
    twice = sealed(listed, listed.replace(b"Subject: x\r\n", b"Subject: y\r\n"))
    assert twice.startswith(b"ARC-Seal: i=2; cv=pass;")
    assert verified(twice) == ("pass", 2)
    thrice = sealed(twice, twice.replace(b"Subject: y\r\n", b"Subject: z\r\n"), LIST)
    assert verified(thrice) == ("pass", 3)
    assert verified(thrice.replace(b"cv=pass", b"cv=none", 1))[0] == "fail"


def test_a_chain_that_does_not_hold_ends_here() -> None:
    """Section 5.1.2: one set says so and seals itself alone; nobody goes on with it, and neither do we."""
    broken = sealed(SIGNED, SIGNED, LIST).replace(b"Hello", b"Hallo")
    ended = sealed(broken, broken)
    assert ended.startswith(b"ARC-Seal: i=2; cv=fail;")
    status, results, _ = dkim.ARC(ended).verify(dnsfunc=lambda name, timeout=5: _answer(name))
    assert status is None
    assert results[0]["cv"] == b"fail"
    assert SEALER.arrived(ended) == b""


@pytest.mark.parametrize(
    "mail",
    [MAIL, SIGNED.replace(b"Hello", b"Hallo"), b"DKIM-Signature: v=1; rubbish\r\n" + MAIL],
    ids=["no", "bad", "odd"],
)
def test_what_did_not_come_with_a_valid_signature_is_not_vouched_for(mail: bytes) -> None:
    assert SEALER.arrived(mail) == b""
    assert SEALER.seal(mail, b"") == b""


def test_each_signature_is_named_and_what_is_no_name_is_not_repeated() -> None:
    """Some verify; others' domains are anybody's words. Of very many the first few are looked at."""
    evil = (
        b"DKIM-Signature: v=1; a=rsa-sha256; d=x.example (dkim=pass header.d=bank.example);"
        b" s=a; h=from; bh=YQ==; b=YQ==\r\n"
    )
    said = SEALER.arrived(evil + SIGNED)
    assert b"bank.example" not in said
    assert said.count(b"dkim=") == 2
    assert said.count(b"dkim=pass header.d=council.example") == 1
    assert SEALER.arrived(evil * 50 + SIGNED) == b""


def test_a_silent_name_server_keeps_nothing_back() -> None:
    """Nothing is vouched for; a chain is not called broken because of it."""
    silent = replace(SEALER, texts=away)
    assert silent.arrived(SIGNED) == b""
    assert silent.arrived(sealed(SIGNED, SIGNED, LIST)) == b""


def test_results_in_our_name_that_came_with_a_mail_are_taken_out() -> None:
    """RFC 8601 section 5: however they are written; other names' stay, and so does the rest to the octet."""
    forged = [
        b"Authentication-Results: sallyport.council.example; dkim=pass header.d=evil.example\r\n",
        b"authentication-results : (a (b) c) \r\n SallyPort.Council.Example 1; none\r\n",
        b'Authentication-Results: "sallyport.council.example"; spf=pass\r\n\tsmtp.mailfrom=e@evil.example\r\n',
    ]
    others = b"Authentication-Results: mx.sallyport.council.example; dkim=pass\r\nAuthentication-Results:\r\n"
    inside = MAIL.replace(b"Hello", forged[0] + b"Hello")
    mail = forged[0] + b"X-A: 1\r\n" + forged[1] + others + forged[2] + inside
    assert SEALER.cleaned(mail) == b"X-A: 1\r\n" + others + inside
    assert SEALER.cleaned(MAIL) is MAIL
    assert delivered(Relayed(OFFICER, DECISIONS, forged[0] + MAIL)) == MAIL
    assert b"evil.example" not in sealed(forged[0] + SIGNED, SEALER.cleaned(forged[0] + SIGNED))


def test_rubbish_that_cannot_be_sealed_leaves_without_a_seal() -> None:
    """More instances than there may be (section 4.2.1); and results of others that no parser reads are not read."""
    full = b"ARC-Seal: i=50; cv=pass; a=rsa-sha256; d=x; s=y; b=YQ==\r\n" + CHANGED
    assert b"arc=fail" in SEALER.arrived(b"ARC-Seal: i=50; cv=pass; b=\r\n" + SIGNED)
    assert SEALER.seal(full, SEALER.arrived(full.replace(CHANGED, SIGNED))) == b""
    odd = b"Authentication-Results: \xff\xfe; ===\r\n" + SIGNED
    assert verified(sealed(odd, odd)) == ("pass", 1)


@pytest.mark.parametrize("key", [b"", b"rubbish", make_smime_authority("x", NOW, timedelta(days=1))[0]])
def test_a_key_that_cannot_seal_stops_the_start(key: bytes) -> None:
    """Nothing, no key, a key of another kind."""
    with pytest.raises(ConfigurationError):
        ArcSealer("council.example", "arc", key, OURS, texts)
