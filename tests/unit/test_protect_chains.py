"""Whose word counts for an S/MIME certificate: chains, private authorities, lists of the withdrawn, the responder."""

from __future__ import annotations

import http.server
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from cli.jobs.revocation import NotFetched, fetch
from config.settings import Settings
from domain.errors import ConfigurationError, UnusableKey
from domain.model import Address
from domain.ports import StoredKey
from gateway.clock import SystemClock
from gateway.protect import generate
from gateway.protect.chains import Chains, TrustFiles
from gateway.protect.smime import SMIME
from register.models import RecipientKey
from tests.support import protect_specimens as s

NOW = SystemClock().now()
YESTERDAY, YEAR, DAY = NOW - timedelta(days=1), timedelta(days=365), timedelta(days=1)
Pair = tuple[bytes, bytes]


class House:
    """A root, an authority between, and who has certificates of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = generate.make_smime_authority("Root", YESTERDAY, YEAR, path_length=1)
        self.between = generate.make_smime_authority("Between", YESTERDAY, YEAR, issuer=self.root)
        self.carer = generate.make_smime_identity("Carer", s.CARER.text, YESTERDAY, YEAR, self.between, elliptic=True)
        (folder / "roots.pem").write_bytes(self.root[1])
        (folder / "between.pem").write_bytes(self.between[1])
        (folder / "lists").mkdir()

    def files(self, mode: str = "off") -> TrustFiles:
        return TrustFiles(self.folder / "roots.pem", self.folder / "between.pem", self.folder / "lists", mode)

    def revoke(self, name: str, issuer: Pair, *certificates: bytes, at: datetime = YESTERDAY) -> bytes:
        """A list by this issuer, good for two days from ``at``, put into the folder."""
        authority = x509.load_pem_x509_certificate(issuer[1])
        builder = x509.CertificateRevocationListBuilder().issuer_name(authority.subject)
        builder = builder.last_update(at).next_update(at + 2 * DAY).add_extension(x509.CRLNumber(1), critical=False)
        key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())  # type: ignore[arg-type]
        builder = builder.add_extension(key, critical=False)
        for pem in certificates:
            serial = x509.load_pem_x509_certificate(pem).serial_number
            one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            builder = builder.add_revoked_certificate(one)
        made = builder.sign(load_pem_private_key(issuer[0], None), hashes.SHA256())  # type: ignore[arg-type]
        data = made.public_bytes(Encoding.DER)
        (self.folder / "lists" / name).write_bytes(data)
        return data


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def refusal(chains: Chains, pem: bytes, now: datetime = NOW) -> str:
    """Why it is not used; empty where it is."""
    try:
        chains.require(der(pem), now)
    except UnusableKey as error:
        return error.private
    return ""


STRANGER = "nobody whose word counts here has vouched for it"
WITHDRAWN = "its issuer has withdrawn (revoked) it"
UNCLEAR = "its issuer does not say in time whether it has been withdrawn"


def test_a_chain_to_a_private_authority_counts_and_nothing_else(house: House) -> None:
    """Through an authority between; not a stranger's, one who signed himself, or one of the same name."""
    chains = Chains(house.files())
    twin = generate.make_smime_authority("Between", YESTERDAY, YEAR)
    assert refusal(chains, house.carer[1]) == ""
    for issuer in (s.authority(), None, twin):
        made = generate.make_smime_identity("Carer", s.CARER.text, YESTERDAY, YEAR, issuer, elliptic=True)
        assert refusal(chains, made[1]) == STRANGER
    assert refusal(Chains(TrustFiles(house.folder / "roots.pem")), house.carer[1]) == STRANGER


def test_an_authority_that_may_not_make_authorities_is_not_believed(house: House) -> None:
    """Its path length is 0 (RFC 5280 section 4.2.1.9)."""
    third = generate.make_smime_authority("Third", YESTERDAY, YEAR, issuer=house.between)
    made = generate.make_smime_identity("Carer", s.CARER.text, YESTERDAY, YEAR, third, elliptic=True)
    (house.folder / "between.pem").write_bytes(house.between[1] + third[1])
    assert refusal(Chains(house.files()), made[1]) == STRANGER


def test_lists_withdraw_certificates_as_soon_as_they_are_there(house: House) -> None:
    """Without a list it is used, or not, as is set; a list in the folder counts at once."""
    known, required = Chains(house.files("if-known")), Chains(house.files("required"))
    assert refusal(known, house.carer[1]) == ""
    assert refusal(required, house.carer[1]) == UNCLEAR
    house.revoke("root.crl", house.root)
    house.revoke("between.crl", house.between)
    assert refusal(known, house.carer[1]) == refusal(required, house.carer[1]) == ""
    house.revoke("between.crl", house.between, house.carer[1])
    assert refusal(known, house.carer[1]) == refusal(required, house.carer[1]) == WITHDRAWN
    assert refusal(Chains(house.files()), house.carer[1]) == ""


def test_an_authority_that_was_withdrawn_takes_its_certificates_along(house: House) -> None:
    """The root's list names the one between."""
    house.revoke("between.crl", house.between)
    house.revoke("root.crl", house.root, house.between[1])
    assert refusal(Chains(house.files("if-known")), house.carer[1]) == WITHDRAWN


def test_a_list_that_is_out_of_date_forged_or_rubbish_proves_nothing(house: House) -> None:
    """Where one is required, the certificate is not used then."""
    house.revoke("root.crl", house.root)
    house.revoke("between.crl", house.between, at=NOW - 30 * DAY)
    chains = Chains(house.files("required"))
    assert refusal(chains, house.carer[1]) == UNCLEAR
    house.revoke("between.crl", generate.make_smime_authority("Between", YESTERDAY, YEAR))
    assert refusal(chains, house.carer[1]) == UNCLEAR
    (house.folder / "lists" / "between.crl").write_bytes(b"rubbish")
    assert refusal(chains, house.carer[1]) == UNCLEAR


def test_a_certificate_that_ended_leaves_the_place_to_one_that_has_not(house: House) -> None:
    """Ended and withdrawn certificates beside a good one: the good one alone is used."""
    gone = generate.make_smime_identity("Carer", s.CARER.text, YESTERDAY, YEAR, house.between, elliptic=True)
    ended = generate.make_smime_identity(
        "Carer", s.CARER.text, YESTERDAY - YEAR, timedelta(days=90), house.between, elliptic=True
    )
    house.revoke("between.crl", house.between, gone[1])
    protector = SMIME(s.service_smime()[1], s.service_smime()[0], trust=house.files("if-known"))
    keys = [s.smime(pair[1]) for pair in (ended, gone, house.carer)]
    assert [protector.examine(k, NOW).usable for k in keys] == [False, False, True]
    assert protector.examine(keys[1], NOW).reason == WITHDRAWN
    with pytest.raises(UnusableKey):
        protector.protect(s.message(s.TEXT), s.ENVELOPE, s.CARER, [keys[1]], s.SUBJECT, NOW)
    assert protector.protect(s.message(s.TEXT), s.ENVELOPE, s.CARER, [keys[2]], s.SUBJECT, NOW).content


@pytest.mark.parametrize(
    "content", [b"", b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_authorities_that_cannot_be_read_stop_the_start(tmp_path: Path, content: bytes) -> None:
    """With the file's name; no silent trust in nobody, or in everybody."""
    (tmp_path / "roots.pem").write_bytes(content)
    for path in (tmp_path / "roots.pem", tmp_path / "missing.pem"):
        with pytest.raises(ConfigurationError) as caught:
            Chains(TrustFiles(path))
        assert str(path) in caught.value.public


@contextmanager
def served(pages: dict[str, bytes]) -> Iterator[int]:
    """A web server with these pages; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = pages.get(self.path)
            self.send_response(200 if data is not None else 404)
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def responder(house: House) -> Iterator[int]:
    """``openssl ocsp`` as a responder for the authority between, which has withdrawn the carer's certificate."""
    serial = x509.load_pem_x509_certificate(house.carer[1]).serial_number
    digits = f"{serial:X}"
    entry = f"R\t351231235959Z\t250101000000Z\t{digits.zfill(len(digits) + len(digits) % 2)}\tunknown\t/CN=Carer\n"
    (house.folder / "index.txt").write_text(entry)
    (house.folder / "between.key").write_bytes(house.between[0])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (
        f"openssl ocsp -index index.txt -port {port} -rsigner between.pem -rkey between.key -CA between.pem -ndays 2"
    )
    process = subprocess.Popen(command.split(), cwd=house.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert process.stdout
        assert any(
            b"ACCEPT" in line or b"waiting" in line for line in process.stdout
        )  # a probe would be its only client
        yield port
    finally:
        process.terminate()
        process.wait()


def settings(house: House, **more: object) -> Settings:
    smime = {
        "authorities": "roots.pem",
        "intermediates": "between.pem",
        "revocation": "if-known",
        "revocation_folder": "lists",
    }
    return Settings(home=house.folder, smime=smime | more)  # type: ignore[arg-type]


def test_the_worker_fetches_the_lists_of_the_settings(house: House) -> None:
    """Whole, under a name of its own; what cannot be had or read is told, and the older list stands."""
    listed = house.revoke("made", house.between, house.carer[1])
    (house.folder / "lists" / "made").unlink()
    pages = {"/between.crl": listed, "/rubbish.crl": b"rubbish"}
    with served(pages) as port:
        at = f"http://127.0.0.1:{port}"
        fetch(settings(house, crl_urls=(f"{at}/between.crl",)), NOW)
        assert refusal(Chains(house.files("if-known")), house.carer[1]) == WITHDRAWN
        pages["/between.crl"] = b"rubbish"
        with pytest.raises(NotFetched) as caught:
            fetch(settings(house, crl_urls=(f"{at}/between.crl", f"{at}/missing.crl")), NOW)
    assert caught.value.fields == {"failed": 2}
    assert [p.read_bytes() for p in (house.folder / "lists").iterdir()] == [listed]


def test_the_worker_asks_the_responder_about_each_certificate(house: House, database: None) -> None:
    """``openssl ocsp`` says that the carer's was withdrawn."""
    key = StoredKey(s.Method.SMIME, "AB12", der(house.carer[1]))
    RecipientKey.objects.create(
        address=Address.of(s.CARER.text).key, method=key.method, fingerprint="AB12", data=key.data
    )
    with responder(house) as port:
        fetch(settings(house, ocsp_url=f"http://127.0.0.1:{port}/"), NOW)
    assert [p.name for p in (house.folder / "lists").iterdir()] == ["AB12.ocsp"]
    assert refusal(Chains(house.files("if-known")), house.carer[1], SystemClock().now()) == WITHDRAWN


def test_nothing_is_fetched_where_no_authority_is_set(house: House) -> None:
    """Nor where nobody asks about revocation."""
    fetch(settings(house, revocation="off", crl_urls=("http://127.0.0.1:1/x",)), NOW)
    fetch(Settings(home=house.folder), NOW)
    assert list((house.folder / "lists").iterdir()) == []
