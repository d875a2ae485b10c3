"""The service's own form: by what was written into it a filled copy is told from the blank one that passed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

from rich.console import Console

from demo.commands import show
from demo.mails import DemoMail
from demo.stage import Stage


def tour(stage: Stage, out: Console, drafted: list[DemoMail]) -> Iterator[str]:
    """Show the blank and the filled copy as `sallyport forms try` sees them; gives what went wrong, if anything."""
    for title, asked in (("Blank form", "What the blank form is"), ("Filled form", "And the filled one")):
        mail = next(mail for mail in drafted if mail.title == title)
        attached = next(message_from_bytes(mail.message, policy=default).iter_attachments())
        file = stage.folder / f"{title.replace(' ', '-').lower()}.docx"
        file.write_bytes(attached.get_content())
        yield from show(stage, out, asked, f"forms try {shlex.quote(str(file))}")
