"""A mail taken apart loses nothing: no mail, however it is built, hides news in a signature or a notice."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.documents.turns import apart

_LINES = """Kind regards
Thanks, Jo
Best
--
_____
*****
Mara Pell
Adult Mental Health Team
Epilepsy Specialist Nurse
Tel: 01632 960114
He/him
Sent from my iPhone
This email and any attachments are confidential.
DISCLAIMER: it may be privileged
CAUTION: This email came from outside
On 3 Mar 2026, at 14:07, Hugh Orme wrote:
On 3 Mar 2026, at 14:07, Hugh Orme
<hugh@a.example> wrote:
-----Original Message-----
From: Mara Pell
Sent: Monday
To: Hugh
Subject: lunch
The hall is booked.
""".splitlines()
_LINE = st.sampled_from([*_LINES, "", ">", "> ", "\r", "\x0b", "\x85"]) | st.text(max_size=8)
_QUOTED = st.builds(lambda marks, line: "> " * marks + line, st.integers(0, 2), _LINE)
_BODY = st.lists(_QUOTED, max_size=14)
_NEWS = (
    "He is HIV positive.",
    "Gwil has bruises on both arms",
    "I think she wants to die",
    "Gwil: hepatitis",
    "HIV clinic Tuesday, Gwil",
    "PS she has epilepsy, the clinic says",
)


@settings(max_examples=300, deadline=None)
@given(_BODY, st.sampled_from(_NEWS), _BODY, st.integers(0, 2), st.sampled_from(["\n", "\r\n"]))
def test_news_is_in_a_turn_wherever_it_stands(
    above: list[str], news: str, below: list[str], marks: int, end: str
) -> None:
    before = "".join(line + end for line in above) + "> " * marks
    text = before + news + end + end.join(below)
    said = text[len(before) : len(before) + len(news)]
    assert said == news
    assert any(start <= len(before) and len(before) + len(news) <= stop for start, stop in apart(text).turns)


@given(_BODY.map("\n".join) | st.text(max_size=60))
def test_spans_are_in_order_and_within_the_text(text: str) -> None:
    mail = apart(text)
    spans = sorted([*mail.turns, *mail.asides, *mail.signatures])
    assert all(0 <= start < stop <= len(text) for start, stop in spans)
    assert all(stop <= start for (_, stop), (start, _) in itertools.pairwise(spans))
    assert mail.turns == sorted(mail.turns)
    assert mail.asides == sorted(mail.asides)
