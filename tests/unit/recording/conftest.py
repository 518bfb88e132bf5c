"""A volume on the real disk, under a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bingjian.recording.volume import Volume
from tests.unit.recording.footage import GIB, FailingDisk, StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def disk() -> FailingDisk:
    return FailingDisk()


@pytest.fixture
def volume(tmp_path: Path, clock: StandingClock, disk: FailingDisk) -> Iterator[Volume]:
    volume = Volume.create(tmp_path / "volume", size_bytes=GIB, reserve_bytes=0, clock=clock, storage=disk)
    yield volume
    disk.broken.clear()
    volume.close()
