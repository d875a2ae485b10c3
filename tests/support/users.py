"""Commands by several users of the operating system, without importing all anew: a process that forks for each.

It runs as root, and takes only the real user number: that is whose command it is, and every file stays within reach.
"""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_ROOT = Path(__file__).parents[2]


@dataclass
class Users:
    """Who may run commands."""

    process: subprocess.Popen[str]

    def run(self, user: str, words: tuple[str, ...], environment: Mapping[str, str]) -> tuple[int, str]:
        """Exit code, and what was printed."""
        assert self.process.stdin
        assert self.process.stdout
        job = {"user": pwd.getpwnam(user).pw_uid, "words": words, "environment": dict(environment)}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        code, text = json.loads(self.process.stdout.readline())
        return code, text


@contextmanager
def users() -> Iterator[Users]:
    """Started once for a test."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.users"], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, env={k: v for k, v in os.environ.items() if not k.startswith("SALLYPORT_")},
    ) as process:  # fmt: skip
        yield Users(process)
        assert process.stdin
        process.stdin.close()


def _serve() -> None:
    import django.db.models  # noqa: F401 - loaded before the fork
    import minio  # noqa: F401 - loaded before the fork
    import reportlab.platypus  # noqa: F401 - loaded before the fork

    import cli.main  # noqa: F401 - loaded before the fork

    assert "config.django" not in sys.modules
    for line in sys.stdin:
        with tempfile.TemporaryFile() as out:
            child = os.fork()
            if not child:
                _become(json.loads(line), out)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            out.seek(0)
            sys.stdout.write(json.dumps([code, out.read().decode()]) + "\n")
            sys.stdout.flush()


def _become(job: dict[str, Any], out: IO[bytes]) -> None:
    """In the child. Never returns."""
    os.dup2(out.fileno(), 1)
    os.dup2(out.fileno(), 2)
    os.environ.clear()
    os.environ.update(job["environment"])
    os.setresuid(job["user"], -1, -1)
    sys.argv = ["sallyport", *job["words"]]
    code = 1
    try:
        import cli.account
        from cli.main import main

        cli.account.LOGIN = Path("/nowhere")  # whoever runs the tests has logged in once; these people are not them
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else bool(end.code)
    except BaseException:  # noqa: BLE001 - as Python itself would show it
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
