"""The WSGI application that a server loads (PEP 3333)."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.console")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - every page is loaded now, and not while the first person waits
