"""The demo's table: readable at any width, quiet in a pipe, and not to be steered by a visitor's mail."""

from __future__ import annotations

from io import StringIO

import pytest

from demo.view import Row, console, legend, live, show, tally

MARJORIE = "marjorie.penhaligon@carers.example"
NADIA = "nadia.perrin@wealdmere.nhs.example"
ROWS = [
    Row(
        "Review, four readers",
        MARJORIE,
        "assessment or review",
        "Olive Thistlewood",
        "ENCRYPT OpenPGP",
        "The form names them",
        "41 KB",
    ),
    Row(
        "Review, four readers",
        NADIA,
        "assessment or review",
        "Olive Thistlewood",
        "HOLD",
        "A new involvement",
        "a notice",
    ),
    Row(
        "Newsletter",
        MARJORIE,
        "nothing confidential",
        "nobody",
        "RELAY",
        "Nothing confidential was found",
        "as it came",
    ),
]


def printed(width: int, rows: list[Row] | None = None) -> str:
    out = StringIO()
    show(console(out, width), ROWS if rows is None else rows)
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 100, 120, 140, 160])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    """It wraps by itself, in a table or, where there is no room, in blocks."""
    assert max(map(len, printed(width).splitlines())) <= width


@pytest.mark.parametrize("width", [100, 120, 160])
def test_every_word_is_there(width: int) -> None:
    """Nothing is cut off with an ellipsis, at any width."""
    flat = " ".join(printed(width).split())
    assert "\u2026" not in flat
    assert all(word in flat for word in ("Olive", "Thistlewood", "ENCRYPT", "HOLD", "RELAY", "involvement"))


@pytest.mark.parametrize("width", [116, 120, 140])
def test_addresses_break_only_before_the_at_sign(width: int) -> None:
    """Neither a name nor a domain is torn apart."""
    text = printed(width)
    for part in (*MARJORIE.replace("@", " @").split(), *NADIA.replace("@", " @").split()):
        assert part in text


def test_a_mail_is_named_once_and_its_findings_are_not_repeated() -> None:
    """The rows of one mail are one group."""
    text = printed(160)
    assert text.count("Review") == 1
    assert text.count("assessment") == 1


def test_different_findings_in_one_mail_are_both_shown() -> None:
    """What differs from the line above is written."""
    rows = [ROWS[0], Row(ROWS[0].mail, NADIA, "nothing confidential", "nobody", "RELAY", "w", "l")]
    text = printed(160, rows)
    assert "assessment" in text
    assert "nobody" in text


def test_a_pipe_gets_no_escape_codes() -> None:
    """Colours are for terminals."""
    assert "\x1b" not in printed(140)


def test_a_visitor_cannot_steer_the_terminal() -> None:
    """Escape sequences, line breaks and right-to-left overrides are shown as dots; brackets are plain text."""
    row = Row("\x1b[2J[red]x[/red]\n\u202egpj", "a@b.example", "f", "p", "HOLD", "w", "l")
    out = StringIO()
    live(console(out, 140), row)
    show(console(out, 140), [row])
    assert not any(c in out.getvalue() for c in ("\x1b", "\u202e"))
    assert "[red]x[/red]" in out.getvalue()


def test_live_shows_one_decision_whole() -> None:
    """Mail, recipient, decision, finding, person, reason and what left."""
    out = StringIO()
    live(console(out, 140), ROWS[0])
    assert all(
        value in out.getvalue()
        for value in (ROWS[0].mail, MARJORIE, "ENCRYPT OpenPGP", ROWS[0].found, ROWS[0].about, ROWS[0].why, "41 KB")
    )


def test_tally_counts_mails_recipients_and_actions() -> None:
    """In one line, in the actions' order."""
    assert tally(ROWS).plain.strip() == "2 mails, 3 recipients: 1 RELAY, 1 ENCRYPT, 1 HOLD"


def test_legend_explains_every_action() -> None:
    """All five."""
    out = StringIO()
    console(out, 140).print(legend())
    assert all(action in out.getvalue() for action in ("RELAY", "ENCRYPT", "HOLD", "REJECT", "DEFER"))


def test_unknown_action_is_shown_as_it_is() -> None:
    """A word that the view does not know is no reason to fail."""
    assert "LOST" in printed(120, [Row("m", "a@b.example", "f", "p", "LOST", "w", "l")])
