"""``bingjian journal``: verify, checkpoint, proof and a stranger's check."""

import asyncio
import json
from pathlib import Path

import pytest

from bingjian.commands import journal as part
from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.entries import SignedIn
from bingjian.journal.append import Journal
from bingjian.journal.verify import key_of
from bingjian.settings import Settings
from tests.backend import StillClock


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    found = Settings(state_dir=tmp_path)

    async def fill() -> None:
        journal = Journal.open(found.journal_dir, StillClock())
        for number in range(5):
            await journal.append(SignedIn(f"person-{number}", "::1"))
        journal.close()

    asyncio.run(fill())
    return found


def key(settings: Settings) -> str:
    return str(key_of(settings.journal_dir))


def test_a_sound_log(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert part.verify(settings, None, records=True, as_json=False) == Exit.OK
    said = capsys.readouterr()
    assert "5 entries" in said.out
    assert key(settings) in said.err
    assert part.verify(settings, key(settings), records=False, as_json=True) == Exit.OK
    found = json.loads(capsys.readouterr().out)
    assert (found["size"], found["records"], found["faults"]) == (5, None, [])


@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
def test_a_changed_record_is_named(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    path = settings.journal_dir / "records.jsonl"
    path.write_bytes(path.read_bytes().replace(b"person-3", b"person-9"))
    assert part.verify(settings, None, records=False, as_json=False) == Exit.OK
    capsys.readouterr()
    assert part.verify(settings, None, records=True, as_json=False) == Exit.REFUSED
    said = capsys.readouterr().out
    assert "records.jsonl" in said
    assert ("entry 3: altered" if language == "C.UTF-8" else "第 3 条：被更改") in said


def test_from_the_log_to_a_stranger(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    file = settings.state_dir / "entry.tlog-proof"
    part.proof(settings, 3, file, opening=True)
    part.check(file, key(settings), None, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["entry"], found["size"], found["record"]["entry"]["actor"]) == (3, 5, "person-3")
    part.check(file, key(settings), None, as_json=False)
    assert "person-3" in capsys.readouterr().out
    file.write_text(file.read_text().replace("index 3", "index 2"))
    with pytest.raises(CommandFailed) as refused:
        part.check(file, key(settings), None, as_json=False)
    assert refused.value.code == Exit.REFUSED


def test_a_proof_goes_to_standard_output(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    part.proof(settings, 0, None, opening=False)
    said = capsys.readouterr().out
    assert said.startswith("c2sp.org/tlog-proof@v1\nindex 0\n")


def test_the_checkpoint(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    part.checkpoint(settings, as_json=False)
    said = capsys.readouterr()
    assert said.out == (settings.journal_dir / "checkpoint").read_text()
    assert key(settings) in said.err
    part.checkpoint(settings, as_json=True)
    assert json.loads(capsys.readouterr().out)["size"] == 5


def test_what_cannot_be_done_is_one_sentence(settings: Settings, tmp_path: Path) -> None:
    nowhere = Settings(state_dir=tmp_path / "nowhere")
    for code, work in (
        (Exit.ENVIRONMENT, lambda: part.checkpoint(nowhere, as_json=False)),
        (Exit.REFUSED, lambda: part.proof(settings, 5, None, opening=True)),
        (Exit.REFUSED, lambda: part.proof(settings, 5, None, opening=False)),
        (Exit.USAGE, lambda: part.check(tmp_path / "none", "no key", None, as_json=False)),
        (Exit.ENVIRONMENT, lambda: part.check(tmp_path / "none", key(settings), None, as_json=False)),
    ):
        with pytest.raises(CommandFailed) as failed:
            work()
        assert failed.value.code == code
