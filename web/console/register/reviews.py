"""What has to be looked at, the overdue first; and the reviews that were held."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from domain.due import Due, Matter, Stage, in_order
from register import due, recording
from register import models as m
from web import clock
from web.console.doors import permits, who
from web.console.mailboxes import with_mailboxes
from web.console.may import SEES_EVERYBODY, Action, Who, may
from web.console.register import scope
from web.console.register.change import Change, RowForm, answer
from web.console.register.days import DayField
from web.console.register.fields import text
from web.console.register.looks import looked
from web.console.register.policy import rules

_TITLES = {
    Matter.RELEASE: "Urgent releases to look at",
    Matter.REQUEST: "Permission in question: ask the person",
    Matter.PERMISSION: "Permissions to review",
    Matter.BASIS: "Other grounds for sharing to look at again",
    Matter.TRAINING: "Carers whose data-protection training is due",
    Matter.APPRAISAL: "Carers whose yearly appraisal is due",
}


@permits(Action.REGISTER_SEE)
def reviews(request: HttpRequest) -> HttpResponse:
    """Of those whom they may see."""
    looked(request, "reviews listed")
    now, whoever = clock.now(), who(request)
    found = [(s, d) for s, d in in_order(due.read(now, rules()), now) if d.matter in _TITLES]
    if not whoever.roles & SEES_EVERYBODY:
        theirs = _about(whoever)
        found = [(s, d) for s, d in found if d.about in theirs]
    links = _links([d for _, d in found])
    groups = [
        (title, [(s, d, links.get((d.matter, d.ref), "")) for s, d in found if d.matter is matter])
        for matter, title in _TITLES.items()
    ]
    late = sum(stage is Stage.OVERDUE for stage, _ in found)
    context = {"title": "Reviews due", "groups": [g for g in groups if g[1]], "late": late}
    context["names"] = _names({d.about for _, d in found})
    context["may_change"] = may(whoever, Action.REGISTER_CHANGE)
    return render(request, "console/register/reviews.html", context)


def _about(whoever: Who) -> frozenset[str]:
    """Council IDs of their people, and ids of the carers around these."""
    people = scope.people(whoever).values_list("council_id", flat=True)
    return frozenset(people) | frozenset(scope.parties(whoever, change=True).values_list("code", flat=True))


def _names(about: set[str]) -> dict[str, str]:
    """What these people and carers are called, by council ID or id."""
    people = m.PersonName.objects.filter(person__council_id__in=about, main=True).values_list(
        "person__council_id", "name"
    )
    return dict(people) | dict(m.Party.objects.filter(code__in=about).values_list("code", "name"))


def _links(dues: list[Due]) -> dict[tuple[Matter, str], str]:
    """Where each is settled."""
    refs = {matter: [d.ref for d in dues if d.matter is matter] for matter in _TITLES}
    forms = m.Permission.objects.filter(code__in=refs[Matter.PERMISSION]).values_list("code", "pk")
    bases = m.SharingBasis.objects.filter(code__in=refs[Matter.BASIS]).values_list("code", "pk")
    trained = [*refs[Matter.TRAINING], *refs[Matter.APPRAISAL]]
    carers = m.Party.objects.filter(code__in=trained).values_list("code", "pk")
    found = {(Matter.PERMISSION, code): reverse("register-permission-change", args=[pk, "renew"]) for code, pk in forms}
    found |= {(Matter.BASIS, code): reverse("reviews-settle", args=["basis", pk]) for code, pk in bases}
    found |= {(Matter.REQUEST, r): reverse("reviews-settle", args=["request", int(r)]) for r in refs[Matter.REQUEST]}
    found |= {(Matter.RELEASE, r): reverse("reviews-settle", args=["release", int(r)]) for r in refs[Matter.RELEASE]}
    for code, pk in carers:
        where = reverse("register-party-change", args=[pk, "training"])
        found |= {(Matter.TRAINING, code): where, (Matter.APPRAISAL, code): where}
    return found


class OutcomeForm(RowForm):
    """What came of it."""

    outcome = text("What came of it?", required="Say what came of it.", rows=4)


class BasisForm(OutcomeForm):
    """What came of it, and whether it is looked at again."""

    next_due = DayField("When is it looked at again?", required=False, hint="Empty: not any more")


@permits(Action.REGISTER_CHANGE)
def settle(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """One of them: that it was looked at, and what came of it."""
    if kind not in KINDS:
        raise Http404
    row = KINDS[kind].objects.filter(pk=key).first()
    if row is None or not _theirs(who(request), row):
        raise Http404
    by = request.user.name  # type: ignore[union-attr]
    return answer(request, _change(kind, by), row, reverse("reviews"), _caption(row))


KINDS: dict[str, Any] = {"request": m.ReviewRequest, "release": m.UrgentRelease, "basis": m.SharingBasis}


def _theirs(whoever: Who, row: Any) -> bool:
    """An urgent release is looked at by somebody else than the officer who asked for it."""
    people = scope.people(whoever, change=True)
    if isinstance(row, m.UrgentRelease):
        return not with_mailboxes(whoever).sends_as(row.officer) and (
            people.filter(ref__in=row.people).exists() or bool(whoever.roles & SEES_EVERYBODY)
        )
    return bool(people.filter(pk=row.person_id).exists())


def _caption(row: Any) -> str:
    if isinstance(row, m.UrgentRelease):
        return f"{row.officer} to {row.recipient}, {row.concern}"
    if isinstance(row, m.ReviewRequest):
        return f"{row.person.council_id}: {row.officer} wrote to {row.recipient}"
    return f"{row.person.council_id}: {row.basis}, {row.code}"


def _change(kind: str, by: str) -> Change:
    if kind == "request":
        return Change(
            "The person was asked", OutcomeForm,
            lambda row, said, now: recording.close_review_request(row.pk, now, by=by, outcome=said["outcome"]),
            "The request is closed.", ("What they permitted is recorded as a permission, on its own.",),
        )  # fmt: skip
    if kind == "release":
        return Change(
            "An urgent release was looked at", OutcomeForm,
            lambda row, said, now: recording.review_release(row.pk, now, by=by, outcome=said["outcome"]),
            "The review is recorded.",
        )  # fmt: skip
    return Change(
        "Another ground for sharing was looked at", BasisForm,
        lambda row, said, now: recording.review_basis(
            row.code, now, outcome=said["outcome"], next_due=said["next_due"]
        ),
        "The review is recorded.",
    )  # fmt: skip
