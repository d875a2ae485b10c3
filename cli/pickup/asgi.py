"""What the pick-up process loads: the application, with bodies read in time, the parts of the pages, and our logs."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from config.sections.pickup import RelayTls
from config.settings import Settings
from domain.errors import ConfigurationError

if TYPE_CHECKING:
    from web.pickup.posting import Post

_BODY_SECONDS = 300
"""For a whole answer with photographs, from a telephone far from a mast."""


def identities(settings: Settings) -> list[Any]:
    """The keys that open what waits. Raises ``ConfigurationError``."""
    from vault.identities import read_identities

    if settings.pickup.identity is None:
        public = "This machine has no key that opens waiting mail (setting pickup.identity)."
        raise ConfigurationError("no pick-up identity", public=public)
    found = read_identities(settings.at_home(settings.pickup.identity))
    if settings.pickup.recipient not in {str(i.to_public()) for i in found if hasattr(i, "to_public")}:
        public = "The key in pickup.identity is not the one that mail is sealed to (pickup.recipient)."
        raise ConfigurationError("another pick-up identity", public=public)
    return found


def code_key(settings: Settings) -> bytes:
    """What codes are kept under; made at first start."""
    from gateway.keyfiles import random_key

    return random_key(settings.at_home(settings.pickup.code_key), "pickup.code_key")


def build(settings: Settings) -> None:
    """Put the parts of the pages in place."""
    from gateway.bootstrap import build_pickup_store, build_rules, rules_now
    from register.greeting import language_of
    from register.lookup import DatabaseRegister
    from vault.pickup.opening import Shelf
    from vault.pickup.signed import SignedCopies
    from vault.pickup.trying import Codes
    from vault.pickup.uploads import Uploads
    from web.pickup.parts import Parts, place

    chosen = settings.pickup
    build_rules(settings)  # one that cannot be used is said now, and not to a carer
    store, keys = build_pickup_store(settings), identities(settings)
    place(
        Parts(
            service=settings.service.name,
            phone=settings.service.phone,
            rules=lambda: rules_now(settings),
            ask=DatabaseRegister(settings.service.domains, settings.service.subaddress).circle,
            codes=Codes(code_key(settings)),
            shelf=Shelf(store, keys),
            sender=_sender(settings),
            post=_post(settings),
            uploads=Uploads(store, chosen.recipient, keys, chosen.max_upload),
            signer=_signer(settings),
            signed=SignedCopies(store, chosen.recipient, keys),
            most=chosen.max_upload,
            address=chosen.address,
            languages=language_of,
            secure=chosen.address.startswith("https://"),
            devices="127.0.0.1" not in chosen.address,  # a passkey belongs to a name, and not to a number
            proxies=chosen.proxies,
        )
    )


def _post(settings: Settings) -> Post:
    from web.pickup.posting import Post

    chosen, service = settings.pickup, settings.service
    authorities = settings.at_home(chosen.relay_ca_file) if chosen.relay_ca_file else None
    verified = chosen.relay_tls is RelayTls.VERIFIED
    return Post(*_relay(settings), service.name, service.address, verified, authorities)


def _relay(settings: Settings) -> tuple[str, int]:
    """Who takes answers."""
    chosen, relay = settings.pickup, settings.relay
    return chosen.relay_host or relay.host, chosen.relay_port or relay.port


def _signer(settings: Settings) -> Any:
    """Who signs what carers sign on the pages; None where no certificate is set."""
    from vault.pickup.signing import Signer

    chosen = settings.pickup
    if not chosen.sign_key or not chosen.sign_certificate:
        return None
    return Signer(settings.at_home(chosen.sign_key), settings.at_home(chosen.sign_certificate))


def _sender(settings: Settings) -> Any:
    from web.pickup.senders import Notify, Shown

    chosen = settings.pickup
    if chosen.show_codes:
        return Shown()
    key = chosen.notify_key.get_secret_value()
    templates = {"en": chosen.notify_template, "cy": chosen.notify_template_cy or chosen.notify_template}
    return Notify(key, templates, chosen.notify_url) if key else None


def _application() -> Any:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.pickup"
    from django.core.wsgi import get_wsgi_application

    made = get_wsgi_application()
    from cli.watching import watch
    from config.pickup import MOST_OCTETS, SETTINGS
    from gateway import logs
    from gateway.secrecy import seal_memory
    from web.buffered import Buffered

    logs.set_up()
    watch(SETTINGS, SETTINGS.watch.pickup)
    for name in ("django.request", "django.security.csrf"):  # they would name paths, and links are in them
        logging.getLogger(name).disabled = True
    seal_memory()  # before the key is read
    build(SETTINGS)
    chosen = SETTINGS.pickup
    return Buffered(made, threads=chosen.threads, max_body=MOST_OCTETS, seconds=_BODY_SECONDS)


def __getattr__(name: str) -> Any:
    """Made when the server asks for it, not when a command imports this module."""
    if name == "application":
        return _application()
    raise AttributeError(name)
