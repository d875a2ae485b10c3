"""How codes reach people: GOV.UK Notify's text messages, or, for trying things out, the process's own output."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping
from typing import Any

import structlog
from django.utils.translation import get_language, gettext
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from vault.models import PickupContact
from vault.pickup.trying import Way

_SECONDS = 8
_SHOWN_DIGITS = 2
_log = structlog.get_logger("pickup")
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)  # it names what it was given


class Notify:
    """Text messages by GOV.UK Notify. The client is not made for several threads, so one speaks at a time."""

    way = Way.TEXT

    def __init__(self, key: str, templates: Mapping[str, str], url: str) -> None:
        self._client: Any = NotificationsAPIClient(key, base_url=url, timeout=_SECONDS)  # type: ignore[no-untyped-call]
        self._templates = templates
        self._turn = threading.Lock()

    def reaches(self, contact: PickupContact | None) -> str:
        """See the port."""
        if contact is None or not contact.mobile:
            return ""
        return gettext("your phone that ends in %(digits)s") % {"digits": contact.mobile[-_SHOWN_DIGITS:]}

    def send(self, contact: PickupContact | None, code: str) -> bool:
        """See the port."""
        if contact is None or not contact.mobile:
            return False
        try:
            with self._turn:
                self._client.send_sms_notification(contact.mobile, self._template(), {"code": code})
        except (HTTPError, OSError, ValueError) as error:
            _log.error("text message not taken", error=type(error).__name__)
            return False
        return True

    def _template(self) -> str:
        """That of the page's language."""
        return self._templates.get(get_language() or "en") or self._templates["en"]


class Shown:
    """Printed, as the demo does it. Whoever sees this process's output can open what waits."""

    way = Way.SHOWN

    def reaches(self, contact: PickupContact | None) -> str:  # noqa: ARG002 - the port's
        """See the port."""
        return gettext("the screen of the demo")

    def send(self, contact: PickupContact | None, code: str) -> bool:  # noqa: ARG002 - the port's
        """See the port."""
        sys.stdout.write(f"Pick-up code: {code}\n")
        sys.stdout.flush()
        return True
