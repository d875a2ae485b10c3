"""The TLS contexts, ours as a server and ours as a client. TLS 1.2 at least (RFC 8996, RFC 9325)."""

from __future__ import annotations

import ssl
from pathlib import Path

from domain.errors import ConfigurationError


def server_context(certificate: Path, key: Path | None = None) -> ssl.SSLContext:
    """For STARTTLS and implicit TLS. PEM files, the chain after the leaf. Raises ``ConfigurationError``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        public = f"The TLS certificate {certificate} and its key cannot be used together."
        raise ConfigurationError("tls files", public=public) from error
    return context


def client_context(*, verified: bool, ca_file: Path | None = None) -> ssl.SSLContext:
    """For the next hop. Unverified is for hops that are only required to encrypt (RFC 7435)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        if ca_file is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError("ca file", public=f"The CA file {ca_file} cannot be used.") from error
    return context
