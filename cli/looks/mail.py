"""What ``sallyport check`` looks at on a mail's way: keys to sign with, readers, next hops, releases, webhooks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from cli.looks.line import Line
from config.settings import Settings
from domain.errors import SallyportError

if TYPE_CHECKING:
    from classifiers.sandbox import Sandbox

_RENEW, _SOON = timedelta(days=14), timedelta(days=60)


def signing_keys(settings: Settings) -> Iterator[Line]:
    """The ways of protecting that there are."""
    from gateway.bootstrap import build_protectors

    protectors = build_protectors(settings)
    methods = " and ".join(p.method for p in protectors)
    says = methods or "no signing key is set; every mail that needs protecting would be held"
    yield Line("ways of protecting", bool(protectors), says)


def readers(settings: Settings) -> Iterator[Line]:
    """A document is read, confined."""
    from domain.model import Part, Place
    from gateway.bootstrap import build_classifiers

    classifiers = build_classifiers(settings)
    try:
        part = Part("1", Place.BODY, "text/plain", "", b"Hello", "utf-8")
        analysis = classifiers.analyse("check", [part])
        read = any("Hello" in t.text for t in analysis.texts)
        yield Line("document readers", read, str(classifiers.confinement))
        yield _pictures(classifiers, asked_for=settings.sandbox.ocr)
    finally:
        classifiers.close()


def _pictures(classifiers: Sandbox, *, asked_for: bool) -> Line:
    """A picture with writing on it is read. Without OCR every such picture holds a mail, which is safe and slow."""
    from domain.model import Part, Place

    if not classifiers.reads_pictures:
        says = "Tesseract, OpenCV or Tesseract's data is missing here" if asked_for else "sandbox.ocr is off"
        return Line("reading pictures", not asked_for, f"{says}; a mail with a scan or a picture of text is held")
    part = Part("1", Place.ATTACHMENT, "image/png", "", _writing())
    words = " ".join(t.text for t in classifiers.analyse("", [part]).texts if t.pictured)
    return Line("reading pictures", "READ THIS" in words.upper(), "by OCR; tried with a picture of two words")


def _writing() -> bytes:
    """A picture that says "read this"."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (500, 120), 255)
    ImageDraw.Draw(picture).text((40, 30), "READ THIS", font=ImageFont.load_default(48), fill=0)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def next_hops(settings: Settings) -> Iterator[Line]:
    """Each answers, with its TLS and its password."""
    from gateway.bootstrap import try_hop

    for hop in settings.next_hops:
        name = f"next hop for {', '.join(hop.domains)}"
        at = f"{hop.host}:{hop.port}" if hop.host else "the domain's own server"
        try:
            yield Line(name, True, f"{at} answers; {try_hop(hop, settings)}")
        except (OSError, SallyportError) as error:
            says = f"{at} cannot be used ({error}); [[next_hops]] in the settings names it"
            yield Line(name, False, says)


def partners(settings: Settings) -> Iterator[Line]:  # noqa: ARG001 - the shape of every look
    """TLS that must be, and was not the last time somebody sent mail: what went there waits."""
    from gateway.clock import SystemClock
    from vault.partners import failing

    found = failing(SystemClock().now())
    for f in found:
        times = "once" if f.times == 1 else f"{f.times} times"
        says = f"failed {times} today, last at {f.last_at:%H:%M} UTC: {f.result}; mail for it waits (docs/tls.md)"
        yield Line(f"TLS with {f.domain}", False, says)
    if not found:
        yield Line("TLS with partners", True, "nothing failed in the last day that must not")


def urgent_releases(settings: Settings) -> Iterator[Line]:
    """For what they are, and who is told."""
    from gateway.bootstrap import build_rules

    concerns = build_rules(settings).urgency.bases
    yield Line(
        "urgent releases",
        True,
        f"for {len(concerns)} concerns; {len(settings.service.management)} of the management team are told first"
        if concerns
        else "off, because service.management names nobody who could be told",
    )


def webhooks(_: Settings) -> Iterator[Line]:
    """Those that were given up."""
    from web.api.hooks.sweeping import given_up

    silent = given_up()
    says = (
        f"given up: {', '.join(map(str, silent))}; put them right and set them again" if silent else "none is given up"
    )
    yield Line("webhooks", not silent, says)


def held_mails(settings: Settings) -> Iterator[Line]:
    """Whether held mails can be released, and how long the oldest has been waiting."""
    from gateway.bootstrap import build_waiting_store
    from gateway.clock import SystemClock
    from vault.held.waiting import waiting
    from vault.objects.probe import probe_unlocked

    if not settings.review.recipient:
        yield Line("held mails", False, "review.recipient is not set, so held mails can be sent again but not released")
        return
    if wrong := [r.text for r in probe_unlocked(build_waiting_store(settings), SystemClock().now()) if not r.ok]:
        yield Line("held mails", False, "; ".join(wrong))
        return
    rows = waiting()
    days = (SystemClock().now() - rows[0].held_at).days if rows else 0
    says = f"{len(rows)} wait for a reviewer; the oldest for {days} days" if rows else "none waits for a reviewer"
    yield Line("held mails", True, says)


def pick_up(settings: Settings) -> Iterator[Line]:
    """Whether mail for those without keys can wait, how codes reach them, and how many wait."""
    from gateway.bootstrap import build_pickup_store
    from gateway.clock import SystemClock
    from vault.models import PickupGrant
    from vault.objects.probe import probe_unlocked

    chosen, now = settings.pickup, SystemClock().now()
    if not chosen.recipient:
        yield Line("pick-up", True, "not set up, so mail for whoever has no key is held (docs/pickup.md)")
        return
    if wrong := [r.text for r in probe_unlocked(build_pickup_store(settings), now) if not r.ok]:
        yield Line("pick-up", False, "; ".join(wrong))
        return
    waiting = PickupGrant.objects.filter(ended="", until__gt=now).count()
    sent = "codes go by text message" if chosen.notify_key.get_secret_value() else "the office reads codes out"
    shown = "; pickup.show_codes prints codes, for trying things out alone" if chosen.show_codes else ""
    yield Line("pick-up", True, f"{waiting} wait at {chosen.address}; {sent}{shown}")


def keys_that_end(settings: Settings) -> Iterator[Line]:
    """Our own keys and certificates, each with its end; and of recipients' those that end within two months."""
    from gateway.clock import SystemClock
    from gateway.expiring import own_keys, recipients_keys

    now = SystemClock().now()
    for due in own_keys(settings):
        if due.until is not None:
            yield Line(f"key {due.ref}", due.until > now + _RENEW, f"ends on {due.until:%d %B %Y}")
    ends = [due.until for due in recipients_keys(now) if due.until is not None]
    over, soon = sum(at <= now for at in ends), sum(now < at <= now + _SOON for at in ends)
    says = (
        f"{over} have ended, {soon} end within {_SOON.days} days; sallyport keys list"
        if over or soon
        else "none ends soon"
    )
    yield Line("recipients' keys", True, says)
