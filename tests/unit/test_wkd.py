"""Keys that a domain publishes: the addresses that are asked, with a real web server and its own names."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.model import Address
from gateway.fetching import Fetcher, FetchFailed
from gateway.partners import wkd
from gateway.smtp.tls import server_context
from tests.support.certificates import make_certificate

JOE = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
"""Of Joe.Doe, in the draft's own example (section 3.1)."""


class Web:
    """A server with one certificate, for the name that it is made for."""

    def __init__(self, folder: Path, name: str) -> None:
        self.asked: list[str] = []
        self.status = 200
        files = make_certificate(folder, name)
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(f"{self.headers['Host'].partition(':')[0]}{self.path}")
                self.send_response(web.status)
                self.end_headers()
                self.wfile.write(b"key")

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = server_context(files.certificate, files.key).wrap_socket(
            self.server.socket, server_side=True
        )
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.fetcher = Fetcher(address="127.0.0.1", port=self.server.server_port, ca_file=files.ca, https_only=True)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    made = Web(tmp_path, "openpgpkey.example.org")
    yield made
    made.server.shutdown()
    made.server.server_close()


class OnlyDirect(Fetcher):
    """As where the advanced name does not exist."""

    def get(self, url: str) -> tuple[bytes, str]:
        if "//openpgpkey." in url:
            raise FetchFailed("gaierror")
        return url.encode(), ""


def test_a_key_is_found_the_advanced_way_or_else_the_direct_one(web: Web) -> None:
    """The draft's own example; capitals of the local part make no difference to the name of the file."""
    address = Address.of("Joe.Doe@Example.ORG")
    assert wkd.find(address, web.fetcher) == b"key"
    assert web.asked == [f"openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/{JOE}?l=Joe.Doe"]
    direct = f"https://example.org/.well-known/openpgpkey/hu/{JOE}?l=Joe.Doe"
    assert wkd.find(address, OnlyDirect()) == direct.encode()
    assert wkd.hashed("JOE.DOE") == JOE


def test_a_server_that_has_none_or_is_not_the_domains_is_the_end(web: Web) -> None:
    """Nobody else is asked then."""
    web.status = 404
    with pytest.raises(FetchFailed, match="status 404"):
        wkd.find(Address.of("joe@example.org"), web.fetcher)
    with pytest.raises(FetchFailed, match="CertVerification"):
        wkd.find(Address.of("joe@other.example"), web.fetcher)
    assert len(web.asked) == 1


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://example.org/", "https:///x", "https://a:b/"])
def test_only_https_is_asked(web: Web, url: str) -> None:
    """Where it is said so; what is no address at all is no answer."""
    with pytest.raises(FetchFailed):
        web.fetcher.get(url)
