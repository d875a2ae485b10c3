"""Our domain's signature: under what we write or change, verifying at the next hop, and under nothing else."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from domain.decision import Action, Decision, Method, Reason
from domain.errors import ConfigurationError, NextHopUnavailable, ProtectionFailed
from domain.model import Address
from domain.outgoing import Notice, Outgoing, ProtectedMessage, Relayed
from gateway.deliver import Route, Security, SmtpNextHop
from gateway.protect.generate import make_smime_authority
from gateway.signing import DkimSigner
from tests.support.protect_specimens import NOW
from tests.support.sink import Sink

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
MAIL = b"From: o@council.example\r\nTo: c@x.example\r\nBcc: b@x.example\r\nSubject: x\r\n\r\nHello\r\n.\r\n"
TO, OFFICER = Address.of("c@x.example"), Address.of("o@council.example")
RELAYED = Relayed(OFFICER, (Decision(TO, Action.RELAY, (Reason("t", Action.RELAY, "t"),)),), MAIL, trace=b"X-T: 1\r\n")
PROTECTED = ProtectedMessage(OFFICER, TO, Method.OPENPGP, ("AB",), MAIL, trace=b"X-T: 1\r\n")


def signer() -> DkimSigner:
    return DkimSigner("council.example", "s1", PEM)


def verifies(mail: bytes) -> bool:
    def asked(name: bytes, timeout: int = 5) -> bytes:
        return b"v=DKIM1; k=rsa; p=" + PUBLIC if name == b"s1._domainkey.council.example." else b""

    return bool(dkim.verify(mail, dnsfunc=asked))


def arrived(outgoing: Outgoing) -> bytes:
    with Sink() as sink:
        hop = SmtpNextHop([Route(("*",), sink.host, sink.port, Security.OFF)], "relay.test", sign=signer().sign)
        assert hop.deliver(outgoing)[0].delivered
        hop.close()
        return sink.received[0].content


@pytest.mark.parametrize("outgoing", [PROTECTED, Notice(TO, MAIL), replace(RELAYED, changed=True)])
def test_what_we_write_or_change_is_signed_and_verifies_on_arrival(outgoing: Outgoing) -> None:
    """Below our trace fields, without Bcc, with the dots as they were."""
    mail = arrived(outgoing)
    assert mail.count(b"DKIM-Signature:") == 1
    assert verifies(mail)
    assert not verifies(mail.replace(b"Hello", b"Hallo"))
    assert not verifies(b"Subject: another\r\n" + mail)
    assert not verifies(b"From: e@evil.example\r\n" + mail)


def test_what_goes_on_as_it_came_is_not_signed() -> None:
    """Its author's own signature, if there is one, is the one that counts."""
    assert b"DKIM-Signature" not in arrived(RELAYED)


def test_what_cannot_be_signed_waits() -> None:
    """Nothing was begun, so the mail is tried again."""

    def fails(_mail: bytes) -> bytes:
        raise ProtectionFailed("DKIM")

    with Sink() as sink:
        hop = SmtpNextHop([Route(("*",), sink.host, sink.port, Security.OFF)], "relay.test", sign=fails)
        with pytest.raises(NextHopUnavailable):
            hop.deliver(PROTECTED)
        assert sink.received == []


@pytest.mark.parametrize("key", [b"", b"rubbish", make_smime_authority("x", NOW, timedelta(days=1))[0]])
def test_a_key_that_cannot_sign_stops_the_start(key: bytes) -> None:
    """Nothing, no key, a key of another kind."""
    with pytest.raises(ConfigurationError):
        DkimSigner("council.example", "s1", key)
