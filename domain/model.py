"""The words of the mail side, as frozen values (RFC 5321, RFC 5322, MIME RFC 2045).

Nothing here does anything; the verbs are in the other modules. Findings carry the
words that made them so: they are personal data and must never reach a log.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.reports import NO_WISHES, Reports

PartPath = str
"""Where a part is: ``"subject"``, ``"1"``, ``"1.2"`` (as IMAP counts, RFC 3501 section 6.4.5), and
``"2/minutes.docx"`` for what lies inside a container such as a zip."""
SUBJECT_LINE: PartPath = "subject"
HEADER: PartPath = "HEADER"
"""All other words of the header: names beside addresses, comments, fields of a program's own."""

_FIELDS = ("HEADER", "MIME", "NAME")


def is_fields(path: PartPath) -> bool:
    """Whether it is the fields of a header, or a name, and no text that somebody wrote to somebody."""
    return path.rpartition(".")[2] in _FIELDS


_ONWARD = re.compile("[%!@:]")
"""What mail servers read as the way to another mailbox when it stands in a local part: ``a%b@``, ``b!a@``, ``"a@b"@``,
and ``"b::a"@`` (RFC 5321 appendix F.2; Postfix and Sendmail do so by default)."""


def folded(text: str) -> str:
    """How addresses and domains compare, everywhere: without regard to case, and to nothing else.

    Case folding is not for this: it makes "ss" of the letter "\u00df", and ``e\u00dfex.example`` is another domain than
    ``essex.example`` (IDNA2008, RFC 5894 section 7.2). What NFKC would change, such as the Kelvin sign for a K, is left
    alone, so that it is nobody's address.
    """
    return text.lower() if text.isascii() or unicodedata.is_normalized("NFKC", text) else text


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A mailbox. Compares and looks up without regard to case (``key``); is written as it came."""

    key: str
    text: str = field(compare=False)

    @classmethod
    def of(cls, text: str) -> Address:
        """From ``local@domain``, with or without angle brackets."""
        bare = text.strip().removeprefix("<").removesuffix(">")
        return cls(key=folded(bare), text=bare)

    @property
    def domain(self) -> str:
        """Folded; empty for the null address."""
        return self.key.rpartition("@")[2] if "@" in self.key else ""

    @property
    def names_another(self) -> bool:
        """Whether a mail server may send it on to a mailbox that the local part names."""
        return _ONWARD.search(self.key.rpartition("@")[0]) is not None

    def belongs_to(self, domains: Collection[str]) -> bool:
        """Whether it is a mailbox of one of these domains (folded), and of no other by any mail server's reading."""
        return self.domain in domains and not self.names_another

    def __str__(self) -> str:
        return self.text


NULL_SENDER = Address(key="", text="")
"""``MAIL FROM:<>``: a report, never to be answered (RFC 5321 section 4.5.5)."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the SMTP dialogue said. The headers may say otherwise; the envelope rules.

    ``options`` are the MAIL parameters worth passing on (``BODY``, ``SMTPUTF8``); ``reports`` what is asked of reports.
    """

    sender: Address
    recipients: tuple[Address, ...]
    received_at: datetime
    peer: str = ""
    helo: str = ""
    protocol: str = "ESMTP"
    options: tuple[str, ...] = ()
    reports: Reports = NO_WISHES


class Place(StrEnum):
    """Where in the mail something was seen; a disagreement between places holds the mail."""

    SUBJECT_LINE = "subject line"
    BODY = "body"
    FILE_NAME = "file name"
    ATTACHMENT = "attachment"


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the message, decoded. ``declared_type`` is what the headers say, lower case."""

    path: PartPath
    place: Place
    declared_type: str
    filename: str
    content: bytes = field(repr=False)
    charset: str = ""


class UnreadableReason(StrEnum):
    """Why something could not be read. Each holds the mail for recipients outside."""

    ENCRYPTED = "it is protected with a password or already encrypted"
    CORRUPT = "it is damaged"
    TOO_DEEP = "files are packed inside files too many times"
    TOO_MANY = "it has too many parts"
    TOO_LARGE = "it is too large once unpacked"
    TIMED_OUT = "reading it took too long"
    UNSUPPORTED = "it is a kind of file that cannot be read"
    NO_TEXT = "no text could be found in it"
    UNSURE = "it shows something that could not be read for certain"
    AMBIGUOUS = "mail programs would not agree on what it holds"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A finding of its own: a part we cannot vouch for."""

    part: PartPath
    reason: UnreadableReason
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """The parsed mail. ``raw`` is the client's bytes and is never re-serialised.

    ``body_offset`` is where the body starts in ``raw``. ``notes`` are texts that are read, but are no parts to be
    filed: other words of the header.
    """

    raw: bytes = field(repr=False)
    body_offset: int
    subject: str
    message_id: str
    author: str
    parts: tuple[Part, ...]
    unreadable: tuple[Unreadable, ...] = ()
    notes: tuple[Part, ...] = ()


class Category(StrEnum):
    """What a document is. The first seven are the policy's own list; the rest are its record-keeping examples."""

    ALL_ABOUT_ME = "all-about-me"
    RISK_MANAGEMENT_PLAN = "risk-management-plan"
    MEDICAL = "medical"
    PLACEMENT_AGREEMENT = "placement-agreement"
    PROFESSIONAL_REPORT = "professional-report"
    FINANCIAL = "financial"
    LEGAL = "legal"
    ASSESSMENT = "assessment"
    INCIDENT = "incident"
    COMPLAINT = "complaint"
    PERMISSION_FORM = "permission-form"
    OTHER_PERSONAL = "other-personal"

    @property
    def label(self) -> str:
        """As people say it."""
        return _LABELS[self]


_LABELS = {
    Category.ALL_ABOUT_ME: "All About Me",
    Category.RISK_MANAGEMENT_PLAN: "risk management plan",
    Category.MEDICAL: "medical information",
    Category.PLACEMENT_AGREEMENT: "placement agreement",
    Category.PROFESSIONAL_REPORT: "professional's report",
    Category.FINANCIAL: "financial information",
    Category.LEGAL: "legal document",
    Category.ASSESSMENT: "assessment or review",
    Category.INCIDENT: "incident or safeguarding record",
    Category.COMPLAINT: "complaint",
    Category.PERMISSION_FORM: "'Permission to share' form",
    Category.OTHER_PERSONAL: "other personal information",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that made a finding so. ``start`` and ``end`` count characters in that page's text.

    ``rule`` names what recognised them (for example ``title:all-about-me``).
    """

    part: PartPath
    place: Place
    rule: str
    text: str
    page: int = 1
    start: int = 0
    end: int = 0
    pictured: bool = False
    """The words were read from a picture by OCR, which may err."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A part is probably of this category. ``likelihood`` is between 0 and 1."""

    part: PartPath
    category: Category
    likelihood: float
    evidence: tuple[Evidence, ...]


class IdentifierKind(StrEnum):
    """Strings that point at one person or their money."""

    NHS_NUMBER = "NHS number"
    COUNCIL_ID = "council ID"
    DATE_OF_BIRTH = "date of birth"
    NATIONAL_INSURANCE = "National Insurance number"
    BANK_ACCOUNT = "bank account"
    PAYMENT_CARD = "payment card"
    POSTCODE = "postcode"
    PHONE = "telephone number"
    EMAIL = "e-mail address"
    UPRN = "UPRN"

    @property
    def everyday(self) -> bool:
        """Whether every signature may have one: evidence, and never by itself a reason to protect a mail."""
        return self in _EVERYDAY


_EVERYDAY = frozenset({IdentifierKind.POSTCODE, IdentifierKind.PHONE, IdentifierKind.EMAIL, IdentifierKind.UPRN})


@dataclass(frozen=True, slots=True)
class Identifier:
    """``value`` is normalised: digits only, ISO date, upper case, E.164, a folded address."""

    kind: IdentifierKind
    value: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page (or of the whole, where there are no pages)."""

    part: PartPath
    place: Place
    page: int
    text: str = field(repr=False)
    pictured: bool = False
    """Read from a picture by OCR, which may err."""


@dataclass(frozen=True, slots=True)
class TypeDisagreement:
    """Name, declared type and content of a part do not agree."""

    part: PartPath
    filename: str
    declared_type: str
    true_type: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the classifiers say of one message. ``true_types`` maps part to the type its content shows."""

    texts: tuple[PageText, ...] = ()
    findings: tuple[Finding, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    disagreements: tuple[TypeDisagreement, ...] = ()
    true_types: tuple[tuple[PartPath, str], ...] = ()
