"""From what somebody typed to a tree, or to an error that points at the word (docs/search.md has the grammar).

Total: any string is a tree or a :class:`QueryError`.
"""

from __future__ import annotations

import re
from typing import Any

import lark

from domain.errors import SallyportError
from vault.search import fields
from vault.search.document import SPAN
from vault.search.tokens import stem
from vault.search.tree import NEAR, Near, Phrase, Prefix, Shape, Term, Tree, both, either, other_than
from vault.search.words import SHAPE, plain, words

_LONGEST, _DEEPEST = 2_000, 20
_END = r'(?=[\s(),"*]|$)'
_SHAPE = re.sub(r"\s+", "", re.sub(r"\\s", "~s", SHAPE.pattern).replace("[ ", "[~x20")).replace("~s", r"\s")
_SHAPE = re.sub(r"\(\?P<\w+>", "(?:", _SHAPE.replace("~x20", r"\x20")).replace(r"\)?", "")
_GRAMMAR = rf"""
start: any
?any: all (OR all)+ -> either | all
?all: part (AND? part)+ -> both | part
?part: (NOT | MINUS)+ one -> negated | one
?one: "(" any ")" | near
?near: WORD NEAR_TO WORD -> near | NEAR_OF WORD WORD ")" -> near_of | NEAR_OF WORD WORD WORD ")" -> near_of | atom
atom: WORD -> word | SHAPE -> shape | STRING -> phrase | FIELD -> field | PREFIX -> prefix

AND.9: /AND(?=[\s(),]|$)/
OR.9: /OR(?=[\s(),]|$)/
NOT.9: /NOT(?=[\s(),]|$)/
NEAR_OF.9: /NEAR\s*\(/
NEAR_TO.9: /NEAR(\/\d+)?(?=[\s,]|$)/
MINUS.9: /-(?=[^\s-])/
STRING.8: /"[^"]*"/
FIELD.7: /[A-Za-z]+:("[^"]*"|[^\s()"]*)/
SHAPE.6: /{_SHAPE.replace("/", chr(92) + "/")}{_END}/i
PREFIX.7: /[^\s(),"*:]+\*/
WORD.1: /[^\s(),"*]+/
%ignore /[\s,]+/
"""


class QueryError(SallyportError):
    """What was typed cannot be understood: ``public`` says what would be right; it is at ``at``, ``length`` signs."""

    def __init__(self, says: str, query: str, at: int, length: int = 1) -> None:
        super().__init__("query", public=says)
        self.query, self.at, self.length = query, at, max(1, length)

    def pointed(self) -> str:
        """Three lines: the sentence, the query, and a caret under the word."""
        line = re.sub(r"\s", " ", self.query)
        return f"{self.public}\n  {line}\n  {' ' * self.at}{'^' * self.length}"


def parse(query: str) -> Tree:
    """The tree of a query. Raises :class:`QueryError`."""
    text = _level(query)
    _check(query, text)
    builder = _Builder(query)
    try:
        tree = _PARSER.parse(text)
        return builder.transform(tree)
    except lark.exceptions.VisitError as error:
        if isinstance(error.orig_exc, QueryError):
            raise error.orig_exc from None
        raise
    except lark.exceptions.UnexpectedInput as error:
        raise _explained(error, query, text) from None


_QUOTES = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", '"') | {"\u2013": "-", "\u2212": "-"}
)


def _level(query: str) -> str:
    """Quotation marks and dashes of a word processor, sign by sign, so that places stay as they are."""
    return _AREA_CODE.sub(r" \1 ", query.translate(_QUOTES))


_AREA_CODE = re.compile(r"\((0\d{2,4})\)(?=[\s-]?\d{3})")


def _check(query: str, text: str) -> None:
    if not re.search(r"[^\s,]", text):
        raise QueryError("Write what to look for.", query, 0)
    if len(text) > _LONGEST:
        raise QueryError(f"A query has at most {_LONGEST} signs; this is where it must end.", query, _LONGEST)
    if text.count('"') % 2:
        raise QueryError('This quotation mark is not closed; write "words of a phrase".', query, text.rindex('"'))
    opened: list[int] = []
    outside = re.sub(r'"[^"]*"', lambda m: " " * len(m[0]), text)
    for at, sign in enumerate(outside):
        if sign == "(":
            opened.append(at)
            if len(opened) > _DEEPEST:
                raise QueryError(f"Brackets may lie {_DEEPEST} deep.", query, at)
        elif sign == ")":
            if not opened:
                raise QueryError("This bracket closes none; leave it out, or open one before.", query, at)
            opened.pop()
    if opened:
        raise QueryError("This bracket is not closed.", query, opened[-1])


class _Builder(lark.Transformer[lark.Token, Tree]):
    """Lark's tree into ours."""

    def __init__(self, query: str) -> None:
        super().__init__()
        self._query = query

    def start(self, items: list[Any]) -> Tree:
        return items[0]  # type: ignore[no-any-return]

    def either(self, items: list[Any]) -> Tree:
        return either([i for i in items if not isinstance(i, lark.Token)])

    def both(self, items: list[Any]) -> Tree:
        return both([i for i in items if not isinstance(i, lark.Token)])

    def negated(self, items: list[Any]) -> Tree:
        return other_than(items[-1]) if len(items) % 2 == 0 else items[-1]

    def word(self, items: list[Any]) -> Tree:
        return Term(self._words(items[0]))

    def shape(self, items: list[Any]) -> Tree:
        text = " ".join(plain(str(items[0])).casefold().split())
        return Shape(text)

    def phrase(self, items: list[Any]) -> Tree:
        number = SHAPE.fullmatch(" ".join(plain(str(items[0]).strip('"')).split()))
        if number:  # a number is one, however it is spaced, in quotes as without
            return Shape(number[0].casefold())
        found = self._words(items[0])
        if len(found) > SPAN:
            raise self._wrong(items[0], f"A phrase has at most {SPAN} words; look for a part of it.")
        return Phrase(found)

    def near(self, items: list[Any]) -> Tree:
        one, how, other = items
        return self._near(one, other, how, how.partition("/")[2])

    def near_of(self, items: list[Any]) -> Tree:
        _, one, other, *places = items
        if places and not places[0].isdecimal():
            raise self._wrong(places[0], "NEAR takes two words and a number: NEAR(seizure night, 5).")
        if other.isdecimal() and not places:
            raise self._wrong(other, "NEAR takes two words and a number: NEAR(seizure night, 5).")
        return self._near(one, other, places[0] if places else one, str(places[0]) if places else "")

    def _near(self, one: lark.Token, other: lark.Token, how: lark.Token, places: str) -> Tree:
        words_of = [self._words(one), self._words(other)]
        for token, found in zip((one, other), words_of, strict=True):
            if len(found) != 1:
                raise self._wrong(token, "NEAR is between single words; this is several.")
        if stem(words_of[0][0]) == stem(words_of[1][0]):
            raise self._wrong(other, "NEAR needs two different words.")
        number = int(places) if places else NEAR
        if not 1 <= number <= SPAN:
            raise self._wrong(how, f"Words can be 1 to {SPAN} words apart: NEAR(seizure night, 5).")
        return Near(words_of[0][0], words_of[1][0], number)

    def field(self, items: list[Any]) -> Tree:
        name, _, value = items[0].partition(":")
        try:
            return fields.field(name.lower(), value, items[0].start_pos or 0)
        except fields.WrongValue as error:
            shift = 0 if error.of_name else len(name) + 1
            at, length = (items[0].start_pos or 0) + shift, len(name if error.of_name else value)
            raise QueryError(error.says, self._query, min(at, len(self._query)), length) from None

    def prefix(self, items: list[Any]) -> Tree:
        text = "".join(words(str(items[0])[:-1]))
        if not re.fullmatch(r"[a-z]{1,4}\d+", text):
            raise self._wrong(items[0], fields.ONLY_NAMES)
        return Prefix("ref", text)

    def _words(self, token: lark.Token) -> tuple[str, ...]:
        found = tuple(words(str(token)))
        if not found:
            raise self._wrong(token, "There is no word in this.")
        return found

    def _wrong(self, token: lark.Token, says: str) -> QueryError:
        return QueryError(says, self._query, token.start_pos or 0, len(token))


def _explained(error: lark.exceptions.UnexpectedInput, query: str, text: str) -> QueryError:
    """What a parser says, as a sentence."""
    token = getattr(error, "token", None)
    if not isinstance(token, lark.Token):
        at = error.pos_in_stream or 0
        return QueryError(fields.ONLY_NAMES if text[at] == "*" else "This sign cannot stand here.", query, at)
    if token.type == "$END":
        *_, last = re.finditer(r"[^\s,]+", text)
        return QueryError("Something must follow this.", query, last.start(), len(last[0]))
    says = next((s for kind, s in _SAID.items() if token.type.startswith(kind)), _SAID["NEAR_OF"])
    return QueryError(says, query, token.start_pos or 0, len(token))


_SAID = {
    "AND": "AND stands between two things; one is missing.",
    "OR": "OR stands between two things; one is missing.",
    "NEAR_TO": "NEAR stands between two single words: seizure NEAR/5 night.",
    "NEAR_OF": "This cannot stand here; NEAR takes two words and a number: NEAR(seizure night, 5).",
    "RPAR": "Something must stand before this bracket.",
}
_PARSER = lark.Lark(_GRAMMAR, parser="lalr", lexer="basic", maybe_placeholders=False)
