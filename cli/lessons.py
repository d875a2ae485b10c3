"""``sallyport classifier rulings``, ``learn``: reviewers' rulings on held mails become labelled data, one by one.

On what a document is: a labelled file to train with. On whom a mail is about: a label to measure by (``cli/whose.py``).

Never silently: a person names the ruling and says why, the mail is opened with a key that opens it, and both are in the
audit trail before anything is written. Nothing changes until somebody trains.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import whose
from cli.corrections import Into, Kinds, Why, keep, reasoned
from cli.frame import InputError, command, framed
from cli.looking import looked
from cli.office import print_json, print_table, shown

if TYPE_CHECKING:
    from config.settings import Settings
    from domain.model import Category, PageText
    from vault.held.copy import Found
    from vault.held.lessons import Lesson

Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@command
def rulings(
    as_json: Json = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that are labelled already.")] = False,
) -> None:
    """List what reviewers said was taken for the wrong kind, or had to say whom it is about. Opens no mail."""
    framed()
    from vault.held.lessons import lessons

    found = [one for one in lessons() if every or not one.labelled]
    looked("rulings listed", count=len(found))
    if as_json:
        print_json([_as_json(one) for one in found])
    elif found:
        rows: list[tuple[str, ...]] = [
            (str(o.number), shown(o.at), o.record, _said(o), " and ".join(o.by), o.why, _where(o)) for o in found
        ]
        print_table("Rulings that can teach", ("number", "when", "record", "said", "by", "why", "words"), rows)
        print("Label one: sallyport classifier learn NUMBER --into FOLDER --why ...")
    else:
        print("No ruling waits to be labelled.")


@command
def learn(
    number: Annotated[int, typer.Argument(help="The ruling's number, as `sallyport classifier rulings` shows it.")],
    into: Into,
    why: Why,
    classes: Kinds = None,
    part: Annotated[str, typer.Option(help="Which part, where the ruling fits several.")] = "",
    identity: Annotated[
        list[Path] | None,
        typer.Option("--identity", "-i", help="A master's age key file, once the reviewers' copy is gone (repeat)."),
    ] = None,
) -> None:
    """Open the mail of one ruling and keep what it teaches: the document's right class, or whom the mail is about."""
    reasoned(why)
    settings = framed()
    from vault.held.lessons import mistaken, text_of

    lesson = _lesson(number)
    found, texts = _opened(settings, lesson, identity or [], why)
    right = _right_class(mistaken(found, texts, lesson.is_not), lesson, part, classes or []) if lesson.is_not else ""
    if lesson.about:
        whose.keep(into, lesson, texts, why)
    if lesson.is_not:
        keep(into, text_of(texts, right), classes or (), why, record=lesson.record, ruling=lesson.number)


def _right_class(
    taken: Mapping[str, frozenset[Category]], lesson: Lesson, part: str, classes: Collection[Category]
) -> str:
    """The part that was mistaken, where these classes may be what it is. Raises ``InputError``."""
    chosen, may_be = _part(taken, part)
    if wrong := lesson.is_not & set(classes):
        raise InputError("class", public=f"Reviewers ruled that it is not {', '.join(sorted(wrong))}.")
    if may_be and not classes:
        public = f"It was taken for {', '.join(sorted(may_be))}, too; say with --class what it is."
        raise InputError("class", public=public)
    return chosen


def _lesson(number: int) -> Lesson:
    """A ruling that stands. Raises ``InputError``."""
    from vault.held.lessons import lessons

    found = lessons(number)
    if not found:
        public = f"No ruling that stands has the number {number}; see `sallyport classifier rulings`."
        raise InputError("no ruling", public=public)
    return found[0]


def _opened(
    settings: Settings, lesson: Lesson, identities: list[Path], why: str
) -> tuple[Iterable[Found], Iterable[PageText]]:
    """What was found and read in it: of the reviewers' copy while it is there, else of the filed mail."""
    if lesson.waits and not identities:
        from cli.jobs.held import build_reader

        reader = build_reader(settings)
        looked("held mail opened", record=lesson.record, why=why, ruling=lesson.number)
        copy = reader.open(lesson.record)
        return copy.found, copy.texts
    if not identities:
        public = "The reviewers' copy is gone; give a master's key file with --identity to open the vault's."
        raise InputError("no key", public=public)
    return _from_the_vault(settings, lesson, identities, why)


def _from_the_vault(
    settings: Settings, lesson: Lesson, identities: list[Path], why: str
) -> tuple[Iterable[Found], Iterable[PageText]]:
    """The filed mail, read again by today's classifier and for what it was taken for."""
    from cli.vault.asking import build_opener, read_again
    from gateway.bootstrap import build_classifiers
    from vault.held.copy import Found
    from vault.models import VaultRecord

    opener, classifiers = build_opener(settings, identities, why), build_classifiers(settings)
    looked("record opened to label it", record=lesson.record, why=why, ruling=lesson.number)
    try:
        _, analysis, _ = read_again(VaultRecord.objects.get(id=lesson.record), opener, classifiers)
    finally:
        classifiers.close()
    return [Found(f.part, f.category, f.likelihood, f.evidence) for f in analysis.findings], analysis.texts


def _part(parts: Mapping[str, frozenset[Category]], asked: str) -> tuple[str, frozenset[Category]]:
    """The one that is meant, and the kinds that it may be all the same. Raises ``InputError``."""
    chosen = [part for part in parts if asked in {"", part}]
    if len(chosen) == 1:
        return chosen[0], parts[chosen[0]]
    listed = ", ".join(parts)
    public = f"The ruling fits the parts {listed}; say which with --part." if parts else _NO_PART
    raise InputError("part", public=public)


_NO_PART = (
    "No part of this mail is taken for that any more. Save the document and use `sallyport classifier correct FILE`."
)


def _said(lesson: Lesson) -> str:
    kinds = [f"not {kind.label}" for kind in sorted(lesson.is_not)]
    return "; ".join([*kinds, *(["about somebody whom it did not name"] if lesson.about else [])])


def _where(lesson: Lesson) -> str:
    words = "reviewers' copy" if lesson.waits else "the vault"
    return "labelled" if lesson.labelled else words


def _as_json(lesson: Lesson) -> dict[str, object]:
    return {
        "number": lesson.number,
        "record": lesson.record,
        "at": lesson.at.isoformat(),
        "by": list(lesson.by),
        "is_not": sorted(lesson.is_not),
        "about": sorted(lesson.about),
        "why": lesson.why,
        "reviewers_copy": lesson.waits,
        "labelled": lesson.labelled,
    }
