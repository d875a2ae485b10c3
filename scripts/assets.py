"""Makes the pages' style and script of govuk-frontend's: ``assets.py FROM INTO``.

GOV.UK's typeface, crown and crest may be used on gov.uk alone, and this is a council's: the style comes out with the
system's own typeface and without pictures. Fails where something of them would be left.
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

_SYSTEM = 'system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif'
_CHANGES = (
    (r"@font-face\{[^}]*\}", ""),
    (r"GDS Transport,arial,sans-serif", _SYSTEM),
    (r"url\(/assets/images/govuk-crest\.svg\)", "none"),
    (r"/[*/]# sourceMappingURL=\S+( \*/)?", ""),
)
_LEFT = re.compile(r"GDS Transport|@font-face|url\(/assets|crest\.svg")


def main(source: Path, into: Path) -> None:
    """Write ``govuk.css`` and ``govuk.js``, and each compressed beside it."""
    style = (source / "govuk-frontend.min.css").read_text(encoding="utf-8")
    script = (source / "govuk-frontend.min.js").read_text(encoding="utf-8")
    into.mkdir(parents=True, exist_ok=True)
    for name, text in (("govuk.css", style), ("govuk.js", script)):
        for pattern, new in _CHANGES:
            text = re.sub(pattern, new, text)  # noqa: PLW2901 - changed step by step
        if found := _LEFT.search(text):
            sys.exit(f"assets: {found[0]} is left in {name}")
        data = text.encode()
        (into / name).write_bytes(data)
        (into / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
