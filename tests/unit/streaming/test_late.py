"""A recording that comes afterwards: where its pictures stand, whatever its timestamps count from."""

from threading import Event

import pytest

from bingjian.formats.access_unit import AccessUnit
from bingjian.formats.mp4 import Sample
from bingjian.recording import presence, reader
from bingjian.recording.filling import Filling, Lack
from bingjian.recording.segment import Recovered
from bingjian.recording.volume import Volume
from bingjian.recording.wanted import Interval
from bingjian.streaming.late import Enough, LateSink
from tests.unit.recording.conftest import clock, disk, volume  # noqa: F401
from tests.unit.recording.footage import CAMERA, FRAME_90K, StandingClock, picture, seconds, video_config
from tests.unit.streaming.footage import SOUND

SOURCE = Recovered("34020000001110000001", "34020000001310000001", seconds(9000))
ASKED = Interval(seconds(60), seconds(120))


def units(first_90k: int, length_s: float, gop: int = 25) -> list[AccessUnit]:
    """Pictures whose timestamps count from there."""
    return [
        AccessUnit(0, first_90k + number * FRAME_90K, picture(number), number % gop == 0)
        for number in range(round(length_s * 25))
    ]


def sounds(first: int, length_s: float) -> list[AccessUnit]:
    """Twenty milliseconds each; their count is in them."""
    return [
        AccessUnit(1, first + number * 160, number.to_bytes(4) * 40, True)
        for number in range(round(length_s * 50))
    ]


def together(pictures: list[AccessUnit], sound: list[AccessUnit], late: int = 0) -> list[AccessUnit]:
    """Two units of sound to a picture; ``late``: it comes so many pictures later, or earlier."""
    places = [(at + 0.1, unit) for at, unit in enumerate(pictures)]
    places += [(at / 2 + late, unit) for at, unit in enumerate(sound)]
    return [unit for _, unit in sorted(places, key=lambda one: one[0])]


def heard_at(written: list[Sample]) -> dict[int, float]:
    """Seconds of the tests' timeline at which each unit of sound lies, by its count."""
    return {
        int.from_bytes(one.data[:4]): one.pts / 8000 - seconds(0) / 90_000
        for one in written
        if one.track == 1
    }


def with_sound(volume: Volume, files=(ASKED,)) -> tuple[LateSink, Filling, list[Sample]]:  # noqa: F811
    """And what it hands over to be written."""
    sink, filling = sink_of(volume, files)
    sink.on_tracks((video_config(), SOUND))
    written, write = list[Sample](), filling.write
    filling.write = lambda samples, offset_ms=0: (written.extend(samples), write(samples, offset_ms))
    return sink, filling, written


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


@pytest.mark.parametrize("apart_s", [0, 0.5, 100, -100, 5000])
@pytest.mark.parametrize("late", [0, 1, -5])
async def test_sound_goes_with_the_pictures_whatever_it_counts_from(volume, apart_s, late):  # noqa: F811
    sink, filling, written = with_sound(volume)
    coming = together(units(126_000, 60), sounds(round((1.4 + apart_s) * 8000), 60), late)
    for unit in coming:
        sink.on_units([unit], 0)
    assert await filled(volume, sink, filling) == [(60, 120)]
    at = heard_at(written)
    own_s = apart_s if apart_s == 0.5 else 0
    assert len(at) > 2900
    assert max(abs(at_s - 60 - number / 50 - own_s) for number, at_s in at.items()) < 0.3


@pytest.mark.parametrize("apart_s", [0, 100])
@pytest.mark.parametrize("late", [1, -5])
async def test_and_over_a_hole_and_into_the_devices_next_file(volume, apart_s, late):  # noqa: F811
    files = [Interval(seconds(60), seconds(100)), Interval(seconds(100), seconds(120))]
    sink, filling, written = with_sound(volume, files)
    begun = round(apart_s * 8000)
    sink.on_units(together(units(10**9, 10), sounds(10**9 * 8 // 90 + begun, 10), late), 0)
    sink.on_units(
        together(units(10**9 + 20 * 90_000, 20), sounds(10**9 * 8 // 90 + begun + 20 * 8000, 20), late), 0
    )
    sink.on_units(together(units(0, 20), sounds(begun, 20), late), 0)
    assert await filled(volume, sink, filling) == [(60, 70), (80, 120)]
    heard = [one for one in written if one.track == 1]
    at = [one.pts / 8000 - seconds(0) / 90_000 for one in heard]
    begun = [at_s - int.from_bytes(one.data[:4]) / 50 for one, at_s in zip(heard, at, strict=True)]
    assert max(min(abs(one - begun_s) for begun_s in (60, 80, 100)) for one in begun) < 0.3
    assert not [at_s for at_s in at if 70.3 < at_s < 79.7]
    assert len([at_s for at_s in at if 79.7 <= at_s < 120]) > 1960
    assert {one.duration for one in heard} <= {*range(100, 300)}, "none lasts over the hole"


async def test_sound_alone_counts_like_pictures(volume):  # noqa: F811
    sink, filling = sink_of(volume)
    sink.on_tracks((SOUND,))
    sink.on_units([unit._replace(track=0) for unit in sounds(8000, 60)], 0)
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
