"""Which addresses are the same, which name another mailbox, and who is the council's own."""

from __future__ import annotations

import pytest

from domain.model import Address
from gateway.smtp.arguments import Rejected, forward_path
from register.importing.reading import Row
from register.lookup import DatabaseRegister
from register.models import Party
from tests.fakes import NOW

COUNCIL = frozenset({"essex.example", "kent.example", "hants.example"})
ONWARD = [
    "victim%evil.example@hants.example",
    "evil.example!victim@hants.example",
    '"victim@evil.example"@hants.example',
    '"victim\\@evil.example"@hants.example',
    '"evil::victim"@hants.example',
]
LOOKALIKES = ["eve@\u212aent.example", "eve@\uff48ants.example", "victim\uff05evil.example@hants.example"]


@pytest.mark.parametrize("text", ["eve@e\u00dfex.example", "eve@\u212aent.example", "eve@\uff48ants.example"])
def test_no_letter_of_another_domain_makes_it_the_councils(text: str) -> None:
    """Case folding made "ss" of a sharp s, so that a mail to another country's domain left in the clear."""
    assert not Address.of(text).belongs_to(COUNCIL)
    assert Row(2, "carer", {"email": text}).email() == Address.of(text).key


def test_letters_beyond_ascii_compare_without_regard_to_case() -> None:
    """A register written in small letters knows a mailbox written in capitals."""
    assert Address.of("JÖRG@MÜLLER.example") == Address.of("jörg@müller.example")


@pytest.mark.parametrize("text", ONWARD)
def test_a_local_part_that_names_another_mailbox_is_refused_and_is_nobody_of_the_councils(text: str) -> None:
    """Postfix sends these on to evil.example by its defaults."""
    with pytest.raises(Rejected, match=r"^553 5\.1\.3 .*another mailbox"):
        forward_path(f"TO:<{text}>", international=True)
    assert Address.of(text).domain in COUNCIL
    assert not Address.of(text).belongs_to(COUNCIL)


@pytest.mark.parametrize("text", LOOKALIKES)
def test_a_recipient_in_compatibility_letters_is_refused(text: str) -> None:
    """A mail server that normalises (RFC 8264) would deliver to somebody else than was decided for."""
    with pytest.raises(Rejected, match=r"^553 5\.1\.3"):
        forward_path(f"TO:<{text}>", international=True)


@pytest.mark.parametrize("text", ["jo+x@hants.example", '"jo hill"@hants.example', "JO=x@HANTS.example"])
def test_ordinary_mailboxes_are_taken_and_are_the_councils(text: str) -> None:
    """Also odd ones, as long as no mail server sends them on."""
    assert Address.of(forward_path(f"TO:<{text}>", international=False).address).belongs_to(COUNCIL)


@pytest.mark.usefixtures("database")
def test_an_officer_is_staff_at_the_councils_domains_only() -> None:
    """A private mailbox is outside, whoever reads it; the row for staff encrypts to it."""
    for code, email in (("O-1", "olu@gmail.example"), ("O-2", "ola@hants.example")):
        Party.objects.create(code=code, kind="officer", name="O", email=email)
    olu, ola, new, tricky = map(Address.of, ("olu@gmail.example", "ola@hants.example", "new@hants.example", ONWARD[0]))
    circle = DatabaseRegister(COUNCIL).circle([], [olu, ola, new, tricky], NOW)
    assert circle.staff == {ola, new}
    assert olu in circle.parties
