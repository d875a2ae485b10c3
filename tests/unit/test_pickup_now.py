"""What reaches the pick-up pages at once: a changed policy; an end that forgets devices."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from cli.pickup.rules import Followed
from config import policy
from config.settings import HERE
from domain.errors import ConfigurationError
from tests.support.filed import filed, grant
from vault.models import PickupDevice
from vault.pickup.ending import revoke
from web import clock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_bytes((HERE / "policy.toml").read_bytes())
    return path


def change(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(later, later))


def test_a_changed_policy_counts_for_the_next_request_and_a_broken_one_changes_nothing(file) -> None:
    rules = Followed(file, lambda: policy.load(file))
    before = rules()
    assert rules() is before  # nothing is read again
    good = file.read_text(encoding="utf-8")
    change(file, good + "\n# looked at\n")
    assert rules() is not before
    assert rules() == before
    counted = rules()
    change(file, "this is no policy")
    assert rules() is counted
    file.unlink()
    assert rules() is counted
    file.write_text(good, encoding="utf-8")
    assert rules() is not counted


def test_one_that_is_broken_at_the_start_is_refused(tmp_path) -> None:
    with pytest.raises(ConfigurationError):
        Followed(tmp_path / "none.toml", lambda: policy.load(tmp_path / "none.toml"))


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
