"""The compliance report as a command, over a platform that is not running."""

import json
from pathlib import Path

import pytest

from bingjian.commands.outcome import CommandFailed, Exit
from bingjian.commands.report import compliance
from bingjian.settings import Settings

AT = "2026-01-01T12:00:00+08:00"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "en")
    return Settings(state_dir=tmp_path / "state")


def test_R32_3_run_twice_the_hash_is_identical(settings: Settings, tmp_path: Path) -> None:
    for suffix in ("json", "csv"):
        first, second = tmp_path / f"1.{suffix}", tmp_path / f"2.{suffix}"
        compliance(settings, AT, first)
        compliance(settings, AT, second)
        assert first.read_bytes() == second.read_bytes() != b""


def test_R32_3_without_a_file_it_goes_to_standard_output(
    settings: Settings, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    compliance(settings, None, None)
    assert json.loads(capfdbinary.readouterr().out) == []


def test_another_kind_of_file_is_wrong_usage(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed) as failed:
        compliance(settings, AT, tmp_path / "report.docx")
    assert failed.value.code == Exit.USAGE


def test_an_instant_that_is_none_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed):
        compliance(settings, "yesterday", tmp_path / "report.json")
