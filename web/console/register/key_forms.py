"""What is asked before a recipient's key is used: the key, and the end of its fingerprint as its owner read it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms

from domain.model import Address
from domain.ports import StoredKey
from web import clock
from web.console.outside import Offered, outside
from web.console.register.change import RowForm
from web.console.register.fields import why

_LARGEST = 200_000
"""Octets. A certificate with many signatures of others has some ten thousand."""
_READ_OUT = 16
"""Characters of a fingerprint, 64 bits: four groups on the telephone. A second key with the same last eight is made in
seconds ("evil32"), which is why short key IDs prove nothing."""


class OutForm(RowForm):
    """A reason alone."""

    why = why()


class AddForm(OutForm):
    """A key that somebody handed in."""

    address = forms.EmailField(
        label="Whose key is it?",
        help_text="Their e-mail address.",
        error_messages={"required": "Type the address.", "invalid": "Write the address as name@example.org."},
    )
    file = forms.FileField(
        label="The key as a file (optional)",
        help_text="An OpenPGP public key or a certificate: .asc, .pgp, .pem, .cer, .crt, .p7b",
        required=False,
        widget=forms.FileInput(),
    )
    pasted = forms.CharField(
        label="Or the key as text (optional)",
        help_text="From the line -----BEGIN to the line END.",
        required=False,
        max_length=_LARGEST,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    ending = forms.CharField(
        label="The last 16 characters of its fingerprint, as its owner read them out",
        help_text="Letters and numbers; spaces do not matter.",
        max_length=40,
        error_messages={"required": "Type what its owner read out."},
    )
    field_order: Iterable[str] | None = ("address", "file", "pasted", "ending", "why")

    def clean_address(self) -> str:
        """Folded, as the register keeps it."""
        return Address.of(self.cleaned_data["address"]).key

    def clean(self) -> dict[str, Any]:
        """It is that key, as its owner says, and it may be used."""
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and (key := self._key(said)) is not None:
            self._confirmed(key, said["ending"])
        return said

    def _confirmed(self, key: StoredKey, ending: str) -> None:
        typed = "".join(c for c in ending if c.isalnum()).upper()
        if len(typed) < _READ_OUT or not key.fingerprint.upper().endswith(typed):
            self.add_error("ending", "That is not how the fingerprint of this key ends. Do not use it; ask its owner.")
        elif reason := outside().key_fault(key, clock.now()):
            self.add_error(None, f"This key cannot be used: {reason}.")

    def _key(self, said: dict[str, Any]) -> StoredKey | None:
        found = self._handed_in(said)
        if found is None:
            return None
        if found.had_secret:
            wrong = (
                "A private key is in it, which nobody should send. Nothing was stored. Its owner should make a new one."
            )
        elif found.addresses and said["address"] not in found.addresses:
            wrong = f"This key belongs to {', '.join(found.addresses)}: mail that is encrypted to it is theirs."
        else:
            key: StoredKey = replace(found.key, address=said["address"])
            said["found"] = key
            return key
        self.add_error("file", wrong)
        return None

    def _handed_in(self, said: dict[str, Any]) -> Offered | None:
        file, pasted = said.get("file"), said.get("pasted") or ""
        if file is not None and file.size > _LARGEST:
            self.add_error("file", "This file is too large for a key.")
            return None
        data = file.read() if file is not None else pasted.encode()
        found = outside().keys_in(data) if data.strip() else ()
        if len(found) != 1:
            several = "It holds several keys. Hand them in one by one."
            none = "Choose a file with the key, or paste it." if not data.strip() else "There is no public key in it."
            self.add_error("file", several if found else none)
            return None
        return found[0]
