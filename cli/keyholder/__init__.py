"""``sallyport keyholder``: does for the pages what needs a master key or the vault's store (docs/keyholder.md)."""

from __future__ import annotations

from cli.keyholder.serving import keyholder

__all__ = ["keyholder"]
