"""Plain text and web pages.

Purpose: every word that some mail program might show, hidden ones too. Trust: hostile bytes with a hostile charset.
Failure: never raises but for the reading's own caps; bytes that no charset explains become replacement characters.
"""

from __future__ import annotations

import base64
import html
import re

from classifiers.extract.reading import Item, Reading
from classifiers.filetype import usable_codec

_TAG = re.compile(
    r"""<!--|-->|<!\[[^>]{0,200}\]>|</?([a-zA-Z][\w:-]*)((?:\s+|/|"[^"]*"|'[^']*'|[^'">])*)>|<[!?][^>]*>"""
)
_SHOWN = re.compile(
    r"""\b(?:alt|title|value|placeholder|content|label|summary|aria-label)\s*=\s*(?:"([^"]*)"|'([^']*)')""",
    re.IGNORECASE,
)
_UNSHOWN = re.compile(r"<(style|script)\b[^>]*>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)(?:;[\w=.-]+)*;base64,([A-Za-z0-9+/\s%]*)", re.IGNORECASE)
"""Files inside the page itself (RFC 2397)."""
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
        "wbr",
    ]
)
_CELL = frozenset({"td", "th"})
_NEWLINES = re.compile(r"[ \t]*\n\s*\n\s*")


def read_plain(item: Item, reading: Reading) -> None:
    """``text/plain``, CSV, calendars, XML and the like: as it stands.

    Empty text is fine: there is nothing to give away.
    """
    reading.say(item.path, item.place, decode(item.content, item.charset))


def read_html(item: Item, reading: Reading) -> None:
    """``text/html``: visible and hidden text, alternative texts, comments, form values; styles and scripts last."""
    markup = decode(item.content, item.charset or _meta_charset(item.content))
    for number, found in enumerate(_DATA.finditer(markup), 1):
        content = base64.b64decode(found[2] + "===", validate=False)
        reading.descend(item.inside(f"data{number}", content, found[1].lower(), filename=""))
    reading.say(item.path, item.place, html_text(_DATA.sub("", markup)))


def decode(content: bytes, charset: str) -> str:
    """Text by its label, else UTF-8, else Windows-1252 as Outlook has it. Takes any bytes and any label."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        charset = "utf-16"
    for codec in (usable_codec(charset), "utf-8", "cp1252"):
        if codec and codec != "ascii":
            try:
                return content.decode(codec)
            except (UnicodeError, ValueError):
                continue
    return content.decode("cp1252", "replace")


def html_text(markup: str) -> str:
    """The words of a web page. Nothing is dropped: what is not a tag is text, whatever a stricter parser would say."""
    tail: list[str] = []

    def aside(found: re.Match[str]) -> str:
        tail.append(found[2])
        return " "

    body = _TAG.sub(_replace, _UNSHOWN.sub(aside, markup.replace("\r\n", "\n").replace("\n", " ")))
    return _NEWLINES.sub("\n", html.unescape("\n".join((body, *tail)))).strip()


def _replace(found: re.Match[str]) -> str:
    name = (found[1] or "").lower()
    shown = " ".join(a or b for a, b in _SHOWN.findall(found[2] or "")) if "=" in (found[2] or "") else ""
    gap = (
        ""
        if name in _INLINE
        else "\t"
        if name in _CELL and found[0].startswith("</")
        else ""
        if name in _CELL
        else "\n"
    )
    return f"{gap}{shown}{gap}" if shown else gap


def _meta_charset(content: bytes) -> str:
    found = re.search(rb"""charset\s*=\s*["']?([\w-]{2,40})""", content[:2048], re.IGNORECASE)
    return found[1].decode("ascii") if found else ""
