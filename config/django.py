"""Django's settings, derived from ours, of processes without pages: relay, worker, most commands.

Django is the frame for ``register/``, ``vault/`` and ``web/``. ``config/console.py`` adds what people's pages need.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import dj_database_url

from config.settings import HERE, load
from domain.errors import ConfigurationError

SETTINGS = load()

SECRET_KEY = secrets.token_urlsafe(50)  # a relay signs nothing with it; processes with pages share one that lasts
INSTALLED_APPS = ["simple_history", "register", "vault", "web.api.apps.ApiConfig"]
SALLYPORT_PAPERS = "vault.papers.FiledPapers"
"""Who answers ``domain.ports.Papers``: register and vault import no line of each other."""
USE_TZ = True
TIME_ZONE = "Europe/London"
LANGUAGES = [("en", "English"), ("cy", "Cymraeg")]
LOCALE_PATHS = [HERE.parent / "web" / "pickup" / "locale"]
SIMPLE_HISTORY_DATE_INDEX = "composite"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_ENGINES = frozenset({"django.db.backends.sqlite3", "django.db.backends.postgresql"})
"""What journal and vault are written and tested for."""


_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": "-c lock_timeout=60s",
}
"""For PostgreSQL (libpq's own names; seconds, the time-out of TCP in milliseconds): a server that is gone must not hold
a mail for hours, and neither must a table that somebody changes. A mail takes four transactions, so its client has an
answer within the ten minutes of RFC 5321. The URL's query may say otherwise."""


def database(url: str) -> dict[str, Any]:
    """Django's settings for a database. Raises ``ConfigurationError``."""
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=False))
    except ValueError:  # its text may hold the password
        public = "The setting 'database_url' cannot be used; write it as postgresql://user:password@host:5432/name."
        raise ConfigurationError("database url", public=public) from None
    if config["ENGINE"] not in _ENGINES:
        raise ConfigurationError("database kind", public="The database must be sqlite:// or postgresql://.")
    if config["ENGINE"].endswith("sqlite3"):
        _make_folder(Path(config["NAME"]).parent)
        # WAL lets readers go on while one writes; FULL makes a commit survive a power cut, which 250 stands on.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": config.get("OPTIONS", {}).get("timeout", 20),
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            # Whoever fills the log's 16 MB writes it into the database, each page once: not every 25 mails.
            " PRAGMA wal_autocheckpoint=4000;",
        }
    else:
        # A statement that comes again and again is planned once (psycopg's own default, which Django switches off).
        config["OPTIONS"] = {"prepare_threshold": 5} | _PATIENCE | config.get("OPTIONS", {})
    return config


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        public = f"The folder {folder} for the database cannot be made."
        raise ConfigurationError("database folder", public=public) from error


DATABASES = {"default": database(SETTINGS.database())}
