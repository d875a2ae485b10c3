"""Pick-up over a real S3 server (Ceph): what waits, what is sent up in pieces, what is signed; gone once it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.clock import SystemClock
from tests.support import ceph
from tests.support.ceph import Ceph
from tests.support.house import NO_KEY, SECRET, House, free_port, letter
from tests.support.pickups import Pages, Visitor, link_in, picking_up, with_a_form
from tests.support.sink import Sink
from vault.ids import new_id
from vault.pickup.uploads import PIECE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Ceph]:
    with ceph.running() as running:
        yield running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sink: Sink, server: Ceph) -> House:
    """Vault, waiting room and what waits to be picked up: each a bucket."""
    house = House(tmp_path_factory.mktemp("pickup-s3"), sink.port)
    house.extra |= {
        "SALLYPORT_VAULT__STORE": "s3",
        "SALLYPORT_VAULT__ENDPOINT": server.endpoint,
        "SALLYPORT_VAULT__SECURE": "false",
        "SALLYPORT_VAULT__ACCESS_KEY": server.access_key,
        "SALLYPORT_VAULT__SECRET_KEY": server.secret_key,
    }
    return picking_up(house.set_up(), free_port())


def left(server: Ceph) -> list[str]:
    """Every version in the bucket of what waits."""
    store = server.store("sallyport-pickup")
    return [version.key for version in store.versions("")]


def test_from_the_mail_to_the_signature_and_to_the_end(house: House, sink: Sink, relay, pages: Pages, server) -> None:
    assert house.submit(with_a_form(letter()), (NO_KEY,)).startswith("250"), house.log()
    visitor = Visitor(pages, link_in(next(m.content for m in sink.received if m.recipients == (NO_KEY,))))
    visitor.come_in()
    assert SECRET in visitor.get("/document/1").text
    upload = new_id(SystemClock().now())
    text = b"word " * (PIECE // 5 + 100)
    for number in (0, 1):
        piece = text[number * PIECE : (number + 1) * PIECE]
        assert visitor.piece(upload, number, piece).status == 200
    reply = visitor.post(
        "/answer", text="Here it is", upload=upload, name="diary.txt", answer=new_id(SystemClock().now())
    )
    assert "We have your answer" in reply.text
    assert not [key for key in left(server) if key.startswith("uploads/")]
    assert "You have signed it" in visitor.post("/document/2/sign", name="Cy Jones", agree="yes").text
    signed = visitor.get("/document/2/signed").body
    assert signed.startswith(b"%PDF-")
    assert {key.partition("/")[0] for key in left(server)} == {"pickup", "signed"}
    ((grant,),) = house.rows("select id from vault_pickupgrant")
    house.command("pickup", "revoke", str(grant), "--why", "over")
    assert visitor.get("/message").status == 404
    long_ago = (SystemClock().now() - timedelta(hours=3)).isoformat(sep=" ")
    house.rows(f"update vault_pickupgrant set made_at = '{long_ago}'")
    house.command("worker", "--once")
    assert not [key for key in left(server) if key.startswith("pickup/")]
