"""Bounds that several tests hold pages to."""

MOST_QUESTIONS = 40
"""That any page asks of the database: more is felt on a slow one."""
