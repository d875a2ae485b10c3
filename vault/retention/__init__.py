"""Kept as long as it must be, and no longer: reckoned from rules and events, mirrored in locks and tags.

``Retention`` answers what has run out, afresh; ``sweeping`` keeps rows, locks and tags in step with it.
"""

from vault.retention.port import Lives
from vault.retention.reckoning import NoSuchRecord, Retention

__all__ = ["Lives", "NoSuchRecord", "Retention"]
