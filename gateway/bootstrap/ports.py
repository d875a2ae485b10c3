"""Everything that the pipeline needs from outside, open at once and closed again."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from classifiers import knowledge
from classifiers.limits import Limits
from classifiers.sandbox import Sandbox
from config import policy, standing_policy
from config.sections.mail import NextHopSettings
from config.settings import Settings
from domain.decision import Method
from domain.errors import NextHopUnavailable
from domain.model import folded
from domain.ports import Protector, Texts
from domain.rules import Rules, Urgency
from gateway.answering import AnswerBox
from gateway.arc import ArcSealer
from gateway.bootstrap.stores import build_filer, build_pickup_protectors, build_pickups, build_relay_store, build_room
from gateway.clock import SystemClock
from gateway.correspondents import DatabaseCorrespondents
from gateway.deliver import Handshake, Route, Security, SmtpNextHop
from gateway.fetching import Fetcher
from gateway.keyfiles import RANDOM_KEY_BYTES, key_file, random_key
from gateway.loop import LoopGuard
from gateway.notices import PlainNotices
from gateway.offers import Offers
from gateway.parse import parse
from gateway.partners.dns import Resolver
from gateway.partners.finding import Finder
from gateway.partners.ledger import Ledger
from gateway.partners.sts import MOST_OCTETS, Policies
from gateway.pipeline import Ports
from gateway.protect.chains import TrustFiles
from gateway.protect.offload import Offloaded
from gateway.protect.openpgp import OpenPGP
from gateway.protect.pdf import ProtectedPdf
from gateway.protect.smime import SMIME
from gateway.signing import DkimSigner
from gateway.smtp.hop import Hop
from gateway.telling import Insiders, NoTexts
from gateway.texting import SealedTexts
from register.lookup import DatabaseRegister
from register.obligations import DatabaseObligations
from vault.journal import HELD_FOR_SURE, RowJournal
from vault.notice_book import RowNoticeBook
from vault.objects.port import ObjectStore

_OFFLOAD_BYTES = 1024 * 1024
"""The OpenPGP engine stops all other threads while it works: about 10 ms for a message of this size."""
_OWN_KEY = secrets.token_bytes(RANDOM_KEY_BYTES)
"""Where no file is set: one for all that these processes make, and for nobody else."""


@contextmanager
def built(settings: Settings, store: ObjectStore | None = None, *, reviewing: bool = False) -> Iterator[Ports]:
    """All ports, open; closed again at the end. ``store`` is the vault's, if it is there. ``ConfigurationError``.

    ``reviewing``: for carrying out what reviewers ruled, when what was held is decided anew at once.
    """
    clock = SystemClock()
    vault = build_filer(settings, store or build_relay_store(settings))
    rules, guard, sealer = build_rules(settings), build_loop_guard(settings), build_arc(settings)
    ledger = Ledger(clock)
    next_hop = build_next_hop(settings, ledger)
    register = DatabaseRegister(settings.service.domains, settings.service.subaddress)
    protectors = build_protectors(settings)
    pickups = build_pickups(settings, rules)
    ours = frozenset(folded(d) for d in settings.service.domains)
    classifiers = build_classifiers(settings)  # last: it starts processes
    try:
        yield Ports(
            clock=clock,
            parse=parse,
            classifiers=classifiers,
            register=register,
            rules=rules,
            protectors=(*protectors, *build_pickup_protectors(settings)),
            vault=vault,
            waiting_room=build_room(settings),
            pickups=pickups,
            obligations=DatabaseObligations(rules.urgency.review),
            correspondents=DatabaseCorrespondents(ours, clock),
            journal=_build_journal(settings, reviewing=reviewing),
            next_hop=next_hop,
            notices=_build_notices(settings, rules),
            tellable=Insiders(ours, register),
            trace=guard.trace,
            book=RowNoticeBook(settings.service.notices_an_hour),
            texts=_build_texts(settings),
            arrived=sealer.arrived if sealer else lambda _: b"",
        )
    finally:
        classifiers.close()
        next_hop.close()
        ledger.close()
        for protector in protectors:
            protector.close()


def build_rules(settings: Settings) -> Rules:
    """The policy. Without a management team to tell, nobody may ask for an urgent release.

    Without a place for waiting mail, what goes to somebody without a key is held.
    """
    return _fitting(policy.load(settings.policy_file), settings)


def rules_now(settings: Settings) -> Rules:
    """The same of this moment, for processes that stay: the file may have changed. Raises ``TryAgain``."""
    return _fitting(standing_policy.rules_of(settings.policy_file), settings)


def _fitting(read: Rules, settings: Settings) -> Rules:
    rules = replace(read, pick_up=bool(settings.pickup.recipient))
    return rules if settings.service.management else replace(rules, urgency=Urgency())


def build_classifiers(settings: Settings, *, ocr: bool = True) -> Sandbox:
    """Starts the readers' processes. ``ocr`` False is for those who look for text in files, not on pages."""
    s = settings.sandbox
    return Sandbox(
        s.workers,
        seconds=s.seconds,
        memory=s.memory_mb * 2**20,
        council_id=s.council_id,
        known_pictures=s.known_pictures,
        limits=Limits(ocr_seconds=s.ocr_seconds),
        ocr=ocr and s.ocr,
        walls=s.walls,
        knowledge=knowledge.load(
            settings.at_home(s.forms) if s.forms else None, settings.at_home(s.model) if s.model else None
        ),
    )


def build_protectors(settings: Settings) -> tuple[Offloaded, ...]:
    """Every way of protecting for which a key is set."""
    s = settings.service
    found: list[Callable[[], Protector]] = []
    if s.openpgp_key:
        found.append(partial(OpenPGP, key_file(settings, s.openpgp_key, "service.openpgp_key")))
    if s.smime_certificate and s.smime_key:
        certificate = key_file(settings, s.smime_certificate, "service.smime_certificate")
        key = key_file(settings, s.smime_key, "service.smime_key")
        found.append(partial(SMIME, certificate, key, trust=build_trust(settings), modern=settings.smime.modern))
    if settings.pdf.key:
        found.append(partial(ProtectedPdf, random_key(settings.at_home(settings.pdf.key), "pdf.key"), s.name, s.phone))
    return tuple(Offloaded(factory, _OFFLOAD_BYTES) for factory in found)


def signed_kinds(settings: Settings) -> frozenset[Method]:
    """The kinds of recipients' keys for which there is a key of ours: the others are never encrypted to."""
    s = settings.service
    ours = {Method.OPENPGP: s.openpgp_key, Method.SMIME: s.smime_certificate and s.smime_key}
    return frozenset(kind for kind, key in ours.items() if key)


def _build_texts(settings: Settings) -> Texts:
    """Where passphrases wait for their text message; nowhere without protected PDFs."""
    key = settings.pdf.key
    return SealedTexts(random_key(settings.at_home(key), "pdf.key")) if key else NoTexts()


def build_trust(settings: Settings) -> TrustFiles | None:
    """Whose word on S/MIME certificates counts; None: the register's alone."""
    s = settings.smime
    if s.authorities is None:
        return None
    between = settings.at_home(s.intermediates) if s.intermediates else None
    return TrustFiles(settings.at_home(s.authorities), between, settings.at_home(s.revocation_folder), s.revocation)


def build_next_hop(settings: Settings, seen: Callable[[Handshake], None] | None = None) -> SmtpNextHop:
    """Routes to the mail systems after us. ``seen`` is told of every handshake."""
    timeout = max(hop.timeout_seconds for hop in settings.next_hops)
    routes = [_route(hop, settings) for hop in settings.next_hops]
    patience = settings.journal.lease_seconds * HELD_FOR_SURE
    finder, signer, hostname = build_finder(settings), build_dkim(settings), settings.relay.hostname
    return SmtpNextHop(
        routes,
        hostname,
        timeout=timeout,
        patience=patience,
        find=finder.targets,
        seen=seen or _nobody_asks,
        sign=signer.sign if signer else None,
        sealer=build_arc(settings),
    )


def _nobody_asks(_handshake: Handshake) -> None:
    return None


def build_resolver(settings: Settings) -> Resolver:
    """Who answers for names."""
    return Resolver(settings.dns.resolver, settings.dns.port, trusted=settings.dns.trusted)


def build_finder(settings: Settings) -> Finder:
    """Finds the servers of domains whose next hop names none."""
    s, resolver = settings.partners, build_resolver(settings)
    fetcher = Fetcher(octets=MOST_OCTETS, https_only=True, ca_file=settings.at_home(s.ca_file) if s.ca_file else None)
    return Finder(resolver, Policies(resolver, settings.at_home(s.policies), fetcher), SystemClock())


def build_dkim(settings: Settings) -> DkimSigner | None:
    """Who signs for our domain; None where it is not set."""
    s = settings.dkim
    if not (s.domain and s.selector and s.key):
        return None
    return DkimSigner(s.domain, s.selector, key_file(settings, s.key, "dkim.key"))


def build_arc(settings: Settings) -> ArcSealer | None:
    """Who seals what came signed and is changed; None where it is not set."""
    s = settings.arc
    if not (s.domain and s.selector and s.key):
        return None
    name = s.authserv_id or settings.relay.hostname
    return ArcSealer(s.domain, s.selector, key_file(settings, s.key, "arc.key"), name, build_resolver(settings).texts)


def _route(hop: NextHopSettings, settings: Settings) -> Route:
    return Route(
        domains=hop.domains,
        host=hop.host,
        port=hop.port,
        security=Security(hop.tls),
        ca_file=settings.at_home(hop.ca_file) if hop.ca_file else None,
        username=hop.username,
        password=hop.password.get_secret_value(),
        unsafe_password_unverified=hop.unsafe_password_unverified,
        client_certificate=settings.at_home(hop.client_certificate) if hop.client_certificate else None,
        client_key=settings.at_home(hop.client_key) if hop.client_key else None,
    )


def try_hop(hop: NextHopSettings, settings: Settings) -> str:
    """Greet a next hop and hang up; what it offers. Raises ``NextHopUnavailable``."""
    route = _route(hop, settings)
    if not route.host:
        return _try_partners(route, hop, settings)
    connection = Hop(route, settings.relay.hostname, min(hop.timeout_seconds, 10))
    try:
        offered = [e.upper() for e in ("pipelining", "8bitmime", "smtputf8") if connection.offers(e)]
        return f"TLS is {hop.tls}; it offers {', '.join(offered) or 'no extension'}"
    finally:
        connection.quit()


def _try_partners(route: Route, hop: NextHopSettings, settings: Settings) -> str:
    """The first server of each domain that is named. Raises ``NextHopUnavailable``."""
    finder = build_finder(settings)
    for domain in (d for d in hop.domains if d != "*" and not d.startswith(".")):
        target = next(iter(finder.targets(route, folded(domain))), None)
        if target is None:
            raise NextHopUnavailable("the domain's mail servers have no address")
        Hop(target, settings.relay.hostname, min(hop.timeout_seconds, 10)).quit()
    return f"TLS is {hop.tls}"


def build_loop_guard(settings: Settings) -> LoopGuard:
    """Signs and knows our own mark. The key is made at first start; all relays of a service share the file."""
    path = settings.relay.loop_key
    key = _OWN_KEY if path is None else random_key(settings.at_home(path), "relay.loop_key")
    return LoopGuard(key, settings.relay.hostname, max_hops=settings.relay.max_hops)


def _build_journal(settings: Settings, *, reviewing: bool) -> RowJournal:
    times = settings.journal
    journal = RowJournal(lease=times.lease, remember=times.remember, resend=times.resend, owner=_owner())
    return journal.for_reviewers() if reviewing else journal


def _build_notices(settings: Settings, rules: Rules) -> PlainNotices:
    s, resend = settings.service, settings.journal.resend
    box = build_answer_box(settings)
    offers = Offers(rules.guard, box.reply_to if box else None, settings.console.url)
    hostname = settings.relay.hostname
    return PlainNotices(s.name, s.address, s.phone, hostname, s.management, resend=resend, offers=offers)


def build_answer_box(settings: Settings) -> AnswerBox | None:
    """Where officers answer notices, if that is set up. Raises ``ConfigurationError`` for a key that cannot be had."""
    s = settings.service
    if not s.answers:
        return None
    return AnswerBox(s.answers, random_key(settings.at_home(s.answers_key), "service.answers_key"))


def _owner() -> str:
    """This process, and no other that ever runs."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(8)}"
