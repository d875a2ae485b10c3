"""A certificate as people read it: one HTML page without scripts, styles from elsewhere or links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

Content = Mapping[str, Any]
"""A certificate's JSON."""

_PAGE = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Certificate of destruction {ident}</title>
<style>body{{font:16px/1.4 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}
table{{border-collapse:collapse;width:100%;margin:0 0 1em}}
th,td{{border:1px solid #999;padding:.3em .5em;text-align:left;
vertical-align:top;overflow-wrap:anywhere}}th{{background:#eee;width:14em}}code{{font-size:85%}}</style></head><body>
<h1>Certificate of destruction</h1>
{body}
</body></html>
"""


def html(content: Content) -> str:
    """The page."""
    head = _table(_head(content))
    records = "".join(f"<h2>Record {escape(r['record'])}</h2>{_table(_record(r))}" for r in content["records"])
    keys = "".join(f"<h2>Key {escape(_key_name(k))}</h2>{_table(_key(k))}" for k in content["keys"])
    return _PAGE.format(ident=escape(content["certificate"]), body=head + records + keys)


def text(content: Content) -> str:
    """The same for a terminal."""
    blocks = [("Certificate of destruction", _head(content))]
    blocks += [(f"Record {r['record']}", _record(r)) for r in content["records"]]
    blocks += [(f"Key {_key_name(k)}", _key(k)) for k in content["keys"]]
    return "\n\n".join("\n".join([title, *_lines(rows)]) for title, rows in blocks) + "\n"


def rows(content: Content) -> list[tuple[str, list[tuple[str, Sequence[str]]]]]:
    """Title and rows of every block, for other forms (PDF)."""
    found = [("Certificate of destruction", list(_head(content)))]
    found += [(f"Record {r['record']}", list(_record(r))) for r in content["records"]]
    return found + [(f"Key {_key_name(k)}", list(_key(k))) for k in content["keys"]]


_Rows = Iterable[tuple[str, Sequence[str]]]


def _head(content: Content) -> _Rows:
    totals = content["totals"]
    yield "certificate", [content["certificate"]]
    yield "issued", [f"{_at(content['issued']['at'])} by {content['issued']['by']}"]
    yield "proposal", [f"{content['proposal']}, {_at(content['proposed']['at'])} by {content['proposed']['by']}"]
    what = f"{totals['records']} records, {totals['keys']} keys"
    yield "destroyed", [f"{what}, {totals['versions']} stored versions, {totals['bytes']} bytes"]


def _record(record: Content) -> _Rows:
    rule = record["rule"]
    yield "class", [", ".join(record["classes"])]
    name = f"{rule['class']} ({rule['variant']})" if rule["variant"] else rule["class"]
    yield "rule", [f"{name}: {rule['years']} years from {rule['event']} on {rule['day']}", rule["source"]]
    yield "filed", [_at(record["filed"])]
    yield "disposal allowed from", [rule["until"]]
    yield "people", [", ".join(record["people"]) or "nobody in the register"]
    yield from _happened(record)
    yield "files, as filed", [f"{o['key']} ({o['size']} bytes), SHA-256 {o['sha256']}" for o in record["objects"]]
    yield "rows forgotten", [", ".join(f"{what}: {n}" for what, n in record["forgotten"].items())]


def _key(key: Content) -> _Rows:
    yield "public half", [key["public"]]
    yield "records sealed to it", [f"{key['records disposed of']}, all disposed of"]
    yield from _happened(key)


def _happened(line: Content) -> _Rows:
    yield "approved", [f"{_at(a['at'])} by {a['by']}" for a in line["approved"]]
    yield "begun", [_at(line["begun"])]
    yield "all copies removed", [_at(line["erased"])]
    yield "disposed of", [_at(line["disposed"])]
    yield "versions removed", [f"{v['key']} version {v['version']} ({v['size']} bytes)" for v in line["removed"]]
    listing = line["listing"]
    yield (
        "listing afterwards",
        [f"{_at(listing['listed'])}: {listing['left']} left below {', '.join(listing['below'])}"],
    )


def _at(stamp: str) -> str:
    """A certificate's time to the second; the JSON has it exactly."""
    return f"{datetime.fromisoformat(stamp).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if stamp else ""


def _key_name(key: Content) -> str:
    return f"{key['person']}/{key['generation']}"


def _table(rows: _Rows) -> str:
    cells = ((escape(name), "<br>".join(escape(v) for v in values)) for name, values in rows)
    return "<table>" + "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in cells) + "</table>"


def _lines(rows: _Rows) -> Iterable[str]:
    for name, values in rows:
        for number, value in enumerate(values):
            yield f"  {'' if number else name:<24}{value}"
