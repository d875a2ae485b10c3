"""The register as the pipeline sees it: port ``Register`` of ``domain/ports`` over the rows.

Any trouble with the database is ``RegisterUnavailable``: no permission is ever assumed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
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
    """Implements ``Register``. ``staff_domains`` are the council's own mail domains.

    ``subaddress``: domains at which ``name+word`` is the mailbox of ``name`` (RFC 5233).
    """

    def __init__(self, staff_domains: Iterable[str], subaddress: Iterable[str] = ()) -> None:
        self._subaddress = frozenset(folded(d) for d in subaddress)
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
            mailboxes = {r: mailbox(r, self._subaddress) for r in recipients}
            found = circle.read(people, tuple(dict.fromkeys(mailboxes.values())), at, self._staff_domains)
            return replace(
                found,
                parties={r: found.parties[m] for r, m in mailboxes.items() if m in found.parties},
                staff=frozenset(r for r, m in mailboxes.items() if m in found.staff),
                stopped=frozenset(r for r, m in mailboxes.items() if m in found.stopped),
            )

    def stopped(self, recipients: Collection[Address]) -> frozenset[Address]:
        """See the port."""
        with reading("stopped"):
            mailboxes = {r: mailbox(r, self._subaddress) for r in recipients}
            stopped = circle.stopped(tuple(mailboxes.values()))
            return frozenset(r for r, m in mailboxes.items() if m in stopped)

    def keys(self, recipients: Collection[Address]) -> Mapping[Address, tuple[StoredKey, ...]]:
        """See the port."""
        with reading("keys"):
            found: dict[str, list[StoredKey]] = defaultdict(list)
            wanted = {r: {r.key, mailbox(r, self._subaddress).key} for r in recipients}
            for address, method, fingerprint, data in ask(_KEYS, sorted_tuple(frozenset().union(*wanted.values()))):
                found[address].append(StoredKey(Method(method), fingerprint, bytes(data), address))
        return {r: tuple(k for key in sorted(names) for k in found.get(key, ())) for r, names in wanted.items()}


def mailbox(address: Address, subaddress: Collection[str]) -> Address:
    """Where mail for it arrives: ``name@`` for ``name+word@`` of such a domain (RFC 5233), else itself."""
    name, plus, _ = address.key.rpartition("@")[0].partition("+")
    if not (plus and name and address.domain in subaddress):
        return address
    return Address(f"{name}@{address.domain}", address.text)


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
