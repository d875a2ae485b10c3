"""Where in an opened text the words of a query stand, and the pieces around them. Pure; after opening only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from domain.model import PageText
from vault.search.tokens import stem
from vault.search.tree import Near, Phrase, Shape, Term, Tree, wanted
from vault.search.words import SHAPE, plain, shape, spans, words

_AROUND = 60
_MOST = 3


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a page's text. ``marks`` are where its found words begin and end in ``text``."""

    part: str
    page: int
    text: str = field(repr=False)
    marks: tuple[tuple[int, int], ...]


def snippets(texts: Sequence[PageText], tree: Tree, most: int = _MOST) -> list[Snippet]:
    """The first ``most`` pieces that show what was found; none where only fields were asked for."""
    looked_for = list(wanted(tree))
    return list(islice((s for page in texts for s in _of_page(page, looked_for)), most))


def marked(text: str, tree: Tree | None) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A whole page's text as it is compared, and where its found words begin and end; all of them."""
    shown = plain(text)
    looked_for = list(wanted(tree)) if tree is not None else []
    return shown, tuple(sorted({m for item in looked_for for m in _marks(shown, item)}))


def _of_page(page: PageText, looked_for: Sequence[Tree]) -> Iterator[Snippet]:
    text = plain(page.text)
    marks = sorted({m for item in looked_for for m in _marks(text, item)})
    while marks:
        start = max(0, marks[0][0] - _AROUND)
        inside = [marks.pop(0)]
        while marks and marks[0][0] - inside[-1][1] < _AROUND:
            inside.append(marks.pop(0))
        end = min(len(text), inside[-1][1] + _AROUND)
        shifted = tuple((a - start, b - start) for a, b in inside)
        yield Snippet(page.part, page.page, text[start:end], shifted)


def _marks(text: str, item: Tree) -> Iterator[tuple[int, int]]:
    placed = list(spans(text))
    match item:
        case Phrase(words=(single,)):
            yield from ((a, b) for a, b, w in placed if w == single)
        case Term(words=found) | Phrase(words=found):
            yield from _in_order(placed, found)
        case Near(one=one, other=other):
            either = {stem(one), stem(other)}
            yield from ((a, b) for a, b, w in placed if stem(w) in either)
        case Shape(text=written):
            yield from _in_order(placed, words(written))
            same = SHAPE.fullmatch(written)
            yield from (f.span() for f in SHAPE.finditer(text) if same and shape(f) == shape(same))
        case _:
            return


def _in_order(placed: Sequence[tuple[int, int, str]], found: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Each word of it by itself, as a phrase may run over a line."""
    stems = [stem(w) for w in found]
    told = [stem(w) for *_, w in placed]
    for n in range(len(told) - len(stems) + 1):
        if told[n : n + len(stems)] == stems:
            yield from ((a, b) for a, b, _ in placed[n : n + len(stems)])
