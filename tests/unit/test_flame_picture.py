"""The flame graph of docs/performance.md: widths are shares, and what is too narrow to be read is left out."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from benchmarks.flame_picture import draw, read

STACKS = [
    "run (threading.py:9);Relay._work (gateway/server.py:1);process (gateway/pipeline.py:5);index (vault/a.py:1) 600",
    "Thread.run (threading.py:9);Relay._work (gateway/server.py:2);process (gateway/pipeline.py:9) 199",
    "main (cli/main.py:1);Relay.run_forever (gateway/server.py:7);Smtp.smtp_<DATA> (gateway/smtp/protocol.py:3) 198",
    "Thread.run (threading.py:9) 3",
]


def test_a_frame_is_as_wide_as_its_share() -> None:
    """Of one function at two lines one frame is made; names come out as text and never as markup."""
    picture = ET.fromstring(draw(read(STACKS)))
    said = [e.text for e in picture.iter("{http://www.w3.org/2000/svg}title")][1:]
    assert said == [
        "relay, processor time in Python 100.0%",
        "the pipeline, in threads 79.9%",
        "process gateway/pipeline.py 79.9%",
        "index vault/a.py 60.0%",
        "the dialogue, the event loop 19.8%",
        "Smtp.smtp_<DATA> gateway/smtp/protocol.py 19.8%",
    ]
    widths = [float(w) for w in re.findall(r'<g>.*?width="([\d.]+)"', draw(read(STACKS)))]
    assert abs(widths[3] / widths[0] - 0.6) < 0.01
