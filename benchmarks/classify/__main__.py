"""``make bench-classify``: the figures of docs/accuracy.md, on documents of sources that the classifier has not seen.

``--write`` puts them between the marks in docs/accuracy.md and draws its pictures. ``--published FILE`` names the
documents that are not in the tree (a JSON object a line; else SALLYPORT_PUBLISHED, else ../shared/data beside the
checkout); without them their rows are missing, and the page says so. ``--only documents`` and the like run a part.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.classify import documents, files, forms, pictures
from classifiers.training import measure

_DOCS = Path(__file__).parent.parent.parent / "docs"
_ON_THE_PAGE = frozenset({"documents", "forms", "files"})
"""Identifiers and people have pages of their own, which say what was measured in words."""
_BEGIN, _END = "<!-- {}: written by make bench-classify -->", "<!-- end of {} -->"


def main(arguments: list[str]) -> int:
    asked = _asked(arguments)
    published = asked.published if asked.published.is_file() else None
    if published is None:
        print(f"{asked.published} is not there: nothing is said of published documents.", file=sys.stderr)
    parts: dict[str, Callable[[], Iterator[str]]] = {
        "documents": lambda: _documents(published, write=asked.write),
        "forms": lambda: forms.page(published, documents.CORPUS),
        "files": files.page,
        "identifiers": _identifiers,
        "people": _people,
    }
    for name in asked.only or parts:
        print(f"measuring {name} ...", file=sys.stderr)
        said = "\n".join(parts[name]())
        print(said)
        if asked.write and name in _ON_THE_PAGE:
            _put(name, said)
    return 0


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.classify", description=__doc__)
    place = Path(os.environ.get("SALLYPORT_PUBLISHED", documents.PUBLISHED))
    parser.add_argument("--published", type=Path, default=place)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", action="append", choices=("documents", "forms", "files", "identifiers", "people"))
    return parser.parse_args(arguments)


def _identifiers() -> Iterator[str]:
    from benchmarks.classify import identifiers  # noqa: PLC0415 - loads what it is measured beside

    yield _printed(identifiers.table())


def _people() -> Iterator[str]:
    from benchmarks.classify import people  # noqa: PLC0415 - sets Django up

    with tempfile.TemporaryDirectory() as folder:
        for table in people.tables(Path(folder)):
            yield _printed(table)


def _printed(table: Table) -> str:
    out = io.StringIO()
    Console(file=out, width=120).print(table)
    return out.getvalue()


def _documents(published: Path | None, *, write: bool) -> Iterator[str]:
    measured = documents.measure_all(published)
    if write:
        curves = {
            {"rules": "rules alone", "model": "model alone", "both": "all layers"}[name]: measure.reliability(
                [(one.likelihood, bool(one.kinds)) for one in judged]
            )
            for name, judged in measured.held_out.items()
        }
        curves = {name: curves[name] for name in ("all layers", "rules alone", "model alone")}
        drawn = pictures.reliability(curves, "Is what is said true? Held-out authors")
        (_DOCS / "pictures" / "classify-reliability.svg").write_text(drawn, encoding="utf-8")
        drawn = pictures.confusion(
            measure.confusion(measured.held_out["both"]), "What was called what. Held-out authors"
        )
        (_DOCS / "pictures" / "classify-confusion.svg").write_text(drawn, encoding="utf-8")
    yield from documents.page(measured)


def _put(name: str, said: str) -> None:
    """Between the marks of this part in docs/accuracy.md."""
    page = _DOCS / "accuracy.md"
    text = page.read_text(encoding="utf-8")
    begin, end = _BEGIN.format(name), _END.format(name)
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n\n{said.strip()}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
