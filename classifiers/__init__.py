"""Reads what a mail holds and says what it is. Knows no person and no database.

``ALL`` are the document classifiers; ``analysis.analyse`` runs them in this process, ``sandbox.Sandbox`` in a
contained one.
"""

from __future__ import annotations

from classifiers.documents import personal, registered, rules
from classifiers.documents.document import Classifier

ALL: tuple[Classifier, ...] = (registered.classify, rules.classify, personal.classify)

if not ALL:
    raise RuntimeError("no document classifier: everything would pass as harmless")
