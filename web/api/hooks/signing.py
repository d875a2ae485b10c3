"""Signatures as in Standard Webhooks: ``v1``, HMAC-SHA256 over id, timestamp and body."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime


def headers(secret: str, number: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers. ``secret`` is ``whsec_`` and Base64; ``number`` stays the same through every retry."""
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{number}.{timestamp}.".encode() + body, "sha256")
    return {
        "webhook-id": number,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
