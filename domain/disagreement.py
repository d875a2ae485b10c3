"""The wrong-person check: one place of a mail names somebody whom another does not."""

from __future__ import annotations

from domain.mention import Mention, Role, without_doubt
from domain.model import Evidence, PartPath, Place


def disagreement(mentions: tuple[Mention, ...]) -> tuple[Evidence, ...]:
    """What the subject line, the body or a file name says of people about whom no attachment is."""
    attached = [m for m in mentions if m.evidence.place is Place.ATTACHMENT]
    if not any(len(m.people) == 1 for m in attached):
        return _between_subject_and_body(mentions)
    around = [m for m in mentions if m.evidence.place is not Place.ATTACHMENT]
    return tuple(m.evidence for m in around if not m.people & _answering(m, around, attached))


def _answering(mention: Mention, around: list[Mention], attached: list[Mention]) -> frozenset[str]:
    """Whom a mention outside the attachments may mean, so that they agree.

    A file's name answers to what is in that file. A subject line or a file's name that names nobody whom the files are
    about must not be excused by somebody who is only mentioned in them.
    """
    own = [m for m in attached if _in_file(m.evidence.part, mention)] or attached
    about = without_doubt(m for m in own if m.role is Role.ABOUT or m.by.strong)
    heads = {Place.SUBJECT_LINE, Place.FILE_NAME}
    if not about or mention.evidence.place not in heads:
        return without_doubt(own)
    beside = (m for m in around if m.evidence.part == mention.evidence.part and not m.hint)
    here = frozenset[str]().union(*(m.people for m in beside))
    return without_doubt(own) if here & about else about


def _in_file(part: PartPath, mention: Mention) -> bool:
    """Whether the mention is the name of the file with that part, or of one that holds it."""
    path = mention.evidence.part.removesuffix("#name")
    return mention.evidence.place is Place.FILE_NAME and (part == path or part.startswith((f"{path}/", f"{path}#")))


def _between_subject_and_body(mentions: tuple[Mention, ...]) -> tuple[Evidence, ...]:
    body = without_doubt(m for m in mentions if m.evidence.place is Place.BODY and not m.hint)
    line = [m for m in mentions if m.evidence.place is Place.SUBJECT_LINE]
    return tuple(m.evidence for m in line if body and not m.people & body)
