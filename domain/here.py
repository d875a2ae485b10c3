"""The clock on the council's wall: days begin and end by it, and people read it. Stored times are UTC."""

from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/London")
