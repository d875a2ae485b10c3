"""Domains as a person's eye has them: look-alike letters, xn-- labels, mixed scripts; and To and Cc that show many."""

from __future__ import annotations

import pytest

from domain.model import Address
from gateway.guarding import misnamed, visible
from gateway.lookalike import Confusables, shown
from tests import build

LOOKS = Confusables()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal.example", "p\u0430ypal.example"),
        ("paypal.example", "paypa1.example"),
        ("modern.example", "modem.example"),
        ("wvvw.example", "www.example"),
        ("hants.gov.uk", "h\u03b1nts.gov.uk"),
        ("paypal.com", "xn--pypal-4ve.com"),
    ],
)
def test_domains_that_look_alike_have_one_skeleton(one, other):
    assert LOOKS.skeleton(one) == LOOKS.skeleton(other)


def test_domains_that_do_not_have_two():
    assert LOOKS.skeleton("surgery.example") != LOOKS.skeleton("clinic.example")


def test_mixed_scripts_are_a_disguise_and_one_script_is_none():
    assert LOOKS.disguised("p\u0430ypal.example")
    assert not LOOKS.disguised("paypal.example")
    assert not LOOKS.disguised("\u0440\u043e\u0441\u0441\u0438\u044f.example")
    assert not LOOKS.disguised("b\u00fccher.example")


@pytest.mark.parametrize("odd", ["", ".", "xn--", "xn--\u00ff", "xn--a-ecp.ru", "\ud800.example", "x" * 9999])
def test_what_is_no_domain_is_compared_as_it_stands(odd):
    assert isinstance(LOOKS.skeleton(odd), str)
    assert LOOKS.disguised(odd) in {True, False}


def test_an_encoded_label_is_shown_in_its_letters():
    assert shown("xn--bcher-kva.example") == "b\u00fccher.example"
    assert shown("xn--\u00ff.example") == "xn--\u00ff.example"


def _mail(header: str):
    return build.message(header.encode() + b"\r\n\r\nwrite to a@b.example, c@d.example and e@f.example\r\n")


def test_outside_addresses_of_to_and_cc_are_counted_once_each():
    mail = _mail("To: A <a@one.example>, b@council.example\r\nCc: c@two.example,\r\n C@two.example, d@three.example")
    assert visible(mail, {"council.example"}, 2) == 3
    assert visible(mail, {"council.example"}, 3) == 0
    assert visible(mail, (), 3) == 4


def test_a_field_that_cannot_be_read_hides_no_other_and_an_endless_one_is_read_so_far():
    others = ", ".join(f"p{n}@h{n}.example" for n in range(5))
    assert visible(_mail(f"To: {'(' * 5000}\r\nCc: {others}"), (), 4) == 5
    endless = ", ".join(f"p{n}@h{n}.example" for n in range(9000))
    assert 1000 < visible(_mail(f"To: {endless}"), (), 4) < 9000


def test_other_fields_and_the_body_show_nobody():
    mail = _mail(
        "From: a@one.example\r\nReply-To: b@one.example\r\nReferences: <1@x> <2@x> <3@x>\r\nBcc: c@one.example"
    )
    assert visible(mail, (), 1) == 0


@pytest.mark.parametrize(
    "field",
    [
        "To: Ann Lee <bob@clinic.example>",
        'To: "Lee, Ann" <bob@clinic.example>',
        "CC : Cara Jones <cara@x.example>,\r\n\tDr Ann Lee <Bob@Clinic.example>",
        "To: =?utf-8?q?Ann_Lee?= <bob@clinic.example>",
        "To: Friends: Ann Lee <bob@clinic.example>;",
    ],
)
def test_a_name_beside_an_address_that_is_not_made_of_it(field):
    """In every way of writing it; names that fit, mailboxes for many and fields that are none say nothing."""
    (found,) = misnamed(_mail(field)).items()
    assert found[0] == Address.of("bob@clinic.example")
    assert set(found[1]) == {"ann", "lee"}


@pytest.mark.parametrize(
    "field",
    [
        "To: Ann Lee <ann.lee@clinic.example>",
        "To: bob@clinic.example",
        "To: Ann Lee <reception@clinic.example>, Dr Hill <bob@clinic.example>",
        "Reply-To: Ann Lee <bob@clinic.example>",
        "To: Ann Lee <bob>, Ann Lee <>",
        'To: "' + "(" * 9000 + "<",
        "To: " + "Ann Lee <" * 3000,
    ],
)
def test_no_name_is_doubted_without_a_reason(field):
    assert misnamed(_mail(field)) == {}
