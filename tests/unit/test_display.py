"""Names beside addresses: what is a person's name, and whose address it may be."""

from __future__ import annotations

import pytest

from domain.display import fits, made_of, name_of, same

ANN = ("ann", "lee")


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("Ann Lee", ANN),
        ("Lee, Ann", ("lee", "ann")),
        ("Dr. Ann J. Lee", ANN),
        ("MRS ANN LEE", ANN),
        ("Anne-Marie O'Neil", ("anne", "marie", "neil")),
        ("Zo\u00eb Lee", ("zo\u00eb", "lee")),
        ("Ann", ()),
        ("Dr Lee", ()),
        ("", ()),
        ("ann.lee@surgery.example", ()),
        ("The minutes of the meeting of last Tuesday morning", ()),
    ],
)
def test_what_is_a_persons_name(shown: str, name: tuple[str, ...]) -> None:
    assert name_of(shown) == name


@pytest.mark.parametrize(
    ("local", "fitting"),
    [
        ("ann.lee", True),
        ("alee", True),
        ("lee22", True),
        ("ann", True),
        ("al", True),
        ("duty.team", True),
        ("gp", True),
        ("1234", True),
        ("bob", False),
        ("bob.hill", False),
        ("al.hill", False),
    ],
)
def test_whose_address_it_may_be(local: str, *, fitting: bool) -> None:
    """A word, initials, a mailbox for many; a name in other letters is compared with none."""
    assert fits(ANN, f"{local}@surgery.example") is fitting
    assert fits(("\u0430\u043d\u043d\u0430", "\u043b\u0438"), f"{local}@surgery.example")


def test_a_short_word_counts_as_a_word_alone() -> None:
    assert fits(("jo", "hill"), "jo@surgery.example")
    assert not fits(("jo", "hill"), "john.brown@surgery.example")


def test_an_address_that_is_plainly_somebodys() -> None:
    """First name and surname, in either order, as words or together."""
    for local in ("ann.lee", "lee.ann", "ann.j.lee2", "annlee", "leeann"):
        assert made_of(ANN, f"{local}@surgery.example")
    for local in ("a.lee", "ann", "annleeson", "joann.lee"):
        assert not made_of(ANN, f"{local}@surgery.example")


def test_the_same_person_by_a_longer_name() -> None:
    assert same(ANN, ("lee", "ann"))
    assert same(("ann", "jane", "lee"), ANN)
    assert not same(ANN, ("ann", "hill"))
    assert not same(ANN, ())
