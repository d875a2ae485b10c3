"""Proofs that a bundle's events are in the signed audit log: a file each, checked without us (c2sp.org/tlog-proof)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from vault.merkle.proofs import NoCheckpointYet, inclusion
from vault.models import AuditEvent

_SHOWN = frozenset({"access-opened", "access-asked", "access-answered", "access-extended"})
"""Of an access request. The other events say which records and how many documents there are, and what was decided of
each: so also that there is something which the person is not told of (``withhold-unlisted``)."""
_README = """\
Proofs that these events are in our audit trail

Each event-N.tlog-proof is one event: its own text (base64, after "extra"), its place, the hashes from there to the
root, and the signed checkpoint (formats: c2sp.org/tlog-proof, c2sp.org/tlog-checkpoint). It is checked with SHA-256 and
Ed25519 alone: by any tool that knows the format, or by

     sallyport audit check-proof event-N.tlog-proof --key {key}

Compare the key with us by telephone. What it proves: that we cannot take the event back, or change what it says.
{missing}"""


def prover(public_keys: Sequence[str]) -> Callable[[Sequence[AuditEvent]], Mapping[str, bytes]]:
    """What makes the tag files of events; ``public_keys`` are the log's, a line each."""

    def proofs(events: Sequence[AuditEvent]) -> Mapping[str, bytes]:
        files, missing = {}, []
        for event in events:
            if event.action.startswith("access-") and event.action not in _SHOWN:
                continue
            try:
                files[f"event-{event.sequence}.tlog-proof"] = inclusion(event.sequence).text().encode()
            except NoCheckpointYet:
                missing.append(event.sequence)
        return files | {"README.txt": _readme(public_keys, missing)}

    return proofs


def _readme(public_keys: Sequence[str], missing: Sequence[int]) -> bytes:
    said = ""
    if missing:
        numbers = ", ".join(map(str, missing))
        said = f"\nToo new for a checkpoint when this was packed: {numbers}. Ask us for their proofs.\n"
    return _README.format(key=public_keys[-1] if public_keys else "KEY", missing=said).encode()
