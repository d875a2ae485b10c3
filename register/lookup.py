"""The register as the pipeline sees it: port ``Register`` of ``domain/ports.py`` over the rows.

Any trouble with the database is ``RegisterUnavailable``: no permission is ever assumed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models.functions import Lower

from domain.decision import Method
from domain.errors import RegisterUnavailable
from domain.model import Address, Analysis, folded
from domain.permission import Circle
from domain.ports import StoredKey
from domain.subjects import Mention
from register import circle
from register.mentions import Mentions
from register.models import Person
from register.sql import ask, sorted_tuple


class DatabaseRegister:
    """Implements ``Register``. ``staff_domains`` are the council's own mail domains."""

    def __init__(self, staff_domains: Iterable[str]) -> None:
        self._staff_domains = frozenset(folded(d) for d in staff_domains)
        self._mentions = Mentions()

    def mentions(self, analysis: Analysis, near: Collection[Address] = ()) -> tuple[Mention, ...]:
        """See the port."""
        with reading("mentions"):
            return self._mentions.find(analysis, near)

    def named(self, council_ids: Collection[str]) -> Mapping[str, str]:
        """See the port."""
        with reading("named"):
            wanted = {c.casefold(): c for c in council_ids}
            rows = Person.objects.annotate(folded=Lower("council_id")).filter(folded__in=wanted)
            return {wanted[folded]: ref for folded, ref in rows.values_list("folded", "ref")}

    def circle(self, people: Collection[str], recipients: Collection[Address], at: datetime) -> Circle:
        """See the port."""
        with reading("circle"):
            return circle.read(people, recipients, at, self._staff_domains)

    def stopped(self, recipients: Collection[Address]) -> frozenset[Address]:
        """See the port."""
        with reading("stopped"):
            return circle.stopped(recipients)

    def keys(self, recipients: Collection[Address]) -> Mapping[Address, tuple[StoredKey, ...]]:
        """See the port."""
        with reading("keys"):
            found: dict[str, list[StoredKey]] = defaultdict(list)
            for address, method, fingerprint, data in ask(_KEYS, sorted_tuple({r.key for r in recipients})):
                found[address].append(StoredKey(Method(method), fingerprint, bytes(data)))
        return {r: tuple(found.get(r.key, ())) for r in recipients}


_KEYS = """
SELECT address, method, fingerprint, data FROM register_recipientkey WHERE address IN (%s) ORDER BY fingerprint
"""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Any trouble with the database inside is ``RegisterUnavailable``."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        close_old_connections()  # the next mail starts on a fresh line
        raise RegisterUnavailable(what, cause=type(error).__name__) from error
