"""The line to an S3 server: what is trusted, what is sent, what is read, and that nothing waits for ever."""

from __future__ import annotations

import http.server
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.certificates import Files, make_certificate
from vault.objects.line import Bounds, Line, Signer

BOUNDS = Bounds(connect=2, read=1, whole=3)
BODY = b"x" * 1_000_000


class Server(http.server.BaseHTTPRequestHandler):
    """Says what came, or a large body; ``lost`` hangs up instead of answering."""

    protocol_version = "HTTP/1.1"
    lost = 0
    requests: list[tuple[str, int, int]]
    headers_seen: list[dict[str, str]]

    def _serve(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        read = len(self.rfile.read(size))
        type(self).requests.append((self.command, read, self.client_address[1]))
        type(self).headers_seen.append(dict(self.headers))
        if type(self).lost:
            type(self).lost -= 1
            self.close_connection = True
            return
        self.send_response(204 if self.command == "DELETE" else 200)
        self.send_header("X-Said", self.headers.get("X-Say", ""))
        self.send_header("Content-Length", "0" if self.command == "DELETE" else str(len(BODY)))
        self.end_headers()
        if self.command in {"GET", "PUT"}:
            self.wfile.write(BODY)

    do_GET = do_PUT = do_HEAD = do_DELETE = _serve  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def serving(files: Files | None = None) -> Iterator[tuple[str, type[Server]]]:
    kind = type("Mine", (Server,), {"requests": [], "headers_seen": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        scheme = "https" if files else "http"
        yield f"{scheme}://{'localhost' if files else '127.0.0.1'}:{server.server_address[1]}/b/k", kind
    finally:
        server.shutdown()
        server.server_close()


def authority(folder: Path) -> Files:
    folder.mkdir()
    return make_certificate(folder, "localhost")


def test_one_connection_serves_one_request_after_the_other() -> None:
    with serving() as (url, server):
        line = Line(BOUNDS)
        put = line.urlopen("PUT", url, body=BODY, headers={"X-Say": "a: b"})
        head, gone = line.urlopen("HEAD", url), line.urlopen("DELETE", url)
        got = line.urlopen("GET", url)
    assert (put.status, put.headers["x-said"], put.data) == (200, "a: b", BODY)
    assert (head.status, head.data, head.headers["Content-Length"]) == (200, b"", str(len(BODY)))
    assert (gone.status, got.data) == (204, BODY)
    assert [(method, size) for method, size, _ in server.requests] == [
        ("PUT", len(BODY)), ("HEAD", 0), ("DELETE", 0), ("GET", 0)
    ]  # fmt: skip
    assert len({peer for *_, peer in server.requests}) == 1


def test_a_body_is_never_sent_twice_by_itself() -> None:
    """When a kept line ends without a reply, libcurl would try again; but the server may have stored it."""
    with serving() as (url, server):
        line = Line(BOUNDS)
        line.urlopen("GET", url)
        server.lost = 1
        with pytest.raises(OSError, match=r".+"):
            line.urlopen("PUT", url, body=b"sealed")
        assert [method for method, *_ in server.requests] == ["GET", "PUT"]
        assert line.urlopen("PUT", url, body=b"sealed").status == 200


def test_a_reply_may_be_left_in_the_middle() -> None:
    with serving() as (url, _):
        line = Line(BOUNDS)
        reply = line.urlopen("GET", url, preload_content=False)
        pieces = reply.stream()
        assert 0 < len(next(pieces)) <= 1 << 16
        reply.close()
        with pytest.raises(ValueError, match="given back"):
            next(reply.stream())
        assert line.urlopen("GET", url).data == BODY
        line.clear()


def test_whom_the_line_trusts(tmp_path: Path) -> None:
    ours, others = authority(tmp_path / "ours"), authority(tmp_path / "others")
    with serving(ours) as (url, _):
        assert Line(BOUNDS, ca_file=ours.ca).urlopen("GET", url).data == BODY
        for line in (Line(BOUNDS, ca_file=others.ca), Line(BOUNDS)):
            with pytest.raises(ssl.SSLError):
                line.urlopen("GET", url)
        with pytest.raises(ssl.SSLError):
            Line(BOUNDS, ca_file=tmp_path / "none").urlopen("GET", url)
        with pytest.raises(ssl.SSLError):  # the name is not the certificate's
            Line(BOUNDS, ca_file=ours.ca).urlopen("GET", url.replace("localhost", "127.0.0.1"))


def test_the_systems_authorities_are_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours = authority(tmp_path / "ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.ca))
    with serving(ours) as (url, _):
        assert Line(BOUNDS).urlopen("GET", url).data == BODY


def test_no_proxy_stands_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving() as (url, _):
        assert Line(BOUNDS).urlopen("GET", url).data == BODY


def test_silence_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            Line(BOUNDS).urlopen("PUT", f"http://127.0.0.1:{listener.getsockname()[1]}/b/k", body=b"x")
    assert 1 <= time.monotonic() - began < 2


def test_a_reply_that_ends_early_is_none() -> None:
    def answer() -> None:
        client, _ = listener.accept()
        client.recv(1000)
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        client.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ConnectionError):
            Line(BOUNDS).urlopen("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/b/k")


def test_who_signs_signs_what_is_sent() -> None:
    """By the algorithm, over the headers and the body's digest; the secret itself is never sent."""
    with serving() as (url, server):
        signed = Line(BOUNDS, signer=Signer("eu-west-2", "who", "the secret"))
        signed.ask("PUT", url, b"sealed", ["x-amz-meta-record: r", "x-amz-content-sha256: 0af1"])
        signed.ask("GET", f"{url}?versionId=v", None, ())
    (put, got) = server.headers_seen
    assert re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=who/\d{8}/eu-west-2/s3/aws4_request, "
        r"SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-record, Signature=[0-9a-f]{64}",
        put["Authorization"],
    )
    assert put["x-amz-content-sha256"] == "0af1"
    assert got["Authorization"] != put["Authorization"]
    assert "the secret" not in str(put) + str(got) + repr(Signer("eu-west-2", "who", "the secret"))
