"""Masters on hardware: an age plug-in between us and the key, and between the ``age`` command and the key.

The plug-in is the tests' own (there is no YubiKey here), but it is a program of its own that speaks the real protocol
with two clients of it: the library that the product uses, and ``age`` itself.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
import pytest

from domain.errors import ConfigurationError
from tests.build import ANN, BEN
from tests.fakes import NOW, FakeClock
from tests.support import age_plugin_locket as lockets
from tests.support.vaults import LOCK, NAME, SCHEDULE, House, filing
from vault.escrow import Escrow
from vault.filing import Filer
from vault.identities import quickest_first, read_identities
from vault.keys.drill import Driller, chosen
from vault.keys.rotation import Order, Rotator
from vault.masters import Masters
from vault.models import SealingKey, VaultRecord
from vault.sealing import PublicHalves, SealingKeys, new_person_key
from vault.search.asked import sealed
from vault.unseal import CannotOpen, Opener, decrypt

ROOT = Path(__file__).parents[2]
ORDER = Order("cli:clerk", "test")
_PIN = b"PIN of the locket"


@dataclass
class Hand:
    """Somebody at a terminal who knows the PIN."""

    pin: str | None
    seen: list[str] = field(default_factory=list)

    def display_message(self, message: str) -> None:
        self.seen.append(message)

    def confirm(self, message: str, yes_string: str, no_string: str | None) -> bool | None:
        return None

    def request_public_string(self, description: str) -> str | None:
        return None

    def request_passphrase(self, description: str) -> str | None:
        self.seen.append(description)
        return self.pin


@pytest.fixture
def locket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> lockets.Locket:
    """A locket, its program on the PATH, and an identity file for it."""
    programs = tmp_path / "programs"
    programs.mkdir()
    lockets.install(programs)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    made = lockets.make(tmp_path / "the.locket")
    (tmp_path / "locket.txt").write_text(f"# Recipient: {made.recipient}\n{made.identity}\n")
    return made


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_plug_ins_recipient_is_a_master_like_another(house: House, locket: lockets.Locket) -> None:
    """The records service's key on hardware, the escrow's in a file: each opens a person's secret alone."""
    hand = Hand(locket.pin)
    made = new_person_key(Masters([locket.recipient, house.escrow.public]))
    plain = decrypt(made.sealed_secret, [house.escrow.identity], "")
    assert decrypt(made.sealed_secret, read_identities(house.folder / "locket.txt", hand), "") == plain
    assert plain.startswith(b"# public key: age1")
    assert hand.seen == ["PIN of the locket", "Please touch the locket"]


def test_age_itself_opens_what_we_sealed_to_a_plug_in(house: House, locket: lockets.Locket) -> None:
    """Recovery without this software works with hardware too: ``age -d -i locket.txt``, the PIN typed on a terminal."""
    made = new_person_key(Masters([locket.recipient, house.escrow.public]))
    sealed = house.folder / "1.age"
    sealed.write_bytes(made.sealed_secret)
    opened = _at_a_terminal(["age", "-d", "-i", "locket.txt", "-o", "person.key", "1.age"], locket.pin, house.folder)
    assert (house.folder / "person.key").read_bytes() == decrypt(made.sealed_secret, [house.escrow.identity], "")
    assert b"touch the locket" in opened


def test_we_open_what_age_sealed_to_a_plug_in(house: House, locket: lockets.Locket) -> None:
    """The other way round, so that it is one format and not our own."""
    sealed = subprocess.run(["age", "-r", locket.recipient], input=b"words", capture_output=True, check=True).stdout
    assert decrypt(sealed, read_identities(house.folder / "locket.txt", Hand(locket.pin)), "") == b"words"


@pytest.mark.parametrize("pin", [None, "", "000000"])
def test_without_the_pin_it_does_not_open(house: House, locket: lockets.Locket, pin: str | None) -> None:
    """Nobody at the terminal, or somebody else."""
    made = new_person_key(Masters([locket.recipient, house.escrow.public]))
    with pytest.raises(CannotOpen):
        decrypt(made.sealed_secret, read_identities(house.folder / "locket.txt", Hand(pin)), "")


def test_a_plug_in_that_is_not_installed_is_named(house: House, locket: lockets.Locket, monkeypatch) -> None:
    """In the settings and in an identity file; nothing is sealed to fewer masters than were meant."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ConfigurationError) as refused:
        SealingKeys([locket.recipient, house.escrow.public], house.escrow_store)
    assert "age-plugin-locket" in refused.value.public
    masters = Masters([locket.recipient, house.escrow.public])  # which a relay's `check` may look at all the same
    assert masters.missing == ("age-plugin-locket",)
    with pytest.raises(ConfigurationError) as refused:
        read_identities(house.folder / "locket.txt")
    assert "age-plugin-locket" in refused.value.public


def test_the_relays_own_recipient_may_not_be_a_plug_ins(locket: lockets.Locket) -> None:
    """The relay starts no program to seal a mail."""
    with pytest.raises(ConfigurationError):
        PublicHalves(locket.recipient)


@pytest.mark.usefixtures("database")
def test_a_record_opens_with_hardware_asking_once_a_person(house: House, locket: lockets.Locket, monkeypatch) -> None:
    """Not once a file: people's secrets are kept while the opener is, and are tried first."""
    house.filer()
    Rotator(Masters([locket.recipient, house.escrow.public]), Escrow(house.escrow_store), [house.escrow.identity]).run(
        ORDER, FakeClock(), lambda: None
    )
    record = VaultRecord.objects.get(pk=house.filer().file(filing(), NOW).record)
    monkeypatch.setenv("LOCKET_LOG", str(house.folder / "asked"))
    opener = Opener(house.store, read_identities(house.folder / "locket.txt", Hand(locket.pin)))
    files = list(opener.files(record, opener.bundle(record)))
    assert len(files) == 2
    assert all(f.content is not None for f in files)
    assert (house.folder / "asked").read_text().splitlines() == ["asked"]


@pytest.mark.usefixtures("database")
def test_masters_are_rotated_onto_hardware_and_drilled_with_it(house: House, locket: lockets.Locket) -> None:
    """From files to lockets; afterwards the old masters open nothing, and the drill with the locket passes."""
    SealingKeys(house.masters, house.escrow_store).public_halves([ANN, BEN], NOW)
    other = lockets.make(house.folder / "other.locket")
    masters, escrow = Masters([locket.recipient, other.recipient]), Escrow(house.escrow_store)
    identities = [house.records_service.identity, *read_identities(house.folder / "locket.txt", Hand(locket.pin))]
    rotator = Rotator(masters, escrow, identities)
    assert rotator.shown == [locket.recipient]
    assert rotator.run(ORDER, FakeClock(), lambda: None).resealed == 2
    for row in SealingKey.objects.all():
        with pytest.raises(CannotOpen):
            decrypt(bytes(row.sealed_secret), [house.records_service.identity, house.escrow.identity], "")
    driller = Driller(masters, escrow, read_identities(house.folder / "locket.txt", Hand(locket.pin)))
    assert driller.run(chosen(None), ORDER, FakeClock(), lambda: None).passed


def test_an_identity_file_behind_a_passphrase_is_opened(house: House) -> None:
    """Made by ``age -p`` itself, binary and armoured; the passphrase is asked for, and a wrong one is said to be."""
    for number, more in enumerate([[], ["-a"]]):
        out = f"escrow{number}.age"
        _at_a_terminal(
            ["age", "-p", *more, "-o", out, "escrow.key"], "correct horse", house.folder, (b"Enter", b"Confirm")
        )
        (found,) = read_identities(house.folder / out, Hand("correct horse"))
        assert str(found) == str(house.escrow.identity)
        for wrong, says in (("wrong", "not the passphrase"), (None, "none was given")):
            with pytest.raises(ConfigurationError) as refused:
                read_identities(house.folder / out, Hand(wrong))
            assert says in refused.value.public


@pytest.mark.parametrize("text", ["AGE-PLUGIN-LOCKET-1QQQQ", "AGE-PLUGIN-"])
def test_a_damaged_plug_in_identity_is_said_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "i").write_text(text + "\n")
    with pytest.raises(ConfigurationError):
        read_identities(tmp_path / "i")


def test_plug_ins_are_asked_last(house: House, locket: lockets.Locket) -> None:
    """A program that starts, and a touch, only where nothing else opens."""
    (plugin,) = read_identities(house.folder / "locket.txt")
    assert quickest_first([plugin, house.escrow.identity]) == [house.escrow.identity, plugin]
    assert isinstance(plugin, pyrage.plugin.IdentityPluginV1)


def _at_a_terminal(words: list[str], typed: str, folder: Path, questions: tuple[bytes, ...] = (_PIN,)) -> bytes:
    """Run a program with a terminal of its own, on which ``typed`` is answered to each question; what it showed."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvp(words[0], words)
    seen, waiting = b"", list(questions)
    while select.select([terminal], [], [], 30)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux says so when the other side is closed
            break
        seen += piece
        if waiting and waiting[0] in seen:
            waiting.pop(0)
            os.write(terminal, typed.encode() + b"\n")
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, seen.decode(errors="replace")
    assert not waiting
    return seen


def test_the_terminal_asks_and_tells(tmp_path: Path, locket: lockets.Locket) -> None:
    """Our own commands ask as ``age`` does: the PIN on the terminal, unseen; the touch on standard error."""
    sealed = tmp_path / "sealed.age"
    sealed.write_bytes(
        subprocess.run(["age", "-r", locket.recipient], input=b"w", capture_output=True, check=True).stdout
    )
    script = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.django'; import django; django.setup()\n"
        "from pathlib import Path; from cli.prompts import Terminal; from vault.identities import read_identities\n"
        "from vault.unseal import decrypt\n"
        "print('plain:', decrypt(Path('sealed.age').read_bytes(), read_identities(Path('locket.txt'), Terminal()), ''))"
    )
    shown = _at_a_terminal(["env", f"PYTHONPATH={ROOT}", sys.executable, "-c", script], locket.pin, tmp_path)
    assert b"plain: b'w'" in shown
    assert b"Please touch the locket" in shown
    assert locket.pin.encode() not in shown


def test_words_of_searches_are_sealed_to_hardware_too(house: House, locket: lockets.Locket) -> None:
    """Whoever may open the vault may read what was searched for, whatever kind of master it is."""
    words = sealed("about:SL-00001", [locket.recipient, house.escrow.public])
    assert decrypt(words, read_identities(house.folder / "locket.txt", Hand(locket.pin)), "") == b"about:SL-00001"


@pytest.mark.usefixtures("database")
def test_the_runbook_restores_with_hardware(house: House, locket: lockets.Locket) -> None:
    """recover.sh with a plug-in's identity: ``age`` asks for the PIN on the terminal, once for the person."""
    masters = [locket.recipient, house.escrow.public]
    SealingKeys(masters, house.escrow_store).public_halves([ANN], NOW)
    Filer(house.store, PublicHalves(house.service.public), SCHEDULE, lock=LOCK).file(filing(), NOW)
    words = ["sh", str(ROOT / "scripts" / "recover.sh"), "--vault", "objects", "--escrow", "escrow-store"]
    shown = _at_a_terminal(
        [*words, "--identity", "locket.txt", "--person", ANN, "--out", "restored"], locket.pin, house.folder
    )
    assert b"1 records; 3 files restored" in shown
    assert sorted(p.name for p in (house.folder / "restored").glob("*/*")) == [
        f"02-{NAME}",
        "mail.eml",
        "manifest.json",
    ]
