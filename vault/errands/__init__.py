"""What pages ask of the key holder (docs/keyholder.md)."""
