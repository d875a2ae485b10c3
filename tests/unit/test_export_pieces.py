"""The small parts of an export: whom a text speaks of, who else is in it, tables, codes, typeset pages, seals."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path

import pypdfium2
import pytest

from domain.errors import ConfigurationError, UnusableKey
from tests.support.vaults import Owner
from vault.export.cases import CaseError
from vault.export.custody import Step, as_text, steps
from vault.export.exemptions import EXEMPTIONS, of_codes
from vault.export.outgoing import ToAgeKeys, new_passphrase, seal
from vault.export.page import Entry, Letter, Service, for_person
from vault.export.signing import SigningKeys
from vault.export.sought import Sought
from vault.export.tables import read, written
from vault.export.third_parties import Known, ThirdParties
from vault.export.typesetting import censored, typeset
from vault.models import AuditEvent

_SOURCES = [f for part in ("vault", "cli") for f in (Path(__file__).parents[2] / part).rglob("*.py")]
ANN = Sought(
    "p-ann", ("Ann Lee", "Annie Lee", "Ann Marsh"), "9990000018", date(1980, 2, 29), "SL-00001", ("ann@post.example",)
)


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("Re: LEE, Ann", "name"),
        ("Mrs Ann\nMarsh (formerly)", "name"),
        ("annie  lee rang", "name"),
        ("NHS 999-000-0018", "NHS number"),
        ("born 29 Feb 1980", "date of birth"),
        ("DOB 29.2.1980", "date of birth"),
        ("February 29, 1980", "date of birth"),
        ("the 29th February 1980", "date of birth"),
        ("<Ann@Post.Example>", "e-mail address"),
        ("our sl 00001", "council ID"),
        ("Ann came", ""),
        ("Joann Leeds", ""),
        ("on 28.2.1980", ""),
        ("", ""),
    ],
)
def test_a_text_speaks_of_the_person_or_not(text: str, by: str) -> None:
    """By any name that is a whole one, in either order, by a number, by the day of birth as people write it."""
    assert ANN.found_in([text]) == by


def test_somebody_of_whom_only_the_name_is_known() -> None:
    """No empty number or date matches anything."""
    bare = Sought("p-x", ("Cher",))
    assert bare.found_in(["Cher came on 1.1.1980, number"]) == ""


def suggested(text: str, *known: Known) -> dict[str, str]:
    return {s.text: s.why for s in ThirdParties(known, ANN).suggest([text])}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ring Dr P. Marsh-Gill at 01632 960321.", {"Dr P. Marsh-Gill", "01632 960321"}),
        ("+44 7700 900142 or (01632) 960 114", {"+44 7700 900142", "(01632) 960 114"}),
        ("at 14b Harrier Close, SO98 7BD", {"14b Harrier Close", "SO98 7BD"}),
        ("her sister Lena Lee and my uncle, Bob", {"Lena Lee", "Bob"}),
        ("lena.lee@family.example wrote", {"lena.lee@family.example"}),
        ("NI AB 12 34 56 C, NHS 999 000 0026", {"AB 12 34 56 C", "999 000 0026"}),
        ("Family or friend: no", set()),
        ("Ann Lee, 999 000 0018, ann@post.example, Marsh", set()),
        ("On 12 March 2026 at 10.30 we met.", set()),
    ],
)
def test_others_are_seen_by_their_form_and_the_person_never(text: str, found: set[str]) -> None:
    assert set(suggested(text)) == found


def test_a_title_with_the_persons_own_surname_is_for_the_reader() -> None:
    """It may be the person, or a sister."""
    assert suggested("Ms Lee came.") == {"Ms Lee": "a name with a title: may be the person"}


def test_known_people_are_looked_up_in_any_spelling_and_named_as_the_register_does() -> None:
    """A first name counts with a capital only; what lies in a longer find is not said twice."""
    known = (
        Known("Grace Okoro", "carer"),
        Known("Grace", "first name of a carer", capital=True),
        Known("Al", "too short"),
    )
    assert suggested("GRACE OKORO came. By the grace of Al.", *known) == {"Grace Okoro": "carer"}
    assert suggested("Grace said grace.", *known) == {"Grace": "first name of a carer"}
    assert suggested("Grace Oko\ufffero", *known) == {"Grace Okoro": "carer"}


def test_a_known_person_of_the_same_name_is_not_suggested() -> None:
    """It is the person's own name, too; who reads must know which one is meant."""
    assert suggested("Ann Lee came", Known("Ann Lee", "another person")) == {}


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44 7700", "-x", "@cmd", "0170 0123", "07700900142", "'quoted'", 'a;b,c"d', "Łukasz"]
)
def test_a_table_gives_back_what_was_put_in(tmp_path: Path, cell: str) -> None:
    """And no cell begins as a formula does."""
    path = tmp_path / "t.csv"
    path.write_bytes(written(("a", "b"), [{"a": cell, "b": "x"}]))
    assert read(path, ("a", "b")) == [{"a": cell, "b": "x"}]
    line = path.read_text("utf-8-sig").splitlines()[1]
    assert line.lstrip('"')[0] not in "=+-@"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read"),
        (b"a;c\n1;2\n", "has no column 'b'"),
        (b"", "has no column 'a'"),
        (b'a,b\n"' + b"x" * 200_000, "damaged"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "t.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CaseError) as caught:
        read(path, ("a", "b"))
    assert says in caught.value.public


def test_a_table_saved_by_an_old_excel(tmp_path: Path) -> None:
    """Windows' letters, semicolons, empty lines at the end."""
    path = tmp_path / "t.csv"
    path.write_bytes("a;b\r\nJosé;yes\r\n;\r\n".encode("cp1252"))
    assert read(path, ("a", "b")) == [{"a": "José", "b": "yes"}]


def test_every_exemption_has_its_law_and_a_plain_sentence() -> None:
    """Codes are of one form, and none twice; sentences are short, and name no paragraph."""
    assert len({e.code for e in EXEMPTIONS}) == len(EXEMPTIONS)
    for exemption in EXEMPTIONS:
        assert exemption.source.startswith("DPA 2018 Sch. ")
        assert len(exemption.says.split()) <= 22
        assert "Sch." not in exemption.says
    assert [e.code for e in of_codes(" others, privilege+OTHERS ")] == ["OTHERS", "PRIVILEGE"]
    with pytest.raises(CaseError):
        of_codes("OTHER")


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_a_typeset_page_keeps_every_word_but_those() -> None:
    """Over the end of a line too; fields are of one width; signs of other scripts and markup stay what they are."""
    lines = ["Dear Grace", "Okoro, <b>5 & 6</b>", "", "Łukasz \u4f60 GRACE-OKORO", "x" * 300]
    pdf, times = typeset("t", lines, ["Grace Okoro", "nowhere"])
    said = text_of(pdf)
    assert times == [2, 0]
    assert "race" not in said.lower()
    assert said.count("taken out") == 2
    assert "<b>5 & 6</b>" in said
    assert "ukasz" in said
    assert "x" * 40 in said
    assert "(nothing is written here)" in text_of(typeset("t", [], [])[0])


def test_titles_lose_the_same_words() -> None:
    assert (
        censored("Papers for Grace OKORO, Grace Okoro", ["Grace Okoro", "Okoro"])
        == "Papers for [taken out], [taken out]"
    )
    assert censored("Grace Okoro", ["Grace Okoro"]) == "[taken out]"
    assert censored("nothing", ["x"]) == "nothing"


def test_sealed_to_several_keys_each_opens_it(tmp_path: Path) -> None:
    """An age key and an SSH key, by the standard tool; nobody's name is in the archive."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "ssh"], check=True)
    owner = Owner(tmp_path / "age.key")
    bag = tmp_path / "bag"
    (bag / "data").mkdir(parents=True)
    (bag / "data" / "big").write_bytes(bytes(3 << 20))
    ssh = (tmp_path / "ssh.pub").read_text().strip()
    sealed = seal(bag, ToAgeKeys([owner.public, ssh]), tmp_path / "out.age")
    tars = [
        subprocess.run(["age", "-d", "-i", key, sealed.path], capture_output=True, check=True).stdout
        for key in (owner.file, tmp_path / "ssh")
    ]
    assert tars[0] == tars[1]
    listed = subprocess.run(["tar", "-tv"], input=tars[0], capture_output=True, check=True).stdout.decode()
    assert "bag/data/big" in listed
    assert {line.split()[1] for line in listed.splitlines()} == {"0/0"}
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("recipient", ["", "age1nonsense", "ssh-dss AAAA"])
def test_what_is_no_recipient_is_said_so(recipient: str) -> None:
    with pytest.raises(UnusableKey):
        ToAgeKeys([recipient])
    with pytest.raises(CaseError):
        ToAgeKeys([])


def test_a_passphrase_cannot_be_guessed_or_misheard() -> None:
    """148 bits, another each time, without letters that sound or look like others."""
    made = {new_passphrase() for _ in range(50)}
    assert len(made) == 50
    assert all(len(p) == 35 and not set(p) & set("ilo01") for p in made)


def test_a_bundle_without_a_key_to_sign_it_is_not_made() -> None:
    with pytest.raises(ConfigurationError):
        SigningKeys().sign(b"x")
    with pytest.raises(ConfigurationError):
        SigningKeys(openpgp=b"no key").sign(b"x")


def test_the_persons_page_in_plain_words() -> None:
    """Each case of its sentences: nothing given, one, several; nothing that is typed becomes markup."""
    service, letter = Service("Shared Lives", "sl@council.example"), Letter("SAR-1", date(2026, 3, 2), date(2026, 4, 1))
    day = date(2026, 1, 5)
    empty = for_person(service, letter, []).decode()
    assert "There is nothing that we can give you." in empty
    assert "What we do not give you" not in empty
    given = Entry(
        "D1", day, "An e-mail", "<b>Hi</b> & bye", "documents/a b#1.pdf", redacted=True, grounds=("Because.",)
    )
    kept = Entry("D2", day, "A file", "", grounds=("It is private.",))
    page = for_person(service, Letter("SAR-1", day, day, "all of it", 2), [given, kept]).decode()
    assert "&lt;b&gt;Hi&lt;/b&gt; &amp; bye" in page
    assert 'href="documents/a%20b%231.pdf"' in page
    for said in (
        "We give you 1 document. We keep 1 document back, and say why.",
        "Because.",
        "It is private.",
        "all of it",
    ):
        assert said in page
    assert "2 of our records" in page
    assert "You asked us for it on 5 January 2026." in page
    theirs = for_person(service, Letter("SAR-1", day, day, by_others=True), []).decode()
    assert "Somebody who acts for you asked us for it on 5 January 2026." in theirs
    longest = max(len(s.split()) for s in io.StringIO(page).read().split("<main>")[1].replace("<", ". <").split(". "))
    assert longest < 28


def test_each_event_of_a_case_has_plain_words_in_the_custody_log() -> None:
    """The person reads it: no name of an action, which would be ours alone."""
    said = [re.findall(r'"((?:access|export)-[a-z]+)"', file.read_text()) for file in _SOURCES]
    actions = set(chain.from_iterable(said)) - {"access-listed"}  # of no case
    assert len(actions) > 12
    at = datetime(2026, 11, 23, tzinfo=UTC)
    for action in sorted(actions):
        (step,) = steps([AuditEvent(sequence=1, at=at, actor="cli:jo", action=action)])
        assert isinstance(step, Step)
        assert action not in as_text([step], "Who").decode(), action
