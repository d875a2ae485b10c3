"""Two years of a service, as rows: mails with their index, journal and audit events; held mail, pick-ups, incidents."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from benchmarks.search.corpus import CLASSES, PEOPLE, PEOPLE_WEIGHTS, VOCABULARY

OFFICERS = [f"officer{n}@council.example" for n in range(40)]
_YEARS = timedelta(days=730)
_BATCH, _EVENTS = 2_000, 10
_EVERY_HELD, _WAITING, _EVERY_PICKED, _INCIDENTS = 50, 150, 3, 40
_GRANTED, _PICKED_UP = "pick-up granted", "pick-up opened"
_RELAY = ("filed", "decided", "intended", "outcome delivered")
_PEOPLE = ("held mails listed", "search", "record looked at", "person shown", "held mail opened", "opened")


def fill(mails: int, now: datetime) -> None:
    """Everything; some minutes."""
    _register()
    for start in range(0, mails, _BATCH):
        _mails(range(start, min(start + _BATCH, mails)), mails, now)
        if start % 20_000 == 0:
            print(f"  {start:,} mails", file=sys.stderr)
    _blocks()
    _incidents(now)


def _register() -> None:
    from register import models as m
    from register.acting import acting

    with acting("bench"):
        team = m.Team.objects.create(code="T-9")
        officers = [
            m.Party.objects.create(code=f"O-9{n}", kind="officer", name=f"Officer {n}", email=address, team=team)
            for n, address in enumerate(OFFICERS)
        ]
        for n, ref in enumerate(PEOPLE):
            person = m.Person.objects.create(ref=ref, council_id=f"SL-1{n:04}", officer=officers[n % len(officers)])
            m.PersonName.objects.create(person=person, name=f"Person{n} Family{n % 70}", main=True)


def _mails(numbers: range, size: int, now: datetime) -> None:
    from domain.errors import VaultUnavailable
    from vault import sql
    from vault.models import AuditEvent, HeldMail, JournalEntry, PickupGrant, RetentionState, VaultRecord, VaultSubject
    from vault.rows import writing
    from vault.search import index
    from vault.search.document import index as indexed

    keyed = _keyed()
    made = [_mail(n, size, now) for n in numbers]
    with writing(VaultUnavailable):
        sql.insert(VaultRecord, [record for record, *_ in made])
        sql.insert(VaultSubject, [{"record_id": r["id"], "person": p} for r, p, _ in made])
        sql.insert(JournalEntry, [_journal(r) for r, *_ in made])
        for record, _, source in made:
            index.add(record["id"], indexed(source, keyed))
        events = [e for n, (record, *_) in zip(numbers, made, strict=True) for e in _events(n, record)]
        sql.insert(AuditEvent, events)
    HeldMail.objects.bulk_create(_held(n, r, size, HeldMail) for n, (r, *_) in zip(numbers, made, strict=True)
                                 if n % _EVERY_HELD == 0)  # fmt: skip
    PickupGrant.objects.bulk_create(_grant(n, r, PickupGrant) for n, (r, *_) in zip(numbers, made, strict=True)
                                    if n % _EVERY_PICKED == 1)  # fmt: skip
    RetentionState.objects.bulk_create(_retention(r, now, RetentionState) for r, *_ in made)
    index.fold()


def _retention(record: dict[str, Any], now: datetime, table: Any) -> Any:
    """One in fifty has run out; the others are due over the next years."""
    chance = random.Random(record["digest"])
    until = (now + timedelta(days=chance.randrange(-40, 2_000))).date()
    return table(record_id=record["id"], until=until, record_class=record["classes"][0], event="received",
                 day=record["received_at"].date(), reckoned_at=now, tags_behind=False)  # fmt: skip


def _keyed() -> Any:
    from config.django import SETTINGS
    from gateway.bootstrap import build_keyed

    return build_keyed(SETTINGS)


def _mail(n: int, size: int, now: datetime) -> tuple[dict[str, Any], str, Any]:
    from domain.model import PageText, Place
    from vault.ids import new_id
    from vault.records import NewRecord
    from vault.search.document import Source

    chance = random.Random(n)
    at = now - _YEARS * ((size - n) / size)
    kind, person = chance.choice(CLASSES), chance.choices(PEOPLE, cum_weights=PEOPLE_WEIGHTS)[0]
    sender, to = chance.choice(OFFICERS), f"carer{chance.randrange(400)}@carers.example"
    action = "HOLD" if n % _EVERY_HELD == 0 else chance.choice(("RELAY", "ENCRYPT"))
    decided = [_decided(action) | {"recipient": to}]
    record = vars(NewRecord(new_id(at), f"{n:064}", sender, f"{n:064}", at, at, [kind], at + _YEARS * 3, decided))
    page = PageText("1", Place.BODY, 1, " ".join(chance.choices(VOCABULARY[:4000], k=14)))
    return record, person, Source([page], "", [], sender, [to], [person], [kind], [action], at)


@cache
def _decided(action: str) -> dict[str, Any]:
    from domain.decision import Action
    from tests.support.filed import decided
    from vault.records import dump

    return dump(decided("carer@carers.example", Action[action]))


def _journal(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "digest": record["digest"], "sender": record["sender"], "recipient": record["decisions"][0]["recipient"],
        "state": "done", "owner": "", "lease_until": None, "fate": "delivered", "detail": "", "record": record["id"],
        "changed_at": record["received_at"],
    }  # fmt: skip


def _events(n: int, record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Eight of the relay's and two of people, with nothing in their leaves: no root is made of them here.

    Two of three mails that wait for their recipient are opened.
    """
    to = record["decisions"][0]["recipient"]
    opened = n % _EVERY_PICKED == 1 and n // _EVERY_PICKED % 3
    for number in range(_EVENTS):
        mine = number < _EVENTS - (1 if opened else 2)
        action = _RELAY[number % 4] if mine else _PEOPLE[(n + number) % len(_PEOPLE)]
        if n % _EVERY_PICKED == 1 and number == _EVENTS - 3:
            action = _GRANTED
        if opened and number == _EVENTS - 2:
            action = _PICKED_UP
        yield {
            "at": record["received_at"], "actor": "relay" if mine else f"console:person{n % 30}@council.example",
            "action": action, "record": record["id"], "why": "" if mine else "a reason",
            "details": {"recipient": to} if mine else {}, "leaf": f"{n * _EVENTS + number:064x}",
        }  # fmt: skip


def _held(n: int, record: dict[str, Any], size: int, table: Any) -> Any:
    newest = n >= size - _WAITING * _EVERY_HELD
    decision = record["decisions"][0]
    return table(record_id=record["id"], recipient=decision["recipient"], decision=decision,
                 state="held" if newest else "released", held_at=record["received_at"])  # fmt: skip


def _grant(n: int, record: dict[str, Any], table: Any) -> Any:
    at = record["received_at"]
    return table(id=record["id"], record=record["id"], digest=record["digest"], sender=record["sender"],
                 recipient=record["decisions"][0]["recipient"], link_sha256=f"{n:064}", documents=1, key=f"k{n}",
                 version="1", sealed_sha256="0" * 64, made_at=at, until=at + timedelta(days=30))  # fmt: skip


def _blocks() -> None:
    from vault.search import blocks

    while blocks.make_ready():
        pass


def _incidents(now: datetime) -> None:
    from domain.incident import Nature
    from vault.acting import Acting
    from vault.incidents import casebook
    from vault.models import VaultRecord

    ids = list(VaultRecord.objects.order_by("-id").values_list("id", flat=True)[: _INCIDENTS * 20])
    for n in range(_INCIDENTS):
        acting = Acting("console:breach-team@council.example", now, "bench")
        casebook.open_incident(Nature.LOST, now - timedelta(hours=n), ids[n * 20 : n * 20 + 20], acting)
