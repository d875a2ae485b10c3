"""``sallyport forms``: the council's own blank forms, by which filled copies are recognised."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.exits import Exit
from cli.frame import InputError, command
from cli.reading import contained
from config import settings as configured
from config.settings import Settings
from domain.errors import ConfigurationError
from domain.model import Category

if TYPE_CHECKING:
    from classifiers.forms.form import Form
    from domain.model import Analysis

app = typer.Typer(no_args_is_help=True, help="The council's own blank forms: add them, and filled copies are known.")
File = Annotated[Path, typer.Argument(help="A form as a file: DOCX, PDF, text ...")]
_RESTART = "Restart the relay: readers know the forms that were there when it started."


@app.callback()
def _group() -> None:
    """The council's own blank forms."""


@app.command("add")
@command
def add(
    file: File,
    category: Annotated[Category, typer.Option("--class", help="What a filled copy is.")],
    name: Annotated[str, typer.Option(help="What to call it; else the file's name.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the form of that name.")] = False,
) -> None:
    """Register a blank form. Filled, scanned and re-typed copies are then known by it, and blank ones pass."""
    settings = configured.load()
    path, known = _file_of(settings), _forms_of(settings)
    title = name or file.stem
    if title in {form.name for form in known} and not replace:
        raise InputError(
            "name", public=f"A form called '{title}' is there already; write --replace, or another --name."
        )
    form = _blank(title, category, contained(settings.sandbox, file), file)
    _write(path, [*(f for f in known if f.name != title), form])
    print(f"'{title}' is registered: {len(form.shingles)} word triples. A filled copy is: {category.label}.")
    print(_RESTART)


@app.command("list")
@command
def list_() -> None:
    """Show the registered forms."""
    table = Table("form", "a filled copy is", "word triples", "words")
    for form in _forms_of(configured.load()):
        table.add_row(form.name, form.category.label, str(len(form.shingles)), str(sum(form.words.values())))
    Console(highlight=False).print(table)


@app.command("remove")
@command
def remove(name: Annotated[str, typer.Argument(help="As `sallyport forms list` shows it.")]) -> None:
    """Forget a form."""
    settings = configured.load()
    path, known = _file_of(settings), _forms_of(settings)
    if name not in {form.name for form in known}:
        raise InputError("name", public=f"No form is called '{name}'; see `sallyport forms list`.")
    _write(path, [form for form in known if form.name != name])
    print(f"'{name}' is forgotten. {_RESTART}")


@app.command("try")
@command
def try_(file: File) -> None:
    """Say which registered forms a file holds, and what has been written into them. Changes nothing."""
    settings = configured.load()
    from classifiers.forms.matching import FormBook, in_order

    forms = FormBook(_forms_of(settings)).read(in_order(contained(settings.sandbox, file).texts)[0])
    for match in forms.matches:
        written = "; ".join(f"'{' '.join(e.text.split())}'" for e in match.filled) or "nothing"
        print(f"{match.form.name}: {match.containment:.0%} of it is there. Written into it: {written}.")
    if not forms.matches:
        print("No registered form is in it.")
        raise typer.Exit(Exit.CHECK_FAILED)
    print("It is blank." if forms.blank else "It is not blank.")


def _blank(title: str, category: Category, analysis: Analysis, file: Path) -> Form:
    """The form, if it is one to know others by, and nobody stands in it."""
    from classifiers.forms.form import LEAST, Form
    from classifiers.forms.matching import in_order

    if analysis.identifiers:
        kind = analysis.identifiers[0].kind
        raise InputError("not blank", public=f"The file {file} is not blank: there is a {kind} in it.")
    try:
        return Form.of(title, category, in_order(analysis.texts)[0])
    except ValueError as error:
        public = f"The file {file} has too few words to know copies by; at least {LEAST + 2} are needed."
        raise InputError("form too short", public=public) from error


def _file_of(settings: Settings) -> Path:
    if settings.sandbox.forms is None:
        public = 'No file for forms is set: write forms = "forms.json" under [sandbox] in the settings.'
        raise ConfigurationError("no forms file", public=public)
    return settings.at_home(settings.sandbox.forms)


def _forms_of(settings: Settings) -> tuple[Form, ...]:
    """What is registered. A file that is not there yet holds none; here alone, where it is made."""
    from classifiers import knowledge

    path = _file_of(settings)
    return knowledge.load(path).registered() if path.exists() else ()


def _write(path: Path, forms: list[Form]) -> None:
    """All of it or nothing: the relay may start at any moment."""
    from classifiers.forms.form import dump

    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("wb") as out:
            out.write(dump(forms))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
    except OSError as error:
        raise InputError("forms file", public=f"The file {path} cannot be written.") from error
