"""The pages and notices in Welsh: nothing is left out, every placeholder is there, and who reads it chooses."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
from django.utils.translation import override
from django.utils.translation.template import templatize

from domain.model import Address
from gateway.letters import Letterhead
from gateway.protect.pickup import PickUp
from register.greeting import language_of
from register.models import Organisation, Party
from tests import build
from tests.build import CARER, NOW
from tests.unit.test_pickup_notice import PLACE, RAW

ROOT = Path(__file__).parent.parent.parent
PAGES = ROOT / "web" / "pickup"
SOURCES = [*PAGES.glob("*.py"), ROOT / "gateway" / "protect" / "pickup.py"]
CALLS = {"gettext", "gettext_lazy", "_", "ngettext"}
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def words_of_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)


def words_of_template(path: Path) -> Iterator[str]:
    told = templatize(path.read_text(encoding="utf-8"))
    for text in re.findall(r"""gettext\((u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))""", told):
        yield str(ast.literal_eval(text))
    for text in re.findall(r"""(?<!\w)_\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""", told):
        yield str(ast.literal_eval(text))


def every_word() -> set[str]:
    found = {w for path in SOURCES for w in words_of_python(path)}
    return found | {w for path in PAGES.glob("templates/pickup/*.html") for w in words_of_template(path)}


@pytest.fixture(scope="module")
def welsh() -> gettext.GNUTranslations:
    with (PAGES / "locale" / "cy" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def catalog(welsh: gettext.GNUTranslations) -> dict[str, list[str]]:
    """By English words all their forms, as the compiled file has them."""
    found: dict[str, list[str]] = {}
    for key, text in welsh._catalog.items():  # type: ignore[attr-defined]
        found.setdefault(key[0] if isinstance(key, tuple) else key, []).append(text)
    return found


def test_there_is_no_word_without_its_welsh(welsh) -> None:
    """Found anew in the sources, so that a sentence that somebody adds fails here."""
    words = every_word()
    assert len(words) > 130
    known = catalog(welsh)
    assert sorted(w for w in words if not all(known.get(w, [""]))) == []
    assert sorted(w for w in known if w and w not in words) == []  # nor one that nobody says any more


def test_every_placeholder_is_in_every_form(welsh) -> None:
    for english, forms in catalog(welsh).items():
        for form in forms if english else ():
            assert sorted(PLACEHOLDER.findall(form)) == sorted(PLACEHOLDER.findall(english)), english


def test_what_is_compiled_is_what_is_written(welsh) -> None:
    """The .po file, read without any tool."""
    written = (PAGES / "locale" / "cy" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    texts = re.findall(r'^msgstr(?:\[\d\])? "(.+)"$', written, re.MULTILINE)
    told = {text.replace('\\"', '"').replace("\\n", "\n") for text in texts}
    compiled = {form for english, forms in catalog(welsh).items() if english for form in forms}
    assert told == compiled
    assert "fuzzy" not in written


def test_welsh_is_no_copy_of_the_english(welsh) -> None:
    assert [english for english, forms in catalog(welsh).items() if english and english in forms] == []


def notice(wishes: str, service: str = "en") -> tuple[str, str, str]:
    letterhead = Letterhead("Shared Lives", "shared-lives@council.example")
    place = replace(PLACE, language=service)
    maker = PickUp(place, letterhead, "01962 555 0100", "relay.council.example", lambda _: "Cara", lambda _: wishes)
    mail = build.message(RAW, subject="x")
    made = maker.protect(mail, build.envelope(CARER), CARER, [], "x", NOW)
    read = message_from_bytes(made.content, policy=SMTP)
    return read["Subject"], *(read.get_body((kind,)).get_content() for kind in ("plain", "html"))


def test_a_notice_is_in_its_readers_language_and_else_in_the_services() -> None:
    subject, text, html = notice("cy")
    assert subject == "Mae gennych neges gan Shared Lives"
    assert "Helo Cara," in text
    assert "23 Rhagfyr 2026" in text
    assert "lang='cy'" in html
    assert notice("", "cy")[0] == subject
    subject, text, html = notice("en", "cy")
    assert subject == "You have a message from Shared Lives"
    assert "lang='en'" in html


@pytest.mark.usefixtures("database")
def test_the_register_says_in_which_language_somebody_is_written_to() -> None:
    Organisation.objects.create(code="ORG-1", name="Surgery")

    def party(code: str, email: str, language: str) -> None:
        Party.objects.create(code=code, kind="professional", name=code, email=email, language=language)

    party("P-1", "a@b.example", "cy")
    assert language_of(Address.of("A@b.example")) == "cy"
    party("P-2", "a@b.example", "")
    assert language_of(Address.of("a@b.example")) == "cy"
    party("P-3", "a@b.example", "en")  # one mailbox, not of one mind
    assert language_of(Address.of("a@b.example")) == ""
    assert language_of(Address.of("nobody@b.example")) == ""


def test_numbers_have_their_forms() -> None:
    from django.utils.translation import ngettext

    with override("cy"):
        said = [ngettext("%(counter)s document", "%(counter)s documents", n) % {"counter": n} for n in (1, 2, 3, 8)]
    assert said == ["1 ddogfen", "2 ddogfen", "3 dogfen", "8 dogfen"]
