"""What the web server's processes load: the application, with bodies read in time, and our logs."""

from __future__ import annotations

import logging

from config.django import SETTINGS
from gateway import logs
from web import wsgi
from web.buffered import Buffered

logs.set_up()
logging.getLogger("django.request").disabled = True  # it would name paths; ours names routes
_CHOSEN = SETTINGS.web
application = Buffered(
    wsgi.application, threads=_CHOSEN.threads, max_body=_CHOSEN.max_body, seconds=_CHOSEN.body_seconds
)
