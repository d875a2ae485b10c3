"""The guard against misdirected mail, asked for one mail: what ``domain/guard.py`` needs is gathered and handed to it.

Asked by step 5, for mail that is not harmless or that shows many addresses. Other mail is glanced at: its addresses and
the names beside them, each once an hour, so that plain mail goes by what this process has in mind.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from email.utils import getaddresses
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.display import fits, name_of
from domain.guard import Guard
from domain.model import Address, Message, folded
from domain.policy import Facts
from domain.vouching import vouched
from gateway.mime.fields import header_fields
from gateway.mime.words import addresses, decoded

if TYPE_CHECKING:
    from gateway.pipeline import Ports

_ENOUGH = 64 * 1024
"""Octets of one field: more addresses than any policy lets stand there."""
_SHOWN = frozenset({"to", "cc", "resent-to", "resent-cc"})
_TO_AND_CC = re.compile(rb"^(?:to|cc)[ \t]*:([^\n]*\n?(?:[ \t][^\n]*\n?)*)", re.IGNORECASE | re.MULTILINE)
_PLAIN_PAIR = re.compile(r"([^<>,]+)<\s*([^<>,\s]+)\s*>")
_NOT_PLAIN = frozenset('"()\\:;=')
"""Quotes, comments, groups and encoded words need the whole grammar, which takes five times as long."""
_NAMES_ENOUGH = 8 * 1024
"""Octets of one field that are read for names."""


def visible(message: Message, domains: Collection[str], most: int) -> int:
    """How many addresses outside ``domains`` (folded) its To and Cc show, where they are more than ``most``; else 0."""
    if message.raw.count(b"@", 0, message.body_offset) <= most:
        return 0
    values = [field.value[:_ENOUGH] for field in header_fields(message.raw) if field.name in _SHOWN]
    shown = {a for value in values for a in addresses([value])}  # apart: one that cannot be read hides no other
    count = sum(not a.belongs_to(domains) for a in shown)
    return count if count > most else 0


def misnamed(message: Message) -> Mapping[Address, tuple[str, ...]]:
    """Addresses of To and Cc beside which the name of a person stands that they are not made of."""
    raw, end, found = message.raw, message.body_offset, dict[Address, tuple[str, ...]]()
    for field in _TO_AND_CC.finditer(raw, 0, end):
        if b"<" in field[1]:
            found.update(_misnamed(field[1][:_NAMES_ENOUGH]))
    return found


@lru_cache(maxsize=2048)
def _misnamed(value: bytes) -> tuple[tuple[Address, tuple[str, ...]], ...]:
    """Of one field; the same one comes again and again."""
    text = value.decode("utf-8", "replace")
    named = ((name_of(shown), address) for shown, address in _pairs(text) if "@" in address)
    return tuple((Address.of(a), name) for name, a in named if name and not fits(name, folded(a)))


def _pairs(text: str) -> list[tuple[str, str]]:
    """Names and addresses of one field, which may hold anything."""
    if _NOT_PLAIN.isdisjoint(text):
        return _PLAIN_PAIR.findall(text)
    try:
        return [(decoded(name.encode()).text, address) for name, address in getaddresses([text]) if name]
    except (ValueError, IndexError, RecursionError, AttributeError):  # as in ``words.addresses``
        return []


def glanced(facts: Facts, ports: Ports) -> Facts:
    """A harmless mail with the guard's doubts, if there are any: addresses that this officer is not known to write to.

    Raises ``RegisterUnavailable``, ``VaultUnavailable``: a doubt that cannot be looked into now is not passed over.
    """
    now = facts.circle.at
    strange = ports.correspondents.strange(facts.sender, facts.recipients, now)
    names = ports.correspondents.misnamed(facts.message)
    named = tuple(r for r in facts.recipients if r in names) if names else ()
    outside = tuple(dict.fromkeys((*strange, *named)))
    if not outside or not facts.sender.key:
        return facts
    guard = Guard(
        outside=outside,
        people=frozenset(),
        visible=0,
        vouched=frozenset(),
        known=ports.correspondents.known(facts.sender, outside, tuple(names[r] for r in named)),
        rules=ports.rules.guard,
        looks=ports.correspondents.looks,
        private=False,
        names={r: names[r] for r in named},
    )
    doubts = guard.suspicions(now)
    ports.correspondents.familiar(facts.sender, [r for r in strange if r not in doubts], now)
    told = ports.correspondents.warned(facts.sender, doubts) if doubts else frozenset()
    doubts = {r: found for r, found in doubts.items() if r not in told}
    return replace(facts, doubts=doubts) if doubts else facts


def guarded(facts: Facts, shown: int, ports: Ports, *, private: bool) -> Facts:
    """The same with the guard's doubts, where there is an officer and somebody outside; ``shown`` as :func:`visible`.

    Raises ``RegisterUnavailable``, ``VaultUnavailable``.
    """
    outside = tuple(r for r in facts.recipients if r not in facts.circle.staff)
    if not outside or not facts.sender.key:
        return facts
    names = {r: n for r, n in ports.correspondents.misnamed(facts.message).items() if r in outside}
    guard = Guard(
        outside=outside,
        people=facts.subjects.people - facts.subjects.weak,
        visible=shown or ports.correspondents.visible(facts.message, 0),
        vouched=frozenset(r for r in outside if vouched(facts, r, ports.rules)),
        known=ports.correspondents.known(facts.sender, outside, tuple(names.values())),
        rules=ports.rules.guard,
        looks=ports.correspondents.looks,
        private=private,
        names=names,
    )
    return replace(facts, doubts=guard.suspicions(facts.circle.at), looked=guard.looked())
