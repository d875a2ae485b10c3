"""``sallyport register import`` tells of council IDs that no mail would show."""

from __future__ import annotations

from pathlib import Path

from tests.support.house import House, free_port


def test_ids_that_do_not_fit_the_setting_are_told_of_once(tmp_path: Path) -> None:
    """With the count and the setting; the file is stored all the same. Once the setting fits, nothing is said."""
    house = House(tmp_path, free_port())
    house.command("setup", str(house.home), "--domain", "council.example")
    file = house.folder / "people.csv"
    file.write_text("type,id,name\nperson,PX1,Ann Lee\nperson,PX2,Ben Moss\nperson,SL-00001,Joan Hill\n")
    done = house.command("register", "import", str(file))
    assert done.stderr.count("\n") == 1
    assert "2 council IDs do not fit the setting sandbox.council_id" in done.stderr
    assert len(house.rows("select 1 from register_person")) == 3
    house.extra["SALLYPORT_SANDBOX__COUNCIL_ID"] = r"\b(PX\d|SL-\d{5})\b"
    assert house.command("register", "import", str(file)).stderr == ""
