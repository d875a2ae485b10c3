"""What the models hold by themselves, whoever saves: history is never passed by."""

from __future__ import annotations

import asyncio

import pytest

from register import models as m

pytestmark = pytest.mark.usefixtures("database")


def test_no_row_is_made_or_changed_in_bulk() -> None:
    """Nothing enters the register without its checks and its history, also not by way of somebody else's rows."""
    ann = m.Person.objects.create(council_id="SL-1")
    party = m.Party(code="P", kind="professional", name="P", email="p@x.example")
    for attempt in (
        lambda: m.Party.objects.bulk_create([party]),
        lambda: asyncio.run(m.Party.objects.abulk_create([party])),
        lambda: ann.circle.bulk_create([party]),
        lambda: m.Party.objects.bulk_update([party], ["name"]),
        lambda: asyncio.run(m.Party.objects.abulk_update([party], ["name"])),
        lambda: m.Person.objects.update(council_id="SL-2"),
        lambda: asyncio.run(m.Person.objects.aupdate(council_id="SL-2")),
    ):
        with pytest.raises(TypeError, match="row by row"):
            attempt()
    assert not m.Party.objects.exists()
    assert m.Person.objects.get().council_id == "SL-1"
