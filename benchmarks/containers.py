"""Letters in one container: what ``benchmarks/extraction.py`` unpacks."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage

import py7zr

from tests.support import outlook


def _zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _seven_zip(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return out.getvalue()


def _tar(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _tgz(members: Mapping[str, bytes]) -> bytes:
    return gzip.compress(_tar(members))


def _eml(members: Mapping[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Ten letters"
    mail.set_content("Attached.")
    for name, content in members.items():
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    return mail.as_bytes()


def _msg(members: Mapping[str, bytes]) -> bytes:
    return outlook.message("Ten letters", "Attached.", members)


PACKED = {"zip": _zip, "7z": _seven_zip, "tar": _tar, "tgz": _tgz, "eml": _eml, "msg": _msg}
"""By the ending of the file's name."""
