"""The trace as a command: what it reads of a file, and what it says; the platform behind it is real."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.commands.trace import BOX_MAX, READ_BYTES, clue_in, lines_of, origin_in, trace
from bingjian.formats.mp4 import box
from bingjian.formats.mp4_movie import START
from bingjian.recording.extract import Origin
from bingjian.settings import Settings

ORIGIN = Origin(UUID("00000000-0000-4000-8000-000000000001"), 1_800_000_000 * 90_000, 0, 17)
BOX = box(b"uuid", START, ORIGIN.pack())
FOUND = {
    "file": 1,
    "recipients": [{"name": "王小明", "unit": "道里区公安局"}, {"name": "李雷", "unit": ""}],
    "registered": {
        "sequence": 17,
        "at": "2026-01-01T04:00:00Z",
        "person": {"name": "custodian"},
        "camera": {"name": "东门"},
        "start": "2026-01-01T02:00:00Z",
        "end": "2026-01-01T03:00:00Z",
        "grant": "0000-9",
        "grant_number": "SQ-2026-0001",
        "destination": "案卷",
    },
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state")


@pytest.mark.parametrize(
    ("language", "says"), [("en", "nothing is known of this file"), ("zh", "没有关于此文件的任何记录")]
)
def test_R31_5_of_a_strange_file_it_says_one_sentence(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    language: str,
    says: str,
) -> None:
    monkeypatch.setenv("BINGJIAN_LANGUAGE", language)
    (file := tmp_path / "a.mp4").write_bytes(BOX)
    assert trace(settings, file, as_json=False) == Exit.REFUSED
    assert capsys.readouterr().out == f"{says}\n"
    assert trace(settings, file, as_json=True) == Exit.REFUSED
    assert json.loads(capsys.readouterr().out) == {"by": None, "items": []}


def test_R31_5_the_lines_name_recipient_grant_and_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "en")
    english = lines_of(FOUND, "sha256")
    assert english[:3] == [
        "given to: 王小明 · 道里区公安局；李雷",
        "by grant: SQ-2026-0001 0000-9",
        "entry: 17, 2026-01-01 12:00:00, by custodian",
    ]
    assert english[-1] == "certain: it is file 1 as it left"
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "zh")
    chinese = lines_of({**FOUND, "file": None}, "mark")
    assert chinese[0] == "接收人：王小明 · 道里区公安局；李雷"
    assert chinese[-1].startswith("仅凭文件自述")


def test_a_file_that_cannot_be_read_is_the_machines_fault(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed) as failed:
        trace(settings, tmp_path / "none.mp4", as_json=False)
    assert failed.value.code == Exit.ENVIRONMENT


@pytest.mark.parametrize("before", [0, 5, READ_BYTES - 100, READ_BYTES - 30, READ_BYTES - 1, 2 * READ_BYTES])
def test_the_box_is_found_wherever_it_lies(tmp_path: Path, before: int) -> None:
    (file := tmp_path / "a.mp4").write_bytes(b"\0" * before + BOX + b"\0" * 300)
    told = clue_in(file)
    assert (told["entry"], told["camera"]) == (17, str(ORIGIN.camera))


def test_boxes_that_are_none_are_passed_over() -> None:
    broken = [b"uuid" + START, b"\0\0\0\1uuid" + START, b"\xff" * 4 + b"uuid" + START + b"\2" * 60]
    nobody = box(b"uuid", START, Origin(ORIGIN.camera, 0, 0).pack())
    for data in (*broken, nobody, b""):
        assert origin_in(data) is None
        assert origin_in(data + BOX) == ORIGIN
    assert len(BOX) < BOX_MAX


@given(st.binary(max_size=200), st.integers(0, 200))
def test_hostile_bytes_name_nobody(noise: bytes, at: int) -> None:
    found = origin_in(noise[:at] + b"uuid" + START + noise[at:])
    assert found is None or isinstance(found, Origin)
