"""What the search commands share: the register's names for ``about:``, errors that point, opened texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.account import account
from cli.frame import InputError
from cli.keys.masters import read_all
from config.settings import Settings
from domain.model import Analysis, Message, Part, Place, Unreadable, UnreadableReason
from domain.ports import Classifiers

if TYPE_CHECKING:
    from vault.models import VaultRecord
    from vault.search.terms import Terms
    from vault.search.tokens import Keyed
    from vault.search.tree import Tree
    from vault.unseal import Opener


def asker(why: str) -> Any:
    """Who runs this command."""
    from vault.search.asked import Asker

    return Asker(account(), why)


def build_terms(settings: Settings, keyed: Keyed) -> Terms:
    """``about:`` takes a reference, a council ID or a name of the register."""
    from web.searching import terms_for

    return terms_for(keyed, settings.service.domains)


@contextmanager
def pointing(query: str) -> Iterator[None]:
    """An error of the query comes out with the query and a caret."""
    from vault.search.find import WrongCursor
    from vault.search.grammar import QueryError
    from vault.search.terms import Nobody

    try:
        yield
    except QueryError as error:
        raise InputError("query", public=error.pointed()) from None
    except Nobody as error:
        raise InputError("query", public=QueryError(error.public, query, error.at, error.length).pointed()) from None
    except WrongCursor as error:
        raise InputError(error.private, public=error.public) from None


def parsed(query: str, settings: Settings, keyed: Keyed) -> tuple[Tree, Terms]:
    """Call it within :func:`pointing`."""
    from vault.search.grammar import parse

    tree, terms = parse(query), build_terms(settings, keyed)
    terms.plan(tree)
    return tree, terms


def build_opener(settings: Settings, identities: Sequence[Path], why: str) -> Opener:
    """Raises ``InputError`` for an identity file that is none, and without a reason."""
    from gateway.bootstrap import build_store
    from vault.unseal import Opener

    if not why.strip():
        raise InputError("no reason", public="A reason is needed: --why goes to the audit trail with your name.")
    return Opener(build_store(settings), read_all(identities))


def read_again(
    record: VaultRecord, opener: Opener, classifiers: Classifiers
) -> tuple[Message, Analysis, dict[str, Any]]:
    """An opened record as the relay read it, and its manifest.

    Where the whole mail does not open, those of its parts that do are read. Raises ``SealBroken``,
    ``VaultUnavailable``, ``ClassifierUnavailable``.
    """
    from gateway.parse import parse
    from vault import manifest
    from vault.models import ObjectKind
    from vault.unseal import CannotOpen

    bundle = opener.bundle(record)
    mail, parts = bundle.files.get(manifest.MAIL), []
    lacking: list[Unreadable] = []
    described = {p["number"]: p for p in bundle.manifest["parts"] if p["number"]}
    if mail is None:
        for file in opener.files(record, bundle):
            if file.content is None:
                lacking.append(Unreadable(file.row.part, UnreadableReason.ENCRYPTED))
                continue
            if file.row.kind == ObjectKind.MAIL:
                mail = file.content
                break
            told = described[file.row.number]
            parts.append(Part(told["path"], Place.ATTACHMENT, told["type"], told["file_name"], file.content))
    if mail is not None:
        message = parse(mail)
    elif parts:
        message = Message(b"", 0, bundle.manifest["subject"], "", "", tuple(parts), tuple(lacking))
    else:
        raise CannotOpen("neither the mail nor a part opens", record=record.pk)
    return message, classifiers.analyse(message.subject, (*message.parts, *message.notes)), bundle.manifest


def as_json(value: object) -> str:
    """For programs."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)
