"""A witness signs a log that only grows, and nothing else: by file and by HTTP. On SQLite and PostgreSQL."""

from __future__ import annotations

import base64
import http.client
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from cli.audit.witnessing import server_for
from domain.errors import ConfigurationError, VaultUnavailable
from tests.fakes import NOW
from tests.support.log import LOCK, ORIGIN, Log
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.countersigning import Countersigning
from vault.merkle.note import BadNote, Kind, Note, Signature, Signer
from vault.merkle.proofs import NoCheckpointYet
from vault.merkle.publishing import since
from vault.merkle.witness import Memory, Refusal, Request, Witness
from vault.models import AuditCheckpoint

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


@pytest.fixture
def inspector(log: Log, tmp_path: Path) -> Witness:
    signer = Signer.new("inspector.example/witness", Kind.WITNESS)
    return Witness(signer, [log.signer.verifier], Memory(tmp_path / "witness.json"))


def ours(log: Log) -> Countersigning:
    return Countersigning(log.store, ORIGIN, LOCK)


def refused(inspector: Witness, text: str) -> Refusal:
    before = inspector.memory.path.read_bytes() if inspector.memory.path.exists() else b""
    with pytest.raises(Refusal) as caught:
        inspector.add_checkpoint(text, NOW)
    assert (inspector.memory.path.read_bytes() if inspector.memory.path.exists() else b"") == before
    return caught.value


def test_a_log_that_grows_is_signed_again_and_again(log: Log, inspector: Witness) -> None:
    """The request starts from what was signed last; the signature comes to stand in the store and in the table."""
    key = inspector.signer.verifier
    with pytest.raises(NoCheckpointYet):
        ours(log).request(key)
    for count in (1, 6, 300):
        log.round(count)
        request = ours(log).request(key)
        assert Request.of(request.text()) == request
        line = str(inspector.add_checkpoint(request.text(), log.now))
        row = ours(log).accept([line], [key], log.now)
        assert Note.of(row.note).signed_by(key) == log.now.replace(microsecond=0)
        assert ours(log).signed_last(key) == row.size
        again = ours(log).accept([line], [key], log.now)
        assert again.version == AuditCheckpoint.objects.get(size=row.size).version
    stored = list(since(log.store, None, log.now))
    assert len(stored) == 6  # each first alone, then countersigned; the first version stays
    assert sum(s.note is not None and s.note.signed_by(key) is not None for s in stored) == 3


def test_a_signature_that_was_lost_on_the_way_is_given_again(log: Log, inspector: Witness) -> None:
    """The same request is out of date then; one from the size that the witness names is signed."""
    log.round(5)
    text = ours(log).request(inspector.signer.verifier).text()
    inspector.add_checkpoint(text, NOW)
    refusal = refused(inspector, text)
    assert (refusal.status, refusal.size) == (HTTPStatus.CONFLICT, 5)
    assert "--old 5" in refusal.public
    again = ours(log).request(inspector.signer.verifier, 5)
    assert inspector.add_checkpoint(again.text(), NOW)


def request(log: Log, head: Checkpoint, old: int, proof: tuple[bytes, ...] = ()) -> str:
    return Request(old, proof, Note(head.text, (log.signer.sign(head.text, NOW),))).text()


def test_a_rollback_is_refused(log: Log, inspector: Witness) -> None:
    """Fewer events than were signed; the words say what it may be."""
    small = log.round(3)
    assert small is not None
    log.round(4)
    inspector.add_checkpoint(ours(log).request(inspector.signer.verifier).text(), NOW)
    refusal = refused(inspector, request(log, small, 0))
    assert refusal.status == HTTPStatus.CONFLICT
    assert "rolled back" in refusal.public
    assert refused(inspector, request(log, small, 7)).status == HTTPStatus.BAD_REQUEST


def test_another_history_is_refused(log: Log, inspector: Witness) -> None:
    """One of the same length, and a longer one; both signed by the log's own key."""
    log.round(7)
    good = ours(log).request(inspector.signer.verifier)
    inspector.add_checkpoint(good.text(), NOW)
    other = Checkpoint(ORIGIN, 7, b"\x01" * 32, NOW)
    split = refused(inspector, request(log, other, 7))
    assert (split.status, "Two histories" in split.public) == (HTTPStatus.CONFLICT, True)
    longer = log.round(5)
    assert longer is not None
    proof = ours(log).request(inspector.signer.verifier, 7).proof
    for head, steps in (
        (Checkpoint(ORIGIN, 12, b"\x01" * 32, NOW), proof),
        (longer, proof[:-1]),
        (longer, proof[::-1]),
        (longer, ()),
    ):
        refusal = refused(inspector, request(log, head, 7, steps))
        assert (refusal.status, "rewritten" in refusal.public) == (HTTPStatus.UNPROCESSABLE_ENTITY, True)
    assert inspector.add_checkpoint(request(log, longer, 7, proof), NOW)


def test_strangers_are_refused(log: Log, inspector: Witness) -> None:
    """Another log, another key of that name, a false signature, rubbish."""
    head = Checkpoint(ORIGIN, 1, b"\x01" * 32)
    stranger = Signer.new(ORIGIN, Kind.LOG).sign(head.text, NOW)
    good = log.signer.sign(head.text, NOW)
    false = Signature(good.name, good.key_id, b"\0" * 64)
    elsewhere = Checkpoint("town.example/audit", 1, b"\x01" * 32)
    for note, status in (
        (Note(elsewhere.text, (good,)), HTTPStatus.NOT_FOUND),
        (Note(head.text, (stranger,)), HTTPStatus.FORBIDDEN),
        (Note(head.text, (good, false)), HTTPStatus.FORBIDDEN),
        (Note("no checkpoint\n", (good,)), HTTPStatus.FORBIDDEN),
    ):
        assert refused(inspector, Request(0, (), note).text()).status == status
    step = base64.b64encode(b"\0" * 32).decode()
    for text in (
        "",
        "old 1",
        "old 01\n\n",
        "old -1\n\n",
        "old 1\n\nx",
        "old 1\n!\n\nx",
        "old 1\n" + f"{step}\n" * 64 + "\nx",
    ):
        assert refused(inspector, text).status == HTTPStatus.BAD_REQUEST


def test_what_is_no_signature_of_the_witness_is_not_accepted(log: Log, inspector: Witness) -> None:
    """Of another, of another checkpoint, false, rubbish, or the log's own."""
    log.round(3)
    key = inspector.signer.verifier
    text = ours(log).request(key).note.text
    other = Signer.new("inspector.example/witness", Kind.WITNESS)
    good = inspector.signer.sign(text, NOW)
    for line in (
        str(other.sign(text, NOW)),
        str(inspector.signer.sign(text + "more\n", NOW)),
        str(Signature(good.name, good.key_id, b"\0" * 72)),
        str(log.signer.sign(text, NOW)),
        "rubbish",
    ):
        with pytest.raises(BadNote):
            ours(log).accept([line], [key], NOW)
    assert len(Note.of(AuditCheckpoint.objects.get().note).signatures) == 1


def test_a_damaged_memory_is_not_an_empty_one(log: Log, inspector: Witness) -> None:
    """Else whoever damages it may start another history."""
    log.round(3)
    text = ours(log).request(inspector.signer.verifier).text()
    for damage in ("", "[]", "{", '{"x": 1}', '{"x": "rubbish"}'):
        inspector.memory.path.write_text(damage)
        with pytest.raises(ConfigurationError, match="memory"):
            inspector.add_checkpoint(text, NOW)
    inspector.memory.path.unlink()
    inspector.add_checkpoint(text, NOW)
    assert list(json.loads(inspector.memory.path.read_text())) == [ORIGIN]


def test_of_many_at_once_only_a_chain_is_signed(log: Log, inspector: Witness) -> None:
    """Ten threads with two histories from the same beginning: one history wins."""
    log.round(2)
    inspector.add_checkpoint(ours(log).request(inspector.signer.verifier).text(), NOW)
    log.round(2)
    good = ours(log).request(inspector.signer.verifier, 2).text()
    answers: list[str] = []

    def ask() -> None:
        try:
            answers.append(str(inspector.add_checkpoint(good, NOW)))
        except Refusal as refusal:
            answers.append(refusal.status.phrase)

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[:9] == ["Conflict"] * 9
    assert answers.count("Conflict") == 9


@pytest.fixture
def url(inspector: Witness) -> Iterator[str]:
    """The witness, listening."""
    server = server_for(inspector, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_witness_answers_by_http(log: Log, inspector: Witness, url: str) -> None:
    """The worker asks it; also when we have forgotten what it signed last."""
    key = inspector.signer.verifier
    log.round(3)
    row = ours(log).ask(key, url, log.now)
    assert row is not None
    assert Note.of(row.note).signed_by(key) is not None
    assert ours(log).ask(key, url, log.now) is None
    log.round(3)
    AuditCheckpoint.objects.filter(size=3).update(
        note=str(Note.of(row.note).with_signatures(())).rpartition("— insp")[0]
    )
    assert ours(log).signed_last(key) == 0
    assert ours(log).ask(key, url, log.now) is not None
    assert ours(log).signed_last(key) == 6


def test_a_witness_that_refuses_or_is_away_is_said(log: Log, inspector: Witness, url: str) -> None:
    """Nothing is added."""
    log.round(3)
    with pytest.raises(VaultUnavailable, match="does not answer"):
        ours(log).ask(inspector.signer.verifier, "http://127.0.0.1:1", log.now)
    log.signer = Signer.new(ORIGIN, Kind.LOG)
    log.now += timedelta(days=1)
    log.round(1)
    with pytest.raises(VaultUnavailable, match="does not sign"):
        ours(log).ask(inspector.signer.verifier, url, log.now)


def test_the_protocols_answers(log: Log, inspector: Witness, url: str) -> None:
    """Statuses and types of c2sp.org/tlog-witness."""
    log.round(3)
    good = ours(log).request(inspector.signer.verifier).text()
    assert _post(url, "/elsewhere", good)[0] == HTTPStatus.NOT_FOUND
    assert _post(url, "/add-checkpoint", "x" * 200_000)[0] == HTTPStatus.BAD_REQUEST
    assert _post(url, "/add-checkpoint", "rubbish")[0] == HTTPStatus.BAD_REQUEST
    status, _, body = _post(url, "/add-checkpoint", good)
    assert status == HTTPStatus.OK
    assert Note(Note.of(good.partition("\n\n")[2]).text, (Signature.of(body.strip()),)).signed_by(
        inspector.signer.verifier
    )
    assert _post(url, "/add-checkpoint", good) == (HTTPStatus.CONFLICT, "text/x.tlog.size", "3\n")


def _post(url: str, path: str, body: str) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("POST", path, body.encode())
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()
    except OSError:  # hung up on a body that is too large
        return HTTPStatus.BAD_REQUEST, "", ""
    finally:
        connection.close()
