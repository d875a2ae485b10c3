"""What reaches the pick-up pages at once: an end that forgets devices."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.filed import filed, grant
from vault.models import PickupDevice
from vault.pickup.ending import revoke
from web import clock


@pytest.mark.usefixtures("database")
def test_an_end_forgets_the_recipients_devices_and_a_newer_page_does_not() -> None:
    now = clock.now()

    def device(whose: str, name: str) -> None:
        PickupDevice.objects.create(
            recipient=whose, credential=name, data="00", made_at=now, until=now + timedelta(days=30)
        )

    device("cara@carers.example", "aa")
    device("other@carers.example", "bb")
    row = grant(filed("olu@council.example"), "cara@carers.example", now)
    assert revoke(row, "cli:x", "a newer page", now, forget=False)
    assert PickupDevice.objects.count() == 2
    again = grant(filed("olu@council.example"), "cara@carers.example", now)
    assert revoke(again, "cli:x", "she lost her telephone", now)
    assert list(PickupDevice.objects.values_list("credential", flat=True)) == ["bb"]
