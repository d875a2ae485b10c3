"""Settings of a mail's way: the listener, the next hops, the service that signs, the journal."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator

from config.sections.section import LAST_PORT, Section

_LONGEST_ANSWERS = 10
"""With the mark behind it, it has to stay within the 64 octets of a local part (RFC 5321 section 4.5.3.1.1)."""


class Speaks(StrEnum):
    """The dialogue of a listener."""

    SMTP = "smtp"
    LMTP = "lmtp"


class TlsPolicy(StrEnum):
    """How a hop must be reached. VERIFIED also checks the certificate; the last two go by what a domain publishes."""

    OFF = "off"
    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    VERIFIED = "verified"
    MTA_STS = "mta-sts"
    DANE = "dane"


class RelaySettings(Section):
    """The listener. ``networks`` may send without AUTH; everybody else needs AUTH over TLS."""

    host: str = "127.0.0.1"
    """The address to listen at."""
    port: int = Field(default=2525, ge=0, le=LAST_PORT)
    speaks: Speaks = Speaks.SMTP
    """LMTP answers for each recipient apart; use it where the mail system before us can."""
    hostname: str = "sallyport.localhost"
    """Our name in greetings, trace headers and Message-IDs."""
    networks: tuple[IPv4Network | IPv6Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    """Who may send without a password: the mail system before us."""
    senders: tuple[str, ...] = ()
    """Domains whose addresses may send; unset: any. Set it where others can connect from `networks`, as in a cloud."""
    tls_port: int | None = Field(default=None, ge=0, le=LAST_PORT)
    """A second port, with TLS from the first octet (RFC 8314)."""
    tls_certificate: Path | None = None
    """PEM, with its chain; set it for STARTTLS and for logging in."""
    tls_key: Path | None = None
    """PEM; belongs to the certificate."""
    users_file: Path | None = None
    """Mail systems that log in, a line each from `sallyport password`."""
    processes: int = Field(default=0, ge=0, le=64)
    """Relay processes that share the port; 0: one a processor core, at most 4. What follows is of each."""
    max_size: int = Field(default=50 * 2**20, gt=0)
    """Octets of one mail; said in EHLO (RFC 1870)."""
    max_recipients: int = Field(default=1000, gt=0)
    """Of one mail; the next gets 452."""
    max_connections: int = Field(default=200, gt=0)
    """At once; the next gets 421."""
    max_in_flight: int = Field(default=16, gt=0)
    """Mails in work at once; more get 451."""
    max_in_flight_bytes: int = Field(default=256 * 2**20, gt=0)
    """Octets of all of them; more get 451."""
    max_hops: int = Field(default=50, gt=0)
    """Received lines before a mail is taken for one that goes round in circles."""
    threads: int = Field(default=8, gt=0)
    """Mails that are worked on at the same moment."""
    idle_seconds: int = Field(default=300, gt=0)
    """Without a word from the client, then 421."""
    grace_seconds: int = Field(default=30, gt=0)
    """How long mails in work may take to end after SIGTERM."""
    loop_key: Path | None = None
    """A file of random bytes that signs our loop mark; made at first start if it is missing."""


class NextHopSettings(Section):
    """Where mail for these domains goes. ``*`` is everything else; ``.gov.uk`` is the domain and all below it."""

    domains: tuple[str, ...] = ("*",)
    """Recipients' domains."""
    host: str = "127.0.0.1"
    """A mail server; empty: the recipients' domain's own, found by DNS."""
    port: int = Field(default=25, ge=1, le=LAST_PORT)
    tls: TlsPolicy = TlsPolicy.OPPORTUNISTIC
    """How the connection must be secured; otherwise nothing is sent ([tls.md](tls.md))."""
    client_certificate: Path | None = None
    """PEM, with its chain: who we are, for servers that ask (a connector of Exchange)."""
    client_key: Path | None = None
    """PEM; belongs to the client certificate."""
    ca_file: Path | None = None
    """PEM: authorities besides the system's."""
    username: str = ""
    """For AUTH, where the hop asks for it."""
    password: SecretStr = SecretStr("")
    unsafe_password_unverified: bool = False
    """Send it to whoever answers over TLS, whatever the certificate; else a password needs ``tls = "verified"``."""
    timeout_seconds: int = Field(default=60, gt=0)
    """For each step of the dialogue."""


class ServiceSettings(Section):
    """Who we are to the world, and the keys that sign what leaves."""

    name: str = "Shared Lives"
    """In the sender's place of our own mails."""
    address: str = "shared-lives@localhost"
    """Where our own mails come from, and answers go."""
    phone: str = ""
    """Printed in notices: whom to ring."""
    answers: str = ""
    """Where officers' answers to notices come in, as answers@sallyport.council.example: the council's mail system must
    hand that domain to the relay, from [relay] networks. Unset: a notice cannot be answered, only clicked on."""
    answers_key: Path = Path("office/answers.key")
    """A file of random bytes that marks those addresses; made at first start. All relays of a service share it."""
    domains: tuple[str, ...] = ()
    """The council's own mail domains: recipients there are staff, unless the register knows better."""
    subaddress: tuple[str, ...] = ()
    """Domains at which `name+word@` is the mailbox of `name@` (RFC 5233): they share permission, stops and keys."""
    management: tuple[str, ...] = ()
    """The Shared Lives Management Team's addresses. Without any, no urgent release is possible."""
    notices_an_hour: int = Field(default=20, ge=1)
    """Notices about stopped mails that one sender gets at once in an hour; of any more they are told together."""
    openpgp_key: Path | None = None
    """The secret key that signs OpenPGP mails; unset: none are sent."""
    smime_certificate: Path | None = None
    """PEM, with its chain."""
    smime_key: Path | None = None
    """With its certificate: signs S/MIME mails."""

    @field_validator("answers")
    @classmethod
    def _leaves_room_for_a_mark(cls, value: str) -> str:
        local, _, domain = value.partition("@")
        if value and not (0 < len(local) <= _LONGEST_ANSWERS and local.isascii() and local.isalnum() and domain):
            raise ValueError(
                "it must be written as answers@sallyport.council.example, with at most 10 letters before the @"
            )
        return value.lower()


class JournalSettings(Section):
    """How long a relay may hold a mail, and how long a served mail is remembered (longer than a sender's queue)."""

    lease_seconds: int = Field(default=600, gt=0)
    """How long one relay may keep a mail before another may take it up; bounds a delivery."""
    remember_days: int = Field(default=14, ge=6)
    """How long a served mail is known, so that a late retry is no second copy."""
    resend_minutes: int = Field(default=15, ge=1)
    """After how long a mail that was stopped may be sent again unchanged, to be decided anew; a retry comes earlier."""

    @property
    def lease(self) -> timedelta:
        """As a length of time."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def resend(self) -> timedelta:
        """As a length of time."""
        return timedelta(minutes=self.resend_minutes)

    @property
    def remember(self) -> timedelta:
        """As a length of time."""
        return timedelta(days=self.remember_days)
