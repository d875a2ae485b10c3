"""A service where mail for those without keys waits for them."""

from __future__ import annotations

import re

from tests.support.house import House

_PUBLIC = re.compile(r"# public key: (age1\w+)")


def picking_up(house: House, port: int = 8035) -> House:
    """The same service, with the lines taken in that `sallyport setup` leaves out."""
    text = (house.home / "pickup" / "pickup.age-key").read_text(encoding="utf-8")
    house.extra |= {
        "SALLYPORT_PICKUP__RECIPIENT": _PUBLIC.search(text)[1],
        "SALLYPORT_PICKUP__ADDRESS": f"http://127.0.0.1:{port}",
        "SALLYPORT_PICKUP__PORT": str(port),
        "SALLYPORT_PICKUP__SHOW_CODES": "true",
    }
    return house
