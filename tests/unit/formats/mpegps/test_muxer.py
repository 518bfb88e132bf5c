"""What the muxer writes: read back by our demuxer here, by other programs in tests/interop."""

import pytest

from bingjian.formats.access_unit import AccessUnit, Codec
from bingjian.formats.mpegps import Demuxer, Muxer
from bingjian.formats.mpegps.muxer import PACKET_LIMIT
from bingjian.formats.mpegps.syntax import crc32
from tests.unit.formats.material import (
    Stream,
    coded_g711,
    encoded_aac,
    encoded_video,
    video_config,
)
from tests.unit.formats.mpegps.wire import DELTA, KEY, demuxed
from tests.unit.protocols.packets import h264_slice, sample

H264 = "preset=ultrafast,g=25,bf=3"
H265 = "preset=ultrafast,x265-params=log-level=none:keyint=25:bframes=2"


def packs(*streams: Stream) -> list[bytes]:
    """In order of decoding time."""
    muxer = Muxer([stream.config for stream in streams])
    samples = [each for number, stream in enumerate(streams) for each in stream.as_track(number)]
    samples.sort(key=lambda each: each.dts / streams[each.track].config.clock_rate)
    return [muxer.pack(AccessUnit(s.track, s.pts, s.data, s.sync), s.dts) for s in samples]


@pytest.mark.parametrize(
    "names", ["libx264 pcma", "libx265 pcmu", "libx264 aac"], ids=lambda names: names.replace(" ", " and ")
)
def test_what_is_muxed_is_demuxed_again(names: str) -> None:
    video, sound = names.split()
    streams = (
        encoded_video(video, H264 if video == "libx264" else H265),
        encoded_aac() if sound == "aac" else coded_g711(Codec(sound)),
    )
    units = demuxed(*packs(*streams))
    for track, stream in enumerate(streams):
        found = [unit for unit in units if unit.track == track]
        assert [unit.data for unit in found] == [each.data for each in stream.samples]
        assert [unit.sync for unit in found] == [each.sync for each in stream.samples]
        assert {unit.timestamp - each.pts for unit, each in zip(found, stream.samples, strict=True)} == {
            found[0].timestamp - stream.samples[0].pts  # a multiple of 2³³ ticks
        }
        assert found[0].config.codec is stream.config.codec


@pytest.mark.parametrize("size", [PACKET_LIMIT - 5, PACKET_LIMIT - 4, PACKET_LIMIT, 3 * PACKET_LIMIT])
def test_large_pictures_go_into_several_packets(size: int) -> None:
    muxer = Muxer([video_config()])
    large = sample(h264_slice(size))
    sent = [AccessUnit(0, 0, sample(KEY), True), AccessUnit(0, 3600, large, False)]
    units = demuxed(*map(muxer.pack, sent), muxer.pack(AccessUnit(0, 7200, sample(DELTA), False)))
    assert [unit.data for unit in units] == [sample(KEY), large, sample(DELTA)]


def test_the_map_stands_before_key_frames_only() -> None:
    muxer, code = Muxer([video_config()]), b"\0\0\1\xbc"
    assert code in muxer.pack(AccessUnit(0, 0, sample(KEY), True))
    assert code not in muxer.pack(AccessUnit(0, 0, sample(DELTA), False))


def test_the_checksum_is_that_of_mpeg() -> None:
    assert crc32(b"123456789") == 0x0376E6E7  # CRC-32/MPEG-2's check value


def test_a_demuxer_tells_what_it_found() -> None:
    demuxer = Demuxer()
    streams = (encoded_video("libx264", H264), encoded_aac())
    units = [unit for piece in packs(*streams) for unit in demuxer.push(piece)]
    assert demuxer.video.codec is Codec.H264
    assert {unit.config.codec for unit in units if unit.config} == {Codec.H264, Codec.AAC}
    assert (demuxer.announces_sound, demuxer.fault, demuxer.left_out) == (True, "", "")
