"""``sallyport explain FILE.eml``: the whole decision with its evidence, and no side effect.

Runs steps 2 to 6 of the pipeline on a file, with the real classifiers, register and
policy. Nothing is protected, filed, delivered or recorded.
"""

from __future__ import annotations

import json
from email import policy
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path
from textwrap import fill
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.explain_trace import as_json as trace_as_json
from cli.explain_trace import print_trace
from cli.frame import InputError, command, framed, mailbox
from domain.decision import Decision
from domain.model import Address, Envelope, Evidence
from domain.policy import Facts, confidential, decide
from domain.rules import Rules
from domain.trace import trace as traced


@command
def explain(
    file: Annotated[Path, typer.Argument(help="A mail as a file (.eml).")],
    sender: Annotated[str, typer.Option("--from", help="The envelope sender; else the From field's.")] = "",
    to: Annotated[
        list[str] | None, typer.Option("--to", help="An envelope recipient (repeat); else To and Cc.")
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Also every row of the policy that was looked at.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All of it, for a program to read.")] = False,
) -> None:
    """Show what would be decided about a mail, for each recipient, and why. Changes and sends nothing."""
    settings = framed()
    from gateway.bootstrap import built
    from gateway.clock import SystemClock
    from gateway.pipeline import gather

    raw = _read(file)
    envelope = _envelope(raw, sender, to or [], SystemClock().now())
    with built(settings) as ports:
        facts = gather(envelope, ports.parse(raw), envelope.recipients, ports)
        decisions = decide(facts, ports.rules)
    names = _council_ids(facts)
    if as_json:
        print(json.dumps(_as_json(facts, decisions, ports.rules, names), indent=2, ensure_ascii=False))
    else:
        _print(facts, decisions, ports.rules, names)
    if trace and not as_json:
        for decision in decisions:
            print_trace(Console(highlight=False), decision, traced(facts, ports.rules, decision), names)


def _read(file: Path) -> bytes:
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InputError("mail file", public=f"The file {file} cannot be read.") from error
    # A file on disk often has bare LF lines; on the wire they would be CRLF.
    return raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n")


def _envelope(raw: bytes, sender: str, to: list[str], now: Any) -> Envelope:
    headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
    if not headers.keys():
        raise InputError("no header", public="The file is not a mail: it does not begin with header fields.")
    fields = [str(v) for name in ("To", "Cc", "Bcc") for v in headers.get_all(name, [])]
    recipients = [mailbox(r) for r in to] or [Address.of(a) for _, a in getaddresses(fields) if "@" in a]
    author = next((a for _, a in getaddresses([str(headers.get("From", ""))])), "")
    if not recipients:
        raise InputError("no recipient", public="The mail names no recipient; give one with --to.")
    return Envelope(_sender(sender or author, given=bool(sender)), tuple(dict.fromkeys(recipients)), now)


def _sender(text: str, *, given: bool) -> Address:
    """``<>`` is the null sender; what the From field says is taken as it is."""
    return mailbox(text) if given and text != "<>" else Address.of(text)


def _council_ids(facts: Facts) -> dict[str, str]:
    from register.models import Person

    return dict(Person.objects.filter(ref__in=facts.subjects.people).values_list("ref", "council_id"))


def _print(facts: Facts, decisions: tuple[Decision, ...], rules: Rules, names: dict[str, str]) -> None:
    console = Console()
    found = Table(
        "part", "what it seems to be", "likelihood", "counts", "because of these words", title="What was found"
    )
    counted = confidential(facts.analysis, facts.subjects, rules)
    for f in sorted(facts.analysis.findings, key=lambda f: -f.likelihood):
        words = "; ".join(escape(f"'{' '.join(e.text.split())}' ({_page(e)})") for e in f.evidence[:6])
        found.add_row(escape(f.part), f.category.label, f"{f.likelihood:.2f}", "yes" if f in counted else "no", words)
    for u in facts.message.unreadable + facts.analysis.unreadable:
        found.add_row(escape(u.part), "[bold]unreadable[/]", "", "yes", escape(f"{u.filename} {u.reason}"))
    for d in facts.analysis.disagreements:
        found.add_row(
            escape(d.part), "not what it says", "", "yes", escape(f"{d.filename}: {d.declared_type}, is {d.true_type}")
        )
    console.print(found)
    about = Table("person", "found by", "where", "words", title=f"Whom it is about: {facts.subjects.match}")
    for m in facts.subjects.mentions:
        who = " or ".join(sorted(names.get(p, p) for p in m.people))
        about.add_row(escape(who), f"{m.by}; {m.role}", _where(m.evidence), escape(m.evidence.text))
    for m in facts.subjects.bystanders:
        about.add_row("nobody of the register", f"a {m.role}'s name", _where(m.evidence), escape(m.evidence.text))
    console.print(about)
    _print_identifiers(console, facts)
    _print_decisions(console, decisions, names)


def _where(evidence: Evidence) -> str:
    return f"{evidence.place} ({escape(evidence.part)})"


def _print_identifiers(console: Console, facts: Facts) -> None:
    found = Table("identifier", "where", "words", title="Identifiers")
    for i in facts.analysis.identifiers:
        found.add_row(
            f"{i.kind}{', decides nothing' if i.kind.everyday else ''}", _where(i.evidence), escape(i.evidence.text)
        )
    if facts.analysis.identifiers:
        console.print(found)


def _print_decisions(console: Console, decisions: tuple[Decision, ...], names: dict[str, str]) -> None:
    """A recipient a line, below it each reason, below that why and what to do; what did not decide is in brackets."""
    console.print("What would be done", style="italic")
    for decision in decisions:
        how = f"{decision.action.name} by {decision.method}" if decision.method else decision.action.name
        # An address cut in two is none.
        console.print(f"{escape(str(decision.recipient))}: [bold]{how}[/]", soft_wrap=True, highlight=False)
        for reason in sorted(decision.reasons, key=lambda r: -r.action):
            rule = reason.rule if reason.action is decision.action else f"({reason.rule})"
            category = reason.category.label if reason.category else ""
            row = ", ".join(filter(None, (rule, names.get(reason.person, ""), category)))
            _indented(console, row, 2)
            meant = f"Perhaps meant: {reason.instead}." if reason.instead else ""
            _indented(console, f"{reason.why}. {reason.fix} {meant}".strip(), 4)


def _page(evidence: Evidence) -> str:
    return f"page {evidence.page}, read from a picture" if evidence.pictured else f"page {evidence.page}"


def _indented(console: Console, text: str, by: int) -> None:
    edge = " " * by
    lines = fill(text, console.width, initial_indent=edge, subsequent_indent=edge, break_long_words=False)
    console.print(lines, soft_wrap=True, markup=False, highlight=False, emoji=False)


def _as_json(facts: Facts, decisions: tuple[Decision, ...], rules: Rules, names: dict[str, str]) -> dict[str, Any]:
    counted = confidential(facts.analysis, facts.subjects, rules)
    evidence = ("part", "place", "rule", "text", "page", "start", "end", "pictured")
    return {
        "subject": facts.message.subject,
        "found": [
            {
                "part": f.part,
                "category": f.category,
                "likelihood": round(f.likelihood, 4),
                "counts": f in counted,
                "evidence": [{k: getattr(e, k) for k in evidence} for e in f.evidence],
            }
            for f in facts.analysis.findings
        ],
        "unreadable": [
            {"part": u.part, "reason": u.reason, "file": u.filename}
            for u in facts.message.unreadable + facts.analysis.unreadable
        ],
        "disagreements": [
            {"part": d.part, "file": d.filename, "declared": d.declared_type, "is": d.true_type}
            for d in facts.analysis.disagreements
        ],
        "about": {
            "match": facts.subjects.match,
            "people": sorted(names.get(p, p) for p in facts.subjects.people),
            "by name alone": sorted(names.get(p, p) for p in facts.subjects.weak),
            "mentions": [
                {
                    "people": sorted(names.get(p, p) for p in m.people),
                    "by": m.by,
                    "role": m.role,
                    "part": m.evidence.part,
                    "text": m.evidence.text,
                }
                for m in facts.subjects.mentions
            ],
            "bystanders": [
                {"role": m.role, "part": m.evidence.part, "text": m.evidence.text} for m in facts.subjects.bystanders
            ],
        },
        "identifiers": [
            {"kind": i.kind, "part": i.evidence.part, "text": i.evidence.text} for i in facts.analysis.identifiers
        ],
        "decisions": [
            _decision_as_json(d, names) | {"trace": trace_as_json(traced(facts, rules, d), names)} for d in decisions
        ],
    }


def _decision_as_json(decision: Decision, names: dict[str, str]) -> dict[str, Any]:
    return {
        "recipient": str(decision.recipient),
        "action": decision.action.name,
        "method": decision.method,
        "obligations": sorted(decision.obligations),
        "reasons": [
            {
                "rule": r.rule,
                "action": r.action.name,
                "decisive": r.action is decision.action,
                "why": r.why,
                "fix": r.fix,
                "person": names.get(r.person, r.person),
                "category": r.category,
                "basis": r.basis,
                "instead": r.instead,
            }
            for r in decision.reasons
        ],
    }
