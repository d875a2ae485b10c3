"""``python -m tests.interop [--write PAGE]``: the tables, on the screen or into a page between its marks."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.interop.matrix import openpgp_peers, openpgp_rows, smime_readers, smime_rows, table


def tables() -> dict[str, str]:
    """By the name of the mark in the page."""
    with openpgp_peers() as peers:
        found = {"openpgp": table(list(openpgp_rows(peers)), peers)}
    readers = smime_readers()
    return found | {"smime": table(list(smime_rows(readers)), readers)}


def written(page: str, found: dict[str, str]) -> str:
    """The page with each table between ``<!-- name -->`` and ``<!-- /name -->``."""
    for name, text in found.items():
        page, times = re.subn(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", rf"\g<1>{text}\g<2>", page, flags=re.DOTALL)
        assert times == 1, f"the page has no place for {name}"
    return page


def main(arguments: list[str]) -> None:
    found = tables()
    if arguments[:1] == ["--write"]:
        page = Path(arguments[1])
        page.write_text(written(page.read_text(encoding="utf-8"), found), encoding="utf-8")
    sys.stdout.write("\n".join(found.values()))


if __name__ == "__main__":
    main(sys.argv[1:])
