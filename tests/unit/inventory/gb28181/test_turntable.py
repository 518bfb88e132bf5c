"""A channel of a device is turned: in the numbers of GB/T 28181, to the signal process alone."""

import httpx
import pytest

from bingjian.inventory.gb28181.signal_client import SignalClient, SignalPlace
from bingjian.inventory.gb28181.turntable import ChannelTurntable, scaled, turntable_of
from bingjian.inventory.models import CameraRow
from bingjian.inventory.turntable import (
    STILL,
    Lens,
    Motion,
    NotTaken,
    Position,
    Rectangle,
    Tour,
    TurntableAway,
)
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.signalling.commands import built
from tests.spoken_signal import CHANNEL, DEVICE, STOP, URL, SpokenSignal

AT = {"pan": 12.5, "tilt": -3.0, "zoom": 2.0}
WIRED = {**AT, "tilt": 3.0}  # a device counts tilt downwards


@pytest.fixture
def signal() -> SpokenSignal:
    return SpokenSignal()


@pytest.fixture
def turntable(signal: SpokenSignal) -> ChannelTurntable:
    return ChannelTurntable(signal.http, ChannelAddress(DEVICE, CHANNEL))


@pytest.mark.parametrize(("place", "turns"), [(SignalPlace("http://127.0.0.1:9", "x"), True), (None, False)])
async def test_channels_alone_turn_and_only_where_devices_are_spoken_to(
    place: SignalPlace | None, turns: bool
) -> None:
    client = SignalClient(place)
    assert (turntable_of(client, CameraRow(url_shown=URL)) is not None) == turns
    assert turntable_of(client, CameraRow(url_shown="rtsp://192.0.2.1/main")) is None
    await client.close()


@pytest.mark.parametrize(
    ("percent", "fastest", "speed"),
    [
        (0, 255, 0),
        (100, 255, 255),
        (-100, 255, -255),
        (50, 255, 128),
        (1, 15, 1),
        (-1, 15, -1),
        (100, 15, 15),
    ],
)
def test_percent_become_the_devices_speeds_and_what_moves_moves(
    percent: int, fastest: int, speed: int
) -> None:
    assert scaled(percent, fastest) == speed


async def test_every_command_is_one_of_the_contract(
    signal: SpokenSignal, turntable: ChannelTurntable
) -> None:
    await turntable.move(Motion(pan=-100, tilt=40, zoom=100))
    await turntable.move(STILL)
    await turntable.adjust(Lens(focus=100, iris=-100))
    await turntable.set_preset(3)
    await turntable.go_to_preset(3)
    await turntable.delete_preset(3)
    await turntable.go_to(Position(**AT))
    presets = [{"preset": {"action": action, "number": 3}} for action in ("set", "go", "delete")]
    moved = {"ptz": {"pan": -255, "tilt": 102, "zoom": 15}}
    assert signal.told == [moved, STOP, {"lens": {"focus": -255, "iris": -255}}, *presets, {"precise": WIRED}]


async def test_a_rectangle_is_told_in_the_pictures_pixels(
    signal: SpokenSignal, turntable: ChannelTurntable
) -> None:
    drawn = Rectangle(640, 360, 480.4, 90.0, 160.0, 0.2)
    await turntable.frame(drawn, closer=True)
    await turntable.frame(drawn, closer=False)
    window, middle = {"length": 640, "width": 360}, {"mid_x": 480, "mid_y": 90}
    told = {**window, **middle, "length_x": 160, "length_y": 1}
    assert signal.told == [{"drag_zoom": {"in": closer, **told}} for closer in (True, False)]
    for command in signal.told:
        built(command, 1, CHANNEL)  # the signal process takes it so


async def test_a_cruise_is_set_whole_and_each_command_is_one_of_the_contract(
    signal: SpokenSignal, turntable: ChannelTurntable
) -> None:
    await turntable.set_cruise(Tour(2, (5, 3, 5), speed=100, dwell_s=20))
    await turntable.start_cruise(2)
    told = [command["cruise"] for command in signal.told]
    assert told[0] == {"action": "delete", "group": 2, "preset": 0}
    assert [one["preset"] for one in told if one["action"] == "add"] == [5, 3, 5]
    values = {one["action"]: one.get("value") for one in told}
    assert (values["speed"], values["dwell"], told[-1]) == (15, 20, {"action": "start", "group": 2})
    await turntable.set_scan_edge(1, "left")
    await turntable.set_scan_speed(1, 100)
    await turntable.start_scan(1)
    await turntable.switch(1, on=True)
    await turntable.set_return(4, 60)
    await turntable.set_return(4, None)
    scans = [{"action": "left"}, {"action": "speed", "value": 15}, {"action": "start"}]
    homes = [{"enabled": True, "reset_s": 60}, {"enabled": False, "reset_s": 0}]
    assert signal.told[-6:] == [
        *({"scan": {"group": 1, **scan}} for scan in scans),
        {"switch": {"number": 1, "on": True}},
        *({"home": {"preset": 4, **home}} for home in homes),
    ]
    for command in signal.told:
        built(command, 1, CHANNEL)


async def test_where_it_looks(signal: SpokenSignal, turntable: ChannelTurntable) -> None:
    assert await turntable.position() is None
    signal.position = {**WIRED, "horizontal_field_angle": 30.0}
    assert await turntable.position() == Position(**AT, h_fov=30.0)
    signal.position = {"pan": 1.0, "tilt": 2.0}
    assert await turntable.position() is None
    for status in (502, 504):
        signal.problem = status, "device_error"
        assert await turntable.position() is None


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, TurntableAway), (409, TurntableAway), (504, TurntableAway), (502, NotTaken), (501, NotTaken)],
)
async def test_what_is_refused_is_told(
    signal: SpokenSignal, turntable: ChannelTurntable, status: int, error: type[Exception]
) -> None:
    signal.problem = status, "problem"
    with pytest.raises(error):
        await turntable.move(STILL)


async def test_a_signal_process_that_is_not_there_is_told() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise (
            httpx.ReadTimeout("silent") if request.url.path.endswith("query") else httpx.ConnectError("away")
        )

    http = httpx.AsyncClient(transport=httpx.MockTransport(silent), base_url="http://signal")
    turntable = ChannelTurntable(http, ChannelAddress(DEVICE, CHANNEL))
    with pytest.raises(TurntableAway):
        await turntable.move(STILL)
    assert await turntable.position() is None  # a device of 2016 says nothing to what it does not know
