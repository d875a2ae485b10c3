"""Plain text and web pages.

Purpose: every word that some mail program might show, hidden ones too, and the files written into text. Trust: hostile
bytes with a hostile charset. Failure: ``Unread`` AMBIGUOUS where programs would differ in the letters, or where XML
declares entities; bytes that no charset explains become replacement characters.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import unquote_plus

from classifiers.extract.carriers import read_carried, read_data
from classifiers.extract.charsets import decode, doubtful
from classifiers.extract.directory import directory_text, is_directory
from classifiers.extract.reading import Item, Reading, Unread
from domain.model import UnreadableReason

_COMMENT = re.compile(r"<!--(?:-?>|(.*?)(?:--!?>|\Z))|<!\[CDATA\[|\]\]>", re.DOTALL)
_TAG = re.compile(r"""<!\[[^>]{0,200}+\]>|</?([a-zA-Z][\w:-]*+)((?:"[^"]*+"|'[^']*+'|[^'">]++)*+)>|<[!?]([^>]*+)>""")
_CONDITION = re.compile(r"\s*\[if[^\]>]{0,200}+\]>", re.IGNORECASE)
_CONDITION_ENDS = re.compile(r"<!\[endif\]\s*\Z", re.IGNORECASE)
"""The head and the end of a comment that Outlook reads as part of the page."""
_SHOWN = re.compile(
    r"""\b(?:alt|title|value|placeholder|content|label|summary|aria-label)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""",
    re.IGNORECASE,
)
_SRCDOC = re.compile(r"""\bsrcdoc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_UNSHOWN = re.compile(r"<(style|script)\b[^>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"(?<!\d)\d(?:[\s.-]{0,3}\d){7,11}(?!\d)")
"""What could be a person's number; tags and comments in the middle of one are nothing to the eye."""
_BEFORE, _AFTER = 60, 25
_TOLD = 6
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_BREAKS = {"\\n": "\n", "\\r": "\n", "\\t": "\t", "\\/": "/"}
_BREAK = re.compile(r"\\[nrt/]")
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "o:p",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
        "w:r",
        "w:t",
        "wbr",
    ]
)
_CELL = frozenset({"td", "th"})
_NEWLINES = re.compile(r"[ \t]*\n\s*\n\s*")


def read_plain(item: Item, reading: Reading) -> None:
    """``text/plain``, CSV, JSON, calendars, contacts and the like, with the files in it.

    Empty text is fine: there is nothing to give away.
    """
    text = decode(item.content, item.charset)
    text = directory_text(text) if is_directory(text) else unescaped(text)
    reading.say(item.path, item.place, text)
    read_data(item, text, reading)
    read_carried(item, text, reading)
    if doubtful(item.content, item.charset):
        raise Unread(UnreadableReason.AMBIGUOUS)


def read_html(item: Item, reading: Reading) -> None:
    """``text/html`` and XML: visible and hidden text, form values; comments, styles, scripts and tags beside it.

    What stands beside comes as a second text of the first page, as with properties of other files: a person who opens
    the page does not see it.
    """
    charset = item.charset or _meta_charset(item.content)
    markup = decode(item.content, charset)
    rest = read_data(item, markup, reading)
    for words in _flow_and_beside(rest):
        reading.say(item.path, item.place, words)
    read_inner_pages(item, rest, reading)
    read_carried(item, rest, reading)
    doubt = doubtful(item.content, charset) or doubtful(item.content, _meta_charset(item.content))
    if doubt or "<!ENTITY" in markup:
        raise Unread(UnreadableReason.AMBIGUOUS)


def read_drawing(item: Item, reading: Reading) -> None:
    """SVG: its words, but also a picture, whose lines may be letters."""
    read_html(item, reading)
    raise Unread(UnreadableReason.UNSUPPORTED)


def read_inner_pages(item: Item, markup: str, reading: Reading) -> None:
    """Pages in an attribute of the page (``srcdoc``)."""
    for number, found in enumerate(_SRCDOC.finditer(markup), 1):
        page = html.unescape(next(v for v in found.groups() if v is not None))
        reading.descend(
            item.inside(f"page{number}", page.encode("utf-8", "replace"), "text/html", filename="", charset="utf-8")
        )


def unescaped(text: str) -> str:
    """JSON's, JavaScript's and XML's escapes as the characters that they stand for; line ends where it may be JSON."""
    if "&#" in text:
        text = html.unescape(text)
    if "\\" not in text:
        return text
    if text.lstrip()[:1] in {"{", "["}:
        text = _BREAK.sub(lambda found: _BREAKS[found[0]], text)
    return _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def html_text(markup: str) -> str:
    """The words of a web page. Nothing is dropped: what is not a tag is text, whatever a stricter parser would say.

    What stands in tags, comments, styles and scripts comes after the text; so do numbers that tags cut in two.
    """
    return "\n".join(filter(None, _flow_and_beside(markup)))


def _flow_and_beside(markup: str) -> tuple[str, str]:
    """The words in their order, and what stands beside them."""
    aside: dict[str, None] = {}

    def away(words: str | None) -> None:
        if words and len(words) >= _TOLD:
            aside[unquote_plus(html.unescape(words))] = None

    def comment(found: re.Match[str]) -> str:
        if not found[1]:
            return ""
        head = _CONDITION.match(found[1])
        inside = _CONDITION_ENDS.sub("", found[1][head.end() :]) if head else found[1]
        words = _each_tag(inside, lambda tag: _replace(tag, away))
        if head:
            return f" {words.replace('<', '&lt;')} "  # some programs show it; what is left of its tags begins none
        away(words)
        return ""

    def unshown(found: re.Match[str]) -> str:
        away(unescaped(found[2]))
        return " "

    flow = _COMMENT.sub(comment, _UNSHOWN.sub(unshown, markup.replace("\r\n", "\n").replace("\n", " ")))
    body = html.unescape(_each_tag(flow, lambda tag: _replace(tag, away)))
    close = html.unescape(_each_tag(flow, lambda _: ""))
    whole = set(_NUMBER.findall(body))
    cut = (_around(close, found) for found in _NUMBER.finditer(close) if found[0] not in whole)
    beside = "\n".join((*dict.fromkeys(cut), *aside))
    return _NEWLINES.sub("\n", body).strip(), _NEWLINES.sub("\n", beside).strip()


def _each_tag(markup: str, change: Callable[[re.Match[str]], str]) -> str:
    """Tags changed. After the last ``>`` there is none, and looking for one would take the square of the time."""
    end = markup.rfind(">") + 1
    return _TAG.sub(change, markup[:end]) + markup[end:]


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - _BEFORE) : found.end() + _AFTER]


def _replace(found: re.Match[str], away: Callable[[str | None], None]) -> str:
    """What a tag leaves in the text: a gap that fits, with what it shows itself. All that it holds goes ``away``."""
    name, inside = (found[1] or "").lower(), found[2] or found[3] or ""
    away(inside.strip())
    shown = " ".join(a or b or c for a, b, c in _SHOWN.findall(inside)) if "=" in inside else ""
    gap = "\n"
    if name in _INLINE:
        gap = ""
    elif name in _CELL:
        gap = "\t" if found[0].startswith("</") else ""
    return f"{gap}{shown}{gap}" if shown else gap


def _meta_charset(content: bytes) -> str:
    found = re.search(rb"""charset\s*=\s*["']?([\w-]{2,40})""", content[:2048], re.IGNORECASE)
    return found[1].decode("ascii") if found else ""
