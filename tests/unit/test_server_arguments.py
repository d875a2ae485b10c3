"""MAIL and RCPT arguments."""

from __future__ import annotations

import pytest

from domain.reports import Asked, Notify
from gateway.smtp import asked
from gateway.smtp.arguments import Rejected, declared_size, forward_path, reverse_path


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ("FROM:<>", ""),
        ("FROM:<a@b.org>", "a@b.org"),
        ("from: <A.b+c@B-x.example.ORG> SIZE=12", "A.b+c@B-x.example.ORG"),
        ("FROM:<@relay.one,@two.net:user@b.org>", "user@b.org"),
        ('FROM:<"odd > name"@b.org>', '"odd > name"@b.org'),
        ("FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]"),
        ("FROM:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"),
        ("FROM:<jörg@müller.example> SMTPUTF8", "jörg@müller.example"),
    ],
)
def test_addresses_are_taken_as_written(argument: str, address: str) -> None:
    """RFC 5321 section 4.1.2; a source route is left out (appendix C)."""
    assert reverse_path(argument, 100).address == address


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("", "501"),
        ("FROM:a@b.org", "501"),
        ("FROM:<a@b.org", "501"),
        ("FROM:<a@b.org>SIZE=1", "501"),
        ("FROM:<a b@c.org>", "501"),
        ("FROM:<a@b@c.org>", "501"),
        ("FROM:<a@b_.org.>", "501"),
        ("FROM:<a>", "553 5.1.7"),
        ('FROM:<"a@b">', "553 5.1.7"),
        ("FROM:<jörg@b.org>", "553 5.6.7"),
        ("FROM:<" + "a" * 600 + "@b.org>", "553 5.1.3"),
        ("FROM:<a@b.org> SIZE=101", "552 5.3.4"),
        ("FROM:<a@b.org> SIZE=1x", "501"),
        ("FROM:<a@b.org> SIZE=" + "9" * 21, "501"),
        ("FROM:<a@b.org> SIZE", "501"),
        ("FROM:<a@b.org> BODY=BINARYMIME", "501"),
        ("FROM:<a@b.org> SMTPUTF8=yes", "501"),
        ("FROM:<a@b.org> SIZE=1 SIZE=2", "501"),
        ("FROM:<a@b.org> =x", "501"),
        ("FROM:<a@b.org> REQUIRETLS", "555"),
        ("FROM:<a@b.org> HOLDFOR=60", "555"),
    ],
)
def test_what_cannot_be_kept_is_refused(argument: str, code: str) -> None:
    """Each with its code, and nothing of the argument in the reply."""
    with pytest.raises(Rejected) as caught:
        reverse_path(argument, 100)
    assert caught.value.reply.startswith(code)
    assert "b.org" not in caught.value.reply


def test_parameters_of_exchange_are_taken_and_ignored() -> None:
    """Exchange sends them unasked; refusing them would stop the mail."""
    words = "XOORG=contoso.com XRDST=x AUTH=<> RET=HDRS ENVID=QQ314159 SIZE=42 BODY=8BITMIME XNONE"
    assert declared_size(reverse_path(f"FROM:<a@b.org> {words}", 100).parameters) == 42
    path = forward_path("TO:<c@d.org> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;c@d.org XRDST=y", international=False)
    assert path.address == "c@d.org"


def test_what_is_asked_about_reports_is_read_strictly() -> None:
    """RFC 3461 section 4; keywords in any case, values as they came."""
    assert asked.of_mail({"RET": "hdrs", "ENVID": "QQ+2B3"}) == ("HDRS", "QQ+2B3")
    assert asked.of_mail({}) == ("", "")
    wishes = asked.of_recipient("c@d.org", {"NOTIFY": "success,Delay", "ORCPT": "rfc822;C@d.org"})
    assert wishes == Asked("c@d.org", frozenset({Notify.SUCCESS, Notify.DELAY}), "rfc822;C@d.org")
    assert asked.of_recipient("c", {"NOTIFY": "NEVER"}).notify == {Notify.NEVER}
    assert asked.of_recipient("c", {"ORCPT": "utf-8;jörg@b.org"}).original == "utf-8;jörg@b.org"
    assert asked.of_recipient("c", {}) == Asked("c")


@pytest.mark.parametrize(
    "parameters",
    [
        {"NOTIFY": "NEVER,SUCCESS"}, {"NOTIFY": ""}, {"NOTIFY": "SOMETIMES"}, {"NOTIFY": "SUCCESS,"},
        {"ORCPT": "c@d.org"}, {"ORCPT": "rfc822;"}, {"ORCPT": "rfc822;a+b@c"}, {"ORCPT": "rfc822;a=b@c"},
        {"ORCPT": ";c@d"}, {"ORCPT": "rfc822;" + "x" * 500}, {"ORCPT": "rfc822;jörg@b.org"}, {"ORCPT": "r_f;c@d"},
    ],
)  # fmt: skip
def test_wishes_about_a_recipient_that_mean_nothing_are_refused(parameters: dict[str, str]) -> None:
    """501, before any content."""
    with pytest.raises(Rejected, match="501"):
        asked.of_recipient("c@d.org", parameters)


@pytest.mark.parametrize(
    "parameters", [{"RET": ""}, {"RET": "ALL"}, {"ENVID": ""}, {"ENVID": "+"}, {"ENVID": "x" * 101}]
)
def test_wishes_about_a_mail_that_mean_nothing_are_refused(parameters: dict[str, str]) -> None:
    """501, too."""
    with pytest.raises(Rejected, match="501"):
        asked.of_mail(parameters)


def test_postmaster_needs_no_domain_and_nobody_else_may_lack_it() -> None:
    """RFC 5321 section 4.1.1.3."""
    assert forward_path("TO:<Postmaster>", international=False).address == "Postmaster"
    for argument in ("TO:<>", "TO:<root>", "TO:<ü@b.org>"):
        with pytest.raises(Rejected, match="553"):
            forward_path(argument, international=False)
    assert forward_path("TO:<ü@b.org>", international=True).address == "ü@b.org"
