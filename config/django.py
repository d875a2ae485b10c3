"""Django's settings, derived from ours. Django is the frame for ``register/`` and ``vault/``; it sees nothing else."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url

from config.settings import load

SETTINGS = load()

SECRET_KEY = os.environ.get("SALLYPORT_SECRET_KEY") or secrets.token_urlsafe(
    50
)  # nothing signed by it outlives a process yet
INSTALLED_APPS = ["register", "vault"]
USE_TZ = True
TIME_ZONE = "Europe/London"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _database(url: str) -> dict[str, Any]:
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=False))
    if config["ENGINE"].endswith("sqlite3"):
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        # WAL lets readers go on while one writes; FULL makes a commit survive a power cut, which 250 stands on.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    return config


DATABASES = {"default": _database(SETTINGS.database())}
