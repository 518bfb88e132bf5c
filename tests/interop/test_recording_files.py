"""Recorded segments in programs that we did not write, while they grow and when they are closed."""

import json
import subprocess
from pathlib import Path

import av
import pytest

from bingjian.formats import mp4_reader
from bingjian.recording import reader
from bingjian.recording.recorder import Hole, Recorder
from bingjian.recording.segment import Recovered
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from tests.unit.formats.material import Stream, coded_g711, encoded_aac, encoded_video
from tests.unit.recording.footage import CAMERA, GIB, StandingClock, seconds

pytestmark = pytest.mark.interop

MATERIAL = {
    "H.264, AAC": lambda: [encoded_video("libx264", "preset=ultrafast,g=25,bf=0"), encoded_aac()],
    "H.264 with B-frames and a long GOP, A-law": lambda: [
        encoded_video("libx264", "preset=veryfast,g=50,bf=3"),
        coded_g711(),
    ],
    "H.265": lambda: [
        encoded_video("libx265", "preset=ultrafast,x265-params=log-level=none:keyint=25:bframes=2")
    ],
}


@pytest.fixture(params=MATERIAL)
def streams(request) -> list[Stream]:
    return MATERIAL[request.param]()


def in_order_of_arrival(streams: list[Stream]):
    samples = [sample for track, stream in enumerate(streams) for sample in stream.as_track(track)]
    return sorted(samples, key=lambda sample: sample.dts / streams[sample.track].config.clock_rate)


def probe(path: Path) -> dict:
    result = subprocess.run(
        ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", path],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert result.stderr == ""
    return json.loads(result.stdout)


@pytest.fixture
def volume(tmp_path):
    volume = Volume.create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0, clock=StandingClock())
    yield volume
    volume.close()


def recorder_of(volume: Volume, streams: list[Stream]) -> Recorder:
    one = Recorder(Volumes([volume]), CAMERA, worker="test", epoch=1, clock=StandingClock())
    one.set_tracks([stream.config for stream in streams])
    return one


async def test_a_closed_segment_has_every_packet_for_ffprobe(volume, streams):
    one = recorder_of(volume, streams)
    one.write(in_order_of_arrival(streams))
    await one.close()
    (kept,) = reader.segments([volume], CAMERA, 0, 1 << 62)
    found = probe(kept.path)["streams"]
    assert [int(track["nb_read_packets"]) for track in found] == [len(stream.samples) for stream in streams]
    assert float(found[0]["start_time"]) == pytest.approx(streams[0].samples[0].pts / 90_000)


async def test_a_growing_segment_plays_to_its_last_fragment(volume, streams):
    one = recorder_of(volume, streams)
    one.write(in_order_of_arrival(streams))
    await volume.settled()
    (kept,) = reader.segments([volume], CAMERA, 0, 1 << 62)
    assert not kept.closed
    pictures = 0
    for entry in reader.entries(kept)[1:]:
        runs = mp4_reader.read_fragment(reader.read(kept, entry.offset, entry.length)).runs
        pictures += sum(len(run.samples) for run in runs if run.track == 0)
    assert pictures >= 25
    assert int(probe(kept.path)["streams"][0]["nb_read_packets"]) == pictures
    await one.close()


@pytest.mark.parametrize("at_s", [0, 0.52, 0.96, 1.0, 1.48])
async def test_a_picture_decodes_to_its_instant(volume, streams, at_s, tmp_path):
    one = recorder_of(volume, streams)
    one.write(in_order_of_arrival(streams))
    await one.close()
    at_90k = streams[0].samples[0].pts + seconds(at_s) - seconds(0)
    shown = reader.picture([volume], CAMERA, at_90k)
    assert shown is not None
    assert shown.at_90k == at_90k
    (tmp_path / "picture.mp4").write_bytes(shown.init + shown.fragments)
    with av.open(str(tmp_path / "picture.mp4")) as container:
        decoded = [round(frame.time * 90_000) for frame in container.decode(video=0)]
    assert at_90k in decoded


async def test_what_was_recovered_from_a_device_is_a_file_like_any_other(volume, streams):
    """Cut at the borders of its hole, with the larger uuid box: every packet that was kept."""
    one = Recorder(
        Volumes([volume]),
        CAMERA,
        worker="test",
        epoch=1,
        clock=StandingClock(),
        hole=Hole(0, 1 << 62, Recovered("34020000001110000001", "34020000001310000001", seconds(0))),
    )
    one.set_tracks([stream.config for stream in streams])
    one.write(in_order_of_arrival(streams))
    await one.close()
    (kept,) = reader.segments([volume], CAMERA, 0, 1 << 62)
    told = probe(kept.path)
    assert [int(stream["nb_read_packets"]) for stream in told["streams"]] == [
        len(stream.as_track(track)) for track, stream in enumerate(streams)
    ]
