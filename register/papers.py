"""Asks whoever keeps the signed papers. Register and vault do not know each other: a setting names who answers."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from domain.ports import Papers


def filed(record: str, person: str) -> bool:
    """Whether this record may be a paper of the person's (a reference); see ``Papers``."""
    papers: Papers = import_string(settings.SALLYPORT_PAPERS)()
    return papers.holds(record, person)
