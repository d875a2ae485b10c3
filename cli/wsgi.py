"""What the web server's processes load: the application, with our logs."""

from __future__ import annotations

import logging

from gateway import logs
from web.wsgi import application

logs.set_up()
logging.getLogger("django.request").disabled = True  # it would name paths; ours names routes

__all__ = ["application"]
