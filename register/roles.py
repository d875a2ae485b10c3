"""What somebody is where a text names them: whom it is about, their carer, a professional, or just named.

By the words right beside the name, never by a guess over a sentence: "Carer: Ann Lee", "Dr Ann Lee", "Ann Lee (social
worker)", a signature. Whoever is taken for a carer or a professional is left out of a decision, so what could be read
in two ways (a list with commas, a column of a table) leaves the name what it is: somebody of the register.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.subjects import Role

_WORKERS = (
    r"(?:social worker|care manager|case manager|team manager|service manager|manager|head of service|team leader"
    r"|duty officer|shared lives (?:officer|worker|manager)|support worker|key ?worker|gp|general practitioner"
    r"|(?:community |district |practice |learning disability )?nurse|psychiatrist|psychologist|consultant"
    r"|(?:occupational |speech (?:and|&) language )?therapist|physiotherapist|dietitian|dietician|pharmacist|dentist"
    r"|optician|advocate|imca|solicitor|assessor|reviewing officer|investigating officer|officer|author|referrer"
    r"|chair(?:person)?|minute[- ]taker|tutor|teacher|interpreter|appointee|care co-?ordinator)"
)
_CARERS = r"(?:(?:shared lives |respite |former |previous |main |second |back-?up )?carers?|host family)"
_TITLE = r"(?:(?:mr|mrs|ms|miss|mx)\.?\s+)?"
_LEAD = 70


def _label(who: str) -> re.Pattern[str]:
    """``who`` as a label before a name: "carer: ", "name of carer - ", "Carer's name: "."""
    written = rf"(?:name of (?:the )?)?{who}(?:'s|\u2019s)?(?: names?| details)?"
    return re.compile(rf"(?:^|[^\w-]){written}[ ]?[:\u2013-][ \t]*{_TITLE}$", re.IGNORECASE)


_CARER_LABEL, _WORKER_LABEL = _label(_CARERS), _label(_WORKERS)
_DONE_BY = r"(?:assessed|reviewed|chaired|dictated) by"
_BESIDE = re.compile(
    rf"(?:^|[^\w-])(?:(?P<carer>{_CARERS})|{_WORKERS}|{_DONE_BY})(?:[ ](?:is |named |called )?|[ ]*\t[ ]*){_TITLE}$",
    re.IGNORECASE,
)
"""The word right before the name: "her carer Ann Lee", but also "told the officer Ann Lee had fallen".

Or the cell before, whatever the columns are.
"""
_PROFESSION = re.compile(
    r"(?:^|[^\w])(?:dr|doctor|prof|professor|cllr|councillor|pc|dc|sgt|rev|reverend|judge)\.?[ \t]+$", re.IGNORECASE
)
_BEHIND = re.compile(rf"[ \t]*\([ \t]*(?:[a-z]+ ){{0,2}}(?:(?P<carer>{_CARERS})|{_WORKERS})[ \t]*\)", re.IGNORECASE)
_RANK = r"(?:(?:senior|lead|deputy|assistant|principal|specialist) )?"
_BEHIND_TO_END = re.compile(
    rf"[ \t]*,[ \t]*{_RANK}(?:(?P<carer>{_CARERS})|{_WORKERS})[ \t]*\.?(?=\n|$)",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"\b(?:regards|sincerely|faithfully|wishes|thanks|thank you)\b[^\w]*$", re.IGNORECASE)
_NEXT_LINE = re.compile(rf"[ \t]*\n[ \t]*{_RANK}{_WORKERS}[^\n:\t]{{0,40}}(?=\n|$)", re.IGNORECASE)
_PERSON = r"(?:patient|service user|client|person|resident|adult|individual|customer)"
_ABOUT = re.compile(
    r"(?:^|[\n\t|]|[^\w]re:?|[^\w]regarding)[ \t]*(?:re|ref|subject|concerning|about|regarding"
    rf"|(?:full |preferred |my )?name(?: is| of (?:the )?{_PERSON})?"
    rf"|{_PERSON}(?:'s|\u2019s)?(?: full)?(?: name)?|i am)?"
    rf"[ \t]*[:\u2013|\t-]*[ \t]*{_TITLE}$",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[a-z]", re.IGNORECASE)
_HEAD, _SHORT_LINE = 300, 12


@dataclass(frozen=True, slots=True)
class Stated:
    """``sure``: it cannot be read in another way. Otherwise it counts where the register knows such a worker."""

    role: Role
    sure: bool = True


def stated(text: str, start: int, end: int) -> Stated:
    """What the words beside the name at ``start`` to ``end`` say of its bearer."""
    lead = text[max(0, start - _LEAD) : start]
    line = lead.rpartition("\n")[2]
    if _PROFESSION.search(line) or _WORKER_LABEL.search(line):
        return Stated(Role.PROFESSIONAL)
    if _CARER_LABEL.search(line):
        return Stated(Role.CARER)
    if behind := _BEHIND.match(text, end):
        return Stated(Role.CARER if behind["carer"] else Role.PROFESSIONAL)
    if beside := _BESIDE.search(line) or _BEHIND_TO_END.match(text, end):
        return Stated(Role.CARER if beside["carer"] else Role.PROFESSIONAL, sure=False)
    if not line.strip() and _CLOSING.search(lead) and _NEXT_LINE.match(text, end):
        return Stated(Role.PROFESSIONAL)
    return Stated(Role.ABOUT if _is_about(text, start, end, lead) else Role.MENTIONED)


def _is_about(text: str, start: int, end: int, lead: str) -> bool:
    """A label that says so, or a title line near the head of the text."""
    label = _ABOUT.search(lead)
    if label and _LABELLED.search(label[0]):
        return True
    head = text.rfind("\n", 0, start) + 1
    tail = text.find("\n", end)
    line = text[head : len(text) if tail < 0 else tail]
    title = start < _HEAD and len(line.split()) <= _SHORT_LINE and not line.rstrip().endswith((".", ",", ";"))
    title = title and not set(":\t|") & set(text[head:start])
    return title and bool(_LABELLED.search(text[head:start] + text[end : head + len(line)]))
