"""A service where mail for those without keys waits for them."""

from __future__ import annotations

import http.client
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import SMTP
from typing import NamedTuple
from urllib.parse import urlencode

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

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


class Pages:
    """The pick-up process of a service, running; ``codes`` are those that it printed."""

    def __init__(self, house: House, port: int) -> None:
        self.house, self.port = house, port
        self.address = f"http://127.0.0.1:{port}"
        self._log = house.folder / "pages.log"

    @contextmanager
    def serving(self, **environment: str) -> Iterator[Pages]:
        with self._log.open("ab") as log:
            told = self.house.environment() | {"SALLYPORT_PICKUP__PORT": str(self.port)} | environment
            process = subprocess.Popen(
                [sys.executable, "-m", "cli", "pickup"],
                env=told, cwd=self.house.folder, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.process = process
        try:
            self._wait(process)
            yield self
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(1200):
            assert process.poll() is None, self.log()[-3000:]
            with suppress(OSError, http.client.HTTPException):
                if self.get("/").status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the pages are not served: " + self.log()[-3000:])

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def codes(self) -> list[str]:
        return re.findall(r"Pick-up code: (\d{6})", self.log())

    def get(self, path: str, method: str = "GET", body: str | bytes | None = None, **headers: str) -> Reply:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            told = {"Host": f"127.0.0.1:{self.port}"} | {k.replace("_", "-"): v for k, v in headers.items()}
            client.request(method, path, body, told)
            answer = client.getresponse()
            return Reply(answer.status, answer.read(), answer.headers)
        finally:
            client.close()


class Reply(NamedTuple):
    """One answer over HTTP."""

    status: int
    body: bytes
    headers: http.client.HTTPMessage

    @property
    def text(self) -> str:
        return self.body.decode()


class Visitor:
    """Somebody without JavaScript: cookies, and the forms' secret, as a browser keeps them."""

    def __init__(self, pages: Pages, link: str) -> None:
        self.pages, self.path, self.cookies = pages, f"/p/{link}", dict[str, str]()

    def get(self, path: str = "", method: str = "GET") -> Reply:
        return self._keep(self.pages.get(self.path + path, method, Cookie=self._cookie()))

    def post(self, path: str, **fields: str) -> Reply:
        self._form()
        body = urlencode({"csrfmiddlewaretoken": self.cookies["form"], **fields})
        kind = "application/x-www-form-urlencoded"
        reply = self.pages.get(
            self.path + path, "POST", body, Cookie=self._cookie(), Content_Type=kind, Origin=self.pages.address
        )
        return self._keep(reply)

    def upload(self, path: str, files: list[tuple[str, bytes]], **fields: str) -> Reply:
        """A form with files, as a browser without JavaScript sends it (RFC 7578)."""
        self._form()
        parts = [
            b'--limit\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode())
            for name, value in {"csrfmiddlewaretoken": self.cookies["form"], **fields}.items()
        ]
        for name, content in files:
            told = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").encode()
            head = b'--limit\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n' % told
            parts.append(head + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
        return self._post(path, b"".join([*parts, b"--limit--\r\n"]), "multipart/form-data; boundary=limit")

    def piece(self, ident: str, number: int | str, content: bytes) -> Reply:
        """One piece of a file, as the script sends it."""
        self._form()
        return self._post(f"/upload/{ident}?number={number}", content, "application/octet-stream")

    def _form(self) -> None:
        if "form" not in self.cookies:
            self.get()
            self.get("/code")

    def _post(self, path: str, body: bytes, kind: str) -> Reply:
        told = {"Content_Type": kind, "X_CSRFToken": self.cookies["form"], "Origin": self.pages.address}
        return self._keep(self.pages.get(self.path + path, "POST", body, Cookie=self._cookie(), **told))

    def come_in(self) -> Reply:
        """Ask for a code, and give it."""
        assert self.post("/send").status == 303
        reply = self.post("/code", code=self.pages.codes[-1])
        assert reply.status == 303, reply.text
        return reply

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep(self, reply: Reply) -> Reply:
        for line in reply.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return reply


LINK = re.compile(r"/p/([\w-]{43})")


def link_in(mail: bytes) -> str:
    """The link of a notice of pick-up."""
    body = message_from_bytes(mail, policy=SMTP).get_body(("plain",))
    return LINK.search(body.get_content())[1]


def with_a_pdf_and_a_photo(mail: bytes) -> bytes:
    """The letter with two more documents: a page of a PDF, and a telephone's photograph of a letter."""
    message = message_from_bytes(mail, policy=SMTP)
    message.add_attachment(_pdf(), maintype="application", subtype="pdf", filename="clinic.pdf")
    message.add_attachment(photograph(), maintype="image", subtype="jpeg", filename="letter.jpg")
    return message.as_bytes()


def with_a_pdf(mail: bytes) -> bytes:
    """The letter with a page of a PDF."""
    message = message_from_bytes(mail, policy=SMTP)
    message.add_attachment(_pdf(), maintype="application", subtype="pdf", filename="clinic.pdf")
    return message.as_bytes()


_WORDS = ["Re: Ann Lee, NHS number 999 000 0018", "Clinic letter: epilepsy", "Medication: levetiracetam 500 mg"]


def _pdf(lines: Sequence[str] = ()) -> bytes:
    out = io.BytesIO()
    paper = Canvas(out, pagesize=A4)
    for number, line in enumerate(lines or _WORDS):
        paper.drawString(72, 760 - 24 * number, line)
    paper.save()
    return out.getvalue()


def photograph() -> bytes:
    """With a position in it, as telephones write it."""
    picture = Image.new("RGB", (1200, 500), "white")
    font = ImageFont.load_default(44)
    for number, line in enumerate(_WORDS):
        ImageDraw.Draw(picture).text((40, 60 + 110 * number), line, font=font, fill="black")
    exif = Image.Exif()
    exif[0x010E] = "Exif of a telephone"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=90)
    return out.getvalue()


_FORM = [
    "PERMISSION TO SHARE",
    "Name: Ann Lee        Date of birth: 29/02/1980        NHS number: 999 000 0018",
    "I give my permission for Shared Lives to share information about me with the people named below.",
    "Who may know: my GP. What they may know: medical information.",
    "I understand that I can withdraw my permission at any time.",
    "Signed: ______________________    Date: ______________    Review date: ______________",
]


def with_a_form(mail: bytes) -> bytes:
    """The letter with a 'Permission to share' form to be signed."""
    message = message_from_bytes(mail, policy=SMTP)
    message.add_attachment(_pdf(_FORM), maintype="application", subtype="pdf", filename="permission form.pdf")
    return message.as_bytes()
