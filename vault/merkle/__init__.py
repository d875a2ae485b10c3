"""The audit trail as a Merkle tree with signed checkpoints, so that nobody can rewrite it unseen (docs/audit.md).

``tree`` and ``checks`` are the mathematics, ``note`` and ``checkpoint`` the texts that are signed, ``witness`` what
another party does: none of them knows a database. The other modules do.
"""
