"""The only package that builds adapters: settings in, ports and the relay out.

Everything that could never work is refused here, at start-up, with a sentence
(``ConfigurationError``), and never met later with a mail in hand.
"""

from gateway.bootstrap.ports import (
    build_classifiers,
    build_dkim,
    build_loop_guard,
    build_next_hop,
    build_protectors,
    build_resolver,
    build_rules,
    built,
    rules_now,
    signed_kinds,
    try_hop,
)
from gateway.bootstrap.relay import build_listeners, build_relay, run_relay
from gateway.bootstrap.stores import (
    build_escrow,
    build_filer,
    build_keyed,
    build_pickup_protector,
    build_pickup_store,
    build_public_halves,
    build_relay_store,
    build_sealing_keys,
    build_store,
    build_waiting_store,
    make_stores,
)

__all__ = [
    "build_classifiers",
    "build_dkim",
    "build_escrow",
    "build_filer",
    "build_keyed",
    "build_listeners",
    "build_loop_guard",
    "build_next_hop",
    "build_pickup_protector",
    "build_pickup_store",
    "build_protectors",
    "build_public_halves",
    "build_relay",
    "build_relay_store",
    "build_resolver",
    "build_rules",
    "build_sealing_keys",
    "build_store",
    "build_waiting_store",
    "built",
    "make_stores",
    "rules_now",
    "run_relay",
    "signed_kinds",
    "try_hop",
]
