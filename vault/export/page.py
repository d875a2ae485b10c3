"""The page that opens a bundle: one HTML file without script and without anything from elsewhere, for any browser.

Two kinds: for the person whom it is about, in plain English (sentences that a nine-year-old can follow), and for
professionals (an investigation, an inspection) with records, digests and decisions.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

_STYLE = """
body{font:1.1rem/1.6 Arial,Helvetica,sans-serif;color:#0b0c0c;background:#fff}
body{margin:0 auto;max-width:46rem;padding:1.5rem}
h1{font-size:2rem;line-height:1.2}h2{font-size:1.4rem;margin-top:2.2rem;border-top:3px solid #1d4f91;padding-top:.8rem}
a{color:#1d4f91}a:focus{outline:3px solid #fd0;background:#fd0;color:#0b0c0c}
ol.files{list-style:none;padding:0}ol.files li{padding:.7rem 0;border-bottom:1px solid #b1b4b6}
.when{display:block;color:#505a5f;font-size:.95rem}.why{display:block;border-left:5px solid #b1b4b6;padding-left:.8rem}
.black{background:#0b0c0c;color:#fff;padding:0 .3rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;font-weight:bold;padding:.5rem 0}
th,td{text-align:left;vertical-align:top;border-bottom:1px solid #b1b4b6;padding:.4rem .6rem .4rem 0}
td{overflow-wrap:anywhere;min-width:5rem}td:first-child{min-width:7rem}body.wide{max-width:75rem;font-size:1rem}dt{font-weight:bold;margin-top:.6rem}dd{margin:0}
@media print{body{max-width:none;padding:0;font-size:11pt}a{color:inherit;text-decoration:none}}
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document on the page. ``file`` is relative to the page; empty where the document is not given."""

    id: str
    day: date
    kind: str
    title: str
    file: str = ""
    redacted: bool = False
    grounds: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """Who answers."""

    name: str
    address: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What the page for a person says beside the list. ``closed`` is how many records nobody can open any more.

    ``by_others``: somebody asked who acts for the person.
    """

    case: str
    received: date
    made: date
    scope: str = ""
    closed: int = 0
    by_others: bool = False


def for_person(service: Service, letter: Letter, entries: Sequence[Entry]) -> bytes:
    """The page for the person."""
    given = [e for e in entries if e.file]
    kept = [e for e in entries if not e.file]
    body = [
        "<h1>The information we keep about you</h1>",
        _p(f"{_who(letter)} asked us for it on {_day(letter.received)}. Your case number is {letter.case}."),
        _p(f"This was asked for: {letter.scope}") if letter.scope else "",
        _p(f"{_given(len(given))} {_kept(len(kept))}"),
        _p("This page is only for you. Keep it safe. If you need help to read it, ask us or somebody you trust."),
        "<h2>What we give you</h2>",
        '<ol class="files">' + "".join(map(_file, given)) + "</ol>"
        if given
        else _p("There is nothing that we can give you."),
        *_black(given),
        *_held_back(kept),
        *_closed(letter.closed),
        "<h2>What you can do</h2>",
        *_rights(service),
    ]
    return _page("The information we keep about you", body)


def for_professionals(title: str, facts: Sequence[tuple[str, str]], tables: Iterable[str], after: str = "") -> bytes:
    """The page for an investigation or an inspection: what it is, then tables that :func:`table` made."""
    terms = "".join(f"<dt>{_e(name)}</dt><dd>{_e(value)}</dd>" for name, value in facts)
    return _page(title, [f"<h1>{_e(title)}</h1>", f"<dl>{terms}</dl>", *tables, after], kind="wide")


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, files: int = -1) -> str:
    """A table; column ``files`` holds paths, relative to the page, which become links."""
    head = "".join(f'<th scope="col">{_e(c)}</th>' for c in columns)
    lines = "".join(
        "<tr>" + "".join(_cell(cell, link=n == files) for n, cell in enumerate(row)) + "</tr>" for row in rows
    )
    return f"<h2>{_e(caption)}</h2><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def paragraphs(heading: str, texts: Iterable[str]) -> str:
    """A heading, and a paragraph for each text."""
    return f"<h2>{_e(heading)}</h2>" + "".join(map(_p, texts))


def _cell(text: str, *, link: bool) -> str:
    return f'<td><a href="{_url(text)}">{_e(text)}</a></td>' if link and text else f"<td>{_e(text)}</td>"


def _who(letter: Letter) -> str:
    return "Somebody who acts for you" if letter.by_others else "You"


def _file(entry: Entry) -> str:
    note = f'<span class="why">{_e(entry.note)}</span>' if entry.note else ""
    black = ' <span class="black">some words are taken out</span>' if entry.redacted else ""
    return (
        f'<li><a href="{_url(entry.file)}">{_e(entry.title)}</a>{black}'
        f'<span class="when">{_e(entry.kind)}, {_day(entry.day)}</span>{note}</li>'
    )


def _black(given: Sequence[Entry]) -> Iterator[str]:
    grounds = dict.fromkeys(g for e in given if e.redacted for g in e.grounds)
    if grounds:
        yield "<h2>Why some words are black</h2>"
        yield _p(
            "We painted over some words. We did it for this reason:"
            if len(grounds) == 1
            else "We painted over some words. These are the reasons:"
        )
        yield "<ul>" + "".join(f"<li>{_e(g)}</li>" for g in grounds) + "</ul>"


def _held_back(kept: Sequence[Entry]) -> Iterator[str]:
    if not kept:
        return
    yield "<h2>What we do not give you, and why</h2>"
    yield _p("The law lets us keep some things back. These are the things, and the reasons:")
    yield '<ol class="files">'
    for entry in kept:
        why = " ".join(entry.grounds)
        yield f'<li>{_e(entry.kind)}<span class="when">{_day(entry.day)}</span><span class="why">{_e(why)}</span></li>'
    yield "</ol>"


def _closed(number: int) -> Iterator[str]:
    if number:
        yield "<h2>What cannot be opened any more</h2>"
        yield _p(
            f"{number} of our records may be about you, but can no longer be opened by anybody. So we cannot show them."
        )


def _rights(service: Service) -> Iterator[str]:
    phone = f", or ring {service.phone}" if service.phone else ""
    yield _p(f"Is something wrong, or is something missing? Tell us: write to {service.address}{phone}.")
    yield _p("You can ask us to put right what is wrong. You can ask us to delete something, or to stop using it.")
    yield _p(
        "Are you not happy with our answer? Complain to us first. Within 30 days we must tell you that we have "
        "your complaint."
    )
    yield _p(
        "You can also complain to the Information Commissioner's Office (ICO). They check that people's information is "
        "looked after. Ring 0303 123 1113, or go to ico.org.uk/make-a-complaint. You can go to a court, too."
    )
    yield _p(
        f"We are {service.name}. We use your information to support you well and to keep you safe. We share it only "
        "with those who may know it. Our privacy notice says more; ask us for it."
    )


def _given(number: int) -> str:
    return {0: "We have nothing to give you.", 1: "We give you 1 document."}.get(
        number, f"We give you {number} documents."
    )


def _kept(number: int) -> str:
    return {0: "", 1: "We keep 1 document back, and say why."}.get(
        number, f"We keep {number} documents back, and say why."
    )


def _page(title: str, body: Iterable[str], kind: str = "narrow") -> bytes:
    return (
        '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{_e(title)}</title><style>{_STYLE}</style></head>\n<body class='{kind}'><main>\n"
        + "\n".join(filter(None, body))
        + "\n</main></body></html>\n"
    ).encode()


def _p(text: str) -> str:
    return f"<p>{_e(text)}</p>"


def _e(text: str) -> str:
    return html.escape(text)


def _url(path: str) -> str:
    return html.escape("/".join(quote(step) for step in path.split("/")))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
