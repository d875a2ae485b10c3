"""Whether a key could be used now, where no key of the service's is at hand to protect anything with.

Input: whatever came by mail or was handed in; hostile. The gates are those of every use (``pgp_gate``, ``x509_gate``,
``chains``). Failure: a reason in plain words.
"""

from __future__ import annotations

from datetime import datetime

from domain.decision import Method
from domain.errors import UnusableKey
from domain.ports import StoredKey
from gateway.protect import pgp_gate, x509_gate
from gateway.protect.chains import Chains, TrustFiles


def fault(key: StoredKey, trust: TrustFiles | None, now: datetime) -> str:
    """Why it cannot be used for its address; empty where it can. ``trust``: whose word on certificates counts."""
    try:
        if key.method is Method.OPENPGP:
            addresses = pgp_gate.pass_gate(key.data, now).addresses
        else:
            addresses = x509_gate.pass_gate(key.data, now).addresses
            if trust is not None:
                Chains(trust).require(key.data, now)
    except UnusableKey as error:
        return error.private
    return "it is made out to another address" if addresses and key.address not in addresses else ""
