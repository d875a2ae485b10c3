"""One held mail: why it is held, what was found and where, whom it is about, and what would be decided now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from classifiers.drawing import CannotDraw
from domain.decision import Action as Done
from domain.decision import Decision, Reason
from domain.errors import SallyportError
from domain.here import HERE
from domain.model import Category
from domain.rules import Condition
from register import persons
from register.persons import Someone
from vault import correspondence
from vault.held import history, words
from vault.held.copy import Copy
from vault.held.waiting import Waiting, waiting
from web import clock
from web.console.desk import desk
from web.console.doors import permits, who
from web.console.held.documents import PART, documents, place_of
from web.console.mailboxes import with_mailboxes
from web.console.may import Action, Mail, refusal
from web.console.seeing import saw

_STOPPED = Condition.RECIPIENT_STOPPED.value
_WORTH_SAYING = 0.2
"""Likelihoods below it decide nothing, and would only confuse."""


@dataclass(frozen=True, slots=True)
class About:
    """One person and kind of document: how it stood when the mail was held, and how it stands now."""

    person: str = field(repr=False)
    kind: str
    then: str
    now: str


@permits(Action.HELD_OPEN)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """Everything that it takes to settle it. Opening is in the audit trail before anything is shown."""
    rows = waiting(number)
    if not rows:
        return _settled(request, number)
    row = rows[0]
    saw(request, "held mail opened", record=row.record, why="to settle it", recipient=row.recipient)
    copy, unopened = _opened(row)
    now = desk().now([row]).get(row.pk)
    reached = correspondence.reached(row.recipient)
    known = persons.by_ref(_refs(row, copy) | {each.person for each in reached if each.person})
    named = {ref: known[ref] for ref in _refs(row, copy) if ref in known}
    mail, whoever = mail_of(row), with_mailboxes(who(request))
    told = {
        "title": f"Held mail {number}",
        "row": row,
        "copy": copy,
        "unopened": unopened,
        "moment_now": clock.now(),
        "why": [(r, r.rule in desk().rules.acceptable, r.rule == _STOPPED) for r in row.decision.decisive],
        "stands": words.stands(row),
        "now": words.decided_now(now) if now else "",
        "about": list(_about(row.decision, now, known)),
        "documents": list(documents(copy)) if copy else [],
        "people": sorted(named.values(), key=str),
        "held_on": row.held_at.astimezone(HERE).date(),
        "found": _found(copy),
        "others": _others(copy, row),
        "reached": [(each, known.get(each.person)) for each in reached],
        "past": history.of_recipient(row.recipient, but=row.pk),
        "proposal": _proposal(row, known),
        **_other_ways(row),
        "no_settling": refusal(whoever, Action.HELD_SETTLE, mail),
        "no_agreeing": refusal(whoever, Action.HELD_AGREE, mail),
    }
    return render(request, "console/held/one.html", told)


@permits(Action.HELD_OPEN)
def picture(request: HttpRequest, number: int, part: str, page: int) -> HttpResponse:
    """A page of an attachment as a picture: pixels that a contained process drew, never the file itself."""
    rows = waiting(number)
    if not rows or not PART.match(part):
        raise Http404
    saw(request, "held mail's page seen", record=rows[0].record, why="to settle it", part=part, page=page)
    try:
        drawn = desk().draw(desk().open(rows[0].record), part, page)
    except CannotDraw:
        raise Http404 from None
    return HttpResponse(drawn.png, content_type="image/png", headers={"Content-Disposition": "inline"})


def mail_of(row: Waiting) -> Mail:
    """As far as permission goes."""
    proposed = row.settlement.by if row.settlement and row.settlement.state == "proposed" else ""
    return Mail(row.sender, proposed)


def _settled(request: HttpRequest, number: int) -> HttpResponse:
    """What became of it; nothing of what is in it."""
    past = history.settlement_of(number)
    if past is None:
        raise Http404
    return render(request, "console/held/settled.html", {"title": f"Held mail {number}", "past": past})


def _opened(row: Waiting) -> tuple[Copy | None, str]:
    try:
        return desk().open(row.record), ""
    except SallyportError as error:
        return None, error.public


def _refs(row: Waiting, copy: Copy | None) -> set[str]:
    named = {ref for n in copy.named for ref in n.people} if copy else set()
    settled = set(row.settlement.ruling.get("about", ())) if row.settlement else set()
    return set(row.people) | named | settled | {r.person for r in row.decision.reasons if r.person}


_SUREST = 0.99
"""No classifier is surer than that of what a paper is, and nobody should read that one is."""


def _found(copy: Copy | None) -> list[tuple[str, str, str, str]]:
    """Kind, how sure, where, by which words."""
    if copy is None:
        return []
    names = {path: name for path, name, _ in copy.files}
    return [
        (
            Category(f.category).label,
            f"{min(f.likelihood, _SUREST):.0%}",
            place_of(f.part, names),
            "; ".join(dict.fromkeys(e.text for e in f.evidence if e.text))[:200],
        )
        for f in sorted(copy.found, key=lambda f: -f.likelihood)
        if f.likelihood >= _WORTH_SAYING
    ]


def _about(then: Decision, now: Decision | None, known: dict[str, Someone]) -> Iterator[About]:
    """Each person and kind that a reason names."""
    before, after = _by_person(then.reasons), _by_person(now.reasons if now else ())
    for person, kind in dict.fromkeys((*before, *after)):
        name = str(known[person]) if person in known else "somebody who is no longer in the register"
        later = after.get((person, kind), "Nothing stands against it" if now else "Not known any more")
        yield About(name, Category(kind).label if kind else "everything", before.get((person, kind), ""), later)


def _by_person(reasons: Iterable[Reason]) -> dict[tuple[str, str], str]:
    said = defaultdict[tuple[str, str], list[str]](list)
    for reason in reasons:
        if reason.person:
            said[reason.person, reason.category or ""].append(reason.why)
    return {key: ". ".join(dict.fromkeys(whys)) for key, whys in said.items()}


def _others(copy: Copy | None, row: Waiting) -> list[tuple[str, str, str]]:
    """What was decided for the other recipients of the same mail."""
    if copy is None:
        return []
    return [
        (d.recipient.text, _DONE[d.action], d.decisive[0].why)
        for d in copy.decisions
        if d.recipient.text.casefold() != row.recipient.casefold()
    ]


def _other_ways(row: Waiting) -> dict[str, object]:
    """What was tried in vain, and under which number it waits for that address; and whose ruling brought it here."""
    tried = history.tried(row.pk)
    elsewhere = history.waiting_for(row.record, tried.to) if tried and tried.to else 0
    return {"tried": tried, "elsewhere": elsewhere, "meant": history.meant_for(row.record, row.recipient)}


_DONE = {
    Done.RELAY: "sent as it was", Done.ENCRYPT: "sent encrypted", Done.HOLD: "held", Done.REJECT: "refused",
    Done.DEFER: "to be tried again",
}  # fmt: skip


def _proposal(row: Waiting, known: dict[str, Someone]) -> dict[str, object] | None:
    """What a first reviewer proposed, in words, where a second one has to agree."""
    settlement = row.settlement
    if settlement is None or settlement.state != "proposed":
        return None
    whys = {r.rule: r.why for r in row.decision.reasons}
    ruling = settlement.ruling
    return {
        "by": settlement.by.removeprefix("console:"), "at": settlement.at, "why": settlement.why, "to": settlement.to,
        "accepts": [whys.get(rule, rule) for rule in ruling["accepts"]],
        "about": [str(known.get(ref, "somebody who is no longer in the register")) for ref in ruling["about"]],
        "is_not": [Category(c).label for c in ruling["is_not"]],
    }  # fmt: skip
