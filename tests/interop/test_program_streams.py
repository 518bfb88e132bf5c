"""Program streams of FFmpeg through our demuxer, and ours through FFmpeg and GStreamer."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from bingjian.formats import nal
from bingjian.formats.access_unit import AccessUnit, Codec
from bingjian.formats.mpegps import Muxer
from tests.unit.formats.material import Stream, coded_g711, encoded_aac, encoded_video, movie
from tests.unit.formats.mpegps.test_muxer import packs
from tests.unit.formats.mpegps.wire import demuxed

pytestmark = pytest.mark.interop

H264 = "preset=ultrafast,g=25,bf=0,crf=10"
H264_WITH_B = "preset=veryfast,g=25,bf=3,crf=10"
H265 = "preset=ultrafast,x265-params=log-level=none:keyint=25:bframes=2"
ELEMENTARY = {Codec.H264: ("h264", "h264_mp4toannexb"), Codec.H265: ("hevc", "hevc_mp4toannexb")}


def video(name: str) -> Stream:
    return {
        "H.264": lambda: encoded_video("libx264", H264, 640, 480),
        "H.264 with B-frames": lambda: encoded_video("libx264", H264_WITH_B, 640, 480),
        "H.264 full HD": lambda: encoded_video("libx264", H264, 1920, 1080, 25),
        "H.265": lambda: encoded_video("libx265", H265, 640, 480),
    }[name]()


NAMES = ["H.264", "H.264 with B-frames", "H.264 full HD", "H.265"]


def ffmpeg(source: Path, target: Path, *options: str) -> None:
    command = ["ffmpeg", "-v", "error", "-y", "-i", source, "-c", "copy", *options, target]
    subprocess.run(command, check=True, timeout=60)


def pictures(annex_b: bytes) -> list[bytes]:
    """Slices and SEI, in order: what samples hold."""
    sets_and_delimiters = {7, 8, 9}
    return [unit for unit in nal.split_start_codes(annex_b) if unit[0] & 0x1F not in sets_and_delimiters]


@pytest.mark.parametrize("form", ["vob", "mpeg", "svcd", "dvd"])
@pytest.mark.parametrize("name", NAMES)
def test_what_ffmpeg_packs_we_read_as_ffmpeg_does(name: str, form: str, tmp_path: Path) -> None:
    """FFmpeg cuts at 2 KiB wherever that is, in MPEG-1 and MPEG-2 form, without a map."""
    stream = video(name)
    elementary, filter_ = ELEMENTARY[stream.config.codec]
    source, packed = tmp_path / "source.mp4", tmp_path / "packed.ps"
    source.write_bytes(movie([stream]))
    ffmpeg(source, packed, "-bsf:v", filter_, "-f", form)
    ffmpeg(packed, tmp_path / "elementary", "-f", elementary)
    whole = packed.read_bytes()
    units = demuxed(*(whole[at : at + 1400] for at in range(0, len(whole), 1400)))
    assert len(units) == len(stream.samples)
    assert [unit.sync for unit in units] == [each.sync for each in stream.samples]
    found = [slice_ for unit in units for slice_ in nal.split(unit.data)]
    expected = [slice_ for each in stream.samples for slice_ in nal.split(each.data)]
    before_the_sets = len(expected) - len(found)  # an SEI ahead of the first parameter sets has no codec yet
    assert found == expected[before_the_sets:]
    assert before_the_sets <= 1
    if stream.config.codec is Codec.H264:  # that FFmpeg itself gets the same out of it
        assert pictures((tmp_path / "elementary").read_bytes())[-len(found) :] == found
    if stream.reordering == 0 and form == "vob":
        start = units[0].timestamp - stream.samples[0].pts
        assert {unit.timestamp - each.pts for unit, each in zip(units, stream.samples, strict=True)} == {
            start
        }


@pytest.mark.parametrize("sound", ["none", "AAC", "A-law"])
@pytest.mark.parametrize("name", NAMES)
def test_what_we_pack_ffmpeg_reads(name: str, sound: str, tmp_path: Path) -> None:
    streams = [video(name)]
    streams += {"none": [], "AAC": [encoded_aac()], "A-law": [coded_g711()]}[sound]
    file = tmp_path / "ours.ps"
    file.write_bytes(b"".join(packs(*streams)))
    asked = ["ffprobe", "-v", "error", "-show_packets", "-show_streams", "-of", "json", file]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)
    assert answer.stderr == "" or sound == "A-law"
    found = json.loads(answer.stdout)
    for stream in streams:
        if stream.config.codec is Codec.PCMA:
            continue  # FFmpeg does not know that type, nor does it disturb it
        kind = "video" if stream is streams[0] else "audio"
        packets = [each for each in found["packets"] if each["codec_type"] == kind]
        assert len(packets) == len(stream.samples)
        ours = [each.pts * 90_000 // stream.config.clock_rate for each in stream.samples]
        theirs = [int(each["pts"]) for each in packets]
        assert [time - theirs[0] for time in theirs] == [time - ours[0] for time in ours]
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-xerror", "-i", file, "-map", "0:v", "-f", "null", "-"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert decoded.stderr == "" or sound == "A-law"


@pytest.mark.skipif(shutil.which("gst-launch-1.0") is None, reason="no GStreamer here")
@pytest.mark.parametrize("name", ["H.264", "H.264 with B-frames"])
def test_what_we_pack_gstreamer_reads(name: str, tmp_path: Path) -> None:
    stream = video(name)
    file, out = tmp_path / "ours.ps", tmp_path / "out.h264"
    file.write_bytes(b"".join(packs(stream, encoded_aac())))
    parse = "mpegpsdemux ! h264parse ! video/x-h264,stream-format=byte-stream"
    pipeline = f"filesrc location={file} ! {parse} ! filesink location={out}"
    subprocess.run(["gst-launch-1.0", "-q", *pipeline.split()], check=True, timeout=60)
    expected = [unit for each in stream.samples for unit in nal.split(each.data)]
    assert pictures(out.read_bytes()) == expected


def test_a_change_of_size_goes_through(tmp_path: Path) -> None:
    first, second = video("H.264"), video("H.264 full HD")
    muxer, file = Muxer([first.config]), tmp_path / "ours.ps"
    units = [
        AccessUnit(0, number * 3600, each.data, each.sync, False, second.config if number == 50 else None)
        for number, each in enumerate([*first.samples, *second.samples])
    ]
    file.write_bytes(b"".join(map(muxer.pack, units)))
    found = demuxed(file.read_bytes())
    assert [unit.config.width for unit in found if unit.config] == [640, 1920]
    assert len(found) == len(units)


@pytest.mark.skipif(shutil.which("gst-launch-1.0") is None, reason="no GStreamer here")
@pytest.mark.parametrize("alignment", ["au", "nal"])
@pytest.mark.parametrize("name", ["H.264", "H.264 with B-frames"])
def test_what_gstreamer_packs_we_read(name: str, alignment: str, tmp_path: Path) -> None:
    """Few pack headers, one map, and with NAL alignment a packet for each NAL unit."""
    streams = [video(name), encoded_aac()]
    source, packed = tmp_path / "source.mp4", tmp_path / "packed.ps"
    source.write_bytes(movie(streams))
    pictures_in = f"h264parse ! video/x-h264,stream-format=byte-stream,alignment={alignment}"
    pipeline = (
        f"qtdemux name=d filesrc location={source} ! d. mpegpsmux name=m ! filesink location={packed} "
        f"d.video_0 ! queue ! {pictures_in} ! m. "
        f"d.audio_0 ! queue ! aacparse ! audio/mpeg,stream-format=adts ! m."
    )
    subprocess.run(["gst-launch-1.0", "-q", *pipeline.split()], check=True, timeout=60)
    whole = packed.read_bytes()
    units = demuxed(*(whole[at : at + 1400] for at in range(0, len(whole), 1400)))
    shown = [unit for unit in units if unit.track == 0]
    found, expected = ([[*nal.split(each.data)] for each in every] for every in (shown, streams[0].samples))
    if alignment == "nal":
        del expected[0][0]  # an SEI ahead of the first parameter sets has no codec yet
    assert found == expected
    start = shown[0].timestamp - streams[0].samples[0].pts
    assert all(abs(u.timestamp - s.pts - start) <= 1 for u, s in zip(shown, streams[0].samples, strict=True))
    assert [unit.data for unit in units if unit.track == 1] == [each.data for each in streams[1].samples]
