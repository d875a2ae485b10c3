"""A 'Permission to share' form, made of what the person said, to whoever signs it on the pick-up pages.

What is signed is what will be recorded: nobody copies a form by hand.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

import structlog
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from cli.pickup.putting import Own, file, put_aside
from config.settings import Settings
from domain.errors import SallyportError, TryAgain
from domain.model import Category

if TYPE_CHECKING:
    from register.models import Party, Person
    from vault.models import AskedPermission
    from vault.pickup.copy import Waiting

NAME = "Permission to share.pdf"
_MARGIN = 20 * mm
_TEXT = "Please read the form. If you agree, sign it: open the document, and choose to sign it."
_LOG = structlog.get_logger("worker")


def send_all(settings: Settings, now: datetime) -> None:
    """All that officers asked for. One that cannot leave keeps no other."""
    from vault.pickup import asked

    for row in asked.to_send() if settings.pickup.recipient else ():
        try:
            _send(row, settings, now)
        except TryAgain as error:
            _LOG.warning("form not sent yet", asked=row.pk, reason=error.private)
        except SallyportError as error:
            _LOG.error("form not sent", asked=row.pk, reason=error.private)


def _send(row: AskedPermission, settings: Settings, now: datetime) -> None:
    from register.models import Party, Person
    from vault.pickup import asked

    person = Person.objects.select_related("officer").filter(ref=row.person).first()
    signer = Party.objects.filter(code=row.signer).first()
    if person is None or signer is None:
        _LOG.error("who signs is not in the register any more", asked=row.pk)
        return
    own, waiting = _form(row, person, signer, settings)
    record, digest = file(own, settings, now)
    if put_aside(own, record, digest, waiting, settings, now):
        asked.sent(row, record, now)


def _form(row: AskedPermission, person: Person, signer: Party, settings: Settings) -> tuple[Own, Waiting]:
    from vault.pickup.copy import Document, Waiting, Words

    told = list(lines(row, person, settings.service.name))
    content, said = pdf(told), "\n".join(text for _, text in told)
    kind = Category.PERMISSION_FORM
    own = Own(
        row.person, f"Permission to share to be signed: {row.code}", NAME, content, said, row.asked_at, row.asked_by,
        "a form to be signed, before it is sent", frozenset({kind}), frozenset({(row.person, kind)}),
    )  # fmt: skip
    document = Document(1, NAME, "application/pdf", len(content), (Words(1, said),), content, (kind.value,))
    officer = person.officer.email if person.officer else settings.service.address
    return own, Waiting(officer, signer.email, "A form for you to sign", row.asked_at, _TEXT, (document,))


def lines(row: AskedPermission, person: Person, service: str) -> Iterator[tuple[str, str]]:
    """Style and text, in order: the form as people know it."""
    from register.models import PersonName

    name = PersonName.objects.filter(person=person, main=True).values_list("name", flat=True).first() or ""
    draft: dict[str, Any] = row.draft
    yield "Title", "PERMISSION TO SHARE"
    yield "Normal", f"{service}. Form {row.code}."
    born = f"Date of birth: {person.date_of_birth:%d/%m/%Y}. " if person.date_of_birth else ""
    number = f"NHS number: {person.nhs_number}. " if person.nhs_number else ""
    yield "Normal", f"Name: {name}. {born}{number}Our number: {person.council_id}."
    yield "Normal", f"I give my permission for {service} to share information about me with the people named below."
    for line in draft.get("lines", ()):
        kinds = ", ".join(Category(c).label for c in line["categories"])
        purposes = f" What for: {'; '.join(line['purposes'])}." if line["purposes"] else ""
        yield "Normal", f"Who may know: {line['name']}. What they may know: {kinds}.{purposes}"
    if not draft.get("lines"):
        yield "Normal", "Nobody. I do not want anything about me to be shared with others."
    yield "Normal", "I understand that I can withdraw my permission at any time."
    yield "Normal", "It is looked at again with me at least once a year."


def pdf(told: list[tuple[str, str]]) -> bytes:
    """The same octets for the same form."""
    styles = getSampleStyleSheet()
    found: list[Flowable] = [Paragraph(escape(text), styles[style]) for style, text in told]
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, title="Permission to share", lang="en-GB", leftMargin=_MARGIN, rightMargin=_MARGIN,
        invariant=1,
    ).build(found)  # fmt: skip
    return out.getvalue()
