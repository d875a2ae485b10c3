"""The error tree.

Every error has two texts: ``public``, one sentence that helps and leaks nothing, and
``private``, the reason with its fields for the log (which never holds message text,
names, addresses or keys)::

    SallyportError
    ├── TryAgain                 the caller keeps the mail and tries later: 451
    │   ├── RegisterUnavailable    the register cannot be asked
    │   ├── VaultUnavailable       the object store or its rows cannot be written
    │   ├── JournalUnavailable     the journal cannot be read or written
    │   ├── ProtectionFailed       encrypting failed for a reason that may pass
    │   ├── ClassifierUnavailable  no worker could be started
    │   └── NextHopUnavailable     the next hop does not answer
    ├── Refused                  the mail itself is at fault: 5xx
    │   ├── MalformedMessage       bare CR or LF, or nothing that can be called a message
    │   └── MailLoop               we have seen this mail before
    ├── UnusableKey              a certificate that must not be encrypted to
    ├── SealBroken               what was read back is not what was filed
    └── ConfigurationError       the settings cannot be used; start-up is refused
"""

from __future__ import annotations


class SallyportError(Exception):
    """The root. ``public`` is said to people; ``private`` and ``fields`` go to the log."""

    public = "Something went wrong inside the mail gateway. Nothing was sent."

    def __init__(self, private: str = "", *, public: str | None = None, **fields: object) -> None:
        super().__init__(private or self.public)
        self.private = private
        self.fields = fields
        if public is not None:
            self.public = public


class TryAgain(SallyportError):
    """A failure that may pass. The sending server keeps its copy (RFC 5321 section 4.2.1, 4yz)."""

    public = "The mail gateway cannot take this message just now. It will be tried again."


class RegisterUnavailable(TryAgain):
    """The register of people and permissions cannot be asked; no permission is assumed."""


class VaultUnavailable(TryAgain):
    """The sealed copy cannot be filed, so nothing may leave (promise 2)."""


class JournalUnavailable(TryAgain):
    """What was done cannot be remembered, so nothing may be done (promise 3)."""


class ProtectionFailed(TryAgain):
    """Encryption was decided and did not succeed; the plain message is never sent instead (promise 1)."""


class ClassifierUnavailable(TryAgain):
    """No worker process can be had to read the documents."""


class NextHopUnavailable(TryAgain):
    """The next hop does not answer, or answers that it cannot take mail now."""


class Refused(SallyportError):
    """The message itself is at fault; sending it again will not help (RFC 5321 section 4.2.1, 5yz)."""

    public = "This message cannot be accepted."


class MalformedMessage(Refused):
    """Not a message that every mail program would read the same way."""

    public = "This message is not well formed, so it was not accepted."


class MailLoop(Refused):
    """The message carries our own mark or too many trace headers (RFC 5321 section 6.3)."""

    public = "This message is going round in a loop, so it was stopped."


class UnusableKey(SallyportError):
    """A certificate that is expired, revoked, malformed or too weak. ``private`` names the cause."""

    public = "The recipient's key cannot be used."


class SealBroken(SallyportError):
    """A filed object does not hold what its row says, or cannot be opened."""

    public = "The stored copy does not match its record."


class ConfigurationError(SallyportError):
    """Settings, policy or retention files that cannot be used. ``public`` says which line and what to write."""

    public = "The configuration cannot be used."
