"""The relay, with less patience for its object store than the product has: a chaos run is short."""

from __future__ import annotations

from vault.objects import s3


def main() -> None:
    """As ``sallyport relay``."""
    s3._READ_SECONDS, s3._LOOK_SECONDS, s3._WHOLE_SECONDS = 2, 1, 6
    from cli.relay import relay

    relay()


if __name__ == "__main__":
    main()
