"""What passes between the drawer and its process: READY, then pages, width and height, then three bytes a pixel."""

from __future__ import annotations

import struct

READY = b"draw\n"
HEAD = struct.Struct(">III")
WIDTH = 1_000
"""Pixels across, at most: an A4 page at 120 to the inch, which can be read on a screen."""
MOST_PIXELS = 4_000_000
MOST_PAGES = 100_000
