"""Settings of recipients' keys: which authorities' word counts, and how withdrawn certificates are noticed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from config.sections.section import Section
from domain.seen_keys import KeySource


class Revocation(StrEnum):
    """How withdrawn certificates are noticed (RFC 5280 section 6.3, RFC 6960)."""

    OFF = "off"
    IF_KNOWN = "if-known"
    REQUIRED = "required"


class KeysSettings(Section):
    """Where keys may be looked for besides the register."""

    wkd: bool = False
    """Whether `sallyport keys find` may ask a recipient's domain for their key; the domain then learns of it."""
    harvest: tuple[KeySource, ...] = ()
    """Keys that `sallyport keys harvest` takes from mail that came in: `openpgp` and `smime` (attached to, or in the
    signature of, mail that verifies), `autocrypt` (a header that anybody can write). Seen, not used."""
    alarm: tuple[str, ...] = ()
    """Who is told by mail of another key than the known one; empty: `service.management`, or the service's address."""
    accept_vouched: bool = False
    """Whether a certificate that `smime.authorities` vouch for is recorded by itself, where its owner has none yet."""


class PdfSettings(Section):
    """The protected PDF, for recipients who ask for it and have a passphrase ([keys.md](keys.md))."""

    key: Path | None = None
    """32 random bytes that seal recipients' passphrases in the register; made at first start. Unset: none is sent."""
    notify_template: str = ""
    """A template of GOV.UK Notify with one blank, ((code)): what a new password's text message says."""


class SmimeSettings(Section):
    """Whose word counts for S/MIME certificates, besides the register's."""

    authorities: Path | None = None
    """PEM: the only authorities whose certificates are used; unset: the register's word is enough."""
    intermediates: Path | None = None
    """PEM: authorities between those and the recipients, to build chains of."""
    revocation: Revocation = Revocation.OFF
    """What withdraws a certificate. `if-known`: a list or answer in the folder; `required`: unusable without."""
    revocation_folder: Path = Path("var/revocation")
    """Lists (`*.crl`) and answers (`*.ocsp`), DER. The worker fills it; so may whoever runs this."""
    crl_urls: tuple[str, ...] = ()
    """Lists that the worker fetches each hour. The relay itself asks nobody."""
    ocsp_url: str = ""
    """A responder that the worker asks each hour about every S/MIME certificate of the register."""
    modern: tuple[str, ...] = ()
    """Recipients' domains whose programs read AES-GCM, RSA-OAEP and RSA-PSS though their certificates do not say so."""
