"""A recording that comes afterwards: where its pictures stand, whatever its timestamps count from."""

from threading import Event

import pytest

from bingjian.formats.access_unit import AccessUnit
from bingjian.recording import presence, reader
from bingjian.recording.filling import Filling, Lack
from bingjian.recording.segment import Recovered
from bingjian.recording.volume import Volume
from bingjian.recording.wanted import Interval
from bingjian.streaming.late import Enough, LateSink
from tests.unit.recording.conftest import clock, disk, volume  # noqa: F401
from tests.unit.recording.footage import CAMERA, FRAME_90K, StandingClock, picture, seconds, video_config

SOURCE = Recovered("34020000001110000001", "34020000001310000001", seconds(9000))
ASKED = Interval(seconds(60), seconds(120))


def units(first_90k: int, length_s: float, gop: int = 25) -> list[AccessUnit]:
    """Pictures whose timestamps count from there."""
    return [
        AccessUnit(0, first_90k + number * FRAME_90K, picture(number), number % gop == 0)
        for number in range(round(length_s * 25))
    ]


def sink_of(volume: Volume, files=(ASKED,), **told) -> tuple[LateSink, Filling]:  # noqa: F811
    filling = Filling(CAMERA, Lack(volume, ASKED), SOURCE, worker="w", epoch=1)
    filling.begin(StandingClock())
    sink = LateSink(filling, ASKED, files, **told)
    sink.on_tracks((video_config(),))
    return sink, filling


async def filled(volume: Volume, sink: LateSink, filling: Filling) -> list[tuple[float, float]]:  # noqa: F811
    """Seconds of the tests' timeline."""
    sink.flush()
    await filling.end()
    told = presence.spans([volume], CAMERA, seconds(0), seconds(200))
    return [
        ((one.start_90k - seconds(0)) / 90_000, (one.end_90k - seconds(0)) / 90_000)
        for one in told
        if one.source is not None
    ]


@pytest.mark.parametrize("first_90k", [0, 126_000, 1 << 33, -(1 << 20), seconds(60)])
async def test_it_begins_where_it_was_asked_to(volume, first_90k):  # noqa: F811
    sink, filling = sink_of(volume)
    sink.on_units(units(first_90k, 60), 0)
    assert await filled(volume, sink, filling) == [(60, 120)]


async def test_quirk_34_or_where_the_device_has_something(volume):  # noqa: F811
    sink, filling = sink_of(volume, [Interval(seconds(0), seconds(50)), Interval(seconds(75), seconds(130))])
    sink.on_units(units(0, 30), 0)
    assert await filled(volume, sink, filling) == [(75, 105)]


async def test_a_hole_in_its_count_is_a_hole(volume):  # noqa: F811
    sink, filling = sink_of(volume)
    sink.on_units(units(1000, 20), 0)
    sink.on_units(units(1000 + 40 * 90_000, 20), 0)
    assert await filled(volume, sink, filling) == [(60, 80), (100, 120)]


async def test_a_count_that_begins_anew_is_the_devices_next_file(volume):  # noqa: F811
    sink, filling = sink_of(volume, [Interval(seconds(60), seconds(80)), Interval(seconds(95), seconds(120))])
    sink.on_units(units(10**9, 20), 0)
    sink.on_units(units(0, 25), 0)
    assert await filled(volume, sink, filling) == [(60, 80), (95, 120)]


async def test_or_goes_on_where_files_follow_each_other(volume):  # noqa: F811
    sink, filling = sink_of(volume, [Interval(seconds(0), seconds(200))])
    sink.on_units(units(10**9, 20), 0)
    sink.on_units(units(0, 40), 0)
    assert await filled(volume, sink, filling) == [(60, 120)]


async def test_what_comes_behind_the_end_is_not_waited_for(volume):  # noqa: F811
    sink, filling = sink_of(volume)
    with pytest.raises(Enough, match="the end was reached"):
        sink.on_units(units(0, 70), 0)
    assert await filled(volume, sink, filling) == [(60, 120)]


async def test_a_camera_that_is_taken_away_ends_it(volume):  # noqa: F811
    sink, filling = sink_of(volume, may_go_on=lambda: False)
    with pytest.raises(Enough, match="no longer recorded"):
        sink.on_units(units(0, 10), 0)
    assert await filled(volume, sink, filling) == []


async def test_what_is_recorded_now_goes_first(volume, disk):  # noqa: F811
    disk.hold = Event()
    sink, filling = sink_of(volume)
    try:
        big = [unit._replace(data=picture(1, 1 << 20)) for unit in units(0, 2)]
        sink.on_units(big, 0)
        with pytest.raises(Enough, match="busy"):
            sink.on_units(big, 0)
    finally:
        disk.hold.set()
        disk.hold = None
    assert volume.trouble is None
    await filling.end()


async def test_the_devices_clock_is_in_the_index(volume):  # noqa: F811
    sink, filling = sink_of(volume, offset_90k=-90 * 1500)
    sink.on_units(units(0, 60), 0)
    await filled(volume, sink, filling)
    (one,) = reader.segments([volume], CAMERA, seconds(0), seconds(200))
    assert {entry.clock_offset_ms for entry in reader.entries(one)[1:]} == {-1500}
