"""An answer goes to the relay over TLS where there is any, and never without where that is set."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.support.certificates import make_certificate
from tests.support.sink import Sink
from vault.ids import new_id
from web import clock
from web.pickup.posting import Answer, Post

OFFICER = "officer@council.example"


def answer() -> Answer:
    return Answer(new_id(clock.now()), "cara@carers.example", OFFICER, "Plan", "Thank you, she sleeps well.", ())


def speaks_tls(folder: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    files = make_certificate(folder, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context, files.ca


def posted(sink: Sink, **more: object) -> bool:
    return Post("127.0.0.1", sink.port, "Shared Lives", OFFICER, **more).send(answer())  # type: ignore[arg-type]


def test_tls_is_used_where_it_is_offered_whoever_signed_the_certificate(tmp_path: Path) -> None:
    context, _ = speaks_tls(tmp_path)
    with Sink(tls=context) as sink:
        assert posted(sink)
        (came,) = sink.received
    assert came.secure
    assert b"she sleeps well" in came.content


def test_where_none_is_offered_it_goes_without_unless_that_is_forbidden() -> None:
    with Sink() as sink:
        assert posted(sink)
        assert not sink.received[0].secure
        assert not posted(sink, verified=True)
        assert len(sink.received) == 1


@pytest.mark.parametrize(("host", "known", "taken"), [
    ("127.0.0.1", True, True), ("127.0.0.1", False, False), ("elsewhere.example", True, False),
])  # fmt: skip
def test_a_certificate_has_to_be_of_the_relays_name_and_of_a_known_authority(
    tmp_path: Path, host: str, *, known: bool, taken: bool
) -> None:
    context, authority = speaks_tls(tmp_path, host)
    with Sink(tls=context) as sink:
        assert posted(sink, verified=True, ca_file=authority if known else None) is taken
        assert bool(sink.received) is taken
