"""What the console's pages need of the parts outside: a page may not import the gateway, so it is handed it.

Made once for each process that serves pages, when the first page asks (``config/console.py``).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from domain.errors import ConfigurationError
from domain.pickup import Standing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from domain.decision import Method
    from domain.ports import StoredKey
    from domain.rules import Rules
    from vault.disposal.standing import Viewer
    from vault.merkle.note import Note, Verifier
    from vault.models import PickupGrant
    from vault.pickup.trying import Codes
    from web.console.outside import Offered, Signed


class Beside:
    """Implements ``web.console.outside.Outside``."""

    def __init__(self) -> None:
        from config.django import SETTINGS

        self._settings = SETTINGS

    def stands(self, row: PickupGrant, now: datetime) -> Standing:
        """See the port."""
        from register.lookup import DatabaseRegister
        from vault.pickup.grants import stands

        return stands(
            row,
            DatabaseRegister(self._settings.service.domains, self._settings.service.subaddress).circle,
            self._rules,
            now,
        )

    @property
    def _rules(self) -> Rules:
        from gateway.bootstrap import rules_now

        return rules_now(self._settings)

    def codes(self) -> Codes:
        """See the port. The key is the pick-up process's: one made here would give codes that open nothing there."""
        from cli.pickup.asgi import code_key
        from vault.pickup.trying import Codes

        if not self._settings.at_home(self._settings.pickup.code_key).exists():
            public = "Codes cannot be made on this machine; ask an operator, who can do it where mail is picked up."
            raise ConfigurationError("no code key", public=public)
        return Codes(code_key(self._settings))

    def resend(self, row: PickupGrant, by: str, why: str, now: datetime) -> str:
        """See the port."""
        from cli.pickup.sending import resend

        return resend(row, self._settings, by, why, now)

    def viewer(self) -> Viewer:
        """See the port."""
        return self._viewer

    @cached_property
    def _viewer(self) -> Viewer:
        from cli.disposal.proposing import build_viewer

        return build_viewer(self._settings)

    def signed(self) -> Signed | None:
        """See the port. The root is made of the hashes as they are stored; all events are proven by the worker."""
        from cli.audit import built
        from vault.merkle.checkpoint import Checkpoint
        from vault.merkle.note import Note
        from vault.merkle.publishing import newest
        from vault.merkle.sequencing import the_tree
        from vault.merkle.tiles import Tiles
        from web.console.outside import Signed

        last = newest(built.origin(self._settings))
        if last is None:
            return None
        note = Note.of(last.note)
        head, signed = Checkpoint.of(note.text), any(_is_signed(note, key) for key in built.log_keys(self._settings))
        holds = signed and head.size == last.size and Tiles().root(head.size) == head.root
        return Signed(last.size, last.at, holds, the_tree().size)

    def keys_in(self, data: bytes) -> list[Offered]:
        """See the port."""
        from domain.model import folded
        from gateway.protect.inspection import inspect
        from web.console.outside import Offered

        return [Offered(k.stored, tuple(folded(a) for a in k.addresses), k.had_secret) for k in inspect(data)]

    def key_ends(self, data: bytes) -> datetime | None:
        """See the port."""
        from gateway.protect.inspection import inspect

        return min((key.expires_at for key in inspect(data) if key.expires_at), default=None)

    def kinds(self) -> Collection[Method]:
        """See the port."""
        from gateway.bootstrap import signed_kinds

        return signed_kinds(self._settings)

    def key_fault(self, key: StoredKey, now: datetime) -> str:
        """See the port. The gates of every use, and the authorities and signing keys of the settings."""
        from gateway.bootstrap.ports import build_trust
        from gateway.protect.judging import fault

        if key.method not in self.kinds():
            return f"this service is not set up to send {key.method} mail; ask an operator"
        return fault(key, build_trust(self._settings), now)

    def lasts(self) -> timedelta:
        """See the port."""
        return self._settings.disposal.approval

    def metrics(self) -> Mapping[str, str]:
        """See the port."""
        watch = self._settings.watch
        ports = {"relay": watch.relay, "web": watch.web, "worker": watch.worker, "pickup": watch.pickup}
        return {name: f"http://{watch.host}:{port}/metrics" for name, port in ports.items() if port}

    def answers_take_two(self) -> bool:
        """See the port."""
        return self._settings.keyholder.answers_take_two


def _is_signed(note: Note, key: Verifier) -> bool:
    from domain.errors import SealBroken

    try:
        return note.signed_by(key) is not None
    except SealBroken:
        return False
