"""Requests for access, as the pages ask for them: collected, laid open, decided, looked at, sealed, wiped.

What is opened lies in the working folder of the case, here, where ``sallyport sar`` has it too; what goes back to the
pages is words and pictures sealed to whoever asked, and the answer sealed to its receiver.
"""

from __future__ import annotations

from cli.keyholder.requests.collecting import collect
from cli.keyholder.requests.previewing import preview
from cli.keyholder.requests.reviewing import decide, review
from cli.keyholder.requests.sealing import answer, drop

__all__ = ["answer", "collect", "decide", "drop", "preview", "review"]
