"""Whoever swaps a disk on purpose says so."""

import shutil
from pathlib import Path

import pytest

from bingjian.commands import volume as command
from bingjian.commands.outcome import CommandFailed
from bingjian.recording.known import KnownVolumes
from bingjian.recording.volume import Volume, VolumeError
from bingjian.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state")


def test_a_swapped_volume_is_recorded_to_once_it_is_accepted(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.state_dir.mkdir()
    known = KnownVolumes(settings.known_volumes_file)
    path = tmp_path / "footage"
    Volume.create(path, size_bytes=1 << 30, reserve_bytes=0, known=known).close()
    shutil.rmtree(path)
    other = Volume.create(tmp_path / "other", size_bytes=1 << 30, reserve_bytes=0)
    other.close()
    (tmp_path / "other").rename(path)
    with pytest.raises(VolumeError, match=f"bingjian volume accept {path}"):
        Volume.open(path, known=known)
    command.accept(settings, path)
    assert str(other.id) in capsys.readouterr().out
    Volume.open(path, known=known).close()
    command.accept(settings, path)


def test_a_path_without_a_volume_is_said(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="is not a volume"):
        command.accept(settings, tmp_path)
