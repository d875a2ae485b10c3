"""What an office file holds besides its main text: every member is read, known to hold no words, or a finding.

Purpose: comments, drawings, charts, properties, bound data, pivot caches, documents and pictures inside OOXML and ODF.
Trust: hostile. Failure: ``Unread`` NO_TEXT for a document without a word or with a picture that could hold some;
AMBIGUOUS for two members of one name; a member of unknown kind is UNSUPPORTED for itself.

A picture passes unread if it is an ornament or known (``extract/image.py``), or if it hangs in a header, footer or
slide master and is no larger than a letterhead: that is where letterheads are. Others are read where that is possible,
and pass if nothing on them is left. Drawings (EMF, WMF, SVG) never do.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Collection
from urllib.parse import unquote

from classifiers.extract.image import look, passes, seen
from classifiers.extract.reading import Item, Reading, Unread
from classifiers.extract.text import html_text
from classifiers.extract.xmltext import Words, member_words
from classifiers.extract.zips import Members
from domain.model import UnreadableReason

_XML = re.compile(r"\.(?:xml|rels|vml|rdf|xhtml)$", re.IGNORECASE)
_FORMATTING = re.compile(
    r".*(?:theme/|slideLayouts/|slideMasters/|notesMasters/|handoutMasters/|styles|stylesWithEffects|fontTable|numbering"
    r"|webSettings|presProps|viewProps|tableStyles|calcChain)[^/]*\.xml$|\[Content_Types\]\.xml$|META-INF/manifest\.xml$"
    r"|Configurations2/.*\.xml$",
    re.IGNORECASE,
)
"""Shape, not content: its character data is read, its thousands of attributes are not."""
_WORDLESS = re.compile(
    r"docProps/|customXml/|.*settings\.xml$|_rels/|manifest\.rdf$|META-INF/|.*\.rels$|meta\.xml$|xl/workbook"
)
"""Read in full, but no sign that the document has a text of its own."""
_PIVOT = re.compile(r"xl/pivotCache/")
_ASIDE = Words(
    text=None,
    before={"tab": "\t", "br": "\n"},
    after={"p": "\n", "text": "\n", "v": "\n", "comment": "\n", "threadedComment": "\n", "tc": "\t", "f": "\n"},
    attributes=frozenset({"descr", "title", "name", "caption"}),
)
_PLAIN = Words(text=None, before={}, after={"t": "\n", "p": "\n"})
_PIVOT_WORDS = Words(text=None, before={}, after={}, attributes=frozenset({"v", "name"}))
_EVERYTHING = Words(text=None, before={}, after={}, every=True)
_INSIDE = re.compile(
    r"(?:word|ppt|xl)/embeddings/.+|Object \d+$|.+\.(?:docx|xlsx|pptx|docm|xlsm|xlsb|sldx|odt|ods|odp|doc|xls|ppt|rtf"
    r"|pdf|html?|mht|mhtml|txt|eml|msg|zip|csv|json)$",
    re.IGNORECASE,
)
_PICTURE = re.compile(
    r"(?:word|ppt|xl)/(?:media|drawings)/.+|Pictures/.+|.+/Pictures/.+|docProps/thumbnail\..+|Thumbnails/.+"
)
_THUMBNAIL = re.compile(r"docProps/thumbnail\.|Thumbnails/")
_REPLACEMENT = re.compile(r"ObjectReplacements/(.+)$")
_PREVIEW = re.compile(r"Pictures/TablePreview\d+\.(?:svm|png)$")
"""What LibreOffice draws of a table in a presentation, whose words are in the content."""
_SILENT = re.compile(
    r"mimetype$|layout-cache$|(?:word|ppt)/fonts/[^/]+\.(?:odttf|fntdata)$|(?:xl|ppt|word)/printerSettings/[^/]+\.bin$",
)
_SILENT_BYTES = 2_000_000
_HEADED = re.compile(
    r"(?:word/_rels/(?:header|footer)\d*|ppt/(?:slideMasters|slideLayouts|notesMasters|handoutMasters)/_rels/[^/]+)\.xml\.rels$"
)
_TARGET = re.compile(rb"""Target\s*=\s*["']([^"']+)["']""")
_HREF = re.compile(rb"""href\s*=\s*["']((?:\./)?Pictures/[^"']+)["']""")
_THUMBNAIL_PIXELS = 1_000_000
"""Drawn by the program itself, of a page that is read; file managers show it, word processors do not."""


def read_rest(item: Item, members: Members, reading: Reading, done: Collection[str]) -> None:
    """All members but those ``done``. Raises ``Unread`` once all of them have been looked at."""
    names = [i.filename for i in members.infos]
    if len(set(names)) != len(names):
        raise Unread(UnreadableReason.AMBIGUOUS)
    rest = [i for i in members.infos if i.filename not in done]
    late = [
        i for i in rest if _WORDLESS.match(i.filename) or _THUMBNAIL.match(i.filename) or _FORMATTING.match(i.filename)
    ]
    for info in rest:
        if info not in late:
            _read(item, members, info, reading, names)
    written = reading.said(item.path)
    for info in late:
        _read(item, members, info, reading, names)
    seen = _pictures_pass(item, members, reading)
    if not (written or reading.said(item.path)) or not seen:
        raise Unread(UnreadableReason.NO_TEXT)


def _read(item: Item, members: Members, info: zipfile.ZipInfo, reading: Reading, names: Collection[str]) -> None:
    """One member, by where it is and what it is called."""
    name = info.filename
    replaced = _REPLACEMENT.match(name)
    if _XML.search(name):
        reading.say(item.path, item.place, _xml(members, info, reading))
    elif _THUMBNAIL.match(name):
        picture = look(members.read(info), leniently=True)
        reading.say(item.path, item.place, "\n".join(picture.comments) if picture else "")
    elif _PICTURE.match(name) or (replaced and any(n.startswith(replaced[1]) for n in names)):
        return  # a picture of an object that is read itself; others are judged together
    elif _INSIDE.match(name):
        reading.descend(item.inside(posixpath.basename(name), members.read(info)))
    elif not (_SILENT.match(name) and info.file_size <= _SILENT_BYTES):
        unknown = item.inside(name, b"")
        reading.cannot(unknown.path, UnreadableReason.UNSUPPORTED, unknown.filename)


def _xml(members: Members, info: zipfile.ZipInfo, reading: Reading) -> str:
    """The words of an XML member, strictly; as a web page where a parser refuses it and no entities are declared."""
    try:
        return _strictly(members, info, reading)
    except Unread as unread:
        content = members.read(info)
        if unread.reason is not UnreadableReason.CORRUPT or b"<!ENTITY" in content or b"\0" in content:
            raise
        return html_text(content.decode("utf-8", "replace"))


def _strictly(members: Members, info: zipfile.ZipInfo, reading: Reading) -> str:
    name = info.filename
    if name.endswith(".rels"):
        lines = member_words(members, info, _EVERYTHING, reading).splitlines()
        return "\n".join(unquote(line) for line in lines if " Target=" in line and ":" in line)
    if _FORMATTING.match(name):
        return member_words(members, info, _PLAIN, reading)
    if _PIVOT.match(name):
        return member_words(members, info, _PIVOT_WORDS, reading)
    return member_words(members, info, _EVERYTHING if _WORDLESS.match(name) else _ASIDE, reading)


def _pictures_pass(item: Item, members: Members, reading: Reading) -> bool:
    """Whether no picture in it holds writing that has not been read. Those that may are read."""
    headed = _in_headers(members)
    whole = True
    for info in members.infos:
        if _PICTURE.match(info.filename) and not (_XML.search(info.filename) or _PREVIEW.match(info.filename)):
            content = members.read(info)
            passes_unread = _passes(info.filename, content, reading, headed=info.filename in headed)
            whole = (passes_unread or seen(item, content, reading)) and whole
    return whole


def _passes(name: str, content: bytes, reading: Reading, *, headed: bool) -> bool:
    if passes(content, reading):
        return True
    thumbnail = bool(_THUMBNAIL.match(name))
    picture = look(content, leniently=thumbnail)
    pixels = reading.limits.letterhead_pixels if headed else _THUMBNAIL_PIXELS if thumbnail else 0
    if picture is None or (picture.comments and not thumbnail):
        return False
    return 0 < picture.width * picture.height <= pixels


def _in_headers(members: Members) -> set[str]:
    """Pictures that only headers, footers and slide masters show."""
    headed: set[str] = set()
    elsewhere: set[str] = set()
    for info in members.infos:
        if info.filename.endswith(".rels"):
            folder = posixpath.dirname(posixpath.dirname(info.filename))
            targets = {
                posixpath.normpath(posixpath.join(folder, t.decode("utf-8", "replace"))).lstrip("/")
                for t in _TARGET.findall(members.read(info))
            }
            (headed if _HEADED.match(info.filename) else elsewhere).update(targets)
        elif info.filename in {"styles.xml", "content.xml"}:
            shown = {posixpath.normpath(h.decode("utf-8", "replace")) for h in _HREF.findall(members.read(info))}
            (headed if info.filename == "styles.xml" else elsewhere).update(shown)
    return headed - elsewhere
