"""Recipients' keys on their pages: taken up after the gate and a telephone call, taken out, with their history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pysequoia import Cert

from config.django import SETTINGS
from config.settings import Settings
from domain.decision import Method
from domain.ports import StoredKey
from gateway.bootstrap import signed_kinds
from gateway.protect.generate import make_openpgp_key
from gateway.protect.inspection import inspect
from register import models as m
from tests.support.people import signed_in
from vault.models import AuditEvent
from web import clock
from web.accounts.roles import Role
from web.console.outside import outside

pytestmark = pytest.mark.usefixtures("database")
ANN, ADD = "ann@carers.example", "/register/keys/add/"


@pytest.fixture(autouse=True)
def signs(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """For which kinds of keys the service signs mail: for both, unless a test says otherwise."""

    def these(*kinds: Method) -> None:
        monkeypatch.setattr(outside(), "kinds", lambda: kinds)

    these(Method.OPENPGP, Method.SMIME)
    return these


@pytest.fixture
def office() -> Client:
    client = signed_in(Role.RECORDS, sudo=True)
    client.raise_request_exception = True
    return client


def settings_with(**service: Path) -> Settings:
    return SETTINGS.model_copy(update={"service": SETTINGS.service.model_copy(update=service)})


def made(address: str = ANN, days: int = 300, begun: int = 0) -> tuple[bytes, bytes]:
    """A key's two halves."""
    begins = clock.now() - timedelta(days=begun)
    return make_openpgp_key("Ann Lee", address, begins, timedelta(days=days))


def ending(key: StoredKey) -> str:
    """As people read it out: in fours."""
    last = key.fingerprint[-16:].lower()
    return " ".join(last[at : at + 4] for at in range(0, 16, 4))


def given(public: bytes, **more: object) -> dict[str, object]:
    key = inspect(public)[0].stored
    file = SimpleUploadedFile("ann.asc", public)
    return {"address": "Ann@Carers.example", "file": file, "ending": ending(key), "why": "rang her"} | more


def says(client: Client, data: dict[str, object]) -> str:
    answer = client.post(ADD, data)
    assert answer.status_code == 422
    assert m.RecipientKey.objects.count() == 0
    return unescape(answer.content.decode())


def test_a_key_is_taken_up_once_its_owner_has_read_it_out(office: Client) -> None:
    """As a file or as text; with who did it and why; and the next look finds it, with its history."""
    public = made()[1]
    assert office.post(ADD, given(public)).status_code == 302
    row = m.RecipientKey.objects.get()
    assert (row.address, row.method, bytes(row.data)) == (ANN, "OpenPGP", inspect(public)[0].stored.data)
    page = office.post("/register/keys/", {"words": "ann@"}).content.decode()
    assert row.fingerprint in page
    assert f"Key of {ANN} added" in page
    assert "rang her" in page
    assert "records-officer@council.example" in page
    event = AuditEvent.objects.get(action="key: add the key")
    assert event.actor == "console:records-officer@council.example"
    again = office.post(ADD, given(public))
    assert "recorded for this address already" in again.content.decode()


def test_pasted_text_is_a_key_too(office: Client) -> None:
    public = made()[1]
    text = str(Cert.from_bytes(public))
    data = given(public, pasted=text)
    del data["file"]
    assert office.post(ADD, data).status_code == 302
    assert m.RecipientKey.objects.get().address == ANN


def test_what_nobody_should_encrypt_to_is_not_taken(office: Client) -> None:
    """Somebody else's, a secret one, one that is over, none at all, and one that its owner does not know."""
    secret, public = made()
    assert "not how the fingerprint of this key ends" in says(office, given(public, ending="0000 0000 0000 0000"))
    assert "not how the fingerprint of this key ends" in says(
        office, given(public, ending=ending(inspect(public)[0].stored)[-9:])
    )
    assert "belongs to ben@x.example" in says(office, given(made("ben@x.example")[1]))
    assert "A private key is in it" in says(office, given(public, file=SimpleUploadedFile("k", secret)))
    assert "This key cannot be used: it expired" in says(office, given(made(days=10, begun=30)[1]))
    assert "no public key in it" in says(office, given(public, file=SimpleUploadedFile("k", b"hello")))
    assert "too large" in says(office, given(public, file=SimpleUploadedFile("k", b"x" * 200_001)))
    nothing = given(public)
    del nothing["file"]
    assert "Choose a file with the key, or paste it." in says(office, nothing)


def test_a_kind_of_key_that_no_mail_is_encrypted_to_is_named_before_and_refused(
    office: Client, signs: Callable[..., None]
) -> None:
    """As on the command line; nobody rings for a key that would lie there unused."""
    assert "not set up" not in office.get(ADD).content.decode()
    signs(Method.OPENPGP)
    page = office.get(ADD).content.decode()
    assert "A certificate cannot be used: this service is not set up to send S/MIME mail." in page
    assert "An OpenPGP key cannot be used" not in page
    signs(Method.SMIME)
    assert "This key cannot be used: this service is not set up to send OpenPGP mail" in says(office, given(made()[1]))


def test_whether_a_kind_is_set_up_is_read_from_the_settings() -> None:
    """A certificate without its key signs nothing."""
    pgp, half = Path("openpgp.key"), {"smime_certificate": Path("smime.pem")}
    assert signed_kinds(settings_with(openpgp_key=pgp)) == {Method.OPENPGP}
    assert signed_kinds(settings_with(**half)) == frozenset()
    assert signed_kinds(settings_with(**half, smime_key=Path("smime.key"))) == {Method.SMIME}


def test_a_key_that_is_taken_out_stays_in_the_history(office: Client) -> None:
    assert office.post(ADD, given(made()[1])).status_code == 302
    row = m.RecipientKey.objects.get()
    assert office.post(f"/register/keys/{row.pk}/out/", {"why": "she lost it"}).status_code == 302
    assert m.RecipientKey.objects.count() == 0
    page = office.post("/register/keys/", {"words": ANN}).content.decode()
    assert "No key of such an address is known" in page
    assert f"Key of {ANN} taken out" in page
    assert "she lost it" in page
    assert row.fingerprint in page
    assert office.post(f"/register/keys/{row.pk}/out/", {"why": "again"}).status_code == 404


@pytest.mark.parametrize("role", [Role.OFFICER, Role.REVIEWER, Role.OPERATOR])
def test_who_may_look_at_keys_is_offered_no_change(role: Role) -> None:
    client = signed_in(role, sudo=True)
    page = client.get("/register/keys/").content.decode()
    assert "keys</h1>" in page
    assert ADD not in page
    assert client.post(ADD, {}).status_code == 403


def test_changing_a_key_asks_once_more_who_they_are() -> None:
    answer = signed_in(Role.RECORDS).get(ADD)
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/sign-in/code/again/")
