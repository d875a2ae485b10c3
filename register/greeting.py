"""How somebody at an address is greeted, in mail that goes to that very address."""

from __future__ import annotations

from domain.model import Address
from register.lookup import reading
from register.models import Party

_MOST_NAMES = 2


def greeting(address: Address) -> str:
    """Their names as the register has them: "Cara Jones and Cy Jones". Empty for nobody, or for more than two.

    Raises ``RegisterUnavailable``.
    """
    with reading("greeting"):
        rows = Party.objects.filter(email=address.key).order_by("name").values_list("name", flat=True)
        names = list(dict.fromkeys(rows))
    return " and ".join(names) if len(names) <= _MOST_NAMES else ""


def language_of(address: Address) -> str:
    """That in which whoever reads this mailbox wishes to be written to (BCP 47); empty where they are not of one mind.

    Raises ``RegisterUnavailable``.
    """
    with reading("language"):
        found = set(Party.objects.filter(email=address.key).exclude(language="").values_list("language", flat=True))
    return found.pop() if len(found) == 1 else ""
