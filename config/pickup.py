"""Django's settings of the pick-up process: its own paths and pages, and on PostgreSQL its own role.

Nothing of the API or the console is in it.
"""

from __future__ import annotations

from config import django as service
from config.settings import HERE

SETTINGS = service.SETTINGS
_PICKUP = SETTINGS.pickup
_SECURE = _PICKUP.address.startswith("https://")
_PAGES = HERE.parent / "web" / "pickup"

MOST_OCTETS = _PICKUP.max_upload * 2
"""Of a whole form. Twice what is taken, so that somebody who sends too much is told so, and not cut off."""

SECRET_KEY = service.SECRET_KEY
INSTALLED_APPS = ["simple_history", "register", "vault"]
SALLYPORT_PAPERS = service.SALLYPORT_PAPERS
ROOT_URLCONF = "web.pickup.urls"
MIDDLEWARE = [
    *("web.timed.Timed", "web.pickup.guard.Guard", "web.pickup.language.Language"),
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_PAGES / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.i18n",
                "django.template.context_processors.csrf",
                "web.pickup.frame.service",
            ]
        },
    }
]
LANGUAGE_CODE = _PICKUP.language
LANGUAGES = service.LANGUAGES
LOCALE_PATHS = service.LOCALE_PATHS
USE_I18N = True
USE_TZ = True
TIME_ZONE = service.TIME_ZONE
ALLOWED_HOSTS = [_PICKUP.address.partition("://")[2].partition(":")[0] or "localhost"]
CSRF_COOKIE_NAME = "__Host-form" if _SECURE else "form"
CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "web.pickup.failing.form_too_old"
CSRF_TRUSTED_ORIGINS = [_PICKUP.address] if _PICKUP.address else []
DATA_UPLOAD_MAX_MEMORY_SIZE = MOST_OCTETS
FILE_UPLOAD_MAX_MEMORY_SIZE = MOST_OCTETS
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
"""Nothing that somebody sends lies in the clear on a disk."""
SIMPLE_HISTORY_DATE_INDEX = service.SIMPLE_HISTORY_DATE_INDEX
DEFAULT_AUTO_FIELD = service.DEFAULT_AUTO_FIELD
DATABASES = {"default": service.database(_PICKUP.database_url.get_secret_value() or SETTINGS.database())}
