"""Rulings on whom a mail is about, kept as labels; and what today's register says of all that were kept.

The classifier knows no names, so such a label trains nothing. It is measured: a name that is put into the register, or
a new version that looks for names otherwise, shows at once whether old mistakes would be made again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.corrections import write_label
from cli.frame import InputError, command, framed
from cli.looking import looked, who
from cli.office import print_json, print_table
from domain.model import Address, PageText, Part, Place, folded
from domain.subjects import Match, SubjectMatch, match

if TYPE_CHECKING:
    from config.settings import Settings
    from vault.held.lessons import Lesson

FOLDER, FORMAT = "people", "sallyport-people-1"
_NAME = "#name"
"""What ``classifiers.extract`` puts behind a part for its file's name."""
_DAMAGED = "{} is no label of whom a mail is about; labels are written by `sallyport classifier learn`."


class Verdict(StrEnum):
    """What would be found today, beside whom reviewers said it is about."""

    RIGHT = "right"
    AMONG = "among others"
    ANOTHER = "somebody else"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Label:
    """``about`` are register references; ``near`` the addresses of sender and recipient, which names depend on."""

    about: frozenset[str]
    near: tuple[str, ...]
    texts: tuple[PageText, ...] = field(repr=False)


def keep(into: Path, lesson: Lesson, texts: Iterable[PageText], why: str) -> None:
    """Write it, the audit trail first, and say where. Raises ``InputError``, ``VaultUnavailable``."""
    from gateway.clock import SystemClock
    from vault.held.lessons import LABELLED

    said = {
        "format": FORMAT,
        "about": sorted(lesson.about),
        "near": list(lesson.near),
        "why": " ".join(why.split()),
        "by": who(),
        "texts": [{"part": t.part, "place": t.place, "page": t.page, "text": t.text} for t in texts],
    }
    text = json.dumps(said, ensure_ascii=False, indent=1)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    looked(LABELLED, record=lesson.record, why=why, about=len(lesson.about), text=digest, ruling=lesson.number)
    kept = into / FOLDER / f"{SystemClock().now():%Y-%m-%d}-{digest}.json"
    write_label(kept, text)
    print(f"{kept} says whom it is about. Keep it as you keep the mail: it holds its text.")
    print(f"It trains nothing; sallyport classifier people {into} says whether it would be known today.")


def read(file: Path) -> Label:
    """What :func:`keep` wrote. Raises ``InputError``."""
    try:
        said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        texts = tuple(PageText(t["part"], Place(t["place"]), int(t["page"]), str(t["text"])) for t in said["texts"])
        label = Label(frozenset(said["about"]), tuple(said["near"]), texts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("people label", public=_DAMAGED.format(file)) from error
    if said.get("format") != FORMAT:
        raise InputError("people label of another version", public=_DAMAGED.format(file))
    return label


def verdict(found: SubjectMatch, about: Collection[str]) -> Verdict:
    """Right is: these people, and no doubt between candidates."""
    wanted = frozenset(about)
    if found.people == wanted and found.match is not Match.AMBIGUOUS:
        return Verdict.RIGHT
    if found.people & wanted:
        return Verdict.AMONG
    return Verdict.ANOTHER if found.people else Verdict.NOBODY


@command
def people(
    folder: Annotated[Path, typer.Argument(help="The folder that `sallyport classifier learn` writes into.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say of every mail whose people a reviewer had to name whether the register would name them today."""
    settings = framed()
    files = sorted((folder / FOLDER).glob("*.json"))
    if not files:
        raise InputError("no labels", public=f"No label of whom a mail is about lies in {folder / FOLDER}.")
    looked("labels of people measured", count=len(files))
    found = dict(_judged(files, settings))
    if as_json:
        print_json({file.name: said for file, said in found.items()})
        return
    print_table("Whom they are about", ("label", "would be found today"), [(f.name, v) for f, v in found.items()])
    counts = Counter(found.values())
    print(", ".join(f"{said}: {counts[said]}" for said in Verdict) + f" (of {len(found)})")


def _judged(files: Iterable[Path], settings: Settings) -> Iterator[tuple[Path, Verdict]]:
    from gateway.bootstrap import build_classifiers
    from register.lookup import DatabaseRegister

    register = DatabaseRegister(settings.service.domains, settings.service.subaddress)
    classifiers = build_classifiers(settings)
    try:
        for file in files:
            label = read(file)
            analysis = classifiers.analyse(*_as_read(label.texts))
            near = tuple(Address(folded(text), text) for text in label.near)
            yield file, verdict(match(register.mentions(analysis, near)), label.about)
    finally:
        classifiers.close()


def _as_read(texts: Iterable[PageText]) -> tuple[str, list[Part]]:
    """The subject line and the parts that a reader would read as these texts; files' names with their files."""
    subject, pages, names = "", dict[str, list[PageText]](), dict[str, str]()
    for text in texts:
        if text.place is Place.SUBJECT_LINE:
            subject = text.text
        elif text.place is Place.FILE_NAME:
            names[text.part.removesuffix(_NAME)] = text.text
        else:
            pages.setdefault(text.part, []).append(text)
    return subject, [
        Part(path, own[0].place, "text/plain", names.get(path, ""), "\f".join(p.text for p in own).encode(), "utf-8")
        for path, own in pages.items()
    ]
