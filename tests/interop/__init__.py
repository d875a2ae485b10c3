"""Keys of every kind, made by every program we know, and whether each program opens what we protect for them.

``python -m tests.interop`` prints the tables; with ``--write docs/interoperability.md`` it puts them into that page.
"""
