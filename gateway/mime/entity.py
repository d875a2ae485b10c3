"""What the MIME fields of one entity say (RFC 2045, RFC 2183, RFC 2231), and whether all would read them so.

Total: every fault is a value in ``faults``, and reading goes on with the likeliest meaning.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from email.message import Message as Fields
from email.utils import collapse_rfc2231_value
from pathlib import PurePosixPath

from domain.model import UnreadableReason
from gateway.mime.fields import Header
from gateway.mime.words import decoded, plain

_TYPE = re.compile(r"\s*+([!#-'*+.0-9A-Z^-~-]+)\s*+/\s*+([!#-'*+.0-9A-Z^-~-]+)\s*+(?:;.*)?", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(r"[a-z0-9-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_ONCE = ("content-type", "content-transfer-encoding", "content-disposition")
_MAX_BOUNDARY = 200
_MAX_VALUE, _MAX_PARAMETERS = 8 * 1024, 64
"""Octets and parameters of one field: the standard library's reading of them is quadratic."""
_NAMES = frozenset({"name", "filename"})
_KNOWN = _NAMES | {
    *("charset", "boundary", "type", "start", "start-info", "protocol", "micalg", "format", "delsp", "method"),
    *("component", "report-type", "smime-type", "hp", "size", "creation-date", "modification-date", "read-date"),
}
_DISPOSITIONS = frozenset({"", "inline", "attachment"})
IDENTITY = frozenset({"7bit", "8bit", "binary"})
ENCODINGS = IDENTITY | {"base64", "quoted-printable"}


@dataclass(slots=True)
class Entity:
    """One entity's MIME fields. ``type``, ``encoding`` and ``method`` in lower case; ``boundary`` empty if none.

    ``told`` is what else parameters say: a second name, folders of a name, comments, parameters of anybody's own.
    """

    type: str
    charset: str = ""
    boundary: bytes = b""
    encoding: str = "7bit"
    filename: str = ""
    method: str = ""
    attached: bool = False
    told: list[str] = field(default_factory=list)
    faults: set[UnreadableReason] = field(default_factory=set)

    @property
    def multipart(self) -> bool:
        """Whether it has parts."""
        return self.type.startswith("multipart/")

    def doubt(self, *, when: bool = True) -> None:
        """Mail programs would not agree."""
        if when:
            self.faults.add(UnreadableReason.AMBIGUOUS)


def read_entity(header: Header, default_type: str) -> Entity:
    """From the fields. A missing Content-Type means ``default_type``."""
    entity = Entity(default_type)
    entity.doubt(when=header.odd or any(len(header.values(name)) > 1 for name in _ONCE))
    if header.cut:
        entity.faults.add(UnreadableReason.TOO_LARGE)
    names = _read_type(entity, header.values("content-type"))
    _read_disposition(entity, header.values("content-disposition"), names)
    _read_encoding(entity, header.values("content-transfer-encoding"))
    return entity


def _read_type(entity: Entity, values: list[bytes]) -> str:
    """Sets type, charset and boundary; gives the ``name`` parameter."""
    if not values:
        return ""
    found = _TYPE.fullmatch(plain(values[0]))
    if found is None:
        entity.doubt()
        entity.type = "application/octet-stream"
        return ""
    entity.type = f"{found[1]}/{found[2]}".lower()
    parameters = _parameters(entity, values[0])
    _tell(entity, parameters)
    entity.charset = parameters.get("charset", "").lower()
    entity.method = parameters.get("method", "").strip().lower()
    entity.doubt(when=entity.charset in {"utf-7", "utf7", "unicode-1-1-utf-7"})
    if entity.multipart:
        _read_boundary(entity, parameters.get("boundary", ""), values[0])
    return parameters.get("name", "")


def _read_boundary(entity: Entity, boundary: str, value: bytes) -> None:
    entity.boundary = boundary.rstrip().encode("utf-8", "surrogateescape")
    fine = boundary and boundary.isascii() and boundary.isprintable() and len(boundary) <= _MAX_BOUNDARY
    fine = fine and (" " not in boundary or f'"{boundary}"'.encode() in value)  # without quotes it ends there for some
    entity.doubt(when=not fine or re.search(rb"boundary\*", value, re.IGNORECASE) is not None)


def _read_disposition(entity: Entity, values: list[bytes], name: str) -> None:
    filename = ""
    if values:
        kind = plain(values[0]).partition(";")[0].strip().lower()
        entity.attached = kind not in {"inline", ""}
        entity.told += [f"disposition: {_clean(kind)}"] if kind not in _DISPOSITIONS else []
        entity.doubt(when=bool(kind) and _TOKEN.fullmatch(kind) is None)  # some find parameters in it
        parameters = _parameters(entity, values[0])
        _tell(entity, parameters)
        filename = parameters.get("filename", "")
    entity.filename = _tidy(filename or name)
    given = dict.fromkeys(_clean(each) for each in (filename, name) if each)
    entity.told += [f"name: {each}" for each in given if each.strip() != entity.filename]
    entity.doubt(when=bool(filename and name) and _suffix(filename) != _suffix(name))


def _suffix(name: str) -> str:
    return PurePosixPath(_tidy(name)).suffix.lower()


def _tidy(name: str) -> str:
    """The last component, without control characters and without those that turn the direction of writing."""
    return _clean(name).replace("\\", "/").rpartition("/")[2].strip()


def _clean(name: str) -> str:
    return _CONTROL.sub("", decoded(name.encode("utf-8", "replace")).text)


def _tell(entity: Entity, parameters: dict[str, str]) -> None:
    """Parameters that are none of MIME's own, and what is no single word where one belongs."""
    for key, value in parameters.items():
        if key not in _KNOWN or (" " in value and key not in _NAMES):
            entity.told.append(f"{key}: {_clean(value)}")


def _read_encoding(entity: Entity, values: list[bytes]) -> None:
    if not values:
        return
    text = plain(values[0]).strip().lower()
    found = _TOKEN.match(text)
    entity.encoding = found[0] if found else ""
    entity.doubt(when=entity.encoding != text)
    if entity.encoding not in ENCODINGS:
        entity.faults.add(UnreadableReason.UNSUPPORTED)


def _parameters(entity: Entity, value: bytes) -> dict[str, str]:
    """Decoded by the standard library (RFC 2231); a parameter given twice is doubtful, and the first one counts."""
    fields = Fields()
    bounded = b";".join(value[:_MAX_VALUE].split(b";", _MAX_PARAMETERS)[:_MAX_PARAMETERS])
    entity.doubt(when=len(bounded) < len(value))
    try:
        fields["content-type"] = plain(bounded)
        pairs = [(k.lower(), collapse_rfc2231_value(v)) for k, v in fields.get_params(failobj=[])[1:]]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):  # seen from hostile fields
        entity.doubt()
        return {}
    entity.doubt(when=any(count > 1 for count in Counter(k for k, _ in pairs).values()))
    return dict(reversed(pairs))
