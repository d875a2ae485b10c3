"""What the web server's processes load: the application, with bodies read in time, and our logs."""

from __future__ import annotations

import logging

from cli.watching import watch
from config.django import SETTINGS
from gateway import logs
from web import wsgi
from web.buffered import Buffered

logs.set_up()
watch(SETTINGS, SETTINGS.watch.web)
for _name in ("django.request", "django.security", "axes", "allauth"):  # they would name paths and people; ours do not
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False
_CHOSEN = SETTINGS.web
application = Buffered(
    wsgi.application,
    threads=_CHOSEN.threads,
    max_body=_CHOSEN.max_body,
    seconds=_CHOSEN.body_seconds,
    proxies=_CHOSEN.proxies,
)
