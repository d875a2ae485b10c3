"""Who may do what in the console: a table of roles and actions, and rules about the things themselves. Pure.

A view names its action (``web/console/doors.py``); a test walks every path and fails where one names none. What the
table allows, a rule may still refuse for one thing: nobody settles their own mail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.model import folded
from web.accounts.roles import Role


class Action(StrEnum):
    """What a page does. The values stand in the audit trail and in the documents."""

    START = "see the start page"
    HELD_LIST = "see which mails are held"
    HELD_OPEN = "open a held mail"
    HELD_SETTLE = "settle a held mail"
    HELD_AGREE = "agree to a release as the second reviewer"
    SENT_SEE = "see one's own sent mail"
    SENT_ACT = "act on one's own sent mail"
    REGISTER_SEE = "look into the register"
    REGISTER_CHANGE = "change the register"
    REGISTER_ADD = "add to the register"
    ORGANISATIONS_CHANGE = "change organisations and teams in the register"
    KEYS_SEE = "see recipients' keys"
    KEYS_SETTLE = "accept or dismiss a key that came by mail"
    KEYS_CHANGE = "take up recipients' keys and take them out"
    REQUESTS_SEE = "see requests for access"
    REQUESTS_CHANGE = "keep the record of requests for access"
    REQUESTS_ANSWER = "have a request for access answered"
    RETENTION_SEE = "see what falls due"
    HOLDS_SEE = "see legal holds"
    HOLDS_CHANGE = "set legal holds and have them lifted"
    DISPOSAL_SEE = "see what is proposed for disposal"
    DISPOSAL_DECIDE = "propose, approve or refuse a disposal"
    INSPECTORS_SEE = "see inspectors' access"
    INSPECTORS_GRANT = "grant and end inspectors' access"
    INSPECT = "inspect named people's records"
    SEARCH = "search the vault"
    SEARCH_KEEP = "keep a search"
    RECORD_LOOK = "look at what is known of a filed mail"
    RECORD_READ = "have the key holder open a filed mail"
    EVIDENCE_ASK = "ask for the evidence of an incident"
    EVIDENCE_AGREE = "agree to evidence that somebody else asked for"
    DISPOSAL_EXECUTE = "have a disposal carried out"
    INCIDENT_LIST = "see the register of breaches"
    INCIDENT_OPEN = "open an incident"
    INCIDENT_WORK = "work on an incident"
    INCIDENT_END = "let mail go again, or say that a breach is not told or is closed"
    OPERATIONS_SEE = "see how the service's parts are"


_ALL = frozenset(Role)
TABLE: Mapping[Action, frozenset[Role]] = {
    Action.START: _ALL,
    Action.HELD_LIST: frozenset({Role.REVIEWER, Role.BREACH}),
    Action.HELD_OPEN: frozenset({Role.REVIEWER}),
    Action.HELD_SETTLE: frozenset({Role.REVIEWER}),
    Action.HELD_AGREE: frozenset({Role.REVIEWER}),
    Action.SENT_SEE: frozenset({Role.OFFICER}),
    Action.SENT_ACT: frozenset({Role.OFFICER}),
    Action.REGISTER_SEE: frozenset({Role.OFFICER, Role.REVIEWER, Role.BREACH, Role.RECORDS}),
    Action.REGISTER_CHANGE: frozenset({Role.OFFICER, Role.RECORDS}),
    Action.REGISTER_ADD: frozenset({Role.OFFICER, Role.RECORDS}),
    Action.ORGANISATIONS_CHANGE: frozenset({Role.RECORDS}),
    Action.KEYS_SEE: frozenset({Role.OFFICER, Role.REVIEWER, Role.RECORDS, Role.OPERATOR}),
    Action.KEYS_SETTLE: frozenset({Role.RECORDS, Role.OPERATOR}),
    Action.KEYS_CHANGE: frozenset({Role.RECORDS}),
    Action.REQUESTS_SEE: frozenset({Role.RECORDS}),
    Action.REQUESTS_CHANGE: frozenset({Role.RECORDS}),
    Action.REQUESTS_ANSWER: frozenset({Role.RECORDS}),
    Action.RETENTION_SEE: frozenset({Role.RECORDS}),
    Action.HOLDS_SEE: frozenset({Role.RECORDS, Role.BREACH}),
    Action.HOLDS_CHANGE: frozenset({Role.RECORDS}),
    Action.DISPOSAL_SEE: frozenset({Role.RECORDS}),
    Action.DISPOSAL_DECIDE: frozenset({Role.RECORDS}),
    Action.INSPECTORS_SEE: frozenset({Role.RECORDS}),
    Action.INSPECTORS_GRANT: frozenset({Role.RECORDS}),
    Action.INSPECT: frozenset({Role.INSPECTOR}),
    Action.SEARCH: frozenset({Role.BREACH}),
    Action.SEARCH_KEEP: frozenset({Role.BREACH}),
    Action.RECORD_LOOK: frozenset({Role.BREACH}),
    Action.RECORD_READ: frozenset({Role.BREACH}),
    Action.EVIDENCE_ASK: frozenset({Role.BREACH}),
    Action.EVIDENCE_AGREE: frozenset({Role.BREACH, Role.RECORDS}),
    Action.DISPOSAL_EXECUTE: frozenset({Role.RECORDS}),
    Action.INCIDENT_LIST: frozenset({Role.BREACH}),
    Action.INCIDENT_OPEN: frozenset({Role.BREACH}),
    Action.INCIDENT_WORK: frozenset({Role.BREACH}),
    Action.INCIDENT_END: frozenset({Role.BREACH}),
    Action.OPERATIONS_SEE: frozenset({Role.OPERATOR}),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is signed in. ``email`` is folded; ``officer`` their code in the register, or empty.

    ``mailboxes`` are those that the register has of the officer they are, where a rule needs them.
    """

    email: str
    roles: frozenset[Role]
    officer: str = ""
    mailboxes: frozenset[str] = frozenset()

    @property
    def actor(self) -> str:
        """As the audit trail names them."""
        return f"console:{self.email}"

    def sends_as(self, address: str) -> bool:
        """Whether it is theirs: the account's own, or one of the register's."""
        return folded(address) in {self.email, *self.mailboxes}


@dataclass(frozen=True, slots=True)
class Mail:
    """A held mail, as far as permission goes. ``proposed_by`` is the actor of a release that waits for a second one."""

    sender: str
    proposed_by: str = ""


SEES_EVERYBODY = frozenset({Role.REVIEWER, Role.BREACH, Role.RECORDS})
"""In the register; an officer sees whom they and their team look after (``web/console/register/scope.py``)."""
CHANGES_EVERYBODY = frozenset({Role.RECORDS})


def may(who: Who, action: Action) -> bool:
    """By role alone."""
    return bool(who.roles & TABLE[action])


def refusal(who: Who, action: Action, mail: Mail) -> str:
    """Why not, as a sentence; empty where they may."""
    if not may(who, action):
        return "Your account does not have the role that it takes."
    if action in _SETTLING and who.sends_as(mail.sender):
        return "You sent this mail. Somebody else has to settle it."
    if action is Action.HELD_AGREE and mail.proposed_by == who.actor:
        return "You proposed this release. Somebody else has to agree to it."
    return ""


_SETTLING = frozenset({Action.HELD_SETTLE, Action.HELD_AGREE})


def allowed(roles: Collection[Role]) -> frozenset[Action]:
    """All that somebody with these roles may do, as far as roles go: for menus."""
    return frozenset(action for action, those in TABLE.items() if those & frozenset(roles))
