"""``sallyport classifier``: train the model on labelled files, keep corrections as such files, look into a model."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli import lessons, whose
from cli.corrections import Into, Kinds, Why, keep, reasoned
from cli.frame import InputError, command, framed
from cli.reading import contained
from config import settings as configured
from domain.model import Category

if TYPE_CHECKING:
    from classifiers.learned.model import Model
    from classifiers.training.train import Trained

app = typer.Typer(no_args_is_help=True, help="The model behind the rules: train it, correct it, look into it.")
_SHOWN = 25


@app.callback()
def _group() -> None:
    """The model behind the rules."""


@app.command("train")
@command
def train(
    labelled: Annotated[list[Path], typer.Option(help="A folder of labelled files, a folder a source (repeat).")],
    out: Annotated[Path, typer.Option(help="Where the model goes.")],
    name: Annotated[str, typer.Option(help="What to call this model, for example a date and a number.")],
    published: Annotated[
        list[Path] | None, typer.Option(help="Documents published elsewhere, a JSON object a line (repeat).")
    ] = None,
    card: Annotated[Path | None, typer.Option(help="Where its card goes; else beside it.")] = None,
) -> None:
    """Train on labelled files, judge each source by what the others taught, and write model and card."""
    trained = _trained(labelled, published or [], name)
    from classifiers.learned.model import dump, parse
    from classifiers.training import measure
    from classifiers.training.card import card as written
    from gateway.clock import SystemClock

    content = dump(trained.model, {"documents": len(trained.documents), "sources": sorted(trained.written)})
    parse(content)  # what would not start a relay is not written
    page = written(
        trained, hashlib.sha256(content).hexdigest(), SystemClock().now().date(), "sallyport classifier train"
    )
    _write(out, content)
    _write(card or out.with_suffix(".md"), page.encode())
    print(f"'{name}': {len(trained.model.rows)} words, of {len(trained.documents)} documents. On unseen sources:")
    print(f"  recall of confidential {measure.recall(trained.own)}, false alarms {measure.false_alarms(trained.own)},")
    print(f"  macro-F1 of the categories {measure.macro_f1(trained.own):.3f}.")
    short = trained.short
    print(f"  mails of a line or two: recall {measure.recall(short)}, false alarms {measure.false_alarms(short)}.")


@app.command("correct")
@command
def correct(
    file: Annotated[Path, typer.Argument(help="The document that was judged wrongly.")],
    into: Into,
    why: Why,
    classes: Kinds = None,
) -> None:
    """Keep a document with its right class, to train with. Nothing else changes until somebody trains."""
    reasoned(why)
    settings = framed()
    keep(into, "\f".join(page.text for page in contained(settings.sandbox, file).texts), classes or (), why)


app.command("rulings")(lessons.rulings)
app.command("learn")(lessons.learn)
app.command("people")(whose.people)


@app.command("show")
@command
def show(
    model: Annotated[Path | None, typer.Argument(help="A model; else the one that the settings name.")] = None,
    category: Annotated[Category | None, typer.Option("--class", help="The words that speak most for this.")] = None,
) -> None:
    """Say which model is used, and which words speak most for a category."""
    from classifiers import knowledge

    setting = configured.load().sandbox.model if model is None else None
    path = model or (configured.load().at_home(setting) if setting else None)
    known = knowledge.load(None, path).learned()
    print(f"'{known.name}': {len(known.rows)} words; {path or 'the one that comes with Sallyport'}.")
    if category:
        Console(highlight=False).print(_strongest(known, category))


def _strongest(model: Model, category: Category) -> Table:
    """The words by how much more they weigh for it than for all kinds on average."""
    worth = {term: model.speaks(term, category) for term in model.rows}
    table = Table("word", "weight", title=category.label, title_justify="left")
    for term in sorted(worth, key=lambda t: -worth[t])[:_SHOWN]:
        table.add_row(term, f"{worth[term]:.2f}")
    return table


def _trained(folders: list[Path], published: list[Path], name: str) -> Trained:
    from classifiers.training.labelled import BRIEF, LESSER, LabelError, named, read_folder, read_lines

    try:
        from classifiers.training.train import MOST_PUBLISHED, at_most
        from classifiers.training.train import train as run
    except ModuleNotFoundError as error:
        public = f"Training needs the package {error.name}: pip install 'sallyport[train]'."
        raise InputError("no training", public=public) from error
    if missing := [path for path in (*folders, *published) if not path.exists()]:
        raise InputError("no such file", public=f"{missing[0]} does not exist.")
    try:
        lesser, brief = ({source for folder in folders for source in named(folder, what)} for what in (LESSER, BRIEF))
        found = [one for folder in folders for one in read_folder(folder)]
        others = at_most((one for file in published for one in read_lines(file)), MOST_PUBLISHED)
        return run(
            [one for one in found if one.source not in lesser | brief],
            [*(one for one in found if one.source in lesser), *others],
            name,
            [one for one in found if one.source in brief],
        )
    except LabelError as error:
        raise InputError(error.private, public=error.public) from error


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as error:
        raise InputError("file", public=f"The file {path} cannot be written.") from error
