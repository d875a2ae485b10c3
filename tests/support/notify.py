"""GOV.UK Notify's API for text messages on this machine, as its documentation has it: paths, token, errors."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"sallyport-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
WELSH = "0c4b6a5e-5f0d-4f0e-8d53-3a3a0ce3b7f1"


class Notify:
    """``texts`` are those that were taken; ``answers`` the status of the next ones, else 201."""

    def __init__(self) -> None:
        self.texts: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.url = ""

    def take(self, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:  # noqa: PLR0911 - refusals
        if path != "/v2/notifications/sms":
            return 404, _error(404, "NotFound", "no such path")
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_iat": False})
        except jwt.PyJWTError:
            return 403, _error(403, "AuthError", "Invalid token: signature, api token not found")
        if scheme != "Bearer" or claims["iss"] != SERVICE or abs(claims["iat"] - time.time()) > 30:  # noqa: TID251 - a token says when it was made
            return 403, _error(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds")
        asked = json.loads(body)
        if set(asked) - {"phone_number", "template_id", "personalisation", "reference", "sms_sender_id"}:
            return 400, _error(400, "ValidationError", "Additional properties are not allowed")
        if asked.get("template_id") not in {TEMPLATE, WELSH}:
            return 400, _error(400, "BadRequestError", "Template not found")
        if "code" not in asked.get("personalisation", {}):
            return 400, _error(400, "BadRequestError", "Missing personalisation: code")
        status = self.answers.pop(0) if self.answers else 201
        if status != 201:
            return status, _error(status, "Exception", "as the test asked for")
        self.texts.append(asked)
        return 201, {"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": None, "content": {"body": "x"}}

    @property
    def codes(self) -> list[str]:
        return [t["personalisation"]["code"] for t in self.texts]


def _error(status: int, kind: str, message: str) -> dict[str, Any]:
    return {"status_code": status, "errors": [{"error": kind, "message": message}]}


@contextmanager
def serving() -> Iterator[Notify]:
    notify = Notify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = notify.take(self.path, self.headers, body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    notify.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield notify
    finally:
        server.shutdown()
        server.server_close()
