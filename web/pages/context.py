"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def service(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - the signature is Django's
    """Django context processor: the service's name and telephone number."""
    from config.django import SETTINGS  # noqa: PLC0415 - read once; here so that tests may set others

    return {"service_name": SETTINGS.service.name, "service_phone": SETTINGS.service.phone}
