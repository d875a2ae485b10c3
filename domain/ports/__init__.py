"""What the pipeline needs from outside, as Protocols: asked, kept, sent. ``gateway/bootstrap`` alone builds adapters.

Each method says which error it may raise; anything else that escapes is a bug, and is
treated as :class:`~domain.errors.TryAgain` by the server.
"""

from __future__ import annotations

from domain.ports.asking import Classifiers, Clock, Correspondents, Papers, Register, StoredKey
from domain.ports.keeping import (
    Claim,
    FiledPart,
    Filing,
    Journal,
    NoticeBook,
    Obligations,
    Pickups,
    Release,
    Standing,
    Texts,
    Vault,
    VaultReceipt,
    WaitingRoom,
)
from domain.ports.sending import KeyVerdict, NextHop, Notices, Protector

__all__ = [
    "Claim",
    "Classifiers",
    "Clock",
    "Correspondents",
    "FiledPart",
    "Filing",
    "Journal",
    "KeyVerdict",
    "NextHop",
    "NoticeBook",
    "Notices",
    "Obligations",
    "Papers",
    "Pickups",
    "Protector",
    "Register",
    "Release",
    "Standing",
    "StoredKey",
    "Texts",
    "Vault",
    "VaultReceipt",
    "WaitingRoom",
]
