"""What ``sallyport worker`` does, job by job, and how often. A job of more than a few lines has a module here."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from cli.jobs.search import fold_index, make_blocks_ready, tell_searches
from config.settings import Settings
from domain.here import HERE

_FIRST_HOUR, _LAST_HOUR, _SATURDAY = 7, 18, 5
Run = Callable[[Settings, datetime], None]


def tell_webhooks(settings: Settings, now: datetime) -> None:
    """What the register's feed has that they were not told."""
    from web.api.hooks.sending import HttpPost
    from web.api.hooks.sweeping import seal_plain_ones, sweep

    seal_plain_ones()
    authorities = settings.web.webhook_ca_file
    sweep(HttpPost(settings.at_home(authorities) if authorities else None, settings.web.webhook_networks), now)


def forget(settings: Settings, now: datetime) -> None:
    """Answers kept for repeated requests, mails long served in the journal, failures to log in."""
    from vault import guesses, texts, untaken
    from vault.journal import RowJournal
    from web.api import changing

    changing.forget(now)
    guesses.forget(now)
    texts.forget(now - settings.journal.remember)
    untaken.forget(now - settings.journal.remember)
    owner = f"worker:{socket.gethostname()[:30]}:{secrets.token_hex(8)}"
    RowJournal(lease=settings.journal.lease, remember=settings.journal.remember, owner=owner).forget(now)


def remind_in_office_hours(settings: Settings, now: datetime) -> None:
    """The weekly digest, when somebody is there to read it."""
    from cli.remind import send_due

    here = now.astimezone(HERE)
    if here.weekday() < _SATURDAY and _FIRST_HOUR <= here.hour < _LAST_HOUR:
        send_due(settings, now)


def tell_of_warnings(settings: Settings, now: datetime) -> None:
    """What the guard against misdirected mail let go with a warning; and what it need not remember any more."""
    from cli.jobs.guard import forget_correspondence
    from cli.jobs.guard import tell_of_warnings as tell

    forget_correspondence(settings, now)
    tell(settings, now)


def tell_together(settings: Settings, now: datetime) -> None:
    """Stopped mails beyond the notices that their senders get at once."""
    from cli.jobs.notices import tell_together as tell

    tell(settings, now)


def ask_witnesses(settings: Settings, now: datetime) -> None:
    """Who countersigns the audit log by HTTP."""
    from cli.jobs.audit import ask_witnesses as ask

    ask(settings, now)


def log_events(settings: Settings, now: datetime) -> None:
    """Events get their places in the audit log, and the log its checkpoint."""
    from cli.jobs.audit import run

    run(settings, now)


def reckon_retention(settings: Settings, now: datetime) -> None:
    """How long each record is kept, once a day."""
    from cli.jobs.retention import reckon

    reckon(settings, now)


def mirror_retention(settings: Settings, now: datetime) -> None:
    """Locks before they run out, tags whose date has moved."""
    from cli.jobs.retention import keep_locks_and_tags

    keep_locks_and_tags(settings, now)


def sweep_orphans(settings: Settings, now: datetime) -> None:
    """Files that a crash left in the store."""
    from cli.jobs.sweep import run

    run(settings, now)


def mirror_holds(settings: Settings, now: datetime) -> None:
    """The object store is told of holds that it does not know yet."""
    from cli.jobs.holds import mirror

    mirror(settings, now)


def verify_holds(settings: Settings, now: datetime) -> None:
    """Holds that somebody took off the object store are put back."""
    from cli.jobs.holds import verify

    verify(settings, now)


def propose_disposal(settings: Settings, now: datetime) -> None:
    """What has run out is proposed; nothing more."""
    from cli.jobs.disposal import propose

    propose(settings, now)


def settle_held(settings: Settings, now: datetime) -> None:
    """What reviewers ruled on held mails is carried out."""
    from cli.jobs.held import settle

    settle(settings, now)


def empty_waiting_room(settings: Settings, now: datetime) -> None:
    """Copies of held mails that nobody waits for any more are destroyed."""
    from gateway.bootstrap import build_waiting_store
    from vault.held.room import sweep

    sweep(build_waiting_store(settings), now)


def make_people_keys(settings: Settings, now: datetime) -> None:
    """A sealing key for whoever came into the register by a page or by the API, and has never had one."""
    from gateway.bootstrap import build_sealing_keys
    from register.models import Person
    from vault.models import SealingKey

    lacking = list(Person.objects.exclude(ref__in=SealingKey.objects.values("person")).values_list("ref", flat=True))
    if lacking:
        build_sealing_keys(settings).public_halves(lacking, now)


def forget_answers(settings: Settings, now: datetime) -> None:  # noqa: ARG001 - every job is given them
    """What the key holder answered, once its time is over: also where no key holder is at work."""
    from vault.errands import answering

    answering.forget(now)


def destroy_picked_up(settings: Settings, now: datetime) -> None:
    """Copies of mail that nobody may pick up any more are destroyed; attempts that count no more are forgotten."""
    from gateway.bootstrap import build_pickup_store
    from vault.pickup.room import sweep
    from vault.pickup.signed import sweep as sweep_signed
    from vault.pickup.trying import forget
    from vault.pickup.uploads import sweep as sweep_uploads

    store = build_pickup_store(settings)
    sweep(store, now)
    sweep_uploads(store, now)
    sweep_signed(store, settings.pickup.lasts, now)
    forget(now)


def fetch_revocations(settings: Settings, now: datetime) -> None:
    """Lists of withdrawn certificates, and answers about those of the register."""
    from cli.jobs.revocation import fetch

    fetch(settings, now)


def open_leavings(settings: Settings, now: datetime) -> None:
    """A case for each carer and person who have parted, by the register as it is; who has not signed is reminded."""
    from cli.leaving.sending import remind
    from domain.here import HERE
    from register.leaving import ended
    from vault.leaving import cases

    cases.open_new(ended(now.astimezone(HERE).date()), now)
    remind(settings, now)


def settle_forms(settings: Settings, now: datetime) -> None:
    """Forms that officers want signed leave; what was signed is noted with where it is filed."""
    from cli.pickup.forms_to_sign import send_all
    from vault.pickup import asked

    send_all(settings, now)
    asked.note_signed(now)


def settle_leavings(settings: Settings, now: datetime) -> None:
    """Pages that officers asked for leave; what carers signed is noted with where it is filed."""
    from cli.leaving.sending import send_all
    from vault.leaving import cases

    send_all(settings, now)
    cases.note_signed(now)


def send_texts(settings: Settings, now: datetime) -> None:
    """Passphrases that recipients of protected PDFs get with each mail."""
    from cli.jobs.texts import send_texts as send

    send(settings, now)


def tell_of_untaken_texts(settings: Settings, now: datetime) -> None:
    """Passwords and codes that the provider of text messages does not take."""
    from cli.jobs.untaken import tell_of_untaken

    tell_of_untaken(settings, now)


def tell_of_changed_keys(settings: Settings, now: datetime) -> None:
    """Keys that came by mail and are not those that were known."""
    from cli.jobs.seen_keys import tell_of_changed

    tell_of_changed(settings, now)


def alarm_about_tls(settings: Settings, now: datetime) -> None:
    """Partners that cannot be reached as securely as they must be, so that mail for them waits."""
    from cli.jobs.tls_alarms import alarm

    alarm(settings, now)


def report_on_tls(settings: Settings, now: datetime) -> None:
    """Yesterday's TLS, to partners that ask for it."""
    from cli.jobs.tls_reports import report

    report(settings, now)


def look_at_parts(settings: Settings, now: datetime) -> None:
    """What ``sallyport check`` would say, for the page of operations."""
    from cli.jobs.looking_around import look_at_parts as look

    look(settings, now)


def verify_log(settings: Settings, now: datetime) -> None:
    """The newest of the audit log is proven against its checkpoints."""
    from cli.jobs.looking_around import verify_log as verify

    verify(settings, now)


JOBS: tuple[tuple[str, timedelta, Run], ...] = (
    ("webhooks", timedelta(seconds=5), tell_webhooks),
    ("held mails", timedelta(seconds=5), settle_held),
    ("waiting room", timedelta(hours=1), empty_waiting_room),
    ("pick-ups", timedelta(hours=1), destroy_picked_up),
    ("partings", timedelta(hours=1), open_leavings),
    ("forms to sign", timedelta(seconds=5), settle_forms),
    ("leavers' pages", timedelta(seconds=5), settle_leavings),
    ("people's keys", timedelta(minutes=1), make_people_keys),
    ("answers", timedelta(minutes=1), forget_answers),
    ("audit log", timedelta(seconds=5), log_events),
    ("witnesses", timedelta(minutes=1), ask_witnesses),
    ("search index", timedelta(seconds=5), fold_index),
    ("search blocks", timedelta(seconds=30), make_blocks_ready),
    ("saved searches", timedelta(minutes=5), tell_searches),
    ("forgetting", timedelta(hours=1), forget),
    ("orphans", timedelta(days=1), sweep_orphans),
    ("reminders", timedelta(hours=1), remind_in_office_hours),
    ("address warnings", timedelta(minutes=10), tell_of_warnings),
    ("notices told together", timedelta(minutes=5), tell_together),
    ("retention", timedelta(minutes=1), reckon_retention),
    ("locks and tags", timedelta(minutes=1), mirror_retention),
    ("holds in the store", timedelta(minutes=1), mirror_holds),
    ("holds looked at", timedelta(days=1), verify_holds),
    ("revocations", timedelta(hours=1), fetch_revocations),
    ("TLS reports", timedelta(hours=1), report_on_tls),
    ("text messages", timedelta(seconds=5), send_texts),
    ("texts not taken", timedelta(minutes=1), tell_of_untaken_texts),
    ("TLS alarms", timedelta(minutes=5), alarm_about_tls),
    ("changed keys", timedelta(minutes=5), tell_of_changed_keys),
    ("disposal proposals", timedelta(hours=6), propose_disposal),
)
LOOKING_AROUND: tuple[tuple[str, timedelta, Run], ...] = (
    ("parts looked at", timedelta(hours=1), look_at_parts),
    ("audit log verified", timedelta(days=1), verify_log),
)
"""For a worker that stays, some minutes after its start: these take seconds, and nobody waits for them."""
