"""Writes the day's report on TLS for a partner (TLS-RPT, RFC 8460): JSON, and the mail around it.

Input: our own counts, and the address that the domain publishes. Failure: ``ValueError`` for a record of no use.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from domain.model import Address

_RECORD = re.compile(r"v=TLSRPTv1\s*;(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Count:
    """So many handshakes at one server under one policy; ``result`` empty: secured."""

    host: str
    policy: str
    lines: tuple[str, ...]
    result: str
    times: int


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who reports: ``domain`` and ``contact`` stand in the report, ``address`` sends it."""

    name: str
    domain: str
    contact: str
    address: str


def where_to(texts: Sequence[str]) -> tuple[str, ...]:
    """The addresses of the domain's record, mail and web (section 3); none where there is not exactly one record."""
    found = [m[1] for t in texts if (m := _RECORD.fullmatch(t.strip()))]
    if len(found) != 1:
        return ()
    fields = dict(pair.strip().partition("=")[::2] for pair in found[0].split(";"))
    uris = [uri.strip() for uri in fields.get("rua", "").split(",")]
    return tuple(uri for uri in uris if uri.startswith(("mailto:", "https://")))


def mailbox_of(uri: str) -> Address:
    """Of a ``mailto:``; what follows the address is not looked at."""
    path = unquote(urlsplit(uri).path)
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", path):
        raise ValueError("not a mailbox")
    return Address.of(path)


def report_of(domain: str, day: date, counts: Sequence[Count], by: Submitter) -> bytes:
    """The JSON of section 4.4, compressed (section 4.1)."""
    start = datetime.combine(day, time(), UTC)
    policies: dict[tuple[str, tuple[str, ...]], list[Count]] = {}
    for count in counts:
        policies.setdefault((count.policy, count.lines), []).append(count)
    report = {
        "organization-name": by.name,
        "date-range": {"start-datetime": _utc(start), "end-datetime": _utc(start + timedelta(days=1, seconds=-1))},
        "contact-info": by.contact,
        "report-id": report_id(domain, day, by),
        "policies": [_policy(domain, kind, lines, group) for (kind, lines), group in policies.items()],
    }
    return gzip.compress(json.dumps(report, ensure_ascii=False).encode(), mtime=0)


def report_id(domain: str, day: date, by: Submitter) -> str:
    """The same at each try, so that a second copy is known as one."""
    return f"{day.isoformat()}.{domain}@{by.domain}"


def _policy(domain: str, kind: str, lines: Sequence[str], counts: Sequence[Count]) -> dict[str, object]:
    policy: dict[str, object] = {"policy-type": kind, "policy-domain": domain}
    if lines:
        policy["policy-string"] = list(lines)
    if kind == "sts":
        policy["mx-host"] = [line.partition(":")[2].strip() for line in lines if line.startswith("mx:")]
    failed = [c for c in counts if c.result]
    return {
        "policy": policy,
        "summary": {
            "total-successful-session-count": sum(c.times for c in counts if not c.result),
            "total-failure-session-count": sum(c.times for c in failed),
        },
        "failure-details": [
            {"result-type": c.result, "receiving-mx-hostname": c.host, "failed-session-count": c.times} for c in failed
        ],
    }


def mail_of(domain: str, day: date, report: bytes, to: Address, by: Submitter, now: datetime) -> bytes:
    """The mail of section 5.3, which has to be signed (DKIM) before it leaves."""
    start = int(datetime.combine(day, time(), UTC).timestamp())
    name = report_id(domain, day, by)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = by.address, to.text
    mail["Date"], mail["Message-ID"] = format_datetime(now), f"<{name}>"
    mail["Subject"] = f"Report Domain: {domain} Submitter: {by.domain} Report-ID: <{name}>"
    mail["TLS-Report-Domain"], mail["TLS-Report-Submitter"] = domain, by.domain
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Type"] = 'multipart/report; report-type="tlsrpt"'
    words = EmailMessage(policy=SMTP)
    words.set_content(f"This is a report on TLS with the mail servers of {domain} on {day.isoformat()} (RFC 8460).\n")
    data = EmailMessage(policy=SMTP)
    data.set_content(
        report,
        maintype="application",
        subtype="tlsrpt+gzip",
        disposition="attachment",
        filename=f"{by.domain}!{domain}!{start}!{start + 86399}!001.json.gz",
    )
    for part in (words, data):
        del part["MIME-Version"]
        mail.attach(part)
    return mail.as_bytes()


def _utc(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
