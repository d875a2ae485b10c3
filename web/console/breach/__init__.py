"""The breach team's pages: a search over the vault, one record, suspected breaches from the first hour to the register.

What they do is what the command line does (``vault/search/``, ``vault/incidents/``): no rule is written here twice.
They open no seal: docs/console.md says why, and how a text is had.
"""
