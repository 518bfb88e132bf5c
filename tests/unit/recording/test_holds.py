"""R27.5: held footage is copied, proven, and outlives its original."""

import hashlib
import json
from uuid import UUID

import pytest

from bingjian.recording import holds, reader
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume
from tests.unit.recording.footage import CAMERA, recorder, seconds, video, video_config

HOLD = UUID("99999999-0000-4000-8000-000000000001")


@pytest.fixture
async def recorded(volume, clock):
    """Two closed segments, a gap of four seconds, and one that is still written."""
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(0, 4))
    one.set_tracks((video_config(wide=16),))
    one.write(video(4, 4))
    one.set_tracks((video_config(),))
    one.write(video(12, 4.04))
    await volume.settled()
    return volume


def copy(volume: Volume, start_s: float, end_s: float) -> holds.Copied:
    area = volume.path.parent / "holds"
    interval = (seconds(start_s), seconds(end_s))
    return holds.copy([volume], area, HOLD, CAMERA, interval, volume.storage)


def closed(volume: Volume) -> list[reader.Segment]:
    return [one for one in reader.segments([volume], CAMERA, 0, seconds(60)) if one.closed]


async def test_R27_5_the_segments_of_the_interval_are_copied_with_their_roots(recorded):
    first, second = closed(recorded)
    copied = copy(recorded, 1, 6)
    assert (copied.segments, copied.missing) == (2, [])
    assert copied.size_bytes == first.size_bytes + second.size_bytes
    assert copied.sha256 == hashlib.sha256((first.root or b"") + (second.root or b"")).hexdigest()
    place = recorded.path.parent / "holds" / str(HOLD)
    for one in (first, second):
        assert (place / one.path.name).read_bytes() == one.path.read_bytes()
        assert (place / one.path.name).stat().st_mode & 0o222 == 0
    said = json.loads((place / "hold.json").read_text())
    assert [each["root"] for each in said["copies"]] == [(one.root or b"").hex() for one in (first, second)]


async def test_R27_5_the_copy_outlives_the_original(recorded):
    before = copy(recorded, 0, 8)
    for one in closed(recorded):
        one.path.unlink()
        index_path(one.path).unlink()
    again = copy(recorded, 0, 8)
    assert (again.segments, again.sha256) == (before.segments, before.sha256)


async def test_what_has_no_copy_is_said_with_its_cause(recorded):
    missing = [(one.start_90k, one.end_90k, one.cause) for one in copy(recorded, 0, 16).missing]
    assert (seconds(12), seconds(16), "recording") in missing
    assert (seconds(8), seconds(12), "no_packets") in missing


async def test_a_damaged_original_makes_no_copy_and_a_good_copy_is_kept(recorded):
    first, second = closed(recorded)
    copy(recorded, 0, 3)
    for one in (first, second):
        data = bytearray(one.path.read_bytes())
        data[-5] ^= 1
        one.path.write_bytes(data)
    copied = copy(recorded, 0, 8)
    assert copied.segments == 1
    assert [(one.start_90k, one.cause) for one in copied.missing] == [(seconds(4), "volume_failing")]


async def test_a_damaged_copy_is_made_anew(recorded):
    before = copy(recorded, 0, 8)
    place = recorded.path.parent / "holds" / str(HOLD)
    victim = place / closed(recorded)[0].path.name
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes()[:-1])
    assert copy(recorded, 0, 8) == before
    assert victim.stat().st_size == closed(recorded)[0].size_bytes
