"""Held mail: the queue, one mail, and what a reviewer rules. The rules are the command line's (``vault/held``)."""
