"""``sallyport migrate`` of the made-up next version in ``tests/support/rollout``, as a program."""

from __future__ import annotations

from cli.migrating import make_tables
from config import console

if __name__ == "__main__":
    console.INSTALLED_APPS.append("tests.support.rollout")
    make_tables()
