"""``sallyport permission``: who may know what about a person, and permissions withdrawn or renewed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import grounds, lines, paper
from cli.frame import InputError, command, framed
from cli.looking import looked
from cli.office import day, in_the_office, moment, print_json, print_table, shown
from config import policy
from domain.here import HERE
from domain.knowing import RELATIONS
from domain.knowing import said as in_words
from domain.model import Category
from domain.permission import ReviewIntervals, code_of
from domain.rules import Rules

if TYPE_CHECKING:
    from register.models import Permission
    from register.particulars import Particulars
    from register.standing import Knower, Standing

app = typer.Typer(no_args_is_help=True, help="Who may know what about a person; withdrawals and renewals.")

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.callback()
def _group() -> None:
    """Who may know what about a person; withdrawals and renewals."""


@app.command("show")
@command
def show(
    council_id: Annotated[str, typer.Argument(help="The person's council ID.")],
    at: Annotated[str | None, typer.Option(help="A day: how it stood at its end.")] = None,
    known_at: Annotated[str | None, typer.Option(help="A time: only what had been recorded by then.")] = None,
    as_json: Json = False,
) -> None:
    """Who may know what about a person: today, on another day, or as far as was known then."""
    settings = framed()
    from gateway.clock import SystemClock
    from register import particulars, standing

    known, on = moment(known_at, "--known-at"), day(at, "--at")
    when = _when(on, known or SystemClock().now())
    rules = policy.load(settings.policy_file)
    found = standing.read(council_id, when, rules.reviews, known_at=known)
    if found is None:
        then = "had been recorded by then" if known else "is in the register"
        public = f"Nobody with the council ID '{council_id}' {then}."
        raise InputError("no such person", public=public)
    looked("permission shown", person=_reference(council_id))
    told = particulars.read(council_id, known_at=known)
    if as_json:
        print_json(_as_json(found, rules, told))
    else:
        _print(found, rules, known, told)


def _reference(council_id: str) -> str:
    """As the audit trail names people; a council ID that was theirs once stays as it is."""
    from register.models import Person

    return Person.objects.filter(council_id=council_id).values_list("ref", flat=True).first() or council_id


def _when(on: date | None, now: datetime) -> datetime:
    """The end of the day that is asked for; now, if it is today or none."""
    if on is None or on == now.astimezone(HERE).date():
        return now
    return datetime.combine(on, time.max, HERE)


app.command("file")(paper.file)
app.add_typer(lines.app, name="line")
app.add_typer(grounds.app, name="ground")


@app.command("withdraw")
@command
def withdraw(
    code: Annotated[str, typer.Argument(help="The permission's id, as `permission show` prints it.")],
    recipients: Annotated[
        list[str] | None, typer.Option("--for", help="Only for this party or organisation (its id; repeat).")
    ] = None,
    by: Annotated[str, typer.Option(help="Who took it back.")] = "",
    as_json: Json = False,
) -> None:
    """Take a permission back, at once and for good: wholly, or for some recipients."""
    reviews = policy.load(framed().policy_file).reviews
    from gateway.clock import SystemClock
    from register import recording

    now = SystemClock().now()
    with in_the_office():
        form = recording.withdraw(code, now, by=by, recipients=recipients or ())
    whom = f" for {', '.join(recipients)}" if recipients else ""
    said = f"Withdrawn: {form.code}{whom}. The next mail is decided without it."
    _say(form, said, _due(form, now, reviews), as_json=as_json)


@app.command("renew")
@command
def renew(
    code: Annotated[str, typer.Argument(help="The permission's id, as `permission show` prints it.")],
    outcome: Annotated[str, typer.Option(help="What came of the review.")],
    held_on: Annotated[str | None, typer.Option(help="The day of the review; else today.")] = None,
    next_due: Annotated[str | None, typer.Option(help="When the next is due; else as the policy says.")] = None,
    as_json: Json = False,
) -> None:
    """Record that a permission was reviewed with the person, and kept."""
    settings = framed()
    from gateway.clock import SystemClock
    from register import recording

    reviews = policy.load(settings.policy_file).reviews
    held, due = day(held_on, "--held-on"), day(next_due, "--next-due")
    now = SystemClock().now()
    with in_the_office():
        form = recording.renew(code, now, reviews, outcome=outcome, held_on=held, next_due=due)
    until = _due(form, now, reviews)
    said = f"Renewed: {form.code}. The next review is due by {until:%d %B %Y}"
    said += f": the policy's interval counts, not {due:%d %B %Y}." if due and until < due else "."
    _say(form, said, until, as_json=as_json)


def _due(form: Permission, now: datetime, reviews: ReviewIntervals) -> date:
    """The last day on which it counts without another review, as mails are decided and as ``permission show`` says."""
    from register import standing

    found = standing.read(form.person.council_id, now, reviews)
    if found is None:  # deleted meanwhile
        return form.review_due
    dues = {p.ref: reviews.due(p, found.facts.capacity) for p in found.facts.permissions}
    return dues.get(form.code, form.review_due)


def _say(form: Permission, sentence: str, until: date, *, as_json: bool) -> None:
    if not as_json:
        print(sentence)
        return
    withdrawn = form.withdrawn_at.isoformat() if form.withdrawn_at else None
    print_json({"permission": form.code, "review_due": until.isoformat(), "withdrawn_at": withdrawn})


def _print(found: Standing, rules: Rules, known: datetime | None, told: Mapping[str, Particulars]) -> None:
    died = found.facts.died_on
    recorded = f", as recorded by {shown(known)}" if known else ""
    print(f"{found.council_id} on {shown(found.at)}{recorded}")
    print(f"Capacity: {found.facts.capacity}." + (f" Died on {died:%d %B %Y}." if died else ""))
    signed = sorted(found.facts.permissions, key=lambda p: (p.signed_on, p.ref), reverse=True)
    due = {p.ref: f"{rules.reviews.due(p, found.facts.capacity)}" for p in signed}
    forms: list[tuple[str, ...]] = [
        (p.ref, p.ground, f"{p.signed_on}", due[p.ref], _withdrawn(p.withdrawn_at), _paper(told.get(p.ref)))
        for p in signed
    ]
    columns = ("id", "kind", "signed", "review due", "withdrawn", "signed paper")
    print_table("Forms and decisions, the latest first", columns, forms)
    later: list[tuple[str, ...]] = [
        (p.ref, code_of(g.party), shown(g.since))
        for p in found.facts.permissions
        for g in p.grants
        if g.since is not None
    ]
    if later:
        print_table("Who came onto a form later", ("form", "who", "since"), later)
    purposes: list[tuple[str, ...]] = [
        (code, who, "; ".join(what)) for code, said in told.items() for who, what in said.purposes.items()
    ]
    if purposes:
        print_table("What for, where a form says so", ("form", "who", "what for"), purposes)
    print("Who may know what, and what would become of a mail to them:")
    for knower in found.knowers:
        print(_heading(knower))
        for line in in_words(knower.relation, knower.states, rules):
            print(f"  {line.what}: {line.mail}. {line.why} ({line.state}).")


def _withdrawn(when: datetime | None) -> str:
    return shown(when) if when else ""


def _paper(said: Particulars | None) -> str:
    if said is None or not said.document:
        return "not filed"
    return "in the vault" if paper.in_the_vault(said.document) else f"not in the vault: {said.document}"


def _heading(knower: Knower) -> str:
    related = RELATIONS[knower.relation]
    return f"{knower.code} ({related})" if knower.name == knower.code else f"{knower.code} {knower.name} ({related})"


def _as_json(found: Standing, rules: Rules, told: Mapping[str, Particulars]) -> dict[str, Any]:
    facts = found.facts
    return {
        "person": found.council_id,
        "at": found.at.isoformat(),
        "capacity": facts.capacity.value,
        "died_on": facts.died_on.isoformat() if facts.died_on else None,
        "permissions": [
            {
                "id": p.ref,
                "ground": p.ground.value,
                "signed_on": p.signed_on.isoformat(),
                "review_due": rules.reviews.due(p, facts.capacity).isoformat(),
                "withdrawn_at": p.withdrawn_at.isoformat() if p.withdrawn_at else None,
                "document": told[p.ref].document if p.ref in told else "",
                "lines": [
                    {
                        "id": code_of(g.party),
                        "purposes": told[p.ref].purposes.get(code_of(g.party), []) if p.ref in told else [],
                        "categories": [c.value for c in Category if c in g.categories],
                        "since": g.since.isoformat() if g.since else None,
                        "withdrawn_at": g.withdrawn_at.isoformat() if g.withdrawn_at else None,
                    }
                    for g in p.grants
                ],
            }
            for p in facts.permissions
        ],
        "recipients": [
            {"id": k.code, "relation": k.relation.value, "states": {c.value: s.value for c, s in k.states.items()}}
            for k in found.knowers
        ],
    }
