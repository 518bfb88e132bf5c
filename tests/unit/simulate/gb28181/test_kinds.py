"""Every kind of MANSCDP message between a platform and a simulated device, and what each command changes.

A kind, a command, a block or a PTZ command that somebody adds without an exchange here fails the last tests.
"""

import asyncio
import http.server
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from bingjian.protocols.gb28181 import Edition, ptz, sdp
from bingjian.protocols.gb28181.manscdp import (
    binding,
    catalog,
    configuration,
    controls,
    notifies,
    queries,
    responses,
)
from bingjian.protocols.gb28181.manscdp.controls import Area, DeviceControl, DeviceControlResult
from bingjian.protocols.gb28181.manscdp.message import NAMES, Message
from bingjian.simulate.course import AHEAD
from bingjian.simulate.gb28181.channel import Channel
from bingjian.simulate.gb28181.rounds import Round
from tests.unit.simulate.gb28181.platform import ID, World, offer_to, specs, udp_media, world

Exchange = Callable[[World], Awaitable[None]]
SESSION = "0123456789abcdef0123456789abcdef"
NEW = Edition.V2022


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.simulate.gb28181.device.BOOT_S", 0.2)
    monkeypatch.setattr("bingjian.simulate.gb28181.services.FLASH_S", 0.1)
    monkeypatch.setattr("bingjian.simulate.gb28181.storage.FORMAT_S", 0.5)


def camera(here: World) -> Channel:
    return here.device.channels[here.channel]


async def ordered(here: World, **command: Any) -> None:
    """A command to the first camera, without a wait for what comes of it."""
    here.platform.ask(here.id, DeviceControl, here.channel, NEW, **command)


async def confirmed(here: World, **command: Any) -> None:
    told = await here.platform.answer(
        here.id, DeviceControl, DeviceControlResult, about=here.channel, edition=NEW, **command
    )
    assert told.result == "OK"


async def asked(here: World, query: type[Message], answer: type[Any], about: str = "", **fields: Any) -> Any:
    return await here.platform.answer(
        here.id, query, answer, about=about or here.channel, edition=NEW, **fields
    )


async def moved(here: World, *commands: ptz.Command, **names: str) -> None:
    for command in commands:
        await ordered(here, ptz_cmd=ptz.build(command), **names)


# --- Somebody whom devices bring pictures, and fetch firmware from ---------------------------------------


@dataclass
class Web:
    url: str
    brought: list[tuple[str, bytes]] = field(default_factory=list)  # file name and bytes


@contextmanager
def web() -> Iterator[Web]:
    told = Web("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.brought.append((self.headers["Content-Disposition"].split('"')[1], body))
            self.send_response(204)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/firmware" else 404)
            self.end_headers()
            self.wfile.write(b"firmware" if self.path == "/firmware" else b"")

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


# --- Kinds of messages -----------------------------------------------------------------------------------


async def catalogue(here: World) -> None:
    page = await asked(here, catalog.CatalogQuery, catalog.CatalogPage, here.id)
    assert (page.total, page.items[0].device_id) == (4, here.channel)


async def catalogue_change(here: World) -> None:
    here.platform.subscribe(here.id, "Catalog;id=1", catalog.CatalogQuery(sn=1, device_id=here.id))
    await here.platform.until(lambda: here.device.reports.watched(catalog.CatalogQuery))
    here.fleet.handle({"do": "change", "device": here.id, "event": "OFF"})
    (told,) = await here.platform.until(lambda: here.platform.notifications(catalog.CatalogChange))
    assert (told.items[0].device_id, told.items[0].change) == (here.channel, "OFF")


async def information(here: World) -> None:
    info = await asked(here, queries.DeviceInfoQuery, responses.DeviceInfo, here.id)
    assert (info.name, info.firmware, info.channels) == ("NVR 1", "1.0", 4)


async def status(here: World) -> None:
    told = await asked(here, queries.DeviceStatusQuery, responses.DeviceStatus)
    assert (told.online, told.record, told.alarm_inputs[0].duty_status) == ("ONLINE", "ON", "OFFDUTY")


async def recordings(here: World) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    window = {"start_time": hour, "end_time": hour + timedelta(hours=1), "type": "alarm"}
    page = await asked(here, queries.RecordInfoQuery, responses.RecordPage, **window)
    assert [item.type for item in page.items] == ["alarm"]


async def presets(here: World) -> None:
    await moved(here, ptz.Preset("set", 7), preset_name="大门")
    listed = await asked(here, queries.PresetQuery, responses.PresetList)
    assert [(preset.number, preset.name) for preset in listed.presets] == [("7", "大门")]


async def home(here: World) -> None:
    wish = controls.HomePosition(enabled="1", reset_time_s=30, preset=3)
    await confirmed(here, home_position=wish)
    found = await asked(here, queries.HomePositionQuery, responses.HomePositionFound)
    assert found.home_position == wish


async def cruises(here: World) -> None:
    points = [ptz.CruisePoint("add", 2, preset) for preset in (4, 5)]
    await moved(here, *points, ptz.CruisePace("dwell", 2, 9), cruise_track_name="院墙巡航")
    listed = await asked(here, queries.CruiseTrackListQuery, responses.CruiseTrackList)
    assert [(track.number, track.name) for track in listed.tracks] == [(2, "院墙巡航")]
    track = await asked(here, queries.CruiseTrackQuery, responses.CruiseTrack, number=2)
    assert (track.name, [(point.preset, point.stay_s) for point in track.points]) == (
        "院墙巡航",
        [(4, 9), (5, 9)],
    )


async def position(here: World) -> None:
    await ordered(here, precise=controls.PrecisePosition(pan=350, tilt=5, zoom=2))
    await here.platform.until(lambda: camera(here).mount.look.zoom == 2)
    found = await asked(here, queries.PtzPositionQuery, responses.PtzPosition)
    assert (found.pan, found.tilt, found.zoom) == (350, 5, 2)


async def position_change(here: World) -> None:
    query = queries.PtzPositionQuery(sn=1, device_id=here.channel)
    here.platform.subscribe(here.id, "PTZPosition", query)
    await here.platform.until(lambda: here.device.reports.watched(queries.PtzPositionQuery))
    await ordered(here, precise=controls.PrecisePosition(pan=10, tilt=5, zoom=2))
    (told,) = await here.platform.until(lambda: here.platform.notifications(notifies.PtzPositionChange))
    assert (told.pan, told.tilt, told.zoom) == (10, 5, 2)


async def cards(here: World) -> None:
    found = await asked(here, queries.StorageCardQuery, responses.StorageCards, here.id)
    assert [(card.number, card.status, card.free_mb) for card in found.cards] == [(1, "ok", 20_000)]


async def alarm(here: World) -> None:
    here.platform.subscribe(here.id, "presence", queries.AlarmQuery(sn=1, device_id=here.id, method="0"))
    await here.platform.until(lambda: here.device.reports.watched(queries.AlarmQuery))
    here.fleet.handle({"do": "alarm", "device": here.id, "method": "5", "type": "6", "event_type": "1"})
    (told,) = await here.platform.until(lambda: here.platform.notifications(notifies.Alarm))
    assert told.info == notifies.AlarmInfo(type="6", event_type="1")
    (by_message,) = await here.platform.until(lambda: here.platform.bodies(notifies.Alarm))
    assert by_message.key == told.key


async def alarm_taken(here: World) -> None:
    """A device makes nothing of the answer to its alarm, but takes it."""
    here.platform.ask(here.id, notifies.AlarmTaken, here.channel, result="OK")
    await here.platform.until(lambda: [r for r in here.platform.responses("MESSAGE") if r.status == 200])


async def moving(here: World) -> None:
    query = queries.MobilePositionQuery(sn=1, device_id=here.id, interval=1)
    here.platform.subscribe(here.id, "presence", query)
    told = await here.platform.until(lambda: here.platform.notifications(notifies.MobilePosition))
    assert told[0].positions[0].device_id == here.id


async def keeps_alive(here: World) -> None:
    here.device._keep_alive(asyncio.get_running_loop().time())
    here.device.element.flush()
    (told,) = await here.platform.until(lambda: here.platform.bodies(notifies.Keepalive))
    assert (told.device_id, told.status) == (here.id, "OK")


async def end_of_file(here: World) -> None:
    media = await udp_media()
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    end = int((hour + timedelta(minutes=20)).timestamp())  # of a file: the end of an hour is in none
    window = {"name": sdp.DOWNLOAD, "channel": f"{here.channel}:0", "start": end - 4, "end": end, "speed": 8}
    key = here.platform.invite(here.id, here.channel, offer_to(media, ssrc=1101000017, **window))
    await here.platform.accepted(key)
    told = await here.platform.until(lambda: _of(here, notifies.MediaStatus))
    assert told[0].is_end_of_file
    here.platform.hang_up(key)
    media.close()


async def broadcast(here: World) -> None:
    wish = {"source_id": ID, "target_id": here.channel}
    here.platform.ask(here.id, notifies.Broadcast, **wish)
    (told,) = await here.platform.until(lambda: here.platform.bodies(notifies.BroadcastResult))
    assert told.result == "OK"
    await here.platform.until(lambda: here.device.heard.packets >= 5)


async def video_upload(here: World) -> None:
    here.fleet.handle({"do": "video", "device": here.id})
    (told,) = await here.platform.until(lambda: here.platform.bodies(notifies.VideoUpload))
    assert (told.device_id, told.time is not None) == (here.channel, True)


async def guarded(here: World) -> None:
    await confirmed(here, guard="SetGuard")
    told = await asked(here, queries.DeviceStatusQuery, responses.DeviceStatus)
    assert told.alarm_inputs[0].duty_status == "ONDUTY"
    await confirmed(here, guard="ResetGuard")
    assert not camera(here).guarded


async def configured(here: World) -> None:
    """What is set is told again, and the name is the device's in all it says."""
    basic = configuration.BasicParam(name="北门录像机", heartbeat_interval=30)
    await asked(here, configuration.DeviceConfig, configuration.DeviceConfigResult, here.id, basic=basic)
    wish = {"config_type": "BasicParam"}
    told = await asked(here, queries.ConfigDownloadQuery, configuration.Configuration, here.id, **wish)
    assert told.basic == configuration.BasicParam(
        name="北门录像机", expiration=3600, heartbeat_interval=30, heartbeat_count=3
    )
    info = await asked(here, queries.DeviceInfoQuery, responses.DeviceInfo, here.id)
    assert info.name == "北门录像机"
    here.device.restart()
    await here.platform.until(lambda: here.device.registered)
    assert here.device.settings.keep_alive_s == 30.0


async def snapshots(here: World) -> None:
    with web() as somebody:
        order = configuration.SnapShotConfig(
            count=2, interval_s=1, upload_url=f"{somebody.url}/snaps", session_id=SESSION
        )
        result = await asked(
            here, configuration.DeviceConfig, configuration.DeviceConfigResult, snapshot=order
        )
        assert result.result == "OK"
        (told,) = await here.platform.until(lambda: here.platform.bodies(configuration.SnapShotsUploaded))
        assert (told.session_id, told.device_id) == (SESSION, here.channel)
        assert [name for name, _ in somebody.brought] == [f"{file}.jpg" for file in told.files]
        assert [len(file) for file in told.files] == [41, 41]  # 20 + 2 + 17 + 2 digits
        assert all(file.startswith(f"{here.channel}02") for file in told.files)
        assert all(body.startswith(b"\xff\xd8") and len(body) > 5_000 for _, body in somebody.brought)


async def upgraded(here: World) -> None:
    with web() as somebody:
        before = len(here.platform.registered)
        wish = controls.Upgrade(
            firmware="2.0", url=f"{somebody.url}/firmware", manufacturer="Acme", session_id=SESSION
        )
        await confirmed(here, upgrade=wish)
        (told,) = await here.platform.until(lambda: here.platform.bodies(notifies.UpgradeResult))
        assert (told.session_id, told.upgrade_result, told.firmware) == (SESSION, "OK", "2.0")
        assert len(here.platform.registered) > before  # told after it has come back
        info = await asked(here, queries.DeviceInfoQuery, responses.DeviceInfo, here.id)
        assert info.firmware == "2.0"


KINDS: dict[type[Message], Exchange] = {
    catalog.CatalogQuery: catalogue,
    catalog.CatalogPage: catalogue,
    catalog.CatalogChange: catalogue_change,
    queries.DeviceInfoQuery: information,
    responses.DeviceInfo: information,
    queries.DeviceStatusQuery: status,
    responses.DeviceStatus: status,
    queries.RecordInfoQuery: recordings,
    responses.RecordPage: recordings,
    queries.PresetQuery: presets,
    responses.PresetList: presets,
    queries.HomePositionQuery: home,
    responses.HomePositionFound: home,
    queries.CruiseTrackListQuery: cruises,
    responses.CruiseTrackList: cruises,
    queries.CruiseTrackQuery: cruises,
    responses.CruiseTrack: cruises,
    queries.PtzPositionQuery: position,
    responses.PtzPosition: position,
    notifies.PtzPositionChange: position_change,
    queries.StorageCardQuery: cards,
    responses.StorageCards: cards,
    queries.AlarmQuery: alarm,
    notifies.Alarm: alarm,
    notifies.AlarmTaken: alarm_taken,
    queries.MobilePositionQuery: moving,
    responses.MobilePositionResult: moving,
    notifies.MobilePosition: moving,
    notifies.Keepalive: keeps_alive,
    notifies.MediaStatus: end_of_file,
    notifies.Broadcast: broadcast,
    notifies.BroadcastResult: broadcast,
    notifies.VideoUpload: video_upload,
    controls.DeviceControl: guarded,
    controls.DeviceControlResult: guarded,
    queries.ConfigDownloadQuery: configured,
    configuration.Configuration: configured,
    configuration.DeviceConfig: configured,
    configuration.DeviceConfigResult: configured,
    configuration.SnapShotsUploaded: snapshots,
    notifies.UpgradeResult: upgraded,
}


@pytest.mark.parametrize("exchange", dict.fromkeys(KINDS.values()), ids=lambda each: each.__name__)
async def test_a_kind_goes_over_the_wire_and_has_its_effect(exchange: Exchange) -> None:
    async with world(*specs(edition=NEW)) as here:
        await exchange(here)
        crossed = {type(message) for message in here.platform.crossed()}
        assert {kind for kind, shown in KINDS.items() if shown is exchange} <= crossed


def test_every_kind_has_an_exchange() -> None:
    assert set(KINDS) == set(NAMES)


# --- Commands of DeviceControl ---------------------------------------------------------------------------


async def turns(here: World) -> None:
    await moved(here, ptz.Move(pan=1, pan_speed=255))
    await here.platform.until(lambda: camera(here).mount.look.pan > 1)
    await moved(here, ptz.STOP)
    await here.platform.until(lambda: not camera(here).mount.course.moves)


async def restarts(here: World) -> None:
    before = here.platform.requests("REGISTER")[-1].call_id
    await ordered(here, tele_boot="Boot")
    await here.platform.until(lambda: here.platform.requests("REGISTER")[-1].call_id != before)
    await here.platform.until(lambda: here.device.registered)


async def records(here: World) -> None:
    await confirmed(here, record="StopRecord")
    assert not camera(here).recording
    await confirmed(here, record="Record", stream_number=0)
    assert camera(here).recording


async def alarm_reset(here: World) -> None:
    order = {"do": "alarm", "device": here.id, "method": "2", "type": "1"}
    here.fleet.handle(order)
    assert not here.device.reports.alarm(camera(here), method="2")
    await confirmed(here, alarm="ResetAlarm", alarm_method="2", alarm_type="1")
    assert here.device.reports.alarm(camera(here), method="2")


async def key_frame(here: World) -> None:
    media = await udp_media()
    await here.platform.play(here.id, here.channel, media)
    await here.platform.until(lambda: camera(here).watchers)
    (sender,) = camera(here).watchers
    before = sender.origin_90k
    await ordered(here, key_frame="Send")
    await here.platform.until(lambda: sender.origin_90k > before)  # pictures have been left out
    media.close()


AREA = Area(window_length=800, window_width=600, mid_x=600, mid_y=300, length=400, width=300)


async def zooms_in(here: World) -> None:
    await ordered(here, zoom_in=AREA)
    await here.platform.until(lambda: camera(here).mount.look == (15.0, 0.0, 2.0))


async def zooms_out(here: World) -> None:
    await zooms_in(here)
    middle = Area(window_length=800, window_width=600, mid_x=400, mid_y=300, length=400, width=300)
    await ordered(here, zoom_out=middle)
    await here.platform.until(lambda: camera(here).mount.look == (15.0, 0.0, 1.0))


async def formats(here: World) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    await ordered(here, format_card=1)
    await here.platform.until(lambda: here.device.storage.formatted_at)
    (card,) = (await asked(here, queries.StorageCardQuery, responses.StorageCards, here.id)).cards
    assert (card.status, card.free_mb) == ("formatting", None)
    await asyncio.sleep(0.6)
    (card,) = (await asked(here, queries.StorageCardQuery, responses.StorageCards, here.id)).cards
    assert (card.status, card.free_mb) == ("ok", 64_000)
    window = {"start_time": hour, "end_time": hour + timedelta(hours=1), "type": "all"}
    page = await asked(here, queries.RecordInfoQuery, responses.RecordPage, **window)
    assert (page.total, page.items) == (0, ())  # what was on it is gone


async def tracks(here: World) -> None:
    await ordered(here, track="Manual", panorama_id=here.channel, track_area=AREA)
    await here.platform.until(lambda: camera(here).mount.tracking == "Manual")
    assert camera(here).mount.look == (15.0, 0.0, 2.0)
    await ordered(here, track="Auto")
    await here.platform.until(lambda: camera(here).mount.tracking == "Auto")
    await ordered(here, track="Stop")
    await here.platform.until(lambda: camera(here).mount.tracking == "")


COMMANDS: dict[str, Exchange] = {
    "ptz_cmd": turns,
    "tele_boot": restarts,
    "record": records,
    "guard": guarded,
    "alarm": alarm_reset,
    "key_frame": key_frame,
    "zoom_in": zooms_in,
    "zoom_out": zooms_out,
    "home_position": home,
    "precise": position,
    "upgrade": upgraded,
    "format_card": formats,
    "track": tracks,
}
PARAMETERS = frozenset(
    {
        *("control_priority", "preset_name", "cruise_track_name", "stream_number"),
        *("alarm_method", "alarm_type", "panorama_id", "track_area"),
    }
)


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_is_obeyed(command: str) -> None:
    async with world(*specs(edition=NEW)) as here:
        await COMMANDS[command](here)
        told = [each for each in here.platform.crossed() if isinstance(each, DeviceControl)]
        assert any(getattr(each, command) not in (None, "") for each in told)


def test_every_command_has_an_exchange() -> None:
    assert set(COMMANDS) | PARAMETERS == set(binding.bindings(DeviceControl))


async def test_a_device_of_2016_obeys_nothing_of_2022() -> None:
    async with world() as here:
        new = {
            "precise": controls.PrecisePosition(pan=10, tilt=5, zoom=2),
            "upgrade": controls.Upgrade(firmware="2.0", url="http://127.0.0.1:9/"),
            "format_card": 1,
            "track": "Auto",
        }
        for name, value in new.items():
            await ordered(here, **{name: value})
        snap = configuration.SnapShotConfig(count=1, upload_url="http://127.0.0.1:9/", session_id=SESSION)
        await asked(here, configuration.DeviceConfig, configuration.DeviceConfigResult, snapshot=snap)
        await asked(here, queries.DeviceInfoQuery, responses.DeviceInfo, here.id)
        assert (camera(here).mount.look, camera(here).mount.tracking) == (AHEAD, "")
        assert (here.device.firmware, here.device.storage.formatted_at) == ("1.0", 0.0)
        assert not here.platform.bodies(DeviceControlResult)
        assert not here.platform.bodies(configuration.SnapShotsUploaded)


@pytest.mark.parametrize(("path", "reason"), [("nowhere", "01"), ("", "01")])
async def test_firmware_that_cannot_be_had_is_told_without_a_restart(path: str, reason: str) -> None:
    async with world(*specs(edition=NEW)) as here:
        with web() as somebody:
            url = f"{somebody.url}/{path}" if path else "http://127.0.0.1:9/firmware"
            await confirmed(here, upgrade=controls.Upgrade(firmware="2.0", url=url, session_id=SESSION))
            (told,) = await here.platform.until(lambda: here.platform.bodies(notifies.UpgradeResult))
        assert (told.upgrade_result, told.failed_reason, told.firmware) == ("ERROR", reason, "1.0")
        assert len(here.platform.registered) == 1


async def test_pictures_that_nobody_takes_are_not_told_as_brought() -> None:
    async with world(*specs(edition=NEW)) as here:
        order = configuration.SnapShotConfig(count=1, upload_url="http://127.0.0.1:9/", session_id=SESSION)
        await asked(here, configuration.DeviceConfig, configuration.DeviceConfigResult, snapshot=order)
        (told,) = await here.platform.until(lambda: here.platform.bodies(configuration.SnapShotsUploaded))
        assert (told.session_id, told.files) == (SESSION, ())


# --- What PTZCmd says ------------------------------------------------------------------------------------


async def lens(here: World) -> None:
    near = ptz.Lens(iris=1, focus=-1, iris_speed=9, focus_speed=80)
    await moved(here, near)
    await here.platform.until(lambda: camera(here).mount.lens == near)
    await moved(here, ptz.STOP_LENS)
    await here.platform.until(lambda: camera(here).mount.lens == ptz.STOP_LENS)


async def goes_to_a_preset(here: World) -> None:
    await ordered(here, precise=controls.PrecisePosition(pan=20, tilt=0, zoom=1))
    await moved(here, ptz.Preset("set", 5))
    await here.platform.until(lambda: 5 in camera(here).mount.presets)
    await ordered(here, precise=controls.PrecisePosition(pan=0, tilt=0, zoom=1))
    await moved(here, ptz.Preset("goto", 5))
    await here.platform.until(lambda: camera(here).mount.look.pan == 20)
    await moved(here, ptz.Preset("delete", 5))
    await here.platform.until(lambda: 5 not in camera(here).mount.presets)


async def goes_round(here: World) -> None:
    """From point to point, a second at each, until it is told to stop."""
    for number, pan in ((1, 10.0), (2, 30.0)):
        camera(here).mount.presets[number] = ("", AHEAD._replace(pan=pan))
    points = [ptz.CruisePoint("add", 3, 1), ptz.CruisePoint("add", 3, 2)]
    await moved(here, *points, ptz.CruisePace("dwell", 3, 1), ptz.CruisePace("speed", 3, 4))
    await moved(here, ptz.StartCruise(3))
    for pan in (10.0, 30.0, 10.0):
        await here.platform.until(lambda pan=pan: camera(here).mount.look.pan == pan)  # type: ignore[misc]
    assert (camera(here).round.kind, camera(here).mount.cruise_pace["speed", 3]) == ("cruise", 4)
    await moved(here, ptz.STOP)
    await here.platform.until(lambda: not camera(here).round.kind)
    await moved(here, ptz.CruisePoint("delete", 3, 0))
    await here.platform.until(lambda: 3 not in camera(here).mount.cruises)


async def scans(here: World) -> None:
    """Between its edges, there and back."""
    for edge, pan in (("left", 355), ("right", 5)):
        await ordered(here, precise=controls.PrecisePosition(pan=pan, tilt=0, zoom=1))
        await moved(here, ptz.Scan(edge, 1))
        await here.platform.until(lambda edge=edge: (1, edge) in camera(here).mount.scan_edges)  # type: ignore[misc]
    assert Round(camera(here).mount).edges(1) == (-5.0, 5.0)
    await moved(here, ptz.ScanSpeed(1, 1365), ptz.Scan("start", 1))  # 20 degrees a second
    await here.platform.until(lambda: camera(here).mount.course.pan_speed < 0)
    await here.platform.until(lambda: camera(here).mount.look.pan < 0)
    await here.platform.until(lambda: camera(here).mount.course.pan_speed > 0)
    assert -7.0 < camera(here).mount.look.pan < 7.0
    await moved(here, ptz.STOP)
    await here.platform.until(lambda: not camera(here).mount.course.moves)


async def wipes(here: World) -> None:
    await moved(here, ptz.Switch(ptz.WIPER, True))
    await here.platform.until(lambda: camera(here).mount.switches == {1})
    await moved(here, ptz.Switch(ptz.WIPER, False))
    await here.platform.until(lambda: not camera(here).mount.switches)


async def ignores(here: World) -> None:
    await moved(here, ptz.Other(0xB0, 1, 2, 3), ptz.Switch(2, True))
    await here.platform.until(lambda: camera(here).mount.switches)
    assert camera(here).mount.look == AHEAD


MOVEMENTS: dict[type, Exchange] = {
    ptz.Move: turns,
    ptz.Lens: lens,
    ptz.Preset: goes_to_a_preset,
    ptz.CruisePoint: goes_round,
    ptz.CruisePace: goes_round,
    ptz.StartCruise: goes_round,
    ptz.Scan: scans,
    ptz.ScanSpeed: scans,
    ptz.Switch: wipes,
    ptz.Other: ignores,
}


@pytest.mark.parametrize("exchange", dict.fromkeys(MOVEMENTS.values()), ids=lambda each: each.__name__)
async def test_a_movement_is_made(exchange: Exchange) -> None:
    async with world(*specs(edition=NEW)) as here:
        await exchange(here)


def test_every_movement_has_an_exchange() -> None:
    assert set(MOVEMENTS) == set(get_args(ptz.Command))


# --- Blocks of the configuration -------------------------------------------------------------------------

SEGMENT = configuration.TimeSegment(start_hour=8, start_minute=0, stop_hour=18, stop_minute=0)
BLOCKS: dict[str, Any] = {
    "basic": configuration.BasicParam(name="N", expiration=7200, heartbeat_interval=45, heartbeat_count=4),
    "video_options": configuration.VideoParamOpt(download_speed="1/2", resolution="6"),
    "svac_encode": configuration.OpaqueBlock(),
    "svac_decode": configuration.OpaqueBlock(),
    "video_params": (configuration.VideoParam(stream_number=1, video_format="5", frame_rate="12"),),
    "record_plan": configuration.VideoRecordPlan(
        enabled="0",
        schedule_count=1,
        schedules=(configuration.RecordSchedule(week_day=1, segment_count=1, segments=(SEGMENT,)),),
        stream_number=1,
    ),
    "alarm_record": configuration.VideoAlarmRecord(enabled="0", after_s=5, before_s=1, stream_number=1),
    "mask": configuration.PictureMask(
        on="1", count=1, regions=(configuration.MaskRegion(number=1, corners="0,0,99,99"),)
    ),
    "mirror": "3",
    "alarm_report": configuration.AlarmReport(motion="0", field="1"),
    "osd": configuration.OsdConfig(
        length=704,
        width=576,
        time_x=0,
        time_y=0,
        time_enabled="0",
        time_type="1",
        text_enabled="1",
        count=1,
        texts=(configuration.OsdText(content="东门", x=1, y=2),),
    ),
}
NOT_TOLD = frozenset({"svac_encode", "svac_decode"})  # simulated devices have no SVAC
ORDERED = frozenset({"snapshot"})  # an order, not a setting: ``snapshots``


@pytest.mark.parametrize("block", sorted(set(BLOCKS) - NOT_TOLD))
async def test_a_block_that_is_set_is_told(block: str) -> None:
    async with world(*specs(edition=NEW)) as here:
        name = binding.bindings(configuration.DeviceConfig)[block].names[0]
        told = await asked(
            here, queries.ConfigDownloadQuery, configuration.Configuration, here.id, config_type=name
        )
        assert getattr(told, block) not in (BLOCKS[block], None, "", ())
        wish = {block: BLOCKS[block]}
        await asked(here, configuration.DeviceConfig, configuration.DeviceConfigResult, here.id, **wish)
        told = await asked(
            here, queries.ConfigDownloadQuery, configuration.Configuration, here.id, config_type=name
        )
        assert getattr(told, block) == BLOCKS[block]


def test_every_block_has_an_exchange() -> None:
    blocks = set(binding.bindings(configuration.DeviceConfig))
    assert set(BLOCKS) | ORDERED == blocks
    assert blocks | {"result"} == set(binding.bindings(configuration.Configuration))


def _of(here: World, kind: type[Any]) -> list[Any]:
    return [message for message in here.platform.crossed() if isinstance(message, kind)]
