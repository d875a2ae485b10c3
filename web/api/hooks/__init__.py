"""Telling others of changes: the Standard Webhooks scheme, in order, again until it arrives or a week has passed."""
