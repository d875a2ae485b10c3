"""Odd ways to write MIME fields, one a line with the escapes of a Python string: what differential tests mix in."""

from __future__ import annotations


def _lines(text: str) -> list[bytes]:
    return [
        line.encode().decode("unicode_escape").encode("latin-1")
        for line in text.removeprefix("\n").removesuffix("\n").split("\n")
    ]


ENCODINGS = _lines(
    r"""

Content-Transfer-Encoding: base64
content-transfer-encoding:BASE64
Content-Transfer-Encoding: quoted-printable
Content-Transfer-Encoding: base64;
Content-Transfer-Encoding: "base64"
Content-Transfer-Encoding: base64 (x)
Content-Transfer-Encoding : base64
Content-Transfer-Encoding:\r\n quoted-printable
Content-Transfer-Encoding: quoted-printable\r\nContent-Transfer-Encoding: base64
Content-Transfer-Encoding: x-uuencode
Content-Transfer-Encoding: uuencode
Content-Transfer-Encoding: 8bit
Content-Transfer-Encoding: base 64
Content-Transfer-Encoding:\tbase64\t
Content-Transfer-Encoding: base64\r\n\x20
Content-Transfer-Encoding\r\n : base64
Content-Transfer-Encoding: 7bit, base64
Content_Transfer-Encoding: base64
Content-Transfer-Encoding: =?utf-8?q?base64?=
Content-Encoding: base64
X: y\rContent-Transfer-Encoding: base64
X: y\x0bContent-Transfer-Encoding: base64
X: y\x0cContent-Transfer-Encoding: base64
X: y\xc2\x85Content-Transfer-Encoding: base64
X: y\x1cContent-Transfer-Encoding: base64
"""
)
"""Content-Transfer-Encoding as it should not be written; the first four are as it should."""

LEAF_TYPES = _lines(
    r"""

Content-Type: text/plain
Content-Type: text/html; charset=utf-8
Content-Type: application/octet-stream
Content-Type: text
Content-Type: image/gif; name=a.gif
Content-Type: text/plain\r\nContent-Type: text/html
Content-Type: application/x-zip
Content-Type:text/plain;charset=utf-7
Content-Type: message/delivery-status
Content-Type: message/rfc822
Content-Type: message/global
Content-Type: message/news
Content-Type: message/http
Content-Type: message/x
Content-Type: message/RFC822; charset=x
Content-Type: text/rfc822-headers
Content-Type: message/disposition-notification
Content-Type: message/feedback-report
Content-Type: message/external-body
"""
)
"""Types of leaves; the first four are ordinary."""

NAMES = _lines(
    r"""
Content-Disposition: attachment; filename=%s
Content-Disposition: inline; filename="%s"
Content-Type: text/plain; name=%s
Content-Type: text/plain; name*=utf-8''%s
Content-Disposition: attachment; filename*0=%s; filename*1=.txt
Content-Disposition: attachment; filename*1=.txt; filename*0=%s
Content-Disposition: attachment; filename*0*=utf-8'en'%s; filename*1=.txt
Content-Disposition: attachment; filename*=%s
Content-Disposition: attachment; filename=a.txt; filename*=utf-8''%s
Content-Disposition: attachment; filename*=utf-8''a; filename=%s
Content-Disposition: attachment; filename=a.txt; filename*0=b; filename*1=%s
Content-Disposition: attachment; filename*00=%s
Content-Disposition: attachment; filename==?utf-8?q?%s?=
Content-Disposition: attachment; filename="=?utf-8?q?%s?= =?x?q?a?="
Content-Disposition: attachment; file\r\n name=%s
Content-Disposition: attachment; filename =%s
Content-Disposition: %s
Content-Disposition: attachment filename=%s
Content-Disposition: attachment, filename=%s
Content-Disposition: filename=%s
Content-Disposition: attachment; filename=a.txt; filename=%s
Content-Disposition: attachment; (c) filename=%s
Content-Disposition: attachment; x="; filename=%s
Content-Disposition: attachment; filename=a/b/%s/c
Content-Description: %s
Content-Disposition: attachment; filename*=x'y'%s
Content-Disposition: attachment; filename*=utf-7''%s
Content-ID: <%s@x>
Subject: %s
Subject: =?utf-8?q?%s?=
Subject: =?x-none?q?%s?=
Subject: =?utf-8?q?%s
Subject: a\r\n %s
"""
)
"""Names of files, and other places for words; the first two are ordinary."""

KINDS = _lines(
    r"""
multipart/mixed
Multipart/Alternative
multipart/related
multipart/digest
multipart/signed
multipart/x
multipart/
multipart
multipart/report
text/plain
message/multipart
multipart/mixed/x
multipart\t/mixed
(c)multipart/mixed
multipart/(c)mixed
multi\r\n part/mixed
"multipart/mixed"
"""
)
"""Types of multiparts; the first five are ordinary."""

BOUNDARIES = _lines(
    r"""
; boundary=%s
; boundary="%s"
; BOUNDARY=%s
;boundary=%s;
; boundary="%s "
; boundary=%s (c)
; boundary = %s
; boundary='%s'
; boundary*0=%s
; boundary*=utf-8''%s
; boundary=%s; boundary=other
; boundary=other; boundary=%s
 boundary=%s
;; boundary=%s
; x="; boundary=other"; boundary=%s
; x="a; boundary=%s
; boundary==%s
;\r\n boundary=%s
;\r\n\tboundary=\r\n %s
; boundary=\\%s
; boundary="\\%s"
; boundary="%s
; boundary=%s,other
; boundary=%s\x0b
; boundary=%s\xa0
; x=y\\; boundary=%s
; (x; boundary=other) boundary=%s
; x="y\\"; boundary=other"; boundary=%s
; boundary=%s\r\n \r\n
; boundary="%s"junk
, boundary=%s
; boundary="%s\\""
; boundary=%s\r
"""
)
"""The parameter of a boundary; the first five are ordinary."""
