"""Signs what we write or change with the service's domain key (DKIM, RFC 6376), by dkimpy.

Input: a whole message of ours. Failure: ``ConfigurationError`` at the start for a key that cannot be used; while mail
is sent ``ProtectionFailed``, so that it is tried again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import dkim

from domain.errors import ConfigurationError, ProtectionFailed

_SIGNED = (
    *(b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to"),
    *(b"mime-version", b"content-type", b"content-transfer-encoding", b"auto-submitted"),
    *(b"tls-report-domain", b"tls-report-submitter"),
)


@dataclass(frozen=True, slots=True)
class DkimSigner:
    """``key`` is the RSA private key, PEM; its public half stands at ``selector._domainkey.domain``."""

    domain: str
    selector: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            self.sign(b"From: a@b\r\n\r\n")
        except ProtectionFailed as error:
            public = "The key for DKIM (dkim.key) cannot be used: it must be an RSA private key, PEM."
            raise ConfigurationError("dkim key", public=public) from error

    def sign(self, message: bytes) -> bytes:
        """The ``DKIM-Signature`` field, with its line end, to be put before the message.

        The fields that are signed are signed once more than they are there, so that nobody can add one (section 8.15).
        """
        try:
            signer = dkim.DKIM(message, minkey=2048)
            present = {name.lower() for name, _ in signer.headers}
            wanted = [name for name in _SIGNED if name in present]
            signed: bytes = signer.sign(
                self.selector.encode(),
                self.domain.encode(),
                self.key,
                canonicalize=(b"relaxed", b"simple"),
                include_headers=[*wanted, b"from", b"subject"],
            )
        except Exception as error:
            raise ProtectionFailed("DKIM", cause=type(error).__name__) from error
        return signed
