"""Reads what a mail holds and says what it is. Knows no person and no database.

``analysis.Analyser`` reads in this process, ``sandbox.Sandbox`` in a contained one.
"""
