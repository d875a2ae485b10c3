"""A mail taken apart: what was written, by whom, and what hangs below it."""

from __future__ import annotations

import io

import pytest
from docx import Document as Word

from classifiers.analysis import Analyser, analyse_document
from classifiers.documents.document import Document
from classifiers.documents.tally import tally
from classifiers.documents.turns import apart, is_contact, within, without
from classifiers.knowledge import Knowledge
from classifiers.learned import brief
from domain.model import Category, Finding, PageText, Part, Place

ALERTS = Knowledge().learned()
NEWS = "He wants to die and I have hidden his tablets."
SIGNED = (
    "Kind regards\n\nMara Pell\nSenior Practitioner, Adult Mental Health Team\nTel: 01632 960114\n"
    "mara@council.example\n"
    "My working days are Monday to Thursday\nwww.council.example/adults\n"
)
NOTICE = (
    "This email and any attachments are confidential and intended solely for the addressee. If you are not the\n"
    "intended recipient, please delete it. Any views expressed are those of the author.\n"
)
OUTLOOK = "From: Mara Pell\nSent: 04 March 2026 09:12\nTo: Hugh Orme\nSubject: RE: Gwil\n\n"


def turns(text: str) -> list[str]:
    """What was written, without blanks around it."""
    return [text[start:end].strip() for start, end in apart(text).turns]


def found(text: str) -> Finding | None:
    """What is said of a mail with this body by what judges short ones."""
    pages = (PageText("1", Place.BODY, 1, text),)
    return next(iter(brief.classifier(ALERTS)(Document(pages, tally(pages)))), None)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Lunch at one?", ["Lunch at one?"]),
        ("", []),
        (f"Lunch at one?\n\n{SIGNED}", ["Lunch at one?"]),
        (f"Lunch at one?\n\n{SIGNED}\n{NOTICE}", ["Lunch at one?"]),
        (f"Lunch at one?\n{NOTICE}", ["Lunch at one?"]),
        ("Lunch at one?\nThanks, Hugh", ["Lunch at one?"]),
        ("Lunch at one?\n-- \nHugh Orme\nHe/him\nFollow us on Facebook", ["Lunch at one?"]),
        ("Lunch at one?\n\nSent from my iPhone", ["Lunch at one?"]),
        ("Thanks\nHugh", ["Thanks\nHugh"]),
        (f"Yes.\n\n{OUTLOOK}Lunch at one?\n\n{SIGNED}", ["Yes.", "Subject: RE: Gwil\n\nLunch at one?"]),
        ("Yes.\n\nOn 3 Mar 2026, at 14:07, Hugh Orme wrote:\n> Lunch?\n> Hugh", ["Yes.", "> Lunch?\n> Hugh"]),
        ("Yes.\n\nOn 3 Mar 2026, at 14:07, Hugh Orme\n<h@a.example> wrote:\n\nLunch?", ["Yes.", "Lunch?"]),
        ("> Lunch?\n\nYes.\n\n> Where?\n\nHere.", ["> Lunch?", "Yes.", "> Where?", "Here."]),
        ("See below\n-----Original Message-----\nLunch?", ["See below", "Lunch?"]),
        ("From: the bus station\nTake the 14.", ["From: the bus station\nTake the 14."]),
        ("Lunch?\nRegards\nPS bring the keys please", ["Lunch?", "PS bring the keys please"]),
        (f"Lunch?\n{SIGNED}\nAnd one more thing, I have the keys.", ["Lunch?", "And one more thing, I have the keys."]),
    ],
)
def test_what_was_written_is_told_from_what_hangs_below(text: str, written: list[str]) -> None:
    """Signatures, notices and the lines that introduce a quoted mail are in no turn; everything else is."""
    assert turns(text) == written


@pytest.mark.parametrize(
    ("line", "contact"),
    [
        ("Mara Pell", True),
        ("Epilepsy Specialist Nurse", True),
        ("Consultant Psychiatrist, The Willows, NG9 1AB", True),
        ("Tel: 01632 960114 | mara@council.example", True),
        ("My working days are Monday to Thursday", True),
        ("PS she has epilepsy", False),
        ("Gwil: hepatitis", False),
        ("HIV positive, team informed", False),
        ("Gwil HIV clinic Tuesday", False),
        ("Dementia team visit 3pm", False),
        ("Are you free?", False),
        ("She/her has had a seizure", False),
        ("a b c d e f g h i j k l m", False),
        ("x" * 241, False),
        (NOTICE, False),
    ],
)
def test_a_line_below_a_mail_is_a_contact_only_if_it_tells_nothing(line: str, contact: bool) -> None:
    """A word of illness wants a post or a team beside it, and no sentence."""
    assert is_contact(line) is contact


@pytest.mark.parametrize(
    "tail",
    [
        "",
        f"\n\n{SIGNED}",
        f"\n\n{SIGNED}\n{NOTICE}",
        f"\n\n{SIGNED}\n{OUTLOOK}Lunch at one? The usual place.\n\n{SIGNED * 3}",
    ],
)
def test_news_is_news_whatever_hangs_below_it(tail: str) -> None:
    """The same mail, as likely with a signature, a notice and a thread as bare; so is what stands in the thread."""
    bare = found(NEWS)
    assert bare is not None
    above, below = found(NEWS + tail), found(f"Ok.\n\n{OUTLOOK.replace('RE: Gwil', '')}{NEWS}{tail}")
    assert above is not None
    assert below is not None
    assert (above.likelihood, above.category) == (bare.likelihood, Category.OTHER_PERSONAL)
    assert below.likelihood >= 0.5


def test_a_mail_that_was_saved_as_a_word_file_is_taken_apart_too() -> None:
    """Settings and properties, which a Word file has beside its page, do not make it a long text."""
    written = Word()
    for line in f"{NEWS}\n\n{SIGNED}\n{NOTICE}".splitlines():
        written.add_paragraph(line)
    out = io.BytesIO()
    written.save(out)
    bare, analysis = found(NEWS), analyse_document(out.getvalue(), "mail.docx")
    assert len([text for text in analysis.texts if text.part == "1"]) > 1
    assert bare is not None
    assert [f.likelihood for f in analysis.findings if f.category is Category.OTHER_PERSONAL] == [bare.likelihood]


def test_evidence_out_of_a_thread_stands_where_it_says() -> None:
    """Places are those of the whole page."""
    text = f"Ok.\n{OUTLOOK}{NEWS}\n\n{SIGNED}"
    said = found(text)
    assert said is not None
    assert {e.text for e in said.evidence} >= {"tablets", "die"}
    assert all(text[e.start : e.end] == e.text for e in said.evidence)


def test_a_writers_post_is_nobodys_illness() -> None:
    """The team below a mail is no word of health beside a known name; the same words in the mail are."""

    def likeliest(text: str) -> float:
        part = Part("1", Place.BODY, "text/plain", "", text.encode(), "utf-8")
        findings = Analyser().analyse("", [part]).findings
        return max((f.likelihood for f in findings), default=0.0)

    assert likeliest(f"Gwil Orme will be there at three.\n\n{SIGNED}") < 0.25
    assert likeliest(f"Gwil Orme is with the mental health team.\n\n{SIGNED}") >= 0.25
    forwarded = f"Ok.\n{OUTLOOK}Gwil Orme will be there at three.\n\n{SIGNED}"
    assert likeliest(forwarded) >= 0.25, "whose post stands below a forwarded mail says who treats somebody"


def test_a_writers_pronouns_speak_of_nobody() -> None:
    """Below a name, "he/him" is the writer."""
    page = PageText("1", Place.BODY, 1, "The hall is booked.\n\nRegards\nHugh Orme\nHe/him\n")
    assert not tally([page]).spoken


def test_a_notice_that_tells_of_somebody_is_text() -> None:
    """Only what every mail of a house says is a notice."""
    text = f"This email is about Gwil. {NEWS}"
    assert turns(text) == [text]
    assert turns("This message is to say that she has epilepsy\nThis email too") != []


def test_blanks_keep_every_place() -> None:
    """What is left out leaves its length; a place is within a span from its start to before its end."""
    assert without("abcdef", [(1, 2), (4, 6)]) == "a cd  "
    assert without("abc", []) == "abc"
    spans = [(1, 2), (4, 6)]
    assert [within(at, spans) for at in range(7)] == [False, True, False, False, True, True, False]
    assert not within(0, [])
