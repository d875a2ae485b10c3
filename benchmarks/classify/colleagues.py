"""What first names of colleagues' people cost: ``python -m benchmarks.classify.colleagues``.

Public texts about nobody here (``DOCUMENTS``) are read as an officer's own mail to a stranger. Counted is how many
would be taken for being about somebody, by a first name alone: of whom the officer looks after, and of whom the officer
may be standing in for. Each of these is a mail held for nothing, if it was not confidential by itself.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.classify.people import DOCUMENTS
from benchmarks.classify.registered import registered
from benchmarks.classify.townsfolk import register
from classifiers.analysis import Analyser
from domain.model import Address, Part, Place
from domain.subjects import match

_TEAM, _CASELOAD = 125, 25


def table(folder: Path, size: int) -> Table:
    """By source."""
    people = register()
    found, analyser = registered(folder, people), Analyser()
    own = _teamed([p.ref for p in random.Random(5).sample(people, size)])
    near = (Address.of("o0@council.example"), Address.of("somebody@else.example"))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in DOCUMENTS.read_text(encoding="utf-8").split("\n")[:-1]:
        document = json.loads(line)
        part = Part("1", Place.BODY, "text/plain", "", document["text"][:20_000].encode())
        analysis = analyser.analyse("", (part,))
        hinted = match(found.mentions(analysis, near)).hinted
        said = {"documents": True, "findings": bool(analysis.findings), "own": bool(hinted & own)}
        counts[document["source"]] += Counter(
            n for n, yes in (said | {"colleagues": bool(hinted - own)}).items() if yes
        )
    columns = ("documents", "findings", "own", "colleagues")
    made = Table("source", *columns, title=f"{size} people, {_CASELOAD} an officer")
    for source, count in sorted(counts.items()):
        made.add_row(source, *(str(count[c]) for c in columns))
    return made


def _teamed(refs: list[str]) -> frozenset[str]:
    """These people get officers of one team; those of the first officer."""
    from register import models as m  # noqa: PLC0415 - after the environment is set

    team = m.Team.objects.create(code="T")
    many = len(refs) // _CASELOAD
    officers = [
        m.Party.objects.create(
            code=f"O-{n}", kind="officer", name=f"Officer {n}", email=f"o{n}@council.example", team=team
        )
        for n in range(many)
    ]
    for n, ref in enumerate(refs):
        person = m.Person.objects.get(ref=ref)
        person.officer = officers[n % many]
        person.save()
    return frozenset(refs[::many])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        Console().print(table(Path(where), int(sys.argv[1]) if sys.argv[1:] else _TEAM))
