"""What waits, role by role. A task has a number and a word about lateness; one that is nothing is not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from config import policy
from domain.access_request import State as Stands
from domain.disposal import LineState, may_be_one
from domain.due import Stage, in_order
from domain.here import HERE
from domain.incident import State, clock
from domain.leaving import SIGNED_WITHIN
from register import due, leaving
from register.models import Person, SeenKey
from vault import operations, sent
from vault.errands import asking
from vault.export import cases
from vault.held import history
from vault.held.waiting import Waiting, waiting
from vault.incidents import casebook
from vault.leaving import cases as cases_of_leaving
from vault.models import DisposalLine, ErrandKind, InspectorAccess, LegalHold
from vault.pickup import asked
from web.accounts.models import Account
from web.accounts.roles import Role
from web.accounts.second_factor import has_factor
from web.console.mailboxes import with_mailboxes
from web.console.may import Who
from web.console.register import signed_papers
from web.pages.templatetags.pages import ago, end, plural

_LATE = timedelta(days=1)
_QUIET = timedelta(hours=4)
"""After so long without a mail, in working hours, somebody should look at the gateway."""


@dataclass(frozen=True, slots=True)
class Task:
    """``late`` is a few words, empty where nothing is; ``href`` is empty where the command line has to do still."""

    text: str
    says: str
    late: str = ""
    href: str = ""


def of(who: Who, now: datetime) -> list[Task]:
    """All that waits for this person, the late first. Raises ``VaultUnavailable``, ``RegisterUnavailable``."""
    whoever = with_mailboxes(who)
    found = [task for role in Role if role in who.roles for task in _BY_ROLE[role](whoever, now)]
    return sorted(dict.fromkeys(found), key=lambda task: not task.late)


def _reviewer(who: Who, now: datetime) -> Iterator[Task]:
    rows = waiting()
    mine = [r for r in rows if not who.sends_as(r.sender)]
    free = [r for r in mine if r.settlement is None]
    if free:
        late = [r for r in free if now - r.held_at > _LATE]
        said = f"{plural(len(free), 'mail')}, the oldest for {ago(free[0].held_at, now)}"
        yield Task("Held mail", said, f"{len(late)} for more than a day" if late else "", reverse("held"))
    if asked := [r for r in free if r.asked]:
        yield Task("Asked for by their officers", plural(len(asked), "held mail"), "", reverse("held"))
    if second := [r for r in mine if _waits_for_a_second(r, who)]:
        yield Task("Releases that need you as the second reviewer", plural(len(second), "mail"), "", reverse("held"))


def _waits_for_a_second(row: Waiting, who: Who) -> bool:
    return row.settlement is not None and row.settlement.state == "proposed" and row.settlement.by != who.actor


def _officer(who: Who, now: datetime) -> Iterator[Task]:
    from config.django import SETTINGS  # noqa: PLC0415 - read once; here so that tests may set others

    held = [r for r in waiting() if who.sends_as(r.sender)]
    if held:
        yield Task(
            "Your mails that are held", plural(len(held), "mail"), "", f"{reverse('sent')}?show={sent.Show.HELD}"
        )
    everything = in_order(due.read(now, policy.load(SETTINGS.policy_file)), now)
    mine = [(stage, each) for stage, each in everything if {who.email, *who.mailboxes} & set(each.officers)]
    late = [each for stage, each in mine if stage is Stage.OVERDUE]
    if mine:
        said = f"{plural(len(mine), 'thing')} within 30 days, for the people you look after"
        yield Task("Reviews and training", said, f"{len(late)} overdue" if late else "", reverse("reviews"))
    yield from _partings(who, now)
    people = _own_people(who)
    if signed := [row for row in asked.waits(people) if row.signed_at]:
        yield Task(
            "Permissions that were signed", f"{plural(len(signed), 'form')} to record", "", reverse("register-to-sign")
        )
    if papers := signed_papers.lately(people, now):
        said = f"{plural(len(papers), 'paper')} to put into the register"
        yield Task("Papers that were signed", said, "", reverse("register-to-sign"))


def _own_people(who: Who) -> list[str]:
    return list(Person.objects.filter(officer__email__in={who.email, *who.mailboxes}).values_list("ref", flat=True))


def _partings(who: Who, now: datetime) -> Iterator[Task]:
    """Of their own people: what has to come back from carers."""
    today, mine = now.astimezone(HERE).date(), {who.email, *who.mailboxes}
    open_ = [
        case
        for case in cases_of_leaving.still_open()
        if (found := leaving.parties(case.carer, case.person, today)) and found.officer in mine
    ]
    if open_:
        late = sum(today > case.ended_on + SIGNED_WITHIN for case in open_)
        said = f"{plural(len(open_), 'parting')}: papers to come back, copies to be deleted"
        yield Task("Placements that ended", said, f"{late} overdue" if late else "", reverse("leaving"))


def _evidence(who: Who, now: datetime) -> Iterator[Task]:
    """What somebody else asked the key holder for, and a second person agrees to."""
    rows = [
        row for row in asking.waiting_for_second(ErrandKind.EVIDENCE, now) if not may_be_one(who.actor, row.asked_by)
    ]
    if rows:
        oldest = reverse("evidence", args=[rows[0].pk])
        yield Task("Evidence that needs you as the second person", plural(len(rows), "file"), "", oldest)


def _answers(who: Who, now: datetime) -> Iterator[Task]:
    """Answers to requests for access, before they are sealed."""
    rows = asking.waiting_for_second(ErrandKind.ANSWER, now)
    if rows := [row for row in rows if not may_be_one(who.actor, row.asked_by)]:
        oldest = reverse("request-sealed", args=[rows[0].target.removeprefix("SAR-")])
        yield Task("Answers that need you as the second person", plural(len(rows), "request"), "", oldest)


def _keys() -> Iterator[Task]:
    """What came by mail from outside, and is not used before its owner was rung."""
    changed = list(SeenKey.objects.values_list("changed", flat=True))
    if changed:
        late = f"{sum(changed)} not as known before" if any(changed) else ""
        yield Task(
            "Keys that came by mail", f"{plural(len(changed), 'key')} to look at", late, reverse("register-keys")
        )


def _breach(who: Who, now: datetime) -> Iterator[Task]:
    yield from _evidence(who, now)
    open_ = list(casebook.register(every=False))
    if not open_:
        return
    states = [clock(row.judged, now).state for row in open_]
    late, soon = states.count(State.OVERDUE), states.count(State.SOON)
    said = f"{plural(len(open_), 'incident')} open{f', {soon} with less than a day left' if soon else ''}"
    yield Task("Suspected breaches", said, f"{late} past the 72 hours" if late else "", reverse("incident"))


def _records(who: Who, now: datetime) -> Iterator[Task]:
    yield from _evidence(who, now)
    yield from _answers(who, now)
    yield from _keys()
    today = now.astimezone(HERE).date()
    if requests := cases.still_open():
        clocks = cases.standings(requests, cases.bank_holidays(today), today).values()
        late = sum(clock.state is Stands.OVERDUE for clock in clocks)
        said = f"{plural(len(requests), 'request')} open"
        yield Task("Requests for access", said, f"{late} overdue" if late else "", reverse("requests"))
    if lines := DisposalLine.objects.filter(state=LineState.OPEN).count():
        yield Task("Disposals that two people approve", plural(lines, "line"), "", reverse("disposals"))
    holds = LegalHold.objects.filter(lifted_at=None)
    if late := holds.filter(review_on__lte=today).count():
        yield Task("Legal holds", plural(holds.count(), "hold"), f"{late} late to be looked at", reverse("holds"))
    if asked := holds.exclude(lift_asked_by__in=["", who.actor]).count():
        yield Task("Holds that need you as the second person", plural(asked, "hold"), "", reverse("holds"))


def _inspector(who: Who, now: datetime) -> Iterator[Task]:
    open_ = InspectorAccess.objects.filter(inspector=who.actor, ended_at=None, until__gt=now).order_by("until").first()
    if open_:
        yield Task("Your inspection", f"You may look until {end(open_.until)}", "", reverse("inspection"))


def _operator(_: Who, now: datetime) -> Iterator[Task]:
    received = history.last_received()
    if received is None:
        yield Task("The gateway", "It has not received any mail yet")
    else:
        quiet = now - received > _QUIET
        yield Task("The gateway", f"Its last mail came {ago(received, now)} ago", "quiet for long" if quiet else "")
    wrong = sum(not part.good for part in operations.parts())
    wrong += sum(not job.good or operations.is_late(job, now) for job in operations.jobs())
    if wrong:
        yield Task("Parts and jobs that are not well", plural(wrong, "thing"), "look at them", reverse("operations"))
    yield from _keys()
    bare = [a for a in Account.objects.filter(is_active=True) if not has_factor(a)]
    if bare:
        yield Task("Accounts that are not protected yet", plural(len(bare), "account"))


_BY_ROLE: Mapping[Role, Callable[[Who, datetime], Iterator[Task]]] = {
    Role.OFFICER: _officer,
    Role.REVIEWER: _reviewer,
    Role.BREACH: _breach,
    Role.RECORDS: _records,
    Role.INSPECTOR: _inspector,
    Role.OPERATOR: _operator,
}
