"""``sallyport keys harvest`` and what follows, as an office uses it: a mail comes in, is looked at, is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from cli.main import app
from config.django import SETTINGS
from config.sections.keys import KeysSettings
from config.settings import Settings
from gateway.clock import SystemClock
from gateway.protect import generate
from register import models as m
from register.acting import acting
from tests.support import inbound
from tests.support import protect_specimens as s
from vault.models import AuditEvent

pytestmark = pytest.mark.usefixtures("database")
WHO = "solicitor@law.example"
YEAR = timedelta(days=365)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Path]:
    """Signing keys of its own, an organisation that the register knows, and all sources on."""
    files = {"pgp": s.service_pgp()[0], "crt": s.service_smime()[1], "key": s.service_smime()[0]}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    keys = {"openpgp_key": "pgp", "smime_certificate": "crt", "smime_key": "key"}
    own = SETTINGS.service.model_copy(update={k: tmp_path / v for k, v in keys.items()})
    with acting("tests"):
        m.Organisation.objects.create(code="ORG-1", name="Law", domain="law.example")
    with set_to(SETTINGS.model_copy(update={"service": own}), harvest=("openpgp", "smime", "autocrypt")):
        yield tmp_path


def set_to(settings: Settings, **keys: object) -> AbstractContextManager[object]:
    """The commands see these settings."""
    made = TypeAdapter(KeysSettings).validate_python(keys)
    return mock.patch("cli.keys.harvest.framed", return_value=settings.model_copy(update={"keys": made}))


def say(*words: str, code: int = 0) -> str:
    with mock.patch.dict("os.environ", {"COLUMNS": "300"}):
        done = CliRunner().invoke(app, ["keys", *words])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def mail(service: Path, content: bytes) -> str:
    path = service / "mail.eml"
    path.write_bytes(content)
    return str(path)


def test_nothing_is_taken_unless_it_is_set(tmp_path: Path) -> None:
    """Off is how it comes."""
    with set_to(SETTINGS):
        said = say("harvest", mail(tmp_path, inbound.plain()), code=3)
    assert "keys.harvest is not set" in said


def test_a_key_is_seen_looked_at_and_accepted(service: Path) -> None:
    """A changed key is said loudly, and the old one stays; each step is in the audit trail."""
    now = SystemClock().now()
    secret, public = generate.make_openpgp_key("Sol", WHO, now, YEAR)
    first = inbound.openpgp(secret, public, WHO)
    assert "seen for the first time" in say("harvest", mail(service, first))
    assert "seen before" in say("harvest", mail(service, first))
    assert m.RecipientKey.objects.count() == 0
    fingerprint = m.SeenKey.objects.get().fingerprint
    assert fingerprint in say("seen")
    assert "Added" in say("accept", fingerprint.lower(), "--for", WHO)
    assert m.RecipientKey.objects.get().fingerprint == fingerprint
    assert "recorded already" in say("harvest", mail(service, first))

    second = inbound.plain(inbound.autocrypt(generate.make_openpgp_key("Sol", WHO, now, YEAR)[1], WHO), author=WHO)
    assert "ANOTHER KEY THAN BEFORE" in say("harvest", mail(service, second))
    assert "another key than before" in say("seen")
    assert m.RecipientKey.objects.get().fingerprint == fingerprint
    assert "Forgotten" in say("dismiss", m.SeenKey.objects.get().fingerprint, "--for", WHO)
    assert "0 keys" in say("seen")
    actions = list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions.count("recipient key seen in mail") == 2
    assert {"recipient key added", "seen keys listed", "seen key dismissed"} <= set(actions)


def test_what_is_not_there_or_proves_nothing_is_said(service: Path) -> None:
    """A stranger's mail, a mail without a key, no file, too large a one, a key that nobody has seen."""
    now = SystemClock().now()
    stranger = "who@elsewhere.example"
    secret, public = generate.make_openpgp_key("Who", stranger, now, YEAR)
    assert "knows nobody" in say("harvest", mail(service, inbound.openpgp(secret, public, stranger)))
    assert "brings no key" in say("harvest", mail(service, inbound.plain(author=WHO)))
    assert m.SeenKey.objects.count() == 0
    for words in (("harvest", "gone.eml"), ("accept", "00", "--for", WHO), ("dismiss", "00", "--for", WHO)):
        say(*words, code=5)
    say("harvest", mail(service, b"x" * 10_000_001), code=5)


def test_a_key_that_has_ended_meanwhile_is_not_accepted(service: Path) -> None:
    """The gate is asked again."""
    now = SystemClock().now()
    old = generate.make_openpgp_key("Sol", WHO, now - timedelta(days=10), timedelta(days=5))[1]
    m.SeenKey.objects.create(
        address=WHO, method="OpenPGP", fingerprint="AA", data=old, source="openpgp", first_at=now, last_at=now
    )
    assert "cannot be used: it expired" in say("accept", "AA", "--for", WHO, code=7)
    assert m.RecipientKey.objects.count() == 0


def test_a_vouched_certificate_is_recorded_by_itself_where_that_is_set(service: Path, tmp_path: Path) -> None:
    """By an authority of the settings, for the first of an address; another's, or a second one, only waits."""
    now = SystemClock().now()
    authority = generate.make_smime_authority("Council", now - timedelta(days=1), YEAR)
    (tmp_path / "roots.pem").write_bytes(authority[1])
    keys = {"smime_certificate": service / "crt", "smime_key": service / "key"}
    trusted = SETTINGS.model_copy(
        update={
            "service": SETTINGS.service.model_copy(update=keys),
            "smime": SETTINGS.smime.model_copy(update={"authorities": tmp_path / "roots.pem"}),
        }
    )

    def brought(issuer: tuple[bytes, bytes] | None, *, by_itself: bool) -> str:
        made = generate.make_smime_identity("Sol", WHO, now - timedelta(hours=1), YEAR, issuer)
        with set_to(trusted, harvest=("smime",), accept_vouched=by_itself):
            return say("harvest", mail(service, inbound.smime(*made, author=WHO)))

    assert "Added" not in brought(None, by_itself=True)
    m.SeenKey.objects.all().delete()
    assert "Added" not in brought(authority, by_itself=False)
    m.SeenKey.objects.all().delete()
    assert "Added" in brought(authority, by_itself=True)
    said = brought(authority, by_itself=True)
    assert "ANOTHER KEY" in said
    assert "Added" not in said
    assert m.RecipientKey.objects.count() == 1
