"""Registration, queries, controls, subscriptions, alarms: what a device does when nothing is odd."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bingjian.protocols.gb28181 import Edition, manscdp, ptz
from bingjian.protocols.gb28181.manscdp import catalog, configuration, controls, notifies, queries, responses
from bingjian.simulate.camera import FaultError
from bingjian.simulate.control import ask
from tests.unit.simulate.gb28181.platform import ID, Media, World, offer_to, specs, world


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_registers_with_digest_and_keeps_alive(transport: str) -> None:
    async with world(*specs(transport=transport, keep_alive_s=0.2)) as here:
        registers = here.platform.requests("REGISTER")
        assert [("Authorization" in each.headers) for each in registers[:2]] == [False, True]
        assert registers[0].call_id == registers[1].call_id
        assert {seen.peer.transport for seen in here.platform.seen} == {transport}
        await here.platform.until(lambda: len(here.platform.bodies(notifies.Keepalive)) >= 2)
        assert here.platform.bodies(notifies.Keepalive)[0].device_id == here.id


@pytest.mark.parametrize(("edition", "header"), [(Edition.V2016, None), (Edition.V2022, "3.0")])
async def test_says_its_edition(edition: Edition, header: str | None) -> None:
    async with world(*specs(edition=edition)) as here:
        told = here.platform.requests("REGISTER")[0].headers
        assert ("X-GB-Ver" in told) == (header is not None)
        assert told.get("X-GB-Ver") == (header or "")


async def test_its_clock_follows_the_date() -> None:
    async with world(registered=False) as here:
        here.platform.clock = lambda: datetime.now(UTC) - timedelta(hours=8)
        here.device.restart()
        await here.platform.until(lambda: len(here.platform.registered) >= 2)
        status = await here.platform.answer(here.id, queries.DeviceStatusQuery, responses.DeviceStatus)
        assert status.time
        assert abs(datetime.now(UTC) - status.time - timedelta(hours=8)) < timedelta(seconds=5)


async def test_signs_off_and_comes_back() -> None:
    async with world() as here:
        here.device.leave()
        await here.platform.until(lambda: here.platform.registrar.binding(here.id) is None)
        assert here.platform.requests("REGISTER")[-1].expires_s == 0
        here.device.restart()
        await here.platform.until(lambda: here.device.registered)


async def test_who_has_signed_off_stays_so_when_the_connection_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.simulate.gb28181.device.RETRY_S", 0.05)
    async with world(*specs(transport="TCP")) as here:
        here.device.leave()
        await here.platform.until(lambda: here.platform.registrar.binding(here.id) is None)
        here.device.element.lost(here.device.element.connection)
        asked = len(here.platform.requests("REGISTER"))
        await asyncio.sleep(0.3)
        assert len(here.platform.requests("REGISTER")) == asked
        here.device.restart()  # connects first
        await here.platform.until(lambda: here.device.registered)


async def pages(here: World, total: int) -> list[catalog.CatalogPage]:
    sn = here.platform.ask(here.id, catalog.CatalogQuery)

    def whole() -> list[catalog.CatalogPage]:
        found = [page for page in here.platform.bodies(catalog.CatalogPage) if page.sn == sn]
        return found if sum(len(page.items) for page in found) >= total else []

    return await here.platform.until(whole)


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
async def test_the_catalogue_comes_in_pages_one_after_the_other(transport: str) -> None:
    async with world(*specs(channels=5, transport=transport)) as here:
        found = await pages(here, 5)
        assert {page.total for page in found} == {5}
        assert [len(page.items) for page in found] == ([2, 2, 1] if transport == "UDP" else [5])
        items = [item for page in found for item in page.items]
        assert [item.device_id for item in items] == list(here.device.channels)
        assert {item.parent_id for item in items} == {here.id}
        assert items[0].name == "东门 1-1"


async def test_a_device_without_channels_names_itself() -> None:
    async with world(*specs(channels=0)) as here:
        (page,) = await pages(here, 1)
        assert [item.device_id for item in page.items] == [here.id]


async def test_tells_what_it_is_and_how_it_is() -> None:
    async with world() as here:
        info = await here.platform.answer(here.id, queries.DeviceInfoQuery, responses.DeviceInfo)
        assert (info.name, info.channels, info.result) == ("NVR 1", 4, "OK")
        status = await here.platform.answer(here.id, queries.DeviceStatusQuery, responses.DeviceStatus)
        assert (status.online, status.record) == ("ONLINE", "ON")
        config = await here.platform.answer(
            here.id, queries.ConfigDownloadQuery, configuration.Configuration, config_type="BasicParam"
        )
        assert config.basic
        assert (config.basic.heartbeat_interval, config.basic.expiration) == (60, 3600)


async def test_recordings_of_an_hour() -> None:
    async with world() as here:
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
        sn = here.platform.ask(
            here.id,
            queries.RecordInfoQuery,
            here.channel,
            start_time=hour,
            end_time=hour + timedelta(hours=1),
            type="all",
        )

        def whole() -> list[responses.Recording]:
            found = [page for page in here.platform.bodies(responses.RecordPage) if page.sn == sn]
            items = [item for page in found for item in page.items]
            return items if found and len(items) == found[0].total else []

        items = await here.platform.until(whole)
        assert [item.type for item in items] == ["time", "time", "alarm"]
        assert (items[0].start_time, items[2].end_time) == (hour, hour + timedelta(minutes=55))


async def test_presets_and_home_position() -> None:
    async with world(*specs(edition=Edition.V2022)) as here:
        mount = here.device.channels[here.channel].mount
        right = ptz.build(ptz.Move(pan=1, pan_speed=255))
        here.platform.ask(here.id, controls.DeviceControl, here.channel, ptz_cmd=right)
        await here.platform.until(lambda: mount.look.pan > 5)
        here.platform.ask(here.id, controls.DeviceControl, here.channel, ptz_cmd=ptz.build(ptz.STOP))
        await here.platform.until(lambda: not mount.course.moves)
        there = mount.look
        here.platform.ask(
            here.id, controls.DeviceControl, here.channel, ptz_cmd=ptz.build(ptz.Preset("set", 5))
        )
        found = await here.platform.answer(
            here.id, queries.PresetQuery, responses.PresetList, about=here.channel
        )
        assert [preset.number for preset in found.presets] == ["5"]
        precise = controls.PrecisePosition(pan=0, tilt=0, zoom=1)
        here.device.channels[here.channel].mount.turn_precisely(precise)
        here.platform.ask(
            here.id, controls.DeviceControl, here.channel, ptz_cmd=ptz.build(ptz.Preset("goto", 5))
        )
        await here.platform.until(lambda: mount.look == there)
        home = controls.HomePosition(enabled="1", reset_time_s=30, preset=5)
        result = await here.platform.answer(
            here.id, controls.DeviceControl, controls.DeviceControlResult, home_position=home
        )
        assert result.result == "OK"
        assert mount.home == home


async def test_goes_home_by_itself_and_tells_where_it_looks() -> None:
    async with world(*specs(edition=Edition.V2022)) as here:
        here.platform.subscribe(
            here.id, "PTZPosition", queries.PtzPositionQuery(sn=1, device_id=here.channel)
        )
        await here.platform.until(lambda: here.device.reports.watched(queries.PtzPositionQuery))
        mount = here.device.channels[here.channel].mount
        mount.command(ptz.Preset("set", 1))
        mount.home = controls.HomePosition(enabled="1", reset_time_s=1, preset=1)
        precise = controls.PrecisePosition(pan=350, tilt=5, zoom=2)
        body = manscdp.build(
            controls.DeviceControl(sn=1, device_id=here.channel, precise=precise), edition=Edition.V2022
        )
        here.platform.send(here.id, body)
        (told,) = await here.platform.until(lambda: here.platform.notifications(notifies.PtzPositionChange))
        assert (told.pan, told.tilt, told.zoom) == (350, 5, 2)
        assert mount.look.pan == -10
        await here.platform.until(lambda: mount.is_home)
        found = await here.platform.answer(
            here.id, queries.PtzPositionQuery, responses.PtzPosition, about=here.channel
        )
        assert (found.pan, found.zoom) == (0, 1)


async def test_restarts_when_told_and_answers_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.simulate.gb28181.device.BOOT_S", 0.2)
    async with world() as here:
        before = here.platform.requests("REGISTER")[-1].call_id
        here.platform.ask(here.id, controls.DeviceControl, tele_boot="Boot")
        await here.platform.until(lambda: here.platform.responses("MESSAGE"))
        await here.platform.until(lambda: here.platform.requests("REGISTER")[-1].call_id != before)
        await here.platform.until(lambda: here.device.registered)


@pytest.mark.parametrize("edition", Edition)
async def test_of_2016_it_does_not_know_what_came_in_2022(edition: Edition) -> None:
    async with world(*specs(edition=edition)) as here:
        here.platform.ask(here.id, queries.StorageCardQuery)
        await here.platform.until(lambda: here.platform.responses("MESSAGE"))
        await here.platform.answer(here.id, queries.DeviceInfoQuery, responses.DeviceInfo)
        answered = bool(here.platform.bodies(responses.StorageCards))
        assert answered == (edition is Edition.V2022)


async def test_subscribers_hear_of_changes_alarms_and_positions() -> None:
    async with world() as here:
        away = list(here.device.channels.values())[1]
        away.online = False
        here.platform.subscribe(here.id, "Catalog;id=1", catalog.CatalogQuery(sn=1, device_id=here.id))
        here.platform.subscribe(here.id, "presence", queries.AlarmQuery(sn=2, device_id=here.id))
        position = queries.MobilePositionQuery(sn=3, device_id=here.id, interval=1)
        here.platform.subscribe(here.id, "presence", position)
        await here.platform.until(lambda: len(here.platform.notifications(notifies.MobilePosition)) >= 2)
        change = here.platform.notifications(catalog.CatalogChange)[0].items[0]
        assert (change.device_id, change.change) == (away.spec.id, "OFF")
        here.device.reports.alarm(here.device.channels[here.channel], priority="1")
        (alarm,) = await here.platform.until(lambda: here.platform.notifications(notifies.Alarm))
        assert (alarm.priority, alarm.method, alarm.info and alarm.info.type) == ("1", "5", "2")
        assert here.platform.bodies(notifies.Alarm)[0].key == alarm.key


async def test_after_its_own_alarm_it_waits_for_the_reset(tmp_path: Path) -> None:
    async with world(control=tmp_path / "control") as here:
        order = {"do": "alarm", "device": here.id, "method": "2", "type": "1"}
        await ask(tmp_path / "control", order)
        with pytest.raises(FaultError, match="ResetAlarm"):
            await ask(tmp_path / "control", order)
        await here.platform.answer(
            here.id, controls.DeviceControl, controls.DeviceControlResult, alarm="ResetAlarm"
        )
        await ask(tmp_path / "control", order)
        await here.platform.until(lambda: len(here.platform.bodies(notifies.Alarm)) == 2)


async def test_orders_over_the_control_socket(tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with world(control=path) as here:
        (told,) = (await ask(path, {"do": "devices"}))["devices"]
        assert (told["id"], told["registered"], told["quirks"]) == (here.id, True, [])
        await ask(path, {"do": "quirk", "device": here.id, "quirk": "wrong-sum"})
        (told,) = (await ask(path, {"do": "devices"}))["devices"]
        assert told["quirks"] == ["6"]
        await ask(path, {"do": "position", "device": here.id})
        await here.platform.until(lambda: here.platform.bodies(notifies.MobilePosition))
        for wrong in ({"do": "dance"}, {"do": "quirk", "device": here.id, "quirk": "41"}, {"do": "leave"}):
            with pytest.raises(FaultError):
                await ask(path, wrong)


async def test_crashes_and_returns_as_new(tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with world(control=path) as here:
        before = here.platform.requests("REGISTER")[-1].call_id
        await ask(path, {"do": "fault", "device": here.id, "kind": "crash", "seconds": 0.3})
        assert not here.device.registered
        await here.platform.until(lambda: here.device.registered)
        assert here.platform.requests("REGISTER")[-1].call_id != before


async def test_a_fault_that_is_ordered_again_lasts_as_long_as_the_later_order_says() -> None:
    async with world(*specs()) as here:
        silence = {"do": "fault", "device": here.id, "kind": "silence"}
        here.fleet.handle({**silence, "seconds": 0.1})
        here.fleet.handle({**silence, "seconds": 60})
        await asyncio.sleep(0.3)
        assert here.device.weather.silent


async def test_silence_and_loss(tmp_path: Path) -> None:
    path = tmp_path / "control"
    async with world(*specs(keep_alive_s=0.1), control=path) as here:
        await ask(path, {"do": "fault", "device": here.id, "kind": "silence", "seconds": 0.6})
        count = len(here.platform.seen)
        await asyncio.sleep(0.4)
        assert len(here.platform.seen) <= count + 1
        await here.platform.until(lambda: len(here.platform.seen) > count + 2)
        everything = {"percent": 100}
        await ask(
            path, {"do": "fault", "device": here.id, "kind": "loss", "seconds": 60, "parameters": everything}
        )
        assert here.device.weather.loss == 1.0


async def test_many_devices_share_a_socket() -> None:
    async with world(*specs(count=60, channels=1), own_sockets=False) as here:
        assert len({seen.peer.port for seen in here.platform.seen}) == 1
        assert len(here.platform.peers) == 60
        last = list(here.fleet.devices.values())[-1]
        info = await here.platform.answer(last.spec.id, queries.DeviceInfoQuery, responses.DeviceInfo)
        assert info.name == "NVR 60"
        with pytest.raises(FaultError, match="socket"):
            here.fleet.handle({"do": "fault", "device": last.spec.id, "kind": "loss"})


async def test_accepts_a_broadcast_and_hears_it() -> None:
    async with world() as here:
        wish = notifies.Broadcast(sn=9, device_id="", source_id=ID, target_id=here.channel)
        here.platform.send(here.id, manscdp.build(wish))
        result = await here.platform.until(lambda: here.platform.bodies(notifies.BroadcastResult))
        assert result[0].result == "OK"
        await here.platform.until(lambda: here.device.heard.packets >= 20)
        assert here.device.heard.payload_type == 8


async def test_a_change_is_told_and_shows_in_the_catalogue() -> None:
    async with world() as here:
        here.platform.subscribe(here.id, "Catalog;id=1", catalog.CatalogQuery(sn=1, device_id=here.id))
        await here.platform.until(lambda: here.device.reports.watched(catalog.CatalogQuery))
        here.fleet.handle({"do": "change", "device": here.id, "channel": here.channel, "event": "off"})
        (told,) = await here.platform.until(lambda: here.platform.notifications(catalog.CatalogChange))
        assert (told.items[0].device_id, told.items[0].change) == (here.channel, "OFF")
        items = [item for page in await pages(here, 4) for item in page.items]
        assert [item.is_online for item in items] == [False, True, True, True]
        key = here.platform.invite(here.id, here.channel, offer_to(Media(9)))
        assert (await here.platform.ended(key)).status == 480


async def test_what_is_delayed_comes_later() -> None:
    async with world() as here:
        slow = {"do": "fault", "device": here.id, "kind": "delay", "seconds": 60, "parameters": {"ms": 300}}
        here.fleet.handle(slow)
        began = asyncio.get_running_loop().time()
        await here.platform.answer(here.id, queries.DeviceInfoQuery, responses.DeviceInfo)
        assert asyncio.get_running_loop().time() - began > 0.3
