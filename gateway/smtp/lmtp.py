"""LMTP (RFC 2033): SMTP with one reply a recipient after the body, for mail systems that keep the queue."""

# ruff: noqa: N802, N815 - aiosmtpd finds its methods by the name of the command

from __future__ import annotations

from domain.model import Address
from gateway.smtp.arguments import Rejected
from gateway.smtp.house import Answer
from gateway.smtp.protocol import Smtp


class Lmtp(Smtp):
    """RFC 2033: LHLO, and one reply for each accepted recipient after the body."""

    greeting = "LMTP"

    async def smtp_LHLO(self, argument: str) -> None:
        """RFC 2033 section 4.1."""
        await Smtp.smtp_EHLO(self, argument)

    async def smtp_EHLO(self, argument: str) -> None:  # noqa: ARG002 - the signature is the base's
        """Not LMTP."""
        raise Rejected("500 5.5.1 This is LMTP: say LHLO")

    smtp_HELO = smtp_EHLO

    async def _say(self, answer: Answer, recipients: list[Address]) -> None:
        await self.push("\r\n".join(answer.to(recipient) for recipient in recipients))

    def _transmission(self, international: bool) -> str:  # noqa: FBT001 - private
        return "UTF8LMTP" if international else "LMTP"
