"""Permission in time: one is taken back, the same report to the same surgery is held, the office sees what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from rich.console import Console

from demo import view
from demo.commands import show
from demo.mails import DemoMail, to_send_again
from demo.stage import Stage
from demo.view import Row

_REPORT = "OT report"
_WITHDRAW = "permission withdraw PTS-6101 --for ORG-701 --by 'Rowan Applegarth'"


def tour(stage: Stage, out: Console, drafted: list[DemoMail], send: Callable[[DemoMail], list[Row]]) -> Iterator[str]:
    """Show it; gives what went wrong, if anything."""
    yield from show(stage, out, "Rowan takes back what the surgery was let know a minute ago", _WITHDRAW)
    report = next(mail for mail in drafted if mail.title == _REPORT)
    again = replace(report, title=f"{_REPORT}, once more", message=to_send_again(report))
    for row in send(again):
        view.live(out, row)
        if row.action != "HOLD":
            yield f"'{again.title}' after the permission was withdrawn: HOLD, but it was {row.decision}"
    yield from show(stage, out, "What waits for the office", "reviews")
