"""What packing a bundle needs from the settings: who we are, the signing keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import Settings
from domain.errors import ConfigurationError
from domain.ports import Classifiers

if TYPE_CHECKING:
    from vault.export.finishing import Finishing, Proofs
    from vault.export.page import Service
    from vault.export.signing import SigningKeys


def finishing_of(settings: Settings, readers: Classifiers) -> Finishing:
    """Everything beside the case."""
    from vault.export.finishing import Finishing

    return Finishing(service_of(settings), signing_keys(settings), readers, prover_of(settings))


def prover_of(settings: Settings) -> Proofs:
    """Inclusion proofs of events, with the log's public key beside them."""
    from vault.export.inclusion import prover

    return prover(settings.audit.public_keys)


def service_of(settings: Settings) -> Service:
    """Who answers."""
    from vault.export.page import Service

    s = settings.service
    return Service(s.name, s.address, s.phone)


def signing_keys(settings: Settings) -> SigningKeys:
    """The service's, as far as they are set. Raises ``ConfigurationError`` for a file that cannot be read."""
    from vault.export.signing import SigningKeys

    s = settings.service
    return SigningKeys(*(_read(settings, path) for path in (s.openpgp_key, s.smime_certificate, s.smime_key)))


def _read(settings: Settings, path: Path | None) -> bytes:
    if path is None:
        return b""
    try:
        return settings.at_home(path).read_bytes()
    except OSError as error:
        raise ConfigurationError("key file", public=f"The signing key {path} cannot be read.") from error
